"""The limits of each field, played at every door that takes it: HTTP, topic and command say the same."""

import json
import uuid
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from aeropartners.contratos.alianzas import CrearAlianza
from aeropartners.contratos.campanas import CrearCampanaDeSaga
from aeropartners.contratos.pagos import ProcesarPago
from aeropartners.contratos.partners import TEMA_CREAR_PARTNER
from aeropartners.contratos.saga import TEMA_INICIAR
from aeropartners.modulos.alianzas.aplicacion.propuestas import PorDefecto, leer_propuesta
from aeropartners.modulos.campanas.aplicacion.solicitud import leer_campana
from aeropartners.modulos.pagos.aplicacion.solicitudes import leer_solicitud
from aeropartners.modulos.reporting.aplicacion.pedidos import leer_pedido
from aeropartners.seedwork.aplicacion.bucles.recepcion import sobre_de
from aeropartners.seedwork.aplicacion.mensajes import Recibido
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.sistemas.cafeteria.api import MAXIMO_ENTERO, MAXIMO_ITEMS
from saga_orchestrator.sistemas.campanas.sagas import sagas as sagas_campanas
from saga_orchestrator.sistemas.partners.borde import borde as borde_partners
from tests.datos import cuerpo_de_partner, cuerpo_de_pedido, cuerpo_de_saga
from tests.hostil.casos import (
    Caso,
    correo,
    enteros,
    momentos,
    montos,
    objetos,
    palabras,
    textos,
    valores,
)
from tests.hostil.quieto import Quieto
from tests.unidad.campanas.mundo import Mundo as MundoCampanas
from tests.unidad.pagos.mundo import Mundo as MundoPagos

Datos = dict[str, Any]
# Whether a door takes a form; whatever else it answers is a failure of the test.
Puerta = Callable[[Quieto, Datos], bool]
HOY = date(2026, 1, 1)


def por_http(app: str, ruta: str, metodo: str = "POST", dentro: str = "") -> Puerta:
    """A route; `dentro` names the field of its body that the form is."""

    def tomar(quieto: Quieto, datos: Datos) -> bool:
        cuerpo = json.dumps({**cuerpo_de_partner(), dentro: datos} if dentro else datos)
        camino = ruta.format(**quieto.ids(app))
        respuesta = quieto.cliente(app).open(
            camino, method=metodo, data=cuerpo, content_type="application/json"
        )
        mal_formada = quieto.mal_formada(app)
        assert respuesta.status_code in (200, 201, 202, mal_formada), respuesta.get_data(as_text=True)
        return respuesta.status_code != mal_formada

    return tomar


def por_tema(tema: str, envolver: Callable[[Datos], Datos]) -> Puerta:
    """A topic of the orchestrator, read as its loop reads it."""

    def tomar(_quieto: Quieto, datos: Datos) -> bool:
        recibido = Recibido(tema, json.dumps(envolver(datos)).encode(), {}, None, "1:1")
        try:
            sobre_de(ORQUESTADOR, recibido, datetime.now(UTC))
        except NoDescifrable:
            return False
        return True

    return tomar


def por_orden(leer: Callable[[Datos], object], mandar: Callable[[Datos], bool] | None = None) -> Puerta:
    """A command of a saga: what its module reads, and then what becomes of it."""

    def tomar(_quieto: Quieto, datos: Datos) -> bool:
        try:
            leer(datos)
        except ErrorDeDominio:
            return False
        return mandar is None or mandar(datos)

    return tomar


def _con_contrato(datos: Datos) -> Datos:
    return {**cuerpo_de_partner(), "contrato": datos}


def _alianza(datos: Datos) -> object:
    return leer_propuesta(CrearAlianza(uuid.uuid4(), "partner-123", {}, datos), PorDefecto(), HOY)


def _campana(datos: Datos) -> bool:
    return MundoCampanas().saga(CrearCampanaDeSaga(uuid.uuid4(), datos)).exito


def _pago(datos: Datos) -> bool:
    return MundoPagos().saga(ProcesarPago(uuid.uuid4(), datos)) is None


def _inicio(datos: Datos) -> Datos:
    """As the body of HTTP, in a message."""
    aparte = {c: v for c, v in datos.items() if c == "timeout_minutos"}
    iniciales = {c: v for c, v in datos.items() if c != "timeout_minutos"}
    return {**aparte, **_nombres(), "tipo": "CREAR_CAMPANA_COMPLETA", "datos_iniciales": iniciales}


def _nombres() -> Datos:
    return {"event_id": str(uuid.uuid4()), "saga_id": str(uuid.uuid4())}


