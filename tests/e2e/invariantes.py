"""What must be true of every run, counted from the tables and from the gateway's ledger."""

from typing import Any, Protocol

from tests.e2e.conftest import Sistema
from tests.esperas import hasta

FINALES = "('COMPLETADA', 'COMPENSADA', 'FALLIDA')"
# Totals that differ from a count of the rows themselves.
TOTALES_FALSOS = """
    SELECT count(*) FROM
        (SELECT '{nombre}' || estado AS clave, count(*) AS filas FROM {nombre} GROUP BY estado) c
    FULL JOIN
        (SELECT '{nombre}' || t.clave AS clave, t.valor FROM totales t JOIN proyecciones p
            ON p.nombre = t.proyeccion AND p.generacion = t.generacion AND p.activa
            WHERE t.proyeccion = '{nombre}' AND t.medida = '{nombre}' AND t.valor <> 0
            AND t.grupo IN ('', 'CREAR_CAMPANA_COMPLETA')) t
    USING (clave) WHERE COALESCE(c.filas, 0) * {unidad} <> COALESCE(t.valor, 0)
"""


def esperar_final(sistema: Sistema, sagas: int, segundos: float = 120) -> None:
    """Wait until that many sagas ended, the outbox is empty, and no subscription has a backlog."""
    try:
        hasta(
            lambda: sistema.valor(f"SELECT count(*) FROM saga_log WHERE estado IN {FINALES}") == sagas,
            f"{sagas} sagas terminadas",
            segundos,
        )
        hasta(lambda: sistema.valor("SELECT count(*) FROM salida") == 0, "outbox vacío", segundos)
        hasta(lambda: sistema.atraso() == 0, "temas sin atraso", segundos)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{_pendientes(sistema)}") from error


def _pendientes(sistema: Sistema) -> str:
    """Say where the sagas that did not end stand, and which messages wait where."""
    filas = sistema.sql(
        "SELECT s.id, s.estado, s.revisar_en, now(), e.evento_tipo, e.fecha_creacion, e.procesado"
        " FROM sagas s JOIN saga_events e ON e.saga_id = s.id AND e.version = s.version"
        f" WHERE s.estado NOT IN {FINALES}"
    )
    pagos = sistema.sql("SELECT estado, count(*) FROM pagos GROUP BY 1")
    tablas = ("salida", "reintentos", "muertos")
    cuentas = {t: sistema.valor(f"SELECT count(*) FROM {t}") for t in tablas}
    return "\n".join(map(str, [*filas, pagos, cuentas, sistema.atrasos(), sistema.bitacora()]))


class Comprobable(Protocol):
    """A system whose tables can be asked, and whose commands can be run.

    `unidad` is how 1 is stored in a column of amounts.
    """

    unidad: int

    def valor(self, consulta: str) -> Any:
        """Return the one value of a query."""

    def ejecutar(self, *argumentos: str) -> None:
        """Run a command of the CLI; a failure raises."""


def comprobar(sistema: Comprobable, sagas: int, rechazadas: int) -> None:
    """The counts; and that what was derived from the events is what they say, also when made again."""
    comprobar_cuentas(sistema, sagas, rechazadas)
    sistema.ejecutar("saga", "reconstruir", "--comprobar")
    _comprobar_totales(sistema)
    sistema.ejecutar("proyecciones", "reconstruir")
    _comprobar_totales(sistema)


def comprobar_cuentas(sistema: Comprobable, sagas: int, rechazadas: int) -> None:
    """One campaign, one charge and one report for each success; everything undone once for the rest."""
    completas = sagas - rechazadas
    cuentas = {
        "sagas completadas": ("SELECT count(*) FROM saga_log WHERE estado = 'COMPLETADA'", completas),
        "sagas compensadas": ("SELECT count(*) FROM saga_log WHERE estado = 'COMPENSADA'", rechazadas),
        "campañas": ("SELECT count(*) FROM campanas", sagas),
        "campañas canceladas": ("SELECT count(*) FROM campanas WHERE estado = 'CANCELADA'", rechazadas),
        "pagos exitosos": ("SELECT count(*) FROM pagos WHERE estado = 'EXITOSO'", completas),
        "pagos fallidos": ("SELECT count(*) FROM pagos WHERE estado = 'FALLIDO'", rechazadas),
        "reportes": ("SELECT count(*) FROM reportes WHERE estado = 'GENERADO'", completas),
        "cobros": ("SELECT count(*) FROM pasarela_cargos WHERE operacion = 'COBRO' AND exito", completas),
        "reembolsos": ("SELECT count(*) FROM pasarela_cargos WHERE operacion = 'REEMBOLSO'", 0),
        "muertos": ("SELECT count(*) FROM muertos", 0),
        "reintentos": ("SELECT count(*) FROM reintentos", 0),
        "sagas que piden atención": ("SELECT count(*) FROM saga_log WHERE requiere_atencion", 0),
        "despertares de sagas terminadas": ("SELECT count(*) FROM sagas WHERE revisar_en IS NOT NULL", 0),
        "eventos sin publicar": ("SELECT count(*) FROM saga_events WHERE NOT procesado", 0),
    }
    halladas = {nombre: (sistema.valor(sql), esperado) for nombre, (sql, esperado) in cuentas.items()}
    distintas = {
        n: f"{hallado} en vez de {esperado}"
        for n, (hallado, esperado) in halladas.items()
        if hallado != esperado
    }
    assert not distintas, distintas


def _comprobar_totales(sistema: Comprobable) -> None:
    """What the projections counted is what is there, whatever died while they counted."""
    for nombre in ("sagas", "campanas", "pagos"):
        consulta = TOTALES_FALSOS.format(nombre=nombre, unidad=sistema.unidad)
        hasta(lambda consulta=consulta: sistema.valor(consulta) == 0, f"totales de {nombre}")  # type: ignore[misc]
