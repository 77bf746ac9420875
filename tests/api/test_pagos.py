"""REST of payments (001, section 5), over the real machine on SQLite with the simulated gateway."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from aeropartners.contratos.pagos import TEMA_EVENTOS
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.motor import Motor
from tests.api.pila_pagos import PAGO, Pila


@pytest.fixture(scope="module")
def plantilla(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    ruta = tmp_path_factory.mktemp("plantilla") / "base.db"
    motor = Motor(f"sqlite:///{ruta}")
    migraciones.aplicar(motor)
    motor.cerrar()
    return ruta


@pytest.fixture
def pagos_http(plantilla: Path, tmp_path: Path) -> Iterator[Pila]:
    shutil.copy(plantilla, tmp_path / "base.db")
    pila = Pila(f"sqlite:///{tmp_path}/base.db", tmp_path, limpieza=True)
    yield pila
    pila.cerrar()


def test_crear(pagos_http: Pila) -> None:
    """A new payment is PENDIENTE, and a read right after shows it."""
    respuesta = pagos_http.crear()
    cuerpo = respuesta.get_json()
    assert respuesta.status_code == 200
    assert str(UUID(cuerpo["id_pago"])) == cuerpo.pop("id_pago")
    assert cuerpo.pop("mensaje")
    assert cuerpo == {**PAGO, "estado": "PENDIENTE", "fecha_creacion": "2025-01-01T00:00:00.000000Z"}
    id = respuesta.get_json()["id_pago"]
    assert pagos_http.ver(id) == {
        **PAGO,
        "id": id,
        "estado": "PENDIENTE",
        "fecha_creacion": "2025-01-01T00:00:00.000000Z",
        "fecha_procesamiento": None,
        "mensaje_error": None,
    }


@pytest.mark.parametrize(
    ("cambios", "estado", "error"),
    [
        ({}, "EXITOSO", None),
        ({"monto": 100_000}, "EXITOSO", None),
        ({"monto": 100_000.01}, "FALLIDO", "Fondos insuficientes"),
        ({"referencia_pago": "FALLA-1"}, "FALLIDO", "Tarjeta rechazada"),
        ({"metadata": {"forcePaymentFailure": True}}, "FALLIDO", "Tarjeta rechazada"),
        ({"metadata": {"forcePaymentFailure": False}}, "EXITOSO", None),
        ({"metadata": {"method": "invalid_card"}}, "FALLIDO", "Tarjeta rechazada"),
        ({"metadata": None}, "EXITOSO", None),
    ],
)
def test_final(pagos_http: Pila, cambios: dict[str, Any], estado: str, error: str | None) -> None:
    """A payment succeeds unless its request says otherwise, and ends between 2 s and 5 s."""
    id = pagos_http.crear(**cambios).get_json()["id_pago"]
    antes = pagos_http.reloj.ahora()
    pago = pagos_http.hasta(id, "EXITOSO", "FALLIDO")
    assert (pago["estado"], pago["mensaje_error"]) == (estado, error)
    assert pago["fecha_procesamiento"]
    assert timedelta(seconds=2) <= pagos_http.reloj.ahora() - antes <= timedelta(seconds=5)


def test_procesando(pagos_http: Pila) -> None:
    """PROCESANDO appears at the earliest 1 s after the request."""
    id = pagos_http.crear().get_json()["id_pago"]
    pagos_http.reloj.momento += timedelta(seconds=0.9)
    for _ in range(3):
        pagos_http.publicar()
    assert pagos_http.ver(id)["estado"] == "PENDIENTE"
    assert pagos_http.hasta(id, "PROCESANDO")["estado"] == "PROCESANDO"


@pytest.mark.parametrize(
    ("cambios", "campo"),
    [
        ({"monto": "1000"}, "monto"),
        ({"monto": True}, "monto"),
        ({"monto": None}, "monto"),
        ({"id_afiliado": ""}, "id_afiliado"),
        ({"id_afiliado": 7}, "id_afiliado"),
        ({"referencia_pago": "a\x00"}, "referencia_pago"),
        ({"referencia_pago": "x" * 201}, "referencia_pago"),
        ({"moneda": "DOLAR"}, "moneda"),
        ({"metadata": "x"}, "metadata"),
    ],
)
def test_cuerpo_invalido(pagos_http: Pila, cambios: dict[str, Any], campo: str) -> None:
    """A body error is a 400 that names the field."""
    respuesta = pagos_http.crear(**cambios)
    assert respuesta.status_code == 400
    [detalle] = respuesta.get_json()["detail"]
    assert detalle["loc"][-1] == campo
    assert {"loc", "msg", "type"} <= set(detalle)


@pytest.mark.parametrize("campo", sorted(PAGO))
def test_campo_ausente(pagos_http: Pila, campo: str) -> None:
    """Every field of the example is required."""
    cuerpo = {k: v for k, v in PAGO.items() if k != campo}
    assert pagos_http.cliente.post("/pagos/", json=cuerpo).status_code == 400


@pytest.mark.parametrize(
    ("cambios", "dice"),
    [
        ({"monto": 0}, "mayor que 0"),
        ({"monto": -1}, "mayor que 0"),
        ({"moneda": "GBP"}, "Moneda no soportada"),
    ],
)
def test_regla_rota(pagos_http: Pila, cambios: dict[str, Any], dice: str) -> None:
    """A broken rule is a 400 with the rule's message."""
    respuesta = pagos_http.crear(**cambios)
    assert respuesta.status_code == 400
    assert dice in respuesta.get_json()["detail"]


