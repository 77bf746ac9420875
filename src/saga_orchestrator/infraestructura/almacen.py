"""How sagas are stored: one guarded state row, appended events, and the rows of steps and undos."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select

from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.infraestructura.almacen import Consulta
from aeropartners.seedwork.infraestructura.auditoria import auditoria
from aeropartners.seedwork.infraestructura.dialecto import SQL, Fila, Tanda
from aeropartners.seedwork.infraestructura.tablas import salida
from aeropartners.seedwork.infraestructura.totales import Aportes
from saga_orchestrator.dominio.definicion import Registro
from saga_orchestrator.dominio.saga import Avance, EventoSaga, Memoria, Saga
from saga_orchestrator.infraestructura.auditoria import filas_de_auditoria
from saga_orchestrator.infraestructura.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.tablas import (
    saga_compensaciones,
    saga_eventos,
    saga_pasos,
    sagas,
)

_memoria = msgspec.json.Decoder(Memoria)


class AlmacenSagas:
    """Persistence of sagas; see the port `Persistencia`."""

    tabla_plazos: str | None = "sagas"

    def __init__(
        self, registro: Registro, aportes: Aportes | None = None, lecturas: Sequence[LecturaSagas] = ()
    ) -> None:
        self._registro = registro
        self._lecturas = lecturas
        self.aportes = aportes
        self.consultas: Mapping[str, Consulta] = {"en_salida": _en_salida}

    def cargar(self, con: Connection, sql: SQL, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Load sagas by their state rows."""
        columnas = ("id", "tipo", "definicion", "version", "datos_iniciales", "memoria", "revisar_en")
        filas = sql.filas_por_id(con, "sagas", columnas, ids)
        return {UUID(f[0]): self._saga(*f) for f in filas}

    def actualizar(self, tanda: Tanda, agregados: Sequence[Agregado]) -> None:
        """Update the rows of sagas that existed, guarded by their version."""
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

    def anexar(
        self, tanda: Tanda, agregados: Sequence[Agregado], nuevos: Sequence[Registrado], lote: UUID
    ) -> None:
        """Append events, and the rows of new sagas, steps and undos."""
        todas = sorted((a for a in agregados if isinstance(a, Saga)), key=lambda s: s.id)
        nuevas = _ordenadas(agregados, nuevas=True)
        tanda.anexar(saga_eventos, [_fila_evento(r, lote) for r in nuevos])
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

    def _saga(
        self,
        id: str,
        tipo: str,
        definicion: str,
        version: str,
        datos: str,
        memoria: str,
        revisar_en: str | None,
    ) -> Saga:
        saga = Saga(UUID(id))
        saga.definicion = self._registro.de(tipo, int(definicion))
        saga.datos_iniciales = msgspec.json.decode(datos)
        saga.memoria = _memoria.decode(memoria)
        saga.version = saga.version_inicial = int(version)
        saga.compensaciones_guardadas = len(saga.memoria.compensaciones)
        saga.revisar_en = datetime.fromisoformat(revisar_en) if revisar_en else None
        return saga


def fila_de(saga: Saga) -> Fila:
    """Return the state row: a function of the saga, so that a rebuild gives the same."""
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
        "memoria": _json(memoria),
        "fecha_fin": memoria.fecha_fin,
        "error_message": memoria.error,
        "requiere_atencion": memoria.requiere_atencion,
        "version": saga.version,
        "plazo": saga.despertar,
        "revisar_en": _revisar_en(saga),
        "updated_at": memoria.ultima_fecha,
    }


def _revisar_en(saga: Saga) -> datetime | None:
    """The indexed wake-up is lazy: it is never later than the real one, and moves as seldom as it can."""
    real = saga.despertar
    if real is None or saga.revisar_en is None or saga.revisada:
        return real
    return min(real, saga.revisar_en)


def filas_de_pasos(saga: Saga, indices: Collection[int]) -> list[Fila]:
    """Return the rows of these steps."""
    filas = []
    for i in indices:
        paso, avance = saga.paso(i), saga.memoria.pasos[i]
        undo = {"tipo": paso.compensacion.tipo} if paso.compensacion else None
        filas.append(
            {
                **_fila_avance(saga, i, avance),
                "id": avance.id,
                "tipo_paso": paso.tipo,
                "datos": _json(paso.datos(saga.datos_iniciales)),
                "compensacion": _json(undo),
                "created_at": saga.memoria.fecha_inicio,
            }
        )
    return filas


def filas_de_compensaciones(saga: Saga, indices: Collection[int]) -> list[Fila]:
    """Return the rows of these undos."""
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
    """Return the part of a step's or an undo's row that changes, under its key."""
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


def _fila_evento(registrado: Registrado, lote: UUID) -> Fila:
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
        "lote": lote,
    }


def _json(valor: Any) -> msgspec.Raw | None:
    return None if valor is None else msgspec.Raw(codificar(valor))


def _ordenadas(agregados: Sequence[Agregado], *, nuevas: bool) -> list[Saga]:
    elegidas = [a for a in agregados if isinstance(a, Saga) and (a.version_inicial == 0) is nuevas]
    return sorted(elegidas, key=lambda s: s.id)


def _en_salida(con: Connection, sagas: Collection[str]) -> Mapping[str, Sequence[UUID]]:
    """Return those of these sagas of whose events a burst has not left the outbox."""
    filas = con.execute(
        select(saga_eventos.c.saga_id)
        .join(salida, saga_eventos.c.lote == salida.c.lote)
        .where(saga_eventos.c.saga_id.in_([UUID(s) for s in sagas]))
        .distinct()
    )
    return {str(id): (id,) for (id,) in filas}
