"""What the store and its tables promise, over both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    ClaveIdempotencia,
    ConflictoPersistente,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.serializacion import MENSAJE_MAXIMO, MensajeDemasiadoGrande
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import claves_idempotencia
from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas


def test_la_version_esperada_ordena_a_ocho_hilos(cuentas: ModuloDeCuentas) -> None:
    """Eight threads on one stream: every event is there, no version twice, and the row agrees."""
    cuenta = uuid4()
    with ThreadPoolExecutor(8) as piscina:
        list(piscina.map(lambda _: cuentas.depositar(cuentas.sobre(cuenta)), range(40)))
    assert cuentas.valor("SELECT count(*) FROM eventos") == 40
    assert cuentas.valor("SELECT saldo FROM cuentas_prueba") == 40


def test_la_fila_tambien_guarda_su_version(cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is not at the version that was loaded is never written over, whatever the events say."""
    cuenta = uuid4()
    cuentas.depositar(cuentas.sobre(cuenta))
    with cuentas.motor.escritura() as con:
        con.execute(text("UPDATE cuentas_prueba SET version = 7"))
        con.commit()
    monkeypatch.setattr(cuentas.ejecutor, "_dormir", lambda _segundos: None)
    with pytest.raises(ConflictoPersistente):
        cuentas.depositar(cuentas.sobre(cuenta))
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1
    assert cuentas.valor("SELECT saldo FROM cuentas_prueba") == 1


def test_flujos_en_orden_contrario_no_se_bloquean(cuentas: ModuloDeCuentas) -> None:
    """Two batches that name the same streams in opposite order both end."""
    varias = [uuid4() for _ in range(10)]
    cuentas.depositar(*(cuentas.sobre(c) for c in varias))

    def lote(orden: list[UUID]) -> None:
        for _ in range(10):
            cuentas.depositar(*(cuentas.sobre(c) for c in orden))

    with ThreadPoolExecutor(2) as piscina:
        list(piscina.map(lote, [varias, varias[::-1]]))
    assert cuentas.valor("SELECT sum(saldo) FROM cuentas_prueba") == 10 + 200


def test_un_valor_unico_tiene_un_dueno(cuentas: ModuloDeCuentas) -> None:
    """Eight streams claim one value at once: one has it, the others are refused."""
    with ThreadPoolExecutor(8) as piscina:
        sobres = [cuentas.sobre(uuid4(), apodo="pepe") for _ in range(8)]
        resultados = list(piscina.map(cuentas.depositar, sobres))
    errores = [r.decisiones[0].error for r in resultados]
    assert sum(e is None for e in errores) == 1
    assert {e.codigo for e in errores if e} == {"DUPLICADO"}
    assert cuentas.valor("SELECT count(*) FROM unicos") == 1


def test_una_negativa_no_cambia_nada(cuentas: ModuloDeCuentas) -> None:
    """A refused command of a batch leaves no trace, and the others are done."""
    resultado = cuentas.depositar(cuentas.sobre(uuid4(), 0), cuentas.sobre(uuid4(), 5))
    assert [d.error.codigo if d.error else None for d in resultado.decisiones] == ["NADA", None]
    assert cuentas.valor("SELECT count(*) FROM eventos") == 1


def test_un_flujo_de_otra_clase_no_es_de_nadie(cuentas: ModuloDeCuentas) -> None:
    """A command that names another module's stream is refused as unknown; the rest of its batch is done."""
    ajeno, propia = uuid4(), uuid4()
    cuentas.depositar(cuentas.sobre(ajeno), cuentas.sobre(propia))
    with cuentas.motor.escritura() as con:
        con.execute(text("UPDATE eventos SET tipo_flujo = 'otra' WHERE flujo = :id"), {"id": str(ajeno)})
        con.commit()
    resultado = cuentas.depositar(cuentas.sobre(ajeno), cuentas.sobre(propia))
    assert [d.error.codigo if d.error else None for d in resultado.decisiones] == ["NO_ENCONTRADO", None]
    assert cuentas.valor("SELECT count(*) FROM eventos") == 3


