"""The calls to the gateway: charge, and refund after settling the charge; pure over the gateway's port."""

from collections.abc import Callable, Sequence
from datetime import datetime

from aeropartners.contratos.pagos import (
    Cargo,
    CobrarPago,
    MarcarProcesando,
    ReembolsarPago,
    RegistrarCobro,
    RegistrarReembolso,
)
from aeropartners.modulos.pagos.aplicacion.puertos import (
    Cobro,
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    PasarelaDeVarios,
    PasarelaPago,
)
from aeropartners.seedwork.aplicacion.bucles.tareas import Espera, Tarea
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.serializacion import Diccionario


class Cobrar(Tarea):
    """The charge of a payment, keyed by the payment's id; called only if the payment was marked PROCESANDO.

    If the gateway takes many charges in one call, it goes together with others.
    """

    def __init__(self, orden: CobrarPago, pasarela: PasarelaPago, de_varios: PasarelaDeVarios | None) -> None:
        self._orden = orden
        self._pasarela = pasarela
        self._de_varios = de_varios

    @property
    def grupo(self) -> str | None:
        return "cobros" if self._de_varios else None

    def marca(self) -> object:
        return MarcarProcesando(self._orden.id)

    def no_antes(self) -> datetime:
        return self._orden.no_antes

    def llamar(self, marcado: object) -> Espera | object | None:
        if marcado is not True:
            return None
        return self._registro(self._pasarela.cobrar(*self._cobro()))

    def llamar_juntas(self, pares: Sequence[tuple["Cobrar", object]]) -> Sequence[Espera | object | None]:
        assert self._de_varios
        debidas = [tarea for tarea, marcado in pares if marcado is True]
        cobros = iter(self._de_varios.cobrar_varios([tarea._cobro() for tarea in debidas]))
        return [tarea._registro(next(cobros)) if marcado is True else None for tarea, marcado in pares]

    def _cobro(self) -> tuple[str, Cargo]:
        return str(self._orden.id), self._orden.cargo

    def _registro(self, cobro: Cobro) -> Espera | object:
        match cobro:
            case EnProceso(hasta):
                return Espera(hasta)
            case CobroExitoso():
                return RegistrarCobro(self._orden.id, exito=True)
            case CobroRechazado(mensaje):
                return RegistrarCobro(self._orden.id, exito=False, mensaje_error=mensaje)


class Reembolsar(Tarea):
    """The refund of a payment: repeat the charge's key until its outcome is known, then refund it."""

    def __init__(self, orden: ReembolsarPago, pasarela: PasarelaPago) -> None:
        self._orden = orden
        self._pasarela = pasarela

    def marca(self) -> None:
        return None

    def no_antes(self) -> None:
        return None

    def llamar(self, _marcado: object) -> Espera | object | None:
        id, clave = self._orden.id, str(self._orden.id)
        if not self._orden.cobrado:
            cobro = self._pasarela.cobrar(clave, self._orden.cargo)
            if isinstance(cobro, EnProceso):
                return Espera(cobro.hasta)
            if not isinstance(cobro, CobroExitoso):
                return RegistrarReembolso(id, cobrado=False)
        reembolso = self._pasarela.reembolsar(f"{clave}:reembolso", clave)
        if isinstance(reembolso, EnProceso):
            return Espera(reembolso.hasta)
        return RegistrarReembolso(id, cobrado=True)


def tareas(pasarela: PasarelaPago) -> Callable[[Sobre], Tarea]:
    """Return the function that makes the task of an order; it raises NoDescifrable for an unknown order."""
    diccionario = Diccionario((CobrarPago, ReembolsarPago))
    de_varios = pasarela if isinstance(pasarela, PasarelaDeVarios) else None

    def tarea(sobre: Sobre) -> Tarea:
        orden = diccionario.descifrar(sobre.tipo, sobre.version, bytes(sobre.cuerpo))
        if isinstance(orden, CobrarPago):
            return Cobrar(orden, pasarela, de_varios)
        assert isinstance(orden, ReembolsarPago)
        return Reembolsar(orden, pasarela)

    return tarea
