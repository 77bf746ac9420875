"""The caller's loop: what fails stops nobody else, and nothing is confirmed before its last commit."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.bucles import llamador as modulo_llamador
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.llamadas import Llamadas
from aeropartners.seedwork.aplicacion.bucles.llamador import Llamador
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
from aeropartners.seedwork.aplicacion.bucles.tareas import Espera
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre, mensaje
from aeropartners.seedwork.aplicacion.modulo import Decision, Modulo
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    Cambios,
    ConexionPerdida,
    ConflictoPersistente,
)
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, VersionDesconocida, codificar
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from tests.dobles.broker import Cinta
from tests.dobles.relojes import Numerados, Reloj
from tests.esperas import hasta

T = datetime(2025, 1, 1, tzinfo=UTC)
MODULO = Modulo("prueba", "prueba", ("comandos",), "dlq-prueba", (), ())


@mensaje("Marca", 1)
@dataclass(frozen=True, slots=True)
class Marca:
    nombre: str


@mensaje("Hecho", 1)
@dataclass(frozen=True, slots=True)
class Hecho:
    nombre: str


class EjecutorDeLlamadas:
    """The caller's executor, with inbox, counts and turn in memory; commands named in `malos` fail."""

    def __init__(self, reloj: Reloj) -> None:
        self.reloj = reloj
        self.hechos: list[str] = []
        self.muertos: list[Apartado] = []
        self.malos: dict[str, Exception] = {}
        self.rechazados: set[str] = set()
        self.vistos: set[UUID] = set()
        self.intentos: Counter[UUID] = Counter()
        self.limpio = True
        self.procesador = SimpleNamespace(modulo=MODULO)

    def limpiar(self) -> None:
        """Nothing is published here."""

    def entradas_frescas(self, _consumidor: str, ids: Sequence[UUID]) -> set[UUID]:
        frescas = set(ids) - self.vistos
        self.vistos |= frescas
        return frescas

    def sumar_intento(self, _consumidor: str, ids: Sequence[UUID], suma: int) -> Counter[UUID]:
        for id in ids:
            self.intentos[id] = max(self.intentos[id] + suma, 2) if id in self.intentos else 1
        return self.intentos

    def olvidar_intento(self, _consumidor: str, id: UUID) -> None:
        del self.intentos[id]

    def anotar_parada(self, _consumidor: str, limpio: bool) -> bool:
        antes, self.limpio = self.limpio, limpio
        return antes

    def ejecutar(
        self,
        preparar: Callable[[Any], Sequence[Sobre]],
        completar: Callable[[Any, Resultado], None] = lambda _uow, _r: None,
    ) -> Resultado:
        uow = SimpleNamespace(
            ahora=self.reloj.ahora(),
            entradas_frescas=self.entradas_frescas,
            sumar_intento=self.sumar_intento,
            anotar_parada=self.anotar_parada,
            olvidar_intento=self.olvidar_intento,
        )
        sobres = preparar(uow)
        nombres = [f"{s.tipo}:{msgspec.json.decode(s.cuerpo)['nombre']}" for s in sobres]
        for nombre in nombres:
            if nombre in self.malos:
                raise self.malos[nombre]
        decisiones = [
            Decision(error=ErrorDeDominio("no")) if n in self.rechazados else Decision(resultado=n)
            for n in nombres
        ]
        resultado = Resultado(decisiones, Cambios())
        completar(uow, resultado)
        self.hechos += nombres
        self.muertos += resultado.cambios.apartados
        return resultado


@dataclass
class Tarea:
    """A task with a script for its calls."""

    nombre: str
    guion: list[object] = field(default_factory=list)
    marcados: list[object] = field(default_factory=list)
    con_marca: bool = True
    grupo: str | None = None

    def marca(self) -> object | None:
        return Marca(self.nombre) if self.con_marca else None

    def no_antes(self) -> datetime | None:
        return T + timedelta(seconds=5) if self.nombre == "luego" else None

    def llamar_juntas(self, pares: Any) -> Any:
        if any("mala" in tarea.nombre for tarea, _ in pares):
            raise OSError("el grupo")
        return [Hecho(f"{tarea.nombre} junta") for tarea, _ in pares]

    def llamar(self, marcado: object) -> object:
        self.marcados.append(marcado)
        paso = self.guion.pop(0) if self.guion else Hecho(self.nombre)
        if isinstance(paso, Exception):
            raise paso
        return paso


