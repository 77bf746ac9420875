"""Forms: what a body, a message or a part of a saga may say, described once and read alike at every door."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

from aeropartners.seedwork.dominio.valores import LARGO, MONTO_MAXIMO, en_centesimas, en_nfc, en_utc

# PostgreSQL stores no U+0000, and no codec writes half a surrogate pair.
_IMPROPIOS = re.compile("[\x00\ud800-\udfff]")
DE_UNO_A = dict.fromkeys(("vacio", "largo"), "Debe tener de 1 a {maximo} caracteres")


def _textos(**textos: str) -> dict[str, Any]:
    """Return what a field says of what is wrong in it."""
    return textos


class Esquema(Schema):
    """A form; unknown fields are ignored."""

    class Meta:
        """Extra fields are allowed everywhere (contracts README)."""

        unknown = EXCLUDE


def leer(esquema: Schema, datos: Mapping[str, Any], rechazo: Callable[[str], Exception]) -> Any:
    """Return what a form that came through a saga or a topic says; raises `rechazo` of all that is wrong."""
    if not esquema._hooks:
        with suppress(ValidationError):
            return _leido(esquema, datos)
    try:
        return esquema.load(datos)
    except ValidationError as error:
        dicho: Any = error.messages
        raise rechazo("; ".join(_faltas(esquema, datos, dicho))) from error


def _leido(esquema: Schema, datos: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `esquema.load` returns of a form without hooks that is right, at half its cost."""
    dicho = {}
    for nombre, campo in esquema.load_fields.items():
        valor = campo.deserialize(datos.get(nombre, missing), nombre, datos)
        if valor is not missing:
            dicho[nombre] = valor
    return dicho


def _faltas(esquema: Schema, datos: Mapping[str, Any], dicho: Mapping[str, Any]) -> Iterator[str]:
    """Word what is wrong: first all that is missing, as one."""
    faltan = [n for n, campo in esquema.fields.items() if campo.required and datos.get(n) is None]
    if faltan:
        yield f"faltan {', '.join(faltan)}"
    for nombre in (n for n in dicho if n not in faltan):
        campo = esquema.fields.get(nombre)
        if isinstance(campo, Parte) and not campo.entera(datos[nombre]):
            yield f"{nombre} {_en_frase(campo.debe)}"
        else:
            yield from _frases(nombre, dicho[nombre])


def _frases(lugar: str, dicho: Any) -> Iterator[str]:
    if isinstance(dicho, dict):
        for nombre, suyo in dicho.items():
            yield from _frases(f"{lugar}.{nombre}", suyo)
    else:
        yield from (f"{lugar} {_en_frase(texto)}" for texto in dicho)


def _en_frase(texto: str) -> str:
    return texto[:1].lower() + texto[1:]


class Texto(fields.Field[str]):
    """Non-blank text, NFC, without characters that a database refuses.

    `palabras` are those that a rule of the domain, which judges it, takes: the OpenAPI names them.
    """

    default_error_messages = _textos(
        null="Debe ser un texto",
        tipo="Debe ser un texto",
        signos="Debe ser un texto sin caracteres que no se pueden guardar",
        vacio="Debe ser un texto no vacío",
        largo="Admite como máximo {maximo} caracteres",
    )

    def __init__(
        self, *, maximo: int = LARGO, vacio: bool = False, palabras: Sequence[str] = (), **kw: Any
    ) -> None:
        cerrado = {"enum": list(palabras)} if palabras else {}
        largo = {"maxLength": maximo, "minLength": int(not vacio)}
        super().__init__(metadata={"type": "string", **largo, **cerrado}, **kw)
        self.maximo = maximo
        self.vacio = vacio

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("tipo")
        texto = en_nfc(value, self.maximo)
        if texto is None:
            raise self.make_error("largo", maximo=self.maximo)
        if _IMPROPIOS.search(value):
            raise self.make_error("signos")
        if not texto and not self.vacio:
            raise self.make_error("vacio", maximo=self.maximo)
        return texto


class MontoJson(fields.Field[Decimal]):
    """Exact money from a JSON number; strings and booleans are refused.

    `centesimas`: more than two decimals are refused here, where no rule of the domain does it.
    """

    default_error_messages = _textos(
        null="Debe ser un número",
        tipo="Debe ser un número",
        rango="Debe ser finito y menor que 10^12",
        decimales="Admite como máximo dos decimales",
    )

    def __init__(self, *, centesimas: bool = False, **kw: Any) -> None:
        super().__init__(metadata={"type": "number"}, **kw)
        self.centesimas = centesimas

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise self.make_error("tipo")
        monto = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if not monto.is_finite() or abs(monto) >= MONTO_MAXIMO:
            raise self.make_error("rango")
        if self.centesimas and not en_centesimas(monto):
            raise self.make_error("decimales")
        return monto


class MomentoUtc(fields.Field[datetime]):
    """An ISO-8601 instant; one without a zone is UTC."""

    default_error_messages = _textos(tipo="Debe ser una fecha ISO-8601")

    def __init__(self, **kw: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date-time"}, **kw)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        try:
            return en_utc(datetime.fromisoformat(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise self.make_error("tipo") from error


class Dia(fields.Field[date]):
    """A date without a time."""

    default_error_messages = _textos(tipo="Debe ser una fecha ISO-8601 (AAAA-MM-DD)")

    def __init__(self, **kw: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date"}, **kw)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self.make_error("tipo") from error


class Objeto(fields.Dict):
    """A free-form object."""

    default_error_messages = _textos(invalid="Debe ser un objeto")


class Parte(fields.Nested):
    """A form in a form."""

    @property
    def debe(self) -> str:
        """What it must be."""
        partes = ", ".join(self._obligatorias())
        return f"Debe ser {{{partes}}}" if partes else "Debe ser un objeto"

    def entera(self, valor: object) -> bool:
        """Whether it is an object that has all that it needs, right or wrong."""
        return isinstance(valor, Mapping) and valor.keys() >= set(self._obligatorias())

    def _obligatorias(self) -> list[str]:
        return [nombre for nombre, campo in self.schema.fields.items() if campo.required]

    def _test_collection(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise ValidationError(self.debe)
