"""The calls of a caller without threads: each is made in its turn, and its result may come a round later."""

from collections.abc import Callable, Collection, Sequence

from aeropartners.seedwork.aplicacion.bucles.llamadas import Vuelta, agrupar, llamar
from aeropartners.seedwork.aplicacion.bucles.tareas import Curso


class LlamadasEnSerie:
    """See the port `EnVuelo`; `tarda` tells for each group whether its results come one round later."""

    def __init__(self, tarda: Callable[[], bool]) -> None:
        self._tarda = tarda
        self._vuelan: list[list[Curso]] = []

    @property
    def en_vuelo(self) -> Collection[Curso]:
        return [curso for grupo in self._vuelan for curso in grupo]

    def hacer(self, cursos: Sequence[Curso]) -> None:
        self._vuelan += agrupar(cursos)

    def hechas(self, espera: float) -> list[Vuelta]:
        grupos, self._vuelan = self._vuelan, []
        vueltas: list[Vuelta] = []
        for grupo in grupos:
            if self._tarda():
                self._vuelan.append(grupo)
            else:
                vueltas += llamar(grupo)
        return vueltas

    def cerrar(self, espera: float) -> None:
        self._vuelan = []
