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


class Mundo:
    """Clock, ids, subscription and executor in one; `malos` are the names whose commands fail."""

    def __init__(self) -> None:
        self.momento = T
        self.por_recibir: list[Recibido] = []
        self.confirmados: list[str] = []
        self.hechos: list[str] = []
        self.muertos: list[Apartado] = []
        self.malos: dict[str, Exception] = {}
        self.rechazados: set[str] = set()
        self.vistos: set[UUID] = set()
        self.intentos: Counter[UUID] = Counter()
        self.limpio = True
        self.cerrada = False
        self.dormido = 0.0
        self.procesador = SimpleNamespace(modulo=MODULO)

    def ahora(self) -> datetime:
        return self.momento

    def nuevo(self) -> UUID:
        return uuid4()

    def dormir(self, segundos: float) -> None:
        self.dormido += segundos

    # Subscription

    def recibir(self, maximo: int, _espera: float) -> list[Recibido]:
        lote, self.por_recibir = self.por_recibir[:maximo], self.por_recibir[maximo:]
        return lote

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        self.confirmados += [r.id_broker for r in lote]

    def cerrar(self) -> None:
        self.cerrada = True

    # Executor

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
            ahora=self.momento,
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

    def llegar(self, nombre: str, cuerpo: bytes | None = None) -> None:
        """Put an order on the topic."""
        sobre = Sobre(id=uuid4(), tipo=nombre, clave=nombre, fecha=T)
        self.por_recibir.append(Recibido("llamadas", cuerpo or codificar(sobre), {}, None, nombre))


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


