"""Kills at random moments under a constant load: `python -m tests.e2e.caos -n N --semilla S --sistema S`.

It needs the real services (`make caos N=…`), and ends with 0 when every invariant holds.
"""

import argparse
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.e2e.bandeja import copiar, faltas_de_bandeja
from tests.e2e.carga import Balance, Carga, CargaCafeteria, CargaPartners
from tests.e2e.cotejo import Hallazgo, cotejado
from tests.e2e.fallas import COPIAS
from tests.e2e.invariantes import CAMPANAS, Invariantes, esperar_final
from tests.e2e.invariantes_cafeteria import CAFETERIA
from tests.e2e.invariantes_partners import PARTNERS
from tests.e2e.sistema import (
    SERVICIOS,
    SERVICIOS_CAFETERIA,
    SERVICIOS_PARTNERS,
    Sistema,
    migrado,
)
from tests.e2e.toma import Muerte, matar, percentil, tomas
from tests.esperas import hasta
from tests.servicios import reservados, servicio

PROMESA_S = 5.0
RITMO_S = 0.1
Avance = Callable[[str, int], None]


class Objetivo:
    """The system that is under attack: its processes, its load, and what must be true of it."""

    servicios: tuple[str, ...] = SERVICIOS
    invariantes: Invariantes = CAMPANAS
    entorno: ClassVar[dict[str, str]] = {"SAGA_STEP_TIMEOUT_S": "600"}

    @property
    def procesos(self) -> tuple[str, ...]:
        """Two of each."""
        return tuple(s + copia for s in self.servicios for copia in COPIAS)

    def carga(self, sistema: Sistema, semilla: int) -> Carga:
        """The clients."""
        return Carga(sistema, semilla, RITMO_S)

    def violadas(self, sistema: Sistema) -> dict[str, Any]:
        """The invariants that do not hold."""
        return self.invariantes.violaciones(sistema)

    def matar(self, sistema: Sistema, victima: str) -> list[Muerte]:
        """kill -9; return what it had in hand, when that is looked at."""
        sistema.matar(victima)
        return []


class ObjetivoCampanas(Objetivo):
    """Campaigns, whose takeover is timed and whose inbox is copied."""

    def violadas(self, sistema: Sistema) -> dict[str, Any]:
        return super().violadas(sistema) | {k: v for k, v in faltas_de_bandeja(sistema).items() if v}

    def matar(self, sistema: Sistema, victima: str) -> list[Muerte]:
        return [matar(sistema, victima)]


class ObjetivoPartners(Objetivo):
    """Partner sagas. A call that meets nobody is tried again for as long as a process takes to come back."""

    servicios, invariantes = SERVICIOS_PARTNERS, PARTNERS
    entorno: ClassVar[dict[str, str]] = {
        **{"SAGA_STEP_TIMEOUT_S": "600", "SAGA_BACKOFF_BASE_S": "0.5", "SAGA_MAX_RETRIES": "10"},
        **{"STEP_TIMEOUT_CREATE_PARTNER_S": "600", "STEP_TIMEOUT_CREATE_ALLIANCE_S": "600"},
    }

    def carga(self, sistema: Sistema, semilla: int) -> Carga:
        return CargaPartners(sistema, semilla, RITMO_S)


class ObjetivoCafeteria(Objetivo):
    """Orders; of each product there is enough for every one of them."""

    servicios, invariantes = SERVICIOS_CAFETERIA, CAFETERIA
    entorno: ClassVar[dict[str, str]] = {
        **{"SAGA_STEP_TIMEOUT_S": "600", "SAGA_TIMEOUT_S": "3600", "RESERVA_TTL_S": "3600"},
        **{"STOCK_POR_DEFECTO": "1000000", "PEDIDO_ESPERA_S": "2"},
    }

    def carga(self, sistema: Sistema, semilla: int) -> Carga:
        return CargaCafeteria(sistema, semilla, RITMO_S)


OBJETIVOS: dict[str, Objetivo] = {
    "campanas": ObjetivoCampanas(),
    "partners": ObjetivoPartners(),
    "cafeteria": ObjetivoCafeteria(),
}


