"""What each kind of turn does in a schedule."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from aeropartners.seedwork.aplicacion.censo import CADA_S
from aeropartners.simulacion.broker_simulado import Carta
from aeropartners.simulacion.copia import Copia
from aeropartners.simulacion.mundo import ORQUESTADOR, Mundo
from aeropartners.simulacion.plan import Accion, TipoDeTurno
from aeropartners.simulacion.reposo import PAUSADOS

T = TypeVar("T")
RONDAS = 8
AUSENCIAS = 8
DESVIO_S = 15.0
# A turn's `cuanto` above this kills at a rare point: a third of the deaths at named points.
RAROS = 0.75
ORDENES = ("cancelar", "cancelar", "cancelar", "reintentar", "omitir", "cerrar")
# By `puntual`: seconds that a turn may last, seconds that a message is delayed, and how often it may fail.
PASA_S = {True: 4.0, False: 25.0}
RETRASO_S = {True: 10.0, False: 60.0}
VENENOS = {True: 2, False: 3}
# The most transactions that wait in vain for a lock, and the span within which a clock may be wrong.
BLOQUEOS = 12
DESVIO = timedelta(days=40)


def hacer(mundo: Mundo, accion: Accion) -> None:
    """Do one turn; nothing happens if the process, message or saga that it needs does not exist."""
    _HACER[accion.tipo](mundo, accion)


def _uno(cosas: Sequence[T], cual: int) -> T | None:
    return cosas[cual % len(cosas)] if cosas else None


def _vivas(mundo: Mundo) -> list[Copia]:
    return [c for c in mundo.copias if c.viva]


def _ronda(mundo: Mundo, accion: Accion) -> None:
    """Do a round of some loops, one after the other."""
    azar = Random(accion.quien)
    for n in range(1 + int(accion.cuanto * RONDAS)):
        if actores := mundo.actores():
            [actor] = azar.choices(actores, [_prisa(nombre) for _, nombre in actores])
            _con_azar(mundo, actor, accion.cual + n)


def _prisa(nombre: str) -> int:
    """Return a loop's weight: loops that pause between rounds are chosen less often."""
    return 1 if nombre.startswith(PAUSADOS) else 4


def _con_azar(mundo: Mundo, actor: tuple[Copia, str], cual: int) -> None:
    mundo.entorno.correo.azar = Random(cual)
    if mundo.ronda(*actor):
        mundo.narra(f"{actor[0].nombre} da una ronda: {actor[1]}")
    mundo.entorno.correo.azar = None


def _pasa(mundo: Mundo, accion: Accion) -> None:
    mundo.entorno.reloj.avanzar(PASA_S[mundo.plan.puntual] * accion.cuanto**2)
    mundo.latir()


def _inicia(mundo: Mundo, accion: Accion) -> None:
    numero = _uno(mundo.plan.sagas, accion.quien)
    if numero and (copia := _orquestador(mundo, accion.cual)):
        mundo.iniciar(numero, copia)


def _ordena(mundo: Mundo, accion: Accion) -> None:
    numero = _uno(mundo.plan.sagas, accion.quien)
    if numero and (copia := _orquestador(mundo, accion.cual)):
        mundo.ordenar(numero, ORDENES[int(accion.cuanto * len(ORDENES))], copia)


def _orquestador(mundo: Mundo, cual: int) -> Copia | None:
    return _uno([c for c in _vivas(mundo) if ORQUESTADOR in c.escritores], cual)


def _mata(mundo: Mundo, accion: Accion) -> None:
    if copia := _uno(_vivas(mundo), accion.quien):
        mundo.matar(copia, "entre dos rondas")


def _mata_en(mundo: Mundo, accion: Accion) -> None:
    """Arm the death of a process at a named crash point or, one time in four, at any point."""
    if copia := _uno(_vivas(mundo), accion.quien):
        if accion.cuanto < 0.25:
            punto, vez = "", 1 + accion.cual % 40
        else:
            raros = [p for p in copia.puntos if ".vigilante." in p or ".llamador." in p]
            puntos = raros if accion.cuanto > RAROS else copia.puntos
            punto, vez = puntos[accion.cual % len(puntos)], 1 + (accion.cual % 5 == 0)
        mundo.fallas.muertes[copia.nombre] = (punto, vez)
        mundo.narra(f"{copia.nombre} morirá la vez {vez} que pase por {punto or 'donde sea'}")


def _para(mundo: Mundo, accion: Accion) -> None:
    if copia := _uno(_vivas(mundo), accion.quien):
        mundo.narra(f"{copia.nombre} recibe SIGTERM")
        mundo.parar(copia)


def _arranca(mundo: Mundo, accion: Accion) -> None:
    if copia := _uno([c for c in mundo.copias if not c.viva], accion.quien):
        mundo.narra(f"{copia.nombre} arranca")
        mundo.arrancar(copia)


