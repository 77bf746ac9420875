"""The cotejo: reads what was committed, a stretch at a time, and says what cannot be explained."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from saga_orchestrator.cotejo.aplicacion.lectura import leer
from saga_orchestrator.cotejo.aplicacion.libros import ABIERTAS, EXTRANOS, Archivo, Atrasos, Foto, Libros
from saga_orchestrator.cotejo.aplicacion.partes import Parte, Partes
from saga_orchestrator.cotejo.aplicacion.sospechas import Sospechas
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, CALLADA, ENVIO, SAGA, Hallazgo

# What the broker has not handed over in so long is looked at all the same.
TOPE = timedelta(seconds=60)
# The inbox keeps 8 days; of what is older nobody can say whether it arrived.
BANDEJA = timedelta(days=7)
MILISEGUNDO = 1_000
PENDIENTES = 10_000


class Cotejo:
    """One round looks at what is new and settled, at a page of all the rest, and again at each suspicion.

    `al_dia`: it has come to the present; `vueltas`: how often it went through all the rest; `retraso_s`:
    how old the newest is that it has read; `nuevos`: what the last round found.

    Between two rounds it keeps the mark, the suspicions, what has not arrived yet, and the statements that
    wait for those; one thread, driven by `una_ronda`. What it holds is bounded by what happens in a window.
    """

    def __init__(
        self, libros: Libros, atrasos: Atrasos, archivo: Archivo, ventana: timedelta, reposo: timedelta
    ) -> None:
        self._libros = libros
        self._atrasos = atrasos
        self._archivo = archivo
        self._reposo = reposo
        self._sospechas = Sospechas(reposo)
        self._partes = Partes(ventana)
        self._marca, enviados, sagas = archivo.leer()
        self._faltan = {e.id: e for e in enviados}
        self._por_leer: set[str] = set()
        # What a look is to look at again: ids by origin.
        self._mirar: dict[str, set[str]] = defaultdict(set, {SAGA: set(sagas), CALLADA: set(sagas)})
        self._recorridos: set[str] = set()
        self.al_dia = False
        self.vueltas = 0
        self.retraso_s = 0.0
        self.nuevos: list[Hallazgo] = []

    @property
    def indecisas(self) -> int:
        """How many suspicions are not decided."""
        return len(self._sospechas.pendientes)

    def esperas(self) -> Mapping[str, int]:
        """Count the suspicions that are not decided by the reason why."""
        return self._sospechas.esperas()

    def empezar_ahora(self) -> None:
        """Leave out all that was committed so far, unless there is a mark to go on from."""
        if self._marca.hasta is None:
            with self._libros.foto() as foto:
                self._marca.sagas, self._marca.flujos = foto.ultimos()
                self._marca.hasta = _en_milisegundos(foto.ahora)

    def una_ronda(self, *, barrer: bool = True) -> list[Parte]:
        """Look once; return the statements that are complete. With `barrer`, a page of all the rest too."""
        despejado = self._atrasos.despejado()
        with self._libros.foto() as foto:
            ahora = foto.ahora
            salida = foto.salida_desde()
            primera = foto.primera(self._marca)
            sin_asentar = foto.sin_asentar()
        if despejado is not None and salida is not None:
            despejado = min(despejado, salida)
        # Beside a transaction that lasts, events come late into the order of commits: they are waited for.
        limite = min(max(min(ahora - self._reposo, despejado or ahora), ahora - TOPE), sin_asentar or ahora)
        parte = self._partes.abrir(self._marca.hasta, primera, _en_milisegundos(limite))
        if parte is not None:
            self._avanzar(parte, _en_milisegundos(ahora - BANDEJA))
        self.al_dia = parte is None or parte.visto >= _en_milisegundos(limite)
        self.retraso_s = (ahora - self._marca.hasta).total_seconds() if self._marca.hasta else 0.0
        if barrer and self.al_dia:
            self._barrer(limite)
        self._decidir(despejado, parte.hasta if parte else self._partes.ventana_de(limite))
        self._guardar()
        return self._partes.cerrar(self._marca.hasta, self._sospechas.primera_ventana())

    def cerrar(self) -> list[Parte]:
        """Return the statements that are still open, as they are."""
        return self._partes.cerrar(None, None)

    # What is new

    def _avanzar(self, parte: Parte, bandeja: datetime) -> None:
        """Read one stretch; when the database is lost in the middle of it, nothing of it was read."""
        leido = leer(self._libros, self._marca, parte.visto)
        self._sospechar(leido.hallazgos)
        with self._libros.foto() as foto:
            recibidos = foto.recibidos(max(self._marca.hasta or parte.desde, bandeja), parte.visto)
            ahora = foto.ahora
        self._faltan |= {
            id: e for id, e in leido.enviados.items() if id not in recibidos and e.fecha >= bandeja
        }
        ajenos = dict.fromkeys(recibidos, ahora) | self._marca.ajenos
        self._marca.ajenos = {id: desde for id, desde in ajenos.items() if id not in leido.enviados}
        parte.sagas += leido.sagas
        parte.mensajes += leido.mensajes
        parte.repetidos += leido.repetidos
        self._marca.sagas, self._marca.flujos = leido.hasta_sagas, leido.hasta_flujos
        self._marca.hasta = parte.visto

    # All the rest, a page at a time

    def _barrer(self, limite: datetime) -> None:
        tipos = (*self._libros.tipos, EXTRANOS, ABIERTAS)
        with self._libros.foto() as foto:
            for tipo in tipos:
                siguiente, ids = foto.pagina(tipo, self._marca.barrido.get(tipo, ""), limite)
                self._marca.barrido[tipo] = siguiente
                if not siguiente:
                    self._recorridos.add(tipo)
                if tipo == EXTRANOS:
                    self._marca.ajenos = dict.fromkeys(ids, foto.ahora) | self._marca.ajenos
                elif tipo == ABIERTAS:
                    self._mirar[CALLADA].update(ids)
                else:
                    self._sospechar(foto.juzgar(tipo, ids))
        if self._recorridos.issuperset(tipos):
            self.vueltas += 1
            self._recorridos.clear()

    # What looks wrong

    def _sospechar(self, hallazgos: Iterable[Hallazgo]) -> None:
        """Have it looked at again; what did not arrive and what nothing explains have lists of their own."""
        for h in hallazgos:
            if h.origen not in (ENVIO, AJENO):
                self._mirar[h.origen].add(h.saga_id if h.origen in (SAGA, CALLADA) else h.mensaje)

    def _decidir(self, despejado: datetime | None, ventana: datetime) -> None:
        self._sospechar(self._sospechas.pendientes)
        with self._libros.foto() as foto:
            vistos = self._mirar_otra_vez(foto)
            por_broker = [h for h in vistos if h.broker]
            apartados = foto.apartados(
                {h.mensaje for h in por_broker if h.origen in (CALLADA, ENVIO, AJENO)},
                {h.saga_id for h in por_broker if h.saga_id},
            )
            seguros = self._sospechas.mirar(vistos, ventana, foto.ahora, despejado, apartados, self._por_leer)
        self._partes.anotar(seguros)
        self.nuevos = [hallazgo for hallazgo, _ in seguros]
        for h in self.nuevos:
            self._marca.ajenos.pop(h.mensaje, None)

    def _mirar_otra_vez(self, foto: Foto) -> list[Hallazgo]:
        """Look again at what was suspected, all of it in one snapshot."""
        mirar = self._mirar
        faltan = list(self._faltan.values())[:PENDIENTES]
        llegados = foto.estan(faltan)
        self._faltan = {e.id: e for e in faltan if e.id not in llegados}
        ajenos = self._ajenos(foto)
        # A command that did not arrive leaves its saga silent, too: of the two, the last one is kept.
        hallazgos = [*foto.calladas(mirar[CALLADA]), *foto.perdidos(self._faltan.values()), *ajenos]
        for origen, ids in mirar.items():
            if origen != CALLADA:
                hallazgos += foto.juzgar(origen, [id for id in ids if id])
        self._mirar = defaultdict(set)
        return list({h.clave: h for h in hallazgos}.values())

    def _ajenos(self, foto: Foto) -> list[Hallazgo]:
        """Look again at what nothing explains, and note of which the event may still be read.

        It may stand in the order of commits behind a younger one, and is then read a stretch later than the
        inbox row of what it sent.
        """
        hasta, desde = self._marca.hasta, self._marca.ajenos
        ajenos = foto.ajenos(desde)
        self._marca.ajenos = {h.mensaje: desde[h.mensaje] for h in ajenos}
        self._por_leer = {
            id for id, cuando in self._marca.ajenos.items() if hasta is None or cuando + self._reposo >= hasta
        }
        return ajenos

    def _guardar(self) -> None:
        sagas = {h.saga_id for h in self._sospechas.pendientes if h.saga_id}
        self._archivo.guardar(self._marca, list(self._faltan.values()), sorted(sagas))


def _en_milisegundos(momento: datetime) -> datetime:
    """Ids tell whole milliseconds: a stretch begins and ends with one."""
    return momento.replace(microsecond=momento.microsecond // MILISEGUNDO * MILISEGUNDO)
