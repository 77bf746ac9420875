"""The partner saga, told in the test language (contract 004, section 3)."""

from decimal import Decimal

import pytest

from aeropartners.contratos.alianzas import CancelarAlianza, CrearAlianza
from aeropartners.contratos.partners import BorrarPartner, PedirPartner
from saga_orchestrator.dominio import intervenciones
from saga_orchestrator.sistemas.partners.voz import acciones
from tests.saga.lenguaje import Escenario
from tests.saga.partner import ALIANZA, BORRAR, CANCELAR, DATOS, PARTNER, agotada, con_partner, escenario

INICIO = ("partner_creation_started",)
CON_PARTNER = (*INICIO, "partner_created", "alliance_creation_started")


def test_todo_bien() -> None:
    """Partner, then alliance; a step under way has its own state, and the events the contract's order."""
    (
        escenario().en("partner_creation_in_progress").pide(PARTNER)
        .exito(PARTNER, partner_id="p-1").en("alliance_creation_in_progress").pide(ALIANZA)
        .exito(ALIANZA, alliance_id="a-1").en("completed").pide()
        .publica(*CON_PARTNER, "alliance_created", "saga_completed")
        .coherente()
    )  # fmt: skip


def test_los_estados_en_su_orden() -> None:
    """Each of the contract's states is an event's, in order."""
    e = con_partner().exito(ALIANZA, alliance_id="a-1")
    assert list(dict.fromkeys(evento.estado for evento in e.eventos)) == [
        "started",
        "partner_creation_in_progress",
        "partner_created",
        "alliance_creation_in_progress",
        "alliance_created",
        "completed",
    ]


def test_partner_rechazado_es_failed() -> None:
    """A taken e-mail: nothing to undo."""
    e = escenario().rechazo(PARTNER, "EMAIL_EXISTENTE: ya existe").en("failed").pide()
    e.publica(*INICIO, "partner_creation_failed", "saga_failed").coherente()


def test_alianza_rechazada_borra_el_partner() -> None:
    """A breach of the rules: there is no alliance to cancel, and the partner goes."""
    e = con_partner().rechazo(ALIANZA, "MONTO_INVALIDO").en("compensating").pide(BORRAR)
    e.exito(BORRAR, partner_id="p-1").en("compensated").pide()
    e.publica(
        *CON_PARTNER,
        "alliance_creation_failed",
        "saga_failed",
        "compensation_started",
        "compensation_completed",
    ).coherente()
    assert acciones(e.saga) == ["delete_partner:p-1"]


def test_el_silencio_cancela_la_alianza_y_luego_borra() -> None:
    """No event before the deadline: the alliance may exist, so it is cancelled first; one start, one end."""
    e = con_partner().pasan(59).pide().pasan(2).en("compensating").pide(CANCELAR)
    e.exito(CANCELAR, alliance_id="a-1").en("compensating").pide(BORRAR).exito(BORRAR).en("compensated")
    e.publica(
        *CON_PARTNER,
        "alliance_creation_failed",
        "saga_failed",
        "compensation_started",
        "compensation_completed",
    ).coherente()
    assert acciones(e.saga) == ["cancel_alliance:a-1", "delete_partner:p-1"]


def test_una_alianza_tardia_se_cancela() -> None:
    """An alliance that is heard of after the saga gave it up is cancelled as well."""
    e = con_partner().rechazo(ALIANZA, "no").exito(BORRAR).en("compensated")
    e.exito(ALIANZA, alliance_id="a-9").en("compensating").pide(CANCELAR)
    e.exito(CANCELAR).en("compensated").coherente()
    assert acciones(e.saga) == ["delete_partner:p-1", "cancel_alliance:a-9"]


def test_agotada_sin_efecto_es_failed() -> None:
    """Nobody answered, and nothing can have been created: failed."""
    e = agotada(escenario(), PARTNER, False, False, False, False)
    e.en("failed").pide().coherente()


@pytest.mark.parametrize("cual", range(4))
def test_agotada_que_pudo_crear_borra(cual: int) -> None:
    """If any attempt may have created a partner, its deletion runs, whatever the others were."""
    e = agotada(escenario(), PARTNER, *(intento == cual for intento in range(4)))
    e.en("compensating").pide(BORRAR).exito(BORRAR, partner_id=None).en("compensated").coherente()


