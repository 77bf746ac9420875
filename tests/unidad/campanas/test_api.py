"""The routes hand over the identity that a client gives: an action under a saga is the saga's."""

from typing import Any
from uuid import UUID

import pytest

from aeropartners.contratos.campanas import CambiarEstadoCampana, CancelarCampana
from aeropartners.modulos.campanas.infraestructura.api import RutasCampanas
from aeropartners.seedwork.infraestructura.web.esquemas import MotivoEsquema
from tests.dobles.unidad_de_trabajo import ID, SAGA

ACCIONES = [
    ("activate", CambiarEstadoCampana(ID, "activar", "m")),
    ("pause", CambiarEstadoCampana(ID, "pausar", "m")),
    ("finish", CambiarEstadoCampana(ID, "finalizar", "m")),
]


class Escritura:
    """Keeps what it is asked to write."""

    def __init__(self) -> None:
        self.pedidos: list[tuple[object, UUID, UUID | None]] = []

    def hacer(self, mensaje: object, clave: UUID, _presentar: Any, *, saga_id: UUID | None = None) -> None:
        self.pedidos.append((mensaje, clave, saga_id))


def rutas() -> tuple[RutasCampanas, Escritura]:
    escritura: Any = Escritura()
    nada: Any = None
    return RutasCampanas(escritura, nada, nada, nada), escritura


@pytest.mark.parametrize("saga_id", [None, SAGA])
@pytest.mark.parametrize(("ruta", "mensaje"), ACCIONES)
def test_accion(ruta: str, mensaje: object, saga_id: UUID | None) -> None:
    """Each action is its command, under the saga that the client names."""
    casos, escritura = rutas()
    casos.accion(ruta, {"motivo": "m", "saga_id": saga_id}, str(ID))
    assert escritura.pedidos == [(mensaje, ID, saga_id)]


def test_cancelar() -> None:
    """A cancellation too; and a body is not needed for any of them."""
    casos, escritura = rutas()
    casos.cancelar({"motivo": "m", "saga_id": SAGA}, str(ID))
    casos.cancelar(MotivoEsquema().load({}), str(ID))
    assert escritura.pedidos == [
        (CancelarCampana(ID, "m", SAGA), ID, SAGA),
        (CancelarCampana(ID, "", None), ID, None),
    ]
