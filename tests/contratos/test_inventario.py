"""The wire of stock: what was stored or sent never changes."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import MetaData

from aeropartners.contratos.inventario import (
    AbrirExistencia,
    ConsumirReserva,
    ExpirarReserva,
    Linea,
    ReservarExistencias,
    SoltarReserva,
)
from aeropartners.modulos.inventario.cafeteria.variante import VARIANTE
from aeropartners.modulos.inventario.dominio.existencia import (
    EstadoExistencia,
    ExistenciaAbierta,
    UnidadesConsumidas,
    UnidadesDevueltas,
    UnidadesLiberadas,
    UnidadesReservadas,
)
from aeropartners.modulos.inventario.dominio.reserva import (
    Partida,
    ReservaAnulada,
    ReservaConsumida,
    ReservaDevuelta,
    ReservaExpirada,
    ReservaHecha,
    ReservaLiberada,
)
from aeropartners.modulos.inventario.infraestructura.almacen import tablas
from aeropartners.modulos.inventario.modulo import Variante
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar
from aeropartners.seedwork.dominio.evento import nombre_de

ID, OTRO = UUID(int=2), UUID(int=3)
_ID = '"id":"00000000-0000-0000-0000-000000000002"'
_DOS = '{"cantidad":2,"reserva":"00000000-0000-0000-0000-000000000003"}'
_DE = '"existencia":"00000000-0000-0000-0000-000000000003","producto":"1","cantidad":2'
FECHA = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DORADOS: list[tuple[object, str]] = [
    (AbrirExistencia(ID, "1", 100), "{" + _ID + ',"producto":"1","total":100}'),
    (
        ReservarExistencias(ID, (Linea(OTRO, "1", 2, "Café"),), 900.0, "pedido-1"),
        "{" + _ID + ',"lineas":[{' + _DE + ',"nombre":"Café"}],"ttl_s":900.0,"referencia":"pedido-1"}',
    ),
    (ConsumirReserva(ID), "{" + _ID + "}"),
    (SoltarReserva(ID), "{" + _ID + "}"),
    (ExpirarReserva(ID), "{" + _ID + "}"),
    (ExistenciaAbierta("1", 100), '{"producto":"1","total":100}'),
    *((clase(2, OTRO), _DOS) for clase in (UnidadesReservadas, UnidadesLiberadas)),
    *((clase(2, OTRO), _DOS) for clase in (UnidadesConsumidas, UnidadesDevueltas)),
    (
        ReservaHecha((Partida(OTRO, "1", 2),), FECHA, "pedido-1"),
        '{"partidas":[{' + _DE + '}],"expira_en":"2026-01-02T03:04:05Z","referencia":"pedido-1"}',
    ),
    *((clase(), "{}") for clase in (ReservaConsumida, ReservaLiberada, ReservaExpirada)),
    *((clase(), "{}") for clase in (ReservaDevuelta, ReservaAnulada)),
]


@pytest.mark.parametrize(("objeto", "dorado"), DORADOS, ids=[type(o).__name__ for o, _ in DORADOS])
def test_dorado(objeto: object, dorado: str) -> None:
    """Each message and stored event has its name, version 1 and its JSON, in both directions."""
    nombre = type(objeto).__name__
    assert nombre_de(type(objeto)) == (nombre, 1)
    assert codificar(objeto).decode() == dorado
    assert Diccionario([type(objeto)]).descifrar(nombre, 1, dorado) == objeto


def test_todo_tiene_su_json() -> None:
    """Every event that the module stores, and every message that it takes."""
    modulo = Variante("x", "x", "dlq-x", "x", tablas("x", MetaData())).pieza().modulo
    guardados = {nombre_de(e)[0] for clase in modulo.agregados for e in clase.eventos}
    tomados = {nombre for nombre, _ in modulo.conocidas}
    assert guardados | tomados == {type(objeto).__name__ for objeto, _ in DORADOS}


def test_una_reserva_sin_referencia_se_lee() -> None:
    """Who knows it by no name of its own says nothing, when it asks and in what was stored."""
    pedida = "{" + _ID + ',"lineas":[{' + _DE + '}],"ttl_s":900.0}'
    assert Diccionario([ReservarExistencias]).descifrar("ReservarExistencias", 1, pedida) == (
        ReservarExistencias(ID, (Linea(OTRO, "1", 2),), 900.0)
    )
    hecha = '{"partidas":[{' + _DE + '}],"expira_en":"2026-01-02T03:04:05Z"}'
    leida = Diccionario([ReservaHecha]).descifrar("ReservaHecha", 1, hecha)
    assert leida == ReservaHecha((Partida(OTRO, "1", 2),), FECHA)


def test_la_variante_de_la_cafeteria() -> None:
    """Topics, subscription, consumer and tables of the coffee shop's stock."""
    modulo = VARIANTE.pieza().modulo
    assert (modulo.temas, modulo.tema_muertos) == (
        ("comandos-cafeteria-inventario",),
        "dlq-cafeteria-inventario",
    )
    assert (modulo.nombre, modulo.suscripcion) == ("cafeteria-inventario", "inventario")
    assert modulo.consumidor == "cafeteria-inventario/inventario"
    assert VARIANTE.tablas.existencias.name == "inventario_cafeteria_existencias"
    assert VARIANTE.tablas.reservas.name == "inventario_cafeteria_reservas"


def test_los_nombres_que_otros_tienen() -> None:
    """Streams, consumer and ids of a variant: rows of every release hang on them."""
    variante = Variante("cafeteria", "t", "dlq", "inventario", tablas("cafeteria", MetaData()))
    modulo = variante.pieza().modulo
    assert [clase.tipo for clase in modulo.agregados] == ["cafeteria-existencia", "cafeteria-reserva"]
    assert (modulo.nombre, modulo.consumidor) == ("cafeteria-inventario", "cafeteria-inventario/inventario")
    assert str(variante.existencia_de(1)) == "c92ad94e-f0e8-53b9-9b0a-cd59ea40b1c9"
    assert str(variante.reserva_de("pedido-1")) == "fcad12bc-dcc9-522d-bea7-f28c270405fa"
    assert codificar(EstadoExistencia("1", 5, 2)).decode() == '{"producto":"1","total":5,"reservado":2}'
