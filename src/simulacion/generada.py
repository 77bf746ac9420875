"""Schedules of a definition with simulated participants: a given one, or one drawn from the seed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.puertos import Registrado
from saga_orchestrator.aplicacion.borde import Borde
from saga_orchestrator.aplicacion.despertador import despertador
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.definicion import Definicion, Registro
from saga_orchestrator.dominio.saga import EventoSaga
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.totales import TotalesDeSagas
from simulacion import definiciones, participante
from simulacion.comprobacion import de_la_referencia, filas_de_sus_eventos, nada_perdido
from simulacion.copia import Copia, Llamada, Pieza
from simulacion.guion import Acto, Encomienda, Guion, numero_de, saga_de
from simulacion.invariantes import Sagas, de_toda_saga
from simulacion.mundo import Mundo
from simulacion.plan import Plan
from simulacion.referencia import Contesta

MINUTOS = 525_600
DECISIONES = (("reintentar", "omitir"), ("omitir",), ("reintentar", "cerrar"), ("cerrar",), ("",))


def pieza_orquestador(
    registro: Registro,
    mundo: Mundo,
    bordes: Sequence[Borde] = (),
    lecturas: Sequence[LecturaSagas] = (),
    llamada: Llamada | None = None,
) -> Pieza:
    """Return the orchestrator as a part of a simulated process; the story tells its events."""
    modulo = Orquestador(registro, bordes).modulo()

    def contar(registrados: Sequence[Registrado]) -> None:
        for registrado in registrados:
            evento = registrado.evento
            assert isinstance(evento, EventoSaga)
            error = f": {evento.datos['error']}" if evento.datos.get("error") else ""
            mundo.cuenta("eventos", str(evento.tipo))
            mundo.narra(f"saga {numero_de(registrado.flujo)}: {evento.tipo} {evento.indice}{error}")

    totales = TotalesDeSagas(registro.finales)
    return Pieza(
        replace(modulo, al_confirmar=contar),
        AlmacenSagas(registro, totales, lecturas),
        despertador,
        llamada,
        proyecciones=(totales,),
    )


def decision(plan: Plan, numero: int, vez: int) -> str:
    """Return what an operator does with a stuck saga, drawn from the seed; empty: leaves it."""
    elegida = Random(f"{plan.semilla}:operador:{numero}").choice(DECISIONES)
    return elegida[min(vez, len(elegida) - 1)]


@dataclass(frozen=True, slots=True)
class Generada:
    """See `Obra`."""

    plan: Plan
    definicion: Definicion
    datos: Mapping[str, Any]

    def copias(self, plan: Plan, mundo: Mundo) -> list[Copia]:
        def actuar(pedida: Encomienda, acto: Acto) -> None:
            mundo.cuenta("participantes", acto.nombre)
            mundo.narra(
                f"a {pedida.paso} de la saga {numero_de(pedida.saga)}, vez {pedida.intento}: {acto.nombre}"
            )

        orquestador = pieza_orquestador(self.registro, mundo)
        trabajo = Pieza(participante.Participante(self.guion, actuar).modulo(), participante.persistencia())
        mundo.abrir_temas([orquestador, trabajo])
        orquestadores, participantes = plan.copias
        return [
            *(
                Copia(f"orquestador-{n + 1}", [orquestador], mundo.entorno, mundo)
                for n in range(orquestadores)
            ),
            *(Copia(f"participante-{n + 1}", [trabajo], mundo.entorno, mundo) for n in range(participantes)),
        ]

    @property
    def registro(self) -> Registro:
        """The one definition."""
        return Registro((self.definicion,))

    @property
    def guion(self) -> Guion:
        """What the participants do."""
        return Guion(str(self.plan.semilla), self.plan.puntual, self.plan.normales)

    def inicio(self, numero: int) -> IniciarSaga:
        minutos = MINUTOS if self.plan.puntual else 1 + numero % 3
        return IniciarSaga(saga_de(numero), self.definicion.tipo, dict(self.datos), minutos)

    def decide(self, numero: int, vez: int) -> str:
        return decision(self.plan, numero, vez)

    def juzgar(self, mundo: Mundo) -> Mapping[str, list[Any]]:
        motor = mundo.entorno.motor
        sagas = Sagas(motor, self.definicion.estados)
        return {
            **de_toda_saga(motor, sagas),
            **nada_perdido(mundo),
            "filas distintas de sus eventos": filas_de_sus_eventos(mundo, self.registro),
            "mensajes atendidos más de una vez": _repetidos(mundo),
            "distinto de la referencia": de_la_referencia(
                mundo, sagas, self.definicion, self._guionizado, _hechos(mundo)
            ),
        }

    def _guionizado(self, saga: UUID) -> Contesta:
        guion, pasos = self.guion, self.definicion.pasos
        plazos = {paso.tipo: (paso.plazo_s, False, paso.compensacion is not None) for paso in pasos}
        plazos |= {c.tipo: (c.plazo_s, True, True) for paso in pasos if (c := paso.compensacion)}
        return lambda tipo, n: guion.acto(Encomienda(saga, tipo, n, *plazos[tipo])).desenlace


def de_definicion(
    definicion: Definicion | None = None, datos: Mapping[str, Any] | None = None
) -> Callable[[Plan], Generada]:
    """Return what makes the play of a plan: of this definition, or of one that its seed draws."""

    def obra(plan: Plan) -> Generada:
        elegida = definicion or definiciones.al_azar(Random(f"{plan.semilla}:definicion"))
        if plan.puntual:
            elegida = definiciones.puntual(elegida)
        return Generada(plan, participante.ensayable(elegida), datos or {})

    return obra


def _hechos(mundo: Mundo) -> set[UUID]:
    """Return the works that stand: done and not undone."""
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
    """Return the messages that had more than one effect."""
    cuenta = Counter(
        causa
        for (causa,) in mundo.entorno.motor.sql("SELECT causa_id FROM eventos WHERE tipo = 'EncargoAtendido'")
    )
    return [(causa, veces) for causa, veces in cuenta.items() if veces > 1]
