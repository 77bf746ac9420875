"""Dead letters as an operator sees them: a list, one of them, and sending it back to its consumer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select

from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.puertos import Conflicto, Identificadores, Reloj
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    codificar_rafaga,
    descifrar_sobre,
)
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.infraestructura.auditoria import Anotacion, anotar, de_mensaje, de_objeto
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import (
    entrada,
    intentos,
    muertos,
    reintentos,
    salida,
)
from aeropartners.seedwork.infraestructura.uow import dialecto_de

REENVIAR = "muertos.reenviar"
_COMUNES = ("consumidor", "id", "tema", "cuerpo", "error")


class NoReenviable(ErrorDeDominio):
    """A dead letter that cannot be sent back as it is; the message says what can be done instead."""

    codigo = "CONFLICTO_DE_ESTADO"


@dataclass(frozen=True, slots=True)
class Muerto:
    """One dead letter; `sobre` is its envelope when it is one of our own messages."""

    consumidor: str
    id: UUID
    tema: str
    cuerpo: bytes
    intentos: int
    error: str
    fecha: datetime
    sobre: Sobre | None

    @property
    def objeto(self) -> str:
        """How the audit names it."""
        return f"{self.consumidor}/{self.id}"


class Muertos:
    """The dead letters of one database.

    `vigilados` are the consumers whose `reintentos` a timer loop replays, each with the public
    topics that it translates. A dead letter of another one (a caller) goes out on its topic again.
    """

    def __init__(
        self,
        motor: Motor,
        reloj: Reloj,
        ids: Identificadores,
        vigilados: Mapping[str, Collection[str]],
    ) -> None:
        self._motor = motor
        self._reloj = reloj
        self._ids = ids
        self._sql = dialecto_de(motor)
        self._vigilados = vigilados

    def pagina(self, consumidor: str | None, numero: int, limite: int) -> tuple[list[Muerto], int]:
        """Return a page, newest first, and the number of matches before paging."""
        donde = [muertos.c.consumidor == consumidor] if consumidor else []
        with self._motor.lectura() as con:
            total = con.execute(select(func.count()).select_from(muertos).where(*donde)).scalar_one()
            filas = con.execute(
                select(muertos)
                .where(*donde)
                .order_by(muertos.c.fecha.desc(), muertos.c.id)
                .limit(limite)
                .offset((numero - 1) * limite)
            ).all()
        return [_muerto(f) for f in filas], total

    def uno(self, id: UUID, consumidor: str | None) -> tuple[Muerto, Sequence[Anotacion]]:
        """Return a dead letter and the orders about it; raises NoEncontrado, saying where it is instead."""
        try:
            with self._motor.lectura() as con:
                muerto = self._buscar(con, id, consumidor)
                return muerto, de_objeto(con, muerto.objeto)
        except NoReenviable as error:
            raise NoEncontrado(error.mensaje) from error

    def reenviar(self, id: UUID, consumidor: str | None, quien: str, motivo: str) -> tuple[Muerto, str]:
        """Send it back, due now and with no failure counted, and audit that, in one transaction.

        Return it with where it went. Raises NoEncontrado, or NoReenviable saying what to do instead.
        """
        try:
            with self._motor.escritura() as con:
                muerto = self._buscar(con, id, consumidor)
                destino = self._destino(muerto)
                if con.execute(delete(muertos).where(_suyo(muertos, muerto))).rowcount != 1:
                    raise NoReenviable("Otro operador acaba de reenviar este mensaje: consúltelo de nuevo")
                ahora = self._sql.ahora(con, self._reloj)
                self._devolver(con, muerto, destino, ahora)
                anotar(con, self._anotacion(muerto, destino, quien, motivo, ahora))
                con.commit()
        except Conflicto as error:
            raise NoReenviable("Otro operador está reenviando este mensaje: consúltelo de nuevo") from error
        return muerto, destino

    def _buscar(self, con: Connection, id: UUID, consumidor: str | None) -> Muerto:
        filas = con.execute(select(muertos).where(_de(muertos, id, consumidor))).all()
        if len(filas) == 1:
            return _muerto(filas[0])
        if filas:
            nombres = ", ".join(sorted(f.consumidor for f in filas))
            raise NoReenviable(f"El mensaje está muerto en varios consumidores ({nombres}): diga en cuál")
        espera = con.execute(select(reintentos).where(_de(reintentos, id, consumidor))).first()
        if espera:
            raise NoReenviable(
                f"El mensaje no está muerto: {espera.consumidor} lo volverá a tratar a las"
                f" {espera.proximo:%H:%M:%S} UTC; espere a ese intento"
            )
        if reenvios := de_mensaje(con, id):
            ultimo = reenvios[-1]
            raise NoReenviable(
                f"El mensaje ya no está muerto: {ultimo.quien} lo reenvió a las {ultimo.fecha:%H:%M:%S} UTC"
                f" ({ultimo.motivo}); si vuelve a fallar aparecerá aquí otra vez"
            )
        raise NoEncontrado(f"El mensaje {id} no está entre los muertos")

    def _destino(self, muerto: Muerto) -> str:
        temas = self._vigilados.get(muerto.consumidor)
        if muerto.sobre is None and muerto.tema not in (temas or ()):
            raise NoReenviable(
                "El mensaje no se puede descifrar y volvería a morir: pida a quien lo emitió que lo envíe"
                " corregido; si es de una SAGA, cancélela o espere a su plazo"
            )
        return muerto.tema if temas is None else "reintentos"

    def _devolver(self, con: Connection, muerto: Muerto, destino: str, ahora: datetime) -> None:
        # Deaths that were counted against it are forgiven: it may go to its consumer again.
        con.execute(delete(intentos).where(_suyo(intentos, muerto)))
        if destino == "reintentos":
            fila = {c: getattr(muerto, c) for c in _COMUNES}
            self._sql.anexar(con, reintentos, [fila | {"intentos": 0, "proximo": ahora}])
            return
        # The inbox row of its burial would make the caller drop it in silence if it failed again.
        con.execute(delete(entrada).where(_suyo(entrada, muerto)))
        assert muerto.sobre is not None
        envio = Envio(muerto.tema, muerto.sobre.clave, msgspec.Raw(muerto.cuerpo))
        rafaga = {"lote": self._ids.nuevo(), "creado": ahora, "cuerpo": codificar_rafaga([envio])}
        self._sql.anexar(con, salida, [rafaga])

    def _anotacion(self, m: Muerto, destino: str, quien: str, motivo: str, ahora: datetime) -> Anotacion:
        datos = {"tema": m.tema, "intentos": m.intentos, "error": m.error, "destino": destino}
        saga_id = m.sobre.saga_id if m.sobre else None
        return Anotacion(self._ids.nuevo(), ahora, quien, REENVIAR, m.objeto, motivo, saga_id, datos)


def _suyo(tabla: Any, muerto: Muerto) -> ColumnElement[bool]:
    return _de(tabla, muerto.id, muerto.consumidor)


def _de(tabla: Any, id: UUID, consumidor: str | None) -> ColumnElement[bool]:
    de_id: ColumnElement[bool] = tabla.c.id == id
    return and_(de_id, tabla.c.consumidor == consumidor) if consumidor else de_id


def _muerto(fila: Row[Any]) -> Muerto:
    cuerpo = bytes(fila.cuerpo)
    try:
        sobre = descifrar_sobre(cuerpo)
    except NoDescifrable:
        sobre = None
    return Muerto(fila.consumidor, fila.id, fila.tema, cuerpo, fila.intentos, fila.error, fila.fecha, sobre)
