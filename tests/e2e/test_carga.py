"""The mixed load in good weather, and each invariant seen to fail when what it guards is spoiled."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.e2e.bandeja import copiar, faltas_de_bandeja
from tests.e2e.carga import CLASES, Carga
from tests.e2e.invariantes import CAMPANAS, esperar_final
from tests.e2e.sistema import Sistema, migrado

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 30
COMPLETADA = "(SELECT id FROM sagas WHERE estado = 'COMPLETADA' ORDER BY id LIMIT 1)"
DESHECHA = "(SELECT id FROM sagas WHERE estado = 'COMPENSADA' ORDER BY id LIMIT 1)"
COBRADA = "(SELECT clave FROM pasarela_cargos WHERE exito AND operacion = 'COBRO' ORDER BY clave LIMIT 1)"
ESTROPEAR = {
    "ni terminada ni pide atención con su motivo": f"UPDATE sagas SET estado = '' WHERE id = {COMPLETADA}",
    "historia prohibida": f"DELETE FROM saga_eventos WHERE saga_id = {COMPLETADA} AND version = 5",
    "versión u orden con huecos": f"UPDATE saga_eventos SET orden = 50 WHERE saga_id = {COMPLETADA}",
    "pasos que no cuadran con el final": f"UPDATE sagas SET estado = 'FALLIDA' WHERE id = {DESHECHA}",
    "efectos que no cuadran con el final": "UPDATE campanas SET estado = 'BORRADOR'",
    "dinero que no cuadra": f"UPDATE pasarela_cargos SET importe = importe + 1 WHERE clave = {COBRADA}",
    "despertares": f"UPDATE sagas SET revisar_en = now() WHERE id = {COMPLETADA}",
    "salida": "INSERT INTO salida (lote, creado, cuerpo) SELECT lote, now(), cuerpo FROM copia LIMIT 1",
    "eventos sin publicar": "INSERT INTO salida (lote, creado, cuerpo)"
    " SELECT DISTINCT lote, now(), CAST('' AS bytea) FROM saga_eventos",
}
ESTROPEAR_BANDEJA = {
    "mensajes perdidos": "DELETE FROM entrada WHERE consumidor = 'pagos'",
    "entradas sin efecto": "UPDATE eventos SET causa_id = NULL; DELETE FROM copia WHERE ctid NOT IN"
    " (SELECT ctid FROM copia ORDER BY ctid LIMIT 1)",
}


class Ensayo:
    """The system's tables inside one transaction that is rolled back."""

    unidad = 1

    def __init__(self, url: str) -> None:
        self._conexion = psycopg2.connect(url)

    def sql(self, consulta: str) -> list[tuple[Any, ...]]:
        with self._conexion.cursor() as cursor:
            cursor.execute(consulta)
            return cursor.fetchall() if cursor.description else []

    def valor(self, consulta: str) -> Any:
        return self.sql(consulta)[0][0]

    def ejecutar(self, *argumentos: str) -> None:
        raise AssertionError(argumentos)

    def cerrar(self) -> None:
        self._conexion.close()


@pytest.fixture(scope="module")
def terminado(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sistema, Carga]]:
    """A system that a mixed load has passed through."""
    with migrado(tmp_path_factory.mktemp("carga")) as sistema:
        copiar(sistema)
        sistema.arrancar()
        sistema.listos()
        carga = Carga(sistema, 1)
        with carga.en_marcha(SAGAS):
            carga.esperar(SAGAS)
        esperar_final(sistema, SAGAS)
        yield sistema, carga


@pytest.fixture
def ensayo(terminado: tuple[Sistema, Carga]) -> Iterator[Ensayo]:
    """What a test spoils is as before when it ends."""
    ensayo = Ensayo(terminado[0].database_url)
    yield ensayo
    ensayo.cerrar()


def test_la_carga_mezcla_todo_y_termina_como_debe(terminado: tuple[Sistema, Carga]) -> None:
    """Every class is in the load, each saga ends as its class says, and every invariant holds."""
    sistema, carga = terminado
    assert set(carga.resumen()) == {c.nombre for c in CLASES}
    assert carga.balance().bueno, carga.balance()
    CAMPANAS.comprobar_siempre(sistema)
    assert not any((faltas := faltas_de_bandeja(sistema)).values()), faltas


@pytest.mark.parametrize("invariante", ESTROPEAR)
def test_el_invariante_se_nota(ensayo: Ensayo, invariante: str) -> None:
    """Each invariant, spoiled alone, is the one that is named."""
    assert CAMPANAS.violaciones(ensayo) == {}
    ensayo.sql(ESTROPEAR[invariante])
    assert invariante in CAMPANAS.violaciones(ensayo)


@pytest.mark.parametrize("invariante", ESTROPEAR_BANDEJA)
def test_la_bandeja_se_nota(ensayo: Ensayo, invariante: str) -> None:
    """A message that was never taken in is named, and so is one without an effect."""
    ensayo.sql(ESTROPEAR_BANDEJA[invariante])
    assert faltas_de_bandeja(ensayo)[invariante]


def test_el_balance_se_nota(terminado: tuple[Sistema, Carga], monkeypatch: pytest.MonkeyPatch) -> None:
    """A saga that is gone is lost, one that nobody asked for is there twice, another end is not an end."""
    _, carga = terminado
    exitos = [id for id, (clase, _) in carga.esperados.items() if clase == "éxito"]
    falsas = {id: "COMPLETADA" for id in exitos[1:]} | {exitos[1]: "COMPENSADA", "otra": "COMPLETADA"}
    monkeypatch.setattr(carga, "_todas", lambda: falsas)
    balance = carga.balance()
    assert exitos[0] in balance.perdidas
    assert balance.dobles == ["otra"]
    assert balance.torcidas == [("éxito", exitos[1], "COMPENSADA")]
    assert not balance.bueno
