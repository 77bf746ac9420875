"""The pages of the documentation as tests read them: their blocks, commands, names and links."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[2]
NOMBRES = ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in sorted((RAIZ / "docs").glob("*.md")))]
PAGINAS = {nombre: (RAIZ / nombre).read_text() for nombre in NOMBRES}
# Its blocks show what a terminal shows: only what follows a prompt is a command.
CON_SALIDAS = "docs/operacion.md"
_BLOQUE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def bloques(texto: str, lenguaje: str = "") -> list[str]:
    """Return the fenced blocks of a language; without one they are commands."""
    return [cuerpo for dicho, cuerpo in _BLOQUE.findall(texto) if dicho == lenguaje]


def en_linea(texto: str) -> list[str]:
    """Return what stands between backticks in the prose and in the tables."""
    return re.findall(r"`([^`\n]+)`", _BLOQUE.sub("", texto))


def codigo(texto: str) -> str:
    """Return all that is set as code, but for Python, which is run."""
    return "\n".join([*bloques(texto), *en_linea(texto)])


def ordenes(nombre: str, texto: str) -> Iterator[list[str]]:
    """Return the commands of a page's blocks, as words; a quoted text may go over several lines."""
    for bloque in bloques(texto):
        lineas = bloque.splitlines()
        if nombre == CON_SALIDAS:
            lineas = [li.removeprefix("$ ") for li in lineas if li.startswith("$ ")]
        junto = ""
        for linea in lineas:
            junto += linea + "\n"
            try:
                palabras = shlex.split(junto, comments=True)
            except ValueError:  # the quoted text goes on
                continue
            junto = ""
            yield from _partidas(palabras)
        assert not junto.strip(), f"{nombre}: {junto}"


def _partidas(palabras: list[str]) -> Iterator[list[str]]:
    """Return each command of a line, without what it sets before it and without the shell's signs."""
    orden: list[str] = []
    for palabra in [*palabras, "&&"]:
        if palabra in ("&", "&&", "|", ";"):
            if orden:
                yield orden
            orden = []
        elif orden or not re.match(r"[A-Z_]+=", palabra):
            orden.append(palabra)


def filas(texto: str, titulo: str) -> list[list[str]]:
    """Return the rows of the table whose first column has this title."""
    _, _, resto = texto.partition(f"| {titulo} |")
    assert resto, f"no hay tabla con {titulo!r}"
    cuerpo = resto.split("\n\n")[0].splitlines()[2:]
    return [[celda.strip() for celda in fila.strip("|").split("|")] for fila in cuerpo]


def secciones(texto: str) -> set[str]:
    """Return the anchors of a page, as GitHub makes them of its headings."""
    titulos = re.findall(r"^#+ (.*)$", _BLOQUE.sub("", texto), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", titulo).lower().replace(" ", "-") for titulo in titulos}
