"""Schedules of PARTNER_CREATION with the real modules; the way to the service of partners misbehaves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from aeropartners.contratos import alianzas as contrato_alianzas
from aeropartners.contratos import partners as contrato_partners
from aeropartners.contratos.partners import (
    TIPO_PARTNER,
    ComandoCrearPartner,
    CrearPartner,
    EliminarPartner,
    clave_de_creacion,
)
from aeropartners.modulos.alianzas import modulo as alianzas
from aeropartners.modulos.partners import modulo as partners
from aeropartners.seedwork.aplicacion.bucles.escritor import Peticion
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import ClaveIdempotencia, Contestacion
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.seedwork.infraestructura.pieza import Llamada
from aeropartners.simulacion.copia import Copia
from aeropartners.simulacion.definiciones import PLAZO_PUNTUAL_S
from aeropartners.simulacion.guion import Desenlace, numero_de, saga_de
from aeropartners.simulacion.invariantes import Sagas
from aeropartners.simulacion.mundo import Mundo
from aeropartners.simulacion.obra import MINUTOS, DeUnaDefinicion
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.referencia import Contesta
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.sistemas.partners.borde import borde
from saga_orchestrator.sistemas.partners.definicion import ESTADOS, AjustesPartner, crear_partner
from saga_orchestrator.sistemas.partners.estados import ESTADOS_PARTNER
from saga_orchestrator.sistemas.partners.integraciones import Hecho, Negado, SinContestar, tareas
from tests.e2e.invariantes_partners import DISTINTA, REPETIDOS, VARIOS

T = TypeVar("T")
PUNTOS = ("integraciones.llamar", "integraciones.hecho")
PLAZO_CORTO_S, SIN_FIN = 20.0, 500
# A request gets through a bad way at the latest at this try: far sooner than its step's long deadline.
AL_FIN = 6
PERMITIDO, EXCESIVO = "1500.00", "60000.00"
VIVOS = """
    SELECT id FROM partners WHERE estado <> 'ELIMINADO'
    UNION ALL SELECT id FROM contratos WHERE estado = 'activo'
