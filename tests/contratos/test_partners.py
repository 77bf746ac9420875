"""The wire of partners and alliances: each message against its golden JSON (contract 004, section 7)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from aeropartners.contratos import alianzas, partners, saga
from aeropartners.modulos.alianzas.aplicacion.comandos import manejadores
from aeropartners.modulos.alianzas.aplicacion.entrada import traducir
from aeropartners.modulos.alianzas.aplicacion.propuestas import PorDefecto
from aeropartners.modulos.alianzas.dominio import eventos as hechos_contrato
from aeropartners.modulos.alianzas.modulo import modulo as modulo_alianzas
from aeropartners.modulos.partners.dominio import eventos as hechos_partner
from aeropartners.modulos.partners.modulo import MODULO as MODULO_PARTNERS
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, NoDescifrable, codificar
from aeropartners.seedwork.dominio.evento import nombre_de
from saga_orchestrator.aplicacion.publicos import publicos
from saga_orchestrator.sistemas.partners.borde_alianzas import responder
from saga_orchestrator.sistemas.partners.borde_partners import iniciar_por_comando, oir
from tests.dobles.unidad_de_trabajo import UnidadEnMemoria
from tests.saga.lenguaje import SAGA, Escenario
from tests.saga.partner import ALIANZA, BORRAR, CANCELAR, con_partner

DORADOS = Path(__file__).parent / "dorados"
ID = UUID("0190a5a0-0000-7000-8000-0000000000aa")
OTRO = UUID("0190a5a0-0000-7000-8000-0000000000bb")
FECHA = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATOS = {"nombre": "Example", "email": "partner@example.com", "telefono": None, "direccion": None}
CONTRATO: tuple[Any, ...] = ("p-1", "CPA", date(2026, 1, 2), None, Decimal("1.50"), "USD", None)
MENSAJES = [
    partners.CrearPartner(ID, "Example", "partner@example.com", "+1", "calle"),
    partners.ActualizarPartner(ID, {"nombre": "Otro"}),
    partners.EliminarPartner(ID, "partner@example.com"),
    partners.VerificarKyc(ID, "APROBADO", {"rut": 1}, "bien"),
    partners.CrearIntegracion(ID, OTRO, "API", "Pagos", None, {"url": "x"}),
    partners.RevocarIntegracion(ID, OTRO, "ya no"),
    partners.PedirPartner(SAGA, DATOS),
    partners.BorrarPartner(SAGA, DATOS, "p-1"),
    alianzas.CrearAlianza(SAGA, "p-1", DATOS, {"monto": Decimal("1000.00")}),
    alianzas.CancelarAlianza(SAGA, "p-1", None, "motivo"),
    alianzas.CrearContrato(ID, "p-1", "CPA", date(2026, 1, 2), None, Decimal("1.50")),
    alianzas.CambiarContrato(ID, estado="cancelado"),
    partners.ComandoCrearPartner(SAGA, DATOS, {}, 10, "correlacion"),
    # What is stored is as old as what is sent.
    hechos_partner.PartnerCreado("Example", "partner@example.com", "+1", None, FECHA, SAGA),
    hechos_partner.PartnerActualizado("Otro", None, None, FECHA),
    hechos_partner.PartnerEliminado(FECHA),
    hechos_partner.KycVerificado("PENDIENTE", "APROBADO", {"rut": 1}, None, FECHA),
    hechos_partner.IntegracionCreada(OTRO, "API", "Pagos", None, FECHA, {"url": "x"}),
    hechos_partner.IntegracionRevocada(OTRO, "ya no", FECHA),
    hechos_contrato.ContratoCreado(*CONTRATO, "activo", FECHA, SAGA, "aviso"),
    hechos_contrato.ContratoRechazado(*CONTRATO, "causa", "MONTO_INVALIDO", FECHA, SAGA),
    hechos_contrato.ContratoModificado("vencido", None, "USD", None, "c", FECHA),
    hechos_contrato.ContratoCancelado("motivo", FECHA),
    hechos_contrato.AlianzaAnulada("p-1", "motivo", FECHA),
]
ALIANZA_PUBLICA = {
    *("partner_id", "tipo", "fecha_inicio", "fecha_fin", "monto", "moneda", "condiciones", "estado"),
    *("contrato_id", "alliance_id", "saga_id", "correlation_id", "event_id", "timestamp", "event_type"),
}
PARTNER_PUBLICO = {
    *("partner_id", "event_type", "email", "saga_id", "correlation_id", "event_id", "timestamp", "orden"),
}


def _dorado(nombre: str, hallado: bytes) -> None:
    """Compare with the golden file; a missing one is written once and fails, to be looked at."""
    ruta = DORADOS / f"{nombre}.json"
    bonito = msgspec.json.format(hallado, indent=1) + b"\n"
    if not ruta.exists():
        ruta.parent.mkdir(exist_ok=True)
        ruta.write_bytes(bonito)
        pytest.fail(f"{ruta.name} no existía: revíselo y guárdelo")
    assert bonito == ruta.read_bytes()


def _lista(envios: list[Envio]) -> bytes:
    return b"[" + b",".join(bytes(e.cuerpo) for e in envios) + b"]"


def _recibido(envio: Envio) -> Recibido:
    return Recibido(envio.tema, bytes(envio.cuerpo), envio.propiedades or {}, None, "1:1")


@pytest.mark.parametrize("mensaje", MENSAJES, ids=lambda m: nombre_de(type(m))[0])
def test_cada_mensaje_tiene_su_json(mensaje: object) -> None:
    """A message is written as its golden JSON, and read from it again."""
    nombre, version = nombre_de(type(mensaje))
    dato = codificar(mensaje)
    _dorado(f"{nombre}.v{version}", dato)
    leido = Diccionario([type(mensaje)]).descifrar(nombre, version, dato)
    assert codificar(leido) == dato


def _sagas() -> dict[str, Escenario]:
    return {
        "exito": con_partner().exito(ALIANZA, alliance_id="a-1"),
        "compensada": con_partner()
        .pasan(61)
        .exito(CANCELAR, alliance_id="a-1")
        .exito(BORRAR, partner_id="p-1"),
    }


@pytest.mark.parametrize("historia", ["exito", "compensada"])
def test_los_eventos_de_saga_events(historia: str) -> None:
    """What `saga-events` carries for a partner saga, in the platform's one envelope."""
    escenario = _sagas()[historia]
    causa = Sobre(id=ID, tipo="x", clave="x", fecha=FECHA)
    envios = [
        envio
        for version, evento in enumerate(escenario.eventos, 1)
        for envio in publicos(Registrado(SAGA, "saga", version, evento, causa, FECHA, SAGA), escenario.saga)
    ]
    assert {(e.tema, e.clave) for e in envios} == {("saga-events", str(SAGA))}
    assert {msgspec.json.decode(e.cuerpo)["saga_type"] for e in envios} == {"PARTNER_CREATION"}
    _dorado(f"partners/saga-events-{historia}", _lista(envios))


