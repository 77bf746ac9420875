"""The choice of the data service for reports: one stream, whose last event names the active service."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento

SERVICIO = UUID("5e4c1d36-6f3c-5f0e-8a59-6d7a0c2b9f10")
LARGO_URL = 500


class UrlDebeSerHttp(ErrorDeDominio):
    """The address of a data service must be http or https, without query or fragment."""

    codigo = "VALIDACION"


@evento("ServicioDatosCambiado", 1)
@dataclass(frozen=True, slots=True)
class ServicioDatosCambiado:
    """Reports use this data service from now on."""

    url: str
    version: str
    fecha: datetime


class ServicioDatos(Agregado):
    """The active data service."""

    tipo: ClassVar[str] = "servicio_datos"
    eventos: ClassVar[tuple[type[object], ...]] = (ServicioDatosCambiado,)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.actual: ServicioDatosCambiado | None = None

    def cambiar(self, url: str, version: str, ahora: datetime) -> None:
        """Switch to another data service; raises UrlDebeSerHttp."""
        self.registrar(ServicioDatosCambiado(exigir_url(url), version, ahora))

    def aplicar(self, evento: object) -> None:
        match evento:
            case ServicioDatosCambiado():
                self.actual = evento


def exigir_url(url: str) -> str:
    """Return the URL without its last slash; raises UrlDebeSerHttp."""
    if not _sirve(url):
        raise UrlDebeSerHttp("url debe ser una dirección http o https, sin consulta ni fragmento")
    return url.rstrip("/")


def _sirve(url: str) -> bool:
    if not url.isprintable() or " " in url or len(url) > LARGO_URL:
        return False
    try:
        partes = urlsplit(url)
        return (
            partes.scheme in ("http", "https")
            and bool(partes.hostname)
            and partes.port != 0
            and "?" not in url
            and "#" not in url
        )
    except ValueError:  # such as an invalid port, or a bracket that is not closed
        return False
