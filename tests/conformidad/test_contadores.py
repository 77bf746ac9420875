"""The saga metrics of the contracts: all there from the first scrape, and no counter ever falls."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.operacion.particiones import SEMANA
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio import reacciones
from saga_orchestrator.dominio.atras import deshacer
from saga_orchestrator.dominio.comandos import Comandos
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.historia import registrar
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from saga_orchestrator.infraestructura.consultas.metricas import MetricasSagas
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Reconstruccion
from saga_orchestrator.sistemas.campanas.limpieza import LimpiezaSagas
from tests.conformidad.archivo import LUNES, PASOS, TIPO, Archivo
from tests.sagas_de_los_sistemas import LECTURAS, registro

CAMPANA, PAGO, _ = PASOS
UNDOS = ("CANCELAR_REPORTE", "REVERTIR_PAGO", "CANCELAR_CAMPAÑA")
CANCELAR = UNDOS[-1]
CONOCIDAS = registro(Ajustes())
CONTADORES = ("_total", "_bucket", "_count", "_sum")
DE_CADA_TIPO = (
    "saga_started_total",
    "saga_success_total",
    "saga_errors_total",
    "saga_compensation_total",
    "saga_active_count",
    "saga_success_rate",
    "saga_compensation_success_rate",
    "saga_duration_seconds_count",
    "saga_duration_seconds_sum",
)


class Raspado(Archivo):
    """An archive whose metrics are scraped after every fact; a counter that fell is an error."""

    def __init__(self, motor: Motor) -> None:
        super().__init__(motor)
        self.lecturas = LecturasSagas(motor, self.totales)
        self._vistos: dict[str, float] = {}

    def responder(self, saga_id: UUID, *pasos: str) -> None:
        """Say that each of these steps and undos was done, whether or not it was asked for."""
        for paso in pasos:
            self.lograr(saga_id, paso)

    def raspar(self) -> dict[str, float]:
        """Return the metrics of campaign sagas by name, with what other labels they have."""
        return {n.removesuffix(":"): v for tipo, n, v in self._muestras() if tipo == TIPO}

    def comprobar(self) -> dict[str, float]:
        """Scrape, and count again from the events: nothing fell, and both ways of counting agree."""
        antes, ahora = self._vistos, self.raspar()
        bajaron = {n for n, v in antes.items() if ahora[n] < v}
        assert not bajaron
        assert self.proyector.reconstruir(self.totales) == {}
        assert self.raspar() == ahora
        self._vistos = {n: v for n, v in ahora.items() if es_contador(n)}
        return ahora

    def _muestras(self) -> Iterator[tuple[str, str, float]]:
        for familia in MetricasSagas(self.lecturas, CONOCIDAS).collect():
            for m in familia.samples:
                mas = ",".join(v for k, v in sorted(m.labels.items()) if k != "saga_type")
                yield m.labels["saga_type"], f"{m.name}:{mas}", m.value


def es_contador(nombre: str) -> bool:
    familia = nombre.split(":")[0]
    return familia.endswith(CONTADORES) and familia not in ("saga_active_count", "saga_status_count")


def deshacer_lo_logrado(saga: Saga, indice: int, replica: Any, ahora: Any) -> Comandos:
    """A system whose sagas are undone after their success as well; no definition does it yet."""
    if saga.tiene_exito:
        registrar(saga, Tipo.EXITO_TARDIO, ahora, {"resultado": replica.resultado}, indice=indice)
    return deshacer_sin_mas(saga, indice, replica, ahora)


def deshacer_sin_mas(saga: Saga, _indice: int, _replica: Any, ahora: Any) -> Comandos:
    """The same, with an undo right after the success and no event of its own between them."""
    return deshacer(saga, ahora) if saga.tiene_exito else []


@pytest.fixture
def raspado(motor: Motor) -> Raspado:
    """An empty archive."""
    return Raspado(motor)


def test_todas_estan_desde_el_primer_raspado(raspado: Raspado) -> None:
    """With 0, for every type of every system, with every word and quantile that the contract lists."""
    muestras = {(tipo, nombre): valor for tipo, nombre, valor in raspado._muestras()}
    assert set(muestras.values()) == {0}
    assert len(CONOCIDAS.tipos) > 1
    for tipo in CONOCIDAS.tipos:
        suyas = {nombre for t, nombre in muestras if t == tipo}
        esperadas = {f"{nombre}:" for nombre in DE_CADA_TIPO}
        esperadas |= {f"saga_duration_quantile_seconds:{q}" for q in ("0.5", "0.95", "0.99")}
        palabras = {p for d in CONOCIDAS.definiciones if d.tipo == tipo for p in d.todos_los_estados}
        esperadas |= {f"saga_status_count:{palabra}" for palabra in palabras}
        assert {n for n in suyas if "_bucket" not in n} == esperadas
        assert "saga_duration_seconds_bucket:+Inf" in suyas


def test_un_exito_tardio_no_baja_ninguno(raspado: Raspado) -> None:
    """A saga that had failed and is undone late stays counted, by its first end; gauges say it is open."""
    raspado.terminar(raspado.iniciar(LUNES))
    tardia = raspado.iniciar(LUNES)
    raspado.rechazar(tardia, CAMPANA)
    antes = raspado.comprobar()
    raspado.lograr(tardia, CAMPANA)
    reabierta = raspado.comprobar()
    assert {n for n, v in antes.items() if reabierta[n] != v and es_contador(n)} == set()
    assert (reabierta["saga_active_count"], reabierta["saga_success_rate"]) == (1, 1)
    raspado.lograr(tardia, CANCELAR)
    deshecha = raspado.comprobar()
    assert (deshecha["saga_active_count"], deshecha["saga_success_rate"]) == (0, 0.5)
    subieron = {n for n, v in antes.items() if deshecha[n] != v and es_contador(n)}
    assert subieron == {"saga_compensation_total"}


@pytest.mark.parametrize("deshace", [deshacer_lo_logrado, deshacer_sin_mas])
def test_deshacer_un_exito_no_baja_ninguno(
    raspado: Raspado, deshace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saga that had succeeded is a success for ever, and no error; the rate is of what stands now."""
    monkeypatch.setattr(reacciones, "exito_tardio", deshace)
    lograda = raspado.iniciar(LUNES)
    raspado.terminar(lograda)
    antes = raspado.comprobar()
    raspado.lograr(lograda, CAMPANA)
    assert raspado.contadas() == {"COMPENSANDO": 1}
    assert raspado.comprobar()["saga_active_count"] == 1
    raspado.responder(lograda, *UNDOS)
    despues = raspado.comprobar()
    assert raspado.contadas() == {"COMPENSADA": 1}
    assert (despues["saga_success_total"], despues["saga_errors_total"]) == (1, 0)
    assert (antes["saga_success_rate"], despues["saga_success_rate"]) == (1, 0)
    assert despues["saga_duration_seconds_sum"] == antes["saga_duration_seconds_sum"]
    raspado.retencion.retirar(LUNES)
    assert raspado.comprobar()["saga_success_total"] == 1


