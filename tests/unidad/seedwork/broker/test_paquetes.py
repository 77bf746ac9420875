"""What a subscription may hold in memory beforehand is bounded by bytes, whatever is sent."""

from aeropartners.seedwork.aplicacion.serializacion import MENSAJE_MAXIMO
from aeropartners.seedwork.infraestructura.broker.paquetes import EN_MEMORIA, PAQUETE_MAXIMO, en_cola


def test_lo_que_cabe_en_memoria() -> None:
    """Packets of our own are small, what strangers write may be as large as the broker takes."""
    internos, publicos = ["comandos", "respuestas"], ["iniciar"]
    assert en_cola(internos, publicos, 4) * 4 * 2 * PAQUETE_MAXIMO <= EN_MEMORIA
    mayores = 2 * PAQUETE_MAXIMO + MENSAJE_MAXIMO
    assert en_cola([*internos, *publicos], publicos, 4) * 4 * mayores <= EN_MEMORIA
    assert en_cola(internos, publicos, 4) > en_cola([*internos, *publicos], publicos, 4) > 1


def test_uno_al_menos() -> None:
    """A subscription to very many partitions is served all the same."""
    assert en_cola(["a"] * 10, ["a"], 64) == 1
