"""Orders to all that a filter finds, previewed and carried out, and what machines read of them."""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click
import pytest
from click.testing import CliRunner, Result

from aeropartners.arranque.cli import principal
from aeropartners.arranque.consola import ordenes
from aeropartners.arranque.consola.peticiones import Fallo, SinRespuesta
from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from tests.api.mandos import QUIEN, Mandar, dice, mandos
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

CANCELAR = "CANCELAR_CAMPAÑA"


@pytest.fixture
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoloOrquestador]:
    """An orchestrator of its own: filters see every saga of the database."""
    entorno = {"SAGA_STEP_TIMEOUT_S": "0.2", "SAGA_COMPENSATION_MAX_RETRIES": "0"}
    with orquestador(tmp_path_factory.mktemp("ordenes"), **entorno) as solo:
        yield solo


@pytest.fixture
def mandar(solo: SoloOrquestador) -> Iterator[Mandar]:
    """Run a command against it, over HTTP."""
    with mandos(solo) as mandar:
        yield mandar


def atascadas(solo: SoloOrquestador, cuantas: int) -> list[str]:
    """Sagas that ask for attention, oldest first."""
    ids = [solo.iniciar() for _ in range(cuantas)]
    for saga_id in ids:
        solo.hasta_motivo(saga_id, "ATENCION")
    return ids


def leido(resultado: Result, codigo: int = 0) -> Any:
    """The one JSON document that it printed."""
    assert resultado.exit_code == codigo, resultado.output
    return json.loads(resultado.stdout)


def dormir(solo: SoloOrquestador, saga_id: str) -> None:
    """Make its wake-up long past, out of the timers' sight: an order about its undo is refused."""
    solo.cambiar("UPDATE sagas SET requiere_atencion = 1 WHERE id = :id", id=saga_id)


def test_simular_dice_que_haria_y_nada_cambia(mandar: Mandar, solo: SoloOrquestador) -> None:
    """Each that the filter finds is told what would become of it; nothing is written."""
    ids = atascadas(solo, 2)
    antes = [solo.explicacion(i)["historia"] for i in ids]
    previa = leido(mandar("saga", "omitir", "--atascadas", "--simular", "--json"))
    assert [e["id"] for e in previa["elegidos"]] == ids
    assert {(e["se_hara"], e["detalle"], e["paso"]) for e in previa["elegidos"]} == {
        (True, "pasaría de COMPENSANDO a COMPENSADA y enviaría nada más", CANCELAR)
    }
    dice(
        mandar("saga", "reintentar", "--atascadas", "--simular"),
        "nada cambió",
        f"pasaría de COMPENSANDO a COMPENSANDO y enviaría {CANCELAR} (intento 1)",
        "Se harían: 2; se rechazarían: 0",
    )
    dice(mandar("saga", "cancelar", ids[0], "--simular"), "use reintentar, omitir o cerrar", codigo=1)
    assert [solo.explicacion(i)["historia"] for i in ids] == antes


def test_los_filtros_se_suman(mandar: Mandar, solo: SoloOrquestador) -> None:
    """Step, state and time narrow the choice; the limit says that there are more."""
    ids = atascadas(solo, 3)

    def elegidas(*filtros: str) -> list[str]:
        previa = leido(mandar("saga", "omitir", *filtros, "--simular", "--json"))
        return [e["id"] for e in previa["elegidos"]] + (["más"] if previa["hay_mas"] else [])

    segunda = solo.explicacion(ids[1])["fecha_inicio"]
    assert elegidas("--paso", CANCELAR) == elegidas("--estado", "COMPENSANDO") == ids
    assert elegidas("--atascadas", "--paso", "PROCESAR_PAGO") == []
    assert elegidas("--estado", "INICIADA") == []
    assert elegidas("--desde", segunda) == ids[1:]
    assert elegidas("--hasta", segunda) == ids[:2]
    assert elegidas("--desde", segunda, "--hasta", segunda, "--atascadas") == [ids[1]]
    assert elegidas("--atascadas", "--limite", "2") == [*ids[:2], "más"]


