"""The operator's commands against a real HTTP orchestrator that nobody answers."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from aeropartners.arranque.cli import principal
from aeropartners.arranque.http.servidores import Servidor
from aeropartners.contratos.campanas import CrearCampanaDeSaga
from aeropartners.contratos.saga import IniciarSaga
from tests.api.mandos import QUIEN, Mandar, dice, mandos, puerto_libre
from tests.api.sistema import levantar
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.datos import cuerpo_de_partner, cuerpo_de_saga
from tests.esperas import hasta


@pytest.fixture(scope="module")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoloOrquestador]:
    """An orchestrator without participants, whose undos have one attempt of a fifth of a second."""
    entorno = {"SAGA_STEP_TIMEOUT_S": "0.2", "SAGA_COMPENSATION_MAX_RETRIES": "0"}
    with orquestador(tmp_path_factory.mktemp("cli"), **entorno) as solo:
        yield solo


@pytest.fixture(scope="module")
def mandar(solo: SoloOrquestador) -> Iterator[Mandar]:
    """Run a command against it, over HTTP."""
    with mandos(solo) as mandar:
        yield mandar


@pytest.fixture
def atascada(solo: SoloOrquestador) -> str:
    """A saga that asks for attention."""
    saga_id = solo.iniciar()
    solo.hasta_motivo(saga_id, "ATENCION")
    return saga_id


@pytest.mark.parametrize("filtro", [("--estado", "COMPLETADA"), ("--tipo", "X")])
def test_las_atascadas_no_se_filtran_en_silencio(filtro: tuple[str, str]) -> None:
    """A filter that its route does not have is refused, not dropped."""
    dicho = CliRunner().invoke(principal, ["saga", "lista", "--atascadas", *filtro])
    assert (dicho.exit_code, "--atascadas no va con" in dicho.output) == (2, True)


def test_ver_cuenta_la_historia(mandar: Mandar, atascada: str) -> None:
    """One screen: why it waits, the steps, the undos, the messages and all that happened."""
    dice(
        mandar("saga", "ver", atascada),
        f"SAGA {atascada} · CREAR_CAMPANA_COMPLETA v1 · COMPENSANDO",
        "Espera a un operador: CANCELAR_CAMPAÑA agotó su único intento (último error: Tiempo de espera",
        "Órdenes que valen ahora: reintentar, omitir, cerrar",
        "CREAR_CAMPAÑA",
        "1 de 4",
        "CANCELAR_CAMPAÑA (1)",
        "comandos-campanas",
        "publicado",
        "SagaCompensacionFallida",
    )


def test_ver_lo_que_murio(mandar: Mandar, solo: SoloOrquestador) -> None:
    """A dead letter of the saga stands among its messages with its id and its consumer's error."""
    saga_id = solo.iniciar()
    id = solo.enterrar("campaigns-failover", CrearCampanaDeSaga(uuid.uuid4(), {}), saga_id=UUID(saga_id))
    dice(mandar("saga", "ver", saga_id), str(id), "muerto", "campaigns-failover: ValueError: x")


def test_lista(mandar: Mandar, atascada: str) -> None:
    """The stuck ones come with their reason; all come with their state."""
    dice(mandar("saga", "lista", "--atascadas"), "SAGAs atascadas", atascada, "espera a un operador")
    dice(mandar("saga", "lista", "--estado", "COMPENSANDO"), atascada, "Tiempo de espera agotado")
    dice(mandar("saga", "lista", "--estado", "NADA"), "Error: query.estado: ", codigo=2)


@pytest.mark.parametrize(
    ("orden", "estado"), [("reintentar", "COMPENSANDO"), ("omitir", "COMPENSADA"), ("cerrar", "FALLIDA")]
)
def test_las_ordenes_de_una_atascada(
    mandar: Mandar, solo: SoloOrquestador, atascada: str, orden: str, estado: str
) -> None:
    """Each order is carried out, and audited with who and why, letters of their own included."""
    dice(mandar("saga", orden, atascada, *QUIEN), f"Orden {orden} aceptada: SAGA {atascada} en {estado}")
    [hecha] = solo.explicacion(atascada)["ordenes"]
    assert (hecha["orden"], hecha["quien"], hecha["motivo"]) == (orden, "maría", "está arreglado")
    dice(mandar("saga", "ver", atascada), "Órdenes de operador", "maría")