def test_los_eventos_de_un_partner() -> None:
    """What `eventos-partners` carries for every kind of event, keyed by the saga that made the partner."""
    unidad = UnidadEnMemoria(MODULO_PARTNERS, FECHA)

    def tratar(mensaje: object, saga_id: UUID | None = None) -> None:
        unidad.tratar(unidad.sobre(mensaje, saga_id=saga_id, correlacion_id="correlacion"))

    crear = partners.CrearPartner(ID, "Example", "partner@example.com")
    tratar(crear, saga_id=SAGA)
    tratar(partners.ActualizarPartner(ID, {"nombre": "Otro"}))
    tratar(partners.VerificarKyc(ID, "APROBADO"))
    tratar(partners.CrearIntegracion(ID, OTRO, "API", "Pagos"))
    tratar(partners.EliminarPartner(ID, "partner@example.com"), saga_id=SAGA)
    tipos = [msgspec.json.decode(e.cuerpo)["event_type"] for e in unidad.salidas]
    assert tipos == [
        "partner_created",
        "partner_updated",
        "kyc_verified",
        "integration_created",
        "integration_revoked",
        "partner_deleted",
    ]
    for envio in unidad.salidas:
        cuerpo = msgspec.json.decode(envio.cuerpo)
        assert cuerpo.keys() >= PARTNER_PUBLICO
        assert (envio.tema, envio.clave) == (partners.TEMA_EVENTOS, str(SAGA))
        assert (envio.propiedades or {})["event_id"] == cuerpo["event_id"]
    _dorado("partners/eventos-partners", _lista(unidad.salidas))


