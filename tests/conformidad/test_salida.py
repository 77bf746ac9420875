"""The outbox over both databases: each topic fails alone, waits in order, and lets all others go."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.relevo import MAXIMO, QUIETA_S, Relevo
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.salida import SIN_SALIDA
from aeropartners.seedwork.aplicacion.serializacion import (
    codificar,
    codificar_rafaga,
)
from aeropartners.seedwork.aplicacion.temas_en_espera import REINTENTO_MAXIMO_S
from aeropartners.seedwork.infraestructura.almacen.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.base.tablas import salida
from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import REENCOLAR, Filtro
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.dobles.broker import BrokerEnMemoria
from tests.dobles.relojes import Cronometro

A, B = "tema-a", "tema-b"


class Correo:
    """An outbox with its publisher and its relay, over a broker that does what the test says."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        self.broker, self.cronometro = BrokerEnMemoria(), Cronometro(1_000)
        self.salida = SalidaSQL(motor, self.reloj)
        self.publicador = Publicador(self.broker)
        self.relevo = self.otro_relevo(self.publicador)

    def otro_relevo(self, publicador: Publicador) -> Relevo:
        """The relay of another process, or of this one after a death."""
        return Relevo(self.salida, self.broker, publicador, self.cronometro)

    def guardar(self, *envios: Envio, edad_s: float = 0.0, entregar: bool = True) -> UUID:
        """Commit a burst, and hand it to the publisher."""
        lote = self.ids.nuevo()
        creado = self.reloj.ahora() - timedelta(seconds=edad_s)
        with self.motor.escritura() as con:
            con.execute(salida.insert().values(lote=lote, creado=creado, cuerpo=codificar_rafaga(envios)))
            con.commit()
        if entregar:
            self.publicador.entregar(lote, envios)
        return lote

    def publicar(self, *envios: Envio, edad_s: float = 0.0) -> UUID:
        """Commit a burst and have the publisher send it."""
        lote = self.guardar(*envios, edad_s=edad_s)
        self.publicador.una_ronda(0)
        return lote

    def envejecer(self) -> None:
        """Let a minute go by for what is in the outbox."""
        with self.motor.escritura() as con:
            con.execute(salida.update().values(creado=self.reloj.ahora() - timedelta(minutes=1)))
            con.commit()

    def reintentar(self) -> None:
        """Let the longest pause go by, and the relay do what is due."""
        self.cronometro.segundos += REINTENTO_MAXIMO_S
        while self.relevo.una_ronda():
            pass

    def quedan(self) -> list[list[int]]:
        """What is in each row of the outbox."""
        return [[_numero(e) for e in r.envios] for r in self.salida.viejas(-60, 10_000)]

    def enviados(self, tema: str) -> list[int]:
        """What the topic was given, without repeats, in the order of the first time."""
        return list(dict.fromkeys(_numero(e) for e in self.broker.enviados if e.tema == tema))

    def valor(self, consulta: str) -> Any:
        with self.motor.lectura() as con:
            return con.execute(text(consulta)).scalar()


def envio(tema: str, n: int, **propiedades: str) -> Envio:
    return Envio(tema, "clave", msgspec.Raw(b'{"n":%d}' % n), propiedades or None)


def _numero(envio: Envio) -> int:
    return int(msgspec.json.decode(envio.cuerpo)["n"])


@pytest.fixture
def correo(motor: Motor) -> Correo:
    return Correo(motor)


class _SinCerrojo:
    """The outbox of a process that does not get the lock."""

    def __init__(self, salida: SalidaSQL) -> None:
        self._salida = salida

    def unico(self) -> Any:
        return nullcontext(False)

    def __getattr__(self, nombre: str) -> Any:
        return getattr(self._salida, nombre)


def _relevo(cuentas: ModuloDeCuentas) -> Relevo:
    return Relevo(SalidaSQL(cuentas.motor, cuentas.reloj), cuentas.broker, cuentas.publicador)


