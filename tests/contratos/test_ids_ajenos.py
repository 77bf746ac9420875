"""Whoever writes on a public topic chooses ids: none of them says where a row of ours lies."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
import pytest

from aeropartners.contratos import alianzas, campanas, partners, saga
from aeropartners.modulos.alianzas.aplicacion.propuestas import PorDefecto
from aeropartners.modulos.alianzas.modulo import modulo as modulo_alianzas
from aeropartners.modulos.campanas.modulo import MODULO as MODULO_CAMPANAS
from aeropartners.modulos.pagos.modulo import modulo as modulo_pagos
from aeropartners.modulos.partners.modulo import MODULO as MODULO_PARTNERS
from aeropartners.modulos.reporting.modulo import MODULO as MODULO_REPORTING
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable
from saga_orchestrator.aplicacion.orquestador import Orquestador
from tests.datos import cuerpo_de_saga
from tests.sagas_de_los_sistemas import BORDES, registro

AHORA = datetime(2026, 11, 29, 12, tzinfo=UTC)
ORQUESTADOR = Orquestador(registro(), BORDES).modulo()
MODULOS = (
    ORQUESTADOR, MODULO_CAMPANAS, modulo_pagos(0), MODULO_REPORTING, MODULO_PARTNERS,
    modulo_alianzas(PorDefecto()),
)  # fmt: skip
INICIO = {"tipo": "CREAR_CAMPANA_COMPLETA", "datos_iniciales": cuerpo_de_saga("r")}
PARTNER = {"nombre": "Example", "email": "partner@example.com"}
CUERPOS: dict[str, dict[str, Any]] = {
    saga.TEMA_INICIAR: {**INICIO, "saga_id": str(uuid4())},
    partners.TEMA_CREAR_PARTNER: PARTNER,
    campanas.TEMA_PAGOS_EXITOSOS: {"data": {"id_afiliado": "a", "monto": 1}},
    alianzas.TEMA_COMANDOS: {"command": "create_alliance", "saga_id": str(uuid4())},
    alianzas.TEMA_EVENTOS: {"event_type": "alliance_created", "saga_id": str(uuid4())},
    partners.TEMA_EVENTOS: {"event_type": "partner_created", "partner_id": "p"},
}
TRADUCTORES = {tema: (m, t) for m in MODULOS for tema, t in m.traductores.items()}


def de(momento: datetime) -> UUID:
    return UUID(int=int(momento.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | 5)


def leido(tema: str, **campos: object) -> Sobre:
    cuerpo = msgspec.json.encode({**CUERPOS[tema], **{c: str(v) for c, v in campos.items()}})
    _, traducir = TRADUCTORES[tema]
    return traducir(Recibido(tema, cuerpo, {}, None, "1:1"), AHORA)


def test_se_prueban_todos_los_temas() -> None:
    """A new public topic comes here too."""
    assert set(CUERPOS) == set(TRADUCTORES)


@pytest.mark.parametrize("tema", CUERPOS)
@pytest.mark.parametrize(
    "ajeno",
    [de(AHORA), de(AHORA + timedelta(days=400)), uuid4(), uuid5(de(AHORA), "x")],
    ids=["presente", "futuro", "azar", "nombre"],
)
def test_ningun_id_ajeno_entra_en_la_bandeja(tema: str, ajeno: UUID) -> None:
    """Whatever kind it is: the inbox has a hash of it, the same each time, and the module knows the id."""
    sobre = leido(tema, event_id=ajeno)
    assert sobre.id.version == 5
    assert sobre.id != ajeno
    assert leido(tema, event_id=ajeno).id == sobre.id
    assert leido(tema, event_id=uuid4()).id != sobre.id
    modulo, _ = TRADUCTORES[tema]
    assert modulo.ajenas([(tema, sobre)]) == ({sobre.id: ajeno} if sobre.causa_id else {})
    assert modulo.ajenas([("interno", sobre)]) == {}


@pytest.mark.parametrize("tema", [saga.TEMA_INICIAR, partners.TEMA_CREAR_PARTNER])
def test_una_saga_ajena_es_de_estos_dias(tema: str) -> None:
    """A start may bring its saga's id: a UUIDv7 of another day is refused, what tells no time is taken."""
    for horas in (-25, 25, 24 * 400, 24 * 365 * 3_000):
        with pytest.raises(NoDescifrable, match="saga_id"):
            leido(tema, event_id=uuid4(), saga_id=UUID(int=de(AHORA).int + (horas * 3_600_000 << 80)))
    sin_calendario = UUID(int=de(AHORA).int | (1 << 48) - 1 << 80)
    with pytest.raises(NoDescifrable, match="saga_id"):
        leido(tema, event_id=uuid4(), saga_id=sin_calendario)
    for bueno in (de(AHORA - timedelta(hours=23)), de(AHORA + timedelta(hours=23)), uuid4()):
        assert leido(tema, event_id=uuid4(), saga_id=bueno).saga_id == bueno