def _alianzas() -> UnidadEnMemoria:
    return UnidadEnMemoria(modulo_alianzas(PorDefecto()), FECHA)


def _comando(**cambios: Any) -> Recibido:
    cuerpo = {
        "command": "create_alliance",
        "partner_id": "partner-123",
        "partner_data": DATOS,
        "saga_id": str(SAGA),
        "correlation_id": "correlacion",
        "contrato": {"monto": 1000},
    } | cambios
    return Recibido(alianzas.TEMA_COMANDOS, msgspec.json.encode(cuerpo), {}, None, "1:1")


@pytest.mark.parametrize(
    ("nombre", "comandos"),
    [
        ("creada-y-cancelada", [{}, {"command": "cancel_alliance", "reason": "r"}]),
        ("rechazada", [{"contrato": {"monto": 60000}}]),
        ("ilegible", [{"contrato": {"monto": "mucho"}}]),
        ("cancelada-antes", [{"command": "cancel_alliance"}, {}]),
        ("repetida", [{}, {"event_id": str(OTRO)}]),
    ],
)
def test_las_respuestas_de_alianzas(nombre: str, comandos: list[dict[str, Any]]) -> None:
    """A command in the contract's JSON alone is decided, and answered in the contract's shape."""
    unidad = _alianzas()
    for comando in comandos:
        unidad.tratar(traducir(_comando(**comando), FECHA))
    for envio in unidad.salidas:
        cuerpo = msgspec.json.decode(envio.cuerpo)
        assert cuerpo.keys() >= ALIANZA_PUBLICA
        assert cuerpo["contrato_id"] == cuerpo["alliance_id"]
        assert (envio.tema, envio.clave) == (alianzas.TEMA_EVENTOS, str(SAGA))
        fallida = cuerpo["event_type"] == "alliance_creation_failed"
        assert (cuerpo.keys() >= {"error", "causa_rechazo", "validacion_fallida"}) is fallida
    _dorado(f"partners/alianza-{nombre}", _lista(unidad.salidas))


def test_el_orquestador_manda_lo_que_alianzas_entiende() -> None:
    """The command that leaves is the one that is read: both ends of the topic agree on the shape."""
    from saga_orchestrator.dominio.comandos import ComandoDePaso
    from saga_orchestrator.sistemas.partners.borde_alianzas import ordenar

    escenario = con_partner(monto="60000.00")
    unidad = _alianzas()
    contexto = Contexto(Sobre(id=ID, tipo="x", clave="x", fecha=FECHA), FECHA, {}, {}, {}, unidad.ids, {})
    orden = escenario.ultimas[0]
    assert isinstance(orden, ComandoDePaso)
    envio = ordenar(escenario.saga, orden, contexto)
    _dorado("partners/comando-create-alliance", bytes(envio.cuerpo))
    escenario.pasan(61)
    cancelacion = ordenar(escenario.saga, escenario.ultimas[0], contexto)
    _dorado("partners/comando-cancel-alliance", bytes(cancelacion.cuerpo))
    unidad.tratar(traducir(_recibido(envio), FECHA))
    sobre = responder(_recibido(unidad.salidas[-1]), FECHA)
    respuesta = msgspec.json.decode(sobre.cuerpo, type=Respuesta)
    assert (sobre.saga_id, sobre.paso, respuesta.exito, respuesta.codigo) == (
        SAGA,
        ALIANZA,
        False,
        "MONTO_INVALIDO",
    )


