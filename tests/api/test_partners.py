"""REST of partners on the embedded system (contract 004, section 4)."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.sistema import Sistema
from tests.api.sobre import exigir
from tests.datos import cuerpo_de_partner

RUTA = "/api/v1/partners"
NADIE = uuid.UUID(int=7)


def _nuevo(s: Sistema, **partes: Any) -> dict[str, Any]:
    respuesta = s.integraciones.post(RUTA, json=cuerpo_de_partner(**partes))
    assert respuesta.status_code == 201, respuesta.get_data(as_text=True)
    return dict(respuesta.get_json()["partner"])


def _uno(s: Sistema, id: str) -> dict[str, Any]:
    respuesta = s.integraciones.get(f"{RUTA}/{id}")
    assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
    return dict(respuesta.get_json()["partner"])


def _integracion(s: Sistema, id: str, **partes: Any) -> dict[str, Any]:
    cuerpo = {"tipo": "API", "nombre": "Pagos", **partes}
    respuesta = s.integraciones.post(f"{RUTA}/{id}/integraciones", json=cuerpo)
    assert respuesta.status_code == 201, respuesta.get_data(as_text=True)
    return dict(respuesta.get_json()["integracion"])


def test_un_partner_nuevo(embebido: Sistema) -> None:
    """A creation is answered 201 with the partner as it is, and read back whole."""
    cuerpo = cuerpo_de_partner()
    respuesta = embebido.integraciones.post(RUTA, json=cuerpo)
    assert respuesta.status_code == 201
    partner = respuesta.get_json()["partner"]
    assert {c: partner[c] for c in cuerpo} == cuerpo
    assert (partner["estado"], partner["estado_kyc"]) == ("ACTIVO", "PENDIENTE")
    assert partner["fecha_creacion"].endswith("Z")
    entero = _uno(embebido, partner["id"])
    assert entero | partner == entero
    assert (entero["documentos_kyc"], entero["integraciones"]) == ({}, [])


@pytest.mark.parametrize(
    "partes",
    [
        {"nombre": ""},
        {"nombre": None},
        {"email": "sin arroba"},
        {"email": "a@b"},
        {"email": "a b@example.com"},
        {"email": 3},
        {"telefono": "1" * 51},
        {"direccion": ["x"]},
    ],
    ids=str,
)
def test_una_forma_mala_es_400(embebido: Sistema, partes: dict[str, Any]) -> None:
    """What a partner cannot be is refused in the envelope."""
    exigir(embebido.integraciones.post(RUTA, json=cuerpo_de_partner(**partes)), 400, "DATOS_INVALIDOS")


def test_el_email_es_unico_entre_los_vivos(embebido: Sistema) -> None:
    """A second one with the same e-mail, in any case, is a 409; once the first is deleted it is free."""
    partner = _nuevo(embebido)
    otro = cuerpo_de_partner(email=partner["email"].upper())
    exigir(embebido.integraciones.post(RUTA, json=otro), 409, "EMAIL_EXISTENTE")
    assert embebido.integraciones.delete(f"{RUTA}/{partner['id']}").status_code == 200
    assert embebido.integraciones.post(RUTA, json=otro).status_code == 201
    assert _uno(embebido, partner["id"])["estado"] == "ELIMINADO"


def test_la_misma_clave_es_el_mismo_partner(embebido: Sistema) -> None:
    """Same key and body: the same answer and one partner; same key, other body: 422."""
    cuerpo, clave = cuerpo_de_partner(), {"Idempotency-Key": str(uuid.uuid4())}
    respuestas = [embebido.integraciones.post(RUTA, json=cuerpo, headers=clave) for _ in range(2)]
    assert [r.status_code for r in respuestas] == [201, 201]
    assert respuestas[0].get_json() == respuestas[1].get_json()
    otro = embebido.integraciones.post(RUTA, json=cuerpo_de_partner(), headers=clave)
    exigir(otro, 422, "CLAVE_REUTILIZADA")


def test_la_lista_pagina_y_cuenta(embebido: Sistema) -> None:
    """Without paging all, deleted ones too; a page is in the same order; bad paging is a 400."""
    propios = [_nuevo(embebido)["id"] for _ in range(3)]
    embebido.integraciones.delete(f"{RUTA}/{propios[0]}")
    _integracion(embebido, propios[1])
    todos = embebido.integraciones.get(RUTA).get_json()
    ids = [p["id"] for p in todos["partners"]]
    assert todos["total"] == len(ids)
    assert ids[-3:] == propios
    assert [p["integraciones_count"] for p in todos["partners"][-3:]] == [0, 1, 0]
    assert todos["partners"][-3]["estado"] == "ELIMINADO"
    pagina = embebido.integraciones.get(f"{RUTA}?limit=2&offset={len(ids) - 3}").get_json()
    assert ([p["id"] for p in pagina["partners"]], pagina["total"]) == (propios[:2], len(ids))
    resto = embebido.integraciones.get(f"{RUTA}?offset={len(ids) - 1}").get_json()
    assert [p["id"] for p in resto["partners"]] == propios[2:]
    for mala in ("limit=0", "offset=-1", "limit=x"):
        exigir(embebido.integraciones.get(f"{RUTA}?{mala}"), 400, "DATOS_INVALIDOS")


def test_cambiar_un_partner(embebido: Sistema) -> None:
    """What is given changes, the e-mail never does."""
    partner = _nuevo(embebido)
    cambio = {"nombre": "Otro", "direccion": None, "email": "otro@example.com"}
    respuesta = embebido.integraciones.put(f"{RUTA}/{partner['id']}", json=cambio)
    assert respuesta.status_code == 200
    cambiado = respuesta.get_json()["partner"]
    assert cambiado["fecha_actualizacion"] > partner["fecha_creacion"]
    leido = _uno(embebido, partner["id"])
    assert (leido["nombre"], leido["direccion"], leido["email"], leido["telefono"]) == (
        "Otro",
        None,
        partner["email"],
        partner["telefono"],
    )
    exigir(embebido.integraciones.put(f"{RUTA}/{partner['id']}", json={"nombre": ""}), 400, "DATOS_INVALIDOS")


def test_eliminar_revoca_y_cierra(embebido: Sistema) -> None:
    """A deletion revokes what the partner has; afterwards every change is a 410."""
    partner = _nuevo(embebido)
    id = partner["id"]
    una, otra = _integracion(embebido, id), _integracion(embebido, id, tipo="WEBHOOK")
    respuesta = embebido.integraciones.delete(f"{RUTA}/{id}")
    assert (respuesta.status_code, respuesta.get_json()["partner_id"]) == (200, id)
    integraciones = _uno(embebido, id)["integraciones"]
    assert [i["id"] for i in integraciones] == [una["id"], otra["id"]]
    assert all(not i["activa"] and i["fecha_revocacion"] for i in integraciones)
    cliente = embebido.integraciones
    exigir(cliente.delete(f"{RUTA}/{id}"), 410, "PARTNER_YA_ELIMINADO")
    exigir(cliente.put(f"{RUTA}/{id}", json={"nombre": "x"}), 410, "PARTNER_ELIMINADO")
    exigir(cliente.put(f"{RUTA}/{id}/kyc", json={"estado_kyc": "APROBADO"}), 410, "PARTNER_ELIMINADO")
    nueva = cliente.post(f"{RUTA}/{id}/integraciones", json={"tipo": "API", "nombre": "x"})
    exigir(nueva, 410, "PARTNER_ELIMINADO")
    exigir(cliente.put(f"{RUTA}/integraciones/{una['id']}/revocar"), 410, "INTEGRACION_YA_REVOCADA")


def test_la_verificacion(embebido: Sistema) -> None:
    """Each outcome is recorded with its documents, which stay until others come; another word is refused."""
    id = _nuevo(embebido)["id"]
    ruta = f"{RUTA}/{id}/kyc"
    papeles = {"rut": "123", "paginas": 2}
    primera = embebido.integraciones.put(
        ruta, json={"estado_kyc": "REQUIERE_DOCUMENTOS", "documentos": papeles, "comentarios": "falta algo"}
    )
    assert primera.status_code == 200
    segunda = embebido.integraciones.put(ruta, json={"estado_kyc": "APROBADO"}).get_json()["partner"]
    assert (segunda["estado_kyc"], segunda["documentos_kyc"]) == ("APROBADO", papeles)
    assert _uno(embebido, id)["documentos_kyc"] == papeles
    exigir(embebido.integraciones.put(ruta, json={"estado_kyc": "QUIZÁ"}), 400, "ESTADO_KYC_INVALIDO")
    exigir(embebido.integraciones.put(ruta, json={}), 400, "DATOS_INVALIDOS")


def test_las_integraciones(embebido: Sistema) -> None:
    """One is made, with an idempotency key once, and revoked once."""
    id = _nuevo(embebido)["id"]
    clave = {"Idempotency-Key": str(uuid.uuid4())}
    cuerpo = {"tipo": "REAL_TIME", "nombre": "Eventos", "configuracion": {"url": "https://x.example"}}
    dos = [
        embebido.integraciones.post(f"{RUTA}/{id}/integraciones", json=cuerpo, headers=clave)
        for _ in range(2)
    ]
    assert dos[0].get_json() == dos[1].get_json()
    integracion = dos[0].get_json()["integracion"]
    assert (integracion["partner_id"], integracion["activa"]) == (id, True)
    ruta = f"{RUTA}/integraciones/{integracion['id']}/revocar"
    respuesta = embebido.integraciones.put(ruta, json={"motivo": "ya no"})
    assert respuesta.status_code == 200
    assert respuesta.get_json() == {
        "mensaje": "Integración revocada",
        "integracion_id": integracion["id"],
        "motivo": "ya no",
    }
    exigir(embebido.integraciones.put(ruta), 410, "INTEGRACION_YA_REVOCADA")
    [leida] = _uno(embebido, id)["integraciones"]
    assert (leida["activa"], leida["fecha_revocacion"] is None) == (False, False)
    mala = embebido.integraciones.post(f"{RUTA}/{id}/integraciones", json={"tipo": "FTP", "nombre": "x"})
    exigir(mala, 400, "TIPO_INTEGRACION_INVALIDO")


@pytest.mark.parametrize("id", [str(NADIE), "no-es-un-uuid", "ñ", "integraciones"])
def test_lo_desconocido_es_404(embebido: Sistema, id: str) -> None:
    """An unknown id is a 404 on every route, whatever it looks like."""
    cliente, codigo = embebido.integraciones, "PARTNER_NO_ENCONTRADO"
    exigir(cliente.get(f"{RUTA}/{id}"), 404, codigo)
    exigir(cliente.put(f"{RUTA}/{id}", json={"nombre": "x"}), 404, codigo)
    exigir(cliente.delete(f"{RUTA}/{id}"), 404, codigo)
    exigir(cliente.put(f"{RUTA}/{id}/kyc", json={"estado_kyc": "APROBADO"}), 404, codigo)
    nueva = cliente.post(f"{RUTA}/{id}/integraciones", json={"tipo": "API", "nombre": "x"})
    exigir(nueva, 404, codigo)
    exigir(cliente.put(f"{RUTA}/integraciones/{id}/revocar"), 404, "INTEGRACION_NO_ENCONTRADA")


def test_los_errores_de_http_llevan_el_sobre(embebido: Sistema) -> None:
    """Unknown routes and methods, and what is no JSON, are refused in the envelope too."""
    cliente = embebido.integraciones
    exigir(cliente.get("/nada"), 404, "RUTA_NO_ENCONTRADA")
    exigir(cliente.patch(f"{RUTA}/"), 405, "METODO_NO_PERMITIDO")
    exigir(
        cliente.post(RUTA, data=b"{", headers={"Content-Type": "application/json"}), 400, "DATOS_INVALIDOS"
    )


def test_la_tabla_es_la_del_contrato(embebido: Sistema) -> None:
    """SQL readers find one row a partner and one an integration, under the contract's names."""
    id = _nuevo(embebido)["id"]
    integracion = _integracion(embebido, id, configuracion={"a": 1})["id"]
    with embebido.proceso.c.motor().lectura() as con:
        [fila] = con.execute(text("SELECT * FROM partners WHERE id = :id"), {"id": id}).mappings()
        [otra] = con.execute(
            text("SELECT * FROM integraciones WHERE partner_id = :id"), {"id": id}
        ).mappings()
    assert {
        "nombre",
        "email",
        "telefono",
        "direccion",
        "estado",
        "fecha_creacion",
        "fecha_actualizacion",
    } <= set(fila)
    assert {"estado_kyc", "documentos_kyc"} <= set(fila)
    assert otra["id"] == integracion
    assert {"tipo", "descripcion", "configuracion", "activa", "fecha_creacion", "fecha_revocacion"} <= set(
        otra
    )


def test_salud(embebido: Sistema) -> None:
    """Each service of the system says what it is."""
    for cliente, servicio in (
        (embebido.integraciones, "gestion-de-integraciones"),
        (embebido.alianzas, "gestion-de-alianzas"),
        (embebido.sagas_partners, "saga-orchestrator"),
    ):
        salud = cliente.get("/health").get_json()
        assert (salud["status"], salud["service"], salud["version"]) == ("healthy", servicio, "1.0.0")
    assert embebido.alianzas.get("/posts/ping").get_data() == b"pong"
    assert embebido.bff_partners.get("/ping").get_data() == b"pong"
