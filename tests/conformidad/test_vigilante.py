"""The timers, over both databases: what fails stops no other, backs off loudly, and is done once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador, Resultado
from aeropartners.seedwork.aplicacion.bucles.vigilante import SEGUIDOS, DespertarDe, Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import Bloqueado, UnidadDeTrabajo
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.aplicacion.mensajes_de_plazo import despertador
from tests.conformidad.cuentas import MODULO, persistencia
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.conformidad.test_operador import Mesa

CUENTAS = 23


def _despertar(cuentas: ModuloDeCuentas, importes: dict[UUID, int]) -> DespertarDe:
    """Each wake-up of an account pays 1 in, or what is said of it; a negative amount is a defect."""

    def despertar(ids: Sequence[UUID], _uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        return [cuentas.sobre(id, importes.get(id, 1)) for id in ids]

    return despertar


def _cuentas(cuentas: ModuloDeCuentas) -> list[UUID]:
    """Accounts that are all due, with one event each."""
    ids = [uuid4() for _ in range(CUENTAS)]
    cuentas.depositar(*(cuentas.sobre(id) for id in ids))
    cuentas.vencer("cuentas_prueba", "revisar_en")
    return ids


def test_los_plazos_de_los_demas_se_cumplen(cuentas: ModuloDeCuentas) -> None:
    """Two of many wake-ups fail: all others are done in the same round, and the two are named."""
    ids = _cuentas(cuentas)
    malas = {ids[3]: -1, ids[17]: -1}
    vigilante = Vigilante(cuentas.ejecutor, _despertar(cuentas, malas))
    with capture_logs() as lineas:
        assert vigilante.una_ronda() == CUENTAS - 2
    assert cuentas.valor("SELECT count(*) FROM eventos") == CUENTAS + CUENTAS - 2
    assert cuentas.valor("SELECT count(*) FROM cuentas_prueba WHERE revisar_en IS NOT NULL") == 2
    fallidos = [linea for linea in lineas if linea["event"] == "despertar_fallido"]
    assert {linea["saga_id"] for linea in fallidos} == {str(id) for id in malas}
    assert {linea["error"] for linea in fallidos} == {"RuntimeError: un defecto"}


def test_lo_que_falla_no_da_vueltas(cuentas: ModuloDeCuentas) -> None:
    """It is not looked at before its time, which is later after each failure; mended, it is done."""
    [mala, *_] = _cuentas(cuentas)
    importes = {mala: -1}
    vigilante = Vigilante(cuentas.ejecutor, _despertar(cuentas, importes))
    esperas: list[float] = []
    for vez in range(1, 5):
        vigilante.una_ronda()
        assert vigilante.una_ronda() == 0
        fallido = vigilante.fallidos[mala]
        assert fallido.veces == vez
        esperas.append((fallido.proximo - cuentas.reloj.ahora()).total_seconds())
        _dejar_pasar(vigilante)
    assert esperas[-1] > 2 * esperas[0] > 0
    importes.clear()
    assert vigilante.una_ronda() == 1
    assert vigilante.fallidos == {}
    assert cuentas.valor("SELECT count(*) FROM cuentas_prueba WHERE revisar_en IS NOT NULL") == 0


def _dejar_pasar(vigilante: Vigilante) -> None:
    """Let the time of waiting go by for all that failed."""
    for fallido in vigilante.fallidos.values():
        fallido.proximo = fallido.proximo.replace(year=2000)


def test_otra_copia_lo_hace_y_esta_lo_olvida(cuentas: ModuloDeCuentas) -> None:
    """Nothing of a failure is stored: a copy that can does it, and the one that failed forgets it."""
    [mala, *_] = _cuentas(cuentas)
    uno = Vigilante(cuentas.ejecutor, _despertar(cuentas, {mala: -1}))
    uno.una_ronda()
    assert Vigilante(cuentas.ejecutor, _despertar(cuentas, {})).una_ronda() == 1
    _dejar_pasar(uno)
    assert uno.una_ronda() == 0
    assert uno.fallidos == {}


def test_una_que_falla_no_para_los_reintentos(cuentas: ModuloDeCuentas) -> None:
    """Messages that wait for another try come first, and the deadlines in the next round."""
    [mala, *_] = _cuentas(cuentas)
    cuentas.recibir(cuentas.sobre(uuid4(), -1))
    cuentas.consumidor().una_ronda()
    cuentas.vencer("reintentos", "proximo")
    vigilante = Vigilante(cuentas.ejecutor, _despertar(cuentas, {mala: -1}))
    assert [vigilante.una_ronda(), vigilante.una_ronda()] == [1, CUENTAS - 1]
    assert cuentas.valor("SELECT intentos FROM reintentos") == 2


def test_los_reintentos_dejan_su_turno_a_los_plazos(
    cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages that are due without an end, round after round: what is due besides has its turn."""
    _cuentas(cuentas)
    vigilante = Vigilante(cuentas.ejecutor, _despertar(cuentas, {}))
    monkeypatch.setattr(vigilante, "_reintento", lambda: 1)
    assert [vigilante.una_ronda() for _ in range(SEGUIDOS + 1)] == [*([1] * SEGUIDOS), CUENTAS]


