"""A payment gateway with a script."""

from aeropartners.contratos.pagos import Cargo
from aeropartners.modulos.pagos.aplicacion.puertos import (
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    Reembolsado,
)


class Pasarela:
    """See the port `PasarelaPago`: each charge takes the next answer; its ledger counts what really moved."""

    def __init__(self, *respuestas: object) -> None:
        self.guion = list(respuestas)
        self.cobrados: set[str] = set()
        self.devueltos: set[str] = set()
        self.llamadas: list[str] = []

    def cobrar(self, clave: str, _cargo: Cargo) -> EnProceso | CobroExitoso | CobroRechazado:
        self.llamadas.append(clave)
        respuesta = self.guion.pop(0) if self.guion else CobroExitoso()
        if isinstance(respuesta, Exception):
            self.cobrados.add(clave)
            raise respuesta
        if isinstance(respuesta, CobroExitoso):
            self.cobrados.add(clave)
        assert isinstance(respuesta, EnProceso | CobroExitoso | CobroRechazado)
        return respuesta

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        assert clave_cobro in self.cobrados
        self.llamadas.append(clave)
        self.devueltos.add(clave)
        return Reembolsado()
