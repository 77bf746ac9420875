"""Campaigns without a database."""

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.contratos.campanas import TEMA_COMANDOS, TEMA_PAGOS_EXITOSOS, CrearCampana
from aeropartners.modulos.campanas.aplicacion.comandos import CONSULTA_ACTIVAS
from aeropartners.modulos.campanas.dominio.campana import Campana, Estado
from aeropartners.modulos.campanas.dominio.eventos import CampanaCreada
from aeropartners.modulos.campanas.modulo import MODULO
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta
from aeropartners.seedwork.aplicacion.modulo import Decision
from tests.dobles.unidad_de_trabajo import ID, SAGA, UnidadEnMemoria

AHORA = datetime(2025, 6, 1, tzinfo=UTC)
INICIO, FIN = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
CREADA = CampanaCreada(
    "Verano", "PROMOCIONAL", Decimal("1000.50"), "USD", INICIO, FIN, "a1", "De prueba", AHORA
)
DATOS: dict[str, Any] = {
    "nombre": "Verano",
    "tipo": "PROMOCIONAL",
    "presupuesto": {"monto": 1000.5, "moneda": "USD"},
    "fecha_inicio": "2025-01-01T00:00:00",
    "fecha_fin": "2025-12-31T23:59:59",
    "id_afiliado": "a1",
    "descripcion": "De prueba",
}


def crear(id: UUID = ID, id_afiliado: str = "a1") -> CrearCampana:
    """Return the command that makes `CREADA`."""
    return CrearCampana(
        id, "Verano", "PROMOCIONAL", Decimal("1000.50"), "USD", INICIO, FIN, id_afiliado, "De prueba"
    )


class Mundo(UnidadEnMemoria):
    """The campaigns module."""

    def __init__(self) -> None:
        super().__init__(MODULO, AHORA, TEMA_COMANDOS)

    def consultar(self, nombre: str, afiliados: Collection[str]) -> dict[str, list[UUID]]:
        assert nombre == CONSULTA_ACTIVAS
        activas: dict[str, list[UUID]] = {}
        for campana in map(self.campana, self.historias):
            if campana.estado is Estado.ACTIVA and campana.ficha and campana.ficha.id_afiliado in afiliados:
                activas.setdefault(campana.ficha.id_afiliado, []).append(campana.id)
        return activas

    def campana(self, id: UUID = ID) -> Campana:
        """Return the campaign as its stored events make it."""
        return self.rehecho(Campana(id))

    def saga(self, mensaje: object, paso: str = "CREAR_CAMPAÑA", intento: int = 1) -> Respuesta:
        """Send a command as the orchestrator does; each is answered at once, and to whom it asked."""
        respuesta = super().saga(mensaje, paso, intento)
        sobre, ultima = self.contestado[-1]
        assert (sobre.saga_id, sobre.paso, sobre.intento, ultima) == (SAGA, paso, intento, respuesta)
        return ultima

    def publico(self, cuerpo: bytes) -> Decision:
        """Receive what the topic of successful payments carries."""
        recibido = Recibido(TEMA_PAGOS_EXITOSOS, cuerpo, {}, None, "1")
        return self.tratar(MODULO.traductores[TEMA_PAGOS_EXITOSOS](recibido, self.ahora))

    def publicados(self) -> list[Envio]:
        """Return what went to public topics."""
        return [e for e in self.salidas if e.propiedades is not None]


def pago_exitoso(id_afiliado: str = "a1", monto: str = "200.50", evento: UUID = SAGA) -> bytes:
    """Return the public event of a successful payment."""
    datos = f'"id_afiliado":"{id_afiliado}","monto":{monto},"moneda":"USD"'
    return f'{{"event_type":"PagoExitoso","event_id":"{evento}","data":{{{datos}}}}}'.encode()