def test_un_rechazo_despues_de_la_duda_es_failed() -> None:
    """A definite answer under the key settles what an earlier attempt left open."""
    escenario().averia(PARTNER, 1, incierta=True).pasan(2).rechazo(PARTNER, "no", 2).en("failed").coherente()


def test_un_partner_del_que_se_oye_cierra_el_paso() -> None:
    """The event of a created partner counts as the answer that was lost, while the step is open or after."""
    escenario().averia(PARTNER, 1, incierta=True).exito(PARTNER, partner_id="p-2").pide(ALIANZA).coherente()
    e = agotada(escenario(), PARTNER, False, False, False, False).en("failed")
    e.exito(PARTNER, partner_id="p-2").en("compensating").pide(BORRAR).exito(BORRAR).en("compensated")
    assert acciones(e.saga) == ["delete_partner:p-2"]


def test_un_undo_agotado_pide_atencion() -> None:
    """It stays compensating and is never called compensated; the operator's skip is told in its entry."""
    e = con_partner().rechazo(ALIANZA, "no")
    for intento in range(1, 12):
        e.averia(BORRAR, intento)
        if intento < 11:
            e.pasan(80).pide(BORRAR)
    e.en("compensating").pide_atencion().coherente()
    e.ultimas = intervenciones.omitir_compensacion(e.saga, "a mano", e.ahora)
    e.en("compensated").coherente()
    assert acciones(e.saga) == ["delete_partner:p-1 omitida: a mano"]


def test_el_plazo_total() -> None:
    """Ten minutes end a saga that technical failures keep going."""
    e = con_partner()
    e.pasan(601).en("compensating").pide(CANCELAR).coherente()


def _mensaje(e: Escenario) -> object:
    return e.ultimas[0].mensaje


def test_las_ordenes_llevan_lo_que_hace_falta() -> None:
    """Commands carry the saga's data, the defaults of the contract, and ids once they are known."""
    e = escenario(monto="60000.00")
    assert _mensaje(e) == PedirPartner(e.saga.id, DATOS)
    e.exito(PARTNER, partner_id="p-1", estado="ACTIVO")
    contrato = {"tipo": "CPA", "monto": Decimal("60000.00"), "moneda": "USD", "fecha_inicio": "2026-01-01"}
    assert _mensaje(e) == CrearAlianza(e.saga.id, "p-1", {**DATOS, "estado": "ACTIVO"}, contrato)
    e.pasan(61)
    assert _mensaje(e) == CancelarAlianza(e.saga.id, "p-1", None, "Tiempo de espera agotado")
    e.exito(CANCELAR)
    assert _mensaje(e) == BorrarPartner(e.saga.id, DATOS, "p-1")
    sin_id = escenario().pasan(31)
    assert _mensaje(sin_id) == BorrarPartner(sin_id.saga.id, DATOS, None)


def test_los_datos_publicos() -> None:
    """Each event carries what the contract names."""
    e = con_partner().pasan(61).exito(CANCELAR, alliance_id="a-1").exito(BORRAR, partner_id="p-1")
    datos = {evento.palabra: evento.datos for evento in e.eventos if evento.orden}
    assert datos["partner_creation_started"]["partner_data"] == DATOS
    assert (datos["partner_created"]["partner_id"], datos["partner_created"]["partner_data"]) == (
        "p-1",
        DATOS,
    )
    assert datos["alliance_creation_started"]["partner_id"] == "p-1"
    assert datos["alliance_creation_failed"]["partner_id"] == "p-1"
    assert datos["alliance_creation_failed"]["error"] == datos["saga_failed"]["error"]
    assert datos["saga_failed"]["step_failed"] == ALIANZA
    assert len(datos["compensation_started"]["compensation_actions"]) == 2
    assert list(datos["compensation_completed"]["compensation_results"]) == [
        "cancel_alliance:a-1",
        "delete_partner:p-1",
    ]
    final = con_partner().exito(ALIANZA, alliance_id="a-1").eventos[-1].datos
    assert (final["partner_id"], final["alliance_id"]) == ("p-1", "a-1")
