"""Why a saga waits, as a text for the operator: a pure function of the saga and of where its messages are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from saga_orchestrator.aplicacion.ordenes import sin_conocerla
from saga_orchestrator.dominio.ajena import DefinicionIlegible
from saga_orchestrator.dominio.memoria import Avance, Fase
from saga_orchestrator.dominio.saga import Saga

MARGEN = timedelta(seconds=10)
RESPUESTA = "Respuesta"
ATASCADA = ("reintentar", "omitir", "cerrar")


class Lugar(StrEnum):
    """The places where a message of a saga can be."""

    SALIDA = "salida"
    PUBLICADO = "publicado"
    REINTENTOS = "reintentos"
    MUERTOS = "muertos"
    DESCARTADO = "descartado"


class Motivo(StrEnum):
    """The reasons why a saga waits."""

    TERMINADA = "TERMINADA"
    OTRA_VERSION = "OTRA_VERSION"
    ILEGIBLE = "ILEGIBLE"
    ATENCION = "ATENCION"
    SIN_ORQUESTADOR = "SIN_ORQUESTADOR"
    PAUSA = "PAUSA"
    RESPUESTA_MUERTA = "RESPUESTA_MUERTA"
    RESPUESTA_DESCARTADA = "RESPUESTA_DESCARTADA"
    RESPUESTA_EN_REINTENTOS = "RESPUESTA_EN_REINTENTOS"
    RESPUESTA_EN_SALIDA = "RESPUESTA_EN_SALIDA"
    ORDEN_MUERTA = "ORDEN_MUERTA"
    ORDEN_DESCARTADA = "ORDEN_DESCARTADA"
    ORDEN_EN_REINTENTOS = "ORDEN_EN_REINTENTOS"
    ORDEN_EN_SALIDA = "ORDEN_EN_SALIDA"
    RESPUESTA = "RESPUESTA"


# A saga with one of these reasons goes on only by its deadline or by an operator's order: its command or
# reply will never be handled.
MUERTAS = frozenset(
    {Motivo.RESPUESTA_MUERTA, Motivo.RESPUESTA_DESCARTADA, Motivo.ORDEN_MUERTA, Motivo.ORDEN_DESCARTADA}
)


@dataclass(frozen=True, slots=True)
class Paradero:
    """Where one message of a saga is.

    `momento` depends on `lugar`: when the message came to the outbox, when it is tried again, when it died or
    when it was discarded. `consumidor`, `fallos` and `error` are those of the consumer that failed to handle
    the message; `quien` and `motivo` are those of the operator who discarded it.
    """

    lugar: Lugar
    tipo: str
    tema: str
    momento: datetime
    id: UUID | None = None
    paso: str | None = None
    intento: int = 0
    consumidor: str = ""
    fallos: int = 0
    error: str = ""
    quien: str = ""
    motivo: str = ""

    @property
    def es_respuesta(self) -> bool:
        """Whether the message is a reply; otherwise it is a command, or a participant's event."""
        return self.tipo == RESPUESTA

    def es_de(self, paso: str, intento: int, desde: datetime) -> bool:
        """Whether this message belongs to the attempt of `paso` that was sent at `desde`.

        A message of a foreign participant carries no attempt (0), so it fits every attempt.
        """
        return self.paso == paso and self.intento in (0, intento) and self.momento >= desde


@dataclass(frozen=True, slots=True)
class Espera:
    """Why a saga waits, as a code and as a text, and the operator's orders that the saga accepts now."""

    motivo: Motivo
    texto: str
    ordenes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Abierto:
    """The open step or undo with its topic and times, as the sentences below need them."""

    paso: str
    tema: str
    avance: Avance
    plazo: datetime | None
    enviada: datetime
    hora: Callable[[datetime | None], str]
    al_plazo: str

    @property
    def quien(self) -> str:
        """The participant that the step was asked of."""
        return participante(self.tema)


