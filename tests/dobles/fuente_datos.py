"""A data service with a script."""

from collections.abc import Mapping

from aeropartners.modulos.reporting.aplicacion.puertos import Datos


class Fuente:
    """See the port `FuenteDatos`: each call takes the next answer; an exception is raised."""

    def __init__(self, *guion: Datos | Exception) -> None:
        self.guion = list(guion)
        self.llamadas: list[tuple[str, dict[str, str]]] = []

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        self.llamadas.append((tipo, dict(filtros)))
        paso = self.guion.pop(0) if self.guion else Datos({"total": len(self.llamadas)}, "v1")
        if isinstance(paso, Exception):
            raise paso
        return paso

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        return url or "", None