def test_un_tema_que_no_toma_nada_espera_solo(correo: Correo) -> None:
    """What other topics are sent by the same burst leaves at once; the rest of it stays one row."""
    correo.broker.negados[A] = "TopicNotFound"
    correo.publicar(envio(A, 1), envio(B, 2), envio(A, 3))
    correo.publicar(envio(B, 4))
    assert correo.enviados(B) == [2, 4]
    correo.relevo.limpiar()
    assert correo.quedan() == [[1, 3]]


def test_el_relevo_deja_pasar_a_los_demas(correo: Correo) -> None:
    """What a dead publisher left: the relay sends what it can of each row, and says who waits, and why."""
    correo.broker.negados[A] = "TopicNotFound"
    correo.guardar(envio(A, 1), envio(B, 2), edad_s=60, entregar=False)
    correo.guardar(envio(B, 3), edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    assert correo.enviados(B) == [2, 3]
    assert correo.quedan() == [[1]]
    assert [(d.tema, d.causa) for d in correo.salida.detenidos()] == [(A, "TopicNotFound")]


def test_nada_adelanta_a_lo_que_espera(correo: Correo) -> None:
    """Neither what is committed meanwhile nor what comes after the topic is well again, from any process."""
    otro = Publicador(correo.broker)
    su_relevo = correo.otro_relevo(otro)
    correo.broker.negados[A] = "ProducerBlockedQuotaExceededException"
    for n in range(3):
        correo.publicar(envio(A, n), edad_s=60)
    correo.relevo.una_ronda()
    su_relevo.limpiar()
    del correo.broker.negados[A]
    correo.publicar(envio(A, 3))
    otro.entregar(correo.guardar(envio(A, 4), entregar=False), [envio(A, 4)])
    otro.una_ronda(0)
    assert correo.enviados(A) == []
    correo.reintentar()
    assert correo.enviados(A) == [0, 1, 2, 3, 4]
    assert correo.quedan() == []
    assert correo.salida.detenidos() == []


def test_un_tema_que_vuelve_se_publica_otra_vez_al_momento(correo: Correo) -> None:
    """When the relay has sent all that waited, however young, the publisher sends to the topic again."""
    correo.broker.negados[A] = "no existe"
    correo.publicar(envio(A, 1), edad_s=60)
    correo.relevo.una_ronda()
    correo.publicar(envio(A, 2))
    assert set(correo.publicador.detenidos) == {A}
    del correo.broker.negados[A]
    correo.reintentar()
    correo.relevo.limpiar()
    assert correo.publicador.detenidos == {}
    correo.publicar(envio(A, 3))
    assert correo.enviados(A) == [1, 2, 3]


def test_lo_que_espera_no_tapa_al_resto(correo: Correo) -> None:
    """Behind any number of rows that wait one that can leave is found, in one round."""
    correo.broker.negados[A] = "no existe"
    for n in range(3 * MAXIMO):
        correo.guardar(envio(A, n), edad_s=60, entregar=False)
    correo.guardar(envio(B, 1_000), edad_s=60, entregar=False)
    assert correo.relevo.una_ronda() == 1
    assert correo.enviados(B) == [1_000]
    correo.guardar(envio(B, 1_001), edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    assert correo.enviados(B) == [1_000, 1_001]
    del correo.broker.negados[A]
    correo.reintentar()
    assert correo.enviados(A) == list(range(3 * MAXIMO))


def test_un_tema_detenido_se_prueba_con_una_sola_rafaga(correo: Correo) -> None:
    """A topic that takes nothing is asked with growing pauses, by its oldest burst, and not in between."""
    correo.broker.negados[A] = "no existe"
    for n in range(10):
        correo.guardar(envio(A, n), edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    pedidos: list[int] = []
    enviar = correo.broker.enviar

    def contar(lote: Any) -> None:
        lote = list(lote)
        pedidos.append(len(lote))
        enviar(lote)

    correo.broker.enviar = contar  # type: ignore[method-assign]
    correo.relevo.una_ronda()
    assert pedidos == []
    correo.cronometro.segundos += REINTENTO_MAXIMO_S
    correo.relevo.una_ronda()
    correo.relevo.una_ronda()
    assert pedidos == [1]


def test_lo_que_ningun_broker_toma_se_aparta(correo: Correo) -> None:
    """Refused for good: that message alone is a dead letter, and goes out again when it is ordered."""
    sobre = dict(id=str(uuid4()), tipo="T", clave="c", saga_id=str(uuid4()), fecha="2026-01-01T00:00:00Z")
    malo = Envio(A, "c", msgspec.Raw(codificar(sobre | {"n": 1})))
    correo.broker.sin_salida.add(bytes(malo.cuerpo))
    correo.publicar(malo, envio(A, 2), envio(B, 3), edad_s=60)
    assert correo.enviados(B) == [3]
    correo.relevo.una_ronda()
    assert correo.enviados(A) == [2]
    assert correo.quedan() == []
    muertos = Muertos(correo.motor, correo.reloj, correo.ids, {})
    [muerto], total = muertos.pagina(None, 1, 10)
    assert (total, muerto.consumidor, str(muerto.id), muerto.error) == (
        1,
        SIN_SALIDA,
        sobre["id"],
        "muy grande",
    )
    correo.broker.sin_salida.clear()
    assert muertos.ordenar(REENCOLAR, muerto.id, None, "maría", "ya cabe")[1] == A
    correo.envejecer()
    correo.relevo.una_ronda()
    assert correo.enviados(A) == [2, 1]


def test_un_publico_que_ningun_broker_toma_se_aparta_una_vez(correo: Correo) -> None:
    """By its event id; a relay that died after parking it finds it parked."""
    id = uuid4()
    malo = envio(A, 1, event_id=str(id), saga_id=str(uuid4()))
    correo.broker.sin_salida.add(bytes(malo.cuerpo))
    for _ in range(2):
        correo.guardar(malo, edad_s=60, entregar=False)
        correo.relevo.una_ronda()
    assert correo.quedan() == []
    assert correo.valor("SELECT count(*) FROM muertos") == 1
    assert UUID(str(correo.valor("SELECT id FROM muertos"))) == id


def test_un_publico_apartado_sale_como_iba_a_salir(correo: Correo) -> None:
    """With its key and its properties; until then it is found by its saga and shown by its body."""
    saga_id = uuid4()
    malo = envio(A, 1, event_id=str(uuid4()), event_type="Algo", saga_id=str(saga_id))
    correo.broker.sin_salida.add(bytes(malo.cuerpo))
    correo.guardar(malo, edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    muertos = Muertos(correo.motor, correo.reloj, correo.ids, {})
    [prevista], _ = muertos.prever(REENCOLAR, Filtro(saga_id=saga_id, tipo="Algo"), 10)
    assert (prevista.destino, prevista.rechazo) == (A, "")
    assert prevista.muerto
    assert prevista.muerto.cuerpo == bytes(malo.cuerpo)
    muertos.ordenar(REENCOLAR, prevista.id, None, "maría", "ya cabe")
    [rafaga] = correo.salida.viejas(-60, 10)
    assert list(rafaga.envios) == [malo]


def test_una_fila_que_nadie_lee_no_tapa_a_las_demas(correo: Correo) -> None:
    """A row that cannot be decoded becomes a dead letter, whole."""
    lote = correo.ids.nuevo()
    with correo.motor.escritura() as con:
        creado = correo.reloj.ahora() - timedelta(minutes=1)
        con.execute(salida.insert().values(lote=lote, creado=creado, cuerpo=b"\xff\x00nada"))
        con.commit()
    correo.guardar(envio(A, 1), edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    correo.relevo.una_ronda()
    assert correo.enviados(A) == [1]
    assert correo.quedan() == []
    assert UUID(str(correo.valor("SELECT id FROM muertos"))) == lote


def test_dos_quitan_a_la_vez_de_una_fila(correo: Correo) -> None:
    """Publisher and relay take out what each has sent; neither puts back what the other took."""
    lote = correo.guardar(envio(A, 1), envio(B, 2), envio(A, 3), entregar=False)
    correo.salida.quitar({lote: [envio(A, 1)]})
    correo.salida.quitar({lote: [envio(A, 1), envio(B, 2)]})
    assert correo.quedan() == [[3]]
    correo.salida.quitar({lote: [envio(A, 3)]})
    correo.salida.quitar({lote: [envio(A, 3)]})
    assert correo.quedan() == []


def test_un_relevo_nuevo_sabe_quien_espera(correo: Correo) -> None:
    """Another process that takes the lock goes on with the topics that wait, since when they do."""
    correo.broker.negados[A] = "no existe"
    correo.guardar(envio(A, 1), edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    [antes] = correo.salida.detenidos()
    otro = correo.otro_relevo(Publicador(correo.broker))
    otro.una_ronda()
    assert correo.salida.detenidos() == [antes]
    del correo.broker.negados[A]
    correo.cronometro.segundos += REINTENTO_MAXIMO_S
    otro.una_ronda()
    otro.una_ronda()
    assert correo.enviados(A) == [1]
    assert correo.salida.detenidos() == []


def test_sin_cerrojo_no_se_hace_el_trabajo_de_quien_lo_tiene(
    correo: Correo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old rows of a topic that waits are no sign that its holder hangs; a row that stands still is."""
    correo.broker.negados[A] = "no existe"
    correo.guardar(envio(A, 1), edad_s=60, entregar=False)
    correo.relevo.una_ronda()
    sin = correo.otro_relevo(Publicador(correo.broker))
    monkeypatch.setattr(sin, "_salida", _SinCerrojo(correo.salida))
    correo.guardar(envio(B, 2), edad_s=60, entregar=False)
    sin.una_ronda()
    assert correo.enviados(B) == []
    correo.cronometro.segundos += QUIETA_S
    sin.una_ronda()
    assert correo.enviados(B) == [2]
    assert correo.quedan() == [[1]]


def test_sin_broker_nada_se_detiene_ni_se_pierde(correo: Correo) -> None:
    """A broker that is away is no topic's fault: all stays, and all leaves when it is back."""
    correo.broker.caido = True
    correo.publicar(envio(A, 1), edad_s=60)
    assert correo.relevo.una_ronda() == 0
    assert correo.salida.detenidos() == []
    correo.broker.caido = False
    assert correo.relevo.una_ronda() == 1
    assert (correo.enviados(A), correo.quedan()) == ([1], [])


def test_el_tamano_de_la_salida(correo: Correo) -> None:
    """The bytes of all that waits, however large, and none when nothing does."""
    assert correo.salida.tamano() == 0
    grande = Envio(A, "c", msgspec.Raw(b'"' + b"x" * 100_000 + b'"'))
    lote = correo.guardar(grande, entregar=False)
    assert correo.salida.tamano() == correo.valor("SELECT length(cuerpo) FROM salida") > 100_000
    correo.salida.borrar([lote])
    assert correo.salida.tamano() == 0


def test_el_relevo_publica_lo_que_quedo(cuentas: ModuloDeCuentas) -> None:
    """A burst that no publisher sent is published by the relay when it is old, and then deleted."""
    cuentas.depositar(cuentas.sobre(uuid4()))
    relevo = _relevo(cuentas)
    assert relevo.una_ronda() == 0
    cuentas.vencer("salida", "creado")
    assert relevo.una_ronda() == 1
    assert len(cuentas.broker.enviados) == 1
    assert cuentas.valor("SELECT count(*) FROM salida") == 0


def test_el_relevo_borra_lo_publicado(cuentas: ModuloDeCuentas) -> None:
    """What the publisher reports as stored leaves the outbox with the relay's next round, and only that."""
    cuentas.depositar(cuentas.sobre(uuid4()))
    assert cuentas.publicador.una_ronda(0) is True
    cuentas.depositar(cuentas.sobre(uuid4()))
    assert cuentas.valor("SELECT count(*) FROM salida") == 2
    assert _relevo(cuentas).una_ronda() == 0
    assert cuentas.valor("SELECT count(*) FROM salida") == 1
    assert len(cuentas.broker.enviados) == 1