def _corta(mundo: Mundo, accion: Accion) -> None:
    copia = _uno(_vivas(mundo), accion.quien)
    if copia and (nombre := copia.cortar(accion.cual)):
        mundo.cuenta("faltas", "conexión cortada con el broker")
        mundo.narra(f"{copia.nombre} pierde la conexión de {nombre}")


def _broker(mundo: Mundo, accion: Accion) -> None:
    correo = mundo.entorno.correo
    correo.caido = not correo.caido
    if correo.caido:
        mundo.cuenta("faltas", "broker caído")
        for copia in _vivas(mundo):
            copia.cortar_todo()
    mundo.narra("el broker cae" if correo.caido else "el broker vuelve")


def _niega(mundo: Mundo, accion: Accion) -> None:
    """Let a topic refuse messages; the second time, let it accept them again."""
    correo = mundo.entorno.correo
    tema = _uno(sorted(correo.temas), accion.cual)
    if tema is None:
        return
    if correo.negados.pop(tema, None) is None:
        correo.negados[tema] = "no existe"
        mundo.cuenta("faltas", "tema que no toma nada")
    mundo.narra(f"{tema} {'no toma nada' if tema in correo.negados else 'toma mensajes otra vez'}")


def _rafaga(mundo: Mundo, accion: Accion) -> None:
    mundo.entorno.correo.cortar_tras = accion.cual % 4
    mundo.cuenta("faltas", "ráfaga cortada a medias")
    mundo.narra(f"la próxima ráfaga se cortará tras {accion.cual % 4} mensajes")


def _base(mundo: Mundo, accion: Accion) -> None:
    if copia := _uno(_vivas(mundo), accion.quien):
        despues = accion.cuanto < 0.5
        mundo.fallas.bases[copia.nombre] = despues
        mundo.narra(
            f"{copia.nombre} perderá la base al confirmar, {'hecho' if despues else 'sin hacer'} lo suyo"
        )


def _sin_margen(mundo: Mundo) -> bool:
    """Whether a deadline may have passed already: a delayed reply would come after its own deadline."""
    return mundo.plan.puntual and bool(mundo.fallas.ausencias)


def _veneno(mundo: Mundo, accion: Accion) -> None:
    """Let a message under way fail once or more, with any consumer."""
    cartas = list(mundo.entorno.correo.pendientes())
    if (carta := _uno(cartas, accion.quien)) and (sobres := mundo.sobres(carta)):
        veces = 1 + int(accion.cuanto * VENENOS[mundo.plan.puntual])
        sobre = sobres[accion.cual % len(sobres)]
        mundo.fallas.veneno[sobre.id] = veces
        mundo.narra(f"{sobre.tipo} {sobre.paso or ''} fallará {veces} veces a quien lo trate")


def _adelanta(mundo: Mundo, accion: Accion) -> None:
    """Let a message fail, and let another copy do a retry while one copy fails with it."""
    cartas = list(mundo.entorno.correo.pendientes())
    if (carta := _uno(cartas, accion.quien)) and (sobres := mundo.sobres(carta)):
        sobre = sobres[accion.cual % len(sobres)]
        mundo.fallas.adelantos.add(sobre.id)
        mundo.narra(f"{sobre.tipo} {sobre.paso or ''} fallará en una copia y no en otra")


def _bloquea(mundo: Mundo, accion: Accion) -> None:
    """Let the next transactions of a process wait in vain for a lock."""
    if copia := _uno(_vivas(mundo), accion.quien):
        mundo.fallas.bloqueos[copia.nombre] = 1 + accion.cual % BLOQUEOS
        mundo.narra(f"alguien bloquea filas de {copia.nombre}")


def _desvia(mundo: Mundo, accion: Accion) -> None:
    """Set the clock of a process wrong by days, before the process has noticed.

    Not of a process with callers: its orders would wait for days.
    """
    if copia := _uno([c for c in _vivas(mundo) if not c.llama_fuera], accion.quien):
        desvio = DESVIO * (accion.cuanto - 0.5)
        copia.reloj.desvio_s = desvio.total_seconds()
        mundo.cuenta("faltas", "reloj de otro día")
        mundo.narra(f"el reloj de {copia.nombre} se desvía {desvio.days} días")


def _repite(mundo: Mundo, accion: Accion) -> None:
    if carta := mundo.entorno.correo.repetir(accion.quien):
        mundo.cuenta("faltas", "mensaje repetido")
        mundo.narra(f"el broker entrega otra vez {_que(mundo, carta)}")


