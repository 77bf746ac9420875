"""The crash points of this system, and which one a test asks for."""

from aeropartners.seedwork.aplicacion.puntos import (
    DE_ENVIO,
    DE_LLAMADOR,
    DE_MARCA,
    DE_MODULO,
    DE_PLAZOS,
    DE_REINTENTO,
)

# The last one's consumer only hands messages on: none of its own ever waits for a retry.
MODULOS = ("saga-orchestrator", "campanas", "pagos", "reporting")
PUNTOS = tuple(
    f"{lugar}.{punto}"
    for lugares, puntos in (
        (MODULOS, DE_MODULO),
        (("pagos.llamador",), DE_MARCA),
        (("pagos.llamador", "reporting.llamador"), DE_LLAMADOR),
        (("saga-orchestrator.vigilante",), DE_PLAZOS),
        ([f"{modulo}.vigilante" for modulo in MODULOS[:3]], DE_REINTENTO),
        (("publicador", "relevo"), DE_ENVIO),
    )
    for lugar in lugares
    for punto in puntos
)


def punto(texto: str) -> tuple[str, int, str] | None:
    """Read `place.point`, `place.point:time` or `place.point@poison`; empty: none. Raise ValueError."""
    if texto == "":
        return None
    donde, _, veneno = texto.partition("@")
    nombre, _, vez = donde.partition(":")
    if nombre not in PUNTOS or (vez and int(vez) < 1):
        raise ValueError(texto)
    return nombre, int(vez or "1"), veneno
