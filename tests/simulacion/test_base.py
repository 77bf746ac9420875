"""Two transactions at once, on a database of one writer: what others commit in between is noticed."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.puertos import Cambios, Conflicto, Registrado
from aeropartners.simulacion.base import MotorEnMemoria, UnidadSimulada
from aeropartners.simulacion.participante import Trabajo, persistencia
from aeropartners.simulacion.tiempo import COMIENZO, IdsVirtuales, RelojVirtual

UNO, MENSAJE = UUID(int=1), UUID(int=2)


@pytest.fixture(scope="module")
def motor() -> Iterator[MotorEnMemoria]:
    motor = MotorEnMemoria()
    yield motor
    motor.cerrar()


class EnMedio:
    """A witness that lets somebody do something between the reads and the writes."""

    def __init__(self, otros: Callable[[], None] | None = None) -> None:
        self._otros = otros

    def entre(self) -> Callable[[], None] | None:
        return self._otros

    def antes(self) -> None:
        """Nothing."""

    def despues(self, _envios: Sequence[Envio]) -> None:
        """Nothing."""


def unidad(motor: MotorEnMemoria, otros: Callable[[], None] | None = None) -> UnidadSimulada:
    reloj = RelojVirtual()
    return UnidadSimulada(motor, persistencia(), reloj, IdsVirtuales(reloj), EnMedio(otros))


def atender(motor: MotorEnMemoria, mensaje: UUID, otros: Callable[[], None] | None = None) -> set[UUID]:
    """Handle a message about the same work, as a batch would."""
    with unidad(motor, otros) as uow:
        frescos = uow.entradas_frescas("prueba", [mensaje])
        trabajo = uow.cargar([UNO]).get(UNO) or Trabajo(UNO)
        assert isinstance(trabajo, Trabajo)
        trabajo.atender(mensaje, COMIENZO)
        uow.guardar(Cambios(agregados=[trabajo], registrados=_registrados(trabajo)))
        uow.commit()
    return frescos


def _registrados(trabajo: Trabajo) -> list[Registrado]:
    sobre = Sobre(id=MENSAJE, tipo="x", clave="x", fecha=COMIENZO)
    primera = trabajo.version - len(trabajo.pendientes) + 1
    return [
        Registrado(trabajo.id, trabajo.tipo, version, evento, sobre, COMIENZO, UUID(int=100 + version))
        for version, evento in enumerate(trabajo.pendientes, primera)
    ]


def contar(motor: MotorEnMemoria, tabla: str) -> int:
    [(cuantas,)] = motor.sql(f"SELECT count(*) FROM {tabla}")
    return int(cuantas)


def test_quien_escribe_despues_lo_nota(motor: MotorEnMemoria) -> None:
    """The stream moved on between reading and writing: the second writer has lost, and wrote nothing."""
    motor.vaciar()
    with pytest.raises(Conflicto):
        atender(motor, UUID(int=3), lambda: bool(atender(motor, UUID(int=4))) and None)
    assert contar(motor, "eventos") == 1
    assert contar(motor, "entrada") == 1


def test_el_mismo_mensaje_en_medio_se_nota(motor: MotorEnMemoria) -> None:
    """The message was handled by another meanwhile: it is not fresh any more."""
    motor.vaciar()
    with pytest.raises(Conflicto):
        atender(motor, MENSAJE, lambda: bool(atender(motor, MENSAJE)) and None)
    assert contar(motor, "entrada") == 1


def test_si_nadie_escribe_en_medio_todo_queda(motor: MotorEnMemoria) -> None:
    """What was taken back for others is done again."""
    motor.vaciar()
    assert atender(motor, MENSAJE, lambda: None) == {MENSAJE}
    assert (contar(motor, "eventos"), contar(motor, "entrada")) == (1, 1)


def test_vaciar_no_deja_nada(motor: MotorEnMemoria) -> None:
    """The next schedule begins with the tables as the migrations left them."""
    atender(motor, UUID(int=9))
    motor.vaciar()
    assert contar(motor, "eventos") == contar(motor, "entrada") == 0
