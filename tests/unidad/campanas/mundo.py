"""Campaigns without a database: the real table of the module over streams kept in a dictionary."""

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec

from aeropartners.contratos.campanas import TEMA_COMANDOS, TEMA_PAGOS_EXITOSOS, CrearCampana
from aeropartners.modulos.campanas.aplicacion.comandos import CONSULTA_ACTIVAS
from aeropartners.modulos.campanas.dominio.campana import Campana, Estado
from aeropartners.modulos.campanas.dominio.eventos import CampanaCreada
from aeropartners.modulos.campanas.modulo import MODULO
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_sobre
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de

AHORA = datetime(2025, 6, 1, tzinfo=UTC)
INICIO, FIN = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
SAGA = UUID("11111111-1111-1111-1111-111111111111")
ID = UUID("22222222-2222-2222-2222-222222222222")
RESPUESTAS = "respuestas-saga"
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


class Ids:
    """Random ids."""

    def nuevo(self) -> UUID:
        return uuid4()


class Mundo:
    """The unit of work in memory; `salidas` is every message sent."""

    def __init__(self) -> None:
        self.ahora = AHORA
        self.procesador = Procesador(MODULO, Ids())
        self.historias: dict[UUID, list[object]] = {}
        self.salidas: list[Envio] = []

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        return {id: self.campana(id) for id in ids if id in self.historias}

    def consultar(self, nombre: str, afiliados: Collection[str]) -> dict[str, list[UUID]]:
        assert nombre == CONSULTA_ACTIVAS
        activas: dict[str, list[UUID]] = {}
        for campana in map(self.campana, self.historias):
            if campana.estado is Estado.ACTIVA and campana.ficha and campana.ficha.id_afiliado in afiliados:
                activas.setdefault(campana.ficha.id_afiliado, []).append(campana.id)
        return activas

    def campana(self, id: UUID = ID) -> Campana:
        """Return the campaign as its stored events make it."""
        campana = Campana(id)
        campana.reproducir(self.historias.get(id, []))
        return campana

    def eventos(self, id: UUID = ID) -> list[str]:
        """Return the names of its events."""
        return [nombre_de(type(e))[0] for e in self.historias.get(id, [])]

    def http(self, mensaje: object) -> Decision:
        """Send a command as an HTTP client does."""
        return self.tratar(sobre(mensaje))

    def saga(self, mensaje: object, paso: str = "CREAR_CAMPAÑA", intento: int = 1) -> Respuesta:
        """Send a command as the orchestrator does; return its reply."""
        self.tratar(sobre(mensaje, saga_id=SAGA, paso=paso, intento=intento, responder_a=RESPUESTAS))
        respuesta = descifrar_sobre(bytes(self.salidas[-1].cuerpo))
        assert (self.salidas[-1].tema, respuesta.saga_id) == (RESPUESTAS, SAGA)
        assert (respuesta.paso, respuesta.intento) == (paso, intento)
        return msgspec.json.decode(respuesta.cuerpo, type=Respuesta)

    def publico(self, cuerpo: bytes) -> Decision:
        """Receive what the topic of successful payments carries."""
        recibido = Recibido(TEMA_PAGOS_EXITOSOS, cuerpo, {}, None, "1")
        return self.tratar(MODULO.traductores[TEMA_PAGOS_EXITOSOS](recibido, self.ahora))

    def tratar(self, *sobres: Sobre) -> Decision:
        """Run the messages as one batch and keep what it changes; return the last decision."""
        resultado = self.procesador.procesar(self, sobres)  # type: ignore[arg-type]
        for registrado in resultado.cambios.registrados:
            self.historias.setdefault(registrado.flujo, []).append(registrado.evento)
        self.salidas += resultado.cambios.envios
        return resultado.decisiones[-1]

    def ordenes(self) -> list[Sobre]:
        """Take the orders that the module sent to itself."""
        ordenes = [e for e in self.salidas if e.tema == TEMA_COMANDOS]
        self.salidas = [e for e in self.salidas if e.tema != TEMA_COMANDOS]
        return [descifrar_sobre(bytes(e.cuerpo)) for e in ordenes]

    def publicados(self) -> list[Envio]:
        """Return what went to public topics."""
        return [e for e in self.salidas if e.propiedades is not None]


def pago_exitoso(id_afiliado: str = "a1", monto: str = "200.50", evento: UUID = SAGA) -> bytes:
    """Return the public event of a successful payment."""
    datos = f'"id_afiliado":"{id_afiliado}","monto":{monto},"moneda":"USD"'
    return f'{{"event_type":"PagoExitoso","event_id":"{evento}","data":{{{datos}}}}}'.encode()


def sobre(mensaje: object, **resto: Any) -> Sobre:
    """Return the envelope of a message."""
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    return Sobre(id=uuid4(), tipo=nombre, version=version, clave="c", fecha=AHORA, cuerpo=cuerpo, **resto)
