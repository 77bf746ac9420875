"""A broker that keeps what it is sent, and a subscription that hands over what a test gives it."""

from collections.abc import Iterable, Sequence
from typing import Any

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, Rechazo, Sordera


class BrokerEnMemoria:
    """See the port `Broker`: it sends only.

    `negados` are topics that take nothing, and why; `sin_salida` are bodies that no broker would take.
    """

    def __init__(self) -> None:
        self.enviados: list[Envio] = []
        self.negados: dict[str, str] = {}
        self.sin_salida: set[bytes] = set()
        self.caido = False
        self._lote: list[Envio] = []

    def enviar(self, lote: Iterable[Envio]) -> None:
        self._lote += lote

    def asegurar(self) -> Sequence[Rechazo]:
        lote, self._lote = self._lote, []
        if self.caido:
            raise BrokerNoDisponible("fuera")
        negados = {t: [e for e in lote if e.tema == t] for t in self.negados}
        rechazos = [Rechazo(t, self.negados[t], suyos) for t, suyos in negados.items() if suyos]
        otros = [e for e in lote if e.tema not in self.negados]
        rechazos += [Rechazo(e.tema, "muy grande", [e], True) for e in otros if self._imposible(e)]
        self.enviados += [e for e in otros if not self._imposible(e)]
        return rechazos

    def _imposible(self, envio: Envio) -> bool:
        return bytes(envio.cuerpo) in self.sin_salida

    def suscribir(self, temas: Sequence[str], nombre: str) -> Any:
        raise NotImplementedError

    def cerrar(self) -> None:
        return


class Cinta:
    """See the port `Suscripcion`: `lotes` come one at a time; `confirmados` are the broker's ids."""

    conexion = 1
    sordera: Sordera | None = None

    def __init__(self) -> None:
        self.lotes: list[list[Recibido]] = []
        self.confirmados: list[str] = []
        self.cerrada = False

    @property
    def pendientes(self) -> list[Recibido]:
        """All that was not received yet."""
        return [recibido for lote in self.lotes for recibido in lote]

    def recibir(self, maximo: int, _espera: float) -> list[Recibido]:
        lote = self.lotes.pop(0) if self.lotes else []
        if resto := lote[maximo:]:
            self.lotes.insert(0, resto)
        return lote[:maximo]

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        self.confirmados += [r.id_broker for r in lote]

    def cerrar(self) -> None:
        self.cerrada = True
