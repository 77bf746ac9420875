"""API keys of the table, through the CLI that makes them and the door that knows them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.seguridad.claves import crear, huella
from aeropartners.seedwork.infraestructura.seguridad.claves_conocidas import VIGENCIA_S, ClavesDeBase
from aeropartners.seedwork.infraestructura.web.acceso.identidad import Identidad
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from tests.seguridad.paseo import Paseo, Ruta, pasear

AJENAS = dict.fromkeys(("DATABASE_URL", "PULSAR_URL", "BROKER_URL"))
LISTA = Ruta("orquestador", "GET", "/saga/", None)


class Mando:
    """The CLI over one folder."""

    def __init__(self, carpeta: Path) -> None:
        self.entorno = {"AEROPARTNERS_DATOS": str(carpeta), "EXIGIR_CLAVE": "1"}
        self.motor = Motor(leer(self.entorno).database_url)

    def __call__(self, *argumentos: str) -> Result:
        return CliRunner().invoke(principal, ["claves", *argumentos], env={**self.entorno, **AJENAS})

    def json(self, *argumentos: str) -> Any:
        """Run it and return its JSON."""
        hecho = self(*argumentos, "--json")
        assert hecho.exit_code == 0, hecho.output
        return json.loads(hecho.stdout)

    def valores(self, consulta: str) -> list[Any]:
        """Return the first column of a query."""
        with self.motor.lectura() as con:
            return list(con.scalars(text(consulta)))


@pytest.fixture
def mando(tmp_path: Path) -> Iterator[Mando]:
    """The CLI over a migrated database."""
    mando = Mando(tmp_path)
    Proceso(Contenedor(config=leer(mando.entorno))).migrar()
    yield mando
    mando.motor.cerrar()


def nueva(mando: Mando, rol: str = "lector") -> dict[str, str]:
    """Make a key."""
    return dict(mando.json("crear", "--nombre", "monitor", "--rol", rol))


def test_una_clave_se_muestra_una_vez(mando: Mando) -> None:
    """Only its hash is in the database, only its prefix in the list and in the audit."""
    hecho = mando("crear", "--nombre", "monitor", "--rol", "lector")
    clave = hecho.stdout.splitlines()[0]
    [listada] = mando.json("lista")
    assert clave.startswith(listada["prefijo"])
    assert (listada["nombre"], listada["rol"], listada["estado"]) == ("monitor", "lector", "viva")
    assert mando.valores("SELECT huella FROM claves") == [huella(clave)]
    with mando.motor.lectura() as con:
        todo = repr(con.execute(text("SELECT * FROM claves")).all()) + repr(
            con.execute(text("SELECT * FROM auditoria")).all()
        )
    secreto = clave.removeprefix(listada["prefijo"])
    assert secreto not in todo
    assert secreto not in mando("lista").output
    assert len(secreto) > 40


def test_cada_orden_sobre_claves_se_audita(mando: Mando) -> None:
    """Who, what and which; and a refused one changes nothing."""
    prefijo = nueva(mando)["prefijo"]
    rotada = mando.json("rotar", prefijo)["prefijo"]
    mando.json("revocar", rotada)
    assert mando("revocar", rotada).exit_code == 1
    assert mando("rotar", "ap_nadie").exit_code == 1
    assert mando.valores("SELECT operacion FROM auditoria ORDER BY momento, id") == [
        "claves.crear",
        "claves.rotar",
        "claves.revocar",
    ]
    assert set(mando.valores("SELECT rol FROM auditoria")) == {"admin"}


def test_la_clave_entra_hasta_que_se_revoca(mando: Mando, tmp_path: Path) -> None:
    """In the whole system: with its role, and not once it is revoked, at any door."""
    clave, otra = nueva(mando), nueva(mando, "admin")
    mando.json("revocar", otra["prefijo"])
    with pasear(tmp_path, API_KEYS="", EXIGIR_CLAVE="1") as paseo:
        assert paseo.llamar(LISTA, X_API_Key=clave["clave"]).status_code == 200
        prohibida = paseo.llamar(
            Ruta("orquestador", "POST", "/saga/crear-campana-completa", None), X_API_Key=clave["clave"]
        )
        assert prohibida.status_code == 403
        assert abiertas(paseo, otra["clave"]) == []


def abiertas(paseo: Paseo, clave: str) -> list[str]:
    """Return the closed routes of all services that this key opens."""
    return [
        str(r) for r in paseo.rutas if not r.abierta and paseo.llamar(r, X_API_Key=clave).status_code != 401
    ]


def test_una_revocada_deja_de_valer_en_un_proceso_que_la_conocia(mando: Mando) -> None:
    """After VIGENCIA_S at most, without a restart."""
    dada, momento = nueva(mando, "operador"), [0.0]
    conocidas = ClavesDeBase(mando.motor, RelojReal(), lambda: momento[0])
    suya = Identidad(f"monitor ({dada['prefijo']})", Rol.OPERADOR)
    assert conocidas.identificar(dada["clave"]) == suya
    mando.json("revocar", dada["prefijo"])
    assert conocidas.identificar(dada["clave"]) == suya
    momento[0] = VIGENCIA_S
    assert conocidas.identificar(dada["clave"]) is None


def test_al_rotar_la_vieja_vale_hasta_que_acaba_la_gracia(mando: Mando) -> None:
    """The new one at once, with the same name and role; without grace the old one not at all."""
    vieja = nueva(mando, "servicio")
    con_gracia = mando.json("rotar", vieja["prefijo"], "--gracia-horas", "1")
    conocidas = ClavesDeBase(mando.motor, RelojReal())
    assert {conocidas.identificar(c["clave"]).rol for c in (vieja, con_gracia)} == {Rol.SERVICIO}  # type: ignore[union-attr]
    sin_gracia = mando.json("rotar", con_gracia["prefijo"], "--gracia-horas", "0")
    frescas = ClavesDeBase(mando.motor, RelojReal())
    assert frescas.identificar(con_gracia["clave"]) is None
    assert frescas.identificar(sin_gracia["clave"])
    assert [c["estado"] for c in mando.json("lista")] == ["viva", "caducada", "viva"]


def test_el_nombre_de_una_clave_es_texto(mando: Mando) -> None:
    """Markup in it is shown as it was written and breaks no list; what a terminal would obey is no name."""
    assert mando("crear", "--nombre", "[/] [red]de ana[/red]", "--rol", "lector").exit_code == 0
    lista = mando("lista")
    assert (lista.exit_code, "[/] [red]de ana[/red]" in lista.output) == (0, True), lista.output
    mala = mando("crear", "--nombre", "ana\x1b[2J", "--rol", "lector")
    assert (mala.exit_code, "ninguno de control" in mala.output) == (1, True)
    ahora = RelojReal().ahora()
    with mando.motor.escritura() as con:  # one that was made before
        crear(con, Uuid7().nuevo(), "vieja", Rol.LECTOR, ahora, None)
        con.execute(text("UPDATE claves SET nombre = :n WHERE nombre = 'vieja'"), {"n": "vieja\x1b[2J"})
        con.commit()
    assert "\x1b" not in mando("lista").output


def test_sin_base_nadie_puede_decir_quien_es(tmp_path: Path) -> None:
    """A key that cannot be looked up is neither right nor wrong: come again later."""
    vacia = Motor(f"sqlite:///{tmp_path / 'vacia.db'}")
    conocidas = ClavesDeBase(vacia, RelojReal())
    with pytest.raises(NoDisponible):
        conocidas.identificar("ap_12345678_x")
    assert conocidas.identificar("una-de-otro-sitio") is None


def test_sin_tablas_se_dice_que_falta(tmp_path: Path) -> None:
    """Not a traceback."""
    hecho = Mando(tmp_path)("lista")
    assert hecho.exit_code == 1
    assert "aeropartners migrar" in hecho.output


def test_lo_que_se_ordena_en_una_terminal_se_audita(mando: Mando) -> None:
    """Beside the database, by the user of the machine; what only looks leaves no row."""
    for orden in (["proyecciones", "reconstruir", "pagos"], ["saga", "reconstruir"]):
        for opciones in (["--comprobar"], []):
            hecho = CliRunner().invoke(principal, [*orden, *opciones], env={**mando.entorno, **AJENAS})
            assert hecho.exit_code == 0, hecho.output
    filas = mando.valores("SELECT operacion || ' ' || recurso FROM auditoria ORDER BY momento, id")
    assert filas == ["proyecciones.reconstruir proyecciones/pagos", "saga.reconstruir saga/"]
    assert all(actor.startswith("cli:") for actor in mando.valores("SELECT actor FROM auditoria"))


@pytest.mark.parametrize("nombre", ["", "  ", "a\nb", "a\x1b[2Jb", "a\u2028b", "x" * 81])
def test_un_nombre_que_no_se_puede_decir_en_una_linea(mando: Mando, nombre: str) -> None:
    """The name of a key is told in the audit, in logs and on screens: refused, and nothing is made."""
    hecho = mando("crear", "--nombre", nombre, "--rol", "lector")
    assert hecho.exit_code == 1, hecho.output
    assert "nombre" in hecho.output
    assert mando.valores("SELECT count(*) FROM claves") == [0]


def test_un_nombre_de_antes_se_muestra_sin_controles(mando: Mando) -> None:
    """A key whose name was taken before is listed and rotated, and lets in under a name of one line."""
    dada = nueva(mando)
    with mando.motor.escritura() as con:
        con.execute(text("UPDATE claves SET nombre = 'a' || char(10) || 'b'"))
        con.commit()
    assert [c["nombre"] for c in mando.json("lista")] == ["a\ufffdb"]
    identidad = ClavesDeBase(mando.motor, RelojReal()).identificar(dada["clave"])
    assert identidad
    assert identidad.nombre == f"a\ufffdb ({dada['prefijo']})"
    assert mando("rotar", dada["prefijo"]).exit_code == 0
