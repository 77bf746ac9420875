"""The auditor: reads what was committed, a stretch at a time, and says what cannot be explained."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from saga_orchestrator.aplicacion.libros import Archivo, Atrasos, Enviado, Foto, Libros
from saga_orchestrator.aplicacion.partes import Parte, Partes
from saga_orchestrator.aplicacion.sospechas import Sospechas
from saga_orchestrator.dominio.auditoria import AJENO, CALLADA, ENVIO, FLUJO, SAGA, Hallazgo

# What the broker has not handed over in so long is looked at all the same.
TOPE = timedelta(seconds=60)
ABIERTAS, EXTRANOS = "abiertas", "extraños"
MILISEGUNDO = 1_000
PENDIENTES = 10_000


class Auditor:
    """One round looks at what is new and settled, at a page of all the rest, and again at each suspicion.

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
        self._ajenos: set[str] = set()
        # What a look is to look at again: ids by origin.
        self._mirar: dict[str, set[str]] = defaultdict(set, {SAGA: set(sagas), CALLADA: set(sagas)})
        self.al_dia = False
        self.vueltas = 0
        self.sin_broker = False

    @property
    def indecisas(self) -> int:
        """How many suspicions are not decided."""
        return len(self._sospechas.pendientes)

    def una_ronda(self, *, barrer: bool = True) -> list[Parte]:
        """Look once; return the statements that are complete. With `barrer`, a page of all the rest too."""
        despejado = self._atrasos.despejado()
        self.sin_broker = despejado is None
        with self._libros.foto() as foto:
            ahora = foto.ahora
            salida = foto.salida_desde()
            primera = foto.primera(self._marca)
        if despejado is not None and salida is not None:
            despejado = min(despejado, salida)
        limite = max(min(ahora - self._reposo, despejado or ahora), ahora - TOPE)
        parte = self._partes.abrir(self._marca.hasta, primera, _en_milisegundos(limite))
        if parte is not None:
            self._avanzar(parte)
        self.al_dia = parte is None or parte.visto >= _en_milisegundos(limite)
        if barrer and self.al_dia:
            self._barrer(limite)
        self._decidir(despejado, parte.hasta if parte else self._partes.ventana_de(limite))
        self._guardar()
        return self._partes.cerrar(self._marca.hasta, self._sospechas.primera_ventana())

    def cerrar(self) -> list[Parte]:
        """Return the statements that are still open, as they are."""
        return self._partes.cerrar(None, None)

    # What is new

    def _avanzar(self, parte: Parte) -> None:
        enviados = self._leer_sagas(parte) | self._leer_flujos(parte)
        with self._libros.foto() as foto:
            recibidos = foto.recibidos(self._marca.hasta or parte.desde, parte.visto)
        self._faltan |= {id: e for id, e in enviados.items() if id not in recibidos}
        self._ajenos = {id for id in self._ajenos | recibidos if id not in enviados}
        self._marca.hasta = parte.visto

    def _leer_sagas(self, parte: Parte) -> dict[str, Enviado]:
        enviados: dict[str, Enviado] = {}
        while True:
            with self._libros.foto() as foto:
                pagina = foto.sagas(self._marca.sagas, parte.visto)
                if pagina is None:
                    return enviados
                hallazgos, repetidos = foto.juzgar_sagas(pagina.tocadas)
            self._sospechar(hallazgos)
            enviados |= {e.id: e for e in pagina.enviados}
            parte.contar(pagina.iniciadas, pagina.mensajes, repetidos)
            self._marca.sagas = pagina.hasta

    def _leer_flujos(self, parte: Parte) -> dict[str, Enviado]:
        enviados: dict[str, Enviado] = {}
        while True:
            with self._libros.foto() as foto:
                pagina = foto.flujos(self._marca.flujos, parte.visto)
                if pagina is None:
                    return enviados
                self._sospechar(foto.juzgar_flujos(pagina.nuevos))
            enviados |= {e.id: e for e in pagina.enviados}
            parte.contar(0, len(pagina.enviados), 0)
            self._marca.flujos = pagina.hasta

    # All the rest, a page at a time

    def _barrer(self, limite: datetime) -> None:
        barrido = self._marca.barrido
        with self._libros.foto() as foto:
            for tipo in self._libros.tipos:
                ids = foto.pagina(tipo, barrido.get(tipo, ""))
                self._sospechar(_juzgar(foto, tipo, ids))
                barrido[tipo] = max(ids, default="")
            extranos = foto.extranos(barrido.get(EXTRANOS, ""))
            barrido[EXTRANOS] = max(extranos, default="")
            self._ajenos |= set(extranos)
            barrido[ABIERTAS], calladas = foto.abiertas(barrido.get(ABIERTAS, ""), limite)
            self._mirar[CALLADA] |= set(calladas)
        if not any(barrido.values()):
            self.vueltas += 1

    # What looks wrong

    def _sospechar(self, hallazgos: Iterable[Hallazgo]) -> None:
        for h in hallazgos:
            self._mirar[h.origen].add(h.saga_id if h.origen == SAGA else h.mensaje)

    def _decidir(self, despejado: datetime | None, ventana: datetime) -> None:
        for h in self._sospechas.pendientes:
            de_saga = h.origen in (SAGA, CALLADA)
            self._mirar[h.origen].add(h.saga_id if de_saga else h.mensaje)
        with self._libros.foto() as foto:
            vistos = self._mirar_otra_vez(foto)
            apartados = foto.apartados({h.saga_id for h in vistos if h.saga_id})
            seguros = self._sospechas.mirar(vistos, ventana, foto.ahora, despejado, apartados)
        self._partes.anotar(seguros)

    def _mirar_otra_vez(self, foto: Foto) -> list[Hallazgo]:
        """Look again at what was suspected, all of it in one snapshot; whatever is found first names it."""
        mirar, self._mirar = self._mirar, defaultdict(set)
        faltan = list(self._faltan.values())[:PENDIENTES]
        llegados = foto.estan(faltan)
        self._faltan = {e.id: e for e in faltan if e.id not in llegados}
        ajenos = foto.ajenos(self._ajenos | mirar[AJENO])
        self._ajenos = {h.mensaje for h in ajenos}
        hallazgos = [*foto.perdidos(self._faltan.values()), *foto.calladas(mirar[CALLADA]), *ajenos]
        for origen in (o for o in mirar if o not in (CALLADA, ENVIO, AJENO)):
            hallazgos += _juzgar(foto, origen, mirar[origen])
        return list({h.clave: h for h in hallazgos}.values())

    def _guardar(self) -> None:
        sagas = {h.saga_id for h in self._sospechas.pendientes if h.saga_id}
        self._archivo.guardar(self._marca, list(self._faltan.values()), sorted(sagas))


def _juzgar(foto: Foto, origen: str, ids: Iterable[str]) -> list[Hallazgo]:
    suyos: Mapping[str, list[str]] = {origen.partition(":")[2]: [id for id in ids if id]}
    if origen == SAGA:
        return foto.juzgar_sagas(suyos[""])[0]
    return foto.juzgar_flujos(suyos) if origen.startswith(FLUJO) else foto.juzgar_claves(suyos)


def _en_milisegundos(momento: datetime) -> datetime:
    """Ids tell whole milliseconds: a stretch begins and ends with one."""
    return momento.replace(microsecond=momento.microsecond // MILISEGUNDO * MILISEGUNDO)
