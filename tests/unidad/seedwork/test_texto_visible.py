"""Text from outside in one line: no cursor moves, no line is forged, nothing is hidden."""

import json

import pytest

from aeropartners.seedwork.aplicacion.texto_visible import json_visible, visible

MALOS = "".join(
    map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x202E, 0x2028, 0x2066, 0xFEFF, 0xD800, 0xE0041])
)


@pytest.mark.parametrize(
    ("texto", "dicho"),
    [
        ("Campaña Ñandú 日本 😀", "Campaña Ñandú 日本 😀"),
        ("a\x1b[31mrojo\x07", r"a\x1b[31mrojo\x07"),
        ("uno\ndos\r\ttres", r"uno\ndos\r\ttres"),
        ("\u202eoculto\u2028\x9b", r"\u202eoculto\u2028\x9b"),
        ("\x00", r"\x00"),
    ],
)
def test_lo_que_mueve_el_cursor_es_un_escape(texto: str, dicho: str) -> None:
    """And what people write stays as they wrote it."""
    assert visible(texto) == dicho


def test_nada_se_cuela() -> None:
    """Of every such character none is left; a document says the same as before."""
    assert [c for c in visible(MALOS) if c in MALOS] == []
    documento = json_visible(json.dumps({MALOS: [MALOS]}, ensure_ascii=False, indent=1))
    assert [c for c in documento if c in MALOS and c != "\n"] == []
    assert json.loads(documento) == {MALOS: [MALOS]}
