"""The operator's page against the code: its commands are accepted, its metrics and its links are there."""

import re
import shlex
from pathlib import Path

import click
import pytest
from tests.api.solo_orquestador import orquestador

from aeropartners.arranque.cli import principal

PAGINA = (Path(__file__).resolve().parents[2] / "docs" / "operacion.md").read_text()
COMANDOS = re.findall(r"^\$ aeropartners (.*)$", PAGINA, re.MULTILINE)


def aceptar(argumentos: list[str]) -> None:
    """Read a command line as the program would, without running it; raises ClickException."""
    comando: click.Command = principal
    while isinstance(comando, click.Group):
        nombre = argumentos.pop(0)
        comando = comando.commands[nombre]
    comando.make_context(comando.name, argumentos)


@pytest.mark.parametrize("comando", sorted(set(COMANDOS)))
def test_cada_comando_existe(comando: str) -> None:
    """With these very options."""
    aceptar(shlex.split(comando))


def test_la_falta_se_ve() -> None:
    """A command or an option that is not there is noticed."""
    assert len(COMANDOS) > 10
    with pytest.raises(click.NoSuchOption):
        aceptar(["saga", "lista", "--nada"])
    with pytest.raises(KeyError):
        aceptar(["saga", "listar"])


def test_los_comandos_nombrados_existen() -> None:
    """The ones in the table of commands, too."""
    for grupo, nombre in re.findall(r"`(?:aeropartners )?(saga|muertos) ([a-z]+)", PAGINA):
        padre = principal.commands[grupo]
        assert isinstance(padre, click.Group)
        assert nombre in padre.commands


def test_cada_metrica_existe(tmp_path: Path) -> None:
    """What the page tells to look at is what the orchestrator gives."""
    nombradas = set(
        re.findall(r"`((?:saga|loop|outbox|dead|retry|database|http|upkeep|partitions)_[a-z_]+)`", PAGINA)
    )
    nombradas -= {"saga_events", "saga_eventos", "saga_log"}
    with orquestador(tmp_path) as solo:
        dadas = solo.cliente.get("/metrics").get_data(as_text=True)
    assert len(nombradas) > 8
    assert {n for n in nombradas if f"# TYPE {n} " not in dadas} == set()


def test_cada_enlace_lleva_a_una_seccion() -> None:
    """Anchors are the headings, as GitHub makes them."""
    secciones = {t.lower().replace(" ", "-") for t in re.findall(r"^## (.*)$", PAGINA, re.MULTILINE)}
    assert set(re.findall(r"\(#([^)]*)\)", PAGINA)) <= secciones
