"""Ages are judged by the database's clock, over both databases: a copy whose own is wrong buries nobody."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.infraestructura.operacion.particiones import frontera
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.dobles.relojes import RelojTorcido


def _de(momento: datetime) -> UUID:
    return UUID(int=frontera(momento).int | 7 << 76 | 2 << 62 | uuid4().int & 0xFFFF)


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
