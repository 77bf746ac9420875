"""The saga that DTM is told and the service that it calls, played as DTM plays them, without its server."""

import asyncio
from urllib.parse import urlsplit

import pytest
from bench.pares import filas
from bench.pares.dtm_mensajes import saga
from bench.pares.dtm_participante import Participante

from tests.unidad.bench.pares.base import Base


async def jugar(base: Base, gid: str, rechazadas: bool, veces: int = 1) -> list[str]:
    """Call the actions in order, each `veces` times; after a refusal, the compensations, last first."""

    async def escribir(orden: filas.Orden) -> None:
        base.escribir(orden)

    participante, llamadas = Participante(escribir, rechazadas), []
    pedido = saga(gid, "http://p")

    async def llamar(url: str, carga: str) -> int:
        llamadas.append(urlsplit(url).path)
        return [await participante.atender(llamadas[-1], carga.encode()) for _ in range(veces)][-1]

    pasos = list(zip(pedido["steps"], pedido["payloads"], strict=True))
    for i, (paso, carga) in enumerate(pasos):
        if await llamar(paso["action"], carga) == 409:
            for hecho, suya in reversed(pasos[: i + 1]):
                if hecho["compensate"]:
                    assert await llamar(hecho["compensate"], suya) == 200
            break
    return llamadas


@pytest.mark.parametrize("veces", [1, 2])
@pytest.mark.parametrize(
    ("rechazadas", "llamadas"),
    [(False, ["/campana", "/pago", "/reporte"]), (True, ["/campana", "/pago", "/cancelar"])],
)
def test_una_saga_deja_sus_filas(base: Base, rechazadas: bool, llamadas: list[str], veces: int) -> None:
    """The steps leave the rows that a run must show, whole or refused, and so they do when called again."""
    (gid,) = filas.identidades(1)
    assert asyncio.run(jugar(base, gid, rechazadas, veces)) == llamadas
    filas.comprobar(base.conexion.cursor(), 1, rechazadas)


def test_un_paso_que_no_hay(base: Base) -> None:
    """A path that is no step is a defect, not a refusal."""

    async def escribir(orden: filas.Orden) -> None:
        base.escribir(orden)

    with pytest.raises(ValueError, match="/otro"):
        asyncio.run(Participante(escribir, False).atender("/otro", b'{"saga": "una"}'))
