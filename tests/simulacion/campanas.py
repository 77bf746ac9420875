"""Schedules of CREAR_CAMPANA_COMPLETA with the real modules, over a gateway and data that misbehave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from aeropartners.contratos.pagos import Cargo
from aeropartners.contratos.saga import IniciarSaga
from aeropartners.modulos.campanas import modulo as campanas
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.pagos.aplicacion.puertos import Cobro, EnProceso, PasarelaPago, Reembolsado
from aeropartners.modulos.pagos.infraestructura.pasarela import PasarelaSimulada
from aeropartners.modulos.pagos.infraestructura.pasarela_averiada import AVERIAS, PasarelaAveriada
from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.modulos.reporting.aplicacion.puertos import Datos, ServicioNoResponde, SinServicio
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.simulacion.copia import Copia
from aeropartners.simulacion.definiciones import PLAZO_PUNTUAL_S
from aeropartners.simulacion.guion import Desenlace, numero_de, saga_de
from aeropartners.simulacion.mundo import Mundo
from aeropartners.simulacion.obra import MINUTOS, DeUnaDefinicion
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.referencia import Contesta
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.sistemas.campanas.definicion import TIPO, crear_campana_completa
from tests.datos import cuerpo_de_saga
from tests.e2e.invariantes import PASOS, Campanas, totales_falsos

PLAZO_CORTO_S = 20.0
PUNTOS_PASARELA, PUNTOS_FUENTE = ("pasarela.llamar", "pasarela.hecho"), ("servicio.llamar",)
LATENCIA_S, LATENCIA_TARDE_S = 3.0, 45.0
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Encargo:
    """What is asked of one saga, and what the data service does for it."""

    campana_mala: bool
    pago_malo: bool
    reporte_malo: bool
    servicio: str

    def contesta(self) -> Contesta | None:
        """How its steps end, if anybody can know; undos always succeed in the end."""
        if self.servicio == "a ratos":
            return None
        malos = dict(zip(PASOS, (self.campana_mala, self.pago_malo, self.reporte_malo), strict=True))
        fines = {paso: Desenlace.RECHAZO for paso, malo in malos.items() if malo}
        de_servicio = {"no responde": Desenlace.AVERIA, "no hay": Desenlace.RECHAZO}
        if self.servicio in de_servicio:
            fines.setdefault(PASOS[2], de_servicio[self.servicio])
        return lambda tipo, _n: fines.get(tipo, Desenlace.EXITO)


class PasarelaMortal:
    """The gateway as a process sees it: it may die before its call and after the charge."""

    def __init__(self, dentro: PasarelaPago, mundo: Mundo) -> None:
        self._dentro = dentro
        self._mundo = mundo

    def cobrar(self, clave: str, cargo: Cargo) -> Cobro:
        return self._llamar("cobro", lambda: self._dentro.cobrar(clave, cargo))

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        return self._llamar("reembolso", lambda: self._dentro.reembolsar(clave, clave_cobro))

    def _llamar(self, que: str, llamar: Callable[[], R]) -> R:
        self._mundo.instante("pasarela.llamar")
        try:
            respuesta = llamar()
        except Exception as error:
            self._mundo.cuenta("pasarela", f"{que}: {type(error).__name__}")
            raise
        self._mundo.cuenta("pasarela", f"{que}: {type(respuesta).__name__}")
        self._mundo.instante("pasarela.hecho")
        return respuesta


class FuenteDeEncargos:
    """The data service; the filter of the client names the saga that it is asked for."""

    def __init__(self, encargo: Callable[[int], Encargo], mundo: Mundo) -> None:
        self._encargo = encargo
        self._mundo = mundo
        self._azar = Random(mundo.plan.semilla)

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        servicio = self._encargo(int(filtros["afiliado_id"])).servicio
        self._mundo.cuenta("servicio de datos", servicio)
        self._mundo.instante("servicio.llamar")
        if servicio == "no hay":
            raise SinServicio("No hay servicio")
        if servicio == "no responde" or (servicio == "a ratos" and self._azar.random() < 0.6):
            raise ServicioNoResponde("No responde")
        return Datos({"tipo": tipo}, "v1")

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        return url or "", None


@dataclass(frozen=True, slots=True)
class ObraCampanas(DeUnaDefinicion):
    """See `Obra`."""

    def copias(self, plan: Plan, mundo: Mundo) -> list[Copia]:
        orquestadores, copias = plan.copias
        return mundo.poblar(
            *self.orquestadores(orquestadores, mundo),
            ("modulos", self._modulos(mundo), copias),
        )

    def _modulos(self, mundo: Mundo) -> Sequence[Pieza]:
        pasarela, fuente = self._pasarela(mundo), FuenteDeEncargos(self.encargo, mundo)
        return (
            campanas.pieza(),
            pagos.pieza(1.0, lambda: pasarela, PUNTOS_PASARELA),
            reporting.pieza(lambda: fuente, PUNTOS_FUENTE),
        )

    def _pasarela(self, mundo: Mundo) -> PasarelaPago:
        def simulada(latencia_s: float) -> PasarelaSimulada:
            return PasarelaSimulada(mundo.entorno.motor, mundo.entorno.reloj, latencia_s, Decimal(5_000))

        averias = dict.fromkeys(AVERIAS, 0.15)
        semilla = self.plan.semilla
        return PasarelaMortal(
            PasarelaAveriada(simulada(LATENCIA_S), simulada(LATENCIA_TARDE_S), averias, semilla), mundo
        )

    def encargo(self, numero: int) -> Encargo:
        """What is asked of this saga, drawn from the seed."""
        if numero in self.plan.normales:
            return Encargo(False, False, False, "responde")
        azar = Random(f"{self.plan.semilla}:encargo:{numero}")
        [servicio] = azar.choices(("responde", "a ratos", "no responde", "no hay"), (75, 12, 8, 5))
        return Encargo(azar.random() < 0.08, azar.random() < 0.15, azar.random() < 0.05, servicio)

    def inicio(self, numero: int) -> IniciarSaga:
        encargo = self.encargo(numero)
        datos = cuerpo_de_saga(f"{'FALLA-' if encargo.pago_malo else ''}ref-{numero}")
        datos["campana"]["tipo"] = None if encargo.campana_mala else "PROMOCIONAL"
        datos["reporte"]["tipo_reporte"] = "ninguno" if encargo.reporte_malo else "metricas_generales"
        datos["reporte"]["filtros"]["afiliado_id"] = str(numero)
        minutos = MINUTOS if self.plan.puntual else 1 + numero % 2
        return IniciarSaga(saga_de(numero), TIPO, datos, minutos)

    def juzgar(self, mundo: Mundo) -> Mapping[str, list[Any]]:
        motor = mundo.entorno.motor
        sagas = Campanas(motor)
        hechos = {id for id, estado in sagas.estados.items() if estado not in DESHECHOS}
        return {
            **self.lo_comun(mundo, sagas, self._guionizado, {UUID(id) for id in hechos}),
            **sagas.violaciones(),
            "totales falsos": totales_falsos(motor),
        }

    def _guionizado(self, saga: UUID) -> Contesta | None:
        return self.encargo(numero_de(saga)).contesta()


DESHECHOS = ("CANCELADA", "FALLIDO", "REVERTIDO", "CANCELADO")


def obra(plan: Plan) -> ObraCampanas:
    """Return the play of a plan."""
    plazo = PLAZO_PUNTUAL_S if plan.puntual else PLAZO_CORTO_S
    return ObraCampanas(plan, crear_campana_completa(Ajustes(plazo_paso_s=plazo)))
