"""HTTP writes as batches: concurrent requests of a process share one transaction."""

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from uuid import UUID

from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.limite_de_espera import LimiteDeEspera
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado as ResultadoDeLote
from aeropartners.seedwork.aplicacion.bucles.mitades import por_mitades
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision, sobre_de
from aeropartners.seedwork.aplicacion.puertos import (
    ClaveGuardada,
    ClaveIdempotencia,
    Contestacion,
    Identificadores,
    Reloj,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

GRUPO = 50
LINGER_S = 0.002
PLAZO_S = 30.0


class ClaveReutilizada(ErrorDeDominio):
    """The same `Idempotency-Key` came with another body."""

    codigo = "CLAVE_REUTILIZADA"

    def __init__(self) -> None:
        super().__init__("La clave de idempotencia ya se usó con otro contenido")


class Saturado(Exception):
    """The write got no answer in time. It may still happen: a retry with the same key gets its answer."""


@dataclass(slots=True)
class Peticion:
    """One write: its command, its idempotency key with the body's fingerprint, and how to answer.

    `siempre`: the request is queued even when its wait would be long (an operator's order). `firma`: who
    asks, for the audit row that is written in the same transaction, for done and refused requests; `anotada`
    is set then. `huella_anterior`: the fingerprint as the release before computed it, so that keys which that
    release stored are still recognised.
    """

    mensaje: object
    clave: UUID
    presentar: Callable[[Decision], Contestacion]
    presentar_error: Callable[[ErrorDeDominio], Contestacion]
    idempotencia: ClaveIdempotencia | None = None
    huella: str = ""
    huella_anterior: str = ""
    saga_id: UUID | None = None
    correlacion_id: str = ""
    siempre: bool = False
    firma: Firma | None = None
    anotada: bool = False
    futuro: "Future[Contestacion]" = field(default_factory=Future)


class Escritor:
    """Groups the HTTP writes of one module. Any thread may call `ejecutar`; one thread runs `una_ronda`.

    A group behaves as a batch: each request gets its own answer, a refused one commits only its audit row and
    key, a conflict runs the group again, and requests with equal idempotency keys share one answer.
    """

    def __init__(self, ejecutor: Ejecutor, ids: Identificadores, reloj: Reloj) -> None:
        self._ejecutor = ejecutor
        self._ids = ids
        self._reloj = reloj
        self._cola: queue.Queue[Peticion] = queue.Queue(1_000)
        self._espera = LimiteDeEspera(GRUPO)

    def ejecutar(self, peticion: Peticion) -> Contestacion:
        """Queue the request, wait up to PLAZO_S for its answer, and return it.

        Raises DemasiadasPeticiones at once when its turn would come too late, Saturado without an answer in
        time, or the exception that stopped the write.
        """
        try:
            self.encolar(peticion)
            return peticion.futuro.result(PLAZO_S)
        except (queue.Full, TimeoutError) as error:
            raise Saturado(str(peticion.clave)) from error

    def encolar(self, peticion: Peticion) -> None:
        """Queue the request without waiting for its answer; raises DemasiadasPeticiones or queue.Full."""
        if not peticion.siempre:
            self._espera.exigir(self._cola.qsize())
        self._cola.put(peticion, timeout=PLAZO_S)

    def una_ronda(self, espera: float) -> int:
        """Run one group, waiting at most `espera` seconds for its first request; return its size."""
        try:
            grupo = [self._cola.get(timeout=espera)]
        except queue.Empty:
            return 0
        while len(grupo) < GRUPO:
            try:
                grupo.append(self._cola.get(timeout=LINGER_S if len(grupo) > 1 else 0))
            except (queue.Empty, ValueError):
                break
        try:
            with self._espera.un_grupo():
                por_mitades(grupo, self._escribir, self._fallar)
        except Exception as error:
            # The loop ends with this error, so every request of the group must be answered here.
            for peticion in grupo:
                if not peticion.futuro.done():
                    peticion.futuro.set_exception(error)
            raise
        return len(grupo)

    def _escribir(self, grupo: Sequence[Peticion]) -> Sequence[None]:
        for peticion, contestacion in zip(grupo, self._grupo(grupo), strict=True):
            peticion.futuro.set_result(contestacion)
        return ()

    def _fallar(self, peticion: Peticion, error: Exception) -> Sequence[None]:
        peticion.futuro.set_exception(error)
        return ()

    def _grupo(self, grupo: Sequence[Peticion]) -> list[Contestacion]:
        guardadas: dict[ClaveIdempotencia, ClaveGuardada] = {}
        nuevas: list[Peticion] = []

        def preparar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            guardadas.clear()
            guardadas.update(uow.claves({p.idempotencia for p in grupo if p.idempotencia}))
            nuevas[:] = _sin_repetidas(grupo, guardadas)
            return [self._sobre(p, uow) for p in nuevas]

        propias: dict[int, Contestacion] = {}

        def completar(uow: UnidadDeTrabajo, resultado: ResultadoDeLote) -> None:
            propias.clear()
            for peticion, decision in zip(nuevas, resultado.decisiones, strict=True):
                contestacion = _contestar(peticion, decision)
                propias[id(peticion)] = contestacion
                if peticion.firma:
                    anotacion = _anotacion(self._ids.nuevo(), uow, peticion, decision, contestacion)
                    resultado.cambios.anotaciones.append(anotacion)
                    peticion.anotada = True
                if peticion.idempotencia:
                    guardada = ClaveGuardada(peticion.huella, contestacion)
                    guardadas[peticion.idempotencia] = guardada
                    if contestacion.estado < 500:  # a retry may succeed
                        resultado.cambios.claves[peticion.idempotencia] = guardada

        self._ejecutor.ejecutar(preparar, completar)
        return [propias.get(id(p)) or _repetida(p, guardadas) for p in grupo]

    def _sobre(self, peticion: Peticion, uow: UnidadDeTrabajo) -> Sobre:
        return sobre_de(
            peticion.mensaje,
            self._ids.nuevo(),
            peticion.clave,
            uow.ahora,
            correlacion_id=peticion.correlacion_id,
            saga_id=peticion.saga_id,
        )


def _sin_repetidas(
    grupo: Sequence[Peticion], guardadas: dict[ClaveIdempotencia, ClaveGuardada]
) -> list[Peticion]:
    vistas: set[ClaveIdempotencia] = set(guardadas)
    nuevas = []
    for peticion in grupo:
        if peticion.idempotencia is None or peticion.idempotencia not in vistas:
            nuevas.append(peticion)
        if peticion.idempotencia:
            vistas.add(peticion.idempotencia)
    return nuevas


def _contestar(peticion: Peticion, decision: Decision) -> Contestacion:
    return peticion.presentar_error(decision.error) if decision.error else peticion.presentar(decision)


def _anotacion(
    id: UUID, uow: UnidadDeTrabajo, peticion: Peticion, decision: Decision, contestacion: Contestacion
) -> Anotacion:
    assert peticion.firma
    detalle: dict[str, object] = {"estado": contestacion.estado, "objeto": str(peticion.clave)}
    if quien := getattr(peticion.mensaje, "quien", ""):
        detalle["quien"] = quien  # the person named in the order; the audit's actor is the key
    if decision.error:
        detalle["codigo"] = decision.error.codigo
    resultado = Resultado.RECHAZADA if decision.error else Resultado.HECHA
    return Anotacion(id, uow.ahora, peticion.firma, resultado, detalle)


def _repetida(peticion: Peticion, guardadas: dict[ClaveIdempotencia, ClaveGuardada]) -> Contestacion:
    assert peticion.idempotencia is not None
    guardada = guardadas[peticion.idempotencia]
    if guardada.huella not in (peticion.huella, peticion.huella_anterior):
        return peticion.presentar_error(ClaveReutilizada())
    return guardada.contestacion
