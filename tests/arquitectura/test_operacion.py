"""The operator's page against the code: the commands and the metrics that it names are there."""

import re
from pathlib import Path

import click
from tests.api.solo_orquestador import orquestador
from tests.arquitectura.paginas import PAGINAS

from aeropartners.arranque.cli import principal

PAGINA = PAGINAS["docs/operacion.md"]


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
