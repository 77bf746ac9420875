"""An order over HTTP (000, section 2): a POST that waits, what it answers, and what is seen beside it."""

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from tests.api.sistema import Sistema, levantar
from tests.esperas import hasta

RUTA, SAGAS = "/api/v1/pedidos/", "/api/v1/sagas/"
PASOS = ("ValidarProductos", "ReservarInventario", "CrearPedido", "ConfirmarPedido")
SEMILLA = {
    "cliente": "Juan Pérez",
    "items": [{"producto_id": 1, "cantidad": 2}, {"producto_id": 3, "cantidad": 1}],
}
DESHECHO = "Error al crear pedido. Se han revertido todos los cambios."
TABLAS = ("sagas", "claves_idempotencia", "pedidos_cafeteria", "inventario_cafeteria_reservas", "contadores")


@pytest.fixture(scope="module")
def vacia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """A coffee shop without an order yet."""
    with levantar(tmp_path_factory.mktemp("cafeteria")) as sistema:
        yield sistema


@pytest.fixture
def puerta(vacia: Sistema) -> FlaskClient:
    """Its door."""
    return vacia.cafeteria


def pedir(
    puerta: FlaskClient, *items: tuple[int, int], clave: str = "", cliente: str = "Ana"
) -> TestResponse:
    """Order these quantities of these products."""
    lineas = [{"producto_id": producto, "cantidad": cantidad} for producto, cantidad in items]
    return puerta.post(
        RUTA,
        json={"cliente": cliente, "items": lineas},
        headers={"Idempotency-Key": clave or str(uuid.uuid4())},
    )


def reservado(puerta: FlaskClient) -> Any:
    """Return what is reserved."""
    return puerta.get(f"{RUTA}inventario/reservas").get_json()["reservas"]


def filas(sistema: Sistema) -> list[list[Any]]:
    """Return all rows that an order may change."""
    with sistema.proceso.c.motor().lectura() as con:
        return [[tuple(f) for f in con.execute(text(f"SELECT * FROM {tabla}"))] for tabla in TABLAS]


def test_el_ejemplo_del_contrato(tmp_path: Path) -> None:
    """On an empty database the first order is 1, its total 9.00, and money is a number everywhere."""
    with levantar(tmp_path) as sistema:
        puerta = sistema.cafeteria
        respuesta = puerta.post(RUTA, json=SEMILLA)
        assert respuesta.status_code == 201, respuesta.get_data(as_text=True)
        assert '"precio_unitario":2.5' in respuesta.get_data(as_text=True)
        dicho = respuesta.get_json()
        saga_id = dicho["saga"].pop("saga_id")
        assert dicho == {
            "mensaje": "Pedido creado exitosamente",
            "pedido": {
                "id": 1,
                "cliente": "Juan Pérez",
                "items": [
                    _item(1, "Café Americano", 2, 2.5, 5.0),
                    _item(3, "Latte", 1, 4.0, 4.0),
                ],
                "total": 9.0,
                "estado": "confirmado",
            },
            "saga": {
                "nombre": "CrearPedido-1",
                "estado": "completada",
                "steps": [{"nombre": n, "ejecutado": True, "compensado": False} for n in PASOS],
                "requiere_atencion": False,
            },
        }
        assert puerta.get(f"{RUTA}1").get_json() == dicho["pedido"]
        una = puerta.get(f"{SAGAS}{saga_id}").get_json()
        assert (una["pedido"], una["nombre"]) == (dicho["pedido"], "CrearPedido-1")
        assert reservado(puerta) == []


def _item(producto: int, nombre: str, cantidad: int, precio: float, subtotal: float) -> dict[str, Any]:
    return {
        "producto_id": producto,
        "nombre": nombre,
        "cantidad": cantidad,
        "precio_unitario": precio,
        "subtotal": subtotal,
    }


