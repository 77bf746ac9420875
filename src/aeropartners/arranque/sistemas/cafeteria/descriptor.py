"""The descriptor of the system cafeteria."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flask import Flask

from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas.cafeteria import demo
from aeropartners.arranque.sistemas.cafeteria.ajustes import AjustesCafeteria
from aeropartners.arranque.sistemas.cafeteria.forma_de_error import FORMA
from aeropartners.arranque.sistemas.sistema import Sistema
from aeropartners.contratos.inventario import AbrirExistencia
from aeropartners.modulos.inventario.cafeteria import reservas
from aeropartners.modulos.inventario.cafeteria.variante import VARIANTE
from aeropartners.modulos.menu import modulo as menu
from aeropartners.modulos.pedidos import modulo as pedidos
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.rutas.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.modulo import NOMBRE as SAGA
from saga_orchestrator.sistemas.cafeteria import api
from saga_orchestrator.sistemas.cafeteria.definicion import AjustesPedido
from saga_orchestrator.sistemas.cafeteria.lecturas import LecturasDePedidos
from saga_orchestrator.sistemas.cafeteria.sagas import sagas

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor
    from aeropartners.arranque.proceso.procesos import Proceso

NOMBRE, API = "cafeteria", "cafeteria-api"


def _piezas(_c: "Contenedor") -> Sequence[Pieza]:
    return menu.pieza(), VARIANTE.pieza(), pedidos.pieza()


def _datos_iniciales(c: "Contenedor") -> Iterator[tuple[str, object]]:
    """Yield what opens the catalogue, and the stock of each of its products."""
    stock = c.config().de(AjustesCafeteria).stock_por_defecto
    yield menu.NOMBRE, menu.abrir_catalogo()
    for numero in menu.NUMEROS:
        yield VARIANTE.nombre, AbrirExistencia(VARIANTE.existencia_de(numero), str(numero), stock)


def _sagas(c: "Contenedor") -> SagasDeSistema:
    ajustes = c.config().de(AjustesCafeteria)
    propios = AjustesPedido(ajustes.saga_step_timeout_s, ajustes.saga_timeout_s, ajustes.reserva_ttl_s)
    return sagas(c.config().ajustes_de_sagas, propios)


def app_api(proceso: "Proceso") -> Flask:
    """Return the coffee shop's one service (8000): menu, orders and their sagas."""
    c, motor = proceso.c, proceso.c.motor()
    leer_pedido = pedidos.LecturasPedidos(motor).uno
    lecturas = LecturasDePedidos(motor, c.persistencia_saga(), c.lecturas_saga(), leer_pedido)
    casos = api.RutasPedidos(
        Escritura(proceso.escritores[SAGA], API, motor),
        c.admision(),
        lecturas,
        c.ids(),
        c.espera_de_sagas(),
        proceso.config.de(AjustesCafeteria).pedido_espera_s,
    )
    comunes = [
        rutas_salud(API, motor, proceso.averias, vecinos=proceso.avisos),
        rutas_metricas(proceso.metricas_de_orquestador()),
        ruta_raiz(API),
    ]
    suyas = [*menu.rutas(motor), *pedidos.rutas(motor), *reservas.rutas(motor)]
    return proceso.app("Cafetería", [*api.rutas(casos, pedidos.PEDIDO), *suyas, *comunes], FORMA)


SISTEMA = Sistema(
    nombre=NOMBRE,
    ajustes=AjustesCafeteria,
    piezas=_piezas,
    sagas=_sagas,
    temas_publicos=frozenset(),
    servicios=(
        Servicio(
            NOMBRE,
            "api",
            (SAGA, menu.NOMBRE, VARIANTE.nombre, pedidos.NOMBRE),
            lambda proceso, _: app_api(proceso),
            8000,
        ),
    ),
    puerta=API,
    demostracion=demo.mostrar,
    datos_iniciales=_datos_iniciales,
    formato_de_log="texto",
)
