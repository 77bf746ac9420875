"""The demonstration beside a system that has too much to do: it waits as it is told to."""

import io

import httpx
import pytest
from rich.console import Console

from aeropartners.arranque.consola import seguimiento


def cliente(*respuestas: httpx.Response) -> httpx.Client:
    """One that gets these answers, in order."""
    dadas = iter(respuestas)
    return httpx.Client(base_url="http://x", transport=httpx.MockTransport(lambda _p: next(dadas)))


def test_espera_a_que_haya_sitio(monkeypatch: pytest.MonkeyPatch) -> None:
    """What 150 open sagas of a dead process make of a start: refused, then let in; asked when it was said."""
    esperas: list[float] = []
    monkeypatch.setattr(seguimiento.time, "sleep", esperas.append)
    ocupado = httpx.Response(429, headers={"Retry-After": "7"})
    sin_decir, bien = httpx.Response(503), httpx.Response(200, json={"saga_id": "s"})
    assert seguimiento.pedir(cliente(ocupado, sin_decir, bien), "POST", "/saga") == {"saga_id": "s"}
    assert esperas == [7.0, seguimiento.OTRA_VEZ_S]


def test_lo_que_no_es_esperar_falla() -> None:
    """Any other refusal is one."""
    with pytest.raises(httpx.HTTPStatusError):
        seguimiento.pedir(cliente(httpx.Response(400)), "POST", "/saga")


def test_en_una_tuberia_solo_lo_ultimo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, when the last saga has ended, and ended as a line."""
    monkeypatch.setattr(seguimiento.time, "sleep", lambda _s: None)
    salida = io.StringIO()
    consola = Console(file=salida)
    vistas = iter([[{"n": 0, "fin": True}, {"n": 0, "fin": False}], [{"n": 1, "fin": True}] * 2])
    ultimas = seguimiento.seguir(
        consola, lambda: next(vistas), lambda saga: f"vista {saga['n']}", lambda saga: saga["fin"]
    )
    consola.print("después")
    assert ultimas == [{"n": 1, "fin": True}] * 2
    assert salida.getvalue() == "vista 1\nvista 1\ndespués\n"
