"""An inbox row waits for the event that explains it for as long as that event may still be read."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from saga_orchestrator.aplicacion.espera import Paradero
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo
from saga_orchestrator.cotejo.aplicacion.libros import (
    Enviado,
    Juicio,
    Marca,
    PaginaDeFlujos,
    PaginaDeSagas,
    PosicionDeCommit,
)
from saga_orchestrator.cotejo.aplicacion.sospechas import VUELTAS
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, CALLADA, SAGA, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.cotejo.infraestructura.archivo import ArchivoJson

INICIO = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPOSO, PASO = timedelta(seconds=10), timedelta(seconds=2)
ORDEN = Enviado("orden", "saga", 1, INICIO)


class Tablas:
    """One inbox row from the beginning, and its event in the order of commits from `confirmada` on."""

    tipos = ()

    def __init__(self, confirmada: timedelta | None) -> None:
        self.ahora = INICIO
        self._confirmada = None if confirmada is None else INICIO + confirmada
        self._leida = False
        self.miradas: list[tuple[str, list[str]]] = []

    @contextmanager
    def foto(self) -> Iterator["Tablas"]:
        yield self

    def despejado(self) -> datetime:
        return self.ahora

    def volver_a(self, _tema: str, _suscripcion: str, _momento: datetime) -> None:
        return

    def cerrar(self) -> None:
        return

    def primera(self, _marca: Marca) -> datetime:
        return INICIO

    def sin_asentar(self) -> None:
        return

    def salida_desde(self) -> None:
        return

    def sagas(self, desde: PosicionDeCommit, limite: datetime) -> PaginaDeSagas | None:
        confirmada = self._confirmada is not None and self.ahora >= self._confirmada
        if self._leida or not confirmada or ORDEN.fecha >= limite:
            return None
        self._leida = True
        return PaginaDeSagas(["saga"], 1, 1, [ORDEN], (desde[0] + 1, 1))

    def flujos(self, _desde: PosicionDeCommit, _limite: datetime) -> PaginaDeFlujos | None:
        return None

    def juzgar_sagas(self, _ids: Collection[str]) -> Juicio:
        return Juicio([], 0, set())

    def juzgar(self, origen: str, ids: Collection[str]) -> list[Hallazgo]:
        self.miradas.append((origen, list(ids)))
        return []

    def calladas(self, ids: Collection[str]) -> list[Hallazgo]:
        return self.juzgar(CALLADA, ids)

    def recibidos(self, desde: datetime, hasta: datetime) -> set[str]:
        return {ORDEN.id} if desde <= INICIO < hasta else set()

    def estan(self, enviados: Collection[Enviado]) -> set[str]:
        return {e.id for e in enviados}

    def perdidos(self, _enviados: Collection[Enviado]) -> list[Hallazgo]:
        return []

    def ajenos(self, ids: Collection[str]) -> list[Hallazgo]:
        return [Hallazgo(ClaseDeHallazgo.HUERFANO, "", id, "ajeno", "mirar", AJENO) for id in ids]

    def pagina(self, _tipo: str, _tras: str, _limite: datetime) -> tuple[str, list[str]]:
        return "", []

    def apartados(self, _mensajes: Collection[str], _sagas: Collection[str], /) -> dict[str, Paradero]:
        return {}

    def ultimos(self) -> tuple[PosicionDeCommit, PosicionDeCommit]:
        return (0, 0), (0, 0)


@pytest.mark.parametrize(
    ("confirmada", "hallados"), [(0, []), (1, []), (3, []), (None, ["orden"])], ids=["ya", "1", "3", "nunca"]
)
def test_se_espera_a_que_se_lea(tmp_path: Path, confirmada: int | None, hallados: list[str]) -> None:
    """Read up to three times of rest later it explains its command; only a row of nobody is a finding."""
    tablas = Tablas(None if confirmada is None else confirmada * REPOSO)
    archivo = ArchivoJson(tmp_path / "marca.json")
    cotejo = Cotejo(tablas, tablas, archivo, timedelta(minutes=1), REPOSO)
    dichos: list[str] = []
    for _ in range(4 * VUELTAS):
        tablas.ahora += PASO
        cotejo.una_ronda()
        dichos += [h.mensaje for h in cotejo.nuevos]
    assert dichos == hallados
    assert cotejo.indecisas == 0
    assert archivo.leer()[0].ajenos == {}


def test_lo_que_otro_sospechaba_se_mira_en_la_primera_ronda(tmp_path: Path) -> None:
    """The sagas in the file are looked at again at once, in both ways, before the round comes to them."""
    archivo = ArchivoJson(tmp_path / "marca.json")
    archivo.guardar(Marca(), [], ["una"])
    tablas = Tablas(None)
    Cotejo(tablas, tablas, archivo, timedelta(minutes=1), REPOSO).una_ronda(barrer=False)
    assert sorted(tablas.miradas) == [(CALLADA, ["una"]), (SAGA, ["una"])]
