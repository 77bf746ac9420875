"""Error texts are such as any row, message and log line takes, whatever an exception says."""

from uuid import uuid4

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import CODIGO_MAXIMO, Respuesta
from aeropartners.seedwork.aplicacion.puertos import Apartado
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, codificar, exigir_sin_nulos
from aeropartners.seedwork.aplicacion.textos_de_error import TEXTO_MAXIMO, texto_apto, texto_de


class Muda(Exception):
    """It cannot say what it is about."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def test_lo_que_algo_no_toma_se_sustituye() -> None:
    """NUL, escapes, half a surrogate pair: each is one replacement character; lines and tabs stay."""
    assert texto_apto("a\x00b\x1b[2J\r\n\tñ\x7f\ud800🚀") == "a\ufffdb\ufffd[2J\ufffd\n\tñ\ufffd\ufffd🚀"


def test_lo_largo_se_corta() -> None:
    """Megabytes become the beginning of them, and say so; what fits is as it was."""
    assert texto_apto("x" * TEXTO_MAXIMO) == "x" * TEXTO_MAXIMO
    cortado = texto_apto("x" * 5_000_000)
    assert (len(cortado), cortado[-1]) == (TEXTO_MAXIMO, "…")


@pytest.mark.parametrize(
    ("error", "dicho"),
    [
        (RuntimeError("un\x00defecto"), "RuntimeError: un\ufffddefecto"),
        (ValueError("\udfff"), "ValueError: \ufffd"),
        (Muda(), "Muda: su texto no se puede leer (ZeroDivisionError)"),
    ],
)
def test_toda_excepcion_se_dice(error: Exception, dicho: str) -> None:
    """Its class and its text, also when it has none."""
    assert texto_de(error) == dicho


def test_un_apartado_siempre_se_puede_guardar() -> None:
    """However it is made: topic and error are clean and bounded, and any codec writes them."""
    apartado = Apartado("c", uuid4(), "t\x00" * 200, b"", 1, "\ud800" * 9_999, None)
    assert (len(apartado.tema), len(apartado.error)) == (200, TEXTO_MAXIMO)
    codificar([apartado.tema, apartado.error])


def test_la_respuesta_de_cualquiera_se_puede_citar() -> None:
    """Made here or read from a message: its error fits every row and the undo that quotes it."""
    largo = "x\x1b" * 3_000_000
    hecha = Respuesta(exito=False, codigo="c" * 500, error=largo)
    leida = msgspec.json.decode(
        msgspec.json.encode({"exito": False, "codigo": "c" * 500, "error": largo}), type=Respuesta
    )
    assert hecha == leida
    assert (len(leida.codigo), len(leida.error)) == (CODIGO_MAXIMO, TEXTO_MAXIMO)
    assert "\x1b" not in leida.error


@pytest.mark.parametrize(
    "cuerpo", [rb'{"a":"\u0000"}', rb'{"a\u0000":1}', rb'["\\\u0000"]', rb'[[["x\u0000y"]]]']
)
def test_un_nulo_se_halla_donde_este(cuerpo: bytes) -> None:
    """In a value or a key, at any depth, after an escaped backslash."""
    assert "\\x00" in repr(msgspec.json.decode(cuerpo))
    with pytest.raises(NoDescifrable, match="U\\+0000"):
        exigir_sin_nulos(cuerpo)


@pytest.mark.parametrize("cuerpo", [b"{}", rb'["\\u0000"]', rb'["\\\\u0000"]', b'["u0000"]'])
def test_un_texto_sobre_el_nulo_no_es_uno(cuerpo: bytes) -> None:
    """A backslash that is escaped, and `u0000` after it, is six characters."""
    assert "\x00" not in "".join(msgspec.json.decode(cuerpo))
    exigir_sin_nulos(cuerpo)
