"""Orders, whose POST waits for the end: beside campaigns, of one product, and by two processes."""

import asyncio
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.contratos.inventario import AbrirExistencia
from aeropartners.contratos.menu import AbrirCatalogo, CategoriaInicial, ProductoInicial
from aeropartners.modulos.inventario.cafeteria.variante import VARIANTE
from aeropartners.modulos.menu import modulo as menu
from bench import corridas
from bench.bloc import Bloc
from bench.cliente_http import Cliente, Pedido, por_http
from bench.comprobacion import SinCifra, esperar
from bench.inundacion import a_ritmo
from bench.sistema import CAMPANAS, CON_BUCLES, Sistema, sistema, uno

API, CLIENTES, POR_S, CALENTAR = "cafeteria-api", 64, 10.0, 300
MUCHOS, STOCK = 100, 1_000_000
ENTORNO = {"STOCK_POR_DEFECTO": str(STOCK), "SAGA_TIMEOUT_S": "3600", "PEDIDO_ESPERA_S": "60"}
CATALOGO = UUID("0190a5a0-0000-7000-8000-00000000beef")


def medir(b: Bloc) -> Iterator[dict[str, Any]]:
    """Yield the results, those that are compared in turn."""
    for vez in range(b.o.veces):
        for que, hacer in _comparadas(b):
            with b.tarea(f"pedidos, {que} {vez + 1}", 1):
                yield {"que": que, **hacer()}


def _comparadas(b: Bloc) -> list[tuple[str, Callable[[], dict[str, Any]]]]:
    sagas = b.o.sagas // 4
    return [
        ("campañas por HTTP", partial(_campanas, sagas, b.o.plazo)),
        ("pedidos por HTTP", partial(_pedidos, sagas, b.o.plazo, MUCHOS, 1)),
        ("pedidos de un producto", partial(_pedidos, sagas, b.o.plazo, 1, 1)),
        ("pedidos de un producto, dos procesos", partial(_pedidos, sagas, b.o.plazo, 1, 2)),
        ("campañas a 10/s", partial(_campanas_a_ritmo, b.o.segundos, b.o.plazo)),
        ("pedidos a 10/s", partial(_pedidos_a_ritmo, b.o.segundos, b.o.plazo)),
    ]


def _campanas(sagas: int, plazo: float) -> dict[str, Any]:
    with sistema((*CON_BUCLES, CAMPANAS.puerta)) as s:
        return corridas.http(s, sagas, plazo, corridas.callado)


def _campanas_a_ritmo(segundos: float, plazo: float) -> dict[str, Any]:
    with sistema() as s:
        return corridas.a_ritmo(s, POR_S, segundos, plazo, corridas.callado)


def _pedidos(sagas: int, plazo: float, productos: int, procesos: int) -> dict[str, Any]:
    with sistema((API,), procesos, **ENTORNO) as s:
        urls = [s.url(API, copia) for copia in range(procesos)]
        pedido = pedido_de(_productos(s, productos))
        por_http(urls, CALENTAR, pedido, CLIENTES)
        comienzo = time.time()
        tiempos = por_http(urls, sagas, pedido, CLIENTES)
        segundos = time.time() - comienzo
        _comprobar(s, CALENTAR + sagas, plazo)
    return {
        "sagas": sagas,
        "sagas_por_s": round(sagas / segundos, 1),
        "respuesta_ms": corridas.percentiles(tiempos),
    }


def _pedidos_a_ritmo(segundos: float, plazo: float) -> dict[str, Any]:
    with sistema((API,), **ENTORNO) as s:
        pedido = pedido_de(_productos(s, MUCHOS))
        por_http(s.url(API), CALENTAR, pedido, CLIENTES)

        async def todos() -> list[float]:
            cliente = Cliente(s.url(API), pedido)
            inicios = await a_ritmo(cliente, POR_S, int(POR_S * segundos))
            cliente.cerrar()
            if malos := [i for i in inicios if not i.saga_id]:
                raise SinCifra(f"{len(malos)} pedidos no se confirmaron")
            return [i.contestado - i.debido for i in inicios]

        tiempos = asyncio.run(todos())
        _comprobar(s, CALENTAR + len(tiempos), plazo)
    return {"por_s": POR_S, "sagas": len(tiempos), "saga_ms": corridas.percentiles(tiempos)}


def pedido_de(productos: list[int]) -> Pedido:
    """Return orders of one unit each, of these products in turn."""

    def cuerpo(numero: int) -> dict[str, Any]:
        producto = productos[numero % len(productos)]
        return {"cliente": "Banco", "items": [{"producto_id": producto, "cantidad": 1}]}

    return Pedido("/api/v1/pedidos/", cuerpo, 201, lambda dicho: str(dicho["saga"]["saga_id"]))


def _productos(s: Sistema, cuantos: int) -> list[int]:
    """Return so many products that can be ordered; if the menu has too few, open a larger one."""
    if cuantos == 1:
        return [1]
    proceso = Proceso(Contenedor(config=leer(s.entorno)))
    nuevos = tuple(ProductoInicial(f"Producto {n}", "de medir", Decimal("1.00"), 1) for n in range(cuantos))
    proceso.poner(menu.NOMBRE, AbrirCatalogo(CATALOGO, (CategoriaInicial("Banco", "", "snacks"),), nuevos))
    numeros = [menu.NUMEROS[-1] + 1 + n for n in range(cuantos)]
    for numero in numeros:
        abrir = AbrirExistencia(VARIANTE.existencia_de(numero), str(numero), STOCK)
        proceso.poner(VARIANTE.nombre, abrir)
    proceso.c.motor().cerrar()
    return numeros


def _comprobar(s: Sistema, sagas: int, plazo: float) -> None:
    """Raise SinCifra unless every order is confirmed, once, and its unit is gone."""
    conexion = s.conectar()
    esperar(conexion, sagas, plazo, corridas.callado)
    for consulta in (
        "SELECT count(*) FROM sagas WHERE estado = 'completada'",
        "SELECT count(*) FROM cafeteria.pedidos WHERE estado = 'confirmado'",
        "SELECT sum(cantidad) FROM cafeteria.reservas WHERE estado = 'consumida'",
    ):
        if (hallado := uno(conexion, consulta)) != sagas:
            raise SinCifra(f"{consulta} da {hallado}, no {sagas}")
    conexion.close()
