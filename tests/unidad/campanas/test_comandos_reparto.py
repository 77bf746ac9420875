"""A successful payment on the campaigns of its affiliate: once per event and campaign."""

from decimal import Decimal
from uuid import UUID, uuid4

import msgspec
import pytest

from aeropartners.contratos.campanas import TEMA_PAGOS_EXITOSOS, AplicarPago, CambiarEstadoCampana
from aeropartners.modulos.campanas.dominio.metricas import Metricas
from aeropartners.modulos.campanas.modulo import MODULO
from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable
from tests.dobles.unidad_de_trabajo import ID, SAGA
from tests.unidad.campanas.mundo import Mundo, crear, pago_exitoso

OTRA = UUID("33333333-3333-3333-3333-333333333333")


def activar(mundo: Mundo, *ids: UUID, id_afiliado: str = "a1") -> None:
    for id in ids:
        mundo.http(crear(id, id_afiliado))
        mundo.http(CambiarEstadoCampana(id, "activar"))


def repartir(mundo: Mundo, cuerpo: bytes) -> list[Sobre]:
    mundo.publico(cuerpo)
    return mundo.ordenes()


@pytest.fixture
def mundo() -> Mundo:
    mundo = Mundo()
    activar(mundo, ID, OTRA)
    return mundo


def test_orden_por_campana(mundo: Mundo) -> None:
    """Each running campaign of the affiliate gets one order, keyed by its own id; others get none."""
    activar(mundo, uuid4(), id_afiliado="a2")
    mundo.http(crear(uuid4()))
    ordenes = repartir(mundo, pago_exitoso())
    assert [(o.tipo, o.clave) for o in ordenes] == [("AplicarPago", str(ID)), ("AplicarPago", str(OTRA))]
    assert {o.causa_id for o in ordenes} == {id_ajeno(SAGA)}
    assert {o.responder_a for o in ordenes} == {None}
    pedidos = [msgspec.json.decode(o.cuerpo, type=AplicarPago) for o in ordenes]
    assert pedidos == [AplicarPago(ID, Decimal("200.50")), AplicarPago(OTRA, Decimal("200.50"))]


def test_el_mismo_evento_da_las_mismas_ordenes(mundo: Mundo) -> None:
    """An event that is handed out again gives commands that the inbox knows already."""
    primeras = [o.id for o in repartir(mundo, pago_exitoso())]
    assert len(set(primeras)) == 2
    mundo.salidas.clear()
    assert [o.id for o in repartir(mundo, pago_exitoso())] == primeras


def test_sobre(mundo: Mundo) -> None:
    """The inbox drops repeats by our name for the event's id, and one affiliate's payments stay in order."""
    recibido = Recibido(TEMA_PAGOS_EXITOSOS, pago_exitoso(), {}, None, "1")
    traducido = MODULO.traductores[TEMA_PAGOS_EXITOSOS](recibido, mundo.ahora)
    assert (traducido.id, traducido.clave, traducido.responder_a) == (id_ajeno(SAGA), "a1", None)
    assert traducido.causa_id == SAGA


def test_efecto(mundo: Mundo) -> None:
    """Each order is one conversion and a tenth of the payment as spend, on its own campaign."""
    for orden in repartir(mundo, pago_exitoso()):
        assert mundo.tratar(orden).error is None
    esperado = Metricas(conversiones=1, gasto_actual=Decimal("20.05"))
    assert [mundo.campana(id).metricas for id in (ID, OTRA)] == [esperado, esperado]
    assert [e.tema for e in mundo.publicados()].count("campaigns.evt.metrics_updated") == 2


def test_sin_campanas() -> None:
    """A payment of an affiliate without running campaigns concerns nobody."""
    mundo = Mundo()
    assert mundo.publico(pago_exitoso()).error is None
    assert mundo.salidas == []


def test_pausada_mientras_espera(mundo: Mundo) -> None:
    """A campaign that stopped before its order came does not count the payment."""
    ordenes = repartir(mundo, pago_exitoso())
    mundo.http(CambiarEstadoCampana(ID, "pausar"))
    for orden in ordenes:
        mundo.tratar(orden)
    assert [mundo.campana(id).metricas.conversiones for id in (ID, OTRA)] == [0, 1]


@pytest.mark.parametrize(
    "cuerpo",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"event_id":"x","data":{"id_afiliado":"a1","monto":1}}',
        pago_exitoso(monto="null"),
        pago_exitoso(monto="true"),
        pago_exitoso().replace(b"id_afiliado", b"afiliado"),
    ],
)
def test_indescifrable(mundo: Mundo, cuerpo: bytes) -> None:
    """What is no payment event is said to be none, and changes nothing."""
    with pytest.raises(NoDescifrable):
        mundo.publico(cuerpo)
    assert mundo.ordenes() == []
