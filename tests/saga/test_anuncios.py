"""Announcements: what a saga's own events have others told, in the transaction that stores them."""

from uuid import UUID

import pytest

from aeropartners.contratos.campanas import CancelarCampana
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import descifrar_sobre
from saga_orchestrator.aplicacion.borde import Anuncio, Borde
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.definicion import ORDENAN, DefinicionInvalida, Tipo
from saga_orchestrator.dominio.identidades import id_comando
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga
from tests.saga.lenguaje import DEFINICION, SAGA, Escenario

TEMA = "avisos"


def _atascada(saga: Saga) -> object:
    return CancelarCampana(saga.id_de(0), "atascada", saga.id)


def _anunciados(e: Escenario) -> list[Sobre]:
    """Return what goes to the topic of announcements with the events of a saga."""
    borde = Borde(anuncios={DEFINICION.tipo: (Anuncio(Tipo.COMPENSACION_FALLIDA, TEMA, _atascada),)})
    orquestador = Orquestador(Registro((DEFINICION,)), [borde])
    causa = Sobre(id=SAGA, tipo="Respuesta", clave=str(SAGA), fecha=e.ahora)
    envios = [
        envio
        for version, evento in enumerate(e.eventos, 1)
        for envio in orquestador.publicos(
            Registrado(SAGA, "saga", version, evento, causa, evento.fecha, UUID(int=version)), e.saga
        )
    ]
    return [descifrar_sobre(bytes(envio.cuerpo)) for envio in envios if envio.tema == TEMA]


def test_se_anuncia_el_suceso_y_solo_ese() -> None:
    """One message, without a reply, by the id that its event gives, in the saga's own order."""
    e = Escenario().exito("CREAR_CAMPAÑA").rechazo("PROCESAR_PAGO", "no")
    assert _anunciados(e) == []
    for intento in range(1, 12):
        e.averia("CANCELAR_CAMPAÑA", intento)
        if intento < 11:
            e.pasan(90)
    e.pide_atencion()
    [sobre] = _anunciados(e)
    [version] = [v for v, evento in enumerate(e.eventos, 1) if evento.tipo is Tipo.COMPENSACION_FALLIDA]
    assert (sobre.id, sobre.clave) == (id_comando(SAGA, version, e.ahora), str(SAGA))
    assert (sobre.saga_id, sobre.tipo, sobre.responder_a) == (SAGA, "CancelarCampana", None)
    assert sobre.correlacion_id == "correlacion"


@pytest.mark.parametrize("tipo", [*ORDENAN, Tipo.PASO_PEDIDO])
def test_con_un_comando_no_sale_un_anuncio(tipo: Tipo) -> None:
    """Both would have one id, and the reader's inbox would drop one of them."""
    with pytest.raises(DefinicionInvalida, match="sale un comando"):
        Anuncio(tipo, TEMA, _atascada)
