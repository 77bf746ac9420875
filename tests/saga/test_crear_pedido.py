"""The saga of an order, told in the test language, and what its clients and its log say of it (000)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from aeropartners.contratos.cafeteria import CONTADOR_PEDIDOS, TIPO_PEDIDO, PedirPedido
from aeropartners.contratos.inventario import ReservarExistencias, existencia_de
from aeropartners.contratos.pedidos import CrearPedido
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import Cambios, Registrado
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.lineas import escribir
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio import intervenciones
from saga_orchestrator.dominio.memoria import Causa, EventoSaga
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.sistemas.cafeteria.borde import borde
from saga_orchestrator.sistemas.cafeteria.definicion import (
    CREAR,
    PALABRAS_DE_ESTADO,
    PASOS,
    RESERVAR,
    EstadoSaga,
    crear_pedido,
)
from saga_orchestrator.sistemas.cafeteria.lineas import lineas
from saga_orchestrator.sistemas.cafeteria.vista import vista_de
from tests.dobles.unidad_de_trabajo import UnidadEnMemoria
from tests.saga.lenguaje import SAGA, Escenario

VALIDAR, RESERVA, CREACION, CONFIRMACION = PASOS
CONFIRMADO = f"{CONFIRMACION}#2"
LIBERAR, ELIMINAR, DEVOLVER, CANCELAR = (
    *("LiberarReservas", "EliminarPedido", "CancelarConfirmacion"),
    "CancelarConfirmacion#2",
)
PRODUCTOS = [
    {"producto_id": 1, "nombre": "Café Americano", "precio": "2.50"},
    {"producto_id": 3, "nombre": "Latte", "precio": "4.00"},
]
DATOS = {
    "numero": 1,
    "cliente": "Juan Pérez",
    "items": [{"producto_id": 1, "cantidad": 2}, {"producto_id": 3, "cantidad": 1}],
}
SIN_CAUSA = Sobre(id=SAGA, tipo="Respuesta", clave="", fecha=datetime(2026, 1, 1, tzinfo=UTC))
NADA, HECHO, DESHECHO = (False, False), (True, False), (True, True)


def escenario() -> Escenario:
    """Begin the seed's order."""
    return Escenario(crear_pedido(Ajustes()), 1, DATOS)


def validado() -> Escenario:
    """Its products are known."""
    return escenario().exito(VALIDAR, productos=PRODUCTOS)


def creado() -> Escenario:
    """It stands, and is not confirmed yet."""
    return validado().exito(RESERVA).exito(CREACION, total="9.00")


def steps(e: Escenario) -> list[tuple[bool, bool]]:
    """Return what its client sees of each step: executed, and undone."""
    vista = vista_de(e.saga)
    assert [s["nombre"] for s in vista["steps"]] == list(PASOS)
    return [(s["ejecutado"], s["compensado"]) for s in vista["steps"]]


def escritas(e: Escenario) -> list[str]:
    """Return the log lines of the whole saga."""
    return [linea for evento in e.eventos for linea in lineas(e.saga, evento)]


def test_el_pedido_de_la_semilla() -> None:
    """Four steps, the last in two parts; each of the contract's words, and its lines letter by letter."""
    e = escenario().en("iniciada").pide(VALIDAR).coherente()
    e.exito(VALIDAR, productos=PRODUCTOS).en("en_progreso").pide(RESERVA)
    [orden] = e.ultimas
    assert isinstance(orden.mensaje, ReservarExistencias)
    assert [(li.existencia, li.cantidad) for li in orden.mensaje.lineas] == [
        (existencia_de("cafeteria", 1), 2),
        (existencia_de("cafeteria", 3), 1),
    ]
    assert (orden.mensaje.referencia, orden.mensaje.ttl_s) == (str(SAGA), 900.0)
    e.exito(RESERVA).pide(CREACION)
    [orden] = e.ultimas
    assert isinstance(orden.mensaje, CrearPedido)
    assert (orden.mensaje.numero, [str(i.precio_unitario) for i in orden.mensaje.items]) == (
        1,
        ["2.50", "4.00"],
    )
    e.exito(CREACION, total="9.00").pide(CONFIRMACION).exito(CONFIRMACION).pide(CONFIRMADO)
    assert steps(e) == [HECHO, HECHO, HECHO, NADA]
    e.exito(CONFIRMADO).en("completada").pide().coherente()
    assert vista_de(e.saga) == {
        "nombre": "CrearPedido-1",
        "estado": "completada",
        "steps": [{"nombre": n, "ejecutado": True, "compensado": False} for n in PASOS],
        "saga_id": str(SAGA),
        "requiere_atencion": False,
    }
    e.publica("SagaIniciada", *["SagaPasoEjecutado"] * 4, "SagaCompletada")
    assert escritas(e) == [
        "🚀 Iniciando Saga: CrearPedido-1",
        "▶️  Ejecutando step: ValidarProductos",
        "🔍 Validando productos...",
        "✅ 2 productos validados",
        "✅ Step completado: ValidarProductos",
        "▶️  Ejecutando step: ReservarInventario",
        "🔒 Reservando inventario...",
        "  📦 Reservados 2 de producto 1",
        "  📦 Reservados 1 de producto 3",
        "✅ 2 reservas realizadas",
        "✅ Step completado: ReservarInventario",
        "▶️  Ejecutando step: CrearPedido",
        "📝 Creando pedido...",
        "✅ Pedido #1 creado - Total: $9.00",
        "✅ Step completado: CrearPedido",
        "▶️  Ejecutando step: ConfirmarPedido",
        "✅ Confirmando pedido...",
        "🎉 Pedido #1 confirmado exitosamente",
        "✅ Step completado: ConfirmarPedido",
        "🎉 Saga completada: CrearPedido-1",
    ]


