"""The caller's tasks over a gateway with a script: no charge twice, no charge kept."""

from typing import Any
from uuid import UUID

import pytest

from aeropartners.contratos.pagos import ProcesarPago, RegistrarCobro, RevertirPago
from aeropartners.modulos.pagos.aplicacion.cobros import tareas
from aeropartners.modulos.pagos.aplicacion.puertos import CobroExitoso, CobroRechazado
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable
from tests.unidad.pagos.mundo import Mundo, Pasarela, en

ID = UUID("22222222-2222-2222-2222-222222222222")
DATOS: dict[str, Any] = {"id_afiliado": "a1", "monto": 10, "moneda": "USD", "referencia_pago": "r1"}


@pytest.fixture
def mundo() -> Mundo:
    mundo = Mundo()
    mundo.saga(ProcesarPago(ID, DATOS))
    return mundo


def test_no_antes(mundo: Mundo) -> None:
    """The mark waits for the payment to have been seen PENDIENTE."""
    [orden] = mundo.ordenes()
    no_antes = tareas(Pasarela())(orden).no_antes()
    assert no_antes is not None
    assert (no_antes - mundo.ahora).total_seconds() == 1.0


def test_en_proceso_espera(mundo: Mundo) -> None:
    """A gateway that needs time is asked again when it says, with the same key."""
    pasarela = Pasarela(en(3), en(4), CobroExitoso())
    mundo.agotar(pasarela)
    assert pasarela.llamadas == [str(ID)] * 3
    assert mundo.pago(ID).estado == "EXITOSO"


class PasarelaDeVariosCobros(Pasarela):
    """One that takes many charges in one call."""

    def cobrar_varios(self, cargos: Any) -> Any:
        return [self.cobrar(clave, cargo) for clave, cargo in cargos]


def test_varias_en_una_llamada(mundo: Mundo) -> None:
    """Each order gets what became of its own charge; one whose mark said no is not charged."""
    otras = [UUID(int=n) for n in (1, 2)]
    for n, id in enumerate(otras):
        mundo.saga(ProcesarPago(id, {**DATOS, "referencia_pago": f"otra-{n}"}))
    pasarela = PasarelaDeVariosCobros(CobroExitoso(), CobroRechazado("no"))
    ordenes = mundo.ordenes()
    listas = [tareas(pasarela)(orden) for orden in ordenes]
    assert len({tarea.grupo for tarea in listas}) == 1
    assert tareas(Pasarela())(ordenes[0]).grupo is None
    hechas = listas[0].llamar_juntas(list(zip(listas, (True, False, True), strict=True)))
    assert hechas == [RegistrarCobro(ID, exito=True), None, RegistrarCobro(otras[1], False, "no")]
    assert pasarela.llamadas == [str(ID), str(otras[1])]


def test_excepcion_no_es_fallo(mundo: Mundo) -> None:
    """A call that raises leaves the payment open; the order repeats the same key and charges once."""
    pasarela = Pasarela(TimeoutError())
    [orden] = mundo.ordenes()
    with pytest.raises(TimeoutError):
        mundo.atender(orden, pasarela)
    assert mundo.pago(ID).estado == "PROCESANDO"
    mundo.atender(orden, pasarela)
    assert mundo.pago(ID).estado == "EXITOSO"
    assert set(pasarela.llamadas) == pasarela.cobrados == {str(ID)}


def test_orden_repetida_despues_del_final(mundo: Mundo) -> None:
    """An order delivered again after its result calls nobody, and answers again."""
    pasarela = Pasarela()
    [orden] = mundo.ordenes()
    mundo.atender(orden, pasarela)
    mundo.atender(orden, pasarela)
    assert pasarela.llamadas == [str(ID)]
    assert mundo.respuestas[-2] == mundo.respuestas[-1]
    assert mundo.eventos(ID).count("PagoExitoso") == 1


def test_revertido_en_pleno_cobro(mundo: Mundo) -> None:
    """A charge that succeeds after the reversal is refunded once, and never published as a success."""
    pasarela = Pasarela(en(3))
    [cobrar] = mundo.ordenes()
    assert mundo.atender(cobrar, pasarela, turnos=1) is False
    assert mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO") is None
    assert mundo.pago(ID).estado == "REVERTIDO"
    [reembolsar] = mundo.ordenes()
    mundo.atender(reembolsar, pasarela)
    mundo.atender(reembolsar, pasarela)
    mundo.atender(cobrar, pasarela)
    assert mundo.eventos(ID)[-3:] == ["PagoRevertido", "CobroTardio", "ReembolsoConfirmado"]
    assert pasarela.devueltos == {f"{ID}:reembolso"}
    assert mundo.publicos("payments.evt.completed") == []
    assert ("REVERTIR_PAGO", True) in [(paso, r.exito) for paso, r in mundo.respuestas]


def test_resultado_que_cruza_la_reversion(mundo: Mundo) -> None:
    """A result that commits after the reversal settles the charge; its step is refused, not the undo."""
    pasarela = Pasarela(en(3))
    [cobrar] = mundo.ordenes()
    tarea = tareas(pasarela)(cobrar)
    mundo.atender(cobrar, pasarela, turnos=1)
    mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO")
    resultado = tarea.llamar(True)
    assert resultado is not None
    antes = len(mundo.respuestas)
    mundo.saga(resultado)
    assert [(p, r.exito) for p, r in mundo.respuestas[antes:]] == [("PROCESAR_PAGO", False)]
    mundo.agotar(pasarela)
    assert mundo.eventos(ID).count("CobroTardio") == 1
    assert pasarela.devueltos == {f"{ID}:reembolso"}
    assert mundo.respuestas[-1][0] == "REVERTIR_PAGO"


def test_revertido_y_rechazado(mundo: Mundo) -> None:
    """A declined charge of a reverted payment has nothing to give back; the undo is done."""
    pasarela = Pasarela(en(3), CobroRechazado("Tarjeta rechazada"))
    [cobrar] = mundo.ordenes()
    mundo.atender(cobrar, pasarela, turnos=1)
    mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO")
    mundo.agotar(pasarela)
    assert pasarela.devueltos == set()
    assert mundo.respuestas[-1][1].exito
    assert mundo.publicos("payments.evt.failed") == []


def test_orden_desconocida(mundo: Mundo) -> None:
    """An order of an unknown kind cannot be decoded."""
    [orden] = mundo.ordenes()
    with pytest.raises(NoDescifrable):
        tareas(Pasarela())(type(orden)(id=orden.id, tipo="Otra", clave="c", fecha=orden.fecha))
