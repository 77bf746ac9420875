"""What every broker promises (port `Broker`), over each of them."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible, Rechazo, Suscripcion
from aeropartners.seedwork.infraestructura.broker import broker_embebido
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import AdministracionPulsar, Tema
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar
from tests.conformidad.conftest import INTERNO, PUBLICO, REALES
from tests.esperas import hasta
from tests.servicios import variable

Nuevo = Callable[[], Broker]
# A simulated broker takes whatever it is given.
DE_VERDAD = pytest.mark.parametrize(
    "nuevo_broker", ["embebidos", pytest.param("pulsar", marks=REALES)], indirect=True
)


def envio(clave: str, valor: int) -> Envio:
    return Envio(INTERNO, clave, msgspec.Raw(f'{{"clave":"{clave}","n":{valor}}}'.encode()))


def mandar(broker: Broker, *envios: Envio) -> Sequence[Rechazo]:
    broker.enviar(envios)
    return broker.asegurar()


def publico(valor: int, tema: str = PUBLICO, relleno: str = "") -> Envio:
    cuerpo = f'{{"clave":"a","n":{valor},"x":"{relleno}"}}'
    return Envio(tema, "a", msgspec.Raw(cuerpo.encode()), {"event_type": "x"})


def recibir(suscripcion: Suscripcion, cuantos: int, *, confirmar: bool = True) -> list[Recibido]:
    """Receive until that many are there."""
    recibidos: list[Recibido] = []

    def ronda() -> bool:
        lote = suscripcion.recibir(500, 0.1)
        recibidos.extend(lote)
        if confirmar:
            suscripcion.confirmar(lote)
        return len(recibidos) >= cuantos

    hasta(ronda, f"{cuantos} mensajes", 30)
    return recibidos


def numeros(recibidos: list[Recibido], clave: str) -> list[int]:
    cuerpos = [msgspec.json.decode(r.cuerpo) for r in recibidos]
    return [c["n"] for c in cuerpos if c["clave"] == clave]


def test_orden_por_clave(nuevo_broker: Nuevo) -> None:
    """Messages of one key come in the order in which one process sent them."""
    broker, claves = nuevo_broker(), [f"k{i}" for i in range(10)]
    for vuelta in range(20):
        mandar(broker, *(envio(clave, vuelta) for clave in claves))
    suscripcion = broker.suscribir([INTERNO], "una")
    recibidos = recibir(suscripcion, 200)
    for clave in claves:
        assert numeros(recibidos, clave) == list(range(20))
    suscripcion.cerrar()


def test_lo_no_confirmado_vuelve(nuevo_broker: Nuevo) -> None:
    """What a consumer that went away had not confirmed goes to the next one; the rest does not."""
    broker = nuevo_broker()
    mandar(broker, *(envio("a", n) for n in range(10)))
    primero = broker.suscribir([INTERNO], "una")
    assert len(recibir(primero, 10)) == 10
    mandar(broker, *(envio("a", n) for n in range(10, 20)))
    assert numeros(recibir(primero, 10, confirmar=False), "a") == list(range(10, 20))
    primero.cerrar()
    segundo = nuevo_broker().suscribir([INTERNO], "una")
    assert numeros(recibir(segundo, 10), "a")[-10:] == list(range(10, 20))
    segundo.cerrar()


def test_confirmar_lo_ultimo_no_confirma_lo_anterior(nuevo_broker: Nuevo) -> None:
    """A caller confirms as its calls end: what came before and is still in hand goes to the next consumer."""
    broker = nuevo_broker()
    mandar(broker, *(envio("a", n) for n in range(3)))
    primero = broker.suscribir([INTERNO], "una")
    recibidos = recibir(primero, 3, confirmar=False)
    primero.confirmar(recibidos[-1:])
    primero.cerrar()
    segundo = nuevo_broker().suscribir([INTERNO], "una")
    assert numeros(recibir(segundo, 2), "a")[:2] == [0, 1]
    segundo.cerrar()


def test_dos_suscripciones_reciben_todo(nuevo_broker: Nuevo) -> None:
    """Each subscription of a topic gets every message, those from before it was opened included."""
    broker = nuevo_broker()
    mandar(broker, *(envio("a", n) for n in range(5)))
    for nombre in ("una", "otra"):
        suscripcion = broker.suscribir([INTERNO], nombre)
        assert numeros(recibir(suscripcion, 5), "a") == list(range(5))
        suscripcion.cerrar()


def test_consumidores_que_compiten(nuevo_broker: Nuevo) -> None:
    """Two consumers of one subscription together get each message, each key in its order."""
    broker = nuevo_broker()
    consumidores = [nuevo_broker().suscribir([INTERNO], "una") for _ in range(2)]
    mandar(broker, *(envio(f"k{n % 8}", n) for n in range(200)))
    recibidos: list[Recibido] = []

    def ronda() -> bool:
        for consumidor in consumidores:
            lote = consumidor.recibir(100, 0.05)
            consumidor.confirmar(lote)
            recibidos.extend(lote)
        return {msgspec.json.decode(r.cuerpo)["n"] for r in recibidos} == set(range(200))

    hasta(ronda, "los 200 mensajes entre los dos", 30)
    for consumidor in consumidores:
        consumidor.cerrar()


def test_un_mensaje_publico_llega_con_sus_propiedades(nuevo_broker: Nuevo) -> None:
    """A public message is one message, with its properties, to be read by anyone."""
    broker = nuevo_broker()
    propiedades = {"event_type": "CampañaCreada", "event_id": "1", "source": "prueba"}
    mandar(broker, Envio(PUBLICO, "clave", msgspec.Raw('{"ñ":1}'.encode()), propiedades))
    suscripcion = broker.suscribir([PUBLICO], "una")
    (recibido,) = recibir(suscripcion, 1)
    assert (recibido.tema, recibido.cuerpo, recibido.propiedades) == (
        PUBLICO,
        '{"ñ":1}'.encode(),
        propiedades,
    )
    suscripcion.cerrar()


def test_un_paquete_vacio_se_entrega(nuevo_broker: Nuevo) -> None:
    """A packet without envelopes, which only a stranger sends, is handed over: else nobody confirms it."""
    broker = nuevo_broker()
    mandar(broker, Envio(PUBLICO, "clave", msgspec.Raw(b"[]"), {"paquete": "1"}))
    suscripcion = broker.suscribir([PUBLICO], "una")
    assert [r.cuerpo for r in recibir(suscripcion, 1)] == [b"[]"]
    suscripcion.cerrar()


def test_una_rafaga_grande_llega_entera(nuevo_broker: Nuevo) -> None:
    """A burst of several packets arrives whole."""
    broker = nuevo_broker()
    relleno = "x" * 400
    mandar(
        broker,
        *(
            Envio(INTERNO, "a", msgspec.Raw(f'{{"clave":"a","n":{n},"x":"{relleno}"}}'.encode()))
            for n in range(3_000)
        ),
    )
    suscripcion = broker.suscribir([INTERNO], "una")
    assert numeros(recibir(suscripcion, 3_000), "a") == list(range(3_000))
    suscripcion.cerrar()


def test_cerrar_mientras_se_publica(nuevo_broker: Nuevo) -> None:
    """A consumer that closes while another thread publishes loses nothing that was stored."""
    broker = nuevo_broker()
    hilo = threading.Thread(target=lambda: [mandar(broker, envio("a", n)) for n in range(50)])
    primero = nuevo_broker().suscribir([INTERNO], "una")
    hilo.start()
    vistos = set(numeros(recibir(primero, 1), "a"))
    primero.cerrar()
    hilo.join()
    segundo = nuevo_broker().suscribir([INTERNO], "una")

    def ronda() -> bool:
        lote = segundo.recibir(100, 0.1)
        segundo.confirmar(lote)
        vistos.update(numeros(lote, "a"))
        return vistos == set(range(50))

    hasta(ronda, "los 50 mensajes", 30)
    segundo.cerrar()


@DE_VERDAD
def test_lo_que_no_se_puede_codificar_se_rechaza_solo(nuevo_broker: Nuevo) -> None:
    """For good, by itself; what was sent with it is stored."""
    broker = nuevo_broker()
    malo = Envio(PUBLICO, "a", msgspec.Raw(b"{}"), {"event_type": "\ud800"})
    [rechazo] = mandar(broker, publico(1), malo, publico(2), envio("a", 3))
    assert (rechazo.tema, rechazo.definitivo, list(rechazo.envios)) == (PUBLICO, True, [malo])
    suscripcion = broker.suscribir([PUBLICO, INTERNO], "una")
    assert sorted(numeros(recibir(suscripcion, 3), "a")) == [1, 2, 3]
    suscripcion.cerrar()


@pytest.mark.servicios
def test_lo_que_es_muy_grande_se_rechaza_solo(brokers_pulsar: Nuevo) -> None:
    """Whatever size the broker was set to take: the others of its topic are stored, in order."""
    broker = brokers_pulsar()
    grande = publico(3, relleno="x" * 6_000_000)
    enorme = Envio(INTERNO, "a", msgspec.Raw(b'{"clave":"a","n":9,"x":"%s"}' % (b"x" * 6_000_000)))
    rechazos = mandar(broker, publico(1), grande, publico(2), envio("a", 8), enorme, envio("a", 10))
    assert {(r.tema, r.definitivo) for r in rechazos} == {(PUBLICO, True), (INTERNO, True)}
    assert {id(e) for r in rechazos for e in r.envios} == {id(grande), id(enorme)}
    suscripcion = broker.suscribir([PUBLICO, INTERNO], "una")
    vistos: set[int] = set()

    def ronda() -> bool:
        vistos.update(numeros(recibir(suscripcion, 1), "a"))
        return vistos >= {1, 2, 8, 10}

    hasta(ronda, "los cuatro que caben", 30)
    assert vistos == {1, 2, 8, 10}
    suscripcion.cerrar()


@pytest.mark.servicios
def test_propiedades_que_no_son_texto_no_detienen_a_nadie(brokers_pulsar: Nuevo) -> None:
    """A message whose properties are no UTF-8 is handed over without them, and the next one as well."""
    broker = brokers_pulsar()
    ajenas: Any = {"event_type": b"\xff\xfe"}
    assert mandar(broker, Envio(PUBLICO, "a", publico(1).cuerpo, ajenas), publico(2)) == []
    suscripcion = broker.suscribir([PUBLICO], "una")
    recibidos = recibir(suscripcion, 2)
    assert numeros(recibidos, "a") == [1, 2]
    assert [r.propiedades for r in recibidos] == [{}, {"event_type": "x"}]
    suscripcion.cerrar()


@pytest.mark.servicios
def test_un_tema_que_no_existe_espera_solo(brokers_pulsar: Nuevo) -> None:
    """Not for good: it may come. The others of the burst are stored, and it is taken when it is there."""
    broker = brokers_pulsar()
    ausente = publico(1, "ausente")
    [rechazo] = mandar(broker, ausente, publico(2), envio("a", 3))
    assert (rechazo.tema, rechazo.definitivo, list(rechazo.envios)) == ("ausente", False, [ausente])
    assert "NotFound" in rechazo.causa
    suscripcion = broker.suscribir([PUBLICO, INTERNO], "una")
    assert sorted(numeros(recibir(suscripcion, 2), "a")) == [2, 3]
    suscripcion.cerrar()
    administrar(broker, {"ausente": Tema(3, ("una",))})
    assert mandar(broker, ausente) == []


@pytest.mark.servicios
def test_un_tema_terminado_rechaza_para_siempre(brokers_pulsar: Nuevo) -> None:
    """Terminated under a producer that was open, and for one that is not: all of it, and nothing else."""
    broker = brokers_pulsar()
    assert mandar(broker, publico(1), envio("a", 2)) == []
    for particion in range(3):
        pedir(broker, "POST", f"{PUBLICO}-partition-{particion}/terminate")
    for _ in range(2):
        [rechazo] = mandar(broker, publico(3), envio("a", 4))
        assert (rechazo.tema, rechazo.definitivo) == (PUBLICO, True)
        assert "TopicTerminated" in rechazo.causa


@pytest.mark.servicios
@pytest.mark.parametrize("politica", ["producer_exception", "producer_request_hold"])
def test_un_tema_sobre_su_cuota_espera_solo(brokers_pulsar: Nuevo, politica: str) -> None:
    """Refused, or left hanging: internal ones go on, and it is taken again when there is room."""
    broker = brokers_pulsar()
    assert mandar(broker, publico(1), envio("a", 0)) == []
    lector = broker.suscribir([PUBLICO], "una")
    otro = broker.suscribir([PUBLICO], "otra")
    limite = {"limitSize": 1_000, "limitTime": -1, "policy": politica}
    pedir(broker, "POST", f"{PUBLICO}/backlogQuota?backlogQuotaType=destination_storage", limite)
    rechazado: list[Rechazo] = []

    def sobre_su_cuota() -> bool:
        rechazado[:] = mandar(broker, publico(2, relleno="x" * 500), envio("a", 1))
        return bool(rechazado)

    hasta(sobre_su_cuota, "la cuota", 90)
    assert [(r.tema, r.definitivo) for r in rechazado] == [(PUBLICO, False)]
    assert mandar(broker, envio("a", 2)) == []
    for suscripcion in (lector, otro):
        hasta(lambda s=suscripcion: not vaciar(s), "todo leído", 60)
    hasta(lambda: not mandar(broker, publico(3)), "que tome mensajes otra vez", 90)
    for suscripcion in (lector, otro):
        suscripcion.cerrar()


def vaciar(suscripcion: Suscripcion) -> int:
    """Confirm what is there; return how much it was."""
    lote = suscripcion.recibir(500, 1.0)
    suscripcion.confirmar(lote)
    return len(lote)


def administrar(broker: Broker, temas: dict[str, Tema]) -> None:
    """Create these topics beside the others."""
    administracion = AdministracionPulsar(variable("PULSAR_ADMIN_URL"), "public", espacio_de(broker))
    administracion.crear(temas)
    administracion.cerrar()


def espacio_de(broker: Broker) -> str:
    """The namespace of this test."""
    return str(broker._prefijo.split("/")[-2])  # type: ignore[attr-defined]


def pedir(broker: Broker, metodo: str, que: str, cuerpo: object = None) -> None:
    """Order something of the admin REST about a topic of the namespace."""
    url = f"{variable('PULSAR_ADMIN_URL')}/admin/v2/persistent/public/{espacio_de(broker)}/{que}"
    httpx.request(metodo, url, json=cuerpo, timeout=30).raise_for_status()


@pytest.mark.servicios
def test_un_tema_perdido_no_ensordece_a_los_demas(brokers_pulsar: Nuevo) -> None:
    """The subscription hears the others, says which it does not hear and why, and hears it when it comes."""
    broker = brokers_pulsar()
    suscripcion = broker.suscribir([INTERNO, "ausente"], "una")
    assert suscripcion.sordera is not None
    mandar(broker, envio("a", 1))
    assert numeros(recibir(suscripcion, 1), "a") == [1]
    sordera = suscripcion.sordera
    assert sordera
    assert (sordera.sin_broker, sordera.causa.split(":")[0]) == (False, "ausente")
    administrar(broker, {"ausente": Tema(4, ("una",))})
    mandar(broker, Envio("ausente", "a", msgspec.Raw(b'{"clave":"a","n":2}')))
    assert numeros(recibir(suscripcion, 1), "a") == [2]
    hasta(lambda: vaciar(suscripcion) == 0 and suscripcion.sordera is None, "que oiga todo", 60)
    suscripcion.cerrar()


@pytest.mark.servicios
def test_negarse_muchas_veces_no_gasta_nada(brokers_pulsar: Nuevo) -> None:
    """A topic that is not there, a hundred times: one client is kept; threads and descriptors stay."""
    broker = brokers_pulsar()
    suscripcion = broker.suscribir(["ausente"], "una")
    assert isinstance(suscripcion, SuscripcionPulsar)
    mandar(broker, publico(1, "ausente"))
    antes = gasto()
    for _ in range(100):
        suscripcion._conectar()
        assert len(mandar(broker, publico(1, "ausente"))) == 1
    despues = gasto()
    assert despues[0] <= antes[0] + 2, (antes, despues)
    assert despues[1] <= antes[1] + 2, (antes, despues)
    suscripcion.cerrar()


def gasto() -> tuple[int, int]:
    """Threads and open descriptors of this process."""
    return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))


def test_una_rafaga_que_nadie_toma() -> None:
    """A burst that no broker takes raises: it stays in the outbox."""
    broker = BrokerPulsar("pulsar://127.0.0.1:9", "persistent://public/default/", 1)
    with pytest.raises(BrokerNoDisponible):
        mandar(broker, envio("a", 1))
    broker.cerrar()


@pytest.mark.servicios
def test_el_broker_se_reinicia(brokers_pulsar: Nuevo) -> None:
    """The same producer and the same subscription go on when the broker is back, with what was open."""
    broker = brokers_pulsar()
    mandar(broker, *(envio("a", n) for n in range(5)))
    suscripcion = broker.suscribir([INTERNO], "una")
    assert len(recibir(suscripcion, 5, confirmar=False)) == 5
    for verbo in ("abajo", "arriba"):
        subprocess.run([sys.executable, "infra/servicios", verbo, "pulsar"], check=True, timeout=300)

    def mandada() -> bool:
        try:
            mandar(broker, envio("a", 5))
        except BrokerNoDisponible:
            return False
        return True

    hasta(mandada, "que el broker vuelva a tomar mensajes", 60)
    vistos: set[int] = set()

    def ronda() -> bool:
        lote = suscripcion.recibir(100, 0.1)
        suscripcion.confirmar(lote)
        vistos.update(numeros(lote, "a"))
        return vistos == set(range(6))

    hasta(ronda, "los seis mensajes", 60)
    suscripcion.cerrar()


def test_la_tienda_se_abre_otra_vez(tmp_path: Path) -> None:
    """The embedded broker is as durable as its file: what nobody confirmed is there after a restart."""
    temas = {INTERNO: ("una",)}
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar(temas)
    mandar(BrokerEmbebido(tienda), *(envio("a", n) for n in range(5)))
    vieja = BrokerEmbebido(tienda).suscribir([INTERNO], "una")
    vieja.confirmar(vieja.recibir(2, 0.1))
    tienda.cerrar()
    otra = Tienda(tmp_path / "broker.db")
    otra.preparar(temas)
    nueva = BrokerEmbebido(otra).suscribir([INTERNO], "una")
    assert numeros(recibir(nueva, 3), "a") == [2, 3, 4]
    otra.cerrar()


def test_la_tienda_no_guarda_lo_que_nadie_espera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all have read goes while it runs, what nobody subscribes to is not kept; the rest stays."""
    monkeypatch.setattr(broker_embebido, "LIMPIAR_S", 0.0)
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar({INTERNO: ("una", "otra"), PUBLICO: ("una",)})
    broker = BrokerEmbebido(tienda)
    mandar(broker, *(envio("a", n) for n in range(4)), publico(9), publico(1, "sin-lectores"))
    assert guardados(tmp_path) == [INTERNO] * 4 + [PUBLICO]
    una, otra = (broker.suscribir([INTERNO], nombre) for nombre in ("una", "otra"))
    una.confirmar(una.recibir(4, 0.1))
    assert guardados(tmp_path) == [INTERNO] * 4 + [PUBLICO]
    otra.confirmar(otra.recibir(2, 0.1))
    assert guardados(tmp_path) == [INTERNO] * 2 + [PUBLICO]
    assert numeros(recibir(otra, 2), "a") == [2, 3]
    assert guardados(tmp_path) == [PUBLICO]
    tienda.cerrar()


def test_la_tienda_devuelve_el_sitio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room of what was read is given back at the next start."""
    monkeypatch.setattr(broker_embebido, "HUECO", 1_000_000)
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar({PUBLICO: ("una",)})
    broker = BrokerEmbebido(tienda)
    mandar(broker, *(publico(n, relleno="x" * 100_000) for n in range(50)))
    lectora = broker.suscribir([PUBLICO], "una")
    recibir(lectora, 50)
    tienda.cerrar()
    grande = (tmp_path / "broker.db").stat().st_size
    otra = Tienda(tmp_path / "broker.db")
    otra.preparar({PUBLICO: ("una",)})
    otra.cerrar()
    assert (tmp_path / "broker.db").stat().st_size < grande / 10


def guardados(carpeta: Path) -> list[str]:
    """The topics of what is in the file."""
    with closing(sqlite3.connect(carpeta / "broker.db")) as con:
        return [tema for (tema,) in con.execute("SELECT tema FROM mensajes ORDER BY posicion")]