def esperar(saga: Saga, paraderos: Sequence[Paradero], enviada: datetime, ahora: datetime) -> Espera:
    """Return why a saga waits; `enviada` is when its last command was sent."""
    memoria, hora = saga.memoria, reloj(ahora)
    if memoria.fase is Fase.FIN:
        return Espera(
            Motivo.TERMINADA, f"no espera nada: terminó {memoria.estado} a las {hora(memoria.fecha_fin)}"
        )
    if saga.es_ajena:
        motivo = Motivo.ILEGIBLE if isinstance(saga.definicion, DefinicionIlegible) else Motivo.OTRA_VERSION
        return Espera(motivo, f"de por qué espera nada se sabe aquí: {sin_conocerla(saga)}")
    if not memoria.requiere_atencion:
        return _en_camino(saga, paraderos, enviada, ahora)
    if memoria.fase is Fase.ATRAS:
        return _atencion(saga)
    espera = _en_camino(saga, paraderos, enviada, ahora)
    return replace(espera, texto=f"{espera.texto}; pide atención, y sigue: no se puede dar por perdido")


def _en_camino(saga: Saga, paraderos: Sequence[Paradero], enviada: datetime, ahora: datetime) -> Espera:
    memoria, hora = saga.memoria, reloj(ahora)
    avance, despertar = saga.abierto, saga.despertar
    assert avance is not None
    assert despertar is not None
    ordenes = ("cancelar",) if memoria.fase is Fase.ADELANTE and not saga.sin_vuelta else ()
    abierto = Abierto(nombre_de(saga), _tema(saga), avance, saga.plazo, enviada, hora, _al_plazo(saga))
    if despertar < ahora - MARGEN:
        return Espera(Motivo.SIN_ORQUESTADOR, _sin_orquestador(abierto, despertar, ahora), ordenes)
    if avance.reintentar_en:
        return Espera(Motivo.PAUSA, _pausa(abierto, avance.reintentar_en), ordenes)
    for motivo, es_respuesta, lugar, decir in _DETENIDOS:
        for p in paraderos:
            if (
                p.es_respuesta is es_respuesta
                and p.lugar is lugar
                and p.es_de(abierto.paso, avance.intentos, enviada)
            ):
                return Espera(motivo, decir(abierto, p), ordenes)
    return Espera(Motivo.RESPUESTA, _respuesta(abierto), ordenes)


def nombre_de(saga: Saga) -> str:
    """Return the contract's name of the open step or undo; of a saga that ended, the last one."""
    atras = saga.memoria.fase is Fase.ATRAS
    return saga.compensacion(-1).tipo if atras else saga.paso(saga.memoria.actual).tipo


def _al_plazo(saga: Saga) -> str:
    """Return what happens to the open step or undo at its deadline, and what an operator may do before."""
    if saga.memoria.fase is Fase.ATRAS or saga.sin_vuelta:
        return "a su plazo se pedirá otra vez"
    return "a su plazo la SAGA se deshará; `aeropartners saga cancelar` la deshace ya"


def participante(tema: str) -> str:
    """Return the name of the participant that reads a topic of commands."""
    return tema.removeprefix("comandos-")


def reloj(ahora: datetime) -> Callable[[datetime | None], str]:
    """Return a function that formats an instant in UTC: the time, with its date unless it is today's."""

    def hora(momento: datetime | None) -> str:
        if momento is None:
            return "–"
        utc = momento.astimezone(UTC)
        return f"{utc:%H:%M:%S}" if utc.date() == ahora.astimezone(UTC).date() else f"{utc:%Y-%m-%d %H:%M:%S}"

    return hora


def _tema(saga: Saga) -> str:
    if saga.memoria.fase is Fase.ATRAS:
        avance = saga.memoria.compensaciones[-1]
        paso = saga.paso(avance.paso)
        return paso.partes[avance.parte].tema if avance.parte else paso.tema_compensacion
    avance = saga.memoria.pasos[saga.memoria.actual]
    return saga.paso(avance.paso).partes[avance.parte].tema


def _atencion(saga: Saga) -> Espera:
    avance = saga.memoria.compensaciones[-1]
    intentos = "su único intento" if avance.intentos == 1 else f"sus {avance.intentos} intentos"
    texto = (
        f"espera a un operador: {saga.compensacion(-1).tipo} agotó {intentos}"
        f" (último error: {avance.error}); valen {', '.join(ATASCADA[:-1])} y {ATASCADA[-1]}"
    )
    return Espera(Motivo.ATENCION, texto, ATASCADA)


