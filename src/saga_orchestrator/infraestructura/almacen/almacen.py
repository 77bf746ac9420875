"""How sagas are stored: one guarded state row, appended events, and the rows of steps and undos."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, select, union

from aeropartners.contratos.saga import SUSCRIPCION
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import (
    VersionDesconocida,
    codificar,
    descifrar_rafaga,
)
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.seedwork.infraestructura.almacen.almacen import Consulta
from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria
from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Fila, Plazos, PlazosDeRespuesta, Tanda
from aeropartners.seedwork.infraestructura.base.plazos import flujos_de
from aeropartners.seedwork.infraestructura.base.tablas import eventos, salida
from aeropartners.seedwork.infraestructura.totales.totales import Aportes
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.memoria import Avance, EventoSaga, Memoria
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.ajenas import ajena, es_coherente, ilegibles, pasos_contados
from saga_orchestrator.infraestructura.almacen.auditoria import filas_de_auditoria
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.almacen.tablas import (
    saga_compensaciones,
    saga_eventos,
    saga_pasos,
    sagas,
)

_memoria = msgspec.json.Decoder(Memoria)
COLUMNAS = (
    "id",
    "tipo",
    "definicion",
    "version",
    "datos_iniciales",
    "memoria",
    "revisar_en",
    "plazo_desde",
)


class AlmacenSagas:
    """The store of sagas; see the port `Persistencia`."""

    def __init__(
        self, registro: Registro, aportes: Aportes | None = None, lecturas: Sequence[LecturaSagas] = ()
    ) -> None:
        self._registro = registro
        self._lecturas = lecturas
        self.aportes = aportes
        self.conocidas = registro.conocidas
        columnas = ("tipo", "definicion")
        self.plazos: Plazos | None = PlazosDeRespuesta(
            sagas.name, columnas, self.conocidas, "reintento", SUSCRIPCION
        )
        self.disputadas: Sequence[Table] = ()
        self.consultas: Mapping[str, Consulta] = {"en_salida": self._en_salida}

    def cargar(self, con: Connection, sql: SQL, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Load sagas by their state rows; raises VersionDesconocida for a definition of another release."""
        filas = sql.filas_por_id(con, "sagas", COLUMNAS, ids)
        return {UUID(f[0]): self._saga(self._definicion(f[1], int(f[2])), *f) for f in filas}

    def leer(self, con: Connection, sql: SQL, ids: Collection[UUID]) -> dict[UUID, Saga]:
        """Load sagas to show them; it never fails for a bad row.

        A saga with an unknown definition, or with a memory that cannot be decoded, has what its columns say.
        """
        filas = sql.filas_por_id(con, "sagas", COLUMNAS, ids)
        ajenas = [UUID(f[0]) for f in filas if (f[1], int(f[2])) not in self.conocidas]
        pasos = pasos_contados(con, ajenas)
        leidas: dict[UUID, Saga] = {}
        for f in filas:
            with suppress(msgspec.DecodeError):
                saga = self._saga(self._registro.conocida(f[1], int(f[2])) or ajena(f, pasos), *f)
                if es_coherente(saga):
                    leidas[saga.id] = saga
        return leidas | ilegibles(con, [id for f in filas if (id := UUID(f[0])) not in leidas])

    def actualizar(self, tanda: Tanda, agregados: Sequence[Agregado]) -> None:
        """Update the rows of sagas that were stored before, guarded by their version."""
        viejas = _ordenadas(agregados, nuevas=False)
        filas = [{**_lo_que_cambia(s), "version_previa": s.version_inicial} for s in viejas]
        tanda.actualizar(sagas, ("id", "version=version_previa"), filas)
        for lectura in self._lecturas:
            tanda.actualizar(lectura.tabla, ("saga_id",), lectura.filas(viejas))
        tanda.actualizar(
            saga_pasos,
            ("saga_id", "orden"),
            [_fila_avance(s, i, s.memoria.pasos[i]) for s in viejas for i in sorted(s.pasos_tocados)],
        )
        tanda.actualizar(
            saga_compensaciones,
            ("saga_id", "orden"),
            [
                _fila_avance(s, i, s.memoria.compensaciones[i])
                for s in viejas
                for i in sorted(s.compensaciones_tocadas)
                if i < s.compensaciones_guardadas
            ],
        )
        aplazadas = [{"id": s.id, "plazo_desde": s.plazo_desde} for s in viejas if s.aplazada]
        tanda.actualizar(sagas, ("id",), aplazadas)

    def anexar(
        self, tanda: Tanda, agregados: Sequence[Agregado], nuevos: Sequence[Registrado], rafaga_id: UUID
    ) -> None:
        """Append the events, and the rows of new sagas, steps and undos."""
        todas = sorted((a for a in agregados if isinstance(a, Saga)), key=lambda s: s.id)
        nuevas = _ordenadas(agregados, nuevas=True)
        tanda.anexar(saga_eventos, [_fila_evento(r, rafaga_id) for r in nuevos])
        tanda.anexar(auditoria, filas_de_auditoria(nuevos))
        tanda.anexar(sagas, [fila_de(s) for s in nuevas])
        for lectura in self._lecturas:
            tanda.anexar(lectura.tabla, lectura.filas(nuevas))
        tanda.anexar(saga_pasos, [f for s in nuevas for f in filas_de_pasos(s, range(len(s.memoria.pasos)))])
        tanda.anexar(
            saga_compensaciones,
            [
                f
                for s in todas
                for f in filas_de_compensaciones(
                    s, range(s.compensaciones_guardadas, len(s.memoria.compensaciones))
                )
            ],
        )

    def _definicion(self, tipo: str, version: int) -> Definicion:
        definicion = self._registro.conocida(tipo, version)
        if definicion is None:
            raise VersionDesconocida(tipo, version)
        return definicion

    def _saga(
        self,
        definicion: Definicion,
        id: str,
        _tipo: str,
        _definicion: str,
        version: str,
        datos: str,
        memoria: str,
        revisar_en: str | None,
        plazo_desde: str | None,
    ) -> Saga:
        saga = Saga(UUID(id))
        saga.definicion = definicion
        saga.datos_iniciales = msgspec.json.decode(datos)
        saga.memoria = _memoria.decode(memoria)
        saga.version = saga.version_inicial = int(version)
        saga.compensaciones_guardadas = len(saga.memoria.compensaciones)
        saga.revisar_en = datetime.fromisoformat(revisar_en) if revisar_en else None
        saga.plazo_desde = datetime.fromisoformat(plazo_desde) if plazo_desde else None
        return saga

    def _en_salida(self, con: Connection, ids: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        """Return the ids of these sagas that have a command, or a participant's answer, in the outbox.

        Public events do not count: a stuck topic of events must not put off a saga's deadline.
        """
        pedidas = set(ids)
        buscadas = [UUID(id) for id in pedidas]
        tipos = con.execute(select(sagas.c.id, sagas.c.tipo).where(sagas.c.id.in_(buscadas)))
        flujos = [id_de_paso(id, paso) for id, tipo in tipos for paso in self._registro.pasos(tipo)]
        rafagas_ids = union(
            select(saga_eventos.c.lote).where(saga_eventos.c.saga_id.in_(buscadas)),
            select(eventos.c.lote).where(eventos.c.flujo.in_(flujos)),
        )
        cuerpos = con.execute(select(salida.c.cuerpo).where(salida.c.lote.in_(rafagas_ids))).scalars()
        envios = (e for cuerpo in cuerpos for e in descifrar_rafaga(bytes(cuerpo)))
        esperan = {n for e in envios if self._es_de_un_paso(e) for n in flujos_de(e)}
        return {id: (UUID(id),) for id in pedidas & esperan}

    def _es_de_un_paso(self, envio: Envio) -> bool:
        """Whether a message is a command or an answer of a step.

        Such a message is an envelope (no properties), or goes by a contract's topic under a step's name.
        """
        dicho = envio.propiedades
        return dicho is None or self._registro.conoce_paso(dicho.get("event_type", ""))


def fila_de(saga: Saga) -> Fila:
    """Return the state row of a saga; it depends on the saga alone, so a rebuild gives the same row."""
    memoria = saga.memoria
    return {
        **_lo_que_cambia(saga),
        "tipo": saga.definicion.tipo,
        "definicion": saga.definicion.version,
        "datos_iniciales": _json(saga.datos_iniciales),
        "fecha_inicio": memoria.fecha_inicio,
        "timeout_minutos": memoria.timeout_minutos,
        "correlation_id": memoria.correlacion_id,
        "created_at": memoria.fecha_inicio,
    }


def _lo_que_cambia(saga: Saga) -> Fila:
    memoria = saga.memoria
    return {
        "id": saga.id,
        "estado": memoria.estado,
        "estado_final": memoria.estado if memoria.fecha_fin else None,
        "memoria": _json(memoria),
        "fecha_fin": memoria.fecha_fin,
        "error_message": memoria.error,
        "requiere_atencion": memoria.requiere_atencion,
        "version": saga.version,
        "plazo": saga.despertar,
        "revisar_en": _revisar_en(saga),
        "reintento": saga.reintento,
        "updated_at": memoria.ultima_fecha,
    }


def _revisar_en(saga: Saga) -> datetime | None:
    """Return the indexed wake-up: never later than the real one, and changed as seldom as possible.

    A change of an indexed column costs an update that is not HOT.
    """
    real = saga.despertar
    if real is None or saga.revisar_en is None or saga.revisada:
        return real
    return min(real, saga.revisar_en)


def filas_de_pasos(saga: Saga, indices: Collection[int]) -> list[Fila]:
    """Return the rows of the steps with these indices."""
    filas = []
    for i in indices:
        paso, avance = saga.paso(i), saga.memoria.pasos[i]
        undo = {"tipo": paso.compensacion.tipo} if paso.compensacion else None
        filas.append(
            {
                **_fila_avance(saga, i, avance),
                "id": avance.id,
                "tipo_paso": paso.tipo,
                "datos": _json(paso.presentacion.datos(saga.datos_iniciales)),
                "compensacion": _json(undo),
                "created_at": saga.memoria.fecha_inicio,
            }
        )
    return filas


def filas_de_compensaciones(saga: Saga, indices: Collection[int]) -> list[Fila]:
    """Return the rows of the undos with these indices."""
    filas = []
    for i in indices:
        avance = saga.memoria.compensaciones[i]
        filas.append(
            {
                **_fila_avance(saga, i, avance),
                "id": avance.id,
                "paso_id": saga.memoria.pasos[avance.paso].id,
                "tipo_compensacion": saga.compensacion(i).tipo,
                "datos": _json({"paso": saga.paso(avance.paso).tipo, "id": str(saga.id_de(avance.paso))}),
                "created_at": saga.memoria.fecha_inicio,
            }
        )
    return filas


def _fila_avance(saga: Saga, indice: int, avance: Avance) -> Fila:
    """Return the columns that change in the row of a step or an undo, with its key."""
    return {
        "saga_id": saga.id,
        "orden": indice + 1,
        "resultado": _json(avance.resultado),
        "exitoso": avance.exitoso,
        "error": avance.error,
        "intentos": avance.intentos,
        "fecha_ejecucion": avance.fecha_fin and avance.solicitado_en,
        "fecha_fin": avance.fecha_fin,
        "version": saga.version,
        "updated_at": saga.memoria.ultima_fecha,
    }


def _fila_evento(registrado: Registrado, rafaga_id: UUID) -> Fila:
    evento = registrado.evento
    assert isinstance(evento, EventoSaga)
    return {
        "saga_id": registrado.flujo,
        "version": registrado.version,
        "id": evento.datos["id"],
        "orden": evento.orden,
        "clase": str(evento.tipo),
        "indice": evento.indice,
        "estado": evento.estado,
        "evento_tipo": evento.palabra,
        "evento_datos": _json(evento.datos),
        "fecha_creacion": evento.fecha,
        "lote": rafaga_id,
    }


def _json(valor: Any) -> msgspec.Raw | None:
    return None if valor is None else msgspec.Raw(codificar(valor))


def _ordenadas(agregados: Sequence[Agregado], *, nuevas: bool) -> list[Saga]:
    elegidas = [a for a in agregados if isinstance(a, Saga) and (a.version_inicial == 0) is nuevas]
    return sorted(elegidas, key=lambda s: s.id)
