"""What must be true after every run, whatever its faults: read from the tables of a system at rest."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from aeropartners.simulacion.historia import faltas, palabra, permitida
from saga_orchestrator.dominio.estados import Estados

ESTADOS = Estados()
FINALES = ESTADOS.finales
Filas = list[tuple[Any, ...]]


class Consultable(Protocol):
    """A system whose tables can be queried."""

    def sql(self, consulta: str) -> Filas:
        """Return the rows of a query."""


class Sagas:
    """The sagas of a system at rest, with their events; its methods return what is wrong with them."""

    def __init__(
        self, sistema: Consultable, estados: Estados = ESTADOS, tipo: str = "", sin_undo: Collection[int] = ()
    ) -> None:
        """Read all sagas, or those of one type. The steps at the places `sin_undo` have no undo."""
        self.estados_de_saga = estados
        self._sin_undo = sin_undo
        suyas = f" WHERE s.tipo = '{tipo}'" if tipo else ""
        filas = sistema.sql(f"SELECT s.id, s.estado, s.requiere_atencion, s.memoria FROM sagas s{suyas}")
        self.sagas: dict[str, tuple[str, bool, dict[str, Any]]] = {
            str(id): (estado, bool(atencion), _json(m)) for id, estado, atencion, m in filas
        }
        self.eventos: dict[str, list[Any]] = {}
        for saga, *evento in sistema.sql(
            "SELECT e.saga_id, e.version, e.orden, e.clase FROM saga_eventos e"
            f"{' JOIN sagas s ON s.id = e.saga_id' + suyas if tipo else ''} ORDER BY e.saga_id, e.version"
        ):
            self.eventos.setdefault(str(saga), []).append(evento)

    def sin_final(self) -> list[Any]:
        """Return the sagas that have not ended and do not ask for attention with an error."""

        def parada(estado: str, atencion: bool, memoria: dict[str, Any]) -> bool:
            undos = memoria["compensaciones"]
            return estado in self.estados_de_saga.finales or (
                atencion and bool(undos) and bool(undos[-1]["error"])
            )

        return [(id, saga[0]) for id, saga in self.sagas.items() if not parada(*saga)]

    def historias(self) -> list[Any]:
        """Return the sagas whose sequence of events is not allowed, and events without a saga."""
        clases = {id: [clase for _, _, clase in eventos] for id, eventos in self.eventos.items()}
        return [(id, "sin fila") for id in set(clases) ^ set(self.sagas)] + [
            (id, palabra(c))
            for id, c in clases.items()
            if id in self.sagas and not permitida(c, len(self.sagas[id][2]["pasos"]))
        ]

    def huecos(self) -> list[Any]:
        """Return the sagas whose versions, or whose public numbers, do not count from 1 without a gap."""

        def seguidos(numeros: list[int]) -> bool:
            return numeros == list(range(1, len(numeros) + 1))

        return [
            id
            for id, eventos in self.eventos.items()
            if not (seguidos([v for v, _, _ in eventos]) and seguidos([o for _, o, _ in eventos if o]))
        ]

    def pasos(self) -> list[Any]:
        """Return the sagas that undid too little or without need, but for those closed by an operator."""
        return [
            (id, mal)
            for id, (estado, _, memoria) in self.sagas.items()
            if not self.cerrada(id) and (mal := faltas(estado, memoria, self.estados_de_saga, self._sin_undo))
        ]

    def cerrada(self, id: str) -> bool:
        """Whether an operator closed the saga, so that a step may be left not undone."""
        return any(clase == "CERRADA" for _, _, clase in self.eventos.get(id, ()))


def de_toda_saga(sistema: Consultable, sagas: Sagas) -> Mapping[str, list[Any]]:
    """Return the faults by the name of the invariant, for those that hold for any definition."""
    return {
        "ni terminada ni pide atención con su motivo": sagas.sin_final(),
        "historia prohibida": sagas.historias(),
        "versión u orden con huecos": sagas.huecos(),
        "pasos que no cuadran con el final": sagas.pasos(),
        "despertares": despertares_falsos(sistema),
        "salida": sistema.sql("SELECT posicion, creado FROM salida"),
        "eventos sin publicar": sistema.sql("SELECT saga_id, version FROM saga_events WHERE NOT procesado"),
    }


def despertares_falsos(sistema: Consultable) -> Filas:
    """Return the sagas with a wrong wake-up; the check holds at any time, not only at rest.

    An open saga has exactly one next wake-up, and an ended one has none. A saga with a stuck undo has none
    either: it waits for an operator.
    """
    atascada = "requiere_atencion AND EXISTS (SELECT 1 FROM saga_compensaciones c WHERE c.saga_id = sagas.id)"
    return sistema.sql(
        "SELECT id, estado, plazo, revisar_en, requiere_atencion FROM sagas WHERE CASE"
        f" WHEN fecha_fin IS NOT NULL OR ({atascada}) THEN revisar_en IS NOT NULL"
        " ELSE revisar_en IS NULL OR plazo IS NULL OR revisar_en > plazo END"
    )


def _json(valor: Any) -> Any:
    return json.loads(valor) if isinstance(valor, str) else valor
