"""What may happen to a running system: each fault breaks something under load, and puts it right."""

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aeropartners.contratos.saga import TEMA_RESPUESTAS
from aeropartners.simulacion.invariantes import despertares_falsos
from tests.e2e.bandeja import copiar, faltas_de_bandeja, repetir
from tests.e2e.carga import Carga
from tests.e2e.invariantes import CAMPANAS, esperar_final, pendientes
from tests.e2e.proxy import Proxy
from tests.e2e.sistema import SERVICIOS, Sistema, migrado
from tests.esperas import hasta
from tests.red import RED
from tests.servicios import servicio

COPIAS = ("", "@2")
SAGAS = 30
# No fault here is silence: a step that is given up all the same was lost.
PACIENCIA_S = "600"
# Longer than a send may take, and longer than a transaction may stand idle.
PAUSA_BROKER_S = 12.0
PAUSA_BASE_S = 7.0
INSISTENCIA = 6
DISCO_LLENO = """
    CREATE OR REPLACE FUNCTION disco_lleno() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'disco lleno de la prueba' USING ERRCODE = '53100'; END $$;
    CREATE OR REPLACE TRIGGER disco_lleno BEFORE INSERT ON salida FOR EACH ROW WHEN ({filas})
        EXECUTE FUNCTION disco_lleno();
    SELECT 1
"""
DE_MODULOS = f"position(convert_to('{TEMA_RESPUESTAS}', 'UTF8') IN NEW.cuerpo) > 0"
LAS_DEMAS = f"NOT {DE_MODULOS}"
DISCO_LIBRE = "DROP FUNCTION disco_lleno CASCADE; SELECT 1"
CAIDAS = re.compile(r"^loop_failures_total\{.*\} ([0-9.]+)$", re.MULTILINE)
ABIERTAS = "SELECT CAST(id AS text) FROM sagas WHERE fecha_fin IS NULL"


@dataclass
class Escena:
    """A system of two copies of each process, the network between it and its services, and its load."""

    sistema: Sistema
    base: Proxy
    broker: Proxy
    carga: Carga
    muertes: int = 0

    def matar(self, *nombres: str) -> None:
        """kill -9 of processes."""
        for nombre in nombres:
            self.sistema.matar(nombre)
        self.muertes += len(nombres)


@contextmanager
def escena(registros: Path) -> Iterator[Escena]:
    """A running system whose every connection goes through a proxy, and which keeps all that it sends."""
    with migrado(registros, SAGA_STEP_TIMEOUT_S=PACIENCIA_S) as sistema:
        base, broker = Proxy(sistema.database_url), Proxy(sistema.entorno["PULSAR_URL"])
        sistema.entorno |= {"DATABASE_URL": base.url, "PULSAR_URL": broker.url}
        copiar(sistema)
        sistema.arrancar(*(s + copia for s in SERVICIOS for copia in COPIAS))
        sistema.listos()
        try:
            yield Escena(sistema, base, broker, Carga(sistema, 0))
        finally:
            sistema.parar()
            base.cerrar()
            broker.cerrar()


