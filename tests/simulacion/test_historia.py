"""Which histories a saga may have: the grammar takes each of its letters, and no other order."""

import pytest

from aeropartners.simulacion.historia import LETRAS, permitida

CLASES = {letra: clase for clase, letra in LETRAS.items()}


def vale(palabra: str, pasos: int = 3) -> bool:
    return permitida([CLASES[letra] for letra in palabra], pasos)


@pytest.mark.parametrize(
    "palabra",
    [
        "IELELELC",
        "ItPrELPPELELC",
        "IPtF(!Dr=)",
        "IELPEF(D!Do=)(=)",
        "ItrELpELELC",
        "IELEF(=)",
        "IELTF(trp=)",
        "IELFo(=)",
        "IEF",
        "IELELEF(=)(=)",
        "IELEF(!",
        "IELEF(!ro=)",
        "IELEF(!xo",
        "IELEF(!xos(=)(!xo",
        "IEFs(=)",
        "IEL",
    ],
)
def test_estas_valen(palabra: str) -> None:
    """Forward, or forward and back, with whatever retries, orders and late news."""
    assert vale(palabra)


@pytest.mark.parametrize(
    "palabra",
    [
        "",
        "ELC",
        "IELELC",
        "IELELELCF",
        "IELELELELC",
        "IELEF(=",
        "IDELELELC",
        "IELEF(P=)",
        "IELEF(=)C",
        "IEF)(",
        "IELEF(!xo(=)",
        "IIEF",
    ],
)
def test_estas_no(palabra: str) -> None:
    """Not without its start, its steps in number, an undo that ends, or anything after the end."""
    assert not vale(palabra)