def test_uno_que_se_rechaza_no_detiene_al_resto(mandar: Mandar, solo: SoloOrquestador) -> None:
    """The others are done and audited; the refusal keeps its reason, and the exit code says so."""
    ids = atascadas(solo, 3)
    dice(mandar("saga", "cerrar", ids[1], *QUIEN))
    dormir(solo, ids[1])
    informe = leido(mandar("saga", "omitir", "--atascadas", *QUIEN, "--json"), codigo=1)
    assert [(r["id"], r["resultado"]) for r in informe["resultados"]] == [
        (ids[0], "HECHA"),
        (ids[1], "RECHAZADA"),
        (ids[2], "HECHA"),
    ]
    assert "ya terminó (FALLIDA)" in informe["resultados"][1]["detalle"]
    assert (informe["hechas"], informe["rechazadas"], informe["hay_mas"]) == (2, 1, False)
    for saga_id in (ids[0], ids[2]):
        relato = solo.explicacion(saga_id)
        assert (relato["estado"], relato["ordenes"][0]["quien"]) == ("COMPENSADA", "maría")


def test_un_lote_entero_termina_en_cero(mandar: Mandar, solo: SoloOrquestador) -> None:
    """All done, or nothing to do: 0; a person reads a table and a count."""
    ids = atascadas(solo, 2)
    dice(mandar("saga", "cerrar", "--atascadas", *QUIEN), *ids, "Hechas: 2", "en FALLIDA")
    dice(mandar("saga", "cerrar", "--atascadas", *QUIEN), "Hechas: 0")


def test_el_uso_equivocado_no_ordena_nada(mandar: Mandar, solo: SoloOrquestador) -> None:
    """Without a target, with two, or without who and why, the exit code is 2 and nothing happens."""
    [saga_id] = atascadas(solo, 1)
    dice(mandar("saga", "cerrar", *QUIEN), "Diga un ID, o filtros", codigo=2)
    dice(mandar("saga", "cerrar", saga_id, "--atascadas", *QUIEN), "no las dos cosas", codigo=2)
    dice(mandar("saga", "cerrar", "--atascadas", "--quien", "x"), "Falta --motivo", codigo=2)
    dice(mandar("saga", "cerrar", "--atascadas"), "Falta --quien y --motivo", codigo=2)
    dice(mandar("saga", "cerrar", "--desde", "ayer", *QUIEN), "ISO-8601", codigo=2)
    dice(mandar("muertos", "descartar", "--limite", "0", "--tipo", "x", *QUIEN), "limite", codigo=2)
    assert solo.explicacion(saga_id)["ordenes"] == []


def test_los_muertos_de_un_filtro(mandar: Mandar, solo: SoloOrquestador) -> None:
    """By consumer, type, saga and time; the ones that cannot go back are refused, the rest go."""
    sagas = [uuid.uuid4() for _ in range(2)]
    partes = cuerpo_de_saga()
    inicios = [
        solo.enterrar("saga-orchestrator", IniciarSaga(s, "CREAR_CAMPANA_COMPLETA", partes), saga_id=s)
        for s in sagas
    ]
    otro = solo.enterrar("saga-orchestrator", Respuesta(exito=True))
    roto = solo.enterrar_crudo("pagos", uuid.uuid4(), "comandos-pagos", b"\xff{")

    def elegidos(*filtros: str, codigo: int = 0) -> set[UUID]:
        previa = leido(mandar("muertos", "reencolar", *filtros, "--simular", "--json"), codigo)
        return {UUID(e["id"]) for e in previa["elegidos"]}

    assert elegidos("--tipo", "IniciarSaga") == set(inicios)
    assert elegidos("--saga", str(sagas[0])) == {inicios[0]}
    assert elegidos("--consumidor", "saga-orchestrator") == {*inicios, otro}
    assert elegidos("--consumidor", "pagos", codigo=1) == {roto}
    assert elegidos("--desde", "2100-01-01") == set()
    informe = leido(mandar("muertos", "reencolar", "--hasta", "2100-01-01", *QUIEN, "--json"), codigo=1)
    assert {r["id"]: r["resultado"] for r in informe["resultados"]} == {
        **{str(i): "HECHA" for i in (*inicios, otro)},
        str(roto): "RECHAZADA",
    }
    for saga_id in sagas:
        hasta(lambda s=saga_id: solo.cliente.get(f"/saga/{s}/status").status_code == 200, "la saga")  # type: ignore[misc]