def sufrir(e: Escena, nombre: str, falla: Callable[[Escena], None], semilla: int) -> None:
    """Let a fault fall upon a load: every saga ends as it may, and every invariant holds."""
    antes = e.muertes
    e.carga = Carga(e.sistema, semilla)
    with e.carga.en_marcha(SAGAS):
        e.carga.esperar(SAGAS // 3)
        falla(e)
        assert not (falsos := despertares_falsos(e.sistema)), falsos
    esperar_final(e.sistema, e.sistema.valor("SELECT count(*) FROM sagas"), 180)
    balance = e.carga.balance()
    print(
        f"{nombre}: {balance.cifras}, {e.muertes - antes} muertes, {e.carga.peor_espera()} s la peor espera"
    )
    assert balance.bueno, balance
    assert not (violadas := CAMPANAS.violaciones(e.sistema)), violadas
    assert not any((faltas := faltas_de_bandeja(e.sistema)).values()), faltas


def terminar(e: Escena) -> None:
    """The tables rebuild from the events, the totals too, and every process drains."""
    CAMPANAS.comprobar_siempre(e.sistema)
    assert e.sistema.parar() == {s + c: 0 for s in SERVICIOS for c in COPIAS}


def _muere(nombre: str) -> Callable[[Escena], None]:
    """All copies of a process die at once and come back."""

    def falla(e: Escena) -> None:
        copias = [nombre + copia for copia in COPIAS]
        e.matar(*copias)
        e.sistema.arrancar(*copias)
        e.sistema.listos()

    return falla


def _una_de_cada(e: Escena) -> None:
    """One copy of each process dies and stays away until what was open is done by the other."""
    abiertas = _abiertas(e)
    e.matar(*SERVICIOS)
    _hasta_terminar(e, abiertas)
    e.sistema.arrancar(*SERVICIOS)
    e.sistema.listos()


def _suspendido(nombre: str) -> Callable[[Escena], None]:
    """A process stands still until the other copy has done its work, and then wakes up."""

    def falla(e: Escena) -> None:
        e.sistema.senal(nombre, signal.SIGSTOP)
        try:
            _hasta_terminar(e, _abiertas(e))
        finally:
            e.sistema.senal(nombre, signal.SIGCONT)
        e.sistema.listos()

    return falla


def _red(cual: str, como: str, segundos: float) -> Callable[[Escena], None]:
    """The network to a service stands still, or resets every connection, for a while."""

    def falla(e: Escena) -> None:
        with getattr(getattr(e, cual), como)():
            threading.Event().wait(segundos)
        e.sistema.listos()

    return falla


def _muere_servicio(nombre: str, mientras: Callable[[Escena], None]) -> Callable[[Escena], None]:
    """PostgreSQL or Pulsar is killed and restarted on its directories."""

    def falla(e: Escena) -> None:
        servicio("matar", nombre)
        e.muertes += 1
        try:
            mientras(e)
        finally:
            servicio("arriba", nombre)
        e.sistema.listos()

    return falla


def _se_aceptan_mas(e: Escena) -> None:
    """Sagas are accepted all the same."""
    e.carga.esperar_mas(5)


def _nada(_e: Escena) -> None:
    """Nothing can be done meanwhile."""


def _temas_descargados(e: Escena) -> None:
    """The broker lets go of every topic, three times: all its connections and cursors move."""
    espacio = e.sistema.entorno["PULSAR_NAMESPACE"]
    admin = f"{e.sistema.entorno['PULSAR_ADMIN_URL']}/admin/v2/namespaces/public/{espacio}/unload"
    for _ in range(3):
        # While a bundle is on its way out the broker answers 500 to who asks for the same.
        hasta(lambda: RED.put(admin, timeout=60).is_success, "temas descargados")
        _se_aceptan_mas(e)


def _disco_lleno(e: Escena) -> None:
    """No row of the modules fits into the outbox, then none of the orchestrator: nothing can be promised.

    In this order each certainly has something to write: the orchestrator the answers that were held up.
    """
    try:
        for filas, nombre in ((DE_MODULOS, "modulos"), (LAS_DEMAS, "orquestador")):
            antes = _caidas(e, nombre)
            e.sistema.sql(DISCO_LLENO.format(filas=filas))
            # Each time with the same messages in hand: they must not be taken for what ends the loop.
            hasta(
                lambda nombre=nombre, antes=antes: _caidas(e, nombre) - antes > INSISTENCIA,  # type: ignore[misc]
                f"{nombre} lo nota una y otra vez",
            )
    finally:
        e.sistema.sql(DISCO_LIBRE)
    e.sistema.listos()


def _caidas(e: Escena, nombre: str) -> float:
    """How often loops of a process fell, over its copies: any of them may have the partitions."""
    medidas = [RED.get(f"{e.sistema.url[nombre + copia]}/metrics", timeout=60).text for copia in COPIAS]
    return sum(float(n) for medida in medidas for n in CAIDAS.findall(medida))


def _todo_dos_veces(e: Escena) -> None:
    """All that was ever published is published again."""
    repetir(e.sistema)


def _abiertas(e: Escena) -> set[str]:
    return {id for (id,) in e.sistema.sql(ABIERTAS)}


def _hasta_terminar(e: Escena, sagas: set[str]) -> None:
    try:
        hasta(lambda: not (sagas & _abiertas(e)), f"el fin de {len(sagas)} sagas abiertas")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{pendientes(e.sistema)}") from error


FALLAS: dict[str, Callable[[Escena], None]] = {
    "muere el orquestador": _muere("orquestador"),
    "mueren los módulos": _muere("modulos"),
    "muere el BFF": _muere("bff"),
    "muere una copia de cada uno": _una_de_cada,
    "un orquestador zombi": _suspendido("orquestador"),
    "unos módulos zombis": _suspendido("modulos"),
    "pausa hacia el broker": _red("broker", "pausado", PAUSA_BROKER_S),
    "corte hacia el broker": _red("broker", "cortado", 3),
    "pausa hacia la base": _red("base", "pausado", PAUSA_BASE_S),
    "corte hacia la base": _red("base", "cortado", 3),
    "temas descargados": _temas_descargados,
    "disco lleno": _disco_lleno,
    "todo dos veces": _todo_dos_veces,
}
DE_SERVICIOS: dict[str, Callable[[Escena], None]] = {
    "muere la base": _muere_servicio("postgres", _nada),
    "muere el broker": _muere_servicio("pulsar", _se_aceptan_mas),
}
