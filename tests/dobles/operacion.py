"""Where the processes of a system meet, without a database: the board of their delays, and their rows."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from aeropartners.seedwork.aplicacion.censo import VersionPendiente, Visto, Vivo
from aeropartners.seedwork.aplicacion.puertos import PeorRetraso


class Tablon:
    """See the port `TablonDeRetrasos`: keeps what it is told; None where it was taken back."""

    def __init__(self) -> None:
        self.dichos: list[tuple[str, float] | None] = []

    def decir(self, bucle: str, segundos: float) -> None:
        self.dichos.append((bucle, segundos))

    def callar(self) -> None:
        self.dichos.append(None)

    def peor(self) -> PeorRetraso | None:
        raise NotImplementedError


class Padron:
    """See the port: other processes that know these sagas, and what waits for a version."""

    def __init__(self, *conocen: Sequence[str], esperan: Sequence[VersionPendiente] = ()) -> None:
        self.conocen = list(conocen)
        self.esperan = esperan
        self.borrados: list[UUID] = []

    def anotar(self, yo: Vivo) -> Visto:
        return Visto([Vivo(uuid4(), "otro", "1", {"sagas": nombres}) for nombres in self.conocen], 0.0, 0.0)

    def borrar(self, id: UUID) -> None:
        self.borrados.append(id)

    def faltas(self) -> Sequence[VersionPendiente]:
        return self.esperan
