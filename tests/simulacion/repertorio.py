"""What `make simular` plays, the systems and generated definitions, and what it must have seen."""

from aeropartners.simulacion.copia import PUNTOS_DE_FUERA
from aeropartners.simulacion.generada import de_definicion
from aeropartners.simulacion.jugada import Obra
from aeropartners.simulacion.plan import Plan, de_semilla
from aeropartners.simulacion.serie import Repertorio
from saga_orchestrator.dominio.definicion import Tipo
from tests.puntos_de_choque import CAFETERIA, CAMPANAS, DE_EXPIRAR, PARTNERS
from tests.simulacion import cafeteria, campanas, partners

_generada = de_definicion()
# A run that never did one of these has not tried it; enough seeds do all of them.
EXIGIDO = {
    "faltas": (
        "muerte de un proceso",
        "parada limpia",
        "conexión cortada con el broker",
        "broker caído",
        "ráfaga cortada a medias",
        "base perdida antes de confirmar",
        "base perdida después de confirmar",
        "mensaje que falla",
        "mensaje repetido",
        "mensaje retrasado",
        "dos transacciones a la vez",
        "otra copia se adelanta",
        "bloqueo que no se suelta",
        "reloj de otro día",
        "reloj desviado",
        "tema que no toma nada",
        "versión desconocida",
        "respuestas que esperan a un orquestador",
    ),
    "muertes en un punto": (
        *dict.fromkeys((*CAMPANAS, *PARTNERS, *CAFETERIA, *DE_EXPIRAR)),
        *PUNTOS_DE_FUERA,
        "pasarela.llamar",
        "pasarela.hecho",
        "servicio.llamar",
        *partners.PUNTOS,
    ),
    # Deadlines once moved by an event; old streams have it.
    "eventos": tuple(str(tipo) for tipo in Tipo if tipo is not Tipo.PLAZO_MOVIDO),
    "rondas que caen": ("RelojDesviado",),
    "plazos": ("corre desde que su orden salió",),
    "operador": ("cancelar", "reintentar", "omitir", "cerrar", "reencolar"),
    "participantes": (
        "EXITO",
        "EXITO dos veces",
        "EXITO con demora",
        "RECHAZO",
        "AVERIA",
        "AVERIA dos veces",
        "DUDA",
        "DUDA dos veces",
        "calla sin hacerlo",
        "calla tras hacerlo",
        "contesta cuando ya no se le espera",
        "dice que no y lo hace",
    ),
    "pasarela": ("cobro: CobroExitoso", "cobro: CobroRechazado", "cobro: EnProceso", "cobro: TimeoutError"),
    "integraciones": (
        *("crear: Hecho", "crear: Negado", "crear: SinContestar"),
        *("borrar: Hecho", "borrar: SinContestar"),
    ),
    "sagas": (
        "completed",
        "compensated",
        "failed",
        "compensating y pide atención",
        "completada",
        "compensada",
        "fallida",
        "COMPLETADA",
        "COMPENSADA",
        "FALLIDA",
        "COMPENSANDO y pide atención",
    ),
    "referencia": ("de antemano", "de lo contestado"),
    "clientes": ("inicia", "repite el inicio"),
}


def obra(plan: Plan) -> Obra:
    """Return the play of a plan, by its seed."""
    obras = (campanas.obra, _generada, cafeteria.obra, partners.obra)
    return obras[plan.semilla % 4](plan)


REPERTORIO = Repertorio(lambda semilla: de_semilla(semilla, procesos=2), obra)
