"""The free-form campaign of a saga: judged as `POST /campaigns/` judges it, and refused in words."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from aeropartners.contratos.campanas import CrearCampanaDeSaga
from tests.dobles.unidad_de_trabajo import ID
from tests.unidad.campanas.mundo import CREADA, DATOS, Mundo

PRESUPUESTO = "presupuesto debe ser {monto, moneda}"


def dinero(monto: object, moneda: object = "USD") -> dict[str, Any]:
    return {"presupuesto": {"monto": monto, "moneda": moneda}}


@pytest.mark.parametrize(
    ("cambio", "codigo", "dice"),
    [
        ({"nombre": None, "presupuesto": None}, "VALIDACION", "faltan nombre, presupuesto"),
        ({"nombre": "  "}, "VALIDACION", "nombre debe ser un texto no vacío"),
        ({"nombre": 7}, "VALIDACION", "nombre debe ser un texto"),
        ({"nombre": "a\x00b"}, "VALIDACION", "nombre debe ser un texto"),
        ({"nombre": "x" * 256}, "VALIDACION", "nombre admite como máximo 255"),
        ({"id_afiliado": ["a1"]}, "VALIDACION", "id_afiliado debe ser un texto"),
        ({"tipo": {}}, "VALIDACION", "tipo debe ser un texto"),
        ({"tipo": "OTRO"}, "TIPO_INVALIDO", "Tipo de campaña inválido: OTRO"),
        ({"descripcion": 7}, "VALIDACION", "descripcion debe ser un texto"),
        ({"descripcion": "x" * 2001}, "VALIDACION", "descripcion admite como máximo 2000"),
        ({"presupuesto": 1000}, "VALIDACION", PRESUPUESTO),
        ({"presupuesto": {"monto": 1}}, "VALIDACION", PRESUPUESTO),
        ({"presupuesto": {"moneda": "USD"}}, "VALIDACION", PRESUPUESTO),
        (dinero(None), "VALIDACION", "presupuesto.monto debe ser un número"),
        (dinero("1000"), "VALIDACION", "presupuesto.monto debe ser un número"),
        (dinero(True), "VALIDACION", "presupuesto.monto debe ser un número"),
        (dinero(1e30), "VALIDACION", "presupuesto.monto debe ser finito y menor que 10^12"),
        (dinero(10**12), "VALIDACION", "presupuesto.monto debe ser finito y menor que 10^12"),
        (dinero(10**12 - 1), "PRESUPUESTO_INVALIDO", "entre 0 y 1,000,000"),
        (dinero(-1), "PRESUPUESTO_INVALIDO", "entre 0 y 1,000,000"),
        (dinero(1.001), "MONTO_INVALIDO", "dos decimales"),
        (dinero(1, None), "VALIDACION", "presupuesto.moneda debe ser un texto"),
        (dinero(1, "GBP"), "MONEDA_DESCONOCIDA", "GBP"),
        ({"fecha_inicio": "ayer"}, "VALIDACION", "fecha_inicio debe ser una fecha ISO-8601"),
        ({"fecha_fin": 20251231}, "VALIDACION", "fecha_fin debe ser una fecha ISO-8601"),
        ({"fecha_fin": "0001-01-01T00:00:00+05:00"}, "VALIDACION", "fecha_fin debe ser una fecha"),
    ],
)
def test_parte_invalida(cambio: dict[str, Any], codigo: str, dice: str) -> None:
    """Whatever is wrong is a final refusal that says what, and leaves nothing behind."""
    mundo = Mundo()
    respuesta = mundo.saga(CrearCampanaDeSaga(ID, DATOS | cambio))
    assert (respuesta.exito, respuesta.reintentable, respuesta.codigo) == (False, False, codigo)
    assert dice in respuesta.error
    assert (mundo.historias, len(mundo.salidas)) == ({}, 1)


def test_parte_vacia() -> None:
    """All missing fields are named."""
    respuesta = Mundo().saga(CrearCampanaDeSaga(ID, {}))
    campos = "nombre, tipo, id_afiliado, presupuesto, fecha_inicio, fecha_fin"
    assert respuesta.error == f"Campaña inválida: faltan {campos}"


@pytest.mark.parametrize(
    ("cambio", "partes"),
    [
        ({}, {}),
        ({"otro": [1, None]}, {}),
        ({"descripcion": None}, {"descripcion": None}),
        ({"descripcion": " "}, {"descripcion": ""}),
        ({"nombre": f" {'x' * 255} "}, {"nombre": "x" * 255}),
        ({"id_afiliado": " campan\u0303a "}, {"id_afiliado": "campa\u00f1a"}),
        (dinero(0), {"presupuesto_monto": Decimal(0)}),
        (dinero(0.1), {"presupuesto_monto": Decimal("0.1")}),
        (
            {"fecha_inicio": "2025-01-01T02:00:00+02:00", "fecha_fin": "2025-03-01"},
            {"fecha_fin": datetime(2025, 3, 1, tzinfo=UTC)},
        ),
    ],
)
def test_parte_valida(cambio: dict[str, Any], partes: dict[str, Any]) -> None:
    """Extra fields are ignored, text is NFC without margins, instants are UTC, money is exact."""
    mundo = Mundo()
    assert mundo.saga(CrearCampanaDeSaga(ID, DATOS | cambio)).exito
    assert mundo.historias == {ID: [replace(CREADA, **partes)]}
