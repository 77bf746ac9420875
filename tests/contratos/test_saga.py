"""The wire of sagas: what `saga-events` carries for every kind of event, and the start by message."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from aeropartners.contratos.saga import (
    TEMA_EVENTOS,
    TEMA_INICIAR,
    IniciarSaga,
    OrdenOperador,
    PlazoVencido,
    SincronizarPaso,
)
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import (
    Diccionario,
    NoDescifrable,
    codificar,
    descifrar_sobre,
)
from aeropartners.seedwork.dominio.evento import nombre_de
from saga_orchestrator.aplicacion.publicos import publicos, traducir_inicio
from tests.datos import cuerpo_de_saga
from tests.saga.lenguaje import SAGA
from tests.saga.relato import CAMPANA, CANCELAR, CANCELAR_REPORTE, PAGO, REPORTE, REVERTIR, Relato, atascada
from tests.sagas_de_los_sistemas import BORDES

DORADOS = Path(__file__).parent / "dorados" / "saga"
FECHA = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EVENTO = UUID("0190a5a0-0000-7000-8000-0000000000ee")
SOBRE = {
    "event_id",
    "event_type",
    "timestamp",
    "saga_id",
    "saga_type",
    "correlation_id",
    "version",
    "orden",
    "data",
    "payload",
}
# Contract 001, section 7: what `data` has beyond `id` and `fecha_evento`.
DATOS = {
    "SagaIniciada": {"saga_id", "tipo", "datos_iniciales"},
    "SagaPasoEjecutado": {"saga_id", "paso_id", "tipo_paso", "datos"},
    "SagaCampañaCreada": {"saga_id", "campana_id", "datos_campana"},
    "SagaPagoProcesado": {"saga_id", "pago_id", "datos_pago"},
    "SagaReporteGenerado": {"saga_id", "reporte_id", "datos_reporte"},
    "SagaCompletada": {"saga_id", "resultado_final"},
    "SagaFallida": {"saga_id", "error", "paso_fallido"},
    "SagaCompensacionIniciada": {"saga_id", "paso_a_compensar"},
    "SagaCompensacionEjecutada": {"saga_id", "compensacion_id", "tipo_compensacion", "datos"},
    "SagaCompensacionCompletada": {"saga_id", "compensacion_id", "resultado"},
    "SagaCompensacionFallida": {"saga_id", "compensacion_id", "error"},
    "SagaTimeout": {"saga_id", "timeout_minutos"},
}


def _exito() -> Relato:
    relato = Relato().responde_exito(CAMPANA, id="campana-1")
    relato.responde_exito(PAGO, id_pago="pago-1", estado="EXITOSO")
    return relato.responde_exito(REPORTE, id="reporte-1")


def _compensada() -> Relato:
    relato = Relato().responde_exito(CAMPANA, id="campana-1")
    relato.responde_exito(PAGO, id_pago="pago-1", estado="EXITOSO").rechaza(REPORTE, "sin datos")
    return relato.deshace(REVERTIR, CANCELAR)


def _agotada() -> Relato:
    relato = Relato(timeout_minutos=1)
    relato.pasan(29)
    relato.responde_exito(CAMPANA, id="campana-1").pasan(29)
    relato.responde_exito(PAGO, id_pago="pago-1", estado="EXITOSO")
    return relato.despierta().deshace(CANCELAR_REPORTE, REVERTIR, CANCELAR)


HISTORIAS = {"exito": _exito, "compensada": _compensada, "plazo_total": _agotada, "atascada": atascada}


def _publicados(relato: Relato) -> list[Envio]:
    causa = Sobre(id=EVENTO, tipo="x", clave="x", fecha=FECHA)
    return [
        envio
        for version, evento in enumerate(relato.eventos, 1)
        for envio in publicos(Registrado(SAGA, "saga", version, evento, causa, FECHA, SAGA), relato.saga)
    ]


def _dorado(nombre: str, hallado: bytes) -> None:
    """Compare with the golden file; a missing one is written once and fails, to be looked at."""
    ruta = DORADOS / f"{nombre}.json"
    bonito = msgspec.json.format(hallado, indent=1) + b"\n"
    if not ruta.exists():
        DORADOS.mkdir(parents=True, exist_ok=True)
        ruta.write_bytes(bonito)
        pytest.fail(f"{ruta.name} no existía: revíselo y guárdelo")
    assert bonito == ruta.read_bytes()


@pytest.mark.parametrize("historia", HISTORIAS)
def test_los_eventos_de_cada_historia(historia: str) -> None:
    """What `saga-events` carries for a whole saga, message by message."""
    envios = _publicados(HISTORIAS[historia]())
    _dorado(historia, b"[" + b",".join(bytes(e.cuerpo) for e in envios) + b"]")


@pytest.mark.parametrize("historia", HISTORIAS)
def test_el_sobre_de_saga_events(historia: str) -> None:
    """Every message has the contract's envelope, key and properties; `payload` equals `data`."""
    for envio in _publicados(HISTORIAS[historia]()):
        cuerpo: dict[str, Any] = msgspec.json.decode(envio.cuerpo)
        assert set(cuerpo) == SOBRE
        assert (envio.tema, envio.clave) == (TEMA_EVENTOS, str(SAGA))
        assert envio.propiedades == {
            "event_type": cuerpo["event_type"],
            "event_id": cuerpo["event_id"],
            "source": "saga-orchestrator",
            "saga_id": str(SAGA),
        }
        datos = cuerpo["data"]
        assert cuerpo["payload"] == datos
        assert (datos["id"], datos["fecha_evento"], datos["orden"]) == (
            cuerpo["event_id"],
            cuerpo["timestamp"],
            cuerpo["orden"],
        )
        assert DATOS[cuerpo["event_type"]] <= set(datos)