def test_la_retencion_no_baja_ninguno(raspado: Raspado) -> None:
    """Counters keep the sagas of the weeks that left, also when they are counted again; gauges do not."""
    for lunes in (LUNES, LUNES + SEMANA):
        raspado.terminar(raspado.iniciar(lunes))
        deshecha = raspado.iniciar(lunes)
        raspado.lograr(deshecha, CAMPANA)
        raspado.rechazar(deshecha, PAGO)
        raspado.lograr(deshecha, CANCELAR)
    antes = raspado.comprobar()
    raspado.retencion.retirar(LUNES)
    raspado.comprobar()
    raspado.retencion.retirar(LUNES + SEMANA)
    despues = raspado.comprobar()
    assert {n: v for n, v in despues.items() if es_contador(n)} == {
        n: v for n, v in antes.items() if es_contador(n)
    }
    assert {v for n, v in despues.items() if n.startswith("saga_status_count")} == {0}
    assert (despues["saga_success_rate"], despues["saga_active_count"]) == (0, 0)
    raspado.terminar(raspado.iniciar(LUNES))
    assert raspado.comprobar()["saga_success_total"] == antes["saga_success_total"] + 1


def test_una_semana_se_retira_una_vez(raspado: Raspado, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two who remove one week at once, the second is refused; its sagas count once."""
    raspado.terminar(raspado.iniciar(LUNES))
    antes, contar = raspado.comprobar(), raspado.totales.de

    def contar_y_retirar(*que: Any) -> Any:
        contado = contar(*que)
        monkeypatch.undo()
        raspado.retencion.retirar(LUNES)
        return contado

    monkeypatch.setattr(raspado.totales, "de", contar_y_retirar)
    with pytest.raises(Conflicto, match="2025-03-03"):
        raspado.retencion.retirar(LUNES)
    assert raspado.comprobar()["saga_started_total"] == antes["saga_started_total"] == 1


def test_la_limpieza_no_baja_ninguno(raspado: Raspado) -> None:
    """One saga, the ended ones, or all of them, open ones too: the counters keep them."""
    limpieza = LimpiezaSagas(raspado.motor, True, raspado.totales)
    una, otra = (raspado.iniciar(LUNES) for _ in range(2))
    raspado.terminar(una)
    raspado.rechazar(otra, CAMPANA)
    raspado.iniciar(LUNES)
    raspado.comprobar()
    limpieza.una(una)
    raspado.comprobar()
    assert limpieza.terminadas() == 1
    assert raspado.comprobar()["saga_active_count"] == 1
    assert limpieza.todas() == 1
    vacio = raspado.comprobar()
    assert (vacio["saga_started_total"], vacio["saga_active_count"]) == (3, 0)


def test_reconstruir_las_sagas_no_cambia_nada(raspado: Raspado) -> None:
    """The first end is told by the events; a memory of an older release that lacks it is no difference."""
    tardia = raspado.iniciar(LUNES)
    raspado.rechazar(tardia, CAMPANA)
    raspado.lograr(tardia, CAMPANA)
    antes = raspado.comprobar()
    reconstruccion = Reconstruccion(raspado.motor, CONOCIDAS, LECTURAS)
    assert reconstruccion.ejecutar(None, escribir=True).diferentes == []
    olvidar_el_primer_final(raspado.motor)
    assert reconstruccion.ejecutar(None, escribir=False).diferentes == []
    assert raspado.comprobar() == antes


def olvidar_el_primer_final(motor: Motor) -> None:
    """Write the memory of all sagas as a release before this one would."""
    sin = "json_remove(memoria, '$.primer_final')"
    if motor.es_postgres:
        sin = "CAST(CAST(memoria AS jsonb) - 'primer_final' AS json)"
    with motor.escritura() as con:
        con.exec_driver_sql(f"UPDATE sagas SET memoria = {sin}")
        con.commit()


@pytest.mark.parametrize("semilla", range(3))
def test_al_azar_ninguno_baja(raspado: Raspado, semilla: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sagas that begin, are answered anything in any order, undone late, and removed by weeks."""
    azar = random.Random(semilla)
    tardio = reacciones.exito_tardio

    def a_veces(saga: Saga, *lo_demas: Any) -> Comandos:
        return (deshacer_lo_logrado if saga.tiene_exito else tardio)(saga, *lo_demas)

    monkeypatch.setattr(reacciones, "exito_tardio", a_veces)
    sagas: list[UUID] = []
    for paso in range(80):
        if azar.random() < 0.25 or not sagas:
            sagas.append(raspado.iniciar(LUNES + azar.randrange(3) * SEMANA))
        elif paso % 30 == 29:
            for saga_id in sagas[-9:]:
                raspado.responder(saga_id, *PASOS, *UNDOS)
            raspado.comprobar()
            for semana in raspado.retencion.semanas(timedelta()):
                raspado.retencion.retirar(semana.lunes)
        elif azar.random() < 0.3:
            raspado.rechazar(azar.choice(sagas[-4:]), azar.choice(PASOS))
        else:
            raspado.responder(azar.choice(sagas[-4:]), *azar.choice([PASOS, UNDOS, PASOS[:1]]))
        raspado.comprobar()
    final = raspado.raspar()
    assert final["saga_started_total"] == len(sagas)
    terminadas = final["saga_success_total"] + final["saga_errors_total"]
    assert terminadas == final["saga_duration_seconds_count"] > 0