def test_un_producto_que_no_existe() -> None:
    """Nothing is to be undone, and yet the first step counts as undone and the saga as `compensada`."""
    e = escenario().rechazo(VALIDAR, "Producto 999 no encontrado").en("compensada").pide().coherente()
    assert steps(e) == [DESHECHO, NADA, NADA, NADA]
    assert vista_de(e.saga)["error"] == "Producto 999 no encontrado"
    assert e.saga.memoria.causa is Causa.RECHAZO
    e.publica("SagaIniciada", "SagaPasoEjecutado", "SagaFallida")
    assert escritas(e)[1:] == [
        "▶️  Ejecutando step: ValidarProductos",
        "🔍 Validando productos...",
        "❌ Step fallido: ValidarProductos - Producto 999 no encontrado",
        "↩️  Compensando step: ValidarProductos",
        "↩️  Saga compensada: CrearPedido-1",
    ]


def test_sin_stock() -> None:
    """A refused reservation leaves nothing either; its step and the one before count as undone."""
    e = validado().rechazo(RESERVA, "Stock insuficiente para Latte").en("compensada").pide().coherente()
    assert steps(e) == [DESHECHO, DESHECHO, NADA, NADA]
    assert escritas(e)[-4:] == [
        "❌ Step fallido: ReservarInventario - Stock insuficiente para Latte",
        "↩️  Compensando step: ReservarInventario",
        "↩️  Compensando step: ValidarProductos",
        "↩️  Saga compensada: CrearPedido-1",
    ]


def test_la_reserva_expira_antes_de_confirmar() -> None:
    """The order is deleted, the reservation released; each is seen to be undone in its turn."""
    e = creado().rechazo(CONFIRMACION, "La reserva ya se soltó").en("compensando").pide(ELIMINAR)
    assert steps(e) == [HECHO, HECHO, HECHO, DESHECHO]
    e.exito(ELIMINAR).pide(LIBERAR)
    assert steps(e) == [HECHO, HECHO, DESHECHO, DESHECHO]
    e.exito(LIBERAR).en("compensada").pide().coherente()
    assert steps(e) == [DESHECHO] * 4
    assert escritas(e)[-6:] == [
        "❌ Step fallido: ConfirmarPedido - La reserva ya se soltó",
        "↩️  Compensando step: ConfirmarPedido",
        "↩️  Compensando step: CrearPedido",
        "↩️  Compensando step: ReservarInventario",
        "↩️  Compensando step: ValidarProductos",
        "↩️  Saga compensada: CrearPedido-1",
    ]


def test_lo_confirmado_a_medias_se_devuelve() -> None:
    """What was consumed is given back after the order is cancelled, then the rest is undone."""
    e = creado().exito(CONFIRMACION).rechazo(CONFIRMADO, "El pedido no existe").pide(CANCELAR)
    assert steps(e) == [HECHO, HECHO, HECHO, HECHO]
    e.exito(CANCELAR).pide(DEVOLVER).exito(DEVOLVER).pide(ELIMINAR).exito(ELIMINAR).pide(LIBERAR)
    e.exito(LIBERAR).en("compensada").coherente()
    assert steps(e) == [DESHECHO] * 4
    assert escritas(e)[-5:-1] == [f"↩️  Compensando step: {paso}" for paso in reversed(PASOS)]