class EnMarcha:
    """A caller and what it stands on, with its tasks by name; `dormido` is how long it slept."""

    def __init__(self) -> None:
        self.reloj, self.cinta = Reloj(T), Cinta()
        self.ejecutor = EjecutorDeLlamadas(self.reloj)
        self.tareas: dict[str, Tarea] = {}
        self.retraso = Retraso(self.reloj)
        self.dormido = 0.0
        self.nacer()

    def dormir(self, segundos: float) -> None:
        self.dormido += segundos

    def nacer(self) -> None:
        """A process starts; the one before it ended as it ended."""
        self.exclusiva = threading.Lock()
        self.llamador = Llamador(
            cast(Ejecutor, self.ejecutor),
            lambda: self.cinta,
            self.tarea,
            Numerados(),
            self.reloj,
            llamadas=Llamadas(2),
            dormir=self.dormir,
            exclusiva=self.exclusiva,
            retraso=self.retraso,
        )
        self.llamador.empezar()

    def tarea(self, sobre: Sobre) -> Any:
        if sobre.tipo == "rara":
            raise NoDescifrable("rara")
        return self.tareas.setdefault(sobre.tipo, Tarea(sobre.tipo))

    def llega(self, nombre: str, *guion: object, con_marca: bool = True) -> Tarea:
        """Let an order arrive whose calls answer as the script says."""
        self.tareas[nombre] = Tarea(nombre, list(guion), con_marca=con_marca)
        self.llegar(nombre)
        return self.tareas[nombre]

    def llegar(self, nombre: str, cuerpo: bytes | None = None) -> None:
        """Put an order on the topic."""
        sobre = Sobre(id=uuid4(), tipo=nombre, clave=nombre, fecha=T)
        recibido = Recibido("llamadas", cuerpo or codificar(sobre), {}, None, nombre)
        self.cinta.lotes = [[*self.cinta.pendientes, recibido]]

    def hasta(self, hecho: Callable[[], bool], avance_s: float = 60) -> None:
        """Do rounds until a fact holds; the clock moves on with each."""
        for _ in range(200):
            self.llamador.una_ronda()
            if hecho():
                return
            self.reloj.pasar(avance_s)
        raise AssertionError("El hecho no llegó")

    def hasta_confirmar(self, *nombres: str) -> None:
        """Do rounds until these orders are confirmed."""
        self.hasta(lambda: set(nombres) <= set(self.cinta.confirmados))


@pytest.fixture
def marcha() -> Iterator[EnMarcha]:
    marcha = EnMarcha()
    yield marcha
    marcha.llamador.terminar()
    assert marcha.cinta.cerrada


def test_marca_llama_registra_confirma(marcha: EnMarcha) -> None:
    """An order is marked, called with the mark's result, recorded, and then confirmed."""
    tarea = marcha.llega("a")
    marcha.hasta_confirmar("a")
    assert marcha.ejecutor.hechos == ["Marca:a", "Hecho:a"]
    assert tarea.marcados == ["Marca:a"]


def test_sin_marca_y_sin_resultado(marcha: EnMarcha) -> None:
    """An order may have nothing to mark and nothing to record."""
    marcha.llega("a", None, con_marca=False)
    marcha.hasta_confirmar("a")
    assert marcha.ejecutor.hechos == []


def test_un_reloj_que_se_atrasa_no_alarga_la_espera(marcha: EnMarcha) -> None:
    """The next try is due after its pause, not when the clock has come again to what it once showed."""
    marcha.reloj.pasar(691_200)
    tarea = marcha.llega("a", TimeoutError("no contesta"), None)
    marcha.hasta(lambda: bool(tarea.marcados) and not marcha.llamador._llamadas.en_vuelo, avance_s=0)
    marcha.reloj.pasar(-691_200)
    marcha.hasta(lambda: "a" in marcha.cinta.confirmados, avance_s=1)


def test_un_grupo_es_una_llamada(marcha: EnMarcha) -> None:
    """Orders of one group that are due together are called together, each recorded; others go alone."""
    for nombre in "abc":
        marcha.llega(nombre).grupo = "g" if nombre != "c" else None
    marcha.hasta_confirmar("a", "b", "c")
    hechas = {h for h in marcha.ejecutor.hechos if h.startswith("Hecho")}
    assert hechas == {"Hecho:a junta", "Hecho:b junta", "Hecho:c"}


def test_un_grupo_que_falla_va_uno_a_uno(marcha: EnMarcha) -> None:
    """A bad order does not fail those that were called with it: each is called alone."""
    for nombre in ("a", "mala"):
        marcha.llega(nombre).grupo = "g"
    marcha.hasta_confirmar("a", "mala")
    assert {"Hecho:a", "Hecho:mala"} <= set(marcha.ejecutor.hechos)