def test_el_mantenimiento_quita_lo_vencido(cuentas: ModuloDeCuentas) -> None:
    """Keys of yesterday and old inbox rows go; what is young stays, and a second run changes nothing."""
    ahora = cuentas.reloj.ahora()
    with cuentas.motor.escritura() as con:
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
        Mantenimiento(cuentas.motor, cuentas.reloj).una_ronda()
        assert cuentas.valor("SELECT clave FROM claves_idempotencia") == "1"


def test_una_clave_de_idempotencia_es_de_su_cliente(cuentas: ModuloDeCuentas) -> None:
    """Each caller's own counts before what nobody owns, which is everybody's, under either prefix."""
    comunes = {"servicio": "s", "clave": "k", "estado": 200, "cuerpo": {}, "creado": cuentas.reloj.ahora()}
    filas = [("POST /a", "", "de nadie"), ("POST /a", "ana", "de ana"), ("POST /api/a", "", "de antes")]
    with cuentas.motor.escritura() as con:
        for ruta, cliente, huella in filas:
            valores = {**comunes, "ruta": ruta, "cliente": cliente, "huella": huella}
            con.execute(claves_idempotencia.insert(), valores)
        con.commit()
    ana, eva, nadie = (ClaveIdempotencia("s", "POST /a", "k", c) for c in ("ana", "eva", ""))
    de_antes = ClaveIdempotencia("s", "POST /b", "k", "eva", venida="POST /api/a")
    ajena = ClaveIdempotencia("s", "POST /b", "k", "ana")
    with cuentas.unidad() as uow:
        halladas = uow.claves({ana, eva, nadie, de_antes, ajena})
    assert {c: g.huella for c, g in halladas.items()} == {
        **{ana: "de ana", eva: "de nadie", nadie: "de nadie"},
        de_antes: "de antes",
    }


def test_lo_que_ningun_broker_toma_no_entra_en_la_salida(cuentas: ModuloDeCuentas) -> None:
    """A burst with a message that is too large fails whoever made it, and nothing of it is kept."""
    envio = Envio("cuentas", "una", msgspec.Raw(b'"' + b"x" * MENSAJE_MAXIMO + b'"'))

    def enviar(_uow: UnidadDeTrabajo, resultado: Resultado) -> None:
        resultado.cambios.envios.append(envio)

    with pytest.raises(MensajeDemasiadoGrande):
        cuentas.ejecutor.ejecutar(lambda _uow: [cuentas.sobre(uuid4())], enviar)
    assert cuentas.valor("SELECT count(*) FROM eventos") == 0
    assert cuentas.valor("SELECT count(*) FROM salida") == 0


def test_las_vistas_del_contrato_se_pueden_leer(motor: Motor) -> None:
    """Every relation that the contract names is there (001, section 8)."""
    relaciones = (
        "saga_log", "saga_pasos", "saga_compensaciones", "saga_events", "pagos", "campanas", "outbox",
        "outbox_campanas", "event_inbox_campanas", "reportes", "configuracion_servicio_datos",
    )  # fmt: skip
    with motor.lectura() as con:
        for relacion in relaciones:
            assert con.execute(text(f"SELECT * FROM {relacion}")).all() == []


def test_la_bandeja_sabe_con_que_id_llego(cuentas: ModuloDeCuentas) -> None:
    """What came by a public topic lies under our name for it, and the contract's view tells its own."""
    propio, ajeno = id_ajeno(uuid4()), uuid4()
    cuentas.depositar(cuentas.sobre(uuid4()))

    def entrar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        ids, consumidor = [propio, cuentas.ids.nuevo()], "campaigns-failover"
        assert uow.entradas_frescas(consumidor, ids, {propio: ajeno}) == set(ids)
        assert uow.entradas_frescas(consumidor, ids, {propio: ajeno}) == set()
        return ()

    cuentas.ejecutor.ejecutar(entrar)
    with cuentas.motor.escritura() as con:
        con.execute(text("UPDATE eventos SET id = :id"), {"id": str(ajeno)})
        con.commit()
    with cuentas.motor.lectura() as con:
        vista = "SELECT event_id, event_type, processed_at FROM event_inbox_campanas"
        [fila] = con.execute(text(vista)).all()
    assert (str(fila.event_id), fila.event_type) == (str(ajeno), "Depositado")
    assert fila.processed_at