@pytest.mark.parametrize("cuerpo", [b"", b"{", b"[]", b"null"])
def test_json_invalido(pagos_http: Pila, cuerpo: bytes) -> None:
    """What is no JSON object is a 400."""
    respuesta = pagos_http.cliente.post("/pagos/", data=cuerpo, content_type="application/json")
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"]


def test_referencia_repetida(pagos_http: Pila) -> None:
    """A reference is used once, also after its payment failed or was reverted."""
    id = pagos_http.crear(referencia_pago="FALLA").get_json()["id_pago"]
    pagos_http.hasta(id, "FALLIDO")
    respuesta = pagos_http.crear(referencia_pago="FALLA")
    assert (respuesta.status_code, respuesta.get_json()) == (409, {"detail": "referencia_pago ya utilizada"})


def test_clave_de_idempotencia(pagos_http: Pila) -> None:
    """The same key and body give the same answer again; another body is a 409."""
    cabecera = {"Idempotency-Key": "k1"}
    primera = pagos_http.cliente.post("/pagos/", json=PAGO, headers=cabecera)
    segunda = pagos_http.cliente.post("/pagos/", json=PAGO, headers=cabecera)
    otra = pagos_http.cliente.post("/pagos/", json=PAGO | {"monto": 2}, headers=cabecera)
    assert (primera.status_code, segunda.status_code, otra.status_code) == (200, 200, 409)
    assert primera.data == segunda.data
    assert pagos_http.cliente.get("/pagos/").get_json()["total"] == 1


@pytest.mark.parametrize("metodo", ["get", "patch"])
@pytest.mark.parametrize(
    ("id", "estado", "detalle"),
    [
        ("no-es-uuid", 400, "ID de pago inválido"),
        ("00000000-0000-0000-0000-000000000001", 404, "Pago no encontrado"),
    ],
)
def test_id(pagos_http: Pila, metodo: str, id: str, estado: int, detalle: str) -> None:
    """An unknown payment is a 404, a badly formed id a 400, for reading and for reverting."""
    leer = pagos_http.cliente.get
    respuesta = leer(f"/pagos/{id}") if metodo == "get" else pagos_http.revertir(id)
    assert (respuesta.status_code, respuesta.get_json()) == (estado, {"detail": detalle})