def test_no_antes(marcha: EnMarcha) -> None:
    """No mark is made before its moment, and others pass by."""
    marcha.llega("luego")
    marcha.llega("a")
    marcha.hasta(lambda: "a" in marcha.cinta.confirmados, avance_s=0)
    assert "Marca:luego" not in marcha.ejecutor.hechos
    marcha.hasta_confirmar("luego")


def test_espera_no_repite_la_marca(marcha: EnMarcha) -> None:
    """An order that waits for its answer is called again with the first mark's result."""
    tarea = marcha.llega("a", Espera(T + timedelta(seconds=90)), Espera(T + timedelta(seconds=200)))
    marcha.hasta_confirmar("a")
    assert tarea.marcados == ["Marca:a"] * 3
    assert marcha.ejecutor.hechos.count("Marca:a") == 1


def test_llamada_que_falla(marcha: EnMarcha) -> None:
    """A call that raises is tried again for as long as it takes; it is never a failure of the order."""
    tarea = marcha.llega("a", *[OSError("fuera")] * 12)
    marcha.hasta_confirmar("a")
    assert len(tarea.marcados) == 13
    assert marcha.ejecutor.muertos == []


@pytest.mark.parametrize("malo", ["Marca:b", "Hecho:b"])
def test_orden_envenenada(marcha: EnMarcha, malo: str) -> None:
    """An order whose command always fails is buried at the third failure; the others go on."""
    marcha.ejecutor.malos[malo] = RuntimeError("veneno")
    for nombre in "abc":
        marcha.llega(nombre)
    marcha.hasta_confirmar("a", "b", "c")
    assert {"Hecho:a", "Hecho:c"} <= set(marcha.ejecutor.hechos)
    [muerto] = marcha.ejecutor.muertos
    assert (muerto.intentos, muerto.error, muerto.proximo) == (3, "RuntimeError: veneno", None)


@pytest.mark.parametrize("malo", ["Marca:a", "Hecho:a"])
def test_un_bloqueo_no_entierra(marcha: EnMarcha, malo: str) -> None:
    """However long somebody holds the rows of an order: it is tried until they are free."""
    marcha.ejecutor.malos[malo] = ConflictoPersistente("un cerrojo ajeno")
    marcha.llega("a")
    for _ in range(8):
        marcha.llamador.una_ronda()
        marcha.reloj.pasar(60)
    assert (marcha.ejecutor.muertos, marcha.cinta.confirmados) == ([], [])
    del marcha.ejecutor.malos[malo]
    marcha.hasta_confirmar("a")
    assert marcha.ejecutor.hechos[-1] == "Hecho:a"


def test_fallo_pasajero(marcha: EnMarcha) -> None:
    """A commit that fails once is tried again."""
    marcha.ejecutor.malos["Hecho:a"] = RuntimeError("una vez")
    marcha.llega("a")
    marcha.hasta(lambda: marcha.tareas["a"].marcados != [])
    del marcha.ejecutor.malos["Hecho:a"]
    marcha.hasta_confirmar("a")
    assert marcha.ejecutor.muertos == []


@pytest.mark.parametrize(
    ("nombre", "cuerpo"),
    [
        ("rara", None),
        ("x", b"no es json"),
        ("y", b"\xff"),
        ("z", rb'{"tipo":"\u0000"}'),
        ("raro\x00", b"[" * 9_999),
    ],
)
def test_orden_indescifrable(marcha: EnMarcha, nombre: str, cuerpo: bytes | None) -> None:
    """What cannot be decoded is buried once, and the loop goes on."""
    marcha.llegar(nombre, cuerpo)
    marcha.llegar(nombre, cuerpo)
    marcha.llega("a")
    marcha.hasta_confirmar(nombre, "a")
    assert len(marcha.ejecutor.muertos) == 1
    assert marcha.cinta.confirmados.count(nombre) == 2


def test_marca_rechazada(marcha: EnMarcha) -> None:
    """When a rule refuses the mark nobody is called."""
    marcha.ejecutor.rechazados.add("Marca:a")
    tarea = marcha.llega("a")
    marcha.hasta_confirmar("a")
    assert tarea.marcados == []


