"""The real clocks and the real source of ids."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from aeropartners.seedwork.aplicacion.censo import Desfase
from aeropartners.seedwork.aplicacion.puertos import Reloj, RelojDesviado


class RelojReal:
    """See the port `Reloj`."""

    def ahora(self) -> datetime:
        return datetime.now(UTC)


class RelojDeBase:
    """See the port `Reloj`: the database's clock, computed from the process's by their difference."""

    def __init__(self, reloj: Reloj, desfase: Desfase) -> None:
        self._reloj = reloj
        self._desfase = desfase

    def ahora(self) -> datetime:
        return self._reloj.ahora() - timedelta(seconds=self._desfase.segundos)


class Uuid7:
    """See the port `Identificadores`."""

    def __init__(self, desfase: Desfase | None = None) -> None:
        self._desfase = desfase or Desfase()

    def nuevo(self) -> UUID:
        if self._desfase.desde:
            raise RelojDesviado(self._desfase.texto)
        return uuid7()
