"""The form of a campaign: the body of `POST /campaigns/`, and the part of a saga."""

from typing import Any

from aeropartners.modulos.campanas.dominio.campana import LARGO_DESCRIPCION, LARGO_TIPO, TIPOS
from aeropartners.seedwork.aplicacion.formularios import Esquema, MomentoUtc, MontoJson, Parte, Texto, leer
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import LARGO_MONEDA, MONEDAS


class CampanaInvalida(ErrorDeDominio):
    """A field is missing or has a wrong type; the message names it."""

    codigo = "VALIDACION"


def _descripcion() -> Texto:
    return Texto(maximo=LARGO_DESCRIPCION, vacio=True, allow_none=True, load_default=None)


class PresupuestoEsquema(Esquema):
    """Money."""

    monto = MontoJson(required=True)
    moneda = Texto(required=True, maximo=LARGO_MONEDA, palabras=MONEDAS)


class CambioEsquema(Esquema):
    """What may change of a campaign's information."""

    nombre = Texto()
    descripcion = _descripcion()
    fecha_inicio = MomentoUtc()
    fecha_fin = MomentoUtc()


class CampanaEsquema(Esquema):
    """A new campaign."""

    nombre = Texto(required=True)
    tipo = Texto(required=True, maximo=LARGO_TIPO, palabras=TIPOS)
    id_afiliado = Texto(required=True)
    presupuesto = Parte(PresupuestoEsquema, required=True)
    fecha_inicio = MomentoUtc(required=True)
    fecha_fin = MomentoUtc(required=True)
    descripcion = _descripcion()


CAMPANA = CampanaEsquema()


def leer_campana(datos: dict[str, Any]) -> dict[str, Any]:
    """Return what a campaign that came through a saga says; raises CampanaInvalida."""
    campana: dict[str, Any] = leer(CAMPANA, datos, _invalida)
    return campana


def _invalida(faltas: str) -> CampanaInvalida:
    return CampanaInvalida(f"Campaña inválida: {faltas}")
