"""Ends database sessions of loops that hang in the middle of a COPY, because no PostgreSQL timeout does.

The session of a process that stands still there (stopped, swapped out, cut off behind a live socket) is
`active`, so `idle_in_transaction_session_timeout` does not apply, and a cancel is noticed only with the next
byte. The session keeps its locks, and other loops with the same messages wait for them for ever.
"""

import structlog
from sqlalchemy import text

from aeropartners.seedwork.infraestructura.base.motor import TRABAJADOR, Motor

log = structlog.get_logger(__name__)

COLGADA_S = 5.0
_TERMINAR = text(
    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :nuestra AND state = 'active'"
    " AND wait_event = 'ClientRead' AND state_change < clock_timestamp() - make_interval(secs => :tras)"
)


def soltar(motor: Motor, tras_s: float = COLGADA_S) -> int:
    """End the sessions that have waited for their client inside a COPY for `tras_s` seconds.

    Return how many were ended; 0 on SQLite.
    """
    if not motor.es_postgres:
        return 0
    with motor.lectura() as con:
        colgadas = con.execute(_TERMINAR, {"nuestra": TRABAJADOR, "tras": tras_s}).all()
    if colgadas:
        log.warning("sesiones_colgadas", sesiones=[pid for pid, _ in colgadas])
    return len(colgadas)