def test_lista(pagos_http: Pila) -> None:
    """A list is newest first, filtered by all that is given, with the total before paging."""
    ids = []
    for n in range(5):
        pagos_http.reloj.momento += timedelta(seconds=1)
        ids.append(pagos_http.crear(referencia_pago=f"r{n}", id_afiliado=f"a{n % 2}").get_json()["id_pago"])
    todos = pagos_http.cliente.get("/pagos/").get_json()
    assert [p["id"] for p in todos["pagos"]] == ids[::-1]
    assert (todos["total"], todos["limit"], todos["offset"]) == (5, 50, 0)
    pagina = pagos_http.cliente.get("/pagos?id_afiliado=a0&estado=PENDIENTE&limit=1&offset=1").get_json()
    assert [p["id"] for p in pagina["pagos"]] == [ids[2]]
    assert (pagina["total"], pagina["limit"], pagina["offset"]) == (3, 1, 1)
    assert pagos_http.cliente.get("/pagos/?estado=EXITOSO").get_json()["total"] == 0


@pytest.mark.parametrize(
    "consulta",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "offset=-1",
        "estado=PAGADO",
        "offset=99999999999",
        "id_afiliado=%00",
    ],
)
def test_lista_invalida(pagos_http: Pila, consulta: str) -> None:
    """Paging out of range and unknown words are 400s."""
    assert pagos_http.cliente.get(f"/pagos/?{consulta}").status_code == 400


def test_revertir_exitoso(pagos_http: Pila) -> None:
    """A reverted payment is REVERTIDO at once, gives the money back, and answers the same again."""
    id = pagos_http.crear().get_json()["id_pago"]
    pagos_http.hasta(id, "EXITOSO")
    respuesta = pagos_http.revertir(id, saga_id=str(uuid4()))
    esperado = {"id_pago": id, "estado": "REVERTIDO", "mensaje": "Pago revertido: prueba"}
    assert (respuesta.status_code, respuesta.get_json()) == (200, esperado)
    assert pagos_http.revertir(id, motivo="otro").get_json() == esperado
    assert pagos_http.hasta(id, "REVERTIDO")["mensaje_error"] is None
    with pagos_http.motor.lectura() as con:
        cargos = con.exec_driver_sql("SELECT clave, operacion FROM pasarela_cargos ORDER BY clave").all()
    assert [tuple(c) for c in cargos] == [(id, "COBRO"), (f"{id}:reembolso", "REEMBOLSO")]
    assert pagos_http.tipos(TEMA_EVENTOS) == ["PagoPendiente", "PagoExitoso", "PagoRevertido"]
    assert pagos_http.tipos("payments.evt.completed") == ["PagoExitoso"]


def test_revertir_pendiente(pagos_http: Pila) -> None:
    """A payment that waits is called off, and the gateway never hears of it."""
    id = pagos_http.crear().get_json()["id_pago"]
    assert pagos_http.revertir(id).status_code == 200
    pagos_http.reloj.momento += timedelta(seconds=60)
    pagos_http.hasta(id, "REVERTIDO")
    with pagos_http.motor.lectura() as con:
        assert con.exec_driver_sql("SELECT count(*) FROM pasarela_cargos").scalar() == 0
    assert pagos_http.tipos("payments.evt.completed") == []


def test_revertir_en_pleno_cobro(pagos_http: Pila) -> None:
    """A payment reverted while it is charged stays REVERTIDO, and what was taken goes back once."""
    id = pagos_http.crear().get_json()["id_pago"]
    pagos_http.hasta(id, "PROCESANDO")
    assert pagos_http.revertir(id).status_code == 200
    pagos_http.reloj.momento += timedelta(seconds=60)
    for _ in range(10):
        pagos_http.hasta(id, "REVERTIDO")
    with pagos_http.motor.lectura() as con:
        cargos = con.exec_driver_sql("SELECT clave, exito FROM pasarela_cargos ORDER BY clave").all()
    assert [(c, bool(e)) for c, e in cargos] == [(id, True), (f"{id}:reembolso", True)]
    assert pagos_http.tipos(TEMA_EVENTOS) == ["PagoPendiente", "PagoRevertido"]


def test_revertir_fallido(pagos_http: Pila) -> None:
    """A failed payment cannot be reverted: 409."""
    id = pagos_http.crear(referencia_pago="FALLA").get_json()["id_pago"]
    pagos_http.hasta(id, "FALLIDO")
    respuesta = pagos_http.revertir(id)
    assert respuesta.status_code == 409
    assert respuesta.get_json()["detail"]
    assert pagos_http.ver(id)["estado"] == "FALLIDO"


