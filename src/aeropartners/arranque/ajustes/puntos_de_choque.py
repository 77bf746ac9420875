"""The crash point that a test asks for in PUNTO_DE_CHOQUE."""


def punto(texto: str) -> tuple[str, int, str] | None:
    """Read `place.point`, `place.point:time` or `place.point@poison`; None for "". Raises ValueError.

    Whether the process has this point is checked at its start: the points follow from its pieces.
    """
    if texto == "":
        return None
    donde, _, veneno = texto.partition("@")
    nombre, _, vez = donde.partition(":")
    if "." not in nombre or (vez and int(vez) < 1):
        raise ValueError(texto)
    return nombre, int(vez or "1"), veneno