@pytest.mark.parametrize(
    ("items", "error", "paso"),
    [
        ([(999, 1)], "Producto 999 no encontrado", 0),
        ([(1, 1), (8, 1)], "no está disponible", 0),
        ([(1, 1), (3, 100_000)], "Stock insuficiente para Latte", 1),
        ([(1, 60), (1, 60)], "Stock insuficiente para Café Americano", 1),
    ],
)
def test_lo_que_se_deshace_es_400(
    puerta: FlaskClient, items: list[tuple[int, int]], error: str, paso: int
) -> None:
    """The answer has the saga; its order is not there, nothing stays reserved, its number is used up."""
    respuesta = pedir(puerta, *items)
    assert respuesta.status_code == 400
    detalle = respuesta.get_json()["detail"]
    saga = detalle["saga"]
    assert (detalle["mensaje"], saga["estado"]) == (DESHECHO, "compensada")
    assert error in saga["error"]
    assert [(s["ejecutado"], s["compensado"]) for s in saga["steps"]] == [(i <= paso,) * 2 for i in range(4)]
    numero = int(saga["nombre"].partition("-")[2])
    assert puerta.get(f"{RUTA}{numero}").status_code == 404
    assert "pedido" not in puerta.get(f"{SAGAS}{saga['saga_id']}").get_json()
    assert reservado(puerta) == []
    assert pedir(puerta, (2, 1)).get_json()["pedido"]["id"] == numero + 1


def test_los_numeros_van_seguidos(puerta: FlaskClient) -> None:
    """Orders at once have numbers without a gap, each its own, and each saga its order's."""
    with ThreadPoolExecutor(8) as clientes:
        dichos = [r.get_json() for r in clientes.map(lambda _: pedir(puerta, (4, 1)), range(24))]
    numeros = sorted(d["pedido"]["id"] for d in dichos)
    assert numeros == list(range(numeros[0], numeros[0] + 24))
    assert all(d["saga"]["nombre"] == f"CrearPedido-{d['pedido']['id']}" for d in dichos)


def test_no_se_vende_lo_que_no_hay(vacia: Sistema) -> None:
    """500 orders at once for the 100 units of a product, while a reader never stops looking: exactly 100."""
    fin, vistos = threading.Event(), list[tuple[int, int]]()
    suyas = text("SELECT stock, reservado FROM cafeteria_existencias WHERE producto_id = 5")

    def mirar() -> None:
        while not fin.is_set():
            with vacia.proceso.c.motor().lectura() as con:
                vistos.extend((int(stock), int(reservado)) for stock, reservado in con.execute(suyas))

    with ThreadPoolExecutor(33) as hilos:
        lector = hilos.submit(mirar)
        estados = list(hilos.map(lambda _: pedir(vacia.cafeteria, (5, 1)).status_code, range(500)))
        fin.set()
        lector.result(60)
    assert (estados.count(201), estados.count(400)) == (100, 400)
    assert len(vistos) > 100
    assert all(0 <= reservado <= stock <= 100 for stock, reservado in vistos)
    assert pedir(vacia.cafeteria, (5, 1)).status_code == 400


def test_la_misma_clave_es_el_mismo_pedido(puerta: FlaskClient) -> None:
    """Whatever its key began is answered again; with another body 422, and nothing is begun."""
    clave = str(uuid.uuid4())
    primera, otra = (pedir(puerta, (2, 1), clave=clave) for _ in range(2))
    assert (primera.status_code, primera.get_json()) == (201, otra.get_json())
    distinta = pedir(puerta, (2, 2), clave=clave)
    assert (distinta.status_code, list(distinta.get_json())) == (422, ["detail"])
    mala = puerta.post(RUTA, json={"cliente": ""}, headers={"Idempotency-Key": clave})
    assert mala.status_code == 422


def test_la_misma_clave_de_uno_que_se_deshizo(puerta: FlaskClient) -> None:
    """What was undone is told again, not tried again."""
    clave = str(uuid.uuid4())
    primera, otra = (pedir(puerta, (999, 1), clave=clave) for _ in range(2))
    assert (primera.status_code, primera.get_json()) == (400, otra.get_json())


