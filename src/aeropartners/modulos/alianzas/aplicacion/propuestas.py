"""Reads a saga's request for an alliance: any field may be wrong, and a missing one has a default."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aeropartners.contratos.alianzas import CrearAlianza
from aeropartners.contratos.formularios import LARGO_PARTNER_ID, DatosDeContratoEsquema
from aeropartners.modulos.alianzas.dominio.reglas import Propuesta
from aeropartners.seedwork.aplicacion.formularios import Texto, leer
from aeropartners.seedwork.dominio.errores import ErrorDeDominio


class PropuestaIlegible(ErrorDeDominio):
    """The rules cannot judge the request; the message names the wrong field."""

    codigo = "VALIDACION_GENERAL"


@dataclass(frozen=True, slots=True)
class PorDefecto:
    """The defaults of a contract: `CONTRATO_TIPO`, `CONTRATO_MONTO` and `CONTRATO_MONEDA`."""

    tipo: str = "CPA"
    monto: Decimal = Decimal("1000.00")
    moneda: str = "USD"


class PropuestaEsquema(DatosDeContratoEsquema):
    """A contract with a partner whose id a rule judges."""

    partner_id = Texto(required=True, maximo=LARGO_PARTNER_ID, vacio=True)


PROPUESTA = PropuestaEsquema()


def leer_propuesta(mensaje: CrearAlianza, defecto: PorDefecto, hoy: date) -> Propuesta:
    """Return the proposal; raises PropuestaIlegible."""
    datos = {**mensaje.contrato, "partner_id": mensaje.partner_id}
    dicho: dict[str, Any] = leer(PROPUESTA, datos, PropuestaIlegible)
    return Propuesta(
        partner_id=dicho["partner_id"],
        estado_partner=str(mensaje.partner_data.get("estado") or "ACTIVO"),
        tipo=dicho.get("tipo", defecto.tipo),
        monto=dicho.get("monto", defecto.monto),
        moneda=dicho.get("moneda", defecto.moneda),
        fecha_inicio=dicho.get("fecha_inicio", hoy),
        fecha_fin=dicho.get("fecha_fin"),
        condiciones=dicho.get("condiciones") or None,
    )
