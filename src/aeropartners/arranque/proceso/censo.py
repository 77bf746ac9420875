"""The census in a process: what it tells of itself, the loops that tell it, and what it says to people."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from aeropartners.seedwork.aplicacion.censo import Censo, Desfase, conocimiento
from aeropartners.seedwork.aplicacion.puertos import INDEFINIDA
from aeropartners.seedwork.infraestructura.web.salud import Problema

MIRAR_S = 0.5
PERMISOS_S = 2.0


def inscribir(c: Contenedor, servicio: str, modulos: Sequence[str], orquestador: str) -> list[Hilo]:
    """Return the loops that keep the row of a process: what it knows, how far its replies are read."""
    censo = c.censo()
    censo.servicio = servicio
    for nombre in modulos:
        pieza = c.piezas()[nombre]
        conocidas = pieza.modulo.conocidas | pieza.persistencia.conocidas
        censo.conoce[pieza.modulo.suscripcion] = conocimiento(conocidas)
    hilos = [Hilo("censo", lambda: Ronda(censo.una_ronda, censo.terminar), pausa_s=MIRAR_S)]
    if orquestador in modulos:
        registro, definiciones = c.registro(), c.definiciones()
        censo.leer = c.retrasos().lectura_de(f"consumidor-{orquestador}")
        censo.fuentes.append(lambda: definiciones.sin_despertar(registro.conocidas))
        hilos.append(Hilo("apertura", lambda: Ronda(c.apertura().una_ronda), pausa_s=PERMISOS_S))
    return hilos


def presentar(c: Contenedor, *, orquesta: bool) -> None:
    """Write the row before any loop begins: until it says that all replies are read no deadline counts.

    Raises DefinicionEditada for an orchestrator; may be called again when the database went away.
    """
    if c.config().embebida:
        c.padron().quedar_solo()
    if orquesta:
        c.definiciones().registrar(c.registro())
        c.apertura().una_ronda()
    c.censo().una_ronda()


def reloj(desfase: Desfase) -> list[Problema]:
    """Say that this process's clock is wrong, if so: it does not work."""
    return [Problema("reloj", desfase.desde, desfase.texto)] if desfase.desde else []


def avisos(censo: Censo) -> list[Problema]:
    """Say for whose reading deadlines wait, and what waits for a version that nobody living knows."""
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
