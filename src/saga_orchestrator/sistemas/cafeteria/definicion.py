"""CREAR_PEDIDO: check the products, reserve their stock, create the order and confirm it (000, section 3)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from aeropartners.contratos.cafeteria import SISTEMA, TEMA_INVENTARIO, TIPO_PEDIDO
from aeropartners.contratos.inventario import (
    ConsumirReserva,
    Linea,
    ReservarExistencias,
    SoltarReserva,
    existencia_de,
)
from aeropartners.contratos.menu import TEMA_COMANDOS as TEMA_MENU
from aeropartners.contratos.menu import LineaPedida, ValidarProductos
from aeropartners.contratos.pedidos import TEMA_COMANDOS as TEMA_PEDIDOS
from aeropartners.contratos.pedidos import (
    CancelarPedido,
    ConfirmarPedido,
    CrearPedido,
    EliminarPedido,
    ItemPedido,
)
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio.definicion import Definicion, Tipo
from saga_orchestrator.dominio.estados import Estados
from saga_orchestrator.dominio.paso import Clase, Comandar, Compensacion, Parte, Paso, Presentacion
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga

VALIDAR, RESERVAR, CREAR, CONFIRMAR = range(4)
PASOS = ("ValidarProductos", "ReservarInventario", "CrearPedido", "ConfirmarPedido")


class EstadoSaga(StrEnum):
    """Where the saga of an order stands (000, section 3).

    One that fails is `compensada` also when there is nothing to undo, and `fallida` when an undo is stuck.
    """

    INICIADA = "iniciada"
    EN_PROGRESO = "en_progreso"
    COMPLETADA = "completada"
    COMPENSANDO = "compensando"
    COMPENSADA = "compensada"
    FALLIDA = "fallida"


ESTADOS = Estados(
    iniciada=str(EstadoSaga.INICIADA),
    completada=str(EstadoSaga.COMPLETADA),
    fallida=str(EstadoSaga.COMPENSADA),
    compensando=str(EstadoSaga.COMPENSANDO),
    compensada=str(EstadoSaga.COMPENSADA),
    fallando=str(EstadoSaga.COMPENSANDO),
    atascada=str(EstadoSaga.FALLIDA),
    cerrada=str(EstadoSaga.FALLIDA),
)
# The words of `saga-events` (contracts README, section 5); what else happens is stored and not published.
PALABRAS = {
    Tipo.INICIADA: "SagaIniciada",
    Tipo.PASO_EJECUTADO: "SagaPasoEjecutado",
    Tipo.COMPLETADA: "SagaCompletada",
    Tipo.FALLIDA: "SagaFallida",
    Tipo.COMPENSACION_INICIADA: "SagaCompensacionIniciada",
    Tipo.COMPENSACION_COMPLETADA: "SagaCompensacionCompletada",
}


@dataclass(frozen=True, slots=True)
class AjustesPedido:
    """Deadlines of each step and of the whole saga, and how long a reservation is held, in seconds."""

    plazo_paso_s: float = 5.0
    limite_s: float = 60.0
    reserva_s: float = 900.0


def numero_de(saga: Saga) -> int:
    """Return the number that the order and the saga were given when it began."""
    return int(saga.datos_iniciales["numero"])


def nombre_de(saga: Saga) -> str:
    """Return the saga's name; of one whose row cannot be read nobody knows the number."""
    return f"CrearPedido-{saga.datos_iniciales.get('numero', '?')}"


def _validar(saga: Saga, _id: UUID) -> object:
    pedidas = saga.datos_iniciales["items"]
    return ValidarProductos(tuple(LineaPedida(li["producto_id"], li["cantidad"]) for li in pedidas))


def _reservar(reserva_s: float) -> Comandar:
    def reservar(saga: Saga, id: UUID) -> object:
        lineas = tuple(
            Linea(existencia_de(SISTEMA, item.producto_id), str(item.producto_id), item.cantidad, item.nombre)
            for item in _items(saga)
        )
        return ReservarExistencias(id, lineas, reserva_s, referencia=str(saga.id))

    return reservar