class Banco:
    """A caller over the world, with its tasks by name."""

    def __init__(self) -> None:
        self.mundo = Mundo()
        self.tareas: dict[str, Tarea] = {}
        self.retraso = Retraso(self.mundo)
        self.nacer()

    def nacer(self) -> None:
        """A process starts; the one before it ended as it ended."""
        mundo = cast(Any, self.mundo)
        self.exclusiva = threading.Lock()
        self.llamador = Llamador(
            cast(Ejecutor, mundo),
            lambda: mundo,
            self.tarea,
            mundo,
            mundo,
            llamadas=Llamadas(2),
            dormir=mundo.dormir,
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
        self.mundo.llegar(nombre)
        return self.tareas[nombre]

    def hasta(self, hecho: Callable[[], bool], avance_s: float = 60) -> None:
        """Do rounds until a fact holds; the clock moves on with each."""
        for _ in range(200):
            self.llamador.una_ronda()
            if hecho():
                return
            self.mundo.momento += timedelta(seconds=avance_s)
        raise AssertionError("El hecho no llegó")

    def hasta_confirmar(self, *nombres: str) -> None:
        """Do rounds until these orders are confirmed."""
        self.hasta(lambda: set(nombres) <= set(self.mundo.confirmados))


@pytest.fixture
def banco() -> Iterator[Banco]:
    banco = Banco()
    yield banco
    banco.llamador.terminar()
    assert banco.mundo.cerrada


def test_marca_llama_registra_confirma(banco: Banco) -> None:
    """An order is marked, called with the mark's result, recorded, and then confirmed."""
    tarea = banco.llega("a")
    banco.hasta_confirmar("a")
    assert banco.mundo.hechos == ["Marca:a", "Hecho:a"]
    assert tarea.marcados == ["Marca:a"]


def test_sin_marca_y_sin_resultado(banco: Banco) -> None:
    """An order may have nothing to mark and nothing to record."""
    banco.llega("a", None, con_marca=False)
    banco.hasta_confirmar("a")
    assert banco.mundo.hechos == []


def test_un_grupo_es_una_llamada(banco: Banco) -> None:
    """Orders of one group that are due together are called together, each recorded; others go alone."""
    for nombre in "abc":
        banco.llega(nombre).grupo = "g" if nombre != "c" else None
    banco.hasta_confirmar("a", "b", "c")
    hechas = {h for h in banco.mundo.hechos if h.startswith("Hecho")}
    assert hechas == {"Hecho:a junta", "Hecho:b junta", "Hecho:c"}


def test_un_grupo_que_falla_va_uno_a_uno(banco: Banco) -> None:
    """A bad order does not fail those that were called with it: each is called alone."""
    for nombre in ("a", "mala"):
        banco.llega(nombre).grupo = "g"
    banco.hasta_confirmar("a", "mala")
    assert {"Hecho:a", "Hecho:mala"} <= set(banco.mundo.hechos)


def test_no_antes(banco: Banco) -> None:
    """No mark is made before its moment, and others pass by."""
    banco.llega("luego")
    banco.llega("a")
    banco.hasta(lambda: "a" in banco.mundo.confirmados, avance_s=0)
    assert "Marca:luego" not in banco.mundo.hechos
    banco.hasta_confirmar("luego")


def test_espera_no_repite_la_marca(banco: Banco) -> None:
    """An order that waits for its answer is called again with the first mark's result."""
    tarea = banco.llega("a", Espera(T + timedelta(seconds=90)), Espera(T + timedelta(seconds=200)))
    banco.hasta_confirmar("a")
    assert tarea.marcados == ["Marca:a"] * 3
    assert banco.mundo.hechos.count("Marca:a") == 1


def test_llamada_que_falla(banco: Banco) -> None:
    """A call that raises is tried again for as long as it takes; it is never a failure of the order."""
    tarea = banco.llega("a", *[OSError("fuera")] * 12)
    banco.hasta_confirmar("a")
    assert len(tarea.marcados) == 13
    assert banco.mundo.muertos == []


@pytest.mark.parametrize("malo", ["Marca:b", "Hecho:b"])
def test_orden_envenenada(banco: Banco, malo: str) -> None:
    """An order whose command always fails is buried at the third failure; the others go on."""
    banco.mundo.malos[malo] = RuntimeError("veneno")
    for nombre in "abc":
        banco.llega(nombre)
    banco.hasta_confirmar("a", "b", "c")
    assert {"Hecho:a", "Hecho:c"} <= set(banco.mundo.hechos)
    [muerto] = banco.mundo.muertos
    assert (muerto.intentos, muerto.error, muerto.proximo) == (3, "RuntimeError: veneno", None)


@pytest.mark.parametrize("malo", ["Marca:a", "Hecho:a"])
def test_un_bloqueo_no_entierra(banco: Banco, malo: str) -> None:
    """However long somebody holds the rows of an order: it is tried until they are free."""
    banco.mundo.malos[malo] = ConflictoPersistente("un cerrojo ajeno")
    banco.llega("a")
    for _ in range(8):
        banco.llamador.una_ronda()
        banco.mundo.momento += timedelta(seconds=60)
    assert (banco.mundo.muertos, banco.mundo.confirmados) == ([], [])
    del banco.mundo.malos[malo]
    banco.hasta_confirmar("a")
    assert banco.mundo.hechos[-1] == "Hecho:a"


def test_fallo_pasajero(banco: Banco) -> None:
    """A commit that fails once is tried again."""
    banco.mundo.malos["Hecho:a"] = RuntimeError("una vez")
    banco.llega("a")
    banco.hasta(lambda: banco.tareas["a"].marcados != [])
    del banco.mundo.malos["Hecho:a"]
    banco.hasta_confirmar("a")
    assert banco.mundo.muertos == []


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
def test_orden_indescifrable(banco: Banco, nombre: str, cuerpo: bytes | None) -> None:
    """What cannot be decoded is buried once, and the loop goes on."""
    banco.mundo.llegar(nombre, cuerpo)
    banco.mundo.llegar(nombre, cuerpo)
    banco.llega("a")
    banco.hasta_confirmar(nombre, "a")
    assert len(banco.mundo.muertos) == 1
    assert banco.mundo.confirmados.count(nombre) == 2


def test_marca_rechazada(banco: Banco) -> None:
    """When a rule refuses the mark nobody is called."""
    banco.mundo.rechazados.add("Marca:a")
    tarea = banco.llega("a")
    banco.hasta_confirmar("a")
    assert tarea.marcados == []


def test_conexion_perdida(banco: Banco) -> None:
    """A lost database ends the loop: it leaves its subscription, and the orders come again to another."""
    banco.mundo.malos["Marca:a"] = ConexionPerdida("base")
    banco.llega("a")
    with pytest.raises(ConexionPerdida):
        banco.llamador.una_ronda()
    assert (banco.mundo.confirmados, banco.mundo.cerrada) == ([], True)


def test_lleno_no_gira(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that is full takes no more orders, and does not spin while it waits."""
    monkeypatch.setattr(modulo_llamador, "EN_VUELO", 2)
    for nombre in ("luego", "a"):
        banco.llega(nombre, Espera(T + timedelta(seconds=50)))
    banco.hasta(lambda: banco.mundo.dormido > 0, avance_s=0)
    banco.llega("b")
    banco.llamador.una_ronda()
    assert [r.id_broker for r in banco.mundo.por_recibir] == ["b"]
    banco.hasta_confirmar("luego", "a", "b")


def _morir_con(banco: Banco, veces: int, *nombres: str) -> list[Recibido]:
    """Processes take these orders and die, one after the other; return the orders."""
    for nombre in nombres:
        banco.llega(nombre, None, None, None, None, None)
    ordenes = list(banco.mundo.por_recibir)
    for _ in range(veces):
        banco.nacer()
        banco.mundo.por_recibir = list(ordenes)
        banco.llamador._recibir()
        banco.llamador._debidos()
    banco.mundo.por_recibir = list(ordenes)
    banco.nacer()
    return ordenes


def test_con_cuidado_a_solas(banco: Banco) -> None:
    """An order that was there when a process died is called when no other call is in flight."""
    _morir_con(banco, 2, "a", "b")
    juntos = []
    for nombre in "ab":
        llamar = banco.tareas[nombre].llamar
        banco.tareas[nombre].llamar = lambda m, llamar=llamar: (  # type: ignore[method-assign]
            juntos.append(len(banco.llamador._llamadas.en_vuelo)),
            llamar(m),
        )[1]
    banco.hasta_confirmar("a", "b")
    assert max(juntos) <= 1
    assert banco.mundo.muertos == []


def test_la_que_espera_al_lado_no_se_entierra(banco: Banco) -> None:
    """Of two orders that were in hand at every death only the one whose turn it was is buried."""
    _morir_con(banco, 4, "a", "b")
    banco.hasta_confirmar("a", "b")
    assert [muerto.tema for muerto in banco.mundo.muertos] == ["llamadas"]
    assert "b" in str(banco.mundo.hechos)


def test_mientras_es_el_turno_de_otro_bucle(banco: Banco) -> None:
    """A suspect does not go, nor is it counted, while another loop of the process handles one of its own."""
    _morir_con(banco, 2, "a")
    cuentas = dict(banco.mundo.intentos)
    with banco.exclusiva:
        for _ in range(5):
            banco.llamador.una_ronda()
        assert (banco.tareas["a"].marcados, banco.mundo.intentos) == ([], cuentas)
    banco.hasta_confirmar("a")
    assert not banco.exclusiva.locked()


def test_el_turno_se_deja_aunque_la_orden_falle(banco: Banco) -> None:
    """A suspect whose mark fails gives its turn back: the suspects of other loops go on."""
    _morir_con(banco, 2, "a")
    banco.mundo.malos["Marca:a"] = RuntimeError("veneno")
    banco.hasta_confirmar("a")
    assert not banco.exclusiva.locked()
    assert len(banco.mundo.muertos) == 1


def test_un_llamador_que_cae_no_deja_hilos(banco: Banco) -> None:
    """One that is dropped after an exception ends its threads; one that never called had none."""
    antes = threading.active_count()
    banco.nacer()
    assert threading.active_count() == antes
    banco.llega("a")
    banco.llamador.una_ronda()
    hilos = list(banco.llamador._llamadas._hilos)
    assert threading.active_count() == antes + len(hilos)
    banco.mundo.recibir = _caido  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        banco.llamador.una_ronda()
    for hilo in hilos:
        hilo.join(10)
    assert not any(hilo.is_alive() for hilo in hilos)
    del banco.mundo.recibir  # type: ignore[method-assign]
    banco.nacer()


def _caido(*_a: object) -> Any:
    raise ConnectionError("fuera")


def test_la_que_se_hizo_no_se_acusa(banco: Banco) -> None:
    """An order that was done may come again at any number of deaths of another one."""
    ordenes = _morir_con(banco, 2, "a")
    for _ in range(5):
        banco.hasta_confirmar("a")
        banco.nacer()
        banco.mundo.confirmados.clear()
        banco.mundo.por_recibir = list(ordenes)
    assert banco.mundo.muertos == []


def test_la_que_aun_no_tiene_respuesta_no_se_acusa(banco: Banco) -> None:
    """An order that waits for its answer had its turn in many processes that another one killed."""
    espera = Espera(T + timedelta(days=1))
    ordenes = _morir_con(banco, 2, "a")
    for _ in range(5):
        banco.tareas["a"] = Tarea("a", [espera])
        banco.hasta(lambda: len(banco.tareas["a"].marcados) > 0)
        banco.llamador.una_ronda()
        banco.mundo.por_recibir = list(ordenes)
        banco.nacer()
    banco.hasta_confirmar("a")
    assert banco.mundo.muertos == []


def test_la_que_mata_mientras_espera_se_entierra(banco: Banco) -> None:
    """It stays a suspect between its calls: the second one has its turn as well."""
    ordenes = _morir_con(banco, 1, "a")
    for _ in range(2):
        banco.tareas["a"] = Tarea("a", [Espera(T + timedelta(seconds=1))])
        banco.hasta(lambda: len(banco.tareas["a"].marcados) > 0)
        banco.mundo.momento += timedelta(days=1)
        banco.llamador._recoger()
        banco.llamador._debidos()  # its turn has come, and here the process dies
        banco.mundo.por_recibir = list(ordenes)
        banco.nacer()
    banco.hasta_confirmar("a")
    assert [muerto.error for muerto in banco.mundo.muertos] == ["El proceso que la trataba murió"]


def test_la_que_mata_al_proceso(banco: Banco) -> None:
    """An order that was there at every death is buried without another call; a clean stop forgets."""
    _morir_con(banco, 4, "a")
    banco.hasta_confirmar("a")
    [muerto] = banco.mundo.muertos
    assert (muerto.error, banco.tareas["a"].marcados) == ("El proceso que la trataba murió", [])
    banco.llamador.terminar()
    banco.nacer()
    banco.llega("b")
    banco.hasta_confirmar("b")
    assert len(banco.mundo.intentos) == 1


def test_una_llamada_que_no_vuelve(banco: Banco) -> None:
    """A stop does not wait for a call that hangs: it is not confirmed, and the stop is not clean."""
    suelta = threading.Event()
    tarea = banco.llega("a")
    tarea.llamar = lambda _m: suelta.wait()  # type: ignore[method-assign]
    banco.llamador.una_ronda()
    hora = banco.mundo.ahora
    banco.mundo.ahora = lambda: (  # type: ignore[method-assign]
        setattr(banco.mundo, "momento", banco.mundo.momento + timedelta(seconds=5)),
        hora(),
    )[1]
    banco.llamador.terminar()
    suelta.set()
    assert (banco.mundo.confirmados, banco.mundo.limpio) == ([], False)
    banco.nacer()


def test_va_tarde_por_lo_que_recibe_no_por_lo_que_espera(banco: Banco) -> None:
    """An order that came late counts; one that waits for the outside does not, nor does an idle round."""
    banco.mundo.momento = T + timedelta(seconds=9)
    banco.llega("a", Espera(T + timedelta(hours=1)))
    banco.llamador.una_ronda()
    assert banco.retraso.peor() == 9
    banco.llamador.una_ronda()
    banco.retraso.peor()
    banco.mundo.momento += timedelta(minutes=1)
    banco.llamador.una_ronda()
    assert banco.retraso.peor() == 0


def test_lleno_va_tarde(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller with no place left leaves its orders on the topic: it is later each second."""
    monkeypatch.setattr(modulo_llamador, "EN_VUELO", 1)
    banco.llega("a", Espera(T + timedelta(hours=1)))
    banco.llamador.una_ronda()
    banco.mundo.momento += timedelta(minutes=1)
    banco.llamador.una_ronda()
    assert banco.retraso.peor() == 60


def _rondas(llamador: Llamador) -> None:
    while True:
        llamador.una_ronda()


@pytest.mark.parametrize("acabar", [Llamador.terminar, _rondas])
def test_conexion_perdida_con_el_turno(
    banco: Banco, monkeypatch: pytest.MonkeyPatch, acabar: Callable[[Llamador], None]
) -> None:
    """When an answer cannot be stored, at work or at a stop, a successor gets subscription and turn."""
    _morir_con(banco, 1, "a")
    suelta = threading.Event()

    def contestar(_marcado: object) -> object:
        suelta.wait()
        return Hecho("a")

    monkeypatch.setattr(banco.tareas["a"], "llamar", contestar)
    banco.hasta(banco.exclusiva.locked)
    banco.mundo.malos["Hecho:a"] = ConexionPerdida("base")
    suelta.set()
    with pytest.raises(ConexionPerdida):
        acabar(banco.llamador)
    assert (banco.mundo.confirmados, banco.mundo.cerrada, banco.exclusiva.locked()) == ([], True, False)
    banco.mundo.malos.clear()
    banco.nacer()


def test_el_resultado_de_otra_version_se_deja_a_quien_la_conozca(banco: Banco) -> None:
    """The call is done and is not repeated; what it brought waits for a process that can read its saga."""
    tarea = banco.llega("a")
    banco.mundo.malos["Hecho:a"] = VersionDesconocida("SAGA", 2)
    banco.hasta_confirmar("a")
    assert len(tarea.marcados) == 1
    [dejado] = banco.mundo.muertos
    assert (dejado.consumidor, dejado.falta, dejado.intentos) == ("prueba", ("SAGA", 2), 0)


def test_una_marca_de_otra_version_se_intenta_sin_contar(banco: Banco) -> None:
    """It is tried again for as long as it takes, more and more seldom, and is no dead letter."""
    banco.llega("a")
    banco.mundo.malos["Marca:a"] = VersionDesconocida("SAGA", 2)
    for _ in range(10):
        banco.llamador.una_ronda()
        banco.mundo.momento += timedelta(seconds=60)
    assert (banco.mundo.muertos, banco.mundo.confirmados) == ([], [])
    banco.mundo.malos.clear()
    banco.hasta_confirmar("a")


def test_una_orden_de_otra_version_queda_sin_confirmar(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gets the partition next may know it; it is no dead letter, and stops nobody."""

    def solo_las_nuestras(_sobre: Sobre) -> Any:
        if _sobre.tipo == "nueva":
            raise VersionDesconocida("nueva", 2)
        return banco.tarea(_sobre)

    monkeypatch.setattr(banco.llamador, "_tareas", solo_las_nuestras)
    banco.mundo.llegar("nueva")
    banco.llega("a")
    banco.hasta_confirmar("a")
    assert (banco.mundo.muertos, banco.mundo.confirmados) == ([], ["a"])
