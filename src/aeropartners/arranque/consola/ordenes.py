"""An operator's order to a saga or message, or to all that a filter finds: previewed, done, reported."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import Progress

from aeropartners.arranque.consola import pantallas
from aeropartners.arranque.consola.peticiones import (
    HECHO,
    RECHAZO,
    SIN_RESPUESTA,
    Fallo,
    Peticiones,
    SinRespuesta,
    decir,
    imprimir,
)

Objeto = dict[str, Any]
NINGUNA = {"saga": "Ninguna SAGA", "muertos": "Ningún mensaje muerto"}
HECHA, RECHAZADA, NO_CONTESTADA, NO_INTENTADA = "HECHA", "RECHAZADA", "SIN_RESPUESTA", "NO_INTENTADA"
CAIDAS_SEGUIDAS = 3


class OrdenDeOperador:
    """An order over a resource of the orchestrator's REST API: `/saga` or `/muertos`."""

    def __init__(self, peticiones: Peticiones, recurso: str, orden: str) -> None:
        self._pedir = peticiones.pedir
        self._recurso = recurso
        self._orden = orden

    def simular(self, filtro: Mapping[str, Any], en_json: bool) -> int:
        """Print what the order would do to each match and what would be refused; return the exit code."""
        previa = self._previa(filtro)
        se_harian = sum(e["se_hara"] for e in previa["elegidos"])
        if en_json:
            imprimir(previa | {"simulada": True})
        else:
            self._decir_si_ninguna(previa, filtro)
            pantallas.simulacion(pantallas.consola(), previa)
        return HECHO if se_harian == len(previa["elegidos"]) else RECHAZO

    def cumplir_una(self, id: Any, consumidor: str | None, cuerpo: Objeto, en_json: bool) -> int:
        """Carry out the order on one saga or message; return the exit code."""
        elegido = {"id": str(id), "consumidor": consumidor}
        if not en_json:
            decir(self._mandar(elegido, cuerpo))
            return HECHO
        return self._informar(self._cumplir([elegido], cuerpo, en_silencio=True), False, en_json)

    def cumplir(self, filtro: Mapping[str, Any], cuerpo: Objeto, en_json: bool) -> int:
        """Carry out the order on each match, although some fail; return the exit code."""
        previa = self._previa(filtro)
        if not en_json:
            self._decir_si_ninguna(previa, filtro)
        resultados = self._cumplir(previa["elegidos"], cuerpo, en_silencio=en_json)
        return self._informar(resultados, previa["hay_mas"], en_json)

    def _previa(self, filtro: Mapping[str, Any]) -> Objeto:
        previa: Objeto = self._pedir("GET", f"/{self._recurso}/simular/{self._orden}", params=filtro)
        return previa

    def _decir_si_ninguna(self, previa: Objeto, filtro: Mapping[str, Any]) -> None:
        if not previa["elegidos"]:
            decir(pantallas.ninguna(NINGUNA[self._recurso], filtro))

    def _cumplir(self, elegidos: Sequence[Objeto], cuerpo: Objeto, en_silencio: bool) -> list[Objeto]:
        consola = Console(file=sys.stderr)
        barra = Progress(console=consola, disable=en_silencio or not consola.is_terminal, transient=True)
        resultados: list[Objeto] = []
        with barra:
            for elegido in barra.track(elegidos, description=self._orden):
                resultados.append(self._intentar(elegido, cuerpo, resultados))
        return resultados

    def _intentar(self, elegido: Objeto, cuerpo: Objeto, antes: Sequence[Objeto]) -> Objeto:
        resultado, detalle = NO_INTENTADA, "el orquestador dejó de responder"
        ultimos = [r["resultado"] for r in antes[-CAIDAS_SEGUIDAS:]]
        if NO_INTENTADA not in ultimos and ultimos.count(NO_CONTESTADA) < CAIDAS_SEGUIDAS:
            try:
                resultado, detalle = HECHA, self._mandar(elegido, cuerpo)
            except Fallo as fallo:
                resultado = NO_CONTESTADA if isinstance(fallo, SinRespuesta) else RECHAZADA
                detalle = fallo.message
        return {
            "id": elegido["id"],
            "consumidor": elegido.get("consumidor"),
            "resultado": resultado,
            "detalle": detalle,
        }

    def _mandar(self, elegido: Objeto, cuerpo: Objeto) -> str:
        consumidor = elegido.get("consumidor")
        params = {"consumidor": consumidor} if consumidor else {}
        ruta = f"/{self._recurso}/{elegido['id']}/{self._orden}"
        hecha = self._pedir("POST", ruta, params=params, json=cuerpo)
        saga = f": SAGA {hecha['saga_id']} en {hecha['estado']}" if "saga_id" in hecha else ""
        return f"{hecha['mensaje']}{saga}"

    def _informar(self, resultados: Sequence[Objeto], hay_mas: bool, en_json: bool) -> int:
        cuentas = Counter(r["resultado"] for r in resultados)
        nombres = {HECHA: "hechas", RECHAZADA: "rechazadas", NO_CONTESTADA: "sin_respuesta"}
        informe = {
            "orden": self._orden,
            "simulada": False,
            "resultados": list(resultados),
            **{nombre: cuentas[resultado] for resultado, nombre in nombres.items()},
            "no_intentadas": cuentas[NO_INTENTADA],
            "hay_mas": hay_mas,
        }
        mostrar: Callable[[Objeto], None] = imprimir if en_json else _mostrar
        mostrar(informe)
        if cuentas[NO_CONTESTADA] or cuentas[NO_INTENTADA]:
            return SIN_RESPUESTA
        return RECHAZO if cuentas[RECHAZADA] else HECHO


def _mostrar(informe: Objeto) -> None:
    pantallas.cumplida(pantallas.consola(), informe)
