"""The census of a process: its row, the loops that write it, and the warnings that the census gives."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from aeropartners.seedwork.aplicacion.censo import Censo, Desfase, conocimiento
from aeropartners.seedwork.aplicacion.puertos import INDEFINIDA
from aeropartners.seedwork.infraestructura.web.rutas.salud import Problema

MIRAR_S = 0.5
PERMISOS_S = 2.0


def inscribir(c: Contenedor, servicio: str, modulos: Sequence[str], orquestador: str) -> list[Hilo]:
    """Return the loops that write a process's row: known versions, and how far it has read replies."""
    censo = c.censo()
    censo.servicio = servicio
    for nombre in modulos:
        pieza = c.piezas()[nombre]
        conocidas = pieza.modulo.conocidas | pieza.persistencia.conocidas
        censo.conoce[pieza.modulo.consumidor] = conocimiento(conocidas)
    hilos = [Hilo("censo", lambda: Ronda(censo.una_ronda, censo.terminar), pausa_s=MIRAR_S)]
    if orquestador in modulos:
        registro, definiciones = c.registro(), c.definiciones()
        censo.leer = c.retrasos().lectura_de(f"consumidor-{orquestador}")
        censo.fuentes.append(lambda: definiciones.sin_despertar(registro.conocidas))
        hilos.append(Hilo("apertura", lambda: Ronda(c.apertura().una_ronda), pausa_s=PERMISOS_S))
    return hilos


def presentar(c: Contenedor, *, orquesta: bool) -> None:
    """Write the process's row before any loop starts; may be called again after the database was lost.

    No deadline of a saga counts until the rows of all orchestrators say that they have read their replies.
    Raises DefinicionEditada for an orchestrator.
    """
    if c.config().embebida:
        c.padron().quedar_solo()
    if orquesta:
        c.definiciones().registrar(c.registro())
        c.apertura().una_ronda()
    c.censo().una_ronda()


def reloj(desfase: Desfase) -> list[Problema]:
    """Return a problem if this process's clock is wrong: then it does no work."""
    return [Problema("reloj", desfase.desde, desfase.texto)] if desfase.desde else []


def avisos(censo: Censo) -> list[Problema]:
    """Return the processes whose unread replies hold up deadlines, and what waits for an unknown version."""
    ahora = datetime.now(UTC)
    dichos = []
    for vivo in censo.atrasados():
        cuanto = "" if vivo.demora == INDEFINIDA else f", {vivo.demora}"
        texto = f"esperan a que {vivo.servicio} {vivo.id} lea sus respuestas ({vivo.situacion}{cuanto})"
        dichos.append(Problema("plazos de las SAGAs", vivo.visto or ahora, texto))
    for falta in censo.huerfanas():
        texto = f"{falta.cuantos} esperan en {falta.consumidor}, y ningún proceso vivo la conoce"
        dichos.append(Problema(f"versión {falta.nombre}", ahora, texto))
    return dichos
