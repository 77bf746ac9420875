"""The way back to rest: everything is put right, and works until nothing is left to do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from aeropartners.seedwork.aplicacion.relevo import EDAD_S
from aeropartners.seedwork.infraestructura.busqueda_muertos import REENCOLAR
from aeropartners.seedwork.infraestructura.muertos import Muertos
from simulacion.guion import numero_de
from simulacion.mundo import DE_UN_FALLO, ORQUESTADOR, Mundo

VUELTAS = 4_000
DE_MAS_S = 3.0
PAUSADOS = ("vigilante", "relevo", "proyector")
RELEVO = timedelta(seconds=EDAD_S, milliseconds=1)
_VENCEN = "SELECT min(revisar_en) FROM sagas UNION ALL SELECT min(proximo) FROM reintentos"


class NoReposa(Exception):
    """The healthy system does not come to rest: something is never done, or done for ever."""


def sanar(mundo: Mundo) -> None:
    """Put everything right and let it work; time goes on when there is nothing to do. Raises NoReposa.

    What is armed may still happen, once: whoever dies is started again at once.
    """
    mundo.narra("todo vuelve a estar bien")
    correo = mundo.entorno.correo
    correo.caido, correo.cortar_tras, correo.azar = False, None, None
    _Reposo(mundo).alcanzar()


class _Reposo:
    def __init__(self, mundo: Mundo) -> None:
        self._mundo = mundo
        self._veces: dict[int, int] = {}
        self._azar = Random(f"{mundo.plan.semilla}:reposo")

    def alcanzar(self) -> None:
        reloj = self._mundo.entorno.reloj
        for _ in range(VUELTAS):
            if self._mundo.averias:
                raise NoReposa("algo se avería sin motivo")
            for copia in self._mundo.copias:
                if not copia.viva:
                    self._mundo.arrancar(copia)
            if self._trabajar() or self._pedir_lo_que_falta():
                continue
            momento = self._proximo()
            if momento is None:
                return
            if momento <= reloj.ahora():
                raise NoReposa(f"algo debió hacerse a las {momento:%H:%M:%S.%f} y nadie lo hace")
            # Things come due together: then whoever is late meets what comes meanwhile.
            tarde = self._azar.uniform(0, DE_MAS_S) if self._azar.random() < 0.3 else 0.0
            reloj.ir_a(momento + timedelta(seconds=tarde))
        raise NoReposa(f"{VUELTAS} vueltas no bastan")

    def _trabajar(self) -> int:
        """What is due, and the loops that wait for messages; relays and totals only when those do nothing."""
        sql, ahora = self._mundo.entorno.motor.sql, self._mundo.entorno.reloj.ahora()
        hechas = 0
        if any(momento and datetime.fromisoformat(momento) <= ahora for (momento,) in sql(_VENCEN)):
            hechas += self._rondas(lambda nombre: nombre.startswith("vigilante"))
        if hechas := hechas + self._rondas(lambda nombre: not nombre.startswith(PAUSADOS)):
            return hechas
        if sql("SELECT 1 FROM salida"):
            hechas += self._rondas(lambda nombre: nombre == "relevo")
        if sql("SELECT 1 FROM totales_pendientes LIMIT 1"):
            hechas += self._rondas(lambda nombre: nombre == "proyector")
        return hechas

    def _rondas(self, elegidas: Callable[[str], bool]) -> int:
        return sum(
            self._mundo.ronda(copia, nombre)
            for copia in self._mundo.copias
            for nombre in copia.nombres
            if elegidas(nombre)
        )

    def _pedir_lo_que_falta(self) -> bool:
        """Clients without an answer ask again; an operator sees to what is stuck."""
        mundo = self._mundo
        quien = next((c for c in mundo.copias if ORQUESTADOR in c.escritores), None)
        if quien is None:
            return True
        pedidas = [n for n in mundo.plan.sagas if not mundo.empezada(n)]
        for numero in pedidas:
            mundo.iniciar(numero, quien)
        for (id,) in mundo.entorno.motor.sql("SELECT id FROM sagas WHERE requiere_atencion ORDER BY id"):
            numero = numero_de(UUID(id))
            vez = self._veces.get(numero, 0)
            self._veces[numero] = vez + 1
            if orden := mundo.elenco.decide(numero, vez):
                mundo.ordenar(numero, orden, quien)
                pedidas.append(numero)
        return bool(self._reencolar() or pedidas)

    def _reencolar(self) -> int:
        """An operator sends dead letters back: what killed them is over, unless it is a defect."""
        mundo, entorno = self._mundo, self._mundo.entorno
        muertos = Muertos(entorno.motor, entorno.reloj, entorno.ids, mundo.consumidores)
        filas = entorno.motor.sql("SELECT id, consumidor, error FROM muertos ORDER BY id, consumidor")
        elegidos = [(id, consumidor) for id, consumidor, error in filas if error.startswith(DE_UN_FALLO)]
        for id, consumidor in elegidos:
            muertos.ordenar(REENCOLAR, UUID(id), consumidor, "simulador", "ya no falla")
            mundo.cuenta("operador", REENCOLAR)
            mundo.narra(f"un operador reencola un mensaje que murió en {consumidor}")
        mundo.hubo_muertos = mundo.hubo_muertos or bool(elegidos)
        return len(elegidos)

    def _proximo(self) -> datetime | None:
        """Return when the next thing is due; None when nothing ever will be."""
        entorno = self._mundo.entorno
        ahora = entorno.reloj.ahora()
        momentos = [carta.visible for carta in entorno.correo.pendientes() if carta.visible > ahora]
        momentos += [m for c in self._mundo.copias for ll in c.llamadores if (m := ll.proximo)]
        for consulta, espera in ((_VENCEN, timedelta()), ("SELECT min(creado) FROM salida", RELEVO)):
            momentos += [
                datetime.fromisoformat(texto) + espera for (texto,) in entorno.motor.sql(consulta) if texto
            ]
        return min(momentos, default=None)
