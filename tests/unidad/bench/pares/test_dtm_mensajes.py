"""What DTM's server is configured with, and what a saga says to it."""

import json

import pytest
from bench.pares.dtm_mensajes import PUERTO, configuracion, saga

URL = "postgresql://yo:clave@servidor:1234/par_dtm_1"


def test_los_pasos_van_en_orden() -> None:
    """Campaign, payment, report, one after another; only the campaign is compensated; DTM waits."""
    pedido = saga("una", "http://p")
    assert pedido["steps"] == [
        {"action": "http://p/campana", "compensate": "http://p/cancelar"},
        {"action": "http://p/pago", "compensate": ""},
        {"action": "http://p/reporte", "compensate": ""},
    ]
    assert "concurrent" not in pedido
    assert pedido["wait_result"] is True


def test_cada_paso_recibe_su_saga() -> None:
    """The global transaction has the saga's id, and each step gets it in a payload of its own."""
    pedido = saga("una", "http://p")
    assert pedido["gid"] == "una"
    assert [json.loads(carga) for carga in pedido["payloads"]] == [{"saga": "una"}] * 3


def test_el_almacen_es_una_base_propia() -> None:
    """The store is PostgreSQL, on the run's own server, in the database that is named; options are added."""
    texto = configuracion(URL, "par_dtm_1_dtm", {"UpdateBranchSync": 1}, 7)
    for linea in (
        "  Driver: postgres",
        '  Host: "servidor"',
        "  Port: 1234",
        '  User: "yo"',
        '  Password: "clave"',
        '  Db: "par_dtm_1_dtm"',
        "  MaxOpenConns: 7",
        "  MaxIdleConns: 7",
        "UpdateBranchSync: 1",
    ):
        assert linea in texto.splitlines()


@pytest.mark.parametrize("url", ["postgresql://yo@servidor/b", "postgresql://yo:@servidor/b"])
def test_sin_clave_no_se_pierde_la_base(url: str) -> None:
    """DTM reads the name of the database as the password when that is empty: it never is."""
    assert 'Password: ""' not in configuracion(url, "b_dtm", {}, 7)


def test_el_servidor_escucha_donde_se_someten_las_sagas() -> None:
    """HTTP has the port that sagas are sent to, and gRPC another."""
    lineas = configuracion(URL, "b", {}, 7).splitlines()
    assert f"HttpPort: {PUERTO}" in lineas
    assert f"GrpcPort: {PUERTO}" not in lineas