def _sin_orquestador(a: Abierto, despertar: datetime, ahora: datetime) -> str:
    tarde = int((ahora - despertar).total_seconds())
    return (
        f"espera a un orquestador: debió despertar a las {a.hora(despertar)}, hace {tarde} s, con {a.paso}"
        " abierto, y nadie la atiende; compruebe que `aeropartners servir orquestador` vive (GET /ready)"
    )


def _pausa(a: Abierto, reintentar_en: datetime) -> str:
    n = a.avance.intentos
    return (
        f"espera para reintentar {a.paso}: el intento {n} falló ({a.avance.error});"
        f" el {n + 1} sale a las {a.hora(reintentar_en)}{_plazo(a)}"
    )


def _respuesta(a: Abierto) -> str:
    return (
        f"espera la respuesta de {a.quien} a {a.paso}, intento {a.avance.intentos},"
        f" enviada {a.hora(a.enviada)}{_plazo(a)}"
    )


def _en_salida(a: Abierto, p: Paradero) -> str:
    return (
        f"espera al broker: {_sujeto(a, p)} está en la salida desde {a.hora(p.momento)}"
        f" y el broker no la ha confirmado{_plazo(a)}, que se mueve mientras siga ahí"
    )


def _en_reintentos(a: Abierto, p: Paradero) -> str:
    return (
        f"espera a que {p.consumidor} vuelva a tratar {_sujeto(a, p)} a las {a.hora(p.momento)}:"
        f" {_veces(p)} ({_en_breve(p.error)}){_plazo(a)}"
    )


def _muerto(a: Abierto, p: Paradero) -> str:
    return (
        f"{_sujeto(a, p)} murió en {p.consumidor} a las {a.hora(p.momento)}: {_veces(p)}"
        f" ({_en_breve(p.error)}); nadie la tratará sin `aeropartners muertos reencolar {p.id}`{_plazo(a)}"
    )


def _descartado(a: Abierto, p: Paradero) -> str:
    return (
        f"{_sujeto(a, p)} murió en {p.consumidor} y {p.quien} la descartó a las {a.hora(p.momento)}"
        f" ({p.motivo}): nadie la tratará; {a.al_plazo}{_plazo(a)}"
    )


def _sujeto(a: Abierto, p: Paradero) -> str:
    if p.es_respuesta:
        return f"la respuesta de {a.quien} a {a.paso}, intento {a.avance.intentos},"
    return f"la orden {p.tipo} de {a.paso}, intento {a.avance.intentos},"


def _veces(p: Paradero) -> str:
    if not p.fallos:
        return "reencolado por un operador"
    return "falló 1 vez" if p.fallos == 1 else f"falló {p.fallos} veces"


def _en_breve(error: str) -> str:
    """Return the first line of an error: drivers add the SQL and its values below it."""
    return error.partition("\n")[0]


def _plazo(a: Abierto) -> str:
    return f", plazo {a.hora(a.plazo)}" if a.plazo else ""


_DETENIDOS = (
    (Motivo.RESPUESTA_MUERTA, True, Lugar.MUERTOS, _muerto),
    (Motivo.RESPUESTA_EN_REINTENTOS, True, Lugar.REINTENTOS, _en_reintentos),
    (Motivo.RESPUESTA_EN_SALIDA, True, Lugar.SALIDA, _en_salida),
    (Motivo.RESPUESTA_DESCARTADA, True, Lugar.DESCARTADO, _descartado),
    (Motivo.ORDEN_MUERTA, False, Lugar.MUERTOS, _muerto),
    (Motivo.ORDEN_EN_REINTENTOS, False, Lugar.REINTENTOS, _en_reintentos),
    (Motivo.ORDEN_EN_SALIDA, False, Lugar.SALIDA, _en_salida),
    (Motivo.ORDEN_DESCARTADA, False, Lugar.DESCARTADO, _descartado),
)
