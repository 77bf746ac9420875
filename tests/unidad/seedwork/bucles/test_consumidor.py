"""The consumer's loop: it confirms after the commit, and tells how late it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor, soltando
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida
from aeropartners.seedwork.aplicacion.retraso import Retraso, Situacion
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda
from tests.dobles.anotador import Anotador
from tests.dobles.relojes import Reloj


def test_se_confirma_despues_del_commit() -> None:
    """A process that dies in between gets the message again."""
    anotador: Any = Anotador()
    assert Consumidor(anotador, lambda: anotador, RelojReal()).una_ronda() == 1
    assert anotador.hechos == ["recibir", "commit", "confirmar"]


def test_sin_commit_no_se_confirma() -> None:
    """What was not committed comes again to the next loop."""
    anotador: Any = Anotador("commit", ConexionPerdida("base caída"))
    with pytest.raises(ConexionPerdida):
        Consumidor(anotador, lambda: anotador, RelojReal()).una_ronda()
    assert anotador.hechos == ["recibir", "cerrar"]


def test_el_sucesor_recibe(tmp_path: Path) -> None:
    """What the failed loop had received and not confirmed comes to the next one of the same process."""
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar({"t": ["s"]})
    broker = BrokerEmbebido(tienda)
    broker.enviar([Envio("t", "c", msgspec.Raw(b"{}"))])
    broker.asegurar()
    primera = broker.suscribir(["t"], "s")
    assert len(primera.recibir(10, 0)) == 1
    with pytest.raises(ZeroDivisionError), soltando(primera):
        1 / 0  # noqa: B018
    assert len(broker.suscribir(["t"], "s").recibir(10, 0)) == 1
    tienda.cerrar()


def test_dice_lo_tarde_que_va() -> None:
    """The loop tells what it receives before it handles it, and each idle round."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    vistos: list[float] = []

    class Cinta(Anotador):
        def recibir(self, _maximo: int, _espera: float) -> list[Recibido]:
            if self.hechos:
                return []
            sobre = Sobre(id=self.lote, tipo="T", clave="c", fecha=reloj.hace(7)[0])
            return [Recibido("t", codificar(sobre), {}, None, "1")]

        def ejecutar(self, *_partes: object) -> None:
            vistos.append(retraso.peor())
            super().ejecutar()

    reloj.momento = datetime.now(UTC)  # the id of the message is of today
    cinta = Cinta()
    bucle = Consumidor(cinta, lambda: cinta, reloj, retraso=retraso)  # type: ignore[arg-type]
    assert bucle.una_ronda() == 1
    assert vistos == [7]
    cinta.limpiar = lambda: None  # type: ignore[attr-defined]
    assert bucle.una_ronda() == 0
    retraso.peor()
    assert retraso.peor() == 0


def test_un_bucle_que_cae_no_lee() -> None:
    """It says so as it falls: its successor may not come for a while."""
    reloj = Reloj()
    retraso = Retraso(reloj)

    class Cinta(Anotador):
        def recibir(self, _maximo: int, _espera: float) -> list[Recibido]:
            if self.hechos:
                raise ConexionPerdida("base caída")
            self.hechos.append("recibir")
            reloj.pasar(1)
            return []

    cinta = Cinta()
    bucle = Consumidor(cinta, lambda: cinta, reloj, retraso=retraso)  # type: ignore[arg-type]
    bucle.una_ronda()
    assert retraso.lectura()[0] is Situacion.PONIENDOSE_AL_DIA
    with pytest.raises(ConexionPerdida):
        bucle.una_ronda()
    assert retraso.lectura()[0] is Situacion.SIN_CONEXION
