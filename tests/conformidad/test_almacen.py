"""What the store and the loop promise, over both databases."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.bucles.apartados import INTENTOS
from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.aplicacion.bucles.relevo import Relevo
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    ClaveIdempotencia,
    ConflictoPersistente,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.serializacion import MENSAJE_MAXIMO, MensajeDemasiadoGrande
from aeropartners.seedwork.infraestructura.almacen.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import claves_idempotencia
from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento, frontera
from tests.conformidad.banco import Banco


def test_la_version_esperada_ordena_a_ocho_hilos(banco: Banco) -> None:
    """Eight threads on one stream: every event is there, no version twice, and the row agrees."""
    cuenta = uuid4()
    with ThreadPoolExecutor(8) as piscina:
        list(piscina.map(lambda _: banco.depositar(banco.sobre(cuenta)), range(40)))
    assert banco.valor("SELECT count(*) FROM eventos") == 40
    assert banco.valor("SELECT saldo FROM cuentas_prueba") == 40


def test_la_fila_tambien_guarda_su_version(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is not at the version that was loaded is never written over, whatever the events say."""
    cuenta = uuid4()
    banco.depositar(banco.sobre(cuenta))
    with banco.motor.escritura() as con:
        con.execute(text("UPDATE cuentas_prueba SET version = 7"))
        con.commit()
    monkeypatch.setattr(banco.ejecutor, "_dormir", lambda _segundos: None)
    with pytest.raises(ConflictoPersistente):
        banco.depositar(banco.sobre(cuenta))
    assert banco.valor("SELECT count(*) FROM eventos") == 1
    assert banco.valor("SELECT saldo FROM cuentas_prueba") == 1


