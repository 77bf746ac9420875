"""Bar charts in SVG, made from numbers alone."""

from collections.abc import Mapping

ANCHO, ALTO, ALTO_BARRA, NOMBRES, CIFRAS = 760, 40, 26, 260, 110
NUESTRO, AJENO = "#2a6f97", "#a9a9a9"


def barras(titulo: str, valores: Mapping[str, float], nuestros: frozenset[str]) -> str:
    """Return a chart with the longest bar on top; ours have a colour of their own."""
    mayor = max(valores.values(), default=1) or 1
    partes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ANCHO} {ALTO + ALTO_BARRA * len(valores)}"'
        ' font-family="sans-serif" font-size="13">',
        f'<text x="8" y="20" font-weight="bold">{_escapado(titulo)}</text>',
    ]
    for i, (nombre, valor) in enumerate(sorted(valores.items(), key=lambda par: -par[1])):
        y = ALTO + i * ALTO_BARRA
        largo = max(round((ANCHO - NOMBRES - CIFRAS) * valor / mayor), 1)
        color = NUESTRO if nombre in nuestros else AJENO
        partes.append(f'<text x="8" y="{y + 14}">{_escapado(nombre)}</text>')
        partes.append(f'<rect x="{NOMBRES}" y="{y}" width="{largo}" height="18" fill="{color}"/>')
        partes.append(f'<text x="{NOMBRES + 6 + largo}" y="{y + 14}">{valor:,.0f}</text>')
    return "\n".join([*partes, "</svg>", ""])


def _escapado(texto: str) -> str:
    return texto.replace("&", "&amp;").replace("<", "&lt;")
