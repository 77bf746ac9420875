"""The ids of what the steps of a saga create."""

from uuid import UUID, uuid4, uuid5

from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso, texto_de_paso
from aeropartners.seedwork.infraestructura.base.relojes import Uuid7

PASOS = ("CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE")


def test_es_el_mismo_cada_vez() -> None:
    """A repeated command meets the same stream, also in the next version of this code."""
    saga = UUID("019ab3c1-7e42-7a11-8c55-0123456789ab")
    assert str(id_de_paso(saga, "CREAR_CAMPAÑA")) == "019ab3c1-7e42-8f44-98af-69817ddba9f5"


def test_cada_paso_de_cada_saga_tiene_el_suyo() -> None:
    """The rest of the id is a digest: sagas of one millisecond do not share ids."""
    sagas = [UUID(int=(0x019AB3C17E42 << 80) | (7 << 76) | (2 << 62) | n) for n in range(500)]
    assert len({id_de_paso(saga, paso) for saga in sagas for paso in PASOS}) == 500 * len(PASOS)


def test_lleva_el_tiempo_de_su_saga() -> None:
    """So that new rows go to the end of each index; it is a valid UUIDv8."""
    saga = Uuid7().nuevo()
    for paso in PASOS:
        id = id_de_paso(saga, paso)
        assert id.int >> 80 == saga.int >> 80
        assert (id.version, id.variant) == (8, saga.variant)


def test_un_id_sin_tiempo_da_el_uuid5() -> None:
    """The id of a foreign start may be of any kind."""
    saga = uuid4()
    assert id_de_paso(saga, PASOS[0]) == uuid5(saga, PASOS[0])


def test_como_texto_es_el_mismo() -> None:
    """Of any saga and step, of whatever version its id is."""
    for saga in (Uuid7().nuevo(), uuid4(), uuid5(uuid4(), "x")):
        for paso in PASOS:
            assert texto_de_paso(str(saga), paso) == str(id_de_paso(saga, paso))
