"""The caller: the loop for messages (orders) whose handling calls another service outside transactions."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.bucles.apartados import INTENTOS, Apartador
from aeropartners.seedwork.aplicacion.bucles.consumidor import LOTE, soltando
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.llamadas import EnVuelo, Llamadas
from aeropartners.seedwork.aplicacion.bucles.mitades import por_mitades
from aeropartners.seedwork.aplicacion.bucles.recepcion import dicho_de, id_de_broker, sobre_de
from aeropartners.seedwork.aplicacion.bucles.sospechosos import Sospechosos
from aeropartners.seedwork.aplicacion.bucles.tareas import Curso, EnEspera, Espera, Tarea, en_utc
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision, sobre_derivado
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    ConflictoPersistente,
    Identificadores,
    Reloj,
    Suscripcion,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos_de_choque import pasar
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import VersionDesconocida, codificar
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto, texto_de

log = structlog.get_logger(__name__)

EN_VUELO = 5_000
HILOS = 32
ESPERA_S = 0.05
TOPE_S = 30.0
DESPEDIDA_S = 20.0


Par = tuple[Curso, object]
Hecho = tuple[Curso, Decision]


class Llamador:
    """Thousands of orders in flight on a small thread pool; each is confirmed after its last commit.

    One thread runs `una_ronda` and does all commits; the pool's threads only call. A call that raises is an
    outage: it is tried again with backoff, without end. An order that cannot be decoded, or whose commits
    fail three times, becomes a dead letter. After a crash, orders are counted as they come: an order that was
    in hand then is called alone, and becomes a dead letter after too many deaths.
    """

    def __init__(
        self,
        ejecutor: Ejecutor,
        abrir: Callable[[], Suscripcion],
        tareas: Callable[[Sobre], Tarea],
        ids: Identificadores,
        reloj: Reloj,
        llamadas: EnVuelo | None = None,
        dormir: Callable[[float], None] = time.sleep,
        exclusiva: "Lock | None" = None,
        retraso: Retraso | None = None,
    ) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._consumidor = f"{self._modulo.consumidor}-llamador"
        self._lugar = f"{self._modulo.nombre}.llamador"
        self._suscripcion = abrir()
        self._tareas = tareas
        self._ids = ids
        self._reloj = reloj
        self._dormir = dormir
        self._llamadas = llamadas or Llamadas(HILOS)
        self._espera = EnEspera(reloj)
        self._retraso = retraso or Retraso(reloj)
        self._apartador = Apartador(ejecutor, self._consumidor)
        self._sospechosos = Sospechosos(ejecutor, self._consumidor, exclusiva or Lock())

    def empezar(self, tras_otro_proceso: bool = True) -> None:
        """Read whether the process before stopped cleanly; if not, the first orders are counted."""
        with soltando(self._suscripcion):
            self._sospechosos.empezar(tras_otro_proceso)

    @property
    def proximo(self) -> datetime | None:
        """When the next waiting order is due; None when no order waits."""
        return self._espera.proximo

    def una_ronda(self) -> int:
        """Receive, commit the marks, call, commit the results; return how many steps were done.

        After an exception this object must not be used: its orders are delivered again to the next one.
        """
        with soltando(self._suscripcion, lambda: self._llamadas.cerrar(0), self._sospechosos.dejar_exclusiva):
            return self._ronda()

    def _ronda(self) -> int:
        nuevos = self._recibir()
        debidos = self._debidos()
        marcados = self._marcar(debidos)
        for curso in marcados:
            pasar(self._lugar, "llamar", (curso.sobre,))
        self._llamadas.hacer(marcados)
        hechos = nuevos + len(debidos) + self._recoger()
        if self._sospechosos.es_mia and not self._llamadas.en_vuelo:
            self._sospechosos.dejar_exclusiva()
        return hechos

    def terminar(self) -> None:
        """Wait up to DESPEDIDA_S for the calls in flight, commit their results, and close the subscription.

        A call that hangs is left to its thread; then the stop is not recorded as clean.
        """
        desde = self._reloj.ahora()
        limite = desde + timedelta(seconds=DESPEDIDA_S)
        try:
            while self._llamadas.en_vuelo and desde <= self._reloj.ahora() < limite:
                self._recoger()
        finally:
            colgadas = [str(curso.sobre.id) for curso in self._llamadas.en_vuelo]
            self._llamadas.cerrar(0 if colgadas else DESPEDIDA_S)
            self._sospechosos.dejar_exclusiva()
            self._suscripcion.cerrar()
        if colgadas:
            log.error("llamadas_colgadas", consumidor=self._consumidor, mensajes=colgadas)
        else:
            self._sospechosos.terminar()

    def _recibir(self) -> int:
        lugar = EN_VUELO - len(self._espera) - len(self._llamadas.en_vuelo)
        espera = 0.0 if self._llamadas.en_vuelo else self._paciencia()
        if lugar <= 0:
            self._dormir(espera)
            return 0
        lote = self._suscripcion.recibir(min(lugar, LOTE), espera)
        cursos = [curso for recibido in lote if (curso := self._admitido(recibido))]
        self._retraso.recibido([curso.sobre.fecha for curso in cursos])
        for curso in self._con_cuidado(cursos):
            self._espera.meter(curso)
        return len(lote)

    def _con_cuidado(self, cursos: Sequence[Curso]) -> list[Curso]:
        """Make dead letters of orders with too many deaths; mark those with one as suspects."""
        cuentas = self._sospechosos.contar([c.sobre.id for c in cursos])
        vivos = []
        for curso in cursos:
            veces = cuentas.get(curso.sobre.id, 1)
            if veces > INTENTOS:
                self._enterrar(curso.recibido, curso.sobre.id, veces, "El proceso que la trataba murió")
            else:
                curso.sospechoso = curso.contado = veces > 1
                vivos.append(curso)
        return vivos

    def _admitido(self, recibido: Recibido) -> Curso | None:
        try:
            ahora = self._reloj.ahora()
            sobre = sobre_de(self._modulo, recibido, ahora)
            tarea = self._tareas(sobre)
            return Curso(en_utc(tarea.no_antes() or ahora), 0, recibido, sobre, tarea)
        except VersionDesconocida as error:
            # Not confirmed: the next process that gets the partition may know the version.
            log.warning("version_desconocida", **error.dicho(self._consumidor))
            return None
        except Exception as error:
            self._enterrar(recibido, id_de_broker(recibido.tema, recibido.id_broker), 1, texto_de(error))
            return None

    def _paciencia(self) -> float:
        proximo = self._espera.proximo
        if proximo is None:
            return ESPERA_S
        return min(max((proximo - self._reloj.ahora()).total_seconds(), 0.0), ESPERA_S)

    def _debidos(self) -> list[Curso]:
        return self._a_solas(self._espera.debidos(LOTE))

    def _a_solas(self, debidos: list[Curso]) -> list[Curso]:
        """Let a suspect be called only while no other call is in flight, and no order beside a suspect."""
        sospechosos = [c for c in debidos if c.sospechoso]
        if not sospechosos and not any(c.sospechoso for c in self._llamadas.en_vuelo):
            return debidos
        libre = sospechosos and not self._llamadas.en_vuelo
        elegidos = (
            sospechosos[:1] if libre and self._sospechosos.tomar_exclusiva(sospechosos[0].sobre.id) else []
        )
        for curso in debidos:
            if curso not in elegidos:
                self._espera.devolver(curso)
        return elegidos

    def _marcar(self, cursos: Sequence[Curso]) -> list[Curso]:
        """Commit the marks of a whole batch; return the orders that may be called now."""
        listos: list[Curso] = []
        marcas: list[Par] = []
        for curso in cursos:
            try:
                marca = None if curso.preparado else curso.tarea.marca()
            except Exception as error:
                self._fallar(curso, error)
                continue
            if marca is None:
                listos.append(curso)
            else:
                marcas.append((curso, marca))
        if marcas:
            pasar(self._lugar, "marcar")
        for curso, decision in self._comprometer(marcas):
            if decision.error:
                dicho = texto_apto(decision.error.mensaje)
                log.warning("orden_rechazada", **dicho_de(self._modulo, curso.sobre), error=dicho)
                self._suscripcion.confirmar([curso.recibido])
            else:
                curso.preparado, curso.marcado = True, decision.resultado
                listos.append(curso)
        return listos

    def _recoger(self) -> int:
        vueltas = self._llamadas.hechas(ESPERA_S)
        comandos: list[Par] = []
        terminados: list[Curso] = []
        for curso, resultado, error in vueltas:
            if error is not None:
                resultado = self._mas_tarde_por(curso, error)
            if isinstance(resultado, Espera):
                curso.momento = resultado.hasta
                self._volver(curso)
            elif resultado is None:
                terminados.append(curso)
            else:
                comandos.append((curso, resultado))
        if comandos:
            pasar(self._lugar, "registrar")
        terminados += [curso for curso, _ in self._comprometer(comandos, finales=True)]
        for curso in terminados:
            if curso.contado:
                self._sospechosos.absolver(curso.sobre.id)
        if terminados:
            pasar(self._lugar, "confirmar")
            self._suscripcion.confirmar([curso.recibido for curso in terminados])
        return len(vueltas)

    def _mas_tarde_por(self, curso: Curso, error: Exception) -> Espera:
        curso.caidas += 1
        log.warning(
            "llamada_fallida",
            mensaje=str(curso.sobre.id),
            saga_id=str(curso.sobre.saga_id),
            veces=curso.caidas,
            error=texto_de(error),
        )
        return Espera(self._mas_tarde(curso.caidas))

    def _comprometer(self, pares: Sequence[Par], *, finales: bool = False) -> Sequence[Hecho]:
        """Commit commands as one batch; a command that fails does not stop the others."""

        def fallar(par: Par, error: Exception) -> Sequence[Hecho]:
            if finales and isinstance(error, VersionDesconocida):
                return [self._dejar(*par, error)]
            self._fallar(par[0], error)
            return []

        return por_mitades(pares, self._ejecutar, fallar) if pares else []

    def _ejecutar(self, pares: Sequence[Par]) -> Sequence[Hecho]:
        def sobres(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            self._retraso.ajustar(uow.ahora)
            return [self._sobre(c.sobre, m) for c, m in pares]

        decisiones = self._ejecutor.ejecutar(sobres).decisiones
        return [(curso, decision) for (curso, _), decision in zip(pares, decisiones, strict=True)]

    def _dejar(self, curso: Curso, mensaje: object, error: VersionDesconocida) -> Hecho:
        """Set a call's result aside for a process that can read its stream: the call itself is done."""
        sobre = self._sobre(curso.sobre, mensaje)
        quien, tema = self._modulo.consumidor, curso.recibido.tema
        apartado = Apartado(quien, sobre.id, tema, codificar(sobre), 0, "", None)
        self._apartador.dejar(apartado, error, lambda _uow: True)
        return curso, Decision()

    def _fallar(self, curso: Curso, error: Exception) -> None:
        """Try the order again later; after its third failure make it a dead letter.

        Persistent conflicts and unknown versions are no failures of the order.
        """
        if isinstance(error, VersionDesconocida):
            curso.momento = self._mas_tarde_por(curso, error).hasta
            self._volver(curso)
            return
        curso.fallos += not isinstance(error, ConflictoPersistente)
        if curso.fallos >= INTENTOS:
            self._enterrar(curso.recibido, curso.sobre.id, curso.fallos, texto_de(error))
            return
        log.error("orden_fallida", **dicho_de(self._modulo, curso.sobre), error=texto_de(error))
        curso.momento = self._mas_tarde(max(curso.fallos, 1))
        self._volver(curso)

    def _volver(self, curso: Curso) -> None:
        """Queue the order for its next try; a suspect stays one, but its turn killed no process."""
        if curso.sospechoso:
            self._sospechosos.sobrevivir(curso.sobre.id)
        self._espera.meter(curso)

    def _enterrar(self, recibido: Recibido, id: UUID, intentos: int, motivo: str) -> None:
        apartado = Apartado(self._consumidor, id, recibido.tema, recibido.cuerpo, intentos, motivo, None)
        self._apartador.enterrar(
            apartado,
            lambda uow: uow.entradas_frescas(self._consumidor, [id]),
            "orden_muerta",
            {"tema": apartado.tema, "mensaje": str(id)},
        )
        self._suscripcion.confirmar([recibido])

    def _mas_tarde(self, veces: int) -> datetime:
        espera = min(2.0 ** min(veces - 1, 10), TOPE_S) * (0.75 + random.random() / 2)
        return self._reloj.ahora() + timedelta(seconds=espera)

    def _sobre(self, causa: Sobre, mensaje: object) -> Sobre:
        return sobre_derivado(causa, self._ids.nuevo(), mensaje, self._reloj.ahora())
