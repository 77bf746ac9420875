"""What gives a message up comes last: the acknowledgement after the commit, the deletion after the broker."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from uuid_utils.compat import uuid7

from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.relevo import ENTENDERSE_S, Relevo
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, ConexionPerdida, Rechazo
from aeropartners.seedwork.aplicacion.salida import Rafaga, TemaDetenido
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal


class Registro:
    """Everything around a loop; `hechos` is what it was asked, in order, and `falla` breaks there."""

    def __init__(self, falla: str = "", error: Exception | None = None) -> None:
        self.hechos: list[str] = []
        self._falla = falla
        self._error = error
        self.lote = uuid7()
        self.procesador = SimpleNamespace(modulo=SimpleNamespace(nombre="m", suscripcion="s", traductores={}))

    conexion = 1

    def recibir(self, _maximo: int, _espera: float) -> list[Recibido]:
        sobre = Sobre(id=uuid7(), tipo="T", clave="c", fecha=datetime.now(UTC))
        return [] if "recibir" in self.hechos else self._anotar("recibir", [_recibido(sobre)])

    def confirmar(self, _lote: Sequence[Recibido]) -> None:
        self._anotar("confirmar")

    def cerrar(self) -> None:
        self._anotar("cerrar")

    def ejecutar(self, *_partes: Callable[..., Any]) -> None:
        self._anotar("commit")

    @contextmanager
    def unico(self) -> Iterator[bool]:
        yield True

    def viejas(self, _edad_s: float, _maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        return [] if desde else [Rafaga(self.lote, 1, 60.0, [Envio("t", "c", msgspec.Raw(b"{}"))])]

    def detenidos(self) -> Sequence[TemaDetenido]:
        return []

    def borrar(self, lotes: Sequence[UUID]) -> None:
        assert lotes == [self.lote]
        self._anotar("borrar")

    def quitar(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        assert not partes

    def enviar(self, envios: Iterator[Envio]) -> None:
        assert len(list(envios)) == 1
        self._anotar("enviar")

    def asegurar(self) -> Sequence[Rechazo]:
        self._anotar("asegurar")
        return []

    def _anotar(self, hecho: str, valor: Any = None) -> Any:
        if hecho == self._falla and self._error:
            raise self._error
        self.hechos.append(hecho)
        return valor


def _recibido(sobre: Sobre) -> Recibido:
    return Recibido("t", codificar(sobre), {}, None, "1")


def test_se_confirma_despues_del_commit() -> None:
    """A process that dies in between gets the message again."""
    registro: Any = Registro()
    assert Consumidor(registro, lambda: registro, RelojReal()).una_ronda() == 1
    assert registro.hechos == ["recibir", "commit", "confirmar"]


def test_sin_commit_no_se_confirma() -> None:
    """What was not committed comes again to the next loop."""
    registro: Any = Registro("commit", ConexionPerdida("base caída"))
    with pytest.raises(ConexionPerdida):
        Consumidor(registro, lambda: registro, RelojReal()).una_ronda()
    assert registro.hechos == ["recibir", "cerrar"]


def _relevo(registro: Any, publicador: Publicador | None = None) -> Relevo:
    return Relevo(registro, registro, publicador or Publicador(registro))


def test_se_borra_cuando_el_broker_lo_tiene() -> None:
    """A burst leaves the outbox after the broker has said that it is stored."""
    registro = Registro()
    assert _relevo(registro).una_ronda() == 1
    assert registro.hechos == ["enviar", "asegurar", "borrar"]


@pytest.mark.parametrize("falla", ["enviar", "asegurar"])
def test_lo_que_el_broker_no_tiene_se_queda(falla: str) -> None:
    """A broker that takes nothing, or does not say so, leaves the burst in the outbox."""
    registro = Registro(falla, BrokerNoDisponible("fuera"))
    assert _relevo(registro).una_ronda() == 0
    assert "borrar" not in registro.hechos


def test_lo_que_no_se_pudo_borrar_se_borra_despues() -> None:
    """The database goes away before the rows of a stored burst are deleted: they are, when it is back."""
    registro: Any = Registro("borrar", ConexionPerdida("base caída"))
    publicador = Publicador(registro)
    publicador.devolver([registro.lote])
    with pytest.raises(ConexionPerdida):
        _relevo(registro, publicador).limpiar()
    registro._falla = ""
    _relevo(registro, publicador).limpiar()
    assert registro.hechos == ["borrar"]
    assert publicador.tomar_confirmados() == []


class SinNada(Registro):
    """An outbox with nothing in it, and the topics that another process has found to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.esperan: list[TemaDetenido] = []
        self.preguntas = 0

    def viejas(self, _edad_s: float, _maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        return []

    def detenidos(self) -> Sequence[TemaDetenido]:
        self.preguntas += 1
        return self.esperan

    def temas_de(self, _lotes: object) -> Mapping[UUID, Sequence[str]]:
        return {}


def test_lo_que_otro_halla_detenido_se_sabe_pronto() -> None:
    """A relay that knows of no waiting topic asks every two seconds, not every round, and does ask."""
    registro, ahora = SinNada(), [0.0]
    publicador = Publicador(registro)
    relevo = Relevo(registro, registro, publicador, lambda: ahora[0])
    for segundos in (0.0, 0.5, 1.0, 1.5):
        ahora[0] = segundos
        relevo.limpiar()
    assert registro.preguntas == 1
    registro.esperan = [TemaDetenido("t", "lleno", datetime.now(UTC))]
    ahora[0] = ENTENDERSE_S
    relevo.limpiar()
    assert list(publicador.detenidos) == ["t"]
    registro.esperan = []
    relevo.limpiar()  # of one that it knows it asks each time
    assert not publicador.detenidos