"""
# What becomes of a request: it fails before it leaves, it is done when nobody waits, its answer is lost.
NO_LLEGA, TARDE, SIN_RESPUESTA = "no llega", "llega tarde", "se pierde la respuesta"


@dataclass(frozen=True, slots=True)
class Encargo:
    """What is asked of one saga, and what the way to the service is for it."""

    partner_malo: bool
    contrato_malo: bool
    camino: str

    def contesta(self) -> Contesta:
        """How its steps end, however often they are asked for; undos always succeed in the end."""
        malos = {
            contrato_partners.PASO_CREAR: self.partner_malo,
            contrato_alianzas.PASO_CREAR: self.contrato_malo,
        }
        return lambda tipo, _n: Desenlace.RECHAZO if malos.get(tipo) else Desenlace.EXITO


class Servicio:
    """The service as the caller sees it: a writer of one of its processes, at the end of a bad way."""

    def __init__(self, obra: "ObraPartners", mundo: Mundo) -> None:
        self._obra = obra
        self._mundo = mundo
        self._azar = Random(mundo.plan.semilla)
        self._veces: Counter[tuple[type, UUID]] = Counter()

    def crear(self, sobre: Sobre, datos: dict[str, Any]) -> Hecho | Negado | SinContestar:
        assert sobre.saga_id
        mensaje = CrearPartner(id_de_paso(sobre.saga_id, contrato_partners.PASO_CREAR), **datos)
        clave = ClaveIdempotencia(partners.NOMBRE, "POST /api/v1/partners", clave_de_creacion(sobre.saga_id))
        return self._contado("crear", self._crear(sobre, mensaje, clave))

    def _crear(
        self, sobre: Sobre, mensaje: CrearPartner, clave: ClaveIdempotencia
    ) -> Hecho | Negado | SinContestar:
        dicho = self._pedir(sobre, mensaje, clave)
        if isinstance(dicho, SinContestar):
            return dicho
        if dicho.estado != 201:
            return Negado(dicho.cuerpo["codigo"], dicho.cuerpo["error"])
        return Hecho(dicho.cuerpo["partner"])

    def borrar(self, sobre: Sobre, partner_id: str) -> Hecho | SinContestar:
        filas = self._mundo.entorno.motor.sql(f"SELECT email FROM partners WHERE id = '{partner_id}'")
        hecho = Hecho({"id": partner_id})
        if not filas:
            return hecho
        dicho = self._pedir(sobre, EliminarPartner(UUID(partner_id), filas[0][0]), None)
        return self._contado("borrar", dicho if isinstance(dicho, SinContestar) else hecho)

    def _contado(self, que: str, respuesta: T) -> T:
        self._mundo.cuenta("integraciones", f"{que}: {type(respuesta).__name__}")
        return respuesta

    def _pedir(
        self, sobre: Sobre, mensaje: CrearPartner | EliminarPartner, clave: ClaveIdempotencia | None
    ) -> Contestacion | SinContestar:
        """The process that is asked does its round meanwhile, unless it is busy or the request is late."""
        mundo, escritor = self._mundo, f"escritor-{partners.NOMBRE}"
        mundo.instante("integraciones.llamar")
        assert sobre.saga_id
        encargo = self._obra.encargo(numero_de(sobre.saga_id))
        cual = (type(mensaje), mensaje.id)
        self._veces[cual] += 1
        suerte = self._suerte(encargo.camino, self._veces[cual])
        vivas = [c for c in mundo.copias if partners.NOMBRE in c.escritores]
        if not vivas or suerte == NO_LLEGA:
            return SinContestar(NO_LLEGA, incierto=False)
        if encargo.partner_malo and isinstance(mensaje, CrearPartner):
            rechazo = Contestacion(400, {"codigo": "VALIDACION", "error": "El email no vale"})
            return SinContestar(suerte, incierto=True) if suerte else rechazo
        copia = self._azar.choice(vivas)
        peticion = _peticion(sobre, mensaje, clave)
        copia.pedir(partners.NOMBRE, peticion)
        if suerte != TARDE and not mundo.ocupado(copia, escritor):
            mundo.ronda(copia, escritor)
        mundo.instante("integraciones.hecho")
        if suerte or not peticion.futuro.done() or peticion.futuro.exception():
            return SinContestar(suerte or "no contesta", incierto=True)
        return peticion.futuro.result()

    def _suerte(self, camino: str, veces: int) -> str:
        if camino == "a ratos" and veces >= AL_FIN:
            return ""
        pesos = {"bueno": (1, 0, 0, 0), "a ratos": (4, 2, 2, 2), "cortado": (0, 2, 1, 2)}
        [suerte] = self._azar.choices(("", NO_LLEGA, TARDE, SIN_RESPUESTA), pesos[camino])
        return suerte


def _peticion(
    sobre: Sobre, mensaje: CrearPartner | EliminarPartner, clave: ClaveIdempotencia | None
) -> Peticion:
    return Peticion(
        mensaje,
        mensaje.id,
        lambda decision: Contestacion(201, {"partner": _visto(decision)}),
        lambda error: Contestacion(409, {"codigo": error.codigo, "error": str(error)}),
        clave,
        huella="la misma",
        saga_id=sobre.saga_id,
        correlacion_id=sobre.correlacion_id,
        siempre=True,
    )


def _visto(decision: Decision) -> dict[str, Any]:
    partner: Any = decision.resultado
    return {"id": str(partner.id), "estado": str(partner.estado)}


@dataclass(frozen=True, slots=True)
class ObraPartners(DeUnaDefinicion):
    """See `Obra`."""

    @property
    def lecturas(self) -> Sequence[LecturaSagas]:
        return (ESTADOS_PARTNER,)

    def copias(self, plan: Plan, mundo: Mundo) -> list[Copia]:
        encargadas = tareas(Servicio(self, mundo))
        llamada = Llamada(
            contrato_partners.TEMA_LLAMADAS,
            contrato_partners.SUSCRIPCION_LLAMADAS,
            lambda: encargadas,
            PUNTOS,
        )
        orquestadores, copias = plan.copias
        return mundo.poblar(
            *self.orquestadores(orquestadores, mundo, borde=borde(MINUTOS), llamadas=(llamada,)),
            ("integraciones", [partners.pieza()], copias),
            ("alianzas", [alianzas.pieza(alianzas.PorDefecto())], copias),
        )

    def encargo(self, numero: int) -> Encargo:
        """What is asked of this saga, drawn from the seed."""
        if numero in self.plan.normales:
            return Encargo(False, False, "bueno")
        azar = Random(f"{self.plan.semilla}:encargo:{numero}")
        # Whoever knows beforehand what a saga comes to, knows that its requests arrive in the end.
        pesos = (70, 30, 0) if self.plan.puntual else (65, 20, 15)
        [camino] = azar.choices(("bueno", "a ratos", "cortado"), pesos)
        return Encargo(azar.random() < 0.1, azar.random() < 0.2, camino)

    def inicio(self, numero: int) -> ComandoCrearPartner:
        datos = {"nombre": f"Partner {numero}", "email": f"saga{numero}@ejemplo.com"}
        contrato = {"monto": EXCESIVO if self.encargo(numero).contrato_malo else PERMITIDO}
        minutos = MINUTOS if self.plan.puntual else 1 + numero % 2
        return ComandoCrearPartner(saga_de(numero), datos, contrato, minutos)

    def juzgar(self, mundo: Mundo) -> Mapping[str, list[Any]]:
        motor = mundo.entorno.motor
        sagas = Sagas(motor, ESTADOS, TIPO_PARTNER)
        vivos = {UUID(id) for (id,) in motor.sql(VIVOS)}
        return {
            **self.lo_comun(mundo, sagas, self._guionizado, vivos),
            "más de un partner por saga": motor.sql(REPETIDOS),
            "más de un contrato por saga": motor.sql(VARIOS),
            "saga_states distinta de la saga": motor.sql(DISTINTA),
        }

    def _guionizado(self, saga: UUID) -> Contesta:
        return self.encargo(numero_de(saga)).contesta()


def obra(plan: Plan) -> ObraPartners:
    """Return the play of a plan."""
    plazo = PLAZO_PUNTUAL_S if plan.puntual else PLAZO_CORTO_S
    ajustes = Ajustes(plazo_paso_s=plazo)
    if plan.puntual:
        ajustes = replace(ajustes, reintentos=SIN_FIN, reintentos_compensacion=SIN_FIN)
    return ObraPartners(plan, crear_partner(ajustes, AjustesPartner(plazo, plazo)))
