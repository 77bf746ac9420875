"""The unit of work in SQL: one transaction over a whole batch, written in one fixed order."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from aeropartners.seedwork.aplicacion.puertos import (
    SIN_AJENAS,
    Apartado,
    Cambios,
    ClaveGuardada,
    ClaveIdempotencia,
    Identificadores,
    Reloj,
    Unico,
)
from aeropartners.seedwork.aplicacion.serializacion import Conocida, codificar_publico, codificar_rafaga
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.infraestructura.almacen.almacen import Persistencia
from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria, fila_de
from aeropartners.seedwork.infraestructura.almacen.claves_idempotencia import guardadas
from aeropartners.seedwork.infraestructura.base import tablas
from aeropartners.seedwork.infraestructura.base.dialecto import Fila, PlazosDeRespuesta, Tanda
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.totales.totales import Totales, cambio, codificar_cambio


class UnidadSQL:
    """See the port `UnidadDeTrabajo`. Made for one batch, on one connection, by one thread."""

    def __init__(self, motor: Motor, persistencia: Persistencia, reloj: Reloj, ids: Identificadores) -> None:
        self._abrir: Callable[[], AbstractContextManager[Connection]] = motor.escritura
        self._sql = dialecto_de(motor)
        self._persistencia = persistencia
        self._reloj = reloj
        self._ids = ids
        self._momento: datetime | None = None
        self._previos: dict[UUID, Totales] = {}
        self._demora = timedelta(0)

    def __enter__(self) -> "UnidadSQL":
        self._contexto = self._abrir()
        self._con = self._contexto.__enter__()
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> bool | None:
        return self._contexto.__exit__(tipo, error, traza)

    @property
    def ahora(self) -> datetime:
        if self._momento is None:
            self._momento = self._sql.ahora(self._con, self._reloj)
        return self._momento

    def entradas_frescas(
        self, consumidor: str, ids: Sequence[UUID], ajenas: Mapping[UUID, UUID] = SIN_AJENAS, /
    ) -> set[UUID]:
        frescas, momento = self._sql.entradas(self._con, consumidor, ids, ajenas)
        self._momento = self._momento or momento
        return frescas

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        for tabla in self._persistencia.disputadas:
            self._sql.bloquear(self._con, tabla.name, ids)
        agregados = self._persistencia.cargar(self._con, self._sql, ids)
        if aportes := self._persistencia.aportes:
            self._previos |= {id: aportes.aporte(a) for id, a in agregados.items()}
        return agregados

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        filas = self._sql.duenos(self._con, [(u.ambito, u.valor) for u in unicos])
        return {Unico(ambito, valor): UUID(flujo) for ambito, valor, flujo in filas}

    def claves(self, claves: Collection[ClaveIdempotencia]) -> dict[ClaveIdempotencia, ClaveGuardada]:
        return guardadas(self._con, self._sql, claves)

    def consultar(self, nombre: str, argumentos: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        return self._persistencia.consultas[nombre](self._con, argumentos)

    def numeros(self, contadores: Collection[str]) -> dict[str, int]:
        return dict(self._sql.numeros(self._con, contadores))

    def vencidos(self, maximo: int, solo: Collection[UUID] = (), sin: Collection[UUID] = ()) -> list[UUID]:
        plazos = self._persistencia.plazos
        if plazos is None:
            return []
        if not isinstance(plazos, PlazosDeRespuesta):
            return self._sql.debidos(self._con, plazos.tabla, self.ahora, maximo, solo, sin)
        ids, self._demora = self._sql.vencidos(self._con, plazos, self.ahora, maximo, solo, sin)
        return ids

    @property
    def demora(self) -> timedelta:
        return self._demora

    def apartado_vencido(self, consumidor: str, conocidas: Collection[Conocida]) -> Apartado | None:
        legibles = {*conocidas, *self._persistencia.conocidas}
        fila = self._sql.apartado(self._con, consumidor, self.ahora, legibles)
        if fila is None:
            return None
        id, tema, cuerpo, intentos, error = fila
        return Apartado(consumidor, UUID(id), tema, bytes(cuerpo), intentos, error, None)

    def quitar_apartado(self, apartado: Apartado) -> bool:
        return self._sql.quitar_apartado(self._con, apartado.consumidor, apartado.id, apartado.intentos)

    def sumar_intento(self, consumidor: str, ids: Sequence[UUID], suma: int) -> Mapping[UUID, int]:
        filas = self._sql.sumar_intentos(self._con, consumidor, ids, suma)
        return {UUID(id): veces for id, veces in filas}

    def olvidar_intento(self, consumidor: str, id: UUID) -> None:
        with self._sql.tanda(self._con) as tanda:
            tanda.borrar(tablas.intentos, [{"consumidor": consumidor, "id": id}])

    def anotar_parada(self, consumidor: str, limpio: bool) -> bool:
        return self._sql.anotar_parada(self._con, consumidor, limpio)

    def guardar(self, cambios: Cambios) -> UUID | None:
        """Write in the fixed order of the architecture, so that two writers never wait in a circle."""
        rafaga_id = self._ids.nuevo()
        claves = sorted(cambios.claves.items(), key=lambda par: par[0])
        with self._sql.tanda(self._con) as tanda:
            tanda.anexar(tablas.claves_idempotencia, [self._fila_clave(c, g) for c, g in claves])
            numeros = [{"nombre": c, "valor": n} for c, n in sorted(cambios.numeros.items())]
            tanda.actualizar(tablas.contadores, ("nombre",), numeros)
            self._persistencia.actualizar(tanda, cambios.agregados)
            tanda.borrar(tablas.unicos, [_unico(u, f) for u, f in sorted(cambios.libera.items())])
            tanda.anexar(tablas.unicos, [_unico(u, f) for u, f in sorted(cambios.toma.items())])
            self._persistencia.anexar(tanda, cambios.agregados, cambios.registrados, rafaga_id)
            self._contar(tanda, cambios)
            self._apartar(tanda, cambios)
            tanda.anexar(auditoria, [fila_de(a) for a in cambios.anotaciones])
            if cambios.envios:
                tanda.guardar_rafaga(rafaga_id, self.ahora, codificar_rafaga(cambios.envios))
        return rafaga_id if cambios.envios else None

    def commit(self) -> None:
        self._con.commit()

    def _contar(self, tanda: Tanda, cambios: Cambios) -> None:
        """Store this transaction's difference to the totals as a new row, so that no writer is blocked."""
        aportes = self._persistencia.aportes
        if aportes is None or not cambios.agregados:
            return
        suma = cambio(aportes, self._previos, cambios)
        if any(suma.values()):
            fila: Fila = {"proyeccion": aportes.nombre, "cambios": codificar_cambio(suma)}
            tanda.anexar(tablas.totales_pendientes, [fila])

    def _apartar(self, tanda: Tanda, cambios: Cambios) -> None:
        comunes = ("consumidor", "id", "tema", "cuerpo", "intentos", "error")
        vivos: list[Fila] = []
        muertos: list[Fila] = []
        for apartado in cambios.apartados:
            fila: Fila = {c: getattr(apartado, c) for c in comunes}
            if apartado.proximo:
                falta, version = apartado.falta or (None, None)
                vivos.append({**fila, "proximo": apartado.proximo, "falta": falta, "falta_version": version})
            else:
                muertos.append({**fila, "fecha": self.ahora})
        tanda.anexar(tablas.reintentos, vivos)
        tanda.anexar(tablas.muertos, muertos)

    def _fila_clave(self, clave: ClaveIdempotencia, guardada: ClaveGuardada) -> Fila:
        return {
            "servicio": clave.servicio,
            "ruta": clave.ruta,
            "clave": clave.clave,
            "cliente": clave.cliente,
            "huella": guardada.huella,
            "estado": guardada.contestacion.estado,
            "cuerpo": msgspec.Raw(codificar_publico(guardada.contestacion.cuerpo)),
            "creado": self.ahora,
        }


def _unico(unico: Unico, flujo: UUID) -> Fila:
    return {"ambito": unico.ambito, "valor": unico.valor, "flujo": flujo}