def test_descartar_conserva_lo_descartado(mandar: Mandar, solo: SoloOrquestador) -> None:
    """Its row goes away, who, why and its body stay; a second order is told by whom and when."""
    saga_id = uuid.uuid4()
    inicio = IniciarSaga(saga_id, "CREAR_CAMPANA_COMPLETA", cuerpo_de_saga())
    id = solo.enterrar("saga-orchestrator", inicio, saga_id=saga_id)
    roto = solo.enterrar_crudo("pagos", uuid.uuid4(), "comandos-pagos", b"\xff{")
    dice(mandar("muertos", "descartar", id, *QUIEN), "Mensaje descartado de saga-orchestrator: su fila pasa")
    dice(mandar("muertos", "descartar", roto, *QUIEN), "descartado de pagos")
    assert solo.muertos() == set()
    visto = leido(mandar("muertos", "ver", id, "--json"))
    assert (visto["situacion"], visto["tipo"], visto["saga_id"]) == (
        "DESCARTADO",
        "IniciarSaga",
        str(saga_id),
    )
    assert visto["cuerpo"]["cuerpo"]["saga_id"] == str(saga_id)
    assert [(o["orden"], o["quien"]) for o in visto["ordenes"]] == [("muertos.descartar", "maría")]
    dice(mandar("muertos", "ver", roto), "descartado; murió en pagos", "comandos-pagos")
    for orden in ("descartar", "reencolar"):
        dice(mandar("muertos", orden, id, *QUIEN), "maría lo descartó a las", "repita", codigo=1)
        assert (
            "maría lo descartó"
            in leido(mandar("muertos", orden, id, *QUIEN, "--json"), 1)["resultados"][0]["detalle"]
        )


def test_un_fallo_en_json_tambien_es_json(mandar: Mandar) -> None:
    """Refused or unanswered, a machine reads one document and an exit code."""
    assert "no encontrada" in leido(mandar("saga", "ver", uuid.uuid4(), "--json"), 1)["error"]
    nadie = {"ORQUESTADOR_URL": "http://127.0.0.1:9"}
    resultado = CliRunner().invoke(principal, ["muertos", "lista", "--json"], env=nadie)
    assert "no responde" in leido(resultado, 3)["error"]


class Caido:
    """An orchestrator that previews four, does one, refuses one, and answers no more."""

    def __init__(self) -> None:
        self.respuestas: list[Fallo | None] = [None, Fallo("no se puede"), *[SinRespuesta("nadie")] * 3]
        self.pedidas: list[str] = []

    def pedir(self, metodo: str, ruta: str, **_opciones: Any) -> Any:
        if metodo == "GET":
            return {"orden": "cerrar", "elegidos": [{"id": str(n)} for n in range(7)], "hay_mas": False}
        self.pedidas.append(ruta)
        if fallo := self.respuestas[len(self.pedidas) - 1]:
            raise fallo
        return {"mensaje": "hecho", "saga_id": "0", "estado": "FALLIDA"}


def test_tres_silencios_seguidos_detienen_el_lote(capsys: pytest.CaptureFixture[str]) -> None:
    """With nobody there, the rest is not asked one timeout at a time; it is reported as not tried."""
    caido = Caido()
    lote = ordenes.OrdenDeOperador(caido, "saga", "cerrar")  # type: ignore[arg-type]
    assert lote.cumplir({}, {}, en_json=True) == 3
    informe = json.loads(capsys.readouterr().out)
    assert len(caido.pedidas) == 5
    assert [informe[c] for c in ("hechas", "rechazadas", "sin_respuesta", "no_intentadas")] == [1, 1, 3, 2]


def test_una_barra_sigue_al_lote(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a terminal the progress goes to standard error, and never into what is read from the output."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    lote = ordenes.OrdenDeOperador(Caido(), "saga", "cerrar")  # type: ignore[arg-type]
    lote.cumplir({}, {}, en_json=False)
    salida = capsys.readouterr()
    assert "cerrar" in salida.err
    assert "100%" in salida.err
    assert "%" not in salida.out


def comandos(grupo: click.Group, *antes: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, by its whole name."""
    for nombre, comando in grupo.commands.items():
        if isinstance(comando, click.Group):
            yield from comandos(comando, *antes, nombre)
        else:
            yield " ".join((*antes, nombre)), comando


def test_todo_comando_de_operador_habla_json() -> None:
    """Every command but those that run a process has `--json`."""
    sin = {
        nombre for nombre, comando in comandos(principal) if "en_json" not in {p.name for p in comando.params}
    }
    assert sin == {"servir", "demo"}
