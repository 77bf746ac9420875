"""Every message ever committed to the outbox, kept by a trigger, against the inbox and its effects."""

from typing import Any

import msgspec

from aeropartners.contratos import campanas, pagos, reporting, saga
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.serializacion import descifrar_rafaga, descifrar_sobre
from tests.e2e.invariantes import PASOS, Comprobable

CONSUMIDORES = {
    campanas.TEMA_COMANDOS: campanas.SUSCRIPCION,
    pagos.TEMA_COMANDOS: pagos.SUSCRIPCION,
    reporting.TEMA_COMANDOS: reporting.SUSCRIPCION,
    saga.TEMA_RESPUESTAS: saga.SUSCRIPCION,
}
APARTADOS = """
    SELECT consumidor, CAST(id AS text) FROM muertos UNION SELECT consumidor, CAST(id AS text) FROM reintentos
"""
COPIAR = """
    CREATE TABLE copia AS SELECT lote, cuerpo FROM salida WHERE false;
    CREATE FUNCTION copiar() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO copia VALUES (NEW.lote, NEW.cuerpo); RETURN NEW; END $$;
    CREATE TRIGGER copiar AFTER INSERT ON salida FOR EACH ROW EXECUTE FUNCTION copiar();
    SELECT 1
"""
REPETIR = """
    ALTER TABLE salida DISABLE TRIGGER copiar;
    INSERT INTO salida (lote, creado, cuerpo)
        SELECT gen_random_uuid(), now() - interval '1 hour', cuerpo FROM copia;
    ALTER TABLE salida ENABLE TRIGGER copiar;
    SELECT 1
"""


def copiar(sistema: Comprobable) -> None:
    """Keep a copy of every burst from now on, in the transaction that made it."""
    sistema.sql(COPIAR)


def repetir(sistema: Comprobable) -> None:
    """Put every burst ever made into the outbox once more."""
    sistema.sql(REPETIR)


def faltas_de_bandeja(sistema: Comprobable) -> dict[str, list[object]]:
    """Say which messages were never taken in, and which were without an effect to show for it."""
    enviados = list(_sobres(sistema))
    tratados = set(sistema.sql("SELECT consumidor, CAST(id AS text) FROM entrada"))
    causas = {causa for (causa,) in sistema.sql("SELECT CAST(causa_id AS text) FROM eventos")}
    causas |= {str(sobre.causa_id) for _, sobre in enviados}
    memorias = {id: memoria for id, memoria in sistema.sql("SELECT CAST(id AS text), memoria FROM sagas")}
    suyos = [(CONSUMIDORES[tema], s) for tema, s in enviados if tema in CONSUMIDORES]
    perdidos = [(c, s.tipo, str(s.id)) for c, s in suyos if (c, str(s.id)) not in tratados]
    apartados = set(sistema.sql(APARTADOS))
    sin_efecto = [
        (c, s.tipo, str(s.id))
        for c, s in suyos
        if (c, str(s.id)) in tratados - apartados and str(s.id) not in causas and not _hecho(s, memorias)
    ]
    return {"mensajes perdidos": perdidos, "entradas sin efecto": sin_efecto}


def _sobres(sistema: Comprobable) -> list[tuple[str, Sobre]]:
    rafagas = [descifrar_rafaga(bytes(c)) for (c,) in sistema.sql("SELECT cuerpo FROM copia")]
    internos = [e for r in rafagas for e in r if e.propiedades is None]
    return [(e.tema, descifrar_sobre(bytes(e.cuerpo))) for e in internos]


def _hecho(sobre: Sobre, memorias: dict[str, dict[str, Any]]) -> bool:
    """Whether a reply is in its saga: a success closed its step or undo; a failure need not leave a trace."""
    if sobre.tipo != "Respuesta":
        return False
    if not msgspec.json.decode(sobre.cuerpo, type=Respuesta).exito:
        return True
    memoria = memorias[str(sobre.saga_id)]
    if sobre.paso in PASOS:
        paso = memoria["pasos"][PASOS.index(sobre.paso)]
        return bool(paso["exitoso"] or paso["incierto"])
    return any(c["exitoso"] for c in memoria["compensaciones"])
