"""One batch of one module in memory: loads everything in a few queries around small pure handlers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import Envio, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import (
    Consulta,
    Contexto,
    Decision,
    Manejador,
    Modulo,
    en_sobre,
    sobre_de,
)
from aeropartners.seedwork.aplicacion.puertos import (
    Cambios,
    Identificadores,
    Registrado,
    Unico,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, ilegible
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import nombre_de


class CambioTrasRechazo(Exception):
    """A handler registered events and then broke a rule: a defect, since a refusal must change nothing."""


@dataclass(slots=True)
class Resultado:
    """The decisions of a batch, in the order of its messages, and all that they change."""

    decisiones: list[Decision]
    cambios: Cambios


class Procesador:
    """Runs the handlers of one module over a batch; keeps no state between batches.

    `conocidas` are the messages that it has handlers for, by name and version.
    """

    def __init__(self, modulo: Modulo, ids: Identificadores) -> None:
        self.modulo = modulo
        self._ids = ids
        self._manejadores = {nombre_de(m.mensaje): m for m in modulo.manejadores}
        self._diccionario = Diccionario(m.mensaje for m in modulo.manejadores)
        self.conocidas = modulo.conocidas
        self._tipos = {tipo for tipo, _ in self.conocidas}

    def procesar(self, uow: UnidadDeTrabajo, sobres: Sequence[Sobre]) -> Resultado:
        """Load the streams and claims of the batch, run the handlers in order, return what to write."""
        trabajos = [(s, *self._descifrar(s)) for s in sobres]
        contadores = {c for s, mensaje, m in trabajos for c in m.contadores(mensaje, s)}
        numeros = uow.numeros(contadores) if contadores else {}
        carga = {c for s, mensaje, m in trabajos for c in m.carga(mensaje, s)}
        flujos = {f for s, mensaje, m in trabajos for f in m.flujos(mensaje, s)}
        flujos |= {f for hallados in self._consultar(uow, carga).values() for f in hallados}
        unicos = {u for s, mensaje, m in trabajos for u in m.unicos(mensaje, s)}
        agregados = uow.cargar(flujos) if flujos else {}
        duenos = uow.duenos(unicos) if unicos else {}
        consultados = self._consultar(uow, {c for s, mensaje, m in trabajos for c in m.consultas(mensaje, s)})
        iniciales, usados = dict(duenos), dict(numeros)
        cambios = Cambios()
        decisiones = []
        for sobre, mensaje, manejador in trabajos:
            antes = dict(numeros) if numeros else numeros
            contexto = Contexto(sobre, uow.ahora, agregados, duenos, consultados, self._ids, numeros)
            decision = self._decidir(manejador, mensaje, contexto)
            if decision.error:
                numeros.update(antes)
            self._reclamar(decision, duenos)
            cambios.envios += decision.envios
            cambios.envios += self._publicos(contexto, cambios.registrados)
            if decision.respuesta and sobre.responder_a:
                cambios.envios.append(self._respuesta(sobre, decision.respuesta, uow))
            decisiones.append(decision)
        cambios.agregados = [a for a in agregados.values() if a.sucio]
        cambios.numeros = {c: n for c, n in numeros.items() if n != usados[c]}
        _netos(iniciales, duenos, cambios)
        return Resultado(decisiones, cambios)

    def _descifrar(self, sobre: Sobre) -> tuple[object, Manejador]:
        manejador = self._manejadores.get((sobre.tipo, sobre.version))
        if manejador is None:
            conocido = sobre.tipo in self._tipos
            raise ilegible(self.modulo.nombre, sobre.tipo, sobre.version, hay_otras=conocido)
        return self._diccionario.descifrar(sobre.tipo, sobre.version, bytes(sobre.cuerpo)), manejador

    def _consultar(
        self, uow: UnidadDeTrabajo, consultas: Collection[Consulta]
    ) -> dict[Consulta, Sequence[UUID]]:
        por_nombre: dict[str, list[str]] = {}
        for nombre, argumento in sorted(consultas):
            por_nombre.setdefault(nombre, []).append(argumento)
        consultados: dict[Consulta, Sequence[UUID]] = {}
        for nombre, argumentos in por_nombre.items():
            hallados = uow.consultar(nombre, argumentos)
            consultados |= {(nombre, a): hallados.get(a, ()) for a in argumentos}
        return consultados

    def _decidir(self, manejador: Manejador, mensaje: object, contexto: Contexto) -> Decision:
        try:
            return manejador.funcion(mensaje, contexto)
        except ErrorDeDominio as error:
            if any(a.pendientes for a in contexto.tocados.values()):
                raise CambioTrasRechazo(contexto.sobre.tipo) from error
            return Decision(
                error=error,
                respuesta=Respuesta(exito=False, codigo=error.codigo, error=error.mensaje),
            )

    def _reclamar(self, decision: Decision, duenos: dict[Unico, UUID]) -> None:
        for unico, flujo in decision.libera.items():
            if duenos.get(unico) == flujo:
                del duenos[unico]
        for unico, flujo in decision.toma.items():
            if duenos.setdefault(unico, flujo) != flujo:
                raise CambioTrasRechazo(f"{unico} ya tiene dueño y el manejador no lo miró")

    def _publicos(self, contexto: Contexto, registrados: list[Registrado]) -> Iterable[Envio]:
        envios: list[Envio] = []
        for agregado in contexto.tocados.values():
            primera = agregado.version - len(agregado.pendientes) + 1
            for version, evento in enumerate(agregado.pendientes, primera):
                registrado = Registrado(
                    agregado.id,
                    agregado.tipo,
                    version,
                    evento,
                    contexto.sobre,
                    contexto.ahora,
                    self._ids.nuevo(),
                )
                registrados.append(registrado)
                envios += self.modulo.publicos(registrado, agregado)
            agregado.pendientes.clear()
        return envios

    def _respuesta(self, sobre: Sobre, respuesta: Respuesta, uow: UnidadDeTrabajo) -> Envio:
        return en_sobre(
            sobre.responder_a or "",
            sobre_de(
                respuesta,
                self._ids.nuevo(),
                sobre.saga_id,
                uow.ahora,
                correlacion_id=sobre.correlacion_id,
                causa_id=sobre.id,
                saga_id=sobre.saga_id,
                paso=sobre.paso,
                intento=sobre.intento,
                traceparent=sobre.traceparent,
            ),
        )


def _netos(antes: dict[Unico, UUID], despues: dict[Unico, UUID], cambios: Cambios) -> None:
    cambios.libera = {u: f for u, f in antes.items() if despues.get(u) != f}
    cambios.toma = {u: f for u, f in despues.items() if antes.get(u) != f}
