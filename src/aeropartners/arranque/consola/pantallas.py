"""The screens of the operator's commands: a saga, tables of sagas and dead letters, results of orders."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from rich import markup
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aeropartners.seedwork.aplicacion.texto_visible import json_visible, visible

Objeto = dict[str, Any]
NADA: Mapping[str, str] = MappingProxyType({})
MARCAS = {True: "[green]hecho[/]", False: "[red]falló[/]", None: "[dim]pendiente[/]"}
LUGARES = {
    "salida": "[yellow]en la salida[/]",
    "publicado": "publicado",
    "reintentos": "[yellow]en reintentos[/]",
    "muertos": "[red]muerto[/]",
    "descartado": "[red]descartado[/]",
}
RESULTADOS = {
    "HECHA": "[green]hecha[/]",
    "RECHAZADA": "[red]rechazada[/]",
    "SIN_RESPUESTA": "[red]sin respuesta[/]",
    "NO_INTENTADA": "[yellow]no intentada[/]",
}
# Fields of a query that limit the answer and filter nothing; and options not named as their fields.
COTAS = {"limite": None, "pagina": "1"}
OPCIONES = {"saga_id": "saga"}
# An id of a saga, message or process, or the prefix of an API key.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bap_[0-9a-f]{8}\b")
# The smallest width of a column without ids, and the space between two columns.
ANCHO_MINIMO, ENTRE_COLUMNAS = 8, 2


def texto(valor: object) -> str:
    """Return a value from outside, safe to print with rich: without markup and escapes, on one line."""
    return markup.escape(visible(str(valor)))


def consola() -> Console:
    """Return a console; in a pipe it has a fixed width, so that lines are not folded to a terminal's."""
    return Console(width=None if sys.stdout.isatty() else 220)


def ninguna(que: str, consulta: Mapping[str, str]) -> str:
    """Return the sentence for an answer without rows; it names the filters that were given."""
    filtros = {c: v for c, v in consulta.items() if c not in COTAS or COTAS[c] not in (None, v)}
    dichas = [f"--{OPCIONES.get(c, c)}" + ("" if v == "True" else f" {v}") for c, v in filtros.items()]
    return " ".join([que, *(["con"] if dichas else []), *dichas])


def saga(consola: Console, relato: Objeto) -> None:
    """Print the explanation of a saga."""
    linea(
        consola,
        f"[bold]SAGA {texto(relato['saga_id'])}[/] · {texto(relato['tipo'])} v{relato['definicion']} ·"
        f" [bold]{texto(relato['estado'])}[/] · inicio {_hora(relato['fecha_inicio'])} · horas en UTC",
    )
    if relato["error_message"]:
        linea(consola, f"[red]{texto(relato['error_message'])}[/]")
    linea(consola, f"[bold]{_mayuscula(texto(relato['espera']['texto']))}[/]")
    if despertar := relato["despertar"]:
        consola.print(f"Próximo despertar: {_hora(despertar['momento'])} ({despertar['motivo']})")
    if ordenes := relato["espera"]["ordenes"]:
        consola.print(f"Órdenes que valen ahora: {', '.join(ordenes)}")
    _avances(consola, "Pasos", relato["pasos"])
    _avances(consola, "Compensaciones", relato["compensaciones"])
    _mensajes(consola, relato["mensajes"])
    _ordenes(consola, relato["ordenes"])
    historia = [(_hora(s["fecha"]), s["evento"], s["estado"], s["detalle"]) for s in relato["historia"]]
    tabla(consola, "Historia", ("cuándo", "evento", "estado", "detalle"), historia)


def sagas(consola: Console, pagina: Objeto, consulta: Mapping[str, str] = NADA) -> None:
    """Print a page of sagas; without rows, the filters that found none."""
    filas = [
        (s["saga_id"], s["tipo"], s["estado"], _dia(s["fecha_inicio"]), s["error_message"])
        for s in pagina["sagas"]
    ]
    if not filas:
        consola.print(texto(ninguna("Ninguna SAGA", consulta)))
    columnas = ("id", "tipo", "estado", "inicio", "error")
    tabla(consola, f"SAGAs: {len(filas)} de {pagina['total']}", columnas, filas)