def test_sin_espera_es_202_y_la_clave_dice_mas_despues(tmp_path: Path) -> None:
    """A POST that does not wait tells where its saga is; its key is told how it ended."""
    with levantar(tmp_path, PEDIDO_ESPERA_S="0") as sistema:
        puerta, clave = sistema.cafeteria, str(uuid.uuid4())
        respuesta = pedir(puerta, (1, 1), clave=clave)
        assert respuesta.status_code == 202
        dicho = respuesta.get_json()
        assert dicho["mensaje"] == "Pedido en proceso"
        assert respuesta.headers["Location"] == f"/api/v1/sagas/{dicho['saga_id']}"
        lugar = respuesta.headers["Location"]
        hasta(lambda: puerta.get(lugar).get_json()["estado"] == "completada", "el fin de la saga")
        assert pedir(puerta, (1, 1), clave=clave).status_code == 201


def test_una_clave_repetida_espera_aunque_ya_no_se_admita(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be refused by now is answered by its key, and is told how its saga ended."""
    clave = str(uuid.uuid4())
    with levantar(tmp_path, PEDIDO_ESPERA_S="0") as sistema:
        lugar = pedir(sistema.cafeteria, (1, 1), clave=clave).headers["Location"]
        hasta(lambda: sistema.cafeteria.get(lugar).get_json()["estado"] == "completada", "el fin de la saga")

        def llena() -> None:
            raise DemasiadasPeticiones("salida", "La cola de salida está llena", 1)

        monkeypatch.setattr(sistema.proceso.c.admision(), "exigir", llena)
        assert pedir(sistema.cafeteria, (1, 1)).status_code == 429
        assert pedir(sistema.cafeteria, (1, 1), clave=clave).status_code == 201


MALOS: list[Any] = [
    {},
    [],
    {"cliente": "Ana"},
    {"cliente": "", "items": [{"producto_id": 1, "cantidad": 1}]},
    {"cliente": " ", "items": [{"producto_id": 1, "cantidad": 1}]},
    {"cliente": "x" * 300, "items": [{"producto_id": 1, "cantidad": 1}]},
    {"cliente": "a\x00", "items": [{"producto_id": 1, "cantidad": 1}]},
    {"cliente": "a\ud800", "items": [{"producto_id": 1, "cantidad": 1}]},
    {"cliente": 3, "items": [{"producto_id": 1, "cantidad": 1}]},
    {"cliente": "Ana", "items": []},
    {"cliente": "Ana", "items": {}},
    {"cliente": "Ana", "items": [3]},
    {"cliente": "Ana", "items": [{"producto_id": 1}]},
    *(
        {"cliente": "Ana", "items": [{"producto_id": 1, "cantidad": 1, campo: malo}]}
        for campo in ("producto_id", "cantidad")
        for malo in (0, -1, 1.5, "1", True, None, [], {}, 2**31, 10**30, float("nan"))
    ),
    {"cliente": "Ana", "items": [{"producto_id": 1, "cantidad": 1}] * 1_001},
]


@pytest.mark.parametrize("malo", MALOS, ids=lambda c: json.dumps(c)[:60])
def test_un_cuerpo_mal_formado_no_cambia_nada(vacia: Sistema, malo: Any) -> None:
    """422 with what is wrong, where; no row changes, and its key may be used for a right one."""
    antes = filas(vacia)
    cabeceras = {"Content-Type": "application/json", "Idempotency-Key": "mal-formado"}
    respuesta = vacia.cafeteria.post(RUTA, data=json.dumps(malo), headers=cabeceras)
    assert respuesta.status_code == 422, respuesta.get_data(as_text=True)
    faltas = respuesta.get_json()["detail"]
    assert all(set(f) == {"loc", "msg", "type"} for f in faltas)
    assert faltas
    assert filas(vacia) == antes


def test_la_lista_de_sagas(puerta: FlaskClient) -> None:
    """Newest first, by state and by page; an unknown state and paging that is out of range are 422."""
    ultimas = [pedir(puerta, (999, 1)).get_json()["detail"]["saga"] for _ in range(3)]
    todas = puerta.get(SAGAS).get_json()
    hasta(lambda: puerta.get(f"{SAGAS}?estado=compensada").get_json()["total"] > 0, "su total")
    deshechas = puerta.get(f"{SAGAS}?estado=compensada&limit=1").get_json()
    assert [s["estado"] for s in deshechas["sagas"]] == ["compensada"]
    assert todas["sagas"][:3] == ultimas[::-1]
    pagina = puerta.get(f"{SAGAS}?limit=2&offset=1").get_json()["sagas"]
    assert [s["saga_id"] for s in pagina] == [s["saga_id"] for s in todas["sagas"][1:3]]
    for mala in ("estado=INICIADA", "limit=0", "limit=1001", "offset=-1", "limit=x"):
        assert puerta.get(f"{SAGAS}?{mala}").status_code == 422, mala


@pytest.mark.parametrize(
    ("ruta", "estado", "detalle"),
    [
        (f"{SAGAS}{uuid.UUID(int=1)}", 404, "Saga no encontrada"),
        (f"{SAGAS}no-es-un-uuid", 422, None),
        (f"{RUTA}99999", 404, "Pedido no encontrado"),
        (f"{RUTA}uno", 422, None),
    ],
)
def test_lo_que_no_hay(puerta: FlaskClient, ruta: str, estado: int, detalle: str | None) -> None:
    """404 in the contract's words, and 422 for what is no id."""
    respuesta = puerta.get(ruta)
    assert respuesta.status_code == estado
    if detalle:
        assert respuesta.get_json() == {"detail": detalle}


def test_una_saga_de_otro_sistema_no_se_ve_aqui(vacia: Sistema) -> None:
    """Each system's API shows its own sagas only."""
    otra = vacia.bff.post("/saga/crear-campana-completa", json={"campana": {}, "pago": {}, "reporte": {}})
    id = otra.get_json()["saga_id"]
    assert vacia.cafeteria.get(f"{SAGAS}{id}").status_code == 404
    assert vacia.cafeteria.post(f"{SAGAS}{id}/reintentar").status_code == 404
    assert id not in {s["saga_id"] for s in vacia.cafeteria.get(f"{SAGAS}?limit=1000").get_json()["sagas"]}


def test_reintentar_lo_que_no_esta_atascado_es_409(puerta: FlaskClient) -> None:
    """A saga that has ended well, or was undone, is no operator's to retry."""
    for respuesta in (pedir(puerta, (2, 1)), pedir(puerta, (999, 1))):
        dicho = respuesta.get_json()
        id = dicho.get("detail", dicho)["saga"]["saga_id"]
        negada = puerta.post(f"{SAGAS}{id}/reintentar")
        assert (negada.status_code, list(negada.get_json())) == (409, ["detail"])
    assert puerta.post(f"{SAGAS}{uuid.uuid4()}/reintentar").status_code == 404


@pytest.mark.parametrize("memoria", ["{}", '{"fase":7}', '{"fase":"ATRAS","pasos":[]}'])
def test_una_saga_que_no_se_puede_leer_no_estropea_la_lista(tmp_path: Path, memoria: str) -> None:
    """It is shown as far as its row says, beside all others; so is one of a newer release."""
    with levantar(tmp_path) as sistema:
        puerta = sistema.cafeteria
        ids = [pedir(puerta, (1, 1)).get_json()["saga"]["saga_id"] for _ in range(3)]
        cambios = (f"memoria = '{memoria}'", "definicion = 9")
        with sistema.proceso.c.motor().escritura() as con:
            for id, cambio in zip(ids, cambios, strict=False):
                con.execute(text(f"UPDATE sagas SET {cambio} WHERE id = '{id}'".replace(":", "\\:")))
            con.commit()
        vistas = {s["saga_id"]: s for s in puerta.get(SAGAS).get_json()["sagas"]}
        assert [vistas[id]["estado"] for id in ids] == ["completada"] * 3
        assert {len(s["steps"]) for s in vistas.values()} == {4}
        assert [puerta.get(f"{SAGAS}{id}").status_code for id in ids] == [200] * 3
