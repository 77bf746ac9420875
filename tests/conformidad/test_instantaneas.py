"""A long stream is loaded from its newest snapshot; what it says is never doubted, and never stale."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.conformidad.banco import Banco
from tests.conformidad.cuentas import Cuenta


def _deposita(banco: Banco, cuenta: object, veces: int) -> object:
    sobres = [banco.sobre(cuenta) for _ in range(veces)]  # type: ignore[arg-type]
    return banco.depositar(*sobres).decisiones[-1].resultado


def test_un_flujo_largo_se_carga_desde_su_instantanea(banco: Banco) -> None:
    """After 250 events the state of the batch that passed 200 is stored; older events are not read."""
    cuenta = uuid4()
    for veces in (90, 70, 60, 30):
        _deposita(banco, cuenta, veces)
    assert banco.valor("SELECT version FROM instantaneas") == 220
    with banco.motor.escritura() as con:
        con.execute(text("DELETE FROM eventos WHERE version <= 220"))
        con.commit()
    assert _deposita(banco, cuenta, 1) == 251
    assert banco.valor("SELECT max(version) FROM eventos") == 251


def test_un_flujo_corto_no_tiene_instantanea(banco: Banco) -> None:
    """Below a hundred events nothing is stored."""
    _deposita(banco, uuid4(), 99)
    assert banco.valor("SELECT count(*) FROM instantaneas") == 0


def test_una_forma_vieja_se_pasa_por_alto(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the meaning of the state changed, the events tell; the next snapshot has the new form."""
    cuenta = uuid4()
    _deposita(banco, cuenta, 100)
    with banco.motor.escritura() as con:
        con.execute(text("UPDATE instantaneas SET datos = '{\"saldo\": 7}'"))
        con.commit()
    monkeypatch.setattr(Cuenta, "forma", 2)
    assert _deposita(banco, cuenta, 100) == 200
    assert banco.valor("SELECT forma FROM instantaneas") == 2
