"""What became of a burst over Pulsar, topic by topic, from what the library answers."""

import pulsar
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible
from aeropartners.seedwork.infraestructura.broker import carga_pulsar
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from tests.dobles.cliente_pulsar import Cliente

Ok, GRANDE = pulsar.Result.Ok, pulsar.Result.MessageTooBig


@pytest.fixture(autouse=True)
def con_prisa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for long."""
    monkeypatch.setattr(carga_pulsar, "ESPERA_S", 0.02)
    monkeypatch.setattr(carga_pulsar, "ESPERA_DE_TODOS_S", 0.02)


def broker_de(cliente: Cliente, monkeypatch: pytest.MonkeyPatch, *, fuera: bool = False) -> BrokerPulsar:
    """A broker over it."""
    broker = BrokerPulsar("pulsar://nadie", "p/", 1)
    monkeypatch.setattr(broker._clientes, "cliente", lambda: cliente)

    def exigir() -> None:
        if fuera:
            raise BrokerNoDisponible("fuera")

    monkeypatch.setattr(broker._clientes, "exigir", exigir)
    return broker


def publico(tema: str, n: int) -> Envio:
    return Envio(tema, "c", b"%d" % n, {"event_type": "x"})


INTERNO = Envio("comandos", "c", b"{}")


def test_un_tema_que_se_niega_a_abrirse_espera_solo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its messages are refused for now, with the library's word; the rest is stored."""
    cliente = Cliente(negados={"a": pulsar.AuthorizationError("x")})
    broker = broker_de(cliente, monkeypatch)
    suyos = [publico("a", 1), publico("a", 2)]
    broker.enviar([*suyos, publico("b", 3), INTERNO])
    [rechazo] = broker.asegurar()
    assert (rechazo.tema, rechazo.causa, rechazo.definitivo) == ("a", "AuthorizationError", False)
    assert list(rechazo.envios) == suyos
    assert cliente.productores["b"].enviados == [b"3"]


def test_un_tema_que_calla_se_deja_de_esperar_y_no_recibe_mas(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way stays under way; nothing is added to it until it is answered, whatever it is."""
    cliente = Cliente({"a": lambda _: None})
    broker = broker_de(cliente, monkeypatch)
    broker.enviar([publico("a", 1), INTERNO])
    [rechazo] = broker.asegurar()
    assert (rechazo.tema, rechazo.causa, rechazo.definitivo) == ("a", "no contesta", False)
    broker.enviar([publico("a", 2), INTERNO])
    assert [r.tema for r in broker.asegurar()] == ["a"]
    viejo = cliente.productores["a"]
    assert viejo.enviados == [b"1"]
    viejo.callados[0](pulsar.Result.Timeout, None)
    cliente.contestar = {}
    broker.enviar([publico("a", 2)])
    assert broker.asegurar() == []
    assert viejo.cerrado
    assert cliente.productores["a"].enviados == [b"2"]


def test_el_que_es_muy_grande_se_encuentra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among many of its topic, wherever it is: it alone is refused, and the order of the rest stays."""
    for malos in ({b"0"}, {b"3"}, {b"6"}, {b"2", b"3"}):
        cliente = Cliente({"a": lambda c, malos=malos: GRANDE if c in malos else Ok})
        broker = broker_de(cliente, monkeypatch)
        broker.enviar([publico("a", n) for n in range(7)])
        rechazos = broker.asegurar()
        assert {bytes(e.cuerpo) for r in rechazos for e in r.envios} == malos
        assert all(r.definitivo for r in rechazos)


def test_un_tema_cerrado_rechaza_todo_lo_suyo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it says so when it is opened or when it is sent to."""
    terminado = pulsar.Result.TopicTerminated
    for cliente in (
        Cliente({"a": lambda _: terminado}),
        Cliente(negados={"a": pulsar.TopicTerminated("x")}),
    ):
        broker = broker_de(cliente, monkeypatch)
        broker.enviar([publico("a", 1), publico("a", 2), INTERNO])
        [rechazo] = broker.asegurar()
        assert (rechazo.causa, rechazo.definitivo, len(rechazo.envios)) == ("TopicTerminated", True, 2)


def test_si_nadie_contesta_no_es_de_ningun_tema(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is away has refused nothing: nothing is known to be stored."""
    broker = broker_de(Cliente({"a": lambda _: pulsar.Result.Timeout}), monkeypatch, fuera=True)
    broker.enviar([publico("a", 1)])
    with pytest.raises(BrokerNoDisponible):
        broker.asegurar()
    assert broker.asegurar() == []