ORQUESTADOR = Orquestador(Registro(()), [sagas_campanas(Ajustes()).borde, borde_partners(10)]).modulo()
TRES = [
    ("orquestador-partners", "/api/v1/saga/partner-creation"),
    ("integraciones", "/api/v1/saga/partners"),
    ("bff-partners", "/api/v1/partners/"),
]
ENVUELTO = "tema, en data"
INICIOS_DE_PARTNER: dict[str, Puerta] = {
    **{app: por_http(app, ruta) for app, ruta in TRES},
    "tema": por_tema(TEMA_CREAR_PARTNER, dict),
    ENVUELTO: por_tema(TEMA_CREAR_PARTNER, lambda datos: {"type": "ComandoCrearPartner", "data": datos}),
}
DE_CONTRATO: dict[str, Puerta] = {
    **{app: por_http(app, ruta, dentro="contrato") for app, ruta in TRES},
    "tema": por_tema(TEMA_CREAR_PARTNER, _con_contrato),
    "orden": por_orden(_alianza),
}


ITEM = {"producto_id": 1, "cantidad": 1}
PEDIDOS = por_http("cafeteria-api", "/api/v1/pedidos/")


class Formulario(NamedTuple):
    """A form: a right one, and who takes it, some only some of its fields."""

    bueno: Callable[[], Datos]
    puertas: Mapping[str, Puerta]
    parciales: Mapping[str, tuple[Puerta, frozenset[str]]] = {}


