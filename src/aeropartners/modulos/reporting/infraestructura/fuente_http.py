"""The data service over HTTP; our own service is called in this process, if it runs here."""

from collections.abc import Callable, Mapping
from ssl import SSLContext
from typing import Any

import httpx

from aeropartners.modulos.reporting.aplicacion.puertos import Datos, ServicioNoResponde, SinServicio
from aeropartners.modulos.reporting.dominio.reporte import COMPLETA
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import TransporteAcotado, objeto_json

PLAZO_S = 5.0
SIN_SERVICIO = "No hay un servicio de datos activo"
NO_RESPONDE = "El servicio de datos no responde"
RUTAS = {
    "pagos_por_periodo": "/pagos/outbox/estadisticas",
    "campanas_activas": "/campaigns/",
    "metricas_generales": "/campaigns/stats/general",
}


class FuenteHttp:
    """See the port.

    `activa` returns url and version of the active service, and is called for each request. `propia`: the WSGI
    application of `propia_url`, None when another process serves it. `cabeceras` go to `propia_url` only: our
    key must never be sent to a service that somebody has switched to.
    """

    def __init__(
        self,
        activa: Callable[[], tuple[str, str] | None],
        propia_url: str,
        propia: Callable[..., Any] | None,
        cabeceras: Mapping[str, str] | None = None,
        confianza: SSLContext | None = None,
        plazo_s: float = PLAZO_S,
    ) -> None:
        self._activa = activa
        self._origen = _origen(propia_url)
        red = TransporteAcotado(confianza, plazo_s)
        self._red = httpx.Client(transport=red)
        self._propia = httpx.Client(
            transport=httpx.WSGITransport(app=propia) if propia else red, headers=cabeceras
        )

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        activa = self._activa()
        if activa is None:
            raise SinServicio(SIN_SERVICIO)
        url, version = activa
        if tipo != COMPLETA:
            return Datos(self._leer(url, RUTAS[tipo], filtros), version)
        return Datos({parte: self._leer(url, ruta, filtros) for parte, ruta in RUTAS.items()}, version)

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        if url is None:
            activa = self._activa()
            if activa is None:
                return "", SIN_SERVICIO
            url = activa[0]
        try:
            self._leer(url, "/health", {})
        except ServicioNoResponde as error:
            return url, str(error)
        return url, None

    def cerrar(self) -> None:
        """Close the connections."""
        self._red.close()
        self._propia.close()

    def _leer(self, base: str, ruta: str, filtros: Mapping[str, str]) -> dict[str, object]:
        afiliado = {"id_afiliado": filtros["afiliado_id"]} if "afiliado_id" in filtros else {}
        try:
            cliente = self._propia if _origen(base) == self._origen else self._red
            respuesta = cliente.get(base.rstrip("/") + ruta, params=afiliado)
            respuesta.raise_for_status()
        except httpx.HTTPStatusError as error:
            estado = error.response.status_code
            raise ServicioNoResponde(f"{NO_RESPONDE}: {ruta} contestó {estado}") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ServicioNoResponde(f"{NO_RESPONDE}: {type(error).__name__}") from error
        return _objeto(respuesta, ruta)


def _objeto(respuesta: httpx.Response, ruta: str) -> dict[str, object]:
    try:
        return objeto_json(respuesta.content)
    except ValueError as error:
        raise ServicioNoResponde(f"{NO_RESPONDE}: lo que dio {ruta} {error}") from error


def _origen(url: str) -> tuple[str, str, int | None]:
    partes = httpx.URL(url)
    return partes.scheme, partes.host, partes.port