def test_un_rechazo_dice_que_hacer(mandar: Mandar, atascada: str) -> None:
    """The refusal's reason is printed, and the command fails."""
    rechazo = mandar("saga", "cancelar", atascada, *QUIEN)
    dice(rechazo, "Error: ", "está atascada: use reintentar, omitir o cerrar", codigo=1)
    dice(mandar("saga", "cancelar", uuid.uuid4(), *QUIEN), "no encontrada", codigo=1)
    dice(mandar("saga", "cancelar", atascada, "--quien", "x"), "--motivo", codigo=2)
    dice(mandar("saga", "cancelar", "nada", *QUIEN), "nada", codigo=2)


def test_cancelar(tmp_path: Path) -> None:
    """A running saga that is cancelled goes back."""
    with orquestador(tmp_path) as solo, mandos(solo) as mandar:
        dice(mandar("saga", "cancelar", solo.iniciar(), *QUIEN), "Orden cancelar aceptada", "en COMPENSANDO")


def test_los_muertos_se_listan_se_ven_y_se_reencolan(mandar: Mandar, solo: SoloOrquestador) -> None:
    """From the list to its body to its consumer, and once only."""
    partes: dict[str, Any] = cuerpo_de_saga()
    saga_id = uuid.uuid4()
    inicio = IniciarSaga(saga_id, "CREAR_CAMPANA_COMPLETA", partes)
    id = solo.enterrar("saga-orchestrator", inicio, saga_id=saga_id)
    dice(
        mandar("muertos", "lista", "--consumidor", "saga-orchestrator"),
        str(id),
        "IniciarSaga",
        str(saga_id),
        "ValueError: x",
    )
    dice(mandar("muertos", "lista", "--consumidor", "nadie"), "No hay mensajes muertos")
    dice(mandar("muertos", "ver", id), f"Mensaje {id}", "saga-orchestrator", '"referencia_pago"')
    dice(mandar("muertos", "reencolar", id, *QUIEN), "Mensaje devuelto a saga-orchestrator: por reintentos")
    hasta(lambda: solo.cliente.get(f"/saga/{saga_id}/status").status_code == 200, "la saga del reenviado")
    dice(mandar("muertos", "reencolar", id, *QUIEN), "Error: ", "maría lo reencoló", codigo=1)
    dice(mandar("muertos", "ver", uuid.uuid4()), "no está entre los muertos", codigo=1)


def test_sin_orquestador_se_dice() -> None:
    """When nobody answers, the command says where it looked."""
    entorno = {"ORQUESTADOR_URL": "http://127.0.0.1:9"}
    resultado = CliRunner().invoke(principal, ["saga", "lista", "--atascadas"], env=entorno)
    dice(resultado, "El orquestador no responde en http://127.0.0.1:9", codigo=3)


def test_se_listan_las_sagas_de_todos_los_sistemas(tmp_path: Path) -> None:
    """The list hides no system; the contract's own list stays its system's."""
    with levantar(tmp_path) as sistema:
        campana = sistema.bff.post("/saga/crear-campana-completa", json=cuerpo_de_saga()).get_json()[
            "saga_id"
        ]
        partner = sistema.bff_partners.post("/api/v1/partners/", json=cuerpo_de_partner()).get_json()[
            "saga_id"
        ]
        servidor = Servidor(sistema.orquestador.application, "127.0.0.1", puerto_libre(), "PUERTO")
        servidor.empezar()

        def lista(*opciones: str) -> list[tuple[str, str]]:
            orden = ["saga", "lista", "--json", *opciones]
            dicha = CliRunner().invoke(principal, orden, env={"ORQUESTADOR_URL": servidor.url})
            assert dicha.exit_code == 0, dicha.output
            return [(s["saga_id"], s["tipo"]) for s in json.loads(dicha.stdout)["sagas"]]

        suyas = [(partner, "PARTNER_CREATION"), (campana, "CREAR_CAMPANA_COMPLETA")]
        assert (lista(), lista("--tipo", "PARTNER_CREATION")) == (suyas, suyas[:1])
        sistema.final_partner(partner)
        assert lista("--estado", "completed") == suyas[:1]
        texto = CliRunner().invoke(principal, ["saga", "lista"], env={"ORQUESTADOR_URL": servidor.url})
        dice(texto, "SAGAs: 2 de 2", partner, campana, "PARTNER_CREATION")
        nada = CliRunner().invoke(
            principal, ["saga", "lista", "--tipo", "X"], env={"ORQUESTADOR_URL": servidor.url}
        )
        dice(nada, "query.tipo: Debe ser uno de: ", "PARTNER_CREATION", codigo=2)
        assert [s["saga_id"] for s in sistema.orquestador.get("/saga/").get_json()["sagas"]] == [campana]
        assert sistema.orquestador.get(f"/saga/{partner}/status").status_code == 404
        servidor.parar()
