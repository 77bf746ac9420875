"""The statements of the windows, kept until every suspicion in them is decided."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from saga_orchestrator.cotejo.dominio.hallazgo import ClaseDeHallazgo, Hallazgo
from saga_orchestrator.dominio.identidades import EPOCA


@dataclass(slots=True)
class Parte:
    """The statement of one window of time; `visto` is up to when the cotejo has read it.

    `repetidos` is the number of repeated calls to the gateway for the sagas that moved in the window.
    """

    desde: datetime
    hasta: datetime
    visto: datetime
    sagas: int = 0
    mensajes: int = 0
    repetidos: int = 0
    hallazgos: list[Hallazgo] = field(default_factory=list)

    @property
    def cuentas(self) -> Mapping[str, int]:
        """The number of findings of each kind, with 0 for a kind without findings."""
        cuantos = Counter(h.clase for h in self.hallazgos)
        return {clase.value: cuantos[clase] for clase in ClaseDeHallazgo}


class Partes:
    """The open windows. They are aligned to the clock, so that two runs report the same windows."""

    def __init__(self, ventana: timedelta) -> None:
        self._ventana = ventana
        self._abiertas: list[Parte] = []

    def abrir(self, desde: datetime | None, primera: datetime | None, limite: datetime) -> Parte | None:
        """Return the statement of the window to read, with `visto` set; None when it is up to date."""
        if desde is None:
            desde = self._inicio(min(primera, limite)) if primera else limite
        elif primera is None or primera > desde:
            desde = max(desde, self._inicio(min(primera or limite, limite)))
        if desde >= limite:
            return None
        hasta = self.ventana_de(desde)
        if not self._abiertas or self._abiertas[-1].hasta < hasta:
            self._abiertas.append(Parte(desde, hasta, desde))
        self._abiertas[-1].visto = min(hasta, limite)
        return self._abiertas[-1]

    def ventana_de(self, momento: datetime) -> datetime:
        """Return the end of the window that a moment is in."""
        return self._inicio(momento) + self._ventana

    def anotar(self, seguros: Iterable[tuple[Hallazgo, datetime]]) -> None:
        """Put each finding into its window; if that window is closed, into the oldest open one."""
        for hallazgo, ventana in seguros:
            suyas = [p for p in self._abiertas if p.hasta >= ventana] or self._abiertas[-1:]
            if not suyas:
                suyas = [Parte(ventana - self._ventana, ventana, ventana)]
                self._abiertas += suyas
            suyas[0].hallazgos.append(hallazgo)

    def cerrar(self, visto: datetime | None, indecisa: datetime | None) -> list[Parte]:
        """Remove and return the windows read whole without undecided suspicions; all, if `visto` is None."""
        cerradas = [
            p
            for p in self._abiertas
            if visto is None or (p.hasta <= visto and (indecisa is None or p.hasta < indecisa))
        ]
        self._abiertas = [p for p in self._abiertas if p not in cerradas]
        return cerradas

    def _inicio(self, momento: datetime) -> datetime:
        return EPOCA + (momento - EPOCA) // self._ventana * self._ventana
