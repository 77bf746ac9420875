"""The store of partners: their events, a row for each partner, and a row for each integration."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from aeropartners.modulos.partners.dominio.partner import Integracion, Partner
from aeropartners.modulos.partners.infraestructura.tablas import integraciones, partners
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos, Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila, Tanda
from aeropartners.seedwork.infraestructura.totales.totales import Aportes


class AlmacenPartners(AlmacenEventos):
    """See the port `Persistencia`."""

    def __init__(self, aportes: Aportes) -> None:
        super().__init__((Partner,), {Partner: Lectura(partners, _fila)}, aportes=aportes)

    def actualizar(self, tanda: Tanda, agregados: Sequence[Agregado]) -> None:
        """Update the rows of partners, guarded by their version, and of revoked integrations."""
        super().actualizar(tanda, agregados)
        tanda.actualizar(integraciones, ("id",), _filas(agregados, nuevas=False))

    def anexar(
        self, tanda: Tanda, agregados: Sequence[Agregado], nuevos: Sequence[Registrado], rafaga_id: UUID
    ) -> None:
        """Append events, and the rows of new partners and new integrations."""
        super().anexar(tanda, agregados, nuevos, rafaga_id)
        tanda.anexar(integraciones, _filas(agregados, nuevas=True))


def _fila(partner: Partner) -> Fila | None:
    datos = partner.ficha
    if datos is None:
        return None
    return {
        "id": str(partner.id),
        "nombre": datos.nombre,
        "email": datos.email,
        "telefono": datos.telefono,
        "direccion": datos.direccion,
        "estado": str(partner.estado),
        "fecha_creacion": datos.fecha,
        "fecha_actualizacion": partner.fecha_actualizacion,
        "estado_kyc": partner.estado_kyc,
        "documentos_kyc": msgspec.Raw(codificar(partner.documentos_kyc)),
    }


def _filas(agregados: Sequence[Agregado], *, nuevas: bool) -> list[Fila]:
    """Return the rows of the integrations that this transaction created, or of those that it revoked."""
    return [
        _fila_integracion(str(a.id), i)
        for a in sorted(agregados, key=lambda a: a.id)
        if isinstance(a, Partner)
        for i in a.integraciones.values()
        if (i.creada_en > a.version_inicial) is nuevas
        and (nuevas or (i.revocada_en or 0) > a.version_inicial)
    ]


def _fila_integracion(partner_id: str, i: Integracion) -> Fila:
    return {
        "id": str(i.ficha.integracion_id),
        "partner_id": partner_id,
        "tipo": i.ficha.tipo,
        "nombre": i.ficha.nombre,
        "descripcion": i.ficha.descripcion,
        "configuracion": msgspec.Raw(codificar(i.ficha.configuracion)),
        "activa": i.revocada_en is None,
        "fecha_creacion": i.ficha.fecha,
        "fecha_revocacion": i.fecha_revocacion,
    }
