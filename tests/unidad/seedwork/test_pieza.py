"""A module without a witness gets the one that follows from its table, or is refused when it is loaded."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from aeropartners.arranque import contenedor
from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.sistemas import SISTEMAS
from aeropartners.seedwork.aplicacion import puntos_de_choque
from aeropartners.seedwork.infraestructura.operacion import testigo
from aeropartners.seedwork.infraestructura.pieza import (
    ConsumidorRepetido,
    Pieza,
    SinTestigo,
    por_nombre,
    puntos_de,
)


def piezas() -> dict[str, Pieza]:
    """The modules of all systems, as a process loads them."""
    return Contenedor(config=leer({})).piezas()


def test_el_testigo_sigue_de_la_tabla() -> None:
    """Kind, topic, subscription and rows are the module's; what its states mean nobody says."""
    campanas = piezas()["campanas"]
    suyo, seguido = campanas.testigo, replace(campanas, testigo=None).con_testigo().testigo
    assert suyo
    assert seguido == testigo.Testigo(
        suyo.tipo_flujo,
        suyo.tema,
        suyo.suscripcion,
        suyo.tabla,
        vigentes=frozenset(),
        deshace="restaure los eventos de campana {}",
    )


def test_el_que_da_la_pieza_es_el_suyo() -> None:
    """No module that gives a witness gets another one; the orchestrator, which no saga commands, has none."""
    c = Contenedor(config=leer({}))
    dadas = [pieza for sistema in SISTEMAS for pieza in sistema.piezas(c) if pieza.testigo]
    assert dadas
    assert all(c.piezas()[pieza.nombre].testigo == pieza.testigo for pieza in dadas)
    assert all(pieza.con_testigo() is pieza for pieza in dadas)
    assert piezas()["saga"].testigo is None


def test_quien_no_oye_a_nadie_no_lo_necesita() -> None:
    """The partners are asked over HTTP only: no saga sends them a command."""
    partners = replace(piezas()["partners"], testigo=None)
    assert partners.con_testigo() is partners


@pytest.mark.parametrize("nombre", ["pagos", "reporting", "alianzas"])
def test_donde_no_sigue_se_rechaza(nombre: str) -> None:
    """A module that calls out, has two kinds of rows, or hears a foreign topic is refused by its name."""
    with pytest.raises(SinTestigo, match=f"el módulo {nombre} "):
        replace(piezas()[nombre], testigo=None).con_testigo()


def test_se_rechaza_al_cargar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose system has such a module does not start."""
    pagos = replace(piezas()["pagos"], testigo=None)
    sistema: Any = SimpleNamespace(piezas=lambda _c: [pagos], sagas=contenedor.SISTEMAS[0].sagas)
    monkeypatch.setattr(contenedor, "SISTEMAS", (sistema,))
    with pytest.raises(SinTestigo, match="el módulo pagos "):
        piezas()


def test_ningun_punto_de_choque_se_olvida() -> None:
    """Every point that the machine passes is one of those that the pieces of all systems have."""
    suyos = {nombre.rpartition(".")[2] for nombre in puntos_de(piezas().values())}
    assert suyos == {p for n, v in vars(puntos_de_choque).items() if n.startswith("DE_") for p in v}
    lugares = {nombre.rpartition(".")[0].partition(".")[2] for nombre in puntos_de(piezas().values())}
    assert lugares == {"", "vigilante", "llamador"}


def test_dos_modulos_con_un_consumidor_se_rechazan() -> None:
    """A subscription that two modules have needs a consumer of another name for one of them."""
    pagos = piezas()["pagos"]
    otra = replace(pagos, nombre="otros-pagos", modulo=replace(pagos.modulo, nombre="otros-pagos"))
    with pytest.raises(ConsumidorRepetido, match="pagos y otros-pagos tienen el mismo consumidor, pagos"):
        por_nombre([pagos, otra])
    apartada = replace(otra, modulo=replace(otra.modulo, consumidor="otros-pagos/pagos"))
    assert list(por_nombre([pagos, apartada])) == ["pagos", "otros-pagos"]
