"""Reports without a database: the real table of the module over streams kept in a dictionary."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from aeropartners.contratos.reporting import TEMA_LLAMADAS
from aeropartners.modulos.reporting.aplicacion.generacion import tareas
from aeropartners.modulos.reporting.aplicacion.puertos import Datos, ServicioNoResponde
from aeropartners.modulos.reporting.dominio.reporte import Reporte
from aeropartners.modulos.reporting.dominio.servicio_datos import SERVICIO, ServicioDatos
from aeropartners.modulos.reporting.modulo import MODULO
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Envio, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_sobre
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de

AHORA = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
SAGA = UUID("11111111-1111-1111-1111-111111111111")
ID = UUID("22222222-2222-2222-2222-222222222222")
RESPUESTAS = "respuestas-saga"


class Ids:
    """Random ids."""

    def nuevo(self) -> UUID:
        return uuid4()


class Fuente:
    """A data service with a script: each call takes the next answer; an exception is raised."""

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


def caida() -> ServicioNoResponde:
    """Return what a source raises when its service is down."""
    return ServicioNoResponde("El servicio de datos no responde: ConnectError")


class Mundo:
    """The unit of work and the caller's loop, in memory; `salidas` is every message sent."""

    def __init__(self) -> None:
        self.ahora = AHORA
        self.procesador = Procesador(MODULO, Ids())
        self.historias: dict[UUID, list[object]] = {}
        self.salidas: list[Envio] = []

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        return {id: self.agregado(id) for id in ids if id in self.historias}

    def agregado(self, id: UUID) -> Agregado:
        """Return the aggregate as its stored events make it."""
        agregado = ServicioDatos(id) if id == SERVICIO else Reporte(id)
        agregado.reproducir(self.historias.get(id, []))
        return agregado

    def eventos(self, id: UUID = ID) -> list[str]:
        """Return the names of a stream's events."""
        return [nombre_de(type(e))[0] for e in self.historias.get(id, [])]

    def http(self, mensaje: object) -> Decision:
        """Send a command as an HTTP client does."""
        return self.tratar(_sobre(mensaje))

    def saga(self, mensaje: object, paso: str = "GENERAR_REPORTE", intento: int = 1) -> Respuesta | None:
        """Send a command as the orchestrator does; return the reply it gets at once."""
        antes = len(self.respuestas)
        self.tratar(_sobre(mensaje, SAGA, paso, intento, RESPUESTAS))
        nuevas = self.respuestas[antes:]
        return nuevas[0][1] if nuevas else None

    def tratar(self, sobre: Sobre) -> Decision:
        """Run one message as a batch and keep what it changes."""
        resultado = self.procesador.procesar(self, [sobre])  # type: ignore[arg-type]
        for registrado in resultado.cambios.registrados:
            self.historias.setdefault(registrado.flujo, []).append(registrado.evento)
        self.salidas += resultado.cambios.envios
        return resultado.decisiones[0]

    @property
    def respuestas(self) -> list[tuple[int, Respuesta]]:
        """Return (attempt, reply) of each reply to the orchestrator."""
        sobres = [descifrar_sobre(bytes(e.cuerpo)) for e in self.salidas if e.tema == RESPUESTAS]
        return [(s.intento, msgspec.json.decode(s.cuerpo, type=Respuesta)) for s in sobres]

    def ordenes(self) -> list[Sobre]:
        """Take the orders that wait for the caller."""
        ordenes = [e for e in self.salidas if e.tema == TEMA_LLAMADAS]
        self.salidas = [e for e in self.salidas if e.tema != TEMA_LLAMADAS]
        return [descifrar_sobre(bytes(e.cuerpo)) for e in ordenes]

    def agotar(self, fuente: Fuente) -> None:
        """Do all orders that wait as one turn of the caller: received together, called one by one."""
        formar = tareas(fuente)
        for orden, tarea in [(orden, formar(orden)) for orden in self.ordenes()]:
            assert (tarea.marca(), tarea.no_antes()) == (None, None)
            self.tratar(_causado(orden, tarea.llamar(None)))


def _causado(causa: Sobre, mensaje: object) -> Sobre:
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    return msgspec.structs.replace(causa, id=uuid4(), tipo=nombre, version=version, cuerpo=cuerpo)


def _sobre(
    mensaje: object,
    saga_id: UUID | None = None,
    paso: str | None = None,
    intento: int = 0,
    responder_a: str | None = None,
) -> Sobre:
    nombre, version = nombre_de(type(mensaje))
    return Sobre(
        id=uuid4(),
        tipo=nombre,
        version=version,
        clave="c",
        saga_id=saga_id,
        paso=paso,
        intento=intento,
        responder_a=responder_a,
        fecha=AHORA,
        cuerpo=msgspec.Raw(codificar(mensaje)),
    )
