"""The cotejo: reads the committed events, a stretch at a time, and reports effects that nothing explains."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from saga_orchestrator.cotejo.aplicacion.lectura import leer
from saga_orchestrator.cotejo.aplicacion.libros import ABIERTAS, EXTRANOS, Archivo, Atrasos, Foto, Libros
from saga_orchestrator.cotejo.aplicacion.partes import Parte, Partes
from saga_orchestrator.cotejo.aplicacion.sospechas import Sospechas
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, CALLADA, ENVIO, SAGA, Hallazgo

# A stretch of events is read after at most this time, even if the broker has not delivered its messages.
TOPE = timedelta(seconds=60)
# The inbox keeps 8 days of rows: for an older message nobody can tell whether it arrived.
BANDEJA = timedelta(days=7)
MILISEGUNDO = 1_000
PENDIENTES = 10_000


class Cotejo:
    """The search for lost and doubled effects, driven by `una_ronda` in one thread.

    A round reads a stretch of new events that have settled, checks one page of all the other rows, and checks
    each suspicion again. `al_dia`: the cotejo has read up to the present. `vueltas`: how many times it has
    gone through all rows. `retraso_s`: age of the newest event that it has read. `nuevos`: the findings of
    the last round. Between rounds it keeps in memory the mark, the suspicions, the sent messages that have
    not arrived, and the open statements: as much as happens in one window.
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
        # What the next round checks again: ids by the check that found them (`Hallazgo.origen`).
        self._mirar: dict[str, set[str]] = defaultdict(set, {SAGA: set(sagas), CALLADA: set(sagas)})
        self._recorridos: set[str] = set()
        self.al_dia = False
        self.vueltas = 0
        self.retraso_s = 0.0
        self.nuevos: list[Hallazgo] = []

    @property
    def indecisas(self) -> int:
        """The number of suspicions that are not decided."""
        return len(self._sospechas.pendientes)

    def esperas(self) -> Mapping[str, int]:
        """Return the number of undecided suspicions by the reason why they are undecided."""
        return self._sospechas.esperas()

    def empezar_ahora(self) -> None:
        """Skip all events committed so far, unless a stored mark says where to go on."""
        if self._marca.hasta is None:
            with self._libros.foto() as foto:
                self._marca.sagas, self._marca.flujos = foto.ultimos()
                self._marca.hasta = _en_milisegundos(foto.ahora)

    def una_ronda(self, *, barrer: bool = True) -> list[Parte]:
        """Do one round and return the statements of the windows that are complete.

        With `barrer`, a page of all the other rows is checked as well.
        """
        despejado = self._atrasos.despejado()
        with self._libros.foto() as foto:
            ahora = foto.ahora
            salida = foto.salida_desde()
            primera = foto.primera(self._marca)
            sin_asentar = foto.sin_asentar()
        if despejado is not None and salida is not None:
            despejado = min(despejado, salida)
        # While a long transaction runs, events that commit beside it come late into the commit order: wait
        # for them.
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
        """Return the statements that are still open, although not everything in them is decided."""
        return self._partes.cerrar(None, None)

    # New events

    def _avanzar(self, parte: Parte, bandeja: datetime) -> None:
        """Read one stretch; the mark moves last, so if the database is lost the stretch is read again."""
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

    # All other rows, a page at a time

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

    # Suspicions

    def _sospechar(self, hallazgos: Iterable[Hallazgo]) -> None:
        """Have the findings checked again next round.

        Missing messages (ENVIO) and unexplained ones (AJENO) are kept in lists of their own.
        """
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
        """Check all suspicions again in one snapshot, and return the findings that still hold."""
        mirar = self._mirar
        faltan = list(self._faltan.values())[:PENDIENTES]
        llegados = foto.estan(faltan)
        self._faltan = {e.id: e for e in faltan if e.id not in llegados}
        ajenos = self._ajenos(foto)
        # A command that did not arrive also leaves its saga silent. Both have the same key: the later finding
        # stays.
        hallazgos = [*foto.calladas(mirar[CALLADA]), *foto.perdidos(self._faltan.values()), *ajenos]
        for origen, ids in mirar.items():
            if origen != CALLADA:
                hallazgos += foto.juzgar(origen, [id for id in ids if id])
        self._mirar = defaultdict(set)
        return list({h.clave: h for h in hallazgos}.values())

    def _ajenos(self, foto: Foto) -> list[Hallazgo]:
        """Check the unexplained inbox rows again; note those whose event may not have been read yet.

        The event that sent such a message can commit after a younger one. It is then read one stretch later
        than the inbox row of the message.
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
    """Cut to whole milliseconds, as the ids do: a stretch must begin and end where an id can."""
    return momento.replace(microsecond=momento.microsecond // MILISEGUNDO * MILISEGUNDO)
