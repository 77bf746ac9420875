"""The crash point that a test asks for."""


def punto(texto: str) -> tuple[str, int, str] | None:
    """Read `place.point`, `place.point:time` or `place.point@poison`; empty: none. Raise ValueError.

    Whether a process has such a point is asked when it starts: it follows from its pieces.
    """
    if texto == "":
        return None
    donde, _, veneno = texto.partition("@")
    nombre, _, vez = donde.partition(":")
    if "." not in nombre or (vez and int(vez) < 1):
        raise ValueError(texto)
    return nombre, int(vez or "1"), veneno
