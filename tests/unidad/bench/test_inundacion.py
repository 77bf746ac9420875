"""The flood's driver: it leaves on time however slow the answers are, and no figure hides a refusal."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from bench.cliente_http import Cliente, Inicio
from bench.inundacion import _exigir_contestados, _recuperada, a_ritmo
from bench.pares.filas import SinCifra

CUANTOS = 40


async def _servir(estados: Sequence[int]) -> tuple[list[Inicio], int]:
    """Start `CUANTOS` against a server that answers nobody before all have come, and then one more.

    Return the starts, and over how many connections they came.
    """
    llegados, todos = 0, asyncio.Event()
    conexiones: list[asyncio.Task[None] | None] = []

    async def contestar(lector: asyncio.StreamReader, escritor: asyncio.StreamWriter) -> None:
        nonlocal llegados
        conexiones.append(asyncio.current_task())
        while cabeza := await _cabeza(lector):
            await lector.readexactly(int(cabeza.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
            estado = estados[llegados % len(estados)]
            llegados += 1
            if llegados == CUANTOS:
                todos.set()
            await todos.wait()
            cuerpo = json.dumps({"saga_id": f"s{llegados}"}).encode()
            cabeceras = f"HTTP/1.1 {estado} X\r\nContent-Length: {len(cuerpo)}\r\nRetry-After: 3\r\n\r\n"
            escritor.write(cabeceras.encode() + cuerpo)
        escritor.close()

    servidor = await asyncio.start_server(contestar, "127.0.0.1", 0)
    cliente = Cliente(f"http://127.0.0.1:{servidor.sockets[0].getsockname()[1]}")
    inicios = await asyncio.wait_for(a_ritmo(cliente, 1_000, CUANTOS), 30)
    inicios += await a_ritmo(cliente, 1_000, 1)
    cliente.cerrar()
    servidor.close()
    await asyncio.gather(*(c for c in conexiones if c))
    return inicios, len(conexiones)


async def _cabeza(lector: asyncio.StreamReader) -> bytes:
    try:
        return await lector.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def test_nadie_espera_a_nadie() -> None:
    """The first answer comes when the last start has left: a closed loop would hang here."""
    inicios, conexiones = asyncio.run(_servir([200, 429]))
    assert [i.estado for i in inicios].count(429) == CUANTOS // 2
    assert conexiones == CUANTOS  # the one more came over one that was kept
    assert all(i.vuelta_s == "3" for i in inicios)
    assert all((i.saga_id != "") == (i.estado == 200) for i in inicios)


@pytest.mark.parametrize(
    ("estado", "vuelta_s"), [(503, "5"), (0, "TimeoutError"), (429, ""), (429, "pronto")]
)
def test_otro_final_no_da_cifra(estado: int, vuelta_s: str) -> None:
    """Accepted, or refused with a time to come back: there is no third way."""
    buenos = [Inicio(0, 1, 200, "", "s"), Inicio(0, 1, 429, "4", "")]
    _exigir_contestados(buenos)
    with pytest.raises(SinCifra):
        _exigir_contestados([*buenos, Inicio(0, 1, estado, vuelta_s, "")])


def test_recuperada_cuando_tres_seguidas_tardan_como_antes() -> None:
    """One lucky probe is no recovery, and a refused one none at all."""
    antes = [Inicio(0, 0, 200, "", f"a{n}") for n in range(3)]
    segundos = (9.0, 0.1, 9.0, None, 0.2, 0.2, 0.1, 0.1)
    despues = [
        Inicio(100 + n, 0, 429 if t is None else 200, "", f"d{n}" if t else "")
        for n, t in enumerate(segundos)
    ]
    tiempos = {f"a{n}": 0.1 for n in range(3)} | {f"d{n}": t for n, t in enumerate(segundos) if t}
    fases = {"antes": antes, "despues": despues}
    assert _recuperada(fases, tiempos, 98.0) == 6.0
    assert _recuperada({"antes": antes, "despues": despues[:6]}, tiempos, 98.0) is None
