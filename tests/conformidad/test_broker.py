"""What every broker promises (port `Broker`), over each of them."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible, Suscripcion
from aeropartners.seedwork.infraestructura.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.broker_pulsar import BrokerPulsar
from tests.conformidad.conftest import INTERNO, PUBLICO
from tests.esperas import hasta

Nuevo = Callable[[], Broker]


def envio(clave: str, valor: int) -> Envio:
    return Envio(INTERNO, clave, msgspec.Raw(f'{{"clave":"{clave}","n":{valor}}}'.encode()))


def mandar(broker: Broker, *envios: Envio) -> None:
    broker.enviar(envios)
    broker.asegurar()


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
