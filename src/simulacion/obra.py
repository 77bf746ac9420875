"""What plays of one definition have in common: their orchestrator, their operator, their judgement."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.puertos import Registrado
from saga_orchestrator.aplicacion.borde import Borde
from saga_orchestrator.aplicacion.despertador import despertador
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.definicion import Definicion, Registro
from saga_orchestrator.dominio.saga import EventoSaga
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.totales import TotalesDeSagas
from simulacion.comprobacion import de_la_referencia, filas_de_sus_eventos, nada_perdido
from simulacion.copia import Llamada, Pieza
from simulacion.guion import numero_de
from simulacion.invariantes import Sagas, de_toda_saga
from simulacion.mundo import Mundo
from simulacion.plan import Plan
from simulacion.referencia import Contesta

MINUTOS = 525_600
DECISIONES = (("reintentar", "omitir"), ("omitir",), ("reintentar", "cerrar"), ("cerrar",), ("",))


@dataclass(frozen=True, slots=True)
class DeUnaDefinicion:
    """See `Obra`; who plays in it and what its sagas are asked for is for each to say."""

    plan: Plan
    definicion: Definicion

    def orquestador(
        self,
        mundo: Mundo,
        bordes: Sequence[Borde] = (),
        lecturas: Sequence[LecturaSagas] = (),
        llamada: Llamada | None = None,
    ) -> Pieza:
        """Return the orchestrator as a part of a simulated process; the story tells its events."""
        registro = Registro((self.definicion,))

        def contar(registrados: Sequence[Registrado]) -> None:
            for registrado in registrados:
                evento = registrado.evento
                assert isinstance(evento, EventoSaga)
                error = f": {evento.datos['error']}" if evento.datos.get("error") else ""
                mundo.cuenta("eventos", str(evento.tipo))
                mundo.narra(f"saga {numero_de(registrado.flujo)}: {evento.tipo} {evento.indice}{error}")

        totales = TotalesDeSagas(registro.finales)
        return Pieza(
            replace(Orquestador(registro, bordes).modulo(), al_confirmar=contar),
            AlmacenSagas(registro, totales, lecturas),
            despertador,
            llamada,
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
        return {
            **de_toda_saga(mundo.entorno.motor, sagas),
            **nada_perdido(mundo),
            "filas distintas de sus eventos": filas_de_sus_eventos(mundo, Registro((self.definicion,))),
            "distinto de la referencia": de_la_referencia(mundo, sagas, self.definicion, guionizado, hechos),
        }
