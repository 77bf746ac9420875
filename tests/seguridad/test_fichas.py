"""JWT: what a token of the configured issuer lets in, and all that does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aeropartners.seedwork.infraestructura.fichas import FichasJwt
from aeropartners.seedwork.infraestructura.jwks import PAUSA_S, VIDA_S, Llavero
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from aeropartners.seedwork.infraestructura.web.identidad import Identidad
from aeropartners.seedwork.infraestructura.web.permisos import Rol
from arranque.config import ConfiguracionInvalida, leer
from tests.seguridad.fichas import AUDIENCIA, EMISOR, Emisor
from tests.seguridad.paseo import Ruta, pasear


@pytest.fixture(scope="module")
def emisor() -> Emisor:
    """Keys take a moment to make."""
    return Emisor()


class Tic:
    """A clock that a test moves."""

    ahora = 0.0

    def __call__(self) -> float:
        return self.ahora


def fichas(leer_jwks: Callable[[], bytes], tic: Tic | None = None) -> FichasJwt:
    """What knows the tokens of the issuer."""
    return FichasJwt(Llavero(leer_jwks, tic or Tic()), EMISOR, AUDIENCIA, "rol")


@pytest.mark.parametrize("kid", ["rsa-1", "ec-1"])
def test_una_ficha_dice_quien_es_y_su_rol(emisor: Emisor, kid: str) -> None:
    """RS256 and ES256."""
    assert fichas(emisor.jwks).identificar(emisor.ficha(kid)) == Identidad("jwt:maria", Rol.OPERADOR)


@pytest.mark.parametrize(
    "cambios",
    [
        {"iss": "https://otro"},
        {"aud": "otra"},
        {"exp": datetime.now(UTC) - timedelta(minutes=5)},
        {"exp": None},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"rol": None},
        {"rol": "dios"},
        {"rol": {"operador": 1}},
        {"rol": []},
        {"nbf": datetime.now(UTC) + timedelta(days=1)},
    ],
    ids=str,
)
def test_una_ficha_que_no_es_para_nosotros(emisor: Emisor, cambios: dict[str, object]) -> None:
    """Another issuer or audience, expired, not yet valid, or without what says all this and the role."""
    assert fichas(emisor.jwks).identificar(emisor.ficha(**cambios)) is None


def test_una_ficha_falsa(emisor: Emisor) -> None:
    """No signature, one by HMAC with the public key, another's key under our id, and no token at all."""
    conocidas = fichas(emisor.jwks)
    ajena = Emisor().ficha()
    for falsa in (
        emisor.sin_firma(),
        emisor.confundida(),
        ajena,
        emisor.ficha()[:-6] + "AAAAAA",
        "x",
        "",
        "a.b.c",
        "ñ",
    ):
        assert conocidas.identificar(falsa) is None, falsa[:20]


def test_de_varios_roles_vale_el_que_mas_puede(emisor: Emisor) -> None:
    """Roles of other systems do not count."""
    ficha = emisor.ficha(rol=["lector", "otro", "operador"])
    assert fichas(emisor.jwks).identificar(ficha) == Identidad("jwt:maria", Rol.OPERADOR)


def test_las_llaves_se_vuelven_a_leer(emisor: Emisor) -> None:
    """A new key is found when the last reading is old enough, and then a withdrawn one is forgotten."""
    nuevo, tic, dadas = Emisor(), Tic(), [emisor.jwks()]
    conocidas = fichas(lambda: dadas[-1], tic)
    assert conocidas.identificar(emisor.ficha())
    nuevo.privadas = {"rsa-2": nuevo.privadas["rsa-1"]}
    dadas.append(nuevo.jwks())
    assert conocidas.identificar(nuevo.ficha("rsa-2")) is None
    tic.ahora = PAUSA_S
    assert conocidas.identificar(nuevo.ficha("rsa-2"))
    assert conocidas.identificar(emisor.ficha()) is None


def test_preguntar_por_llaves_que_no_hay_no_cansa_al_emisor(emisor: Emisor) -> None:
    """Whoever invents ids of keys has them asked for once in a while, not each time."""
    lecturas = []

    def leer_jwks() -> bytes:
        lecturas.append(1)
        return emisor.jwks()

    ajeno = Emisor()
    ajeno.privadas = {f"inventada-{n}": ajeno.privadas["ec-1"] for n in range(20)}
    conocidas = fichas(leer_jwks)
    for kid in ajeno.privadas:
        assert conocidas.identificar(ajeno.ficha(kid)) is None
    assert len(lecturas) == 1


def test_sin_emisor_se_sigue_con_lo_que_se_sabe(emisor: Emisor) -> None:
    """While it is away the known keys hold; before any was read nobody can say who it is: 503, not 401."""
    tic, esta = Tic(), [True]

    def leer_jwks() -> bytes:
        if not esta[0]:
            raise OSError("no contesta")
        return emisor.jwks()

    conocidas = fichas(leer_jwks, tic)
    assert conocidas.identificar(emisor.ficha())
    esta[0], tic.ahora = False, VIDA_S
    assert conocidas.identificar(emisor.ficha())
    with pytest.raises(NoDisponible):
        fichas(leer_jwks).identificar(emisor.ficha())


def test_las_fichas_abren_lo_que_su_rol_puede(emisor: Emisor, tmp_path: Path) -> None:
    """In the whole system, from a file: a reader reads, may not start, and no key is needed besides."""
    archivo = tmp_path / "jwks.json"
    archivo.write_bytes(emisor.jwks())
    entorno = {"API_KEYS": "", "JWT_JWKS": str(archivo), "JWT_EMISOR": EMISOR, "JWT_AUDIENCIA": AUDIENCIA}
    with pasear(tmp_path, **entorno) as paseo:
        lista, inicio = (
            Ruta("bff", "GET", "/saga/", None),
            Ruta("bff", "POST", "/saga/crear-campana-completa", None),
        )
        lector = f"bearer {emisor.ficha('ec-1', rol='lector')}"
        assert paseo.llamar(lista, Authorization=lector).status_code == 200
        assert paseo.llamar(inicio, Authorization=lector).status_code == 403
        assert paseo.llamar(inicio, Authorization=f"Bearer {emisor.ficha()}").status_code == 400
        assert paseo.llamar(lista, Authorization=f"Bearer {emisor.sin_firma()}").status_code == 401
        assert paseo.llamar(lista).status_code == 401


def test_la_configuracion_a_medias_no_vale(tmp_path: Path) -> None:
    """A JWKS without issuer and audience, over plain HTTP from elsewhere, or of a file that is not there."""
    archivo = tmp_path / "jwks.json"
    archivo.write_text('{"keys": []}')
    entera = {"JWT_JWKS": str(archivo), "JWT_EMISOR": EMISOR, "JWT_AUDIENCIA": AUDIENCIA}
    assert leer(entera).exige_clave
    for cambio in (
        {"JWT_EMISOR": ""},
        {"JWT_AUDIENCIA": ""},
        {"JWT_JWKS": "http://emisor.prueba/jwks"},
        {"JWT_JWKS": str(tmp_path / "no-esta.json")},
    ):
        with pytest.raises(ConfiguracionInvalida, match="JWT_JWKS"):
            leer(entera | cambio)
