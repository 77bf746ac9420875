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