def test_un_conflicto_que_dura_no_para_a_nadie(
    cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wake-up whose rows somebody holds waits; the others are done."""
    ids = _cuentas(cuentas)
    cuentas.romper(monkeypatch, cuentas.sobre(ids[5]), Bloqueado("un cerrojo ajeno"))
    vigilante = Vigilante(cuentas.ejecutor, _despertar(cuentas, {}))
    assert vigilante.una_ronda() == CUENTAS - 1
    monkeypatch.undo()
    _dejar_pasar(vigilante)
    assert vigilante.una_ronda() == 1


@pytest.mark.parametrize(
    "rotura",
    [
        "memoria = '{\"fase\":7}'",
        "memoria = '[]'",
        "definicion = 99",
        "tipo = 'NADIE'",
        "datos_iniciales = '[]'",
    ],
)
def test_una_fila_que_no_se_lee_no_para_a_las_demas(motor: Motor, rotura: str) -> None:
    """A saga whose row cannot be decoded, or whose definition nobody knows: the others are looked at."""
    mesa = Mesa(motor)
    [rota, *_] = sagas = [mesa.iniciar() for _ in range(5)]
    with motor.escritura() as con:
        con.exec_driver_sql(f"UPDATE sagas SET {rotura} WHERE CAST(id AS text) = '{rota}'")
        con.execute(text("UPDATE sagas SET revisar_en = created_at"))
        con.commit()
    vigilante = Vigilante(mesa.ejecutor, despertador(mesa.ids))
    with capture_logs() as lineas:
        hechas = vigilante.una_ronda()
    despiertas = mesa.valor("SELECT count(*) FROM sagas WHERE revisar_en > created_at")
    assert hechas == despiertas >= len(sagas) - 1
    fallidas = {linea["saga_id"] for linea in lineas if linea["event"] == "despertar_fallido"}
    # What nobody here knows is not even claimed.
    se_toma = not rotura.startswith(("definicion", "tipo"))
    assert fallidas == ({str(rota)} if se_toma and hechas < len(sagas) else set())


def test_lo_que_falla_en_una_copia_y_en_otra_no_se_hace_una_vez(
    cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One copy fails with a retry; before it notes that, another one does it: nothing is put back."""
    una, otra = _copia(cuentas), Vigilante(_copia(cuentas))
    ejecutar, veces = una.ejecutar, count(1)

    def ejecutar_despues(*partes: Any) -> Resultado:
        if next(veces) == 2:  # the failure is about to be noted
            assert otra.una_ronda() == 1
        return ejecutar(*partes)

    sobre = cuentas.sobre(uuid4())
    cuentas.recibir(sobre)
    cuentas.romper(monkeypatch, sobre, RuntimeError("solo en esta copia"))
    cuentas.consumidor().una_ronda()
    cuentas.vencer("reintentos", "proximo")
    monkeypatch.setattr(una.procesador, "procesar", cuentas.ejecutor.procesador.procesar)
    monkeypatch.setattr(una, "ejecutar", ejecutar_despues)
    assert Vigilante(una).una_ronda() == 1
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1
    assert (
        cuentas.valor("SELECT count(*) FROM reintentos") + cuentas.valor("SELECT count(*) FROM muertos") == 0
    )


def _copia(cuentas: ModuloDeCuentas) -> Ejecutor:
    almacen = persistencia()
    return Ejecutor(
        Procesador(MODULO, cuentas.ids),
        lambda: UnidadSQL(cuentas.motor, almacen, cuentas.reloj, cuentas.ids),
        cuentas.publicador,
    )


def test_quien_pierde_no_quita_lo_que_otro_ha_dejado(cuentas: ModuloDeCuentas) -> None:
    """A waiting message goes away only as it was taken: with as many attempts."""
    cuentas.recibir(cuentas.sobre(uuid4(), -1))
    cuentas.consumidor().una_ronda()
    cuentas.vencer("reintentos", "proximo")
    quitados: list[bool] = []

    def quitar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        apartado = uow.apartado_vencido("cuentas", ())
        assert apartado
        ajeno = replace(apartado, intentos=apartado.intentos + 1)
        quitados.extend(uow.quitar_apartado(a) for a in (ajeno, apartado, apartado))
        return ()

    cuentas.ejecutor.ejecutar(quitar)
    assert quitados == [False, True, False]


def test_un_conflicto_no_gasta_intentos(cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a retry meets a held lock: its count stays, and then it is done."""
    sobre = cuentas.sobre(uuid4())
    cuentas.romper(monkeypatch, sobre, Bloqueado("un cerrojo ajeno"))
    cuentas.recibir(sobre)
    cuentas.consumidor().una_ronda()
    for _ in range(5):
        assert cuentas.valor("SELECT intentos FROM reintentos") == 0
        cuentas.vencer("reintentos", "proximo")
        assert Vigilante(cuentas.ejecutor).una_ronda() == 1
    assert "ConflictoPersistente" in cuentas.valor("SELECT error FROM reintentos")
    assert cuentas.valor("SELECT count(*) FROM muertos") == 0
    monkeypatch.undo()
    cuentas.vencer("reintentos", "proximo")
    Vigilante(cuentas.ejecutor).una_ronda()
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1
