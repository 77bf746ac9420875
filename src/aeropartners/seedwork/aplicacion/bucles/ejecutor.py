"""Runs one batch of a module in one transaction, and again from the start after a conflict."""

import random
import time
from collections.abc import Callable, Sequence

from aeropartners.seedwork.aplicacion.bucles.lote import Procesador, Resultado
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Bloqueado,
    Conflicto,
    ConflictoPersistente,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos_de_choque import pasar

Preparar = Callable[[UnidadDeTrabajo], Sequence[Sobre]]
Completar = Callable[[UnidadDeTrabajo, Resultado], None]

CONFLICTOS_SEGUIDOS = 20
# Fewer than of other conflicts: each of these has already waited for the whole lock timeout.
BLOQUEOS_SEGUIDOS = 2


def sin_mas(_uow: UnidadDeTrabajo, _resultado: Resultado) -> None:
    """Add nothing to what the handlers decided."""


class Ejecutor:
    """Runs batches: load, decide, write, commit, then hand the burst to the publisher."""

    def __init__(
        self,
        procesador: Procesador,
        unidades: Callable[[], UnidadDeTrabajo],
        publicador: Publicador,
        dormir: Callable[[float], None] = time.sleep,
        azar: Callable[[], float] = random.random,
    ) -> None:
        self.procesador = procesador
        self.publicador = publicador
        self._unidades = unidades
        self._dormir = dormir
        self._azar = azar

    def ejecutar(self, preparar: Preparar, completar: Completar = sin_mas) -> Resultado:
        """Run the batch that `preparar` returns inside the transaction; `completar` adds rows of its own.

        After a conflict the batch begins again, with a jittered pause; this counts as an attempt of no
        message. Raises ConflictoPersistente after too many conflicts in a row. Any other exception rolls the
        transaction back and goes to the caller.
        """
        bloqueos = 0
        for vez in range(CONFLICTOS_SEGUIDOS):
            try:
                return self._una_vez(preparar, completar)
            except Conflicto as error:
                ultimo = error
                bloqueos += isinstance(error, Bloqueado)
                if bloqueos == BLOQUEOS_SEGUIDOS:
                    break
                self._dormir(min(0.002 * 2**vez, 0.5) * self._azar())
        raise ConflictoPersistente(str(ultimo)) from ultimo

    def _una_vez(self, preparar: Preparar, completar: Completar) -> Resultado:
        with self._unidades() as uow:
            sobres = preparar(uow)
            self._pasar(sobres, "entrada")
            resultado = self.procesador.procesar(uow, sobres)
            completar(uow, resultado)
            rafaga_id = uow.guardar(resultado.cambios)
            self._pasar(sobres, "antes_commit")
            uow.commit()
        self._pasar(sobres, "tras_commit")
        if rafaga_id is not None:
            self.publicador.entregar(rafaga_id, resultado.cambios.envios)
        if resultado.cambios.registrados:
            self.procesador.modulo.al_confirmar(resultado.cambios)
        return resultado

    def _pasar(self, sobres: Sequence[Sobre], punto: str) -> None:
        if sobres:
            pasar(self.procesador.modulo.nombre, punto, sobres)
