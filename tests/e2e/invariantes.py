"""What must be true of every run, counted from the tables and from the gateway's ledger."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.seedwork.infraestructura.base.tipos import ESCALA
from aeropartners.simulacion.invariantes import FINALES, Consultable, Sagas, de_toda_saga
from tests.e2e.sistema import Sistema
from tests.esperas import hasta

# Grows with everything that a consumer or a caller does.
ACTIVIDAD = (
    "SELECT (SELECT count(*) FROM entrada) + (SELECT count(*) FROM eventos)"
    " + (SELECT count(*) FROM saga_eventos)"
)
PASOS = ("CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE")
Violadas = dict[str, list[Any]]
# A query that counts, by the name of what it counts, and the count that is right.
Cuentas = Mapping[str, tuple[str, int]]
NADA_PENDIENTE: Cuentas = {
    "muertos": ("SELECT count(*) FROM muertos", 0),
    "reintentos": ("SELECT count(*) FROM reintentos", 0),
    "sagas que piden atención": ("SELECT count(*) FROM saga_log WHERE requiere_atencion", 0),
}
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
    terminadas = "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL OR requiere_atencion"
    try:
        hasta(lambda: sistema.valor(terminadas) == sagas, f"{sagas} sagas terminadas", segundos)
        hasta(
            lambda: en_reposo(sistema, lambda: sistema.atraso() == 0),
            "outbox vacío y temas sin atraso",
            segundos,
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n{pendientes(sistema)}") from error


def pendientes(sistema: Sistema) -> str:
    """Say where the sagas that did not end stand, and which messages wait where."""
    filas = sistema.sql(
        "SELECT s.id, s.estado, s.revisar_en, now(), e.evento_tipo, e.fecha_creacion,"
        " NOT EXISTS (SELECT 1 FROM salida o WHERE o.lote = e.lote)"
        " FROM sagas s JOIN saga_eventos e ON e.saga_id = s.id AND e.version = s.version"
        " WHERE s.fecha_fin IS NULL"
    )
    pagos = sistema.sql("SELECT estado, count(*) FROM pagos GROUP BY 1")
    tablas = ("salida", "reintentos", "muertos")
    cuentas = {t: sistema.valor(f"SELECT count(*) FROM {t}") for t in tablas}
    sesiones = sistema.sql(
        "SELECT pid, state, wait_event, now() - state_change, left(query, 80), pg_blocking_pids(pid)"
        " FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
    )
    return "\n".join(map(str, [*filas, pagos, cuentas, *sesiones, sistema.atrasos(), sistema.bitacora()]))


class Comprobable(Protocol):
    """A system whose tables can be asked, and whose commands can be run.

    `unidad` is how 1 is stored in a column of amounts.
    """

    unidad: int

    def sql(self, consulta: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""

    def valor(self, consulta: str) -> Any:
        """Return the one value of a query."""

    def ejecutar(self, *argumentos: str) -> None:
        """Run a command of the CLI; a failure raises."""


def en_reposo(sistema: Comprobable, sin_atraso: Callable[[], bool]) -> bool:
    """Nothing is on its way: what is handled is confirmed after its commit, and deleted when published."""
    antes = sistema.valor(ACTIVIDAD)
    quieto = sin_atraso() and sistema.valor("SELECT count(*) FROM salida") == 0 and sin_atraso()
    return quieto and bool(sistema.valor(ACTIVIDAD) == antes)


def exigir_derivado(sistema: Comprobable) -> None:
    """Have everything derived made again from the events: it is what was there."""
    sistema.ejecutar("saga", "reconstruir", "--comprobar")
    sistema.ejecutar("proyecciones", "reconstruir", "--comprobar")


@dataclass(frozen=True, slots=True)
class Invariantes:
    """What must be true of the runs of one system.

    `reglas` returns every invariant of a system at rest, each with the rows that break it: none if it holds.
    `cuentas` returns what is there after so many sagas of which so many were refused.
    """

    reglas: Callable[[Comprobable], Violadas]
    cuentas: Callable[[int, int], Cuentas]
    derivado: Callable[[Comprobable], None] = exigir_derivado

    def violaciones(self, sistema: Comprobable) -> Violadas:
        """Return the invariants that do not hold, each with some of the rows that break it."""
        return {nombre: filas[:10] for nombre, filas in self.reglas(sistema).items() if filas}

    def comprobar_cuentas(self, sistema: Comprobable, sagas: int, rechazadas: int) -> None:
        """Hold a system at rest to its counts and invariants; nothing waits, or asks for attention."""
        cuentas = {**self.cuentas(sagas, rechazadas), **NADA_PENDIENTE}
        halladas = {nombre: (sistema.valor(sql), esperado) for nombre, (sql, esperado) in cuentas.items()}
        distintas = {n: f"{h} en vez de {esperado}" for n, (h, esperado) in halladas.items() if h != esperado}
        assert not distintas, distintas
        self._comprobar_violaciones(sistema)

    def comprobar(self, sistema: Comprobable, sagas: int, rechazadas: int) -> None:
        """Hold it also to what is derived."""
        self.comprobar_cuentas(sistema, sagas, rechazadas)
        self.derivado(sistema)

    def comprobar_siempre(self, sistema: Comprobable) -> None:
        """Hold it to what is true of any load that ended."""
        self._comprobar_violaciones(sistema)
        self.derivado(sistema)

    def _comprobar_violaciones(self, sistema: Comprobable) -> None:
        assert not (violadas := self.violaciones(sistema)), violadas


def _cuentas(sagas: int, rechazadas: int) -> Cuentas:
    """So many sagas, each with its campaign, and the refused ones undone."""
    return {
        "sagas": ("SELECT count(*) FROM sagas", sagas),
        "sagas compensadas": ("SELECT count(*) FROM saga_log WHERE estado = 'COMPENSADA'", rechazadas),
        "campañas": ("SELECT count(*) FROM campanas", sagas),
    }


def _derivado(sistema: Comprobable) -> None:
    """The totals are also a count of the rows, before they are made again and after."""
    _comprobar_totales(sistema)
    exigir_derivado(sistema)
    sistema.ejecutar("proyecciones", "reconstruir")
    _comprobar_totales(sistema)


def _reglas(sistema: Comprobable) -> Violadas:
    campanas = Campanas(sistema)
    return {**de_toda_saga(sistema, campanas), **campanas.violaciones()}


class Campanas(Sagas):
    """The effects of CREAR_CAMPANA_COMPLETA in a system at rest, and what is wrong in them."""

    def __init__(self, sistema: Consultable) -> None:
        super().__init__(sistema, tipo="CREAR_CAMPANA_COMPLETA")
        self.estados = {
            str(id): estado
            for tabla in ("campanas", "pagos", "reportes_filas")
            for id, estado in sistema.sql(f"SELECT id, estado FROM {tabla}")
        }
        self.montos = {str(id): monto for id, monto in sistema.sql("SELECT id, monto FROM pagos")}
        self.neto: Counter[str] = Counter()
        for clave, operacion, importe in sistema.sql(
            "SELECT clave, operacion, importe FROM pasarela_cargos WHERE exito"
        ):
            self.neto[clave.partition(":")[0]] += importe if operacion == "COBRO" else -importe

    def violaciones(self) -> Violadas:
        """Return what is wrong, by the name of the invariant."""
        return {
            "efectos que no cuadran con el final": self.efectos(),
            "dinero que no cuadra": self.dinero(),
        }

    def efectos(self) -> list[Any]:
        """The campaign, payment and report of an ended saga, all there or each undone or never made."""
        bien = {
            True: ({"BORRADOR", "ACTIVA"}, {"EXITOSO"}, {"GENERADO"}),
            False: ({None, "CANCELADA"}, {None, "FALLIDO", "REVERTIDO"}, {None, "CANCELADO"}),
        }
        mal = []
        for id, (estado, _, _) in self.sagas.items():
            hallados = [self.estados.get(str(id_de_paso(UUID(id), paso))) for paso in PASOS]
            permitidos = bien[estado == "COMPLETADA"]
            if estado in FINALES and any(h not in p for h, p in zip(hallados, permitidos, strict=True)):
                mal.append((id, estado, hallados))
        suyos = {str(id_de_paso(UUID(id), paso)) for id in self.sagas for paso in PASOS}
        return mal + [(id, "de ninguna saga") for id in set(self.estados) - suyos]

    def dinero(self) -> list[Any]:
        """What the gateway's ledger keeps is the amount of each successful saga, and of no other."""
        pagos = {str(id_de_paso(UUID(id), PASOS[1])): estado for id, (estado, _, _) in self.sagas.items()}
        debido = {pago: self.montos.get(pago) for pago, estado in pagos.items() if estado == "COMPLETADA"}
        return [
            (pago, pagos.get(pago), debido.get(pago), self.neto[pago])
            for pago in {*pagos, *self.neto}
            if debido.get(pago, 0) != self.neto[pago]
        ]


def totales_falsos(sistema: Consultable, unidad: int = ESCALA) -> list[str]:
    """Return the projections whose totals, once caught up, are not a count of the rows."""
    nombres = ("sagas", "campanas", "pagos")
    return [n for n in nombres if sistema.sql(TOTALES_FALSOS.format(nombre=n, unidad=unidad)) != [(0,)]]


def _comprobar_totales(sistema: Comprobable) -> None:
    """What the projections counted is what is there, whatever died while they counted."""
    hasta(lambda: not totales_falsos(sistema, sistema.unidad), "los totales de sagas, campañas y pagos")


CAMPANAS = Invariantes(_reglas, _cuentas, _derivado)