def _retrasa(mundo: Mundo, accion: Accion) -> None:
    if _sin_margen(mundo):
        return  # a delayed reply would miss its deadline, which the reference could not know
    segundos = RETRASO_S[mundo.plan.puntual] * accion.cuanto
    if carta := mundo.entorno.correo.retrasar(accion.quien, segundos):
        mundo.cuenta("faltas", "mensaje retrasado")
        mundo.narra(f"el broker retiene {segundos:.1f} s {_que(mundo, carta)}")


def _entrelaza(mundo: Mundo, accion: Accion) -> None:
    """Let another loop do a whole round between the reads and the writes of the next transaction.

    In half of the turns it is the next transaction of the timers.
    """
    mundo.fallas.entre = (accion.cual, "vigilante" if accion.cuanto < 0.5 else "")


def _ausencia(mundo: Mundo, _accion: Accion) -> None:
    """Let no orchestrator live until a deadline has passed; the other processes work and answer."""
    orquestadores = [c for c in mundo.copias if ORQUESTADOR in c.modulos]
    if mundo.entorno.correo.caido or any(c.llama_fuera for c in orquestadores):
        return  # participants could not answer
    if mundo.plan.puntual:
        _que_todos_contesten(mundo)
    for copia in orquestadores:
        if copia.viva:
            mundo.matar(copia, "y por un tiempo no hay otro orquestador")
    reloj = mundo.entorno.reloj
    filas = mundo.entorno.motor.sql("SELECT min(plazo) FROM sagas WHERE plazo IS NOT NULL")
    vence = datetime.fromisoformat(filas[0][0]) if filas[0][0] else reloj.ahora()
    for n in range(AUSENCIAS, 0, -1):
        _sin_orquestador(mundo)
        reloj.avanzar(max((vence - reloj.ahora()).total_seconds() / n, 0.0))
    _sin_orquestador(mundo)
    mundo.fallas.ausencias += 1
    reloj.avanzar(1.0)
    mundo.latir()
    mundo.cuenta("faltas", "respuestas que esperan a un orquestador")


def _que_todos_contesten(mundo: Mundo) -> None:
    """Make sure that participants can answer before the deadline: no failing messages, no wrong clocks."""
    mundo.fallas.desarmar()
    for copia in mundo.copias:
        copia.reloj.desvio_s = 0.0
    mundo.entorno.reloj.avanzar(2 * CADA_S)
    mundo.latir()


def _sin_orquestador(mundo: Mundo) -> None:
    participantes = [c for c in mundo.copias if ORQUESTADOR not in c.modulos]
    for copia in participantes:
        if not copia.viva:
            mundo.arrancar(copia)
    for _ in range(3):
        for copia in participantes:
            for nombre in copia.nombres:
                mundo.ronda(copia, nombre)


def _reloj(mundo: Mundo, accion: Accion) -> None:
    """Set the clock of a process wrong by up to DESVIO_S seconds; the end of the schedule corrects it."""
    if copia := _uno(_vivas(mundo), accion.quien):
        copia.reloj.desvio_s = DESVIO_S * (2 * accion.cuanto - 1)
        mundo.cuenta("faltas", "reloj desviado")
        mundo.narra(f"el reloj de {copia.nombre} se va {copia.reloj.desvio_s:+.1f} s")
        mundo.entorno.reloj.avanzar(2 * CADA_S)
        mundo.latir()


def _que(mundo: Mundo, carta: Carta) -> str:
    sobres = mundo.sobres(carta)
    return ", ".join(f"{s.tipo} {s.paso or ''}".strip() for s in sobres) or carta.tema


_HACER: Mapping[TipoDeTurno, Callable[[Mundo, Accion], None]] = {
    TipoDeTurno.RONDA: _ronda,
    TipoDeTurno.PASA: _pasa,
    TipoDeTurno.INICIA: _inicia,
    TipoDeTurno.MATA: _mata,
    TipoDeTurno.MATA_EN: _mata_en,
    TipoDeTurno.PARA: _para,
    TipoDeTurno.ARRANCA: _arranca,
    TipoDeTurno.CORTA: _corta,
    TipoDeTurno.BROKER: _broker,
    TipoDeTurno.RAFAGA: _rafaga,
    TipoDeTurno.BASE: _base,
    TipoDeTurno.VENENO: _veneno,
    TipoDeTurno.REPITE: _repite,
    TipoDeTurno.RETRASA: _retrasa,
    TipoDeTurno.ENTRELAZA: _entrelaza,
    TipoDeTurno.ORDENA: _ordena,
    TipoDeTurno.ADELANTA: _adelanta,
    TipoDeTurno.BLOQUEA: _bloquea,
    TipoDeTurno.DESVIA: _desvia,
    TipoDeTurno.NIEGA: _niega,
    TipoDeTurno.AUSENCIA: _ausencia,
    TipoDeTurno.RELOJ: _reloj,
}
