"""The gateway on a bad day still keeps its ledger right; what is lost is only the answer."""

import pytest

from aeropartners.arranque.config import ConfiguracionInvalida, leer
from aeropartners.arranque.sistemas.campanas.ajustes import AjustesCampanas
from aeropartners.modulos.pagos.aplicacion.puertos import CobroExitoso, EnProceso, Reembolsado
from aeropartners.modulos.pagos.infraestructura.pasarela_averiada import (
    AVERIAS,
    BASURA,
    CORTE,
    DOBLE,
    TARDE,
    PasarelaAveriada,
    RespuestaIlegible,
)
from aeropartners.seedwork.infraestructura.base.motor import Motor
from tests.unidad.pagos.test_pasarela import CARGO, libro, motor, pasarela

__all__ = ["motor"]


def averiada(motor: Motor, averias: dict[str, float]) -> PasarelaAveriada:
    return PasarelaAveriada(pasarela(motor), pasarela(motor, latencia_s=100), averias)


def test_tarde_tarda(motor: Motor) -> None:
    """A late answer is in process for as long as the slow gateway takes."""
    assert isinstance(averiada(motor, {TARDE: 1}).cobrar("a", CARGO), EnProceso)


def test_doble_llega_dos_veces_y_cobra_una(motor: Motor) -> None:
    """The gateway sees the key twice, and charges it once."""
    assert averiada(motor, {DOBLE: 1}).cobrar("a", CARGO) == CobroExitoso()
    assert libro(motor)["a"][2:] == (True, 2)


@pytest.mark.parametrize(("averia", "error"), [(CORTE, TimeoutError), (BASURA, RespuestaIlegible)])
def test_la_respuesta_que_se_pierde_no_cobra_otra_vez(
    motor: Motor, averia: str, error: type[Exception]
) -> None:
    """Answers are lost after charge and refund, and come when the key is repeated; each is done once."""
    pasarela = averiada(motor, {averia: 1})

    def insistir(clave: str, llamar: object) -> tuple[object, int]:
        perdidas = 0
        while True:
            try:
                return llamar(clave), perdidas  # type: ignore[operator]
            except error:
                perdidas += 1

    cobros = [insistir(f"k{i}", lambda clave: pasarela.cobrar(clave, CARGO)) for i in range(20)]
    assert {respuesta for respuesta, _ in cobros} == {CobroExitoso()}
    assert sum(perdidas for _, perdidas in cobros) > 0
    reembolso, _ = insistir("k0:r", lambda clave: pasarela.reembolsar(clave, "k0"))
    assert reembolso == Reembolsado()
    assert len(libro(motor)) == 21


def test_las_cuotas_son_de_las_claves(motor: Motor) -> None:
    """Each key suffers one thing or nothing, always the same, in the shares that were asked for."""
    pasarela = averiada(motor, dict.fromkeys(AVERIAS, 0.2))
    suertes = [pasarela._averia(f"k{i}") for i in range(1_000)]
    assert suertes == [pasarela._averia(f"k{i}") for i in range(1_000)]
    assert {s: round(suertes.count(s), -2) for s in (*AVERIAS, None)} == dict.fromkeys((*AVERIAS, None), 200)


def test_la_configuracion_reparte() -> None:
    """Shares are read by name; an unknown one, or more than all keys, is refused with what it should be."""
    assert leer({"GATEWAY_FAULTS": "tarde=0.2,corte=0.5"}).de(AjustesCampanas).gateway_faults == {
        TARDE: 0.2,
        CORTE: 0.5,
    }
    for mal in ("nada=0.1", "tarde=0.6,doble=0.6", "tarde=-1", "tarde"):
        with pytest.raises(ConfiguracionInvalida, match="GATEWAY_FAULTS"):
            leer({"GATEWAY_FAULTS": mal})
