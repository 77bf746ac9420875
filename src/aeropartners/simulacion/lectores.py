"""Who reads which topic in a schedule, and how: collected from the modules of its processes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, descifrar_sobre
from aeropartners.seedwork.infraestructura.broker.paquetes import abrir
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.simulacion.broker_simulado import Carta


class Lectores:
    """The readers of a schedule's topics.

    `consumidores`: the topics that each consumer translates. `de`: the consumer of a topic and subscription.
    `con_plazos`: the tables whose rows have a wake-up.
    """

    def __init__(self) -> None:
        self.consumidores: dict[str, tuple[str, ...]] = {}
        self.de: dict[tuple[str, str], str] = {}
        self.con_plazos: set[str] = set()
        self._traductores: dict[str, Callable[[Recibido, datetime], Sobre]] = {}

    def anadir(self, piezas: Sequence[Pieza]) -> dict[str, list[str]]:
        """Take in these pieces and their callers; return their topics, with the subscriptions of each."""
        temas: dict[str, list[str]] = {}
        for pieza in piezas:
            modulo = pieza.modulo
            for tema in modulo.temas:
                temas.setdefault(tema, []).append(modulo.suscripcion)
                self.de[tema, modulo.suscripcion] = modulo.consumidor
            for llamada in pieza.llamadas:
                temas.setdefault(llamada.tema, []).append(llamada.suscripcion)
            self.consumidores[modulo.consumidor] = tuple(modulo.traductores)
            self._traductores |= modulo.traductores
            if plazos := pieza.persistencia.plazos:
                self.con_plazos.add(plazos.tabla)
        return temas

    def sobres(self, carta: Carta, ahora: datetime) -> list[Sobre]:
        """Return the envelopes in a stored message, as the readers of its topic decode them."""
        traducir, sobres = self._traductores.get(carta.tema), []
        for cuerpo in abrir(carta.datos, carta.propiedades):
            recibido = Recibido(carta.tema, cuerpo, dict(carta.propiedades), None, "")
            with suppress(NoDescifrable):
                sobres.append(traducir(recibido, ahora) if traducir else descifrar_sobre(cuerpo))
        return sobres