def _crear(saga: Saga, id: UUID) -> object:
    return CrearPedido(id, saga.id, numero_de(saga), saga.datos_iniciales["cliente"], _items(saga))


def _consumir(saga: Saga, _id: UUID) -> object:
    return ConsumirReserva(saga.id_de(RESERVAR))


def _soltar(saga: Saga, _id: UUID) -> object:
    return SoltarReserva(saga.id_de(RESERVAR))


def _confirmar(saga: Saga, _id: UUID) -> object:
    return ConfirmarPedido(saga.id_de(CREAR))


def _cancelar(saga: Saga, _id: UUID) -> object:
    return CancelarPedido(saga.id_de(CREAR))


def _eliminar(saga: Saga, id: UUID) -> object:
    return EliminarPedido(id)


def _items(saga: Saga) -> tuple[ItemPedido, ...]:
    """Return what was ordered, with the names and prices that the first step read."""
    productos = {p["producto_id"]: p for p in (saga.memoria.pasos[VALIDAR].resultado or {})["productos"]}
    return tuple(
        ItemPedido(
            item["producto_id"],
            productos[item["producto_id"]]["nombre"],
            item["cantidad"],
            Decimal(productos[item["producto_id"]]["precio"]),
        )
        for item in saga.datos_iniciales["items"]
    )


DE_SERIE = AjustesPedido()


def crear_pedido(ajustes: Ajustes, propios: AjustesPedido = DE_SERIE) -> Definicion:
    """Return version 1. A new step needs a new version: open sagas keep the version that they began with."""
    ajustes = replace(ajustes, plazo_paso_s=propios.plazo_paso_s)

    def paso(
        indice: int,
        tema: str,
        comando: Comandar,
        compensacion: Compensacion | None,
        clase: Clase = Clase.COMPENSABLE,
        luego: tuple[Parte, ...] = (),
    ) -> Paso:
        return Paso(
            tipo=PASOS[indice],
            tema=tema,
            comando=comando,
            clase=clase,
            compensacion=compensacion,
            plazo_s=ajustes.plazo_paso_s,
            politica=ajustes.politica,
            presentacion=Presentacion(estado=str(EstadoSaga.EN_PROGRESO), evento=""),
            luego=luego,
            sin_flujo=indice == CONFIRMAR,
        )

    def compensar(tipo: str, comando: Comandar) -> Compensacion:
        return Compensacion(tipo, comando, ajustes.plazo_paso_s, ajustes.politica_compensacion)

    return Definicion(
        tipo=TIPO_PEDIDO,
        version=1,
        estados=ESTADOS,
        palabras=PALABRAS,
        atencion_tras=ajustes.politica_compensacion.intentos,
        limite_s=propios.limite_s,
        pasos=(
            paso(VALIDAR, TEMA_MENU, _validar, None, Clase.SIN_EFECTO),
            paso(
                RESERVAR, TEMA_INVENTARIO, _reservar(propios.reserva_s), compensar("LiberarReservas", _soltar)
            ),
            paso(CREAR, TEMA_PEDIDOS, _crear, compensar("EliminarPedido", _eliminar)),
            paso(
                CONFIRMAR,
                TEMA_INVENTARIO,
                _consumir,
                compensar("CancelarConfirmacion", _soltar),
                luego=(Parte(TEMA_PEDIDOS, _confirmar, _cancelar),),
            ),
        ),
    )


def definiciones(ajustes: Ajustes, propios: AjustesPedido = DE_SERIE) -> tuple[Definicion, ...]:
    """Return all versions; an old version stays as long as a saga has it."""
    return (crear_pedido(ajustes, propios),)


# The state words of all versions.
PALABRAS_DE_ESTADO = Registro(definiciones(Ajustes())).palabras_de_estado
