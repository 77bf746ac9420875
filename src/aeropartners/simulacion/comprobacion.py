"""The checks of a schedule at rest: no message is lost, and every saga ended as the reference says."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.simulacion.guion import Desenlace, id_de_parte
from aeropartners.simulacion.invariantes import Sagas
from aeropartners.simulacion.mundo import DE_UN_FALLO, Mundo
from aeropartners.simulacion.referencia import Contesta, Final, recorrer
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import nombre_de_parte
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Reconstruccion


def nada_perdido(mundo: Mundo) -> Mapping[str, list[Any]]:
    """Return the faults of delivery by kind; each list is empty when there is none."""
    motor, correo = mundo.entorno.motor, mundo.entorno.correo
    entrada = {(c, UUID(id)) for id, c in motor.sql("SELECT id, consumidor FROM entrada")}
    perdidos = [
        (tema, str(sobre.id), f"{sobre.tipo} {sobre.paso}")
        for tema, nombre in correo.suscripciones
        if (consumidor := mundo.lectores.de.get((tema, nombre)))
        for carta in correo.de(tema)
        for sobre in mundo.sobres(carta)
        if (consumidor, sobre.id) not in entrada
    ]
    apartados = (
        "SELECT consumidor, id, error FROM reintentos UNION ALL SELECT consumidor, id, error FROM muertos"
    )
    return {
        "salió de la base y no llegó al broker": sorted(t for t, _ in mundo.comprometidos - correo.guardados),
        "confirmado sin tratar": perdidos,
        "sin confirmar": [carta.tema for carta in correo.pendientes()],
        "tratado dos veces": [(lugar, str(id)) for (lugar, id), veces in mundo.tratados.items() if veces > 1],
        "apartado sin motivo": [f for f in motor.sql(apartados) if not f[2].startswith(DE_UN_FALLO)],
    }


def filas_de_sus_eventos(mundo: Mundo, registro: Registro, lecturas: Sequence[LecturaSagas]) -> list[Any]:
    """Return the ids of the sagas whose rows differ from their events."""
    rehacer = Reconstruccion(mundo.entorno.motor, registro, lecturas)
    return list(rehacer.ejecutar(None, escribir=False).diferentes)


class Historia:
    """A stored saga and its events, as the reference needs them."""

    def __init__(self, mundo: Mundo, id: str, memoria: dict[str, Any]) -> None:
        self.id = UUID(id)
        self.memoria = memoria
        filas = mundo.entorno.motor.sql(
            f"SELECT clase, indice, evento_datos FROM saga_eventos WHERE saga_id = '{id}' ORDER BY version"
        )
        self.eventos = [(clase, indice, json.loads(datos)) for clase, indice, datos in filas]

    def ordenes(self) -> list[str]:
        """Return the operator's orders that were carried out on the saga."""
        return [datos["orden"] for clase, _, datos in self.eventos if clase == "ORDEN_OPERADOR"]

    def cortes(self, definicion: Definicion) -> dict[int, int]:
        """Return the step, with its part, at which an operator or the total deadline stopped the saga."""
        parada = "cancelar" in self.ordenes() or any(c == "TIEMPO_AGOTADO" for c, _, _ in self.eventos)
        nombres = [p.tipo for p in definicion.pasos]
        return {
            (i := nombres.index(datos["paso_fallido"])): int(self.memoria["pasos"][i]["parte"])
            for clase, _, datos in self.eventos
            if clase == "FALLIDA" and parada
        }

    def observado(self, definicion: Definicion) -> Contesta:
        """Return how each step and undo really ended, whatever was answered in between."""
        fines: dict[str, Desenlace] = {}
        for avance in self.memoria["pasos"]:
            paso, ultima = definicion.pasos[avance["paso"]], avance["parte"]
            silencio = Desenlace.SILENCIO if avance["incierto"] else Desenlace.RECHAZO
            for parte in range(ultima + 1):
                bien = avance["exitoso"] or parte < ultima
                fines[nombre_de_parte(paso.tipo, parte)] = Desenlace.EXITO if bien else silencio
        for avance in self.memoria["compensaciones"]:
            paso, resultado = definicion.pasos[avance["paso"]], avance["resultado"] or {}
            omitidas = resultado.get("partes_omitidas", [0] if resultado.get("omitida") else [])
            for parte in range(len(paso.partes)):
                hecha = avance["exitoso"] or parte > avance["parte"]
                if paso.compensacion:
                    nombre = nombre_de_parte(paso.compensacion.tipo, parte)
                    bien = hecha and parte not in omitidas
                    fines[nombre] = Desenlace.EXITO if bien else Desenlace.RECHAZO
        return lambda tipo, _intento: fines.get(tipo, Desenlace.RECHAZO)


def de_la_referencia(
    mundo: Mundo,
    sagas: Sagas,
    definicion: Definicion,
    guionizado: Callable[[UUID], Contesta | None],
    hechos: Collection[UUID],
) -> list[Any]:
    """Return the sagas whose state or effects differ from the reference.

    `guionizado` returns what a saga's participants answer, or None where only their real answers tell it;
    `hechos` are the ids of the effects that stand. After a dead letter only the real answers are used.
    """
    sabido = mundo.plan.puntual and not mundo.hubo_muertos
    # A deadline that was moved, because the command was sent again, lets a late answer come in time.
    movidas = {id for (id,) in mundo.entorno.motor.sql("SELECT id FROM sagas WHERE plazo_desde IS NOT NULL")}
    mal: list[Any] = []
    for id, (estado, atencion, memoria) in sagas.sagas.items():
        historia = Historia(mundo, id, memoria)
        contesta = sabido and id not in movidas and guionizado(historia.id)
        final = recorrer(
            definicion,
            contesta or historia.observado(definicion),
            historia.cortes(definicion),
            iter(orden for orden in historia.ordenes() if orden != "cancelar"),
        )
        mundo.cuenta("sagas", f"{estado}{' y pide atención' if atencion else ''}")
        mundo.cuenta("referencia", "de antemano" if contesta else "de lo contestado")
        if (estado, atencion) != (final.estado, final.atencion):
            mal.append((id, f"{(estado, atencion)} en vez de {(final.estado, final.atencion)}"))
        mal += [(id, falta) for falta in _efectos(final, historia.id, definicion, hechos)]
    return mal


def _efectos(final: Final, saga: UUID, definicion: Definicion, hechos: Collection[UUID]) -> list[str]:
    faltas = []
    for i, paso in enumerate(definicion.pasos):
        for parte in range(len(paso.partes)):
            lugar, id = (i, parte), id_de_parte(id_de_paso(saga, paso.tipo), parte)
            if (hecho := id in hechos) != (lugar in final.quedan) and lugar not in final.dudosos:
                nombre = nombre_de_parte(paso.tipo, parte)
                faltas.append(f"{nombre}: {'hecho' if hecho else 'sin hacer'}")
    return faltas
