"""The data service over HTTP; our own is served in process, not over the network to ourselves."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from aeropartners.modulos.reporting.aplicacion.puertos import Datos, ServicioNoResponde, SinServicio

PLAZO_S = 5.0
# Requests of one batch with equal type and filters share one fetch; 50 ms is about a batch.
VIGENCIA_S = 0.05
CLAVES = 1_000
Clave = tuple[object, ...]
RUTAS = {
    "pagos_por_periodo": "/pagos/outbox/estadisticas",
    "campanas_activas": "/campaigns/",
    "metricas_generales": "/campaigns/stats/general",
}


class FuenteHttp:
    """See the port. `activa` reads the active configuration: a switch counts from the next report on."""

    def __init__(
        self, activa: Callable[[], tuple[str, str] | None], propia_url: str, propia: Callable[..., Any] | None
    ) -> None:
        self._activa = activa
        self._propia_url = propia_url
        self._turnos: dict[Clave, threading.Lock] = {}
        self._ultimos: dict[Clave, tuple[float, Datos]] = {}
        self._red = httpx.Client(timeout=PLAZO_S)
        self._propia = (
            httpx.Client(transport=httpx.WSGITransport(app=propia), base_url=propia_url) if propia else None
        )

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        clave = (tipo, *sorted(filtros.items()))
        with self._turnos.setdefault(clave, threading.Lock()):
            tomados, datos = self._ultimos.get(clave) or (-VIGENCIA_S, None)
            if datos is None or time.monotonic() - tomados > VIGENCIA_S:
                datos = self._traer(tipo, filtros)
                self._ultimos[clave] = (time.monotonic(), datos)
        if len(self._ultimos) > CLAVES:
            self._ultimos.clear()
            self._turnos.clear()
        return datos

    def _traer(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        activa = self._activa()
        if activa is None:
            raise SinServicio("No hay un servicio de datos activo")
        url, version = activa
        rutas = RUTAS if tipo == "CAMPAÑA_COMPLETA" else {tipo: RUTAS[tipo]}
        datos = {clave: self._leer(url + ruta, filtros) for clave, ruta in rutas.items()}
        return Datos(datos if len(datos) > 1 else datos[tipo], version)

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        if url is None:
            activa = self._activa()
            if activa is None:
                return "", "No hay un servicio de datos activo"
            url = activa[0]
        try:
            self._leer(f"{url.rstrip('/')}/health", {})
        except ServicioNoResponde as error:
            return url, str(error)
        return url, None

    def _leer(self, url: str, filtros: Mapping[str, str]) -> dict[str, Any]:
        afiliado = {"id_afiliado": filtros["afiliado_id"]} if "afiliado_id" in filtros else {}
        cliente = self._propia if self._propia and url.startswith(self._propia_url) else self._red
        try:
            respuesta = cliente.get(url, params=afiliado)
            respuesta.raise_for_status()
            datos = respuesta.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ServicioNoResponde(f"El servicio de datos no responde: {type(error).__name__}") from error
        if not isinstance(datos, dict):
            raise ServicioNoResponde("El servicio de datos no respondió un objeto")
        return datos
