"""The work that a stranger's text makes is counted, not timed: twice the text is twice the work."""

import sys
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from aeropartners.arranque.http import conexion_http
from aeropartners.arranque.proceso import tapar_secretos
from aeropartners.contratos.alianzas import CrearAlianza
from aeropartners.contratos.formularios import INICIO_DE_PARTNER
from aeropartners.contratos.partners import EMAIL
from aeropartners.modulos.alianzas.aplicacion import propuestas
from aeropartners.modulos.campanas.aplicacion import solicitud as solicitud_campana
from aeropartners.modulos.pagos.aplicacion import solicitudes
from aeropartners.modulos.reporting.aplicacion import pedidos
from aeropartners.seedwork.aplicacion.formularios import Texto
from aeropartners.seedwork.dominio import valores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web import esquemas, peticiones
from aeropartners.seedwork.infraestructura.web.acceso import navegadores
from tests.hostil.pasos import pasos

# As many as a body holds: to sort marks of several classes takes the square of their number.
MARCAS = "a" + "\u0315\u0300\u05ae\u0300" * 32_000
ENTEROS = {
    "direcciones": EMAIL,
    "uuid": esquemas._UUID.pattern,
    "anfitrion": navegadores._NOMBRE.pattern,
    "linea": conexion_http.LINEA.pattern.decode(),
}
BUSCADOS = {
    "control": peticiones._CONTROL.pattern,
    "hueco": conexion_http.HUECO.pattern.decode(),
    "tarjeta": tapar_secretos._TARJETA.pattern.decode(),
    "señal": tapar_secretos._SENAL.pattern.decode(),
    **{f"forma {i}": forma.pattern.decode("latin-1") for i, forma in enumerate(tapar_secretos._FORMAS)},
}
PRINCIPIOS = (b"", b"://a:", b"token", b"token=", b"DETAIL: ", b"ap_00000000_", b"a@", b"eyJ", b"GET x://")
SEMILLAS = (
    *(b"a", b"1", b" ", b"-", b".", b"@", b":", b"/", b'"', b"\\", b"a.", b"a@", b"a@b.", b"://", b"://a:"),
    *(
        b"-eyJ",
        b".eyJ",
        b"eyJ.",
        b"eyJa-",
        b"ap_00000000_",
        b"-ap_00000000_",
        b"DETAIL: ",
        b"token ",
        b"token=",
    ),
    *(b"1 ", b"1234 ", b"1234-", b"x-api-key", b"contrase??a", b"[a", b"a-", b"\x01"),
)
CORTO = 60


@pytest.fixture
def normalizados(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters each call of NFC was given."""
    vistos: list[int] = []

    def normalizar(forma: str, texto: str) -> str:
        vistos.append(len(texto))
        assert len(texto) < 10_000, "sin medir"
        return unicodedata.normalize(forma, texto)

    monkeypatch.setattr(valores, "unicodedata", type("Contador", (), {"normalize": staticmethod(normalizar)}))
    return vistos


def de_una_campana(texto: str) -> Any:
    presupuesto = {"monto": 1, "moneda": "USD"}
    datos = {"nombre": texto, "tipo": "x", "id_afiliado": "x", "presupuesto": presupuesto}
    momentos = {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-01-01"}
    return solicitud_campana.leer_campana({**datos, **momentos})


def de_una_alianza(texto: str) -> Any:
    comando = CrearAlianza(UUID(int=0), "p", {}, {"condiciones": texto})
    return propuestas.leer_propuesta(comando, propuestas.PorDefecto(), date(2026, 1, 1))


LECTORES = {
    "texto": lambda t: Texto(maximo=2_000).deserialize(t),
    "campana": de_una_campana,
    "pago": lambda t: solicitudes.leer_solicitud({"referencia_pago": t}),
    "reporte": lambda t: pedidos.leer_pedido({"tipo_reporte": t}),
    "filtro": lambda t: pedidos.leer_pedido({"tipo_reporte": pedidos.TIPOS[0], "filtros": {"moneda": t}}),
    "alianza": de_una_alianza,
    "partner": lambda t: INICIO_DE_PARTNER.load({"nombre": t, "email": "a@b.c"}),
}


@pytest.mark.parametrize("lector", LECTORES)
def test_el_largo_se_mira_antes_de_normalizar(normalizados: list[int], lector: str) -> None:
    """What is longer than it may be is refused, by every reader of text, without a look at its characters."""
    with pytest.raises((ValidationError, ErrorDeDominio)):
        LECTORES[lector](MARCAS)
    assert max(normalizados, default=0) < len("metricas_generales") + 10


def test_lo_que_cabe_se_normaliza(normalizados: list[int]) -> None:
    """Composed where it can be; what only grows too long by it is refused as well."""
    assert valores.en_nfc(" n\u0303 ", 2) == "ñ"
    assert valores.en_nfc("\u0958" * 3, 5) is None
    assert normalizados == [2, 3]


@pytest.fixture
def hondo() -> Iterator[None]:
    """The counting matcher recurses once for each repetition of a group."""
    antes = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    yield
    sys.setrecursionlimit(antes)


@pytest.mark.usefixtures("hondo")
@pytest.mark.parametrize("nombre", [*ENTEROS, *BUSCADOS])
def test_ningun_patron_hace_mas_que_el_doble_con_el_doble(nombre: str) -> None:
    """Every pattern that reads strangers' text, over texts that begin what it looks for again and again."""
    patron, entero = (ENTEROS | BUSCADOS)[nombre], nombre in ENTEROS
    crecen: dict[tuple[bytes, bytes], float] = {}
    for principio, semilla in product(PRINCIPIOS, SEMILLAS):
        textos = (principio + (semilla * largo)[:largo] + b"!" for largo in (CORTO, 2 * CORTO))
        uno, doble = (pasos(patron, texto, entero=entero) for texto in textos)
        crecen[principio, semilla] = doble / uno
    assert max(crecen.values()) < 2.6, max(crecen.items(), key=lambda par: par[1])


@pytest.mark.usefixtures("hondo")
def test_el_contador_ve_un_cuadrado() -> None:
    """The pattern of tokens as it was: looked for from each place inside a word, four times the steps."""
    viejo = r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    assert pasos(viejo, b"-eyJ" * 60) / pasos(viejo, b"-eyJ" * 30) > 3.3


@pytest.mark.parametrize(
    "cabeza",
    [b"GET http://" + b"1" * 30_000 + b" x y", b"GET / HTTP/1.1\r\nHost: x\r\nX:" + b" " * 30_000 + b"a"],
    ids=["linea", "blancos"],
)
def test_los_patrones_del_servidor_no_ven_lo_que_los_pierde(
    cabeza: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waitress took 80 s and 5 s of its only thread for these: refused before its patterns are asked."""
    import waitress.parser
    from waitress.adjustments import Adjustments

    for patron in ("first_line_re", "HEADER_FIELD_RE"):
        monkeypatch.setattr(waitress.parser, patron, None)
    lector = conexion_http.Lector(Adjustments(max_request_header_size=64_000))
    lector.received(cabeza + b"\r\n\r\n")
    assert lector.completed
    assert lector.error.code == 400
