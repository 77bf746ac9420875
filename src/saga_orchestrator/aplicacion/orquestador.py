"""The orchestrator's table: starts, replies, due deadlines and the orders of an operator."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from aeropartners.contratos.saga import (
    SUSCRIPCION,
    TEMA_INICIAR,
    TEMA_MUERTOS,
    TEMA_RESPUESTAS,
    IniciarSaga,
    OrdenOperador,
    PlazoVencido,
    SincronizarPaso,
)
from aeropartners.seedwork.aplicacion.mensajes import Envio, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import (
    Contexto,
    Decision,
    Manejador,
    Modulo,
    en_sobre,
    sobre_de,
)
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from saga_orchestrator.aplicacion.borde import Anuncio, Borde, Entrada, Inicio
from saga_orchestrator.aplicacion.lineas import escribir
from saga_orchestrator.aplicacion.ordenes import cumplir
from saga_orchestrator.aplicacion.publicos import publicos, traducir_inicio
from saga_orchestrator.dominio import adelante, comandos, intervenciones, reacciones
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.identidades import id_comando
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga


class DeUnaSaga(Protocol):
    """A message with the id of the saga that it is for."""

    @property
    def saga_id(self) -> UUID: ...


class Orquestador:
    """The handlers that call the engine; they keep no state between two messages."""

    def __init__(self, registro: Registro, bordes: Sequence[Borde] = ()) -> None:
        self._registro = registro
        por_tema = {tipo: como for b in bordes for tipo, como in b.por_tema.items()}
        self._entradas: dict[str, Entrada] = {TEMA_INICIAR: partial(traducir_inicio, por_tema=por_tema)}
        self._entradas |= {tema: entrada for b in bordes for tema, entrada in b.entradas.items()}
        self._salidas = {tema: salida for b in bordes for tema, salida in b.salidas.items()}
        self._inicios = {mensaje: inicio for b in bordes for mensaje, inicio in b.inicios.items()}
        self._contadores = {mensaje: suyos for b in bordes for mensaje, suyos in b.contadores.items()}
        self._lineas = {tipo: lineas for b in bordes for tipo, lineas in b.lineas.items()}
        self._anuncios: dict[tuple[str, Tipo], Anuncio] = {
            (tipo, anuncio.cuando): anuncio
            for b in bordes
            for tipo, anuncios in b.anuncios.items()
            for anuncio in anuncios
        }

    def iniciar(self, mensaje: IniciarSaga, contexto: Contexto) -> Decision:
        """Start a saga; a saga that exists is left as it is, so a repeated message has no effect."""
        saga = contexto.flujo(Saga, mensaje.saga_id)
        if saga.existe:
            return Decision(resultado=saga)
        definicion = self._registro.de_inicio(mensaje.tipo)
        if definicion is None:
            raise ErrorDeDominio(f"Tipo de SAGA desconocido: {mensaje.tipo}", "VALIDACION")
        correlacion = mensaje.correlation_id or contexto.sobre.correlacion_id or str(mensaje.saga_id)
        comandos = adelante.iniciar(
            saga, definicion, mensaje.datos_iniciales, mensaje.timeout_minutos, correlacion, contexto.ahora
        )
        return self._decision(saga, comandos, contexto)

    def iniciar_como(self, inicio: Inicio, mensaje: object, contexto: Contexto) -> Decision:
        """Start a saga by a message of its system; publish the messages that the system adds to the start."""
        iniciar, envios = inicio(mensaje, contexto)
        decision = self.iniciar(iniciar, contexto)
        return replace(decision, envios=[*envios, *decision.envios])

    def responder(self, mensaje: Respuesta, contexto: Contexto) -> Decision:
        """Apply a participant's reply; one without saga or step, or for an unknown saga, is ignored."""
        sobre = contexto.sobre
        if sobre.saga_id is None or sobre.paso is None:
            return Decision()
        saga = contexto.flujo(Saga, sobre.saga_id)
        if not saga.existe:
            return Decision()
        replica = comandos.Replica(
            sobre.paso,
            sobre.intento or None,
            mensaje.exito,
            mensaje.resultado,
            mensaje.error or mensaje.codigo,
            mensaje.reintentable,
            mensaje.incierto,
        )
        return self._decision(saga, reacciones.responder(saga, replica, contexto.ahora), contexto)

    def vencer(self, mensaje: PlazoVencido, contexto: Contexto) -> Decision:
        """Handle a due wake-up; when it comes before the real deadline, only the wake-up is set again."""
        saga = contexto.flujo(Saga, mensaje.saga_id)
        demora = timedelta(seconds=mensaje.demora_s)
        comandos = reacciones.vencer(saga, contexto.ahora, mensaje.en_salida, demora)
        saga.revisada = True
        return self._decision(saga, comandos, contexto)

    def ordenar(self, mensaje: OrdenOperador, contexto: Contexto) -> Decision:
        """Carry out an operator's order and audit it; raises OrdenFueraDeEstado in the wrong state."""
        saga = _existente(contexto, mensaje.saga_id)
        motivo, quien = texto_apto(mensaje.motivo), texto_apto(mensaje.quien)
        comandos = cumplir(saga, mensaje.orden, motivo, contexto.ahora)
        intervenciones.auditar(saga, mensaje.orden, motivo, quien, contexto.ahora)
        return self._decision(saga, comandos, contexto)

    def sincronizar(self, mensaje: SincronizarPaso, contexto: Contexto) -> Decision:
        """Apply the state that a participant's API reports as if it were that participant's reply."""
        saga = _existente(contexto, mensaje.saga_id)
        error = texto_apto(mensaje.error)
        replica = comandos.Replica(
            mensaje.paso, None, mensaje.exito, mensaje.resultado, error, reintentable=False
        )
        return self._decision(saga, reacciones.responder(saga, replica, contexto.ahora), contexto)

    def _decision(self, saga: Saga, comandos: comandos.Comandos, contexto: Contexto) -> Decision:
        return Decision(resultado=saga, envios=[self._envio(saga, o, contexto) for o in comandos])

    def _envio(self, saga: Saga, o: comandos.ComandoDePaso, contexto: Contexto) -> Envio:
        if salida := self._salidas.get(o.tema):
            return salida(saga, o, contexto)
        return contexto.comando(
            o.tema,
            o.mensaje,
            saga.id,
            id=id_comando(saga.id, o.version, contexto.ahora),
            saga_id=saga.id,
            paso=o.paso,
            intento=o.intento,
            responder_a=TEMA_RESPUESTAS,
            correlacion_id=saga.memoria.correlacion_id,
        )

    def publicos(self, registrado: Registrado, saga: Saga) -> Iterator[Envio]:
        """Yield the message for `saga-events`, and the announcement that its system makes of the event."""
        yield from publicos(registrado, saga)
        evento = registrado.evento
        assert isinstance(evento, EventoSaga)
        if anuncio := self._anuncios.get((saga.definicion.tipo, evento.tipo)):
            sobre = sobre_de(
                anuncio.mensaje(saga),
                id_comando(saga.id, registrado.version, evento.fecha),
                saga.id,
                evento.fecha,
                correlacion_id=saga.memoria.correlacion_id,
                causa_id=registrado.sobre.id,
                saga_id=saga.id,
                traceparent=registrado.sobre.traceparent,
            )
            yield en_sobre(anuncio.tema, sobre)

    def modulo(self) -> Modulo:
        """Return the orchestrator's module: its topics, and its table of messages and handlers."""
        return Modulo(
            nombre="saga-orchestrator",
            suscripcion=SUSCRIPCION,
            temas=(TEMA_RESPUESTAS, *self._entradas),
            tema_muertos=TEMA_MUERTOS,
            manejadores=(
                Manejador(IniciarSaga, self.iniciar, _por_mensaje),
                *(
                    Manejador(
                        mensaje,
                        partial(self.iniciar_como, inicio),
                        _por_mensaje,
                        contadores=partial(_contadores, self._contadores.get(mensaje, ())),
                    )
                    for mensaje, inicio in self._inicios.items()
                ),
                Manejador(Respuesta, self.responder, _por_sobre),
                Manejador(PlazoVencido, self.vencer, _por_mensaje),
                Manejador(OrdenOperador, self.ordenar, _por_mensaje),
                Manejador(SincronizarPaso, self.sincronizar, _por_mensaje),
            ),
            agregados=(Saga,),
            publicos=self.publicos,
            traductores=self._entradas,
            al_confirmar=escribir(self._lineas),
        )


def _por_mensaje(mensaje: DeUnaSaga, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.saga_id,)


def _contadores(nombres: Sequence[str], _mensaje: object, _sobre: Sobre) -> Sequence[str]:
    return nombres


def _por_sobre(_mensaje: Respuesta, sobre: Sobre) -> Sequence[UUID]:
    return (sobre.saga_id,) if sobre.saga_id else ()


def _existente(contexto: Contexto, id: UUID) -> Saga:
    saga = contexto.flujo(Saga, id)
    if not saga.existe:
        raise NoEncontrado(f"SAGA {id} no encontrada")
    return saga