@pytest.mark.parametrize("cuerpo", [{}, {"motivo": " "}, {"motivo": 1}, {"motivo": "x", "saga_id": "no"}])
def test_revertir_invalido(pagos_http: Pila, cuerpo: dict[str, Any]) -> None:
    """A reversal says why, and a saga's id is a uuid."""
    id = pagos_http.crear().get_json()["id_pago"]
    assert pagos_http.cliente.patch(f"/pagos/{id}/revertir", json=cuerpo).status_code == 400


def test_saga_de_la_cabecera(pagos_http: Pila) -> None:
    """A payment made with `X-Saga-ID` belongs to that saga: all its events name it."""
    saga = str(uuid4())
    id = pagos_http.cliente.post("/pagos/", json=PAGO, headers={"X-Saga-ID": saga}).get_json()["id_pago"]
    pagos_http.revertir(id)
    pagos_http.publicar()
    eventos = pagos_http.tienda.leer(TEMA_EVENTOS, 0, 10)
    assert [p["saga_id"] for _, _, p in eventos] == [saga, saga]


def test_estadisticas(pagos_http: Pila) -> None:
    """The outbox counts public events; those that wait and those that went add up to all."""
    ruta = "/pagos/outbox/estadisticas"
    vacio = {"total_eventos": 0, "eventos_procesados": 0, "eventos_pendientes": 0}
    assert pagos_http.cliente.get(ruta).get_json() == vacio
    id = pagos_http.crear().get_json()["id_pago"]
    assert pagos_http.cliente.get(ruta).get_json() == {**vacio, "total_eventos": 1, "eventos_pendientes": 1}
    pagos_http.hasta(id, "EXITOSO")
    pagos_http.publicar()
    final = pagos_http.cliente.get(ruta).get_json()
    assert final == {"total_eventos": 2, "eventos_procesados": 2, "eventos_pendientes": 0}


def test_limpieza(pagos_http: Pila) -> None:
    """The cleanup removes all payments and frees their references; what is on its way does no harm."""
    pagos_http.crear()
    respuesta = pagos_http.cliente.delete("/pagos/cleanup")
    assert respuesta.status_code == 200
    assert respuesta.get_json()["total_eliminados"] == 1
    assert {"mensaje", "timestamp"} <= set(respuesta.get_json())
    pagos_http.reloj.momento += timedelta(seconds=60)
    pagos_http.publicar()
    assert pagos_http.cliente.get("/pagos/").get_json()["total"] == 0
    assert pagos_http.crear().status_code == 200


def test_limpieza_prohibida(plantilla: Path, tmp_path: Path) -> None:
    """Without PERMITIR_LIMPIEZA the cleanup is a 403 and removes nothing."""
    shutil.copy(plantilla, tmp_path / "base.db")
    pila = Pila(f"sqlite:///{tmp_path}/base.db", tmp_path)
    pila.crear()
    assert pila.cliente.delete("/pagos/cleanup").status_code == 403
    assert pila.cliente.get("/pagos/").get_json()["total"] == 1
    pila.cerrar()


@pytest.mark.parametrize(
    "ruta", ["/pagos", "/pagos/", "/pagos/outbox/estadisticas", "/pagos/outbox/estadisticas/"]
)
def test_barra_final(pagos_http: Pila, ruta: str) -> None:
    """A path answers the same with and without its trailing slash."""
    assert pagos_http.cliente.get(ruta).status_code == 200


def test_barra_final_de_un_pago(pagos_http: Pila) -> None:
    """So does the path of a payment, for every method."""
    id = pagos_http.cliente.post("/pagos", json=PAGO).get_json()["id_pago"]
    assert pagos_http.cliente.get(f"/pagos/{id}/").status_code == 200
    assert pagos_http.cliente.patch(f"/pagos/{id}/revertir/", json={"motivo": "x"}).status_code == 200