def atascadas(consola: Console, lista: Objeto) -> None:
    """Print the stuck sagas, each with why it waits."""
    filas = [
        (s["saga_id"], s["estado"], _dia(s["fecha_inicio"]), s["espera"]["texto"]) for s in lista["sagas"]
    ]
    if not filas:
        consola.print("No hay SAGAs atascadas")
    tabla(consola, f"SAGAs atascadas: {lista['total']}", ("id", "estado", "inicio", "por qué"), filas)


def muertos(consola: Console, pagina: Objeto, consulta: Mapping[str, str] = NADA) -> None:
    """Print a page of dead letters; without rows, the filters that found none."""
    filas = [
        (
            m["id"],
            m["consumidor"],
            m["tipo"] or m["tema"],
            m["saga_id"],
            _dia(m["fecha"]),
            _en_breve(m["error"]),
        )
        for m in pagina["muertos"]
    ]
    if not filas:
        consola.print(texto(ninguna("No hay mensajes muertos", consulta)))
    columnas = ("id", "consumidor", "tipo", "saga", "murió", "error")
    tabla(consola, f"Mensajes muertos: {len(filas)} de {pagina['total']}", columnas, filas)


def muerto(consola: Console, objeto: Objeto) -> None:
    """Print one dead letter."""
    situacion = "muerto" if objeto["situacion"] == "MUERTO" else "descartado; murió"
    linea(consola, f"[bold]Mensaje {texto(objeto['id'])}[/] · {situacion} en {texto(objeto['consumidor'])}")
    for campo in ("tema", "tipo", "saga_id", "paso", "intentos", "fecha", "error"):
        if objeto[campo] is not None:
            lineas = str(objeto[campo]).split("\n")  # the text of an error may have several lines
            linea(consola, f"{campo}: " + "\n".join(texto(suya) for suya in lineas))
    _ordenes(consola, objeto["ordenes"])
    if isinstance(objeto["cuerpo"], str):
        consola.print(texto(objeto["cuerpo"]))
    else:
        cuerpo = json_visible(json.dumps(objeto["cuerpo"], ensure_ascii=False, indent=2))
        consola.print(cuerpo, markup=False, soft_wrap=True)


def simulacion(consola: Console, previa: Objeto) -> None:
    """Print what an order would do to each saga or message, and what would be refused."""
    filas = []
    for e in previa["elegidos"]:
        marca = "[green]se haría[/]" if e["se_hara"] else "[red]se rechazaría[/]"
        que = e.get("tipo") if "consumidor" in e else e["paso"]
        filas.append((e["id"], que, e.get("consumidor"), marca, e["detalle"]))
    tabla(
        consola,
        f"Simulación de {previa['orden']}: nada cambió",
        ("id", "qué", "consumidor", "", "detalle"),
        filas,
        marcadas=(3,),
    )
    se_harian = sum(e["se_hara"] for e in previa["elegidos"])
    consola.print(f"Se harían: {se_harian}; se rechazarían: {len(filas) - se_harian}{_mas(previa)}")


def cumplida(consola: Console, informe: Objeto) -> None:
    """Print the result of an order for each saga or message."""
    filas = [
        (r["id"], r["consumidor"], RESULTADOS[r["resultado"]], r["detalle"]) for r in informe["resultados"]
    ]
    tabla(consola, informe["orden"], ("id", "consumidor", "", "detalle"), filas, marcadas=(2,))
    cuentas = ("hechas", "rechazadas", "sin_respuesta", "no_intentadas")
    dichas = ", ".join(f"{c.replace('_', ' ')}: {informe[c]}" for c in cuentas if informe[c] or c == "hechas")
    consola.print(f"{_mayuscula(dichas)}{_mas(informe)}")


def _mas(objeto: Objeto) -> str:
    return "; hay más que cumplen el filtro: suba --limite o repita la orden" if objeto["hay_mas"] else ""


def _avances(consola: Console, titulo: str, avances: Sequence[Objeto]) -> None:
    filas = []
    for a in avances:
        marca = MARCAS[a["exitoso"]] if not a["incierto"] else "[yellow]incierto[/]"
        intentos = f"{a['intentos']} de {a['intentos_maximos'] or '?'}"
        resultado = a["error"] or (a["resultado"] or {}).get("estado")
        momentos = (_hora(a[c]) for c in ("solicitado_en", "fecha_fin", "plazo", "reintentar_en"))
        filas.append((a["tipo"], marca, intentos, *momentos, resultado))
    columnas = ("qué", "", "intentos", "pedido", "fin", "plazo", "reintento", "resultado o error")
    tabla(consola, titulo, columnas, filas, marcadas=(1,))


