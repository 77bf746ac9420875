"""The dead letters for operators: list, show, send back, discard."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, func, select

from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Conflicto, Identificadores, Reloj
from aeropartners.seedwork.aplicacion.serializacion import codificar_rafaga
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.infraestructura.almacen.auditoria import anotar, de_objeto
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import (
    entrada,
    intentos,
    muertos,
    reintentos,
)
from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import (
    DESCARTAR,
    REENCOLAR,
    Filtro,
    Muerto,
    OrdenDeMuertoRechazada,
    Prevista,
    buscar,
    conservado,
    datos_para_conservar,
    de_fila,
    descartado,
    filtrar,
    suyo,
)

_COMUNES = ("consumidor", "id", "tema", "cuerpo", "error")


class Muertos:
    """The dead letters of one database.

    `vigilados` are the consumers whose messages set aside the timers try again, each with the public topics
    that it translates. A dead letter of another consumer (a caller) is sent to its topic again.
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
        """Return a page, newest first, and the number of matches on all pages."""
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
        return [de_fila(f) for f in filas], total

    def uno(self, id: UUID, consumidor: str | None) -> tuple[Muerto, Sequence[Anotacion], bool]:
        """Return a dead letter, the orders about it, and whether it was discarded.

        A discarded one is read from the audit. Raises NoEncontrado, saying where the message is now.
        """
        with self._motor.lectura() as con:
            try:
                muerto, tirado = buscar(con, id, consumidor), False
            except OrdenDeMuertoRechazada as error:
                anotacion = descartado(con, id, consumidor)
                if anotacion is None:
                    raise NoEncontrado(error.mensaje) from error
                muerto, tirado = conservado(anotacion), True
            return muerto, de_objeto(con, muerto.objeto), tirado

    def prever(self, orden: str, filtro: Filtro, limite: int) -> tuple[list[Prevista], bool]:
        """Return what the order would do to each match, oldest first, and whether there are more matches.

        A filter by id gives a preview of that message even if it is not dead.
        """
        with self._motor.lectura() as con:
            if filtro.id:
                try:
                    elegidos = [buscar(con, filtro.id, filtro.consumidor)]
                except ErrorDeDominio as error:
                    return [Prevista(filtro.id, None, error.mensaje)], False
            else:
                elegidos = list(islice(filtrar(con, filtro), limite + 1))
        return [self._prevista(orden, m) for m in elegidos[:limite]], len(elegidos) > limite

    def ordenar(
        self,
        orden: str,
        id: UUID,
        consumidor: str | None,
        quien: str,
        motivo: str,
        firma: Firma | None = None,
    ) -> tuple[Muerto, str]:
        """Carry out an order on a dead letter and audit it, in one transaction.

        REENCOLAR sends the message back, due now and with no attempt counted; DESCARTAR deletes it. Return
        the dead letter and its destination: a topic, `reintentos` or `auditoria`. Raises NoEncontrado, or
        OrdenDeMuertoRechazada saying what to do instead. `firma`: the caller, if the order came over HTTP.
        """
        firma = replace(firma or Firma(quien, None, "", ""), motivo=motivo)
        try:
            with self._motor.escritura() as con:
                muerto = buscar(con, id, consumidor)
                destino = self._destino(orden, muerto)
                if con.execute(delete(muertos).where(suyo(muertos, muerto))).rowcount != 1:
                    raise OrdenDeMuertoRechazada("Otro operador acaba de atender este mensaje: consúltelo")
                ahora = self._sql.ahora(con, self._reloj)
                if orden == REENCOLAR:
                    self._devolver(con, muerto, destino, ahora)
                anotar(con, self._anotacion(firma, orden, muerto, ahora, destino=destino, quien=quien))
                con.commit()
        except Conflicto as error:
            raise OrdenDeMuertoRechazada("Otro operador está atendiendo este mensaje: consúltelo") from error
        return muerto, destino

    def _prevista(self, orden: str, muerto: Muerto) -> Prevista:
        try:
            destino = self._destino(orden, muerto)
        except OrdenDeMuertoRechazada as error:
            return Prevista(muerto.id, muerto, error.mensaje)
        return Prevista(muerto.id, muerto, "", destino)

    def _destino(self, orden: str, muerto: Muerto) -> str:
        if orden == DESCARTAR:
            return "auditoria"
        temas = self._vigilados.get(muerto.consumidor)
        if muerto.sobre is None and muerto.envio is None and muerto.tema not in (temas or ()):
            raise OrdenDeMuertoRechazada(
                "El mensaje no se puede descifrar y volvería a morir: pida a quien lo emitió que lo envíe"
                " corregido y use descartar; si es de una SAGA, cancélela o espere a su plazo"
            )
        return muerto.tema if temas is None else "reintentos"

    def _devolver(self, con: Connection, muerto: Muerto, destino: str, ahora: datetime) -> None:
        # Forget the deaths counted for it, so that its consumer handles it again.
        con.execute(delete(intentos).where(suyo(intentos, muerto)))
        if destino == "reintentos":
            fila = {c: getattr(muerto, c) for c in _COMUNES}
            with self._sql.tanda(con) as tanda:
                tanda.anexar(reintentos, [fila | {"intentos": 0, "proximo": ahora}])
            return
        # Its inbox row was written when it became a dead letter. If it stayed, the caller would drop the
        # message without a trace should it fail again.
        con.execute(delete(entrada).where(suyo(entrada, muerto)))
        if (envio := muerto.envio) is None:
            assert muerto.sobre
            envio = Envio(muerto.tema, muerto.sobre.clave, msgspec.Raw(muerto.cuerpo))
        with self._sql.tanda(con) as tanda:
            tanda.guardar_rafaga(self._ids.nuevo(), ahora, codificar_rafaga([envio]))

    def _anotacion(self, firma: Firma, orden: str, m: Muerto, ahora: datetime, **dicho: str) -> Anotacion:
        detalle = datos_para_conservar(m, con_cuerpo=orden == DESCARTAR) | dicho
        suya = replace(firma, operacion=f"muertos.{orden}", recurso=m.objeto, saga_id=m.saga_id)
        return Anotacion(self._ids.nuevo(), ahora, suya, Resultado.HECHA, detalle)