@dataclass(frozen=True, slots=True)
class Informe:
    """What the kills did: nothing, if all is well."""

    muertes: Counter[str]
    balance: Balance
    violadas: dict[str, Any]
    tomas: dict[str, list[float]]
    auditadas: int
    hallazgos: list[Hallazgo]

    @property
    def bueno(self) -> bool:
        """Every saga there, once, ended as it may, every invariant holds, and the cotejo found nothing."""
        return self.balance.bueno and not self.violadas and not self.hallazgos

    def tabla(self) -> Table:
        """Return what is shown at the end."""
        tabla = Table("", "", title="Caos")
        tabla.add_row("muertes", ", ".join(f"{v} {n}" for v, n in sorted(self.muertes.items())))
        tabla.add_row("sagas", str(self.balance.sagas))
        tabla.add_row("perdidas", str(len(self.balance.perdidas)))
        tabla.add_row("dos veces", str(len(self.balance.dobles)))
        tabla.add_row("con otro final", str(len(self.balance.torcidas)))
        tabla.add_row("invariantes rotos", ", ".join(self.violadas) or "ninguno")
        tabla.add_row("auditadas, hallazgos", f"{self.auditadas}, {len(self.hallazgos)}")
        for quien, valores in {**self.tomas, "todos": [v for vs in self.tomas.values() for v in vs]}.items():
            p50, p99 = percentil(valores, 0.5), percentil(valores, 0.99)
            color = "green" if p99 <= PROMESA_S else "red"
            tabla.add_row(
                f"relevo de {quien}", f"[{color}]p50 {p50:.2f} s, p99 {p99:.2f} s[/] ({len(valores)} sagas)"
            )
        return tabla


def caos(
    registros: Path,
    muertes: int,
    semilla: int,
    avance: Avance = lambda _v, _s: None,
    objetivo: Objetivo = OBJETIVOS["campanas"],
) -> Informe:
    """Kill so many random victims, one at a time, and say what came of the load."""
    azar, cuentas, hechas = Random(semilla), Counter[str](), list[Muerte]()
    pesos = {**dict.fromkeys(objetivo.procesos, 6), "postgres": 1, "pulsar": 1}
    with reservados(solo=True), migrado(registros, **objetivo.entorno) as sistema:
        copiar(sistema)
        sistema.arrancar(*objetivo.procesos)
        sistema.listos()
        carga = objetivo.carga(sistema, semilla)
        with cotejado(sistema, "--ventana", "10") as cotejo:
            with carga.en_marcha():
                carga.esperar(5)
                for _ in range(muertes):
                    threading.Event().wait(azar.uniform(0.2, 3.0))
                    victima = azar.choices(list(pesos), list(pesos.values()))[0]
                    hechas += _matar(sistema, objetivo, victima, azar)
                    cuentas[victima] += 1
                    avance(victima, carga.aceptadas)
            sistema.listos()
            todas = sistema.valor("SELECT count(*) FROM sagas")
            esperar_final(sistema, todas, 300)
            hasta(lambda: cotejo.sagas() == todas, "los partes de todas las sagas", 120)
        informe = Informe(
            cuentas,
            carga.balance(),
            objetivo.violadas(sistema),
            tomas(sistema, hechas),
            todas,
            cotejo.hallazgos(),
        )
        if informe.bueno:
            objetivo.invariantes.comprobar_siempre(sistema)
        return informe


def _matar(sistema: Sistema, objetivo: Objetivo, victima: str, azar: Random) -> list[Muerte]:
    """Kill one, while the other copy works, and bring it back after a while."""
    if victima not in objetivo.procesos:
        try:
            servicio("matar", victima)
        finally:
            servicio("arriba", victima)
        sistema.listos()
        return []
    nombre, _, copia = victima.partition("@")
    sistema.listos(nombre if copia else f"{nombre}@2", victima)
    muertes = objetivo.matar(sistema, victima)
    threading.Event().wait(azar.uniform(0, 2))
    sistema.arrancar(victima)
    return muertes


def principal() -> int:
    """Run from the command line."""
    analizador = argparse.ArgumentParser(prog="python -m tests.e2e.caos", description=__doc__)
    analizador.add_argument("-n", "--muertes", type=int, default=50)
    analizador.add_argument("--semilla", type=int, default=1)
    analizador.add_argument("--sistema", choices=list(OBJETIVOS), default="campanas")
    argumentos = analizador.parse_args()
    consola = Console()
    columnas = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[sagas]} sagas, última víctima: {task.fields[victima]}"),
    )  # fmt: skip
    registros = Path(tempfile.mkdtemp(prefix="caos-"))
    try:
        with Progress(*columnas, console=consola) as progreso:
            tarea = progreso.add_task("muertes", total=argumentos.muertes, sagas=0, victima="ninguna")
            informe = caos(
                registros,
                argumentos.muertes,
                argumentos.semilla,
                lambda victima, sagas: progreso.update(tarea, advance=1, sagas=sagas, victima=victima),
                OBJETIVOS[argumentos.sistema],
            )
    except KeyboardInterrupt:
        consola.print("Interrumpido: sin informe")
        return 130
    consola.print(informe.tabla())
    if not informe.bueno:
        consola.print(informe.balance, informe.violadas, informe.hallazgos, f"registros en {registros}")
    return 0 if informe.bueno else 1


if __name__ == "__main__":
    sys.exit(principal())
