"""The end of a schedule: all faults are cancelled, and the processes work until nothing is left to do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from aeropartners.seedwork.aplicacion.bucles.relevo import EDAD_S
from aeropartners.seedwork.aplicacion.censo import CADA_S
from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import REENCOLAR
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from aeropartners.simulacion.guion import numero_de
from aeropartners.simulacion.mundo import DE_UN_FALLO, ORQUESTADOR, Mundo
from aeropartners.simulacion.tiempo import COMIENZO

VUELTAS = 4_000
DE_MAS_S = 3.0
# Idle seconds before giving up: deadlines wait until replies are known to be read, and until a dead process's
# row counts as dead.
QUIETAS = 40
PAUSADOS = ("vigilante", "relevo", "proyector")
RELEVO = timedelta(seconds=EDAD_S, milliseconds=1)


class NoReposa(Exception):
    """The system does not come to rest without faults: a due thing is never done, or work never ends."""


def sanar(mundo: Mundo) -> None:
    """Cancel the faults of broker and clocks, and work until nothing is left to do. Raises NoReposa.

    Time goes on when nothing is due. A fault armed for a process may still happen once; a process that dies
    is started again at once.
    """
    mundo.narra("todo vuelve a estar bien")
    correo = mundo.entorno.correo
    correo.caido, correo.cortar_tras, correo.azar = False, None, None
    correo.negados.clear()
    for copia in mundo.copias:
        copia.reloj.desvio_s = 0.0
    mundo.entorno.reloj.avanzar(2 * CADA_S)
    mundo.latir()
    _Reposo(mundo).alcanzar()


class _Reposo:
    def __init__(self, mundo: Mundo) -> None:
        self._mundo = mundo
        self._veces: dict[int, int] = {}
        self._azar = Random(f"{mundo.plan.semilla}:reposo")
        plazos = [f"SELECT min(revisar_en) FROM {tabla}" for tabla in sorted(mundo.lectores.con_plazos)]
        self._vencen = " UNION ALL ".join((*plazos, "SELECT min(proximo) FROM reintentos"))

    def alcanzar(self) -> None:
        reloj, quietas = self._mundo.entorno.reloj, 0
        for _ in range(VUELTAS):
            if self._mundo.averias:
                raise NoReposa("algo se avería sin motivo")
            for copia in self._mundo.copias:
                if not copia.viva:
                    self._mundo.arrancar(copia)
            self._mundo.latir()
            if self._trabajar() or self._pedir_lo_que_falta():
                quietas = 0
                continue
            momento = self._proximo()
            if momento is None:
                return
            if momento <= reloj.ahora():
                quietas += 1
                if quietas > QUIETAS:
                    raise NoReposa(f"algo debió hacerse a las {momento:%H:%M:%S.%f} y nadie lo hace")
                reloj.avanzar(0.0 if quietas == 1 else 1.0)
                continue
            # Sometimes late, so that several things are due together.
            tarde = self._azar.uniform(0, DE_MAS_S) if self._azar.random() < 0.3 else 0.0
            reloj.ir_a(momento + timedelta(seconds=tarde))
        raise NoReposa(f"{VUELTAS} vueltas no bastan")

    def _trabajar(self) -> int:
        """Do one round of the loops that have work; return how much was done.

        Relays and projections work only when the others have nothing to do.
        """
        sql, ahora = self._mundo.entorno.motor.sql, self._mundo.entorno.reloj.ahora()
        hechas = 0
        if any(momento and datetime.fromisoformat(momento) <= ahora for (momento,) in sql(self._vencen)):
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
        """Repeat the requests without an answer, and give the operator's orders for stuck sagas."""
        mundo = self._mundo
        quien = next((c for c in mundo.copias if ORQUESTADOR in c.escritores), None)
        if quien is None:
            return True
        pedidas = [n for n in mundo.plan.sagas if not mundo.empezada(n)]
        for numero in pedidas:
            mundo.iniciar(numero, quien)
        atascadas = "SELECT id FROM sagas WHERE requiere_atencion AND revisar_en IS NULL ORDER BY id"
        for (id,) in mundo.entorno.motor.sql(atascadas):
            numero = numero_de(UUID(id))
            vez = self._veces.get(numero, 0)
            self._veces[numero] = vez + 1
            if orden := mundo.elenco.decide(numero, vez):
                mundo.ordenar(numero, orden, quien)
                pedidas.append(numero)
        return bool(self._reencolar() or pedidas)

    def _reencolar(self) -> int:
        """Requeue the dead letters that the schedule's faults killed; return how many."""
        mundo, entorno = self._mundo, self._mundo.entorno
        muertos = Muertos(entorno.motor, entorno.reloj, entorno.ids, mundo.lectores.consumidores)
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
        fallidos = [f.proximo for c in self._mundo.copias for f in c.fallidos if f.proximo > ahora]
        momentos += [datetime.fromisoformat(texto) for (texto,) in entorno.motor.sql(self._vencen) if texto]
        momentos += self._relevos(ahora)
        # A wake-up that failed waits before its next try: what is due already may be that wake-up.
        debidos = [m for m in momentos if m > ahora] if fallidos else momentos
        return min(debidos + fallidos, default=None)

    def _relevos(self, ahora: datetime) -> list[datetime]:
        """Return when a relay will send: when a row is old enough, or a topic is tried again."""
        [(texto,)] = self._mundo.entorno.motor.sql("SELECT min(creado) FROM salida")
        if not texto:
            return []
        momento = datetime.fromisoformat(texto) + RELEVO
        relevos = [r.proximo for c in self._mundo.copias for r in c.relevos]
        intentos = [COMIENZO + timedelta(seconds=p) for p in relevos if p is not None]
        return [min(intentos)] if intentos and momento <= ahora else [momento]
