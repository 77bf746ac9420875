"""Weeks of sagas leave when all of them ended, on both databases, and the totals follow."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.operacion import particiones
from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales
from saga_orchestrator.infraestructura.almacen.tablas import sagas
from tests.conformidad.archivo import LUNES, TABLAS, Archivo


@pytest.fixture
def archivo(motor: Motor) -> Archivo:
    """An archive; on PostgreSQL the first week has partitions, the others are in the default one."""
    if motor.es_postgres:
        with motor.escritura() as con:
            for tabla in TABLAS:
                particiones.crear(particiones.Particion(tabla, LUNES, particiones.SEMANA), con)
            con.commit()
    return Archivo(motor)


@pytest.mark.parametrize("semanas", [0, 1], ids=["con particion", "sin particion"])
def test_una_semana_terminada_se_va(archivo: Archivo, semanas: int) -> None:
    """All rows of its sagas go, those of the next week stay, and the totals tell what is there."""
    lunes = LUNES + semanas * particiones.SEMANA
    for _ in range(3):
        archivo.terminar(archivo.iniciar(lunes + timedelta(days=2)))
    reciente = archivo.iniciar(datetime.now(UTC))
    edad = timedelta(days=90)
    [semana] = archivo.retencion.semanas(edad)
    assert (semana.lunes, semana.sagas, semana.abiertas, semana.retirable) == (lunes, 3, 0, True)
    archivo.retencion.retirar(lunes)
    assert archivo.filas() == {"sagas": 1, "saga_pasos": 3, "saga_compensaciones": 0, "saga_eventos": 1}
    assert archivo.contadas() == {"INICIADA": 1}
    assert archivo.retencion.semanas(edad) == []
    assert archivo.proyector.reconstruir(archivo.totales) == {}
    archivo.terminar(reciente)


def test_una_abierta_guarda_su_semana(archivo: Archivo) -> None:
    """A week with a saga that has not ended stays whole, also when it is asked for by name."""
    archivo.terminar(archivo.iniciar(LUNES))
    abierta = archivo.iniciar(LUNES + timedelta(days=6))
    antes = archivo.filas()
    [semana] = archivo.retencion.semanas(timedelta())
    assert (semana.abiertas, semana.retirable) == (1, False)
    archivo.retencion.retirar(LUNES)
    assert archivo.filas() == antes
    archivo.terminar(abierta)
    archivo.retencion.retirar(LUNES)
    assert archivo.filas()["saga_eventos"] == 0


def test_contar_no_detiene_a_nadie(archivo: Archivo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A saga of the week can begin while it is counted; the week then stays, with all that it had."""
    archivo.terminar(archivo.iniciar(LUNES))
    contar, nuevas = archivo.totales.de, list[UUID]()

    def contar_y_seguir(*que: Any) -> Any:
        contado = contar(*que)
        nuevas.append(archivo.iniciar(LUNES + timedelta(days=1)))
        return contado

    monkeypatch.setattr(archivo.totales, "de", contar_y_seguir)
    with pytest.raises(Conflicto, match="2025-03-03"):
        archivo.retencion.retirar(LUNES)
    monkeypatch.undo()
    assert (len(nuevas), archivo.filas()["sagas"]) == (1, 2)
    assert archivo.contadas() == {"COMPLETADA": 1, "INICIADA": 1}
    archivo.terminar(nuevas[0])
    archivo.retencion.retirar(LUNES)
    assert archivo.filas()["saga_eventos"] == 0
    assert archivo.proyector.reconstruir(archivo.totales) == {}


def test_lo_reciente_no_se_toca(archivo: Archivo) -> None:
    """A week that has not passed whole is not there to be removed."""
    archivo.terminar(archivo.iniciar(LUNES + timedelta(days=3)))
    edad = datetime.now(UTC) - LUNES
    assert archivo.retencion.semanas(edad - timedelta(days=6)) == []
    assert len(archivo.retencion.semanas(edad - timedelta(days=8))) == 1


def test_ninguna_palabra_dice_que_termino(archivo: Archivo) -> None:
    """An open saga whose state is another system's last word keeps its week; `fecha_fin` alone decides."""
    abierta = archivo.iniciar(LUNES)
    with archivo.motor.escritura() as con:
        con.execute(sagas.update().values(estado="completed"))
        con.commit()
    [semana] = archivo.retencion.semanas(timedelta())
    assert (semana.sagas, semana.abiertas) == (1, 1)
    assert archivo.retencion.retirar(LUNES).abiertas == 1
    assert archivo.filas()["sagas"] == 1
    archivo.terminar(abierta)
    archivo.retencion.retirar(LUNES)
    assert archivo.filas()["sagas"] == 0


def test_los_totales_se_cuentan_sin_palabras(archivo: Archivo) -> None:
    """Counted again from the events: durations of what ended, once each, by the first end."""
    archivo.terminar(archivo.iniciar(LUNES))
    archivo.rechazar(archivo.iniciar(LUNES), "CREAR_CAMPAÑA")
    deshecha = archivo.iniciar(LUNES)
    archivo.lograr(deshecha, "CREAR_CAMPAÑA")
    archivo.rechazar(deshecha, "PROCESAR_PAGO")
    archivo.lograr(deshecha, "CANCELAR_CAMPAÑA")
    tardia = archivo.iniciar(LUNES)
    archivo.rechazar(tardia, "CREAR_CAMPAÑA")
    archivo.lograr(tardia, "CREAR_CAMPAÑA")
    assert archivo.contadas() == {"COMPLETADA": 1, "FALLIDA": 1, "COMPENSADA": 1, "COMPENSANDO": 1}
    leidos = LecturaTotales(archivo.motor, archivo.totales).leer()
    assert sum(v for c, v in leidos.items() if c.medida == "duracion") == 4
    assert sum(v for c, v in leidos.items() if c.medida == "reabiertas") == 1
    assert archivo.proyector.reconstruir(archivo.totales) == {}
    archivo.lograr(tardia, "CANCELAR_CAMPAÑA")
    leidos = LecturaTotales(archivo.motor, archivo.totales).leer()
    assert sum(v for c, v in leidos.items() if c.medida == "duracion") == 4
    assert sum(v for c, v in leidos.items() if c.medida == "reabiertas") == 0
    assert archivo.proyector.reconstruir(archivo.totales) == {}


def test_un_id_al_azar_no_es_de_ninguna_semana(archivo: Archivo) -> None:
    """Ids that somebody else chose tell no time, or one that no calendar has: they are passed over."""
    archivo.iniciar_con(UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"))
    assert archivo.retencion.semanas(timedelta()) == []