def test_un_paso_que_calla_cuenta_como_hecho() -> None:
    """At its deadline of 5 s its effect is unknown: it is undone."""
    e = validado()
    e.pasan(5.1)
    e.en("compensando").pide(LIBERAR)
    assert steps(e) == [HECHO, HECHO, NADA, NADA]
    e.exito(LIBERAR).en("compensada")
    assert steps(e) == [DESHECHO, DESHECHO, NADA, NADA]


def test_la_saga_tiene_sesenta_segundos() -> None:
    """Whatever was asked for: the total deadline is the system's."""
    e = escenario()
    memoria = e.saga.memoria
    assert memoria.vence == e.ahora + timedelta(seconds=60)
    assert memoria.timeout_minutos == 1


def atascada() -> Escenario:
    """One whose order cannot be deleted."""
    e = creado().rechazo(CONFIRMACION, "no")
    for intento in range(1, 12):
        e.averia(ELIMINAR, intento)
        if intento < 11:
            e.pasan(90)
    return e


CERRADA: list[tuple[Callable[[Escenario], Any], str, bool]] = [
    (lambda e: None, "fallida", True),
    (lambda e: intervenciones.cerrar(e.saga, "perdida", e.ahora), "fallida", False),
    (lambda e: intervenciones.reintentar_compensacion(e.saga, e.ahora), "compensando", False),
]


@pytest.mark.parametrize(("orden", "estado", "atencion"), CERRADA)
def test_un_undo_que_se_atasca(orden: Callable[[Escenario], Any], estado: str, atencion: bool) -> None:
    """The saga is `fallida` and asks for attention; closed it stays so, and a retry undoes on."""
    e = atascada()
    assert escritas(e)[-1] == "❌ Saga fallida: CrearPedido-1"
    orden(e)
    vista = vista_de(e.saga)
    assert (vista["estado"], vista["requiere_atencion"]) == (estado, atencion)
    assert steps(e) == [HECHO, HECHO, HECHO, DESHECHO]


def test_una_averia_se_reintenta_dentro_del_plazo() -> None:
    """A technical failure is tried again after a second, and the deadline is that of all attempts."""
    e = validado().averia(RESERVA, 1)
    e.pasan(1.3)
    e.pide(RESERVA).averia(RESERVA, 2)
    e.pasan(4)
    e.en("compensando").pide(LIBERAR)
    assert (e.saga.memoria.causa, steps(e)[1]) == (Causa.PLAZO, HECHO)


def test_las_palabras_son_las_del_contrato() -> None:
    """All that a saga may be in, and nothing else."""
    contrato = ("iniciada", "en_progreso", "completada", "compensando", "compensada", "fallida")
    assert set(PALABRAS_DE_ESTADO) == set(EstadoSaga) == set(contrato)


def test_solo_el_pedido_y_su_reserva_son_flujos() -> None:
    """Checking creates nothing, and confirming changes what is there."""
    pasos = crear_pedido(Ajustes()).pasos
    assert [i for i, paso in enumerate(pasos) if paso.crea_flujo] == [RESERVAR, CREAR]


def test_un_pedido_repetido_conserva_su_numero() -> None:
    """A start that comes again takes no other number, and the next order has the one after it."""
    orquestador = Orquestador(Registro((crear_pedido(Ajustes()),)), [borde()])
    unidad = UnidadEnMemoria(orquestador.modulo(), escenario().ahora)
    uno, otro = (PedirPedido(UUID(int=n), "Ana", [{"producto_id": 1, "cantidad": 1}]) for n in (1, 2))
    unidad.tratar(*(unidad.sobre(m) for m in (uno, uno, otro, uno)))
    assert unidad.contadores == {CONTADOR_PEDIDOS: 2}
    inicios = [historia[0] for historia in unidad.historias.values()]
    numeros = [e.datos["datos_iniciales"]["numero"] for e in inicios if isinstance(e, EventoSaga)]
    assert numeros == [1, 2]


def test_una_respuesta_sin_lo_que_se_cuenta_no_detiene_la_bitacora() -> None:
    """A foreign participant may leave out what a line tells: that is a failure in the log, and no more."""
    e = validado().exito(RESERVA).exito(CREACION, de="otra forma")
    registrados = [
        Registrado(SAGA, "saga", version, evento, SIN_CAUSA, e.ahora, SAGA)
        for version, evento in enumerate(e.eventos, 1)
    ]
    with capture_logs() as dicho:
        escribir({TIPO_PEDIDO: lineas})(Cambios(agregados=[e.saga], registrados=registrados))
    [fallo] = [linea for linea in dicho if linea["log_level"] == "error"]
    assert (fallo["event"], fallo["error"], fallo["saga_id"]) == (
        "linea_fallida",
        "KeyError: 'total'",
        str(SAGA),
    )
