"""`Escenario` with failures told in Spanish, an operator, and its coherence checked after every fact."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar
from saga_orchestrator.dominio import comandos, intervenciones
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga, Fase, Memoria
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from saga_orchestrator.dominio.saga import Saga
from tests.saga.lenguaje import DEFINICION, SAGA, Escenario

CAMPANA, PAGO, REPORTE = "CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE"
CANCELAR, REVERTIR, CANCELAR_REPORTE = "CANCELAR_CAMPAÑA", "REVERTIR_PAGO", "CANCELAR_REPORTE"
DESHACE = {p.compensacion.tipo: p.tipo for p in DEFINICION.pasos if p.compensacion}
_eventos = Diccionario([EventoSaga])


def exige(cumple: object, mensaje: str) -> None:
    """Fail in plain words: pytest explains only the asserts of test files."""
    if not cumple:
        raise AssertionError(mensaje)


class Relato(Escenario):
    """A story of one saga: what happens to it, and what must follow."""

    # Facts

    def responde_exito(self, paso: str, intento: int | None = None, **resultado: Any) -> Self:
        """A participant did what it was asked."""
        self.exito(paso, intento, **resultado)
        return self.coherente()

    def rechaza(self, paso: str, error: str = "no", intento: int | None = None) -> Self:
        """A participant refuses for good."""
        self.rechazo(paso, error, intento)
        return self.coherente()

    def falla(self, paso: str, intento: int | None = None) -> Self:
        """A participant reports a technical failure."""
        self.averia(paso, intento)
        return self.coherente()

    def deshace(self, *compensaciones: str) -> Self:
        """Each undo is asked for in turn, alone, and succeeds."""
        for compensacion in compensaciones:
            self.pide(compensacion).responde_exito(compensacion)
        return self

    def despierta(self, *, en_salida: bool = False) -> Self:
        """The clock runs to the wake-up, which rings."""
        despertar = self.saga.despertar
        exige(despertar, f"La saga no despierta: {self._donde()}")
        assert despertar is not None
        self.pasan(max(0.0, (despertar - self.ahora).total_seconds()), en_salida=en_salida)
        return self.coherente()

    def ordena(self, orden: str, motivo: str = "motivo") -> Self:
        """An operator's order, audited as the handler does it."""
        self.ultimas = self._acciones(motivo)[orden]()
        intervenciones.auditar(self.saga, orden, motivo, "quien", self.ahora)
        return self.coherente()

    # What must hold

    def niega(self, *ordenes: str) -> Self:
        """Each order is refused and leaves no trace."""
        version = self.saga.version
        for orden in ordenes:
            with pytest.raises(OrdenFueraDeEstado) as negada:
                self._acciones("x")[orden]()
            exige(negada.value.codigo == "CONFLICTO_DE_ESTADO", f"Código de más: {negada.value.codigo}")
        exige(self.saga.version == version, f"Una orden negada dejó eventos: {self._donde()}")
        return self

    def pide(self, *pasos: str) -> Self:
        pedidos = [o.paso for o in self.ultimas]
        exige(pedidos == list(pasos), f"Debía pedir {list(pasos)} y pidió {pedidos}; {self._donde()}")
        return self

    def en(self, estado: str) -> Self:
        hallado = self.saga.memoria.estado
        exige(hallado == estado, f"Debía estar en {estado} y está en {hallado}; {self._donde()}")
        return self

    def termina(self, estado: str) -> Self:
        """The saga ended in that state and asks for nothing more."""
        exige(self.saga.memoria.fase is Fase.FIN, f"La saga no ha terminado: {self._donde()}")
        return self.pide().en(estado).coherente()

    def publica(self, *palabras: str) -> Self:
        publicos = [e for e in self.eventos if e.orden]
        halladas = [e.palabra for e in publicos]
        exige(halladas == list(palabras), f"Debía publicar {list(palabras)} y publicó {halladas}")
        ordenes = [e.orden for e in publicos]
        exige(ordenes == list(range(1, len(publicos) + 1)), f"Orden con huecos: {ordenes}")
        return self

    def nada_cambia(self, *hechos: Callable[["Relato"], object]) -> Self:
        """None of these facts asks for anything or records anything."""
        for numero, hecho in enumerate(hechos, 1):
            version = self.saga.version
            hecho(self)
            exige(self.saga.version == version, f"El hecho {numero} no debía contar; {self._donde()}")
            self.pide()
        return self

    def coherente(self) -> Self:
        """Folded or decoded anew it is the same saga, and it wakes up exactly when it waits."""
        otra = Saga(SAGA)
        otra.definicion = self.saga.definicion
        otra.reproducir([_eventos.descifrar("EventoSaga", 1, codificar(e)) for e in self.eventos])
        memoria = self.saga.memoria
        exige(otra.memoria == memoria, f"Plegada de nuevo es otra: {otra.memoria} y no {memoria}")
        exige(otra.datos_iniciales == self.saga.datos_iniciales, "Plegada de nuevo tiene otros datos")
        guardada = msgspec.json.decode(codificar(memoria), type=Memoria)
        exige(guardada == memoria, f"Guardada y leída es otra: {guardada} y no {memoria}")
        atascada = memoria.fase is Fase.ATRAS and memoria.requiere_atencion
        espera = memoria.fase is not Fase.FIN and not atascada
        exige((self.saga.despertar is not None) is espera, f"Despertar de más o de menos: {self._donde()}")
        pide = memoria.fase is Fase.ATRAS or self.saga.sin_vuelta
        exige(pide or not memoria.requiere_atencion, f"Atención: {self._donde()}")
        exige((memoria.fecha_fin is not None) is (memoria.fase is Fase.FIN), f"Fin: {self._donde()}")
        finales = self.saga.definicion.estados.finales
        exige((memoria.estado in finales) is (memoria.fase is Fase.FIN), f"Estado: {self._donde()}")
        return self

    # What a test reads

    @property
    def despertar_en(self) -> float:
        """The seconds from now to the wake-up."""
        despertar: datetime | None = self.saga.despertar
        exige(despertar, f"La saga no despierta: {self._donde()}")
        assert despertar is not None
        return (despertar - self.ahora) / timedelta(seconds=1)

    def datos(self, tipo: Tipo) -> dict[str, Any]:
        """The data of the last event of a kind."""
        return [e.datos for e in self.eventos if e.tipo is tipo][-1]

    def _acciones(self, motivo: str) -> dict[str, Callable[[], comandos.Comandos]]:
        return {
            "cancelar": lambda: intervenciones.cancelar(self.saga, motivo, self.ahora),
            "reintentar": lambda: intervenciones.reintentar_compensacion(self.saga, self.ahora),
            "omitir": lambda: intervenciones.omitir_compensacion(self.saga, motivo, self.ahora),
            "cerrar": lambda: intervenciones.cerrar(self.saga, motivo, self.ahora),
        }

    def _donde(self) -> str:
        memoria = self.saga.memoria
        return f"estado {memoria.estado}, fase {memoria.fase}, eventos {[str(e.tipo) for e in self.eventos]}"


def atascada() -> Relato:
    """A saga whose only undo has failed eleven times."""
    relato = Relato().responde_exito(CAMPANA).rechaza(PAGO)
    for intento in range(1, 11):
        relato.falla(CANCELAR, intento).despierta().pide(CANCELAR)
    relato.falla(CANCELAR, 11).pide().pide_atencion()
    return relato
