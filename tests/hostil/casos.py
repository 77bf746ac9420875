"""Values of one field of a form, right and wrong: a text at its limit and past it, a date that is none."""

from collections.abc import Iterator
from typing import Any, NamedTuple

NULO, MEDIA_PAREJA = "a\x00b", "a\ud800b"


class Caso(NamedTuple):
    """One value of one field, and whether the form with it is taken."""

    formulario: str
    campo: str
    valor: object
    vale: bool


def textos(formulario: str, campo: str, maximo: int, *, vacio: bool = False) -> Iterator[Caso]:
    """At the limit, one past it, of a wrong type, empty, with U+0000, with half of a pair."""
    yield Caso(formulario, campo, "x" * maximo, True)
    yield Caso(formulario, campo, f" {'y' * maximo} ", True)
    yield Caso(formulario, campo, "x" * (maximo + 1), False)
    for vacia in ("", "  "):
        yield Caso(formulario, campo, vacia, vacio)
    yield from malos(formulario, campo)


def malos(formulario: str, campo: str) -> Iterator[Caso]:
    """What no text may be."""
    for valor in (7, True, [], {}, NULO, MEDIA_PAREJA):
        yield Caso(formulario, campo, valor, False)


def palabras(formulario: str, campo: str, *buenas: str) -> Iterator[Caso]:
    """One of a list, whatever the length of what is none."""
    for palabra in buenas:
        yield Caso(formulario, campo, palabra, True)
    for palabra in ("", "GBP", "GBPX", "x" * 21, "x" * 256):
        yield Caso(formulario, campo, palabra, False)
    yield from malos(formulario, campo)


def montos(formulario: str, *, buenos: tuple[float, ...], fuera: tuple[float, ...]) -> Iterator[Caso]:
    """At its bounds, past them, with a third decimal, and what is no number."""
    for monto in buenos:
        yield Caso(formulario, "monto", monto, True)
    for monto in (*fuera, 1.001, 10**12, 1e30, "1000", True, [], NULO):
        yield Caso(formulario, "monto", monto, False)


def momentos(formulario: str, campo: str, *buenos: str) -> Iterator[Caso]:
    """A date in its ways, and what is none; a number that reads as one is none."""
    for bueno in buenos:
        yield Caso(formulario, campo, bueno, True)
    for malo in ("ayer", "2026-02-30", "", 20260101, True, [], NULO, MEDIA_PAREJA):
        yield Caso(formulario, campo, malo, False)


def valores(
    formulario: str, campo: str, *, buenos: tuple[object, ...] = (), malos: tuple[object, ...] = ()
) -> Iterator[Caso]:
    """These are taken, those are not."""
    yield from (Caso(formulario, campo, valor, True) for valor in buenos)
    yield from (Caso(formulario, campo, valor, False) for valor in malos)


def enteros(formulario: str, campo: str, maximo: int) -> Iterator[Caso]:
    """From 1 to its limit, and no number that only looks like one."""
    fuera = (0, -1, maximo + 1, 10**30, 1.0, 1.5, "1", True, None, [], {}, NULO)
    return valores(formulario, campo, buenos=(1, maximo), malos=fuera)


def objetos(formulario: str, campo: str) -> Iterator[Caso]:
    """Any object that can be stored, and nothing else."""
    return valores(formulario, campo, buenos=({},), malos=([], "x", 7, None, {"a": NULO}, _hondo(70)))


def correo(persona: int, largo: int) -> str:
    """An address of so many characters, so many of them before the @."""
    return f"{'x' * persona}@{'y' * (largo - persona - 5)}.com"


def _hondo(niveles: int) -> dict[str, Any]:
    objeto: dict[str, Any] = {}
    for _ in range(niveles):
        objeto = {"a": objeto}
    return objeto
