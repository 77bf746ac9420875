"""Setting a message aside is total, over both databases: every poison passes in one round, and is told."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from aeropartners.contratos.saga import TEMA_INICIAR
from aeropartners.seedwork.aplicacion.bucles.apartados import INTENTOS
from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Recibido
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.aplicacion.textos_de_error import TEXTO_MAXIMO
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from tests.conformidad.cuentas import DEFECTOS, PUBLICO, TEMA
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.conformidad.test_operador import TIPO, Mesa
from tests.datos import cuerpo_de_saga
from tests.dobles.broker import Cinta


class Muda(Exception):
    """It cannot say what it is about."""

    def __str__(self) -> str:
        raise ZeroDivisionError


MALOS = {
    -2: RuntimeError("a\x00b"),
    -3: ValueError("\ud800"),
    -4: RuntimeError("x" * 3_000_000),
    -5: Muda(),
    -6: RuntimeError("\x1b[2J\r\n{$1} %s \\N \\."),
}
ILEGIBLES = [
    rb'{"command":"saludar\u0000"}',
    rb'{"command":"saludar\ud800"}',
    b'{"command":"saludar\x00"}',
    rb'{"\u0000":{"\u0000":["\u0000"]}}',
    b"\xff\x00",
    b"",
    b"[" * 100_000,
    rb'{"id":"no es uno","tipo":"\u001b[2J"}',
]


@pytest.fixture
def defectos() -> Iterator[None]:
    """Handlers fail in every way that a text can be bad."""
    DEFECTOS.update(MALOS)
    yield
    DEFECTOS.clear()


def _venenos(cuentas: ModuloDeCuentas) -> list[Recibido]:
    """Everything that is wrong with a message, its topic, its properties or its failure."""
    manejados = [cuentas.sobre(uuid4(), importe) for importe in MALOS]
    desconocidos = [
        msgspec.structs.replace(cuentas.sobre(uuid4()), tipo=tipo)
        for tipo in ("Nada", "x" * 3_000_000, "\x1b[2J")
    ]
    sin_zona = codificar(cuentas.sobre(uuid4(), -2)).replace(b'Z"', b'"')
    assert b'Z"' not in sin_zona
    propios = [*(codificar(s) for s in (*manejados, *desconocidos)), *ILEGIBLES, sin_zona]
    rotos = [b'{"event_id":"x"}', b"[]", b"\xff"]
    return [
        *(Recibido(TEMA, cuerpo, {"\x00": "\x00"}, None, f"{n}\x00") for n, cuerpo in enumerate(propios)),
        *(Recibido(PUBLICO, cuerpo, {}, None, f"p{n}") for n, cuerpo in enumerate((*ILEGIBLES, *rotos))),
        Recibido("otro\x00" * 100, b"nada", {}, None, "1"),
    ]


def test_un_consumidor_pasa_todos_los_venenos_en_una_ronda(cuentas: ModuloDeCuentas, defectos: None) -> None:
    """Each is set aside, the sound one among them is done, all are confirmed, and so they die in the end."""
    venenos, sano = _venenos(cuentas), cuentas.sobre(uuid4())
    lote = [*venenos, Recibido(TEMA, codificar(sano), {}, None, "sano")]
    cuentas.cinta.lotes.append(lote)
    assert cuentas.consumidor().una_ronda() == len(lote)
    assert len(cuentas.cinta.confirmados) == len(lote)
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1
    en_espera = cuentas.valor("SELECT count(*) FROM reintentos")
    assert en_espera == len(MALOS) + 4  # and the three unknown ones, and the one whose time has no zone
    vigilante = Vigilante(cuentas.ejecutor)
    for _ in range(INTENTOS - 1):
        cuentas.vencer("reintentos", "proximo")
        assert [vigilante.una_ronda() for _ in range(en_espera)] == [1] * en_espera
    assert cuentas.valor("SELECT count(*) FROM reintentos") == 0
    assert cuentas.valor("SELECT count(*) FROM muertos") == len(venenos)
    with cuentas.motor.lectura() as con:
        errores = [error for (error,) in con.execute(text("SELECT error FROM muertos"))]
    assert all(0 < len(error) <= TEXTO_MAXIMO and "\x00" not in error for error in errores)


def test_su_carta_se_publica(cuentas: ModuloDeCuentas, defectos: None) -> None:
    """The dead letter of each poison is a message that any reader decodes, without U+0000 in it."""
    venenos = [v for v in _venenos(cuentas) if v.cuerpo in ILEGIBLES]
    cuentas.cinta.lotes.append(venenos)
    cuentas.consumidor().una_ronda()
    while cuentas.publicador.una_ronda(0):
        """All bursts."""
    cartas: list[Any] = [msgspec.json.decode(e.cuerpo) for e in cuentas.broker.enviados]
    assert len(cartas) == len(venenos)
    assert not any("\x00" in carta["payload"] + carta["error"] + carta["topic"] for carta in cartas)


def test_un_nulo_muere_en_el_acto(cuentas: ModuloDeCuentas) -> None:
    """On a topic U+0000 anywhere in a body is a dead letter at once, also inside a sound envelope."""
    cuentas.recibir(cuentas.sobre(uuid4(), apodo="a\x00b"))
    with capture_logs() as lineas:
        cuentas.consumidor().una_ronda()
    assert cuentas.valor("SELECT count(*) FROM reintentos") == 0
    assert (
        cuentas.valor("SELECT error FROM muertos") == "El cuerpo lleva el carácter U+0000, que no se admite"
    )
    assert [linea["event"] for linea in lineas] == ["mensaje_indescifrable"]


def test_lo_que_se_registra_es_apto(cuentas: ModuloDeCuentas, defectos: None) -> None:
    """Log lines carry the same clean and bounded texts: any writer of them takes them."""
    cuentas.cinta.lotes.append(_venenos(cuentas))
    with capture_logs() as lineas:
        cuentas.consumidor().una_ronda()
    assert len(lineas) >= len(MALOS) + 2 * len(ILEGIBLES)
    textos = [str(valor) for linea in lineas for valor in linea.values()]
    assert all((len(t) <= TEXTO_MAXIMO and t.isprintable()) or "\n" in t for t in textos)
    codificar(lineas)


def test_lo_publico_que_se_rechaza_no_desaparece(cuentas: ModuloDeCuentas) -> None:
    """A foreign message that a rule refuses is a dead letter and a log line; of our own only the line."""
    publico = codificar({"event_id": uuid4(), "id": uuid4(), "importe": 0})
    cuentas.cinta.lotes.append([Recibido(PUBLICO, publico, {}, None, "1")])
    cuentas.recibir(cuentas.sobre(uuid4(), 0))
    consumidor = cuentas.consumidor()
    with capture_logs() as lineas:
        assert consumidor.una_ronda() + consumidor.una_ronda() == 2
    assert cuentas.valor("SELECT count(*) FROM muertos") == 1
    assert cuentas.valor("SELECT error FROM muertos") == "NADA: nada que depositar"
    assert cuentas.valor("SELECT tema FROM muertos") == PUBLICO
    sucesos = [linea["event"] for linea in lineas]
    assert (sucesos.count("mensaje_muerto"), sucesos.count("mensaje_rechazado")) == (1, 2)


def test_lo_que_se_rechaza_otra_vez_tampoco(cuentas: ModuloDeCuentas) -> None:
    """An operator sends a refused foreign message back, and it is refused again: dead again."""
    publico = codificar({"event_id": uuid4(), "id": uuid4(), "importe": 0})
    cuentas.cinta.lotes.append([Recibido(PUBLICO, publico, {}, None, "1")])
    cuentas.consumidor().una_ronda()
    muertos = Muertos(cuentas.motor, cuentas.reloj, cuentas.ids, {"cuentas": (PUBLICO,)})
    id = UUID(cuentas.valor("SELECT CAST(id AS text) FROM muertos"))
    for _ in range(2):
        muertos.ordenar("reencolar", id, None, "maría", "otra vez")
        assert Vigilante(cuentas.ejecutor).una_ronda() == 1
        assert cuentas.valor("SELECT error FROM muertos") == "NADA: nada que depositar"
    assert cuentas.valor("SELECT count(*) FROM reintentos") == 0


@pytest.mark.parametrize("tipo", ["NADIE_LO_CONOCE", "PARTNER_CREATION"])
def test_un_inicio_de_otro_tipo_no_desaparece(motor: Motor, tipo: str) -> None:
    """A start that its topic does not start is a dead letter and a log line; a right one starts."""
    mesa, cinta = Mesa(motor), Cinta()
    inicio = {"saga_id": mesa.ids.nuevo(), "datos_iniciales": cuerpo_de_saga()}
    cuerpos = [codificar({"event_id": uuid4(), **inicio, "tipo": t}) for t in (tipo, TIPO)]
    cinta.lotes.append([Recibido(TEMA_INICIAR, c, {}, None, str(n)) for n, c in enumerate(cuerpos)])
    with capture_logs() as lineas:
        assert Consumidor(mesa.ejecutor, lambda: cinta, mesa.reloj).una_ronda() == 2
    assert mesa.valor("SELECT count(*) FROM sagas") == 1
    assert tipo in mesa.valor("SELECT error FROM muertos")
    assert "mensaje_indescifrable" in [linea["event"] for linea in lineas]
