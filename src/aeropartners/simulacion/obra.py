"""The common part of schedules of one definition: their orchestrators, operator and judgement."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.puertos import Cambios
from aeropartners.seedwork.infraestructura.pieza import Llamada, Pieza
from aeropartners.simulacion.comprobacion import de_la_referencia, filas_de_sus_eventos, nada_perdido
from aeropartners.simulacion.guion import numero_de
from aeropartners.simulacion.invariantes import Sagas, de_toda_saga
from aeropartners.simulacion.mundo import ORQUESTADOR, Mundo
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.referencia import Contesta
from saga_orchestrator.aplicacion.borde import SIN_BORDE, Borde
from saga_orchestrator.aplicacion.mensajes_de_plazo import despertador
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas

MINUTOS = 525_600
Clase = tuple[str, Sequence[Pieza], int]
DECISIONES = (("reintentar", "omitir"), ("omitir",), ("reintentar", "cerrar"), ("cerrar",), ("",))


@dataclass(frozen=True, slots=True)
class DeUnaDefinicion:
    """See `Obra`; a subclass adds the participants and the start of its sagas."""

    plan: Plan
    definicion: Definicion

    @property
    def lecturas(self) -> Sequence[LecturaSagas]:
        """The read tables of the definition's system."""
        return ()

    def datos_iniciales(self) -> Sequence[tuple[str, object]]:
        """Return what the modules have before the first turn."""
        return ()

    @property
    def siguiente(self) -> Definicion:
        """The version that the next release adds."""
        return replace(self.definicion, version=self.definicion.version + 1)

    @property
    def versiones(self) -> Registro:
        """The definitions that the next release knows; the schedule's sagas have one of them."""
        return Registro((self.definicion, self.siguiente))

    def orquestadores(self, cuantos: int, mundo: Mundo, **partes: Any) -> list[Clase]:
        """Return the orchestrators by kind of process; in half of the schedules one is an older release."""
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
        """Return the orchestrator as a `Pieza` of a simulated process; its events go to the story."""

        def contar(cambios: Cambios) -> None:
            for registrado in cambios.registrados:
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
        """Return the operator's order for a stuck saga, drawn from the seed; "" for none."""
        elegida = Random(f"{self.plan.semilla}:operador:{numero}").choice(DECISIONES)
        return elegida[min(vez, len(elegida) - 1)]

    def lo_comun(
        self,
        mundo: Mundo,
        sagas: Sagas,
        guionizado: Callable[[UUID], Contesta | None],
        hechos: Collection[UUID],
    ) -> Mapping[str, list[Any]]:
        """Return the faults of what every definition promises; for the parameters, see `de_la_referencia`."""
        if mundo.entorno.motor.sql("SELECT 1 FROM sagas WHERE plazo_desde IS NOT NULL LIMIT 1"):
            mundo.cuenta("plazos", "corre desde que su orden salió")
        return {
            **de_toda_saga(mundo.entorno.motor, sagas),
            **nada_perdido(mundo),
            "filas distintas de sus eventos": filas_de_sus_eventos(mundo, self.versiones, self.lecturas),
            "distinto de la referencia": de_la_referencia(mundo, sagas, self.definicion, guionizado, hechos),
        }
