"""Schedules of a definition with simulated participants; the definition is given or drawn from the seed."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.simulacion import definiciones, participante
from aeropartners.simulacion.copia import Copia
from aeropartners.simulacion.guion import Acto, Encomienda, Guion, numero_de, saga_de
from aeropartners.simulacion.invariantes import Sagas
from aeropartners.simulacion.mundo import Mundo
from aeropartners.simulacion.obra import MINUTOS, DeUnaDefinicion
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.referencia import Contesta
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import nombre_de_parte


@dataclass(frozen=True, slots=True)
class Generada(DeUnaDefinicion):
    """See `Obra`; `datos` are the initial data of every saga."""

    datos: Mapping[str, Any]

    def copias(self, plan: Plan, mundo: Mundo) -> list[Copia]:
        def actuar(pedida: Encomienda, acto: Acto) -> None:
            mundo.cuenta("participantes", acto.nombre)
            mundo.narra(
                f"a {pedida.paso} de la saga {numero_de(pedida.saga)}, vez {pedida.intento}: {acto.nombre}"
            )

        modulo = participante.Participante(self.guion, actuar).modulo()
        trabajo = Pieza(modulo.nombre, modulo, participante.persistencia())
        orquestadores, participantes = plan.copias
        return mundo.poblar(
            *self.orquestadores(orquestadores, mundo),
            ("participante", [trabajo], participantes),
        )

    @property
    def guion(self) -> Guion:
        """The script of the participants."""
        return Guion(str(self.plan.semilla), self.plan.puntual, self.plan.normales)

    def inicio(self, numero: int) -> IniciarSaga:
        minutos = MINUTOS if self.plan.puntual else 1 + numero % 3
        return IniciarSaga(saga_de(numero), self.definicion.tipo, dict(self.datos), minutos)

    def juzgar(self, mundo: Mundo) -> Mapping[str, list[Any]]:
        sin_undo = [i for i, paso in enumerate(self.definicion.pasos) if not paso.compensacion]
        sagas = Sagas(mundo.entorno.motor, self.definicion.estados, sin_undo=sin_undo)
        return {
            **self.lo_comun(mundo, sagas, self._guionizado, _hechos(mundo)),
            "mensajes atendidos más de una vez": _repetidos(mundo),
        }

    def _guionizado(self, saga: UUID) -> Contesta:
        guion, pasos = self.guion, self.definicion.pasos
        plazos: dict[str, tuple[float, bool, bool]] = {}
        for paso in pasos:
            undo = paso.compensacion
            for i, parte in enumerate(paso.partes):
                reversible = bool(parte.deshacer if i else undo)
                plazos[nombre_de_parte(paso.tipo, i)] = (paso.plazo_s, False, reversible)
                if undo:
                    plazos[nombre_de_parte(undo.tipo, i)] = (undo.plazo_s, True, True)
        return lambda tipo, n: guion.acto(Encomienda(saga, tipo, n, *plazos[tipo])).desenlace


def de_definicion(
    definicion: Definicion | None = None, datos: Mapping[str, Any] | None = None
) -> Callable[[Plan], Generada]:
    """Return what makes the play of a plan: of this definition, or of one that the plan's seed draws."""

    def obra(plan: Plan) -> Generada:
        elegida = definicion or definiciones.al_azar(Random(f"{plan.semilla}:definicion"))
        if plan.puntual:
            elegida = definiciones.puntual(elegida)
        return Generada(plan, participante.ensayable(elegida), datos or {})

    return obra


def _hechos(mundo: Mundo) -> set[UUID]:
    """Return the ids of the works that are done and not undone."""
    por_trabajo: dict[str, set[str]] = {}
    for flujo, tipo in mundo.entorno.motor.sql(
        "SELECT flujo, tipo FROM eventos WHERE tipo_flujo = 'trabajo'"
    ):
        por_trabajo.setdefault(flujo, set()).add(tipo)
    return {
        UUID(flujo)
        for flujo, tipos in por_trabajo.items()
        if "TrabajoHecho" in tipos and "TrabajoDeshecho" not in tipos
    }


def _repetidos(mundo: Mundo) -> list[Any]:
    """Return the messages that had more than one effect, with how many."""
    cuenta = Counter(
        causa
        for (causa,) in mundo.entorno.motor.sql("SELECT causa_id FROM eventos WHERE tipo = 'EncargoAtendido'")
    )
    return [(causa, veces) for causa, veces in cuenta.items() if veces > 1]
