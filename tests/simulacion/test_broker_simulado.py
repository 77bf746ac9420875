"""What the simulated broker does to messages when it is told to, and what not even then."""

from random import Random

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible
from aeropartners.simulacion.broker_simulado import (
    ESPERA,
    TEMA_TARDIAS,
    BrokerSimulado,
    SuscripcionSimulada,
    TemasSimulados,
)
from aeropartners.simulacion.tiempo import RelojVirtual

TEMA = "comandos"
RESPUESTAS = "respuestas-saga"


@pytest.fixture
def reloj() -> RelojVirtual:
    return RelojVirtual()


@pytest.fixture
def correo(reloj: RelojVirtual) -> TemasSimulados:
    correo = TemasSimulados(reloj, particiones=1)
    correo.preparar({TEMA: ("una",), RESPUESTAS: ("una",)})
    return correo


def envio(clave: str, n: int, tema: str = TEMA, **propiedades: str) -> Envio:
    return Envio(tema, clave, msgspec.Raw(b'["%s",%d]' % (clave.encode(), n)), propiedades or None)


def mandar(correo: TemasSimulados, *envios: Envio) -> None:
    """One burst for each: they are not in one packet."""
    for uno in envios:
        correo.guardar([uno])


def abrir(correo: TemasSimulados) -> SuscripcionSimulada:
    return BrokerSimulado(correo).suscribir([TEMA, RESPUESTAS], "una")


def leidos(lote: list[Recibido]) -> list[object]:
    return [msgspec.json.decode(r.cuerpo) for r in lote]


def test_lo_retenido_retiene_a_los_de_su_clave(correo: TemasSimulados, reloj: RelojVirtual) -> None:
    """A delayed message holds back the younger ones of its key, and nobody else's."""
    mandar(correo, envio("a", 1), envio("a", 2), envio("b", 1))
    correo.retrasar(0, 5)
    suscripcion = abrir(correo)
    assert leidos(suscripcion.recibir(9, 0)) == [["b", 1]]
    reloj.avanzar(5)
    assert leidos(suscripcion.recibir(9, 0)) == [["a", 1], ["a", 2]]


def test_retener_no_adelanta(correo: TemasSimulados, reloj: RelojVirtual) -> None:
    """A message that comes late by itself does not come earlier because it is held back, or repeated."""
    mandar(correo, envio("a", 1, TEMA_TARDIAS, **{ESPERA: "60"}))
    correo.retrasar(0, 5)
    correo.repetir(0)
    reloj.avanzar(59)
    suscripcion = abrir(correo)
    assert suscripcion.recibir(9, 0) == []
    reloj.avanzar(1)
    assert leidos(suscripcion.recibir(9, 0)) == [["a", 1], ["a", 1]]


def test_el_desorden_respeta_las_claves(correo: TemasSimulados) -> None:
    """Left to chance, keys overtake each other, and no message overtakes an older one of its own."""
    mandar(correo, *(envio(f"k{n % 4}", n) for n in range(40)))
    correo.azar = Random(7)
    suscripcion, todo = abrir(correo), []
    while len(todo) < 40:
        todo += leidos(suscripcion.recibir(9, 0))
    numeros = [n for _, n in todo]
    assert numeros != sorted(numeros)
    for clave in range(4):
        assert [n for n in numeros if n % 4 == clave] == list(range(clave, 40, 4))


def test_una_rafaga_cortada_llega_en_parte(correo: TemasSimulados) -> None:
    """What was sent before the connection broke is there, and the sender cannot know."""
    publicos = [envio("a", n, event_id=str(n)) for n in range(3)]
    correo.cortar_tras = 1
    with pytest.raises(BrokerNoDisponible):
        correo.guardar(publicos)
    assert leidos(abrir(correo).recibir(9, 0)) == [["a", 0]]
    correo.guardar(publicos)
    assert len(correo.cartas) == 4


def test_un_paquete_se_confirma_entero(correo: TemasSimulados) -> None:
    """With one of its envelopes open a packet comes again, all of it."""
    correo.guardar([envio("a", 1), envio("a", 2)])
    primera = abrir(correo)
    uno, otro = primera.recibir(9, 0)
    primera.confirmar([uno])
    primera.cerrar()
    segunda = abrir(correo)
    assert len(segunda.recibir(9, 0)) == 2
    primera.confirmar([otro])
    assert list(correo.pendientes())


def test_lo_que_tenia_en_mano_vuelve_tras_un_corte(correo: TemasSimulados) -> None:
    """A lost connection brings back what was not confirmed, and what is confirmed over it does not count."""
    mandar(correo, envio("a", 1))
    suscripcion = abrir(correo)
    lote = suscripcion.recibir(9, 0)
    suscripcion.cortar()
    suscripcion.confirmar(lote)
    otra_vez = suscripcion.recibir(9, 0)
    assert leidos(otra_vez) == leidos(lote)
    suscripcion.confirmar(otra_vez)
    assert list(correo.pendientes()) == []


def test_caido_no_contesta_a_nadie(correo: TemasSimulados) -> None:
    """Nothing is taken, delivered or confirmed while it is away."""
    mandar(correo, envio("a", 1))
    suscripcion = abrir(correo)
    lote = suscripcion.recibir(9, 0)
    correo.caido = True
    suscripcion.confirmar(lote)
    assert suscripcion.recibir(9, 0) == []
    with pytest.raises(BrokerNoDisponible):
        mandar(correo, envio("a", 2))
    with pytest.raises(BrokerNoDisponible):
        abrir(correo)
    assert list(correo.pendientes())


def test_un_tema_negado_no_toma_nada_y_los_demas_si(correo: TemasSimulados) -> None:
    """All of its messages are said, in order, and what is sent beside them is stored."""
    correo.negados[TEMA] = "no existe"
    suyos = [envio("a", 1), envio("a", 2)]
    [rechazo] = correo.guardar([*suyos, envio("a", 3, RESPUESTAS)])
    assert (rechazo.tema, rechazo.causa, list(rechazo.envios), rechazo.definitivo) == (
        TEMA,
        "no existe",
        suyos,
        False,
    )
    assert leidos(abrir(correo).recibir(9, 0)) == [["a", 3]]