def test_el_mismo_lote_en_dos_hilos_se_hace_una_vez(banco: Banco) -> None:
    """The inbox lets one of two consumers in; the other finds nothing fresh."""
    sobres = [banco.sobre(uuid4()) for _ in range(20)]
    barrera = threading.Barrier(2)

    def consumir(_: int) -> None:
        barrera.wait()

        def frescos(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            ids = uow.entradas_frescas("cuentas", [s.id for s in sobres])
            return [s for s in sobres if s.id in ids]

        banco.ejecutor.ejecutar(frescos)

    with ThreadPoolExecutor(2) as piscina:
        list(piscina.map(consumir, range(2)))
    assert banco.valor("SELECT count(*) FROM eventos") == 20
    assert banco.valor("SELECT count(*) FROM entrada") == 20


def test_flujos_en_orden_contrario_no_se_bloquean(banco: Banco) -> None:
    """Two batches that name the same streams in opposite order both end."""
    cuentas = [uuid4() for _ in range(10)]
    banco.depositar(*(banco.sobre(c) for c in cuentas))

    def lote(orden: list[UUID]) -> None:
        for _ in range(10):
            banco.depositar(*(banco.sobre(c) for c in orden))

    with ThreadPoolExecutor(2) as piscina:
        list(piscina.map(lote, [cuentas, cuentas[::-1]]))
    assert banco.valor("SELECT sum(saldo) FROM cuentas_prueba") == 10 + 200


def test_un_valor_unico_tiene_un_dueno(banco: Banco) -> None:
    """Eight streams claim one value at once: one has it, the others are refused."""
    with ThreadPoolExecutor(8) as piscina:
        sobres = [banco.sobre(uuid4(), apodo="pepe") for _ in range(8)]
        resultados = list(piscina.map(banco.depositar, sobres))
    errores = [r.decisiones[0].error for r in resultados]
    assert sum(e is None for e in errores) == 1
    assert {e.codigo for e in errores if e} == {"DUPLICADO"}
    assert banco.valor("SELECT count(*) FROM unicos") == 1


def test_una_negativa_no_cambia_nada(banco: Banco) -> None:
    """A refused command of a batch leaves no trace, and the others are done."""
    resultado = banco.depositar(banco.sobre(uuid4(), 0), banco.sobre(uuid4(), 5))
    assert [d.error.codigo if d.error else None for d in resultado.decisiones] == ["NADA", None]
    assert banco.valor("SELECT count(*) FROM eventos") == 1


def test_un_flujo_de_otra_clase_no_es_de_nadie(banco: Banco) -> None:
    """A command that names another module's stream is refused as unknown; the rest of its batch is done."""
    ajeno, propia = uuid4(), uuid4()
    banco.depositar(banco.sobre(ajeno), banco.sobre(propia))
    with banco.motor.escritura() as con:
        con.execute(text("UPDATE eventos SET tipo_flujo = 'otra' WHERE flujo = :id"), {"id": str(ajeno)})
        con.commit()
    resultado = banco.depositar(banco.sobre(ajeno), banco.sobre(propia))
    assert [d.error.codigo if d.error else None for d in resultado.decisiones] == ["NO_ENCONTRADO", None]
    assert banco.valor("SELECT count(*) FROM eventos") == 3


def test_el_relevo_publica_lo_que_quedo(banco: Banco) -> None:
    """A burst that no publisher sent is published by the relay when it is old, and then deleted."""
    banco.depositar(banco.sobre(uuid4()))
    relevo = _relevo(banco)
    assert relevo.una_ronda() == 0
    banco.vencer("salida", "creado")
    assert relevo.una_ronda() == 1
    assert len(banco.broker.enviados) == 1
    assert banco.valor("SELECT count(*) FROM salida") == 0


def test_el_relevo_borra_lo_publicado(banco: Banco) -> None:
    """What the publisher reports as stored leaves the outbox with the relay's next round, and only that."""
    banco.depositar(banco.sobre(uuid4()))
    assert banco.publicador.una_ronda(0) is True
    banco.depositar(banco.sobre(uuid4()))
    assert banco.valor("SELECT count(*) FROM salida") == 2
    assert _relevo(banco).una_ronda() == 0
    assert banco.valor("SELECT count(*) FROM salida") == 1
    assert len(banco.broker.enviados) == 1


def _relevo(banco: Banco) -> Relevo:
    return Relevo(SalidaSQL(banco.motor, banco.reloj), banco.broker, banco.publicador)


def test_el_que_falla_sale_del_lote_y_muere_a_la_tercera(banco: Banco) -> None:
    """One message of fifty raises: the others are done, it is tried again, and ends as a dead letter."""
    sobres = [banco.sobre(uuid4(), -1 if n == 17 else 1) for n in range(50)]
    banco.recibir(*sobres)
    assert banco.consumidor().una_ronda() == 50
    assert banco.cinta.confirmados == 50
    assert banco.valor("SELECT count(*) FROM eventos") == 49
    vigilante = Vigilante(banco.ejecutor)
    for intento in range(2, INTENTOS + 1):
        assert banco.valor("SELECT intentos FROM reintentos") == intento - 1
        banco.vencer("reintentos", "proximo")
        assert vigilante.una_ronda() == 1
    assert banco.valor("SELECT count(*) FROM reintentos") == 0
    assert banco.valor("SELECT count(*) FROM muertos") == 1
    banco.publicador.una_ronda(0)
    assert "dlq-cuentas" in {e.tema for e in banco.broker.enviados}


def test_lo_indescifrable_se_aparta(banco: Banco) -> None:
    """Bytes that are no envelope are parked under their broker id, once."""
    basura = Recibido("cuentas", b"\xff\x00", {}, None, "1:2:3")
    banco.cinta.lotes += [[basura], [basura]]
    consumidor = banco.consumidor()
    assert (consumidor.una_ronda(), consumidor.una_ronda()) == (1, 1)
    assert banco.valor("SELECT count(*) FROM muertos") == 1


def test_un_mensaje_mas_viejo_que_la_bandeja_no_se_trata(banco: Banco) -> None:
    """A message older than what the inbox remembers could be a repeat: it is parked, never handled."""
    viejo = frontera(banco.reloj.ahora() - timedelta(days=9))
    viejo = UUID(int=viejo.int | 7 << 76 | 2 << 62)
    banco.recibir(msgspec.structs.replace(banco.sobre(uuid4()), id=viejo))
    assert banco.consumidor().una_ronda() == 1
    assert banco.valor("SELECT count(*) FROM eventos") == 0
    assert banco.valor("SELECT count(*) FROM muertos") == 1


def test_el_mantenimiento_quita_lo_vencido(banco: Banco) -> None:
    """Keys of yesterday and old inbox rows go; what is young stays, and a second run changes nothing."""
    ahora = banco.reloj.ahora()
    with banco.motor.escritura() as con:
        for horas in (1, 25):
            con.execute(
                claves_idempotencia.insert(),
                {
                    "servicio": "s",
                    "ruta": "r",
                    "clave": str(horas),
                    "huella": "",
                    "estado": 200,
                    "cuerpo": {},
                    "creado": ahora - timedelta(hours=horas),
                },
            )
        con.commit()
    for _ in range(2):
        Mantenimiento(banco.motor, banco.reloj).una_ronda()
        assert banco.valor("SELECT clave FROM claves_idempotencia") == "1"


def test_una_clave_de_idempotencia_es_de_su_cliente(banco: Banco) -> None:
    """Each caller's own counts before what nobody owns, which is everybody's, under either prefix."""
    comunes = {"servicio": "s", "clave": "k", "estado": 200, "cuerpo": {}, "creado": banco.reloj.ahora()}
    filas = [("POST /a", "", "de nadie"), ("POST /a", "ana", "de ana"), ("POST /api/a", "", "de antes")]
    with banco.motor.escritura() as con:
        for ruta, cliente, huella in filas:
            valores = {**comunes, "ruta": ruta, "cliente": cliente, "huella": huella}
            con.execute(claves_idempotencia.insert(), valores)
        con.commit()
    ana, eva, nadie = (ClaveIdempotencia("s", "POST /a", "k", c) for c in ("ana", "eva", ""))
    de_antes = ClaveIdempotencia("s", "POST /b", "k", "eva", venida="POST /api/a")
    ajena = ClaveIdempotencia("s", "POST /b", "k", "ana")
    with banco.unidad() as uow:
        halladas = uow.claves({ana, eva, nadie, de_antes, ajena})
    assert {c: g.huella for c, g in halladas.items()} == {
        **{ana: "de ana", eva: "de nadie", nadie: "de nadie"},
        de_antes: "de antes",
    }


def test_tras_una_muerte_se_empieza_con_cuidado(banco: Banco) -> None:
    """After an unclean stop each message is counted first; one that was there too often is buried."""
    banco.consumidor().empezar()  # and it never ends
    sobre, otro = banco.sobre(uuid4()), banco.sobre(uuid4())
    with banco.motor.escritura() as con:
        con.execute(
            text("INSERT INTO intentos (consumidor, id, intentos) VALUES ('cuentas', :id, :n)"),
            {"id": str(sobre.id), "n": INTENTOS + 1},
        )
        con.commit()
    banco.recibir(sobre, otro, otro)
    consumidor = banco.consumidor()
    consumidor.empezar()
    assert consumidor.una_ronda() == 3
    assert banco.valor("SELECT count(*) FROM eventos") == 1
    assert banco.valor("SELECT count(*) FROM muertos") == 1
    consumidor.terminar()
    assert banco.valor("SELECT limpio FROM turnos") in (True, 1)


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


def test_quien_estaba_al_lado_no_se_entierra(banco: Banco) -> None:
    """Of a batch that is in hand at every death only the one that kills is buried; the others are done."""
    antes, veneno, despues = (banco.sobre(uuid4()) for _ in range(3))
    for _ in range(INTENTOS + 1):
        consumidor = banco.consumidor()
        consumidor.empezar()
        _morir_en(consumidor, veneno.id)
        banco.recibir(antes, veneno, despues)
        with pytest.raises(Muerte):
            consumidor.una_ronda()
    consumidor = banco.consumidor()
    consumidor.empezar()
    _morir_en(consumidor, veneno.id)
    banco.recibir(antes, veneno, despues)
    assert consumidor.una_ronda() == 3
    assert banco.valor("SELECT CAST(id AS text) FROM muertos") == str(veneno.id)
    assert banco.valor("SELECT count(*) FROM eventos") == 2


def test_un_bucle_rehecho_no_acusa_a_nadie(banco: Banco) -> None:
    """A loop that an outage ended, in a process that lives on, leaves no suspicion behind."""
    sobre = banco.sobre(uuid4())
    for vez in range(INTENTOS + 2):
        consumidor = banco.consumidor()
        consumidor.empezar(tras_otro_proceso=vez == 0)
        _morir_en(consumidor, sobre.id)
        banco.recibir(sobre)
        with pytest.raises(Muerte):
            consumidor.una_ronda()
    assert banco.valor("SELECT count(*) FROM intentos") == 0
    consumidor = banco.consumidor()
    consumidor.empezar(tras_otro_proceso=False)
    banco.recibir(sobre)
    consumidor.una_ronda()
    assert banco.valor("SELECT count(*) FROM eventos") == 1


@pytest.mark.parametrize("cuerpo", [b"[" * 100_000, b'{"a":' * 100_000])
def test_lo_que_no_tiene_fondo_se_entierra(banco: Banco, cuerpo: bytes) -> None:
    """Endless nesting is undecodable like any other bytes, and the loop goes on."""
    banco.cinta.lotes.append([Recibido("cuentas", cuerpo, {}, None, "1:1")])
    assert banco.consumidor().una_ronda() == 1
    assert banco.valor("SELECT count(*) FROM muertos") == 1


def test_lo_que_ningun_broker_toma_no_entra_en_la_salida(banco: Banco) -> None:
    """A burst with a message that is too large fails whoever made it, and nothing of it is kept."""
    envio = Envio("cuentas", "una", msgspec.Raw(b'"' + b"x" * MENSAJE_MAXIMO + b'"'))

    def enviar(_uow: UnidadDeTrabajo, resultado: Resultado) -> None:
        resultado.cambios.envios.append(envio)

    with pytest.raises(MensajeDemasiadoGrande):
        banco.ejecutor.ejecutar(lambda _uow: [banco.sobre(uuid4())], enviar)
    assert banco.valor("SELECT count(*) FROM eventos") == 0
    assert banco.valor("SELECT count(*) FROM salida") == 0


def test_un_muerto_enorme_se_cuenta_en_parte(banco: Banco) -> None:
    """The dead letter of a huge message fits into a message; the table keeps all of it."""
    cuerpo = b"\x01" * MENSAJE_MAXIMO
    banco.cinta.lotes.append([Recibido("cuentas", cuerpo, {}, None, "1:2")])
    assert banco.consumidor().una_ronda() == 1
    assert banco.valor("SELECT length(cuerpo) FROM muertos") == MENSAJE_MAXIMO


def test_las_vistas_del_contrato_se_pueden_leer(motor: Motor) -> None:
    """Every relation that the contract names is there (001, section 8)."""
    relaciones = (
        "saga_log", "saga_pasos", "saga_compensaciones", "saga_events", "pagos", "campanas", "outbox",
        "outbox_campanas", "event_inbox_campanas", "reportes", "configuracion_servicio_datos",
    )  # fmt: skip
    with motor.lectura() as con:
        for relacion in relaciones:
            assert con.execute(text(f"SELECT * FROM {relacion}")).all() == []


def test_la_bandeja_sabe_con_que_id_llego(banco: Banco) -> None:
    """What came by a public topic lies under our name for it, and the contract's view tells its own."""
    propio, ajeno = id_ajeno(uuid4()), uuid4()
    banco.depositar(banco.sobre(uuid4()))

    def entrar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        ids, consumidor = [propio, banco.ids.nuevo()], "campaigns-failover"
        assert uow.entradas_frescas(consumidor, ids, {propio: ajeno}) == set(ids)
        assert uow.entradas_frescas(consumidor, ids, {propio: ajeno}) == set()
        return ()

    banco.ejecutor.ejecutar(entrar)
    with banco.motor.escritura() as con:
        con.execute(text("UPDATE eventos SET id = :id"), {"id": str(ajeno)})
        con.commit()
    with banco.motor.lectura() as con:
        vista = "SELECT event_id, event_type, processed_at FROM event_inbox_campanas"
        [fila] = con.execute(text(vista)).all()
    assert (str(fila.event_id), fila.event_type) == (str(ajeno), "Depositado")
    assert fila.processed_at
