"""Versions of definitions: which a saga begins with, what makes two the same, and what a late reader does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.espera import Motivo, esperar
from saga_orchestrator.aplicacion.ordenes import prever
from saga_orchestrator.dominio.ajena import DefinicionAjena, PasoContado
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.estados import Estados
from saga_orchestrator.dominio.paso import Parte
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.retrato import cambios, retrato_de
from saga_orchestrator.sistemas.partners.definicion import crear_partner
from tests.saga.lenguaje import DEFINICION, Escenario
from tests.sagas_de_los_sistemas import registro

V1, V2, V3 = (replace(DEFINICION, version=v) for v in (1, 2, 3))
PASOS = DEFINICION.pasos
OTRO = replace(PASOS[0].presentacion, evento="Otro")


@pytest.mark.parametrize(
    ("conocidas", "abiertas", "empieza"),
    [
        ((V1, V2), {1, 2}, 2),
        ((V1, V2), {1}, 1),
        ((V1, V2, V3), {1, 3}, 3),
        ((V2, V3), {1}, 2),
        ((V1,), set(), 1),
    ],
)
def test_una_saga_empieza_con_la_mas_nueva_de_todos(
    conocidas: tuple[Definicion, ...], abiertas: set[int], empieza: int
) -> None:
    """With what all know; when that is nothing of this process, with its oldest: no start is refused."""
    suyo = Registro(conocidas, lambda _tipo, version: version in abiertas)
    elegida = suyo.de_inicio(DEFINICION.tipo)
    assert elegida is not None
    assert elegida.version == empieza


def test_de_un_tipo_desconocido_no_empieza_ninguna() -> None:
    """Nobody has it."""
    assert Registro((V1,)).de_inicio("OTRO") is None


@pytest.mark.parametrize(
    ("otra", "dice"),
    [
        (replace(DEFINICION, estados=Estados(completada="HECHA")), "estados 2: COMPLETADA → HECHA"),
        (replace(DEFINICION, pasos=PASOS[:2]), "pasos: 3"),
        (replace(DEFINICION, pasos=(PASOS[1], PASOS[0], PASOS[2])), "pasos 1.tipo"),
        (replace(DEFINICION, pasos=(replace(PASOS[0], presentacion=OTRO), *PASOS[1:])), "pasos 1.evento"),
        (
            replace(DEFINICION, pasos=(replace(PASOS[0], tema="otro"), *PASOS[1:])),
            "pasos 1.tema: comandos-campanas → otro",
        ),
    ],
)
def test_lo_que_cambia_una_definicion_se_dice(otra: Definicion, dice: str) -> None:
    """Words, order, undos and topics, each by its place."""
    assert any(c.startswith(dice) for c in cambios(retrato_de(DEFINICION), retrato_de(otra)))


def test_los_ajustes_no_cambian_una_definicion() -> None:
    """Deadlines and retries are the operator's, and so are the defaults of a contract."""
    lentos = Ajustes(plazo_paso_s=99, reintentos=7, base_s=3, reintentos_compensacion=2)
    for antes, ahora in zip(registro(Ajustes()).definiciones, registro(lentos).definiciones, strict=True):
        assert cambios(retrato_de(antes), retrato_de(ahora)) == []


def test_cada_definicion_dice_a_quien_pide() -> None:
    """Each step, and each undo, names its topic."""
    for definicion in registro(Ajustes()).definiciones:
        for paso in retrato_de(definicion)["pasos"]:
            assert paso["tema"]
            assert paso["tema_compensacion"] or not paso["compensacion"]


def test_lo_nuevo_que_no_se_usa_no_es_un_cambio() -> None:
    """A definition without parts and without more words has the shape that older releases stored."""
    dicha = retrato_de(DEFINICION)
    assert set(dicha) == {"estados", "palabras", "pasos"}
    assert all("luego" not in paso for paso in dicha["pasos"])


def test_una_parte_mas_es_un_cambio() -> None:
    """So is a word for a stuck saga."""
    doble = replace(PASOS[0], luego=(Parte("otro", PASOS[0].comando),))
    assert cambios(retrato_de(DEFINICION), retrato_de(replace(DEFINICION, pasos=(doble, *PASOS[1:]))))
    estados = replace(DEFINICION.estados, atascada="ATASCADA")
    assert cambios(retrato_de(DEFINICION), retrato_de(replace(DEFINICION, estados=estados)))


def ajena() -> Escenario:
    """A saga of which only the words of its steps are known here."""
    escenario = Escenario().exito("CREAR_CAMPAÑA")
    contados = [PasoContado(p.tipo, p.compensacion and p.compensacion.tipo) for p in PASOS]
    escenario.saga.definicion = DefinicionAjena.contada(DEFINICION.tipo, 7, contados)
    return escenario


def test_de_una_ajena_se_dicen_las_palabras() -> None:
    """Its step by its word, why nothing more is known, and whom to ask."""
    escenario = ajena()
    espera = esperar(escenario.saga, (), escenario.ahora, escenario.ahora)
    assert espera.motivo is Motivo.OTRA_VERSION
    assert espera.ordenes == ()
    assert "CREAR_CAMPANA_COMPLETA v7" in espera.texto
    prevision = prever(escenario.saga, "cancelar", escenario.ahora)
    assert not prevision.se_hara
    assert "v7" in prevision.detalle
    assert escenario.saga.paso(1).tipo == "PROCESAR_PAGO"


def test_un_plazo_no_cuenta_mientras_las_respuestas_pueden_ir_tarde() -> None:
    """Of a step, of the whole, of an undo: only once it is older than a reply can be late."""
    por_pasos = Escenario()
    assert por_pasos.pasan(31, demora_s=60).ultimas == []
    assert por_pasos.saga.memoria.pasos[0].exitoso is None
    por_pasos.exito("CREAR_CAMPAÑA")
    assert por_pasos.saga.memoria.actual == 1
    entera = Escenario(timeout_minutos=1)
    entera.exito("CREAR_CAMPAÑA").exito("PROCESAR_PAGO")
    assert entera.pasan(61, demora_s=3600).saga.memoria.fase == "ADELANTE"
    assert entera.pasan(0).saga.memoria.fase == "ATRAS"
    hacia_atras = Escenario().rechazo("CREAR_CAMPAÑA", "no")
    assert hacia_atras.saga.memoria.fase == "FIN"


def test_un_reintento_no_espera_a_ninguna_respuesta() -> None:
    """What failed for good said so: its next try goes on, though its deadline is past and cannot count."""
    escenario = Escenario().averia("CREAR_CAMPAÑA")
    escenario.pasan(40, demora_s=3600)
    assert escenario.saga.memoria.pasos[0].intentos == 2
    assert [o.intento for o in escenario.ultimas] == [2]


def test_una_averia_leida_tarde_deja_tiempo_para_otro_intento() -> None:
    """Nobody read for longer than the step may take; what failed in time is tried again all the same."""
    e = Escenario()
    e.ahora += timedelta(seconds=e.saga.plazo_s + 600)
    e.averia("CREAR_CAMPAÑA")
    assert e.saga.plazo == e.ahora + timedelta(seconds=e.saga.plazo_s)
    e.pasan(10).pide("CREAR_CAMPAÑA")
    assert e.pasan(e.saga.plazo_s).saga.memoria.fase == "ATRAS"


def test_una_partner_tambien_tiene_retrato() -> None:
    """The words of a system that speaks by a function are not seen: its steps are."""
    uno = crear_partner(Ajustes())
    assert cambios(retrato_de(uno), retrato_de(replace(uno, voz=None))) == []
