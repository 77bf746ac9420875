"""The partner by its events: given these, when a command, then those or a named broken rule."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from aeropartners.modulos.partners.dominio.eventos import (
    IntegracionCreada,
    IntegracionRevocada,
    KycVerificado,
    PartnerActualizado,
    PartnerCreado,
    PartnerEliminado,
)
from aeropartners.modulos.partners.dominio.partner import POR_BAJA, Partner
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

T = datetime(2026, 1, 1, tzinfo=UTC)
ID, UNA, OTRA = (UUID(int=n) for n in (1, 2, 3))
FICHA = PartnerCreado("Example", "partner@example.com", "+1", None, T)
INTEGRADA = IntegracionCreada(UNA, "API", "Pagos", None, T)


def dado(*eventos: object) -> Partner:
    """Return a partner to whom this happened."""
    partner = Partner(ID)
    partner.reproducir(list(eventos))
    return partner


def test_crear_otra_vez_no_cambia_nada() -> None:
    """The same creation met again, as after a crash, leaves the partner as it is."""
    partner = dado(FICHA)
    partner.crear(FICHA)
    assert partner.pendientes == []


def test_crear_despues_de_borrar_se_niega() -> None:
    """A late creation after its undo is refused."""
    with pytest.raises(ErrorDeDominio) as error:
        dado(FICHA, PartnerEliminado(T)).crear(FICHA)
    assert error.value.codigo == "PARTNER_ELIMINADO"


def test_actualizar_solo_si_cambia() -> None:
    """What is given changes; nothing given, or the same again, is no event."""
    partner = dado(FICHA)
    partner.actualizar({"nombre": "Example", "telefono": "+1"}, T)
    assert partner.pendientes == []
    partner.actualizar({"telefono": None, "direccion": "calle"}, T)
    assert partner.pendientes == [PartnerActualizado("Example", None, "calle", T)]
    assert partner.datos.email == "partner@example.com"


def test_los_documentos_se_quedan() -> None:
    """A verification without documents keeps those that are there, and tells where it came from."""
    partner = dado(FICHA, KycVerificado("PENDIENTE", "REQUIERE_DOCUMENTOS", {"a": 1}, None, T))
    partner.verificar("APROBADO", None, "bien", T)
    assert partner.pendientes == [KycVerificado("REQUIERE_DOCUMENTOS", "APROBADO", {"a": 1}, "bien", T)]


def test_eliminar_revoca_lo_que_vive() -> None:
    """Only what is active is revoked, before the partner goes."""
    otra = IntegracionCreada(OTRA, "BATCH", "x", None, T)
    partner = dado(FICHA, INTEGRADA, otra, IntegracionRevocada(UNA, None, T))
    partner.eliminar(T)
    assert partner.pendientes == [IntegracionRevocada(OTRA, POR_BAJA, T), PartnerEliminado(T)]


@pytest.mark.parametrize(
    ("hechos", "orden", "codigo"),
    [
        ((FICHA,), lambda p: p.verificar("QUIZÁ", None, None, T), "ESTADO_KYC_INVALIDO"),
        (
            (FICHA,),
            lambda p: p.integrar(IntegracionCreada(UNA, "FTP", "x", None, T)),
            "TIPO_INTEGRACION_INVALIDO",
        ),
        ((FICHA,), lambda p: p.revocar(UNA, None, T), "INTEGRACION_NO_ENCONTRADA"),
        (
            (FICHA, INTEGRADA, IntegracionRevocada(UNA, None, T)),
            lambda p: p.revocar(UNA, None, T),
            "INTEGRACION_YA_REVOCADA",
        ),
        ((FICHA, PartnerEliminado(T)), lambda p: p.eliminar(T), "PARTNER_YA_ELIMINADO"),
        ((FICHA, PartnerEliminado(T)), lambda p: p.actualizar({"nombre": "x"}, T), "PARTNER_ELIMINADO"),
        ((FICHA, PartnerEliminado(T)), lambda p: p.integrar(INTEGRADA), "PARTNER_ELIMINADO"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_las_reglas_rotas(hechos: tuple[object, ...], orden: object, codigo: str) -> None:
    """Each rule has its code, and a refusal changes nothing."""
    partner = dado(*hechos)
    assert callable(orden)
    with pytest.raises(ErrorDeDominio) as error:
        orden(partner)
    assert error.value.codigo == codigo
    assert partner.pendientes == []
