"""Weeks of sagas leave when all of them ended, on both databases, and the totals follow."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura import particiones
from aeropartners.seedwork.infraestructura.motor import Motor
from tests.conformidad.archivo import LUNES, TABLAS, Archivo


@pytest.fixture
def archivo(motor: Motor) -> Archivo:
    """An archive; on PostgreSQL the first week has partitions, the others are in the default one."""
    if motor.es_postgres:
        with motor.escritura() as con:
            for tabla in TABLAS:
                particiones.crear(con, tabla, LUNES, particiones.SEMANA)
            con.commit()
    return Archivo(motor)


@pytest.mark.parametrize("semanas", [0, 1], ids=["con particion", "sin particion"])
def test_una_semana_terminada_se_va(archivo: Archivo, semanas: int) -> None:
    """All rows of its sagas go, those of the next week stay, and the totals tell what is there."""
    lunes = LUNES + semanas * particiones.SEMANA
    for _ in range(3):
        archivo.terminar(archivo.iniciar(lunes + timedelta(days=2)))
    reciente = archivo.iniciar(datetime.now(UTC))
    antes = datetime.now(UTC) - timedelta(days=90)
    [semana] = archivo.retencion.semanas(antes)
    assert (semana.lunes, semana.sagas, semana.abiertas, semana.retirable) == (lunes, 3, 0, True)
    archivo.retencion.retirar(lunes)
    assert archivo.filas() == {"sagas": 1, "saga_pasos": 3, "saga_compensaciones": 0, "saga_eventos": 1}
    assert archivo.contadas() == {"INICIADA": 1}
    assert archivo.retencion.semanas(antes) == []
    assert archivo.proyector.reconstruir(archivo.totales) == {}
    archivo.terminar(reciente)


def test_una_abierta_guarda_su_semana(archivo: Archivo) -> None:
    """A week with a saga that has not ended stays whole, also when it is asked for by name."""
    archivo.terminar(archivo.iniciar(LUNES))
    abierta = archivo.iniciar(LUNES + timedelta(days=6))
    antes = archivo.filas()
    [semana] = archivo.retencion.semanas(datetime.now(UTC))
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
    assert archivo.retencion.semanas(LUNES + timedelta(days=6)) == []
    assert len(archivo.retencion.semanas(LUNES + timedelta(days=7))) == 1
