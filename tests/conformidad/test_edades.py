"""Ages are judged by the database's clock, over both databases: a copy whose own is wrong buries nobody."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.infraestructura.operacion.particiones import frontera
from tests.conformidad.banco import Banco


class Desviado:
    """The clock of a copy."""

    def __init__(self, banco: Banco, desvio: timedelta) -> None:
        self._banco = banco
        self._desvio = desvio

    def ahora(self) -> datetime:
        return self._banco.reloj.ahora() + self._desvio


def _de(momento: datetime) -> UUID:
    return UUID(int=frontera(momento).int | 7 << 76 | 2 << 62 | uuid4().int & 0xFFFF)


@pytest.mark.parametrize("dias", [-30, 0, 30])
def test_el_reloj_de_la_copia_no_entierra_a_nadie(banco: Banco, dias: int) -> None:
    """Fresh ones are done and those older than the inbox are dead, whatever this copy's clock shows."""
    reloj = Desviado(banco, timedelta(days=dias))
    retraso = Retraso(reloj)
    viejo = msgspec.structs.replace(banco.sobre(uuid4()), id=_de(banco.reloj.ahora() - timedelta(days=9)))
    banco.recibir(banco.sobre(uuid4()), viejo, banco.sobre(uuid4()))
    assert Consumidor(banco.ejecutor, lambda: banco.cinta, reloj, retraso=retraso).una_ronda() == 3
    assert banco.valor("SELECT count(*) FROM eventos") == 2
    assert banco.valor("SELECT CAST(id AS text) FROM muertos") == str(viejo.id)
    assert retraso.peor() < 60


def test_lo_que_viene_del_futuro_se_hace_una_vez(banco: Banco) -> None:
    """A message that a copy with a wrong clock dated ahead is done, and dropped when it comes again."""
    futuro = msgspec.structs.replace(banco.sobre(uuid4()), id=_de(banco.reloj.ahora() + timedelta(days=400)))
    banco.recibir(futuro)
    banco.recibir(futuro, banco.sobre(uuid4()))
    consumidor = banco.consumidor()
    assert consumidor.una_ronda() + consumidor.una_ronda() == 3
    assert banco.valor("SELECT count(*) FROM eventos") == 2
    assert banco.valor("SELECT count(*) FROM muertos") == 0