@pytest.mark.parametrize(
    ("evento", "paso", "esperada"),
    [
        ({"event_type": "alliance_created", "alliance_id": "a"}, ALIANZA, (True, False, False)),
        ({"event_type": "alliance_created", "contrato_id": "a"}, ALIANZA, (True, False, False)),
        ({"event_type": "alliance_creation_failed"}, ALIANZA, (False, False, False)),
        (
            {"event_type": "alliance_creation_failed", "validacion_fallida": "ERROR_TECNICO"},
            ALIANZA,
            (False, True, True),
        ),
        ({"event_type": "alliance_cancelled"}, CANCELAR, (True, False, False)),
        ({"event_type": "otro"}, None, (True, False, False)),
    ],
    ids=str,
)
def test_un_evento_ajeno_es_una_respuesta(
    evento: dict[str, Any], paso: str | None, esperada: tuple[bool, bool, bool]
) -> None:
    """With the contract's JSON alone an event is the reply of its step; the same event, the same message."""
    cuerpo = msgspec.json.encode({"saga_id": str(SAGA), **evento})
    recibido = Recibido(alianzas.TEMA_EVENTOS, cuerpo, {}, None, "1:1")
    sobre = responder(recibido, FECHA)
    respuesta = msgspec.json.decode(sobre.cuerpo, type=Respuesta)
    assert (sobre.saga_id, sobre.paso, sobre.intento) == (SAGA, paso, 0)
    assert (respuesta.exito, respuesta.reintentable, respuesta.incierto) == esperada
    assert responder(recibido, FECHA) == sobre


@pytest.mark.parametrize("cuerpo", [b"{", b"[]", b'{"event_type":3}', b'{"event_type":"x","saga_id":"y"}'])
def test_lo_que_no_es_del_contrato_no_se_descifra(cuerpo: bytes) -> None:
    """What is no event and no command goes to the dead letters."""
    recibido = Recibido("x", cuerpo, {}, None, "1:1")
    for leer in (responder, oir, traducir, iniciar_por_comando(10)):
        with pytest.raises(NoDescifrable):
            leer(recibido, FECHA)


def test_un_partner_creado_es_la_respuesta_de_su_paso() -> None:
    """Only the birth of a saga's partner is an answer; the rest of its life is nobody's."""
    evento = {"event_type": "partner_created", "partner_id": "p-1", "saga_id": str(SAGA), "event_id": "e"}
    for tipo, paso in (("partner_created", "create_partner"), ("partner_updated", None)):
        cuerpo = msgspec.json.encode(evento | {"event_type": tipo})
        sobre = oir(Recibido(partners.TEMA_EVENTOS, cuerpo, {}, None, "1:1"), FECHA)
        assert (sobre.paso, sobre.saga_id) == (paso, SAGA)
    assert msgspec.json.decode(sobre.cuerpo, type=Respuesta).resultado == {"partner_id": "p-1"}


@pytest.mark.parametrize("envuelto", [False, True])
def test_un_comando_ajeno_inicia_una_saga(envuelto: bool) -> None:
    """A foreign ComandoCrearPartner starts one saga, however often it is delivered."""
    datos = {"nombre": "Example", "email": "partner@example.com", "contrato": {"monto": 5}}
    cuerpo = {"type": "ComandoCrearPartner", "data": datos} if envuelto else datos
    recibido = Recibido(partners.TEMA_CREAR_PARTNER, msgspec.json.encode(cuerpo), {}, None, "1:1")
    sobre = iniciar_por_comando(10)(recibido, FECHA)
    mensaje = Diccionario([saga.IniciarSaga]).descifrar("IniciarSaga", 1, bytes(sobre.cuerpo))
    assert isinstance(mensaje, saga.IniciarSaga)
    assert (mensaje.tipo, mensaje.timeout_minutos, mensaje.saga_id) == ("PARTNER_CREATION", 10, sobre.saga_id)
    assert mensaje.datos_iniciales == {"partner_data": DATOS, "contrato": {"monto": "5"}}
    assert iniciar_por_comando(10)(recibido, FECHA) == sobre


def test_los_manejadores_de_alianzas_estan_en_la_tabla() -> None:
    """Every command of the contract file has its row."""
    tratados = {m.mensaje for m in manejadores(PorDefecto())}
    assert tratados == {
        alianzas.CrearAlianza,
        alianzas.CancelarAlianza,
        alianzas.CrearContrato,
        alianzas.CambiarContrato,
    }
    assert uuid5(SAGA, alianzas.PASO_CREAR) != uuid5(SAGA, partners.PASO_CREAR)
