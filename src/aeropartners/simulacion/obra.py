"""What plays of one definition have in common: their orchestrator, their operator, their judgement."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.infraestructura.pieza import Llamada, Pieza
from aeropartners.simulacion.comprobacion import de_la_referencia, filas_de_sus_eventos, nada_perdido
from aeropartners.simulacion.guion import numero_de
from aeropartners.simulacion.invariantes import Sagas, de_toda_saga
from aeropartners.simulacion.mundo import ORQUESTADOR, Mundo
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.referencia import Contesta
from saga_orchestrator.aplicacion.borde import SIN_BORDE, Borde
from saga_orchestrator.aplicacion.despertador import despertador
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.totales import TotalesDeSagas

MINUTOS = 525_600
Clase = tuple[str, Sequence[Pieza], int]
DECISIONES = (("reintentar", "omitir"), ("omitir",), ("reintentar", "cerrar"), ("cerrar",), ("",))


@dataclass(frozen=True, slots=True)
class DeUnaDefinicion:
    """See `Obra`; who plays in it and what its sagas are asked for is for each to say."""

    plan: Plan
    definicion: Definicion

    @property
    def lecturas(self) -> Sequence[LecturaSagas]:
        """The read tables of the sagas' system."""
        return ()

    @property
    def siguiente(self) -> Definicion:
        """The version that the next release has besides."""
        return replace(self.definicion, version=self.definicion.version + 1)

    @property
    def versiones(self) -> Registro:
        """What the next release knows; the sagas of a schedule are of these."""
        return Registro((self.definicion, self.siguiente))

    def orquestadores(self, cuantos: int, mundo: Mundo, **partes: Any) -> list[Clase]:
        """Return the orchestrators as kinds of processes; in some schedules one is of the release before."""
        ahora = self.orquestador(mundo, self.versiones, **partes)
        if cuantos == 1 or Random(f"{self.plan.semilla}:versiones").random() < 0.5:
            return [("orquestador", [ahora], cuantos)]
        antes = self.orquestador(mundo, Registro((self.definicion,)), **partes)
        return [("orquestador", [ahora], cuantos - 1), ("orquestador-de-antes", [antes], 1)]

    def orquestador(
        self,
        mundo: Mundo,
        registro: Registro,
        borde: Borde = SIN_BORDE,
        llamadas: Sequence[Llamada] = (),
    ) -> Pieza:
        """Return the orchestrator as a part of a simulated process; the story tells its events."""

        def contar(registrados: Sequence[Registrado]) -> None:
            for registrado in registrados:
                evento = registrado.evento
                assert isinstance(evento, EventoSaga)
                error = f": {evento.datos['error']}" if evento.datos.get("error") else ""
                mundo.cuenta("eventos", str(evento.tipo))
                mundo.narra(f"saga {numero_de(registrado.flujo)}: {evento.tipo} {evento.indice}{error}")

        totales = TotalesDeSagas()
        return Pieza(
            ORQUESTADOR,
            replace(Orquestador(registro, (borde,)).modulo(), al_confirmar=contar),
            AlmacenSagas(registro, totales, self.lecturas),
            despertador,
            llamadas,
            proyecciones=(totales,),
        )

    def decide(self, numero: int, vez: int) -> str:
        """Return what an operator does with a stuck saga, drawn from the seed; empty: leaves it."""
        elegida = Random(f"{self.plan.semilla}:operador:{numero}").choice(DECISIONES)
        return elegida[min(vez, len(elegida) - 1)]

    def lo_comun(
        self,
        mundo: Mundo,
        sagas: Sagas,
        guionizado: Callable[[UUID], Contesta | None],
        hechos: Collection[UUID],
    ) -> Mapping[str, list[Any]]:
        """Return what is wrong with what any definition promises; see `de_la_referencia`."""
        if mundo.entorno.motor.sql("SELECT 1 FROM sagas WHERE plazo_desde IS NOT NULL LIMIT 1"):
            mundo.cuenta("plazos", "corre desde que su orden salió")
        return {
            **de_toda_saga(mundo.entorno.motor, sagas),
            **nada_perdido(mundo),
            "filas distintas de sus eventos": filas_de_sus_eventos(mundo, self.versiones, self.lecturas),
            "distinto de la referencia": de_la_referencia(mundo, sagas, self.definicion, guionizado, hechos),
        }