FORMULARIOS = {
    "campana": Formulario(
        lambda: deepcopy(cuerpo_de_saga()["campana"]),
        {
            "/campaigns": por_http("principal", "/campaigns/"),
            "/api/campaigns": por_http("principal", "/api/campaigns/"),
            "orden": por_orden(leer_campana, _campana),
        },
        {
            "cambio": (
                por_http("principal", "/campaigns/{id_campana}", "PATCH"),
                frozenset({"nombre", "descripcion", "fecha_inicio", "fecha_fin"}),
            )
        },
    ),
    "presupuesto": Formulario(
        lambda: {"monto": 1000.0, "moneda": "USD"},
        {
            "/campaigns": lambda q, d: FORMULARIOS["campana"].puertas["/campaigns"](q, _presupuestada(d)),
            "orden": lambda q, d: FORMULARIOS["campana"].puertas["orden"](q, _presupuestada(d)),
            "cambio": por_http("principal", "/campaigns/{id_campana}/budget", "PATCH"),
        },
    ),
    "pago": Formulario(
        lambda: dict(cuerpo_de_saga()["pago"]),
        {"/pagos": por_http("principal", "/pagos/"), "orden": por_orden(leer_solicitud, _pago)},
    ),
    "filtros": Formulario(
        lambda: {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31"},
        {
            "/reporting": lambda q, d: por_http("principal", "/reporting/report")(q, _reporte(d)),
            "orden": por_orden(lambda d: leer_pedido(_reporte(d))),
            "orden, planos": por_orden(lambda d: leer_pedido({"tipo_reporte": "metricas_generales", **d})),
        },
    ),
    "inicio": Formulario(
        cuerpo_de_saga,
        {
            **{
                app: por_http(app, "/saga/crear-campana-completa")
                for app in ("bff", "principal", "orquestador")
            },
            "tema": por_tema(TEMA_INICIAR, _inicio),
        },
    ),
    "inicio de partner": Formulario(cuerpo_de_partner, INICIOS_DE_PARTNER),
    "partner": Formulario(
        cuerpo_de_partner,
        {**INICIOS_DE_PARTNER, "/api/v1/partners": por_http("integraciones", "/api/v1/partners")},
        {
            "cambio": (
                por_http("integraciones", "/api/v1/partners/{partner_id}", "PUT"),
                frozenset({"nombre", "telefono", "direccion"}),
            )
        },
    ),
    "clase de contrato": Formulario(lambda: {"tipo": "CPA"}, DE_CONTRATO),
    "contrato": Formulario(
        lambda: {"fecha_inicio": "2026-01-01"},
        {
            **DE_CONTRATO,
            "/posts": lambda q, d: por_http("alianzas", "/posts/")(
                q, {"partner_id": "partner-123", "tipo": "CPA", **d}
            ),
        },
        {
            "cambio": (
                por_http("alianzas", "/contratos/{contrato_id}", "PUT"),
                frozenset({"monto", "moneda", "condiciones", "fecha_fin"}),
            )
        },
    ),
    "pedido": Formulario(lambda: cuerpo_de_pedido(1), {"/api/v1/pedidos": PEDIDOS}),
    "item": Formulario(
        lambda: dict(ITEM),
        {
            "/api/v1/pedidos": lambda q, d: PEDIDOS(q, {"cliente": "Ana", "items": [d]}),
            "/api/v1/pedidos, el segundo": lambda q, d: PEDIDOS(q, {"cliente": "Ana", "items": [ITEM, d]}),
        },
    ),
}


def _presupuestada(dinero: Datos) -> Datos:
    return {**cuerpo_de_saga()["campana"], "presupuesto": dinero}


def _reporte(filtros: Datos) -> Datos:
    return {"tipo_reporte": "metricas_generales", "filtros": filtros}


CASOS = [
    *textos("campana", "nombre", 255),
    *textos("campana", "id_afiliado", 255),
    *textos("campana", "descripcion", 2_000, vacio=True),
    Caso("campana", "descripcion", None, True),
    *palabras("campana", "tipo", "PROMOCIONAL", "RETENCION"),
    *momentos("campana", "fecha_inicio", "2025-01-01", "2025-01-01T00:00:00+02:00"),
    *momentos("campana", "fecha_fin", "2025-12-31"),
    *valores("campana", "presupuesto", malos=(1000, [], None, {"monto": 1}, {"moneda": "USD"})),
    *palabras("presupuesto", "moneda", "USD", "EUR", "COP"),
    *montos("presupuesto", buenos=(0, 0.01, 1_000_000), fuera=(-0.01, 1_000_000.01)),
    *textos("pago", "id_afiliado", 200),
    *textos("pago", "referencia_pago", 200),
    *palabras("pago", "moneda", "USD", "EUR", "COP"),
    *montos("pago", buenos=(0.01, 999_999_999_999), fuera=(0, -1)),
    *valores("pago", "metadata", buenos=({}, {"a": [1]}, None), malos=([], "x", 7)),
    *textos("filtros", "afiliado_id", 255),
    *textos("filtros", "campana_id", 255),
    *textos("filtros", "estado_pago", 255),
    *textos("filtros", "moneda", 255),
    *momentos("filtros", "fecha_inicio", "2025-01-01", "2025-01-01T10:00:00Z"),
    *momentos("filtros", "fecha_fin", "2025-12-31"),
    *(caso for parte in ("campana", "pago", "reporte") for caso in objetos("inicio", parte)),
    *valores("inicio", "timeout_minutos", buenos=(1, 525_600, None), malos=(0, -1, 525_601, "30", 1.5, [])),
    *textos("partner", "nombre", 255),
    *textos("partner", "telefono", 50, vacio=True),
    *textos("partner", "direccion", 500, vacio=True),
    *valores("partner", "email", buenos=(correo(64, 254),), malos=(correo(64, 255), correo(65, 200))),
    *valores("partner", "email", malos=("", "no", "a@b", None, 7, "a\x00@b.c", "a\ud800@b.c")),
    *textos("inicio de partner", "correlation_id", 100),
    *valores("inicio de partner", "contrato", buenos=({}, None), malos=([], "x", 7)),
    *textos("clase de contrato", "tipo", 20),
    *textos("contrato", "moneda", 10),
    *textos("contrato", "condiciones", 255, vacio=True),
    *montos("contrato", buenos=(0, -1, 0.01, 999_999_999_999), fuera=()),
    *momentos("contrato", "fecha_inicio", "2026-01-01"),
    *momentos("contrato", "fecha_fin", "2026-12-31"),
    *textos("pedido", "cliente", 255),
    *valores("pedido", "items", buenos=([ITEM], [ITEM] * MAXIMO_ITEMS), malos=([], {}, None, "x", [7], [[]])),
    *valores("pedido", "items", malos=([ITEM] * (MAXIMO_ITEMS + 1), [ITEM, None], [[ITEM]], [{}])),
    *enteros("item", "producto_id", MAXIMO_ENTERO),
    *enteros("item", "cantidad", MAXIMO_ENTERO),
]


@pytest.mark.parametrize("caso", CASOS, ids=lambda c: f"{c.formulario}-{c.campo}-{str(c.valor)[:30]!a}")
def test_las_puertas_juzgan_igual(quieto: Quieto, caso: Caso) -> None:
    """A value is taken at every door that takes its field, or at none."""
    formulario = FORMULARIOS[caso.formulario]
    dicho = {
        nombre: puerta(quieto, {**formulario.bueno(), caso.campo: caso.valor})
        for nombre, puerta in formulario.puertas.items()
    }
    for nombre, (puerta, campos) in formulario.parciales.items():
        if caso.campo in campos and caso.valor is not None:
            dicho[nombre] = puerta(quieto, {caso.campo: caso.valor})
    assert dicho == dict.fromkeys(dicho, caso.vale)


@pytest.mark.parametrize("numero", ["1e400", "1e-400", "NaN", "Infinity"])
def test_un_numero_que_nadie_guarda_no_entra(quieto: Quieto, numero: str) -> None:
    """What no double holds is refused by the reader of bodies, over HTTP and on a topic alike."""
    cuerpo = json.dumps(cuerpo_de_saga()).replace("1000.0", numero, 1)
    respuesta = quieto.cliente("bff").post(
        "/saga/crear-campana-completa", data=cuerpo, content_type="application/json"
    )
    assert respuesta.status_code == 400
    mensaje = json.dumps(_inicio(cuerpo_de_saga())).replace("1000.0", numero, 1).encode()
    with pytest.raises(NoDescifrable):
        sobre_de(ORQUESTADOR, Recibido(TEMA_INICIAR, mensaje, {}, None, "1:1"), datetime.now(UTC))


def test_un_monto_exacto_es_el_mismo_por_dentro() -> None:
    """An amount that came as a Decimal, as ours do, is read as the number that it is."""
    datos = {**cuerpo_de_saga()["campana"], "presupuesto": {"monto": Decimal("0.10"), "moneda": "USD"}}
    assert leer_campana(datos)["presupuesto"]["monto"] == Decimal("0.1")
