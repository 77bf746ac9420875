"""Forms are read alike, and at the same limits, whether in haste or by marshmallow's own way."""

from decimal import Decimal
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, post_load

from aeropartners.seedwork.aplicacion.formularios import Esquema, MontoJson, Objeto, Parte, Texto, leer


class Dinero(Esquema):
    """A form in a form."""

    monto = MontoJson(required=True)
    moneda = Texto(load_default="USD")


class Compra(Esquema):
    """Required and optional fields, a default, a part, a free-form object, one that may be null."""

    nombre = Texto(required=True, maximo=5)
    nota = Texto(load_default=None, allow_none=True)
    apodo = Texto()
    dinero = Parte(Dinero, required=True)
    mas = Objeto(load_default=dict)


class ConGancho(Dinero):
    """A form with a hook."""

    @post_load
    def sumar(self, datos: dict[str, Any], **_mas: Any) -> dict[str, Any]:
        """Say that it ran."""
        return {**datos, "gancho": True}


BUENA = {"nombre": "café", "dinero": {"monto": 2.5}, "sobra": 1}


@pytest.mark.parametrize("esquema", [Compra(), ConGancho()])
@pytest.mark.parametrize("cambio", [{}, {"nota": None, "apodo": "x", "mas": {"a": 1}}, {"monto": 7}])
def test_se_lee_lo_mismo(esquema: Schema, cambio: dict[str, Any]) -> None:
    """Defaults, missing and unknown fields, parts and hooks."""
    datos = {"monto": 1, **BUENA, **cambio}
    assert leer(esquema, datos, ValueError) == esquema.load(datos)


@pytest.mark.parametrize(
    "mala",
    [
        {},
        {**BUENA, "nombre": "demasiado"},
        {**BUENA, "apodo": None},
        {**BUENA, "dinero": None},
        {**BUENA, "dinero": {"monto": "2"}},
        {**BUENA, "mas": []},
        {**BUENA, "nota": "\x00"},
    ],
)
def test_se_rechaza_lo_mismo(mala: dict[str, Any]) -> None:
    """What marshmallow refuses is refused in one sentence that says each place."""
    with pytest.raises(ValidationError) as dicho:
        Compra().load(mala)
    with pytest.raises(ValueError, match=r"^\S") as frase:
        leer(Compra(), mala, ValueError)
    assert all(lugar in str(frase.value) for lugar in dicho.value.normalized_messages())


def test_lo_leido_es_de_quien_lo_lee() -> None:
    """Reading changes nothing of what came, and a default is a new one each time."""
    datos = {"nombre": "a", "dinero": {"monto": 1}}
    una, otra = leer(Compra(), datos, ValueError), leer(Compra(), datos, ValueError)
    una["mas"]["x"] = 1
    assert (otra["mas"], datos) == ({}, {"nombre": "a", "dinero": {"monto": 1}})
    assert una["dinero"] == {"monto": Decimal(1), "moneda": "USD"}
