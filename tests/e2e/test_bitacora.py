"""A full run on real services with keys on: neither its logs nor its refusals hold a secret or a person."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pulsar
import pytest
from sqlalchemy import make_url

from tests.datos import cuerpo_de_saga
from tests.e2e.sistema import Sistema, migrado
from tests.esperas import hasta
from tests.red import RED

pytestmark = pytest.mark.servicios

CORREO, TARJETA = "maria.perez@correo.example", "4111111111111111"
CONTRASENA, CLAVE, MALA = "contrasena-9f8e7d6c", "clave-de-admin-5a4b3c2d", "clave-robada-1z2y3x4w"
FICHA = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJtYXJpYSJ9.ZmlybWE"
SECRETOS = (CORREO, "maria.perez", TARJETA, CONTRASENA, CLAVE, MALA, FICHA)
INICIO = "/saga/crear-campana-completa"


@pytest.fixture
def con_claves(tmp_path: Path) -> Iterator[Sistema]:
    """A system that asks for keys, with a password in the address of its database."""
    entorno = {"API_KEYS": f"{CLAVE}:admin,{CLAVE}-s:servicio", "SERVICE_API_KEY": f"{CLAVE}-s"}
    with migrado(tmp_path, **entorno) as sistema:
        # A secret that the process knows is covered wherever it turns up, in what others send as well.
        sistema.entorno |= {"API_KEY": CONTRASENA, "SAGA_MAX_RETRIES": "0"}
        yield sistema


def con_datos(referencia: str) -> dict[str, object]:
    """A start that is full of a person."""
    cuerpo = cuerpo_de_saga(referencia)
    cuerpo["campana"]["nombre"] = f"Campaña de {CORREO}"
    cuerpo["campana"]["descripcion"] = f"{CORREO} {TARJETA}"
    cuerpo["pago"]["metadata"] = {"email": CORREO, "tarjeta": TARJETA, "password": CONTRASENA}
    return dict(cuerpo)


def malas() -> Iterator[tuple[str, str, dict[str, str], object]]:
    """Refused requests that hold secrets in every place: (service, path, headers, body)."""
    bien = {"X-API-Key": CLAVE}
    yield "bff", INICIO, {}, con_datos("x")
    yield "bff", INICIO, {"X-API-Key": MALA}, con_datos("x")
    yield "bff", INICIO, {"Authorization": f"Bearer {FICHA}"}, con_datos("x")
    yield "bff", INICIO, bien, {"campana": CORREO, "pago": TARJETA, "password": CONTRASENA}
    yield (
        "modulos",
        "/pagos/",
        bien,
        {"id_afiliado": CORREO, "monto": CORREO, "moneda": "USD", "referencia_pago": TARJETA},
    )
    yield "modulos", "/campaigns/", bien, {"nombre": CORREO, "tipo": CORREO, "id_afiliado": TARJETA}
    yield "modulos", f"/pagos/{CORREO}", bien, None
    yield (
        "orquestador",
        f"/saga/{uuid.uuid4()}/cancelar?email={CORREO}",
        bien,
        {"motivo": CORREO, "quien": CORREO},
    )
    yield "orquestador", f"/muertos/{uuid.uuid4()}/descartar", bien, {"motivo": CORREO, "quien": CORREO}


def envenenar(sistema: Sistema) -> None:
    """Put what nobody can handle on a public topic: it is tried, fails and is logged."""
    espacio = sistema.entorno["PULSAR_NAMESPACE"]
    cliente = pulsar.Client(os.environ["PULSAR_URL"], logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    productor = cliente.create_producer(f"persistent://public/{espacio}/comando-iniciar-saga")
    for cuerpo in (
        {
            "event_id": str(uuid.uuid4()),
            "saga_id": CORREO,
            "tipo": TARJETA,
            "datos_iniciales": {"a": CONTRASENA},
        },
        {
            "event_id": str(uuid.uuid4()),
            "saga_id": str(uuid.uuid4()),
            "tipo": CORREO,
            "datos_iniciales": con_datos("x"),
        },
    ):
        productor.send(json.dumps(cuerpo).encode())
    productor.send(f"{{{CORREO} {TARJETA}".encode())
    cliente.close()


def test_ni_secretos_ni_personas(con_claves: Sistema) -> None:
    """Sagas that end well and undone, refusals of all kinds, poison, and a database that goes away."""
    con_claves.arrancar()
    con_claves.listos()
    for referencia in (f"bien-{uuid.uuid4()}", f"FALLA-{CORREO}-{uuid.uuid4()}"):
        iniciada = RED.post(
            con_claves.url["bff"] + INICIO,
            json=con_datos(referencia),
            headers={"X-API-Key": CLAVE},
            timeout=20,
        )
        assert iniciada.status_code == 200, iniciada.text
    dichas = []
    for servicio, ruta, cabeceras, cuerpo in malas():
        metodo = "GET" if cuerpo is None else "POST"
        dicha = RED.request(
            metodo, con_claves.url[servicio] + ruta, json=cuerpo, headers=cabeceras, timeout=20
        )
        assert 400 <= dicha.status_code < 500, f"{ruta}: {dicha.status_code}"
        dichas.append(dicha.text)
    envenenar(con_claves)
    terminadas = "SELECT count(*) FROM saga_log WHERE estado IN ('COMPLETADA', 'COMPENSADA')"
    hasta(lambda: con_claves.valor(terminadas) == 2, "el fin de las dos SAGAs", 120)
    # Two that cannot be read, and one whose kind of saga its topic does not start.
    hasta(lambda: con_claves.valor("SELECT count(*) FROM muertos") == 3, "tres mensajes enterrados", 60)
    con_claves.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    hasta(lambda: "bucle_caido" in registro(con_claves), "un bucle caído en el registro", 60)
    con_claves.listos()
    assert set(con_claves.parar().values()) == {0}
    escrito = registro(con_claves)
    assert "ejecutado exitosamente" in escrito
    assert "mensaje_indescifrable" in escrito
    de_la_base = make_url(con_claves.database_url).password
    assert de_la_base
    for secreto in (*SECRETOS, de_la_base):
        lineas = [linea for linea in escrito.splitlines() if secreto in linea]
        assert lineas == [], f"{secreto} en el registro"
        assert [d for d in dichas if secreto in d] == [], f"{secreto} en una respuesta"


def registro(sistema: Sistema) -> str:
    """All that the processes wrote."""
    return "\n".join(r.read_text(errors="replace") for r in sistema.registros.glob("*.log"))
