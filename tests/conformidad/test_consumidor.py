"""The consumer's loop over both databases: what fails is set aside, what kills is buried, all once."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.bucles.apartados import INTENTOS
from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import UnidadDeTrabajo
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import MENSAJE_MAXIMO
from aeropartners.seedwork.infraestructura.operacion.particiones import frontera
from tests.conformidad.cuentas import MODULO
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.dobles.relojes import RelojTorcido


class Muerte(BaseException):
    """What stands for SIGKILL here: nothing of the process gets to see it."""


def _morir_en(consumidor: Consumidor, veneno: UUID) -> None:
    """Let the process die when it handles this message."""
    manejar = consumidor._manejar

    def manejar_o_morir(parejas: Sequence[tuple[Recibido, Sobre]]) -> Sequence[None]:
        if veneno in [sobre.id for _, sobre in parejas]:
            raise Muerte
        return manejar(parejas)

    consumidor._manejar = manejar_o_morir  # type: ignore[method-assign]


def _de(momento: datetime) -> UUID:
    return UUID(int=frontera(momento).int | 7 << 76 | 2 << 62 | uuid4().int & 0xFFFF)


def test_dos_modulos_con_la_misma_suscripcion_no_se_ven(cuentas: ModuloDeCuentas) -> None:
    """A name that a contract gives twice: equal ids are done by each, and what fails waits for its own."""
    modulo = replace(MODULO, nombre="otras", consumidor="otras/cuentas")
    otro = Ejecutor(Procesador(modulo, cuentas.ids), cuentas.unidad, cuentas.publicador)
    bueno, malo = cuentas.sobre(uuid4()), cuentas.sobre(uuid4(), -1)
    for ejecutor in (cuentas.ejecutor, otro, otro):
        cuentas.recibir(bueno, malo)
        Consumidor(ejecutor, lambda: cuentas.cinta, cuentas.reloj).una_ronda()
    assert cuentas.valor("SELECT saldo FROM cuentas_prueba") == 2
    with cuentas.motor.lectura() as con:
        quienes = con.execute(text("SELECT consumidor FROM reintentos ORDER BY consumidor")).scalars().all()
    assert quienes == ["cuentas", "otras/cuentas"]
    cuentas.vencer("reintentos", "proximo")
    assert [Vigilante(otro).una_ronda() for _ in range(2)] == [1, 0]
    assert cuentas.valor("SELECT intentos FROM reintentos WHERE consumidor = 'cuentas'") == 1


def test_el_mismo_lote_en_dos_hilos_se_hace_una_vez(cuentas: ModuloDeCuentas) -> None:
    """The inbox lets one of two consumers in; the other finds nothing fresh."""
    sobres = [cuentas.sobre(uuid4()) for _ in range(20)]
    barrera = threading.Barrier(2)

    def consumir(_: int) -> None:
        barrera.wait()

        def frescos(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            ids = uow.entradas_frescas("cuentas", [s.id for s in sobres])
            return [s for s in sobres if s.id in ids]

        cuentas.ejecutor.ejecutar(frescos)

    with ThreadPoolExecutor(2) as piscina:
        list(piscina.map(consumir, range(2)))
    assert cuentas.valor("SELECT count(*) FROM eventos") == 20
    assert cuentas.valor("SELECT count(*) FROM entrada") == 20


def test_el_que_falla_sale_del_lote_y_muere_a_la_tercera(cuentas: ModuloDeCuentas) -> None:
    """One message of fifty raises: the others are done, it is tried again, and ends as a dead letter."""
    sobres = [cuentas.sobre(uuid4(), -1 if n == 17 else 1) for n in range(50)]
    cuentas.recibir(*sobres)
    assert cuentas.consumidor().una_ronda() == 50
    assert len(cuentas.cinta.confirmados) == 50
    assert cuentas.valor("SELECT count(*) FROM eventos") == 49
    vigilante = Vigilante(cuentas.ejecutor)
    for intento in range(2, INTENTOS + 1):
        assert cuentas.valor("SELECT intentos FROM reintentos") == intento - 1
        cuentas.vencer("reintentos", "proximo")
        assert vigilante.una_ronda() == 1
    assert cuentas.valor("SELECT count(*) FROM reintentos") == 0
    assert cuentas.valor("SELECT count(*) FROM muertos") == 1
    cuentas.publicador.una_ronda(0)
    assert "dlq-cuentas" in {e.tema for e in cuentas.broker.enviados}


def test_lo_indescifrable_se_aparta(cuentas: ModuloDeCuentas) -> None:
    """Bytes that are no envelope are parked under their broker id, once."""
    basura = Recibido("cuentas", b"\xff\x00", {}, None, "1:2:3")
    cuentas.cinta.lotes += [[basura], [basura]]
    consumidor = cuentas.consumidor()
    assert (consumidor.una_ronda(), consumidor.una_ronda()) == (1, 1)
    assert cuentas.valor("SELECT count(*) FROM muertos") == 1


def test_un_mensaje_mas_viejo_que_la_bandeja_no_se_trata(cuentas: ModuloDeCuentas) -> None:
    """A message older than what the inbox remembers could be a repeat: it is parked, never handled."""
    viejo = frontera(cuentas.reloj.ahora() - timedelta(days=9))
    viejo = UUID(int=viejo.int | 7 << 76 | 2 << 62)
    cuentas.recibir(msgspec.structs.replace(cuentas.sobre(uuid4()), id=viejo))
    assert cuentas.consumidor().una_ronda() == 1
    assert cuentas.valor("SELECT count(*) FROM eventos") == 0
    assert cuentas.valor("SELECT count(*) FROM muertos") == 1


def test_tras_una_muerte_se_empieza_con_cuidado(cuentas: ModuloDeCuentas) -> None:
    """After an unclean stop each message is counted first; one that was there too often is buried."""
    cuentas.consumidor().empezar()  # and it never ends
    sobre, otro = cuentas.sobre(uuid4()), cuentas.sobre(uuid4())
    with cuentas.motor.escritura() as con:
        con.execute(
            text("INSERT INTO intentos (consumidor, id, intentos) VALUES ('cuentas', :id, :n)"),
            {"id": str(sobre.id), "n": INTENTOS + 1},
        )
        con.commit()
    cuentas.recibir(sobre, otro, otro)
    consumidor = cuentas.consumidor()
    consumidor.empezar()
    assert consumidor.una_ronda() == 3
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1
    assert cuentas.valor("SELECT count(*) FROM muertos") == 1
    consumidor.terminar()
    assert cuentas.valor("SELECT limpio FROM turnos") in (True, 1)


def test_quien_estaba_al_lado_no_se_entierra(cuentas: ModuloDeCuentas) -> None:
    """Of a batch that is in hand at every death only the one that kills is buried; the others are done."""
    antes, veneno, despues = (cuentas.sobre(uuid4()) for _ in range(3))
    for _ in range(INTENTOS + 1):
        consumidor = cuentas.consumidor()
        consumidor.empezar()
        _morir_en(consumidor, veneno.id)
        cuentas.recibir(antes, veneno, despues)
        with pytest.raises(Muerte):
            consumidor.una_ronda()
    consumidor = cuentas.consumidor()
    consumidor.empezar()
    _morir_en(consumidor, veneno.id)
    cuentas.recibir(antes, veneno, despues)
    assert consumidor.una_ronda() == 3
    assert cuentas.valor("SELECT CAST(id AS text) FROM muertos") == str(veneno.id)
    assert cuentas.valor("SELECT count(*) FROM eventos") == 2


def test_un_bucle_rehecho_no_acusa_a_nadie(cuentas: ModuloDeCuentas) -> None:
    """A loop that an outage ended, in a process that lives on, leaves no suspicion behind."""
    sobre = cuentas.sobre(uuid4())
    for vez in range(INTENTOS + 2):
        consumidor = cuentas.consumidor()
        consumidor.empezar(tras_otro_proceso=vez == 0)
        _morir_en(consumidor, sobre.id)
        cuentas.recibir(sobre)
        with pytest.raises(Muerte):
            consumidor.una_ronda()
    assert cuentas.valor("SELECT count(*) FROM intentos") == 0
    consumidor = cuentas.consumidor()
    consumidor.empezar(tras_otro_proceso=False)
    cuentas.recibir(sobre)
    consumidor.una_ronda()
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1


@pytest.mark.parametrize("cuerpo", [b"[" * 100_000, b'{"a":' * 100_000])
def test_lo_que_no_tiene_fondo_se_entierra(cuentas: ModuloDeCuentas, cuerpo: bytes) -> None:
    """Endless nesting is undecodable like any other bytes, and the loop goes on."""
    cuentas.cinta.lotes.append([Recibido("cuentas", cuerpo, {}, None, "1:1")])
    assert cuentas.consumidor().una_ronda() == 1
    assert cuentas.valor("SELECT count(*) FROM muertos") == 1


def test_un_muerto_enorme_se_cuenta_en_parte(cuentas: ModuloDeCuentas) -> None:
    """The dead letter of a huge message fits into a message; the table keeps all of it."""
    cuerpo = b"\x01" * MENSAJE_MAXIMO
    cuentas.cinta.lotes.append([Recibido("cuentas", cuerpo, {}, None, "1:2")])
    assert cuentas.consumidor().una_ronda() == 1
    assert cuentas.valor("SELECT length(cuerpo) FROM muertos") == MENSAJE_MAXIMO


@pytest.mark.parametrize("dias", [-30, 0, 30])
def test_el_reloj_de_la_copia_no_entierra_a_nadie(cuentas: ModuloDeCuentas, dias: int) -> None:
    """Fresh ones are done and those older than the inbox are dead, whatever this copy's clock shows."""
    reloj = RelojTorcido(timedelta(days=dias))
    retraso = Retraso(reloj)
    viejo = msgspec.structs.replace(cuentas.sobre(uuid4()), id=_de(cuentas.reloj.ahora() - timedelta(days=9)))
    cuentas.recibir(cuentas.sobre(uuid4()), viejo, cuentas.sobre(uuid4()))
    assert Consumidor(cuentas.ejecutor, lambda: cuentas.cinta, reloj, retraso=retraso).una_ronda() == 3
    assert cuentas.valor("SELECT count(*) FROM eventos") == 2
    assert cuentas.valor("SELECT CAST(id AS text) FROM muertos") == str(viejo.id)
    assert retraso.peor() < 60


def test_lo_que_viene_del_futuro_se_hace_una_vez(cuentas: ModuloDeCuentas) -> None:
    """A message that a copy with a wrong clock dated ahead is done, and dropped when it comes again."""
    futuro = msgspec.structs.replace(
        cuentas.sobre(uuid4()), id=_de(cuentas.reloj.ahora() + timedelta(days=400))
    )
    cuentas.recibir(futuro)
    cuentas.recibir(futuro, cuentas.sobre(uuid4()))
    consumidor = cuentas.consumidor()
    assert consumidor.una_ronda() + consumidor.una_ronda() == 3
    assert cuentas.valor("SELECT count(*) FROM eventos") == 2
    assert cuentas.valor("SELECT count(*) FROM muertos") == 0