def _mensajes(consola: Console, mensajes: Sequence[Objeto]) -> None:
    filas = []
    for m in mensajes:
        nombre = f"{m['paso']} ({m['intento']})" if m.get("enviado") else f"{m['tipo']} {m['paso'] or ''}"
        error = f"{m['consumidor']}: {_en_breve(m['error'])}" if m.get("error") else ""
        momento = _hora(m.get("enviado") or m.get("momento"))
        filas.append(
            (nombre, m["tema"], momento, LUGARES.get(m["lugar"], texto(m["lugar"])), m.get("id"), error)
        )
    columnas = ("mensaje", "tema", "cuándo", "dónde está", "id", "error")
    tabla(consola, "Mensajes", columnas, filas, marcadas=(3,))


def _ordenes(consola: Console, ordenes: Sequence[Objeto]) -> None:
    filas = [(_dia(o["fecha"]), o["orden"], o["quien"], o["motivo"]) for o in ordenes]
    tabla(consola, "Órdenes de operador", ("cuándo", "orden", "quién", "por qué"), filas)


def linea(consola: Console, marcado: str) -> None:
    """Print a line of markup; with an id in it, rich must not fold it, or a copied id would be broken."""
    consola.print(marcado, soft_wrap=bool(_ID.search(marcado)))


def tabla(
    consola: Console,
    titulo: str,
    columnas: Sequence[str],
    filas: Iterable[Sequence[Any]],
    marcadas: Sequence[int] = (),
) -> None:
    """Print a table, or nothing when it has no rows; only the columns `marcadas` carry markup.

    Ids are never broken, so that they can be copied: in a console too narrow for the table the terminal folds
    whole lines.
    """
    crudas = [["" if v is None else str(v) for v in fila] for fila in filas]
    if not crudas:
        return
    celdas = [[c if i in marcadas else texto(c) for i, c in enumerate(fila)] for fila in crudas]
    dichas = [[markup.render(c) for c in fila] for fila in [[texto(c) for c in columnas], *celdas]]
    anchos = _anchos([list(columna) for columna in zip(*dichas, strict=True)], consola.width)
    cuadro = Table(title=texto(titulo), title_justify="left", box=None, pad_edge=False)
    for columna, ancho in zip(columnas, anchos, strict=True):
        cuadro.add_column(columna, overflow="fold", width=ancho)
    for fila in celdas:
        cuadro.add_row(*fila)
    with _al_menos(consola, sum(anchos) + ENTRE_COLUMNAS * len(anchos)):
        consola.print(cuadro)


def _anchos(columnas: Sequence[Sequence[Text]], total: int) -> list[int]:
    """Return the width of each column: that of its widest cell, less where the sum exceeds `total`.

    The widest columns shrink first, down to ANCHO_MINIMO or to the longest word with an id.
    """
    anchos = [max(celda.cell_len for celda in columna) for columna in columnas]
    con_id = [[p for celda in columna for p in celda.plain.split() if _ID.search(p)] for columna in columnas]
    minimos = [
        max([min(ancho, ANCHO_MINIMO), *map(cell_len, palabras)])
        for ancho, palabras in zip(anchos, con_id, strict=True)
    ]
    sobra = sum(anchos) + ENTRE_COLUMNAS * len(anchos) - total
    while sobra > 0 and anchos != minimos:
        ancha = max((ancho, i) for i, ancho in enumerate(anchos) if ancho > minimos[i])[1]
        anchos[ancha] -= 1
        sobra -= 1
    return anchos


@contextmanager
def _al_menos(consola: Console, ancho: int) -> Iterator[None]:
    """Widen the console to at least `ancho` inside the block."""
    suyo = consola.width
    consola.width = max(suyo, ancho)
    yield
    consola.width = suyo


def _en_breve(error: str) -> str:
    return error.partition("\n")[0]


def _hora(momento: str | None) -> str:
    return momento[11:19] if momento else ""


def _dia(momento: str | None) -> str:
    return momento[:19].replace("T", " ") if momento else ""


def _mayuscula(texto: str) -> str:
    return texto[:1].upper() + texto[1:]
