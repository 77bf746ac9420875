"""What is covered in a log line, and what is left as it is."""

import time

import pytest

from aeropartners.arranque.proceso.tapar_secretos import Tapador

FICHA = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJpYSJ9.c2lnbmF0dXJl-_x"
CLAVE = "ap_0a1b2c3d_" + "Zx9-_" * 8


@pytest.mark.parametrize(
    ("dicho", "queda"),
    [
        ("alta de maria.perez+x@correo.example.com hecha", "alta de *** hecha"),
        ("postgresql://app:s3creta@base:5432/x", "postgresql://app:***@base:5432/x"),
        (f"clave {CLAVE} mala", "clave *** mala"),
        (f"Authorization: Bearer {FICHA}", "Authorization: Bearer ***"),
        (f"llegó {FICHA}", "llegó ***"),
        ("X-API-Key: abc123", "X-API-Key: ***"),
        ('{"password": "abc123", "a": 1}', '{"password": "***", "a": 1}'),
        ("{'password': 'abc123'}", "{'password': '***'}"),
        ("contraseña=abc123", "contraseña=***"),
        ("tarjeta 4111111111111111.", "tarjeta ***."),
        ("tarjeta 4111 1111 1111 1111", "tarjeta ***"),
        ("tarjeta 4111-1111-1111-1111", "tarjeta ***"),
        ("duplicate key DETAIL: Key (nombre)=(María Pérez) exists.\\nSQL", "duplicate key DETAIL: ***\\nSQL"),
        ("el secreto-de-la-base se ve", "el *** se ve"),
        ("postgresql://app:s3@cre@ta@base/x", "postgresql://app:***@base/x"),
        ("http://h/x?a=1&sig=s3creta&b=2", "http://h/x?a=1&sig=***&b=2"),
        ("postgresql://base/x?password=s3creta", "postgresql://base/x?password=***"),
        (
            'bad\\nCONTEXT:  JSON data, line 1: {\\"a\\": \\"s3creta\\"}\\nmás',
            "bad\\nCONTEXT: ***\\nmás",
        ),
        ("bad\\nLINE 1: INSERT INTO x VALUES ('s3creta')\\n      ^", "bad\\nLINE 1: ***\\n      ^"),
        (
            'invalid input syntax for type uuid: \\"s3creta\\"',
            'invalid input syntax for type uuid: \\"***\\"',
        ),
    ],
)
def test_se_tapa(dicho: str, queda: str) -> None:
    """Addresses, passwords, keys, tokens, cards, and the values in what a database says."""
    assert Tapador(["secreto-de-la-base", "x"]).tapar(dicho.encode()).decode() == queda


@pytest.mark.parametrize(
    "dicho",
    [
        "SAGA 0199aabb-1234-7111-8222-123456789012 iniciada: CREAR_CAMPANA_COMPLETA",
        "Paso 01234567-8901-7234-8567-890123456789 de SAGA",
        '{"timestamp": "2025-11-21T18:00:00.123456Z", "bucle": "consumidor-saga@1"}',
        "pedido 4111111111111112",
        "http://127.0.0.1:8091/saga",
        "persistent://public/default/saga-events-partition-0",
    ],
)
def test_lo_demas_se_queda(dicho: str) -> None:
    """Ids, times, addresses of services, and numbers that are no card's."""
    assert Tapador().tapar(dicho.encode()).decode() == dicho


def test_no_cuesta_mas_que_la_linea() -> None:
    """A long line of what looks like a beginning is read once, not once for each of its letters."""
    linea = b"@ token " + b"a" * 200_000 + b"1" * 200_000 + b"eyJ" * 50_000 + b"1 " * 100_000
    linea += b"://:" * 50_000 + b"?pass" * 50_000 + b"passpass" * 50_000 + b"invalid input " * 20_000
    inicio = time.process_time()
    Tapador().tapar(linea)
    assert time.process_time() - inicio < 5
