"""Findings and statements of the audit, in a line for a person and as JSON."""

from typing import Any

from aeropartners.seedwork.aplicacion.legible import visible
from aeropartners.seedwork.infraestructura.direcciones import sin_secretos
from saga_orchestrator.cotejo.aplicacion.parte import Parte
from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo


def lineas(h: Hallazgo) -> str:
    """Return a finding and its repair, for a person."""
    que = visible(f"{h.clase} SAGA {h.saga_id or '–'} mensaje {h.mensaje}: {h.texto}")
    return f"  {que}\n    {sin_secretos(visible(h.repara))}"


def frase(p: Parte) -> str:
    """Return the statement in one line."""
    c = p.cuentas
    return (
        f"{p.desde:%Y-%m-%d %H:%M:%S}–{p.visto:%H:%M:%S}: {p.sagas:,} SAGAs, {p.mensajes:,} mensajes,"
        f" {c['PERDIDO']} perdidos, {c['DUPLICADO']} duplicados, {c['HUERFANO']} huérfanos,"
        f" {c['ATASCADO']} atascados; {p.repetidos:,} llamadas repetidas"
    )


def de_hallazgo(h: Hallazgo) -> dict[str, Any]:
    """Return a finding as JSON has it."""
    campos = {"mensaje": h.mensaje, "texto": h.texto, "repara": sin_secretos(h.repara)}
    return {"clase": str(h.clase), "saga_id": h.saga_id or None, **campos}


def de_parte(p: Parte) -> dict[str, Any]:
    """Return a statement as JSON has it."""
    return {
        "desde": p.desde.isoformat(),
        "hasta": p.visto.isoformat(),
        "sagas": p.sagas,
        "mensajes": p.mensajes,
        "repetidos": p.repetidos,
        **{f"{clase.lower()}s": n for clase, n in p.cuentas.items()},
        "hallazgos": [de_hallazgo(h) for h in p.hallazgos],
    }