def test_cada_palabra_del_contrato_tiene_su_dorado() -> None:
    """The four stories publish every word of the contract, and no other."""
    publicadas = {
        str(msgspec.json.decode(e.cuerpo)["event_type"])
        for historia in HISTORIAS.values()
        for e in _publicados(historia())
    }
    assert publicadas == set(DATOS)


def test_publicar_dos_veces_es_lo_mismo() -> None:
    """An event published again, as after a crash, has the same bytes and the same id."""
    assert _publicados(_compensada()) == _publicados(_compensada())


MENSAJES: list[tuple[object, bytes]] = [
    (IniciarSaga(SAGA, "X"), b'{"saga_id":"%s","tipo":"X"}'),
    (PlazoVencido(SAGA), b'{"saga_id":"%s"}'),
    (OrdenOperador(SAGA, "cerrar"), b'{"saga_id":"%s","orden":"cerrar"}'),
    (SincronizarPaso(SAGA, "P", False), b'{"saga_id":"%s","paso":"P","exito":false}'),
    (Respuesta(exito=True), b'{"exito":true}'),
]


@pytest.mark.parametrize(("mensaje", "corto"), MENSAJES, ids=lambda v: "" if isinstance(v, bytes) else None)
def test_lo_que_falta_toma_su_valor(mensaje: object, corto: bytes) -> None:
    """A body with only its required fields is read, and a field nobody knows is passed over."""
    dato = corto.replace(b"%s", str(SAGA).encode())
    diccionario = Diccionario([type(mensaje)])
    assert diccionario.descifrar(*nombre_de(type(mensaje)), dato) == mensaje
    assert diccionario.descifrar(*nombre_de(type(mensaje)), dato[:-1] + b',"nuevo":1}') == mensaje


POR_TEMA = {tipo: como for borde in BORDES for tipo, como in borde.por_tema.items()}
# When the id of the saga was made, by its own account.
NACIDA = datetime(2024, 7, 12, 6, 27, 24, tzinfo=UTC)


def _inicio(**cambios: object) -> Recibido:
    cuerpo = {
        "event_id": str(EVENTO),
        "saga_id": str(SAGA),
        "tipo": "CREAR_CAMPANA_COMPLETA",
        "datos_iniciales": cuerpo_de_saga("ref"),
    } | cambios
    return Recibido(TEMA_INICIAR, msgspec.json.encode(cuerpo), {}, None, "1:1")


def test_el_inicio_por_mensaje() -> None:
    """A `comando-iniciar-saga` becomes one envelope, the same however often it arrives."""
    sobre = traducir_inicio(_inicio(timeout_minutos=5, correlation_id="c"), NACIDA, POR_TEMA)
    _dorado("comando-iniciar-saga", codificar(sobre))
    assert traducir_inicio(_inicio(timeout_minutos=5, correlation_id="c"), NACIDA, POR_TEMA) == sobre
    assert descifrar_sobre(codificar(sobre)).id == sobre.id
    mensaje = Diccionario([IniciarSaga]).descifrar("IniciarSaga", 1, bytes(sobre.cuerpo))
    datos = cuerpo_de_saga("ref")
    assert mensaje == IniciarSaga(SAGA, "CREAR_CAMPANA_COMPLETA", datos, 5, "c")


@pytest.mark.parametrize(
    "cambios",
    [
        {"saga_id": "no es un uuid"},
        {"event_id": None},
        {"tipo": 3},
        {"tipo": "NADIE_LO_CONOCE"},
        {"tipo": "PARTNER_CREATION"},
        {"datos_iniciales": None},
        {"datos_iniciales": {"campana": {}, "pago": {}}},
        {"datos_iniciales": {"campana": {}, "pago": {}, "reporte": []}},
        {"timeout_minutos": 0},
        {"timeout_minutos": 525_601},
        {"timeout_minutos": "30"},
    ],
    ids=str,
)
def test_un_inicio_malo_no_se_descifra(cambios: dict[str, object]) -> None:
    """A start that HTTP would refuse goes to the dead letters."""
    with pytest.raises(NoDescifrable):
        traducir_inicio(_inicio(**cambios), NACIDA, POR_TEMA)
