"""The seed's own request body, with what a test wants to be different."""

import uuid
from typing import Any


def cuerpo_de_saga(referencia: str | None = None, **partes: Any) -> dict[str, Any]:
    """Return the body of the seed with a reference of its own."""
    return {
        "campana": {
            "nombre": "Campaña Test",
            "tipo": "PROMOCIONAL",
            "presupuesto": {"monto": 1000.0, "moneda": "USD"},
            "fecha_inicio": "2025-01-01T00:00:00",
            "fecha_fin": "2025-12-31T23:59:59",
            "id_afiliado": "afiliado_test",
            "descripcion": "Campaña de prueba",
        },
        "pago": {
            "id_afiliado": "afiliado_test",
            "monto": 1000.0,
            "moneda": "USD",
            "referencia_pago": referencia or f"ref-{uuid.uuid4()}",
        },
        "reporte": {
            "tipo_reporte": "metricas_generales",
            "filtros": {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31"},
        },
        "timeout_minutos": 30,
        **partes,
    }


def cuerpo_de_partner(**partes: Any) -> dict[str, Any]:
    """Return the body of the partners' seed with an address of its own."""
    return {
        "nombre": "Example Partner",
        "email": f"partner-{uuid.uuid4().hex}@example.com",
        "telefono": "+1234567890",
        "direccion": "123 Main Street",
        **partes,
    }


def cuerpo_de_pedido(producto: int, cantidad: int = 1) -> dict[str, Any]:
    """Return the body of an order of one product."""
    return {"cliente": "Juan Pérez", "items": [{"producto_id": producto, "cantidad": cantidad}]}


SAGA = "/saga/crear-campana-completa"
# By service and path, what makes something that can be looked at; no other operation makes such a thing.
CREACIONES: dict[tuple[str, str], dict[str, Any]] = {
    **{(app, SAGA): cuerpo_de_saga() for app in ("orquestador", "bff", "principal")},
    ("principal", "/campaigns/"): cuerpo_de_saga()["campana"],
    ("principal", "/api/campaigns/"): cuerpo_de_saga()["campana"],
    ("principal", "/pagos/"): cuerpo_de_saga("ref-http")["pago"],
    ("principal", "/reporting/report"): cuerpo_de_saga()["reporte"],
    ("orquestador-partners", "/api/v1/saga/partner-creation"): cuerpo_de_partner(),
    ("orquestador-partners", "/api/v1/saga/comando-crear-partner"): cuerpo_de_partner(),
    ("bff-partners", "/api/v1/partners/"): cuerpo_de_partner(),
    ("integraciones", "/api/v1/partners/"): cuerpo_de_partner(),
    ("integraciones", "/api/v1/saga/partners/"): cuerpo_de_partner(),
    ("cafeteria-api", "/api/v1/pedidos/"): cuerpo_de_pedido(1),
    ("alianzas", "/posts/"): {"partner_id": "partner-1234", "tipo": "CPA", "fecha_inicio": "2026-01-01"},
}
