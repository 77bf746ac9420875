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


def punto(texto: str) -> tuple[str, int] | None:
    """Read `place.point` or `place.point:time`; empty: none. Raise ValueError for another one."""
    if texto == "":
        return None
    nombre, _, vez = texto.partition(":")
    if nombre not in PUNTOS or (vez and int(vez) < 1):
        raise ValueError(texto)
    return nombre, int(vez or "1")
