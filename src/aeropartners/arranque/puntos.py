"""The crash points of this system, and which one a test asks for."""

from collections.abc import Sequence

from aeropartners.seedwork.aplicacion.puntos import (
    DE_ENVIO,
    DE_LLAMADOR,
    DE_MARCA,
    DE_MODULO,
    DE_PLAZOS,
    DE_REINTENTO,
)


def _nombrados(*lugares: tuple[Sequence[str], Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"{lugar}.{punto}" for suyos, puntos in lugares for lugar in suyos for punto in puntos)


ORQUESTADOR = "saga-orchestrator"
MODULOS = (ORQUESTADOR, "campanas", "pagos", "reporting")
# Of the modules the last one's consumer only hands messages on: none of its own ever waits for a retry.
CAMPANAS = _nombrados(
    (MODULOS, DE_MODULO),
    (("pagos.llamador",), DE_MARCA),
    (("pagos.llamador", "reporting.llamador"), DE_LLAMADOR),
    ((f"{ORQUESTADOR}.vigilante",), DE_PLAZOS),
    ([f"{modulo}.vigilante" for modulo in MODULOS[:3]], DE_REINTENTO),
    (("publicador", "relevo"), DE_ENVIO),
)
# Partners are asked over HTTP only: they have no consumer that confirms.
PARTNERS = _nombrados(
    ((ORQUESTADOR, "alianzas"), DE_MODULO),
    (("partners",), [punto for punto in DE_MODULO if punto != "confirmar"]),
    ((f"{ORQUESTADOR}.llamador",), DE_LLAMADOR),
    ((f"{ORQUESTADOR}.vigilante",), DE_PLAZOS),
    ((f"{ORQUESTADOR}.vigilante", "alianzas.vigilante"), DE_REINTENTO),
    (("publicador", "relevo"), DE_ENVIO),
)
PUNTOS = frozenset((*CAMPANAS, *PARTNERS))


def punto(texto: str) -> tuple[str, int, str] | None:
    """Read `place.point`, `place.point:time` or `place.point@poison`; empty: none. Raise ValueError."""
    if texto == "":
        return None
    donde, _, veneno = texto.partition("@")
    nombre, _, vez = donde.partition(":")
    if nombre not in PUNTOS or (vez and int(vez) < 1):
        raise ValueError(texto)
    return nombre, int(vez or "1"), veneno