def test_conexion_perdida(marcha: EnMarcha) -> None:
    """A lost database ends the loop: it leaves its subscription, and the orders come again to another."""
    marcha.ejecutor.malos["Marca:a"] = ConexionPerdida("base")
    marcha.llega("a")
    with pytest.raises(ConexionPerdida):
        marcha.llamador.una_ronda()
    assert (marcha.cinta.confirmados, marcha.cinta.cerrada) == ([], True)


def test_lleno_no_gira(marcha: EnMarcha, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that is full takes no more orders, and does not spin while it waits."""
    monkeypatch.setattr(modulo_llamador, "EN_VUELO", 2)
    for nombre in ("luego", "a"):
        marcha.llega(nombre, Espera(T + timedelta(seconds=50)))
    marcha.hasta(lambda: marcha.dormido > 0, avance_s=0)
    marcha.llega("b")
    marcha.llamador.una_ronda()
    assert [r.id_broker for r in marcha.cinta.pendientes] == ["b"]
    marcha.hasta_confirmar("luego", "a", "b")


def _morir_con(marcha: EnMarcha, veces: int, *nombres: str) -> list[Recibido]:
    """Processes take these orders and die, one after the other; return the orders."""
    for nombre in nombres:
        marcha.llega(nombre, None, None, None, None, None)
    ordenes = marcha.cinta.pendientes
    for _ in range(veces):
        marcha.nacer()
        marcha.cinta.lotes = [list(ordenes)]
        marcha.llamador._recibir()
        marcha.llamador._debidos()
    marcha.cinta.lotes = [list(ordenes)]
    marcha.nacer()
    return ordenes


def test_con_cuidado_a_solas(marcha: EnMarcha) -> None:
    """An order that was there when a process died is called when no other call is in flight."""
    _morir_con(marcha, 2, "a", "b")
    juntos = []
    for nombre in "ab":
        llamar = marcha.tareas[nombre].llamar
        marcha.tareas[nombre].llamar = lambda m, llamar=llamar: (  # type: ignore[method-assign]
            juntos.append(len(marcha.llamador._llamadas.en_vuelo)),
            llamar(m),
        )[1]
    marcha.hasta_confirmar("a", "b")
    assert max(juntos) <= 1
    assert marcha.ejecutor.muertos == []


def test_la_que_espera_al_lado_no_se_entierra(marcha: EnMarcha) -> None:
    """Of two orders that were in hand at every death only the one whose turn it was is buried."""
    _morir_con(marcha, 4, "a", "b")
    marcha.hasta_confirmar("a", "b")
    assert [muerto.tema for muerto in marcha.ejecutor.muertos] == ["llamadas"]
    assert "b" in str(marcha.ejecutor.hechos)


def test_mientras_es_el_turno_de_otro_bucle(marcha: EnMarcha) -> None:
    """A suspect does not go, nor is it counted, while another loop of the process handles one of its own."""
    _morir_con(marcha, 2, "a")
    cuentas = dict(marcha.ejecutor.intentos)
    with marcha.exclusiva:
        for _ in range(5):
            marcha.llamador.una_ronda()
        assert (marcha.tareas["a"].marcados, marcha.ejecutor.intentos) == ([], cuentas)
    marcha.hasta_confirmar("a")
    assert not marcha.exclusiva.locked()


def test_el_turno_se_deja_aunque_la_orden_falle(marcha: EnMarcha) -> None:
    """A suspect whose mark fails gives its turn back: the suspects of other loops go on."""
    _morir_con(marcha, 2, "a")
    marcha.ejecutor.malos["Marca:a"] = RuntimeError("veneno")
    marcha.hasta_confirmar("a")
    assert not marcha.exclusiva.locked()
    assert len(marcha.ejecutor.muertos) == 1


def test_hay_tantos_hilos_como_llamadas() -> None:
    """None before the first call, then one for each that is in flight, up to the most."""
    suelta = threading.Event()
    tarea = SimpleNamespace(grupo=None, llamar=lambda _marcado: suelta.wait(60))
    cursos: list[Any] = [SimpleNamespace(tarea=tarea, marcado=None) for _ in range(5)]
    llamadas = Llamadas(3)
    vistos = [len(llamadas._hilos)]
    for n in range(5):
        llamadas.hacer(cursos[n : n + 1])
        vistos.append(len(llamadas._hilos))
    assert vistos == [0, 1, 2, 3, 3, 3]
    suelta.set()
    hasta(lambda: not (llamadas.hechas(0) or llamadas.en_vuelo), "todas las llamadas")
    llamadas.cerrar(10)


def test_sin_mas_hilos_llaman_los_que_hay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system out of threads slows a caller down; one that has none at all says so."""
    cursos: list[Any] = [
        SimpleNamespace(tarea=SimpleNamespace(grupo=None, llamar=lambda _marcado: "hecha"), marcado=None)
        for _ in range(3)
    ]
    llamadas = Llamadas(3)
    llamadas.hacer(cursos[:1])
    with monkeypatch.context() as sin_hilos:
        sin_hilos.setattr(threading.Thread, "start", _sin_hilos)
        llamadas.hacer(cursos[1:])
        hechas = [vuelta for _ in cursos for vuelta in llamadas.hechas(60)]
        assert len(hechas) == len(cursos)
        with pytest.raises(RuntimeError):
            Llamadas(3).hacer(cursos)
    assert len(llamadas._hilos) == 1
    llamadas.cerrar(10)


def _sin_hilos(_hilo: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_un_llamador_que_cae_no_deja_hilos(marcha: EnMarcha) -> None:
    """One that is dropped after an exception ends its threads; one that never called had none."""
    antes = threading.active_count()
    marcha.nacer()
    assert threading.active_count() == antes
    marcha.llega("a")
    marcha.llamador.una_ronda()
    hilos = list(marcha.llamador._llamadas._hilos)
    assert threading.active_count() == antes + len(hilos)
    marcha.cinta.recibir = _caido  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        marcha.llamador.una_ronda()
    for hilo in hilos:
        hilo.join(10)
    assert not any(hilo.is_alive() for hilo in hilos)
    del marcha.cinta.recibir  # type: ignore[method-assign]
    marcha.nacer()


def _caido(*_a: object) -> Any:
    raise ConnectionError("fuera")


def test_la_que_se_hizo_no_se_acusa(marcha: EnMarcha) -> None:
    """An order that was done may come again at any number of deaths of another one."""
    ordenes = _morir_con(marcha, 2, "a")
    for _ in range(5):
        marcha.hasta_confirmar("a")
        marcha.nacer()
        marcha.cinta.confirmados.clear()
        marcha.cinta.lotes = [list(ordenes)]
    assert marcha.ejecutor.muertos == []


def test_la_que_aun_no_tiene_respuesta_no_se_acusa(marcha: EnMarcha) -> None:
    """An order that waits for its answer had its turn in many processes that another one killed."""
    espera = Espera(T + timedelta(days=1))
    ordenes = _morir_con(marcha, 2, "a")
    for _ in range(5):
        marcha.tareas["a"] = Tarea("a", [espera])
        marcha.hasta(lambda: len(marcha.tareas["a"].marcados) > 0)
        marcha.llamador.una_ronda()
        marcha.cinta.lotes = [list(ordenes)]
        marcha.nacer()
    marcha.hasta_confirmar("a")
    assert marcha.ejecutor.muertos == []


def test_la_que_mata_mientras_espera_se_entierra(marcha: EnMarcha) -> None:
    """It stays a suspect between its calls: the second one has its turn as well."""
    ordenes = _morir_con(marcha, 1, "a")
    for _ in range(2):
        marcha.tareas["a"] = Tarea("a", [Espera(T + timedelta(seconds=1))])
        marcha.hasta(lambda: len(marcha.tareas["a"].marcados) > 0)
        marcha.reloj.momento += timedelta(days=1)
        marcha.llamador._recoger()
        marcha.llamador._debidos()  # its turn has come, and here the process dies
        marcha.cinta.lotes = [list(ordenes)]
        marcha.nacer()
    marcha.hasta_confirmar("a")
    assert [muerto.error for muerto in marcha.ejecutor.muertos] == ["El proceso que la trataba murió"]


def test_la_que_mata_al_proceso(marcha: EnMarcha) -> None:
    """An order that was there at every death is buried without another call; a clean stop forgets."""
    _morir_con(marcha, 4, "a")
    marcha.hasta_confirmar("a")
    [muerto] = marcha.ejecutor.muertos
    assert (muerto.error, marcha.tareas["a"].marcados) == ("El proceso que la trataba murió", [])
    marcha.llamador.terminar()
    marcha.nacer()
    marcha.llega("b")
    marcha.hasta_confirmar("b")
    assert len(marcha.ejecutor.intentos) == 1


def test_una_llamada_que_no_vuelve(marcha: EnMarcha) -> None:
    """A stop does not wait for a call that hangs: it is not confirmed, and the stop is not clean."""
    suelta = threading.Event()
    tarea = marcha.llega("a")
    tarea.llamar = lambda _m: suelta.wait()  # type: ignore[method-assign]
    marcha.llamador.una_ronda()
    marcha.reloj.ahora = lambda: marcha.reloj.pasar(5)  # type: ignore[method-assign]
    marcha.llamador.terminar()
    suelta.set()
    assert (marcha.cinta.confirmados, marcha.ejecutor.limpio) == ([], False)
    marcha.nacer()


def test_va_tarde_por_lo_que_recibe_no_por_lo_que_espera(marcha: EnMarcha) -> None:
    """An order that came late counts; one that waits for the outside does not, nor does an idle round."""
    marcha.reloj.momento = T + timedelta(seconds=9)
    marcha.llega("a", Espera(T + timedelta(hours=1)))
    marcha.llamador.una_ronda()
    assert marcha.retraso.peor() == 9
    marcha.llamador.una_ronda()
    marcha.retraso.peor()
    marcha.reloj.momento += timedelta(minutes=1)
    marcha.llamador.una_ronda()
    assert marcha.retraso.peor() == 0


def test_lleno_va_tarde(marcha: EnMarcha, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller with no place left leaves its orders on the topic: it is later each second."""
    monkeypatch.setattr(modulo_llamador, "EN_VUELO", 1)
    marcha.llega("a", Espera(T + timedelta(hours=1)))
    marcha.llamador.una_ronda()
    marcha.reloj.momento += timedelta(minutes=1)
    marcha.llamador.una_ronda()
    assert marcha.retraso.peor() == 60


def _rondas(llamador: Llamador) -> None:
    while True:
        llamador.una_ronda()


@pytest.mark.parametrize("acabar", [Llamador.terminar, _rondas])
def test_conexion_perdida_con_el_turno(
    marcha: EnMarcha, monkeypatch: pytest.MonkeyPatch, acabar: Callable[[Llamador], None]
) -> None:
    """When an answer cannot be stored, at work or at a stop, a successor gets subscription and turn."""
    _morir_con(marcha, 1, "a")
    suelta = threading.Event()

    def contestar(_marcado: object) -> object:
        suelta.wait()
        return Hecho("a")

    monkeypatch.setattr(marcha.tareas["a"], "llamar", contestar)
    marcha.hasta(marcha.exclusiva.locked)
    marcha.ejecutor.malos["Hecho:a"] = ConexionPerdida("base")
    suelta.set()
    with pytest.raises(ConexionPerdida):
        acabar(marcha.llamador)
    assert (marcha.cinta.confirmados, marcha.cinta.cerrada, marcha.exclusiva.locked()) == ([], True, False)
    marcha.ejecutor.malos.clear()
    marcha.nacer()


def test_el_resultado_de_otra_version_se_deja_a_quien_la_conozca(marcha: EnMarcha) -> None:
    """The call is done and is not repeated; what it brought waits for a process that can read its saga."""
    tarea = marcha.llega("a")
    marcha.ejecutor.malos["Hecho:a"] = VersionDesconocida("SAGA", 2)
    marcha.hasta_confirmar("a")
    assert len(tarea.marcados) == 1
    [dejado] = marcha.ejecutor.muertos
    assert (dejado.consumidor, dejado.falta, dejado.intentos) == ("prueba", ("SAGA", 2), 0)


def test_una_marca_de_otra_version_se_intenta_sin_contar(marcha: EnMarcha) -> None:
    """It is tried again for as long as it takes, more and more seldom, and is no dead letter."""
    marcha.llega("a")
    marcha.ejecutor.malos["Marca:a"] = VersionDesconocida("SAGA", 2)
    for _ in range(10):
        marcha.llamador.una_ronda()
        marcha.reloj.pasar(60)
    assert (marcha.ejecutor.muertos, marcha.cinta.confirmados) == ([], [])
    marcha.ejecutor.malos.clear()
    marcha.hasta_confirmar("a")


def test_una_orden_de_otra_version_queda_sin_confirmar(
    marcha: EnMarcha, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gets the partition next may know it; it is no dead letter, and stops nobody."""

    def solo_las_nuestras(_sobre: Sobre) -> Any:
        if _sobre.tipo == "nueva":
            raise VersionDesconocida("nueva", 2)
        return marcha.tarea(_sobre)

    monkeypatch.setattr(marcha.llamador, "_tareas", solo_las_nuestras)
    marcha.llegar("nueva")
    marcha.llega("a")
    marcha.hasta_confirmar("a")
    assert (marcha.ejecutor.muertos, marcha.cinta.confirmados) == ([], ["a"])
