"""Handlers of the toy module."""

from collections.abc import Sequence
from uuid import UUID

from aeropartners.contratos.saludos import Callar, Saludar
from aeropartners.modulos.saludos.dominio.saludo import Saludo

from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador


def saludar(mensaje: Saludar, contexto: Contexto) -> Decision:
    """Say it, or answer again that it was said."""
    saludo = contexto.flujo(Saludo, mensaje.id)
    saludo.decir(mensaje.texto, contexto.ahora)
    return _hecho(saludo)


def callar(mensaje: Callar, contexto: Contexto) -> Decision:
    """Take it back."""
    saludo = contexto.flujo(Saludo, mensaje.id)
    saludo.callar(contexto.ahora)
    return _hecho(saludo)


def _hecho(saludo: Saludo) -> Decision:
    resultado: dict[str, object] = {"id": str(saludo.id), "estado": "CALLADO" if saludo.callado else "DICHO"}
    return Decision(resultado=saludo, respuesta=Respuesta(exito=True, resultado=resultado))


def _flujo(mensaje: Saludar | Callar, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


MANEJADORES = (Manejador(Saludar, saludar, _flujo), Manejador(Callar, callar, _flujo))
