"""A long stream is loaded from its newest snapshot; what it says is never doubted, and never stale."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.conformidad.cuentas import Cuenta
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas


def _deposita(cuentas: ModuloDeCuentas, cuenta: object, veces: int) -> object:
    sobres = [cuentas.sobre(cuenta) for _ in range(veces)]  # type: ignore[arg-type]
    return cuentas.depositar(*sobres).decisiones[-1].resultado


def test_un_flujo_largo_se_carga_desde_su_instantanea(cuentas: ModuloDeCuentas) -> None:
    """After 250 events the state of the batch that passed 200 is stored; older events are not read."""
    cuenta = uuid4()
    for veces in (90, 70, 60, 30):
        _deposita(cuentas, cuenta, veces)
    assert cuentas.valor("SELECT version FROM instantaneas") == 220
    with cuentas.motor.escritura() as con:
        con.execute(text("DELETE FROM eventos WHERE version <= 220"))
        con.commit()
    assert _deposita(cuentas, cuenta, 1) == 251
    assert cuentas.valor("SELECT max(version) FROM eventos") == 251


def test_un_flujo_corto_no_tiene_instantanea(cuentas: ModuloDeCuentas) -> None:
    """Below a hundred events nothing is stored."""
    _deposita(cuentas, uuid4(), 99)
    assert cuentas.valor("SELECT count(*) FROM instantaneas") == 0


def test_una_forma_vieja_se_pasa_por_alto(cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the meaning of the state changed, the events tell; the next snapshot has the new form."""
    cuenta = uuid4()
    _deposita(cuentas, cuenta, 100)
    with cuentas.motor.escritura() as con:
        con.execute(text("UPDATE instantaneas SET datos = '{\"saldo\": 7}'"))
        con.commit()
    monkeypatch.setattr(Cuenta, "forma", 2)
    assert _deposita(cuentas, cuenta, 100) == 200
    assert cuentas.valor("SELECT forma FROM instantaneas") == 2
