"""JWT: what a token of the configured issuer lets in, and all that does not."""

import base64
import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from aeropartners.arranque.config import ConfiguracionInvalida, leer
from aeropartners.arranque.http.acceso import _leer_jwks
from aeropartners.seedwork.infraestructura.seguridad.jwks import PAUSA_S, VIDA_S, Llavero
from aeropartners.seedwork.infraestructura.seguridad.jwt import TokensJwt
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import (
    RespuestaExcesiva,
    TransporteAcotado,
)
from aeropartners.seedwork.infraestructura.web.acceso.identidad import Identidad
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from tests.dobles.relojes import Cronometro
from tests.seguridad.paseo import Ruta, pasear
from tests.seguridad.tokens import AUDIENCIA, EMISOR, Emisor


@pytest.fixture(scope="module")
def emisor() -> Emisor:
    """Keys take a moment to make."""
    return Emisor()


def tokens(leer_jwks: Callable[[], bytes], cronometro: Cronometro | None = None) -> TokensJwt:
    """What knows the tokens of the issuer."""
    return TokensJwt(Llavero(leer_jwks, cronometro or Cronometro()), EMISOR, AUDIENCIA, "rol")


@pytest.mark.parametrize("kid", ["rsa-1", "ec-1"])
def test_una_ficha_dice_quien_es_y_su_rol(emisor: Emisor, kid: str) -> None:
    """RS256 and ES256."""
    assert tokens(emisor.jwks).identificar(emisor.token(kid)) == Identidad("jwt:maria", Rol.OPERADOR)


@pytest.mark.parametrize(
    "cambios",
    [
        {"iss": "https://otro"},
        {"aud": "otra"},
        {"exp": timedelta(minutes=-5)},
        {"exp": None},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"rol": None},
        {"rol": "dios"},
        {"rol": {"operador": 1}},
        {"rol": []},
        {"nbf": timedelta(days=1)},
        {"sub": ""},
        {"sub": "  "},
        {"sub": "a\nb"},
        {"sub": "a\x1b[2J"},
        {"sub": "a" * 201},
    ],
    ids=str,
)
def test_una_ficha_que_no_es_para_nosotros(emisor: Emisor, cambios: dict[str, object]) -> None:
    """Another issuer or audience, expired, not yet valid, or without what says all this and the role."""
    ahora = datetime.now(UTC)
    dichos = {c: ahora + v if isinstance(v, timedelta) else v for c, v in cambios.items()}
    assert tokens(emisor.jwks).identificar(emisor.token(**dichos)) is None


def test_una_ficha_falsa(emisor: Emisor) -> None:
    """No signature, one by HMAC with the public key, another's key under our id, and no token at all."""
    conocidas = tokens(emisor.jwks)
    ajena = Emisor().token()
    for falsa in (
        emisor.sin_firma(),
        emisor.confundida(),
        ajena,
        emisor.token()[:-6] + "AAAAAA",
        "x",
        "",
        "a.b.c",
        "ñ",
    ):
        assert conocidas.identificar(falsa) is None, falsa[:20]


@pytest.mark.parametrize(("uso", "vale"), [("sig", True), (None, True), ("enc", False), ("otro", False)])
def test_una_llave_que_no_es_para_firmar(emisor: Emisor, uso: str | None, vale: bool) -> None:
    """A key of the issuer's for another use vouches for nobody."""
    llaves = json.loads(emisor.jwks())
    for llave in llaves["keys"]:
        llave["use"] = uso
        if uso is None:
            del llave["use"]
    conocidas = tokens(lambda: json.dumps(llaves).encode())
    assert [bool(conocidas.identificar(emisor.token(kid))) for kid in emisor.privadas] == [vale, vale]


def test_una_ficha_enorme_no_se_lee(emisor: Emisor) -> None:
    """However it is signed; nor is one whose header has no bottom."""
    hondo = base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("=")
    for token in (emisor.token(relleno="x" * 9_000), f"{hondo}.e30.e30"):
        assert tokens(emisor.jwks).identificar(token) is None


def test_cada_sujeto_es_un_cliente(emisor: Emisor) -> None:
    """What tells callers apart is the subject, not its role."""
    conocidas = tokens(emisor.jwks)
    vistas = [conocidas.identificar(emisor.token(sub=s, rol=r)) for s, r in (("a", "admin"), ("a", "lector"))]
    otra = conocidas.identificar(emisor.token(sub="b"))
    assert otra
    assert {v.cliente for v in vistas if v} == {"jwt:a"} != {otra.cliente}


def test_de_varios_roles_vale_el_que_mas_puede(emisor: Emisor) -> None:
    """Roles of other systems do not count."""
    token = emisor.token(rol=["lector", "otro", "operador"])
    assert tokens(emisor.jwks).identificar(token) == Identidad("jwt:maria", Rol.OPERADOR)


def test_las_llaves_se_vuelven_a_leer(emisor: Emisor) -> None:
    """A new key is found when the last reading is old enough, and then a withdrawn one is forgotten."""
    nuevo, cronometro, dadas = Emisor(), Cronometro(), [emisor.jwks()]
    conocidas = tokens(lambda: dadas[-1], cronometro)
    assert conocidas.identificar(emisor.token())
    nuevo.privadas = {"rsa-2": nuevo.privadas["rsa-1"]}
    dadas.append(nuevo.jwks())
    assert conocidas.identificar(nuevo.token("rsa-2")) is None
    cronometro.segundos = PAUSA_S
    assert conocidas.identificar(nuevo.token("rsa-2"))
    assert conocidas.identificar(emisor.token()) is None


def test_preguntar_por_llaves_que_no_hay_no_cansa_al_emisor(emisor: Emisor) -> None:
    """Whoever invents ids of keys has them asked for once in a while, not each time."""
    lecturas = []

    def leer_jwks() -> bytes:
        lecturas.append(1)
        return emisor.jwks()

    ajeno = Emisor()
    ajeno.privadas = {f"inventada-{n}": ajeno.privadas["ec-1"] for n in range(20)}
    conocidas = tokens(leer_jwks)
    for kid in ajeno.privadas:
        assert conocidas.identificar(ajeno.token(kid)) is None
    assert len(lecturas) == 1


def test_nadie_espera_a_un_emisor_que_se_cuelga(emisor: Emisor) -> None:
    """While one token has the keys read, those that are known let everybody else in; others come again."""
    cronometro, leyendo, seguir = Cronometro(), Event(), Event()

    def leer_jwks() -> bytes:
        if cronometro.segundos:
            leyendo.set()
            assert seguir.wait(30)
            raise OSError("se acabó el plazo")
        return emisor.jwks()

    conocidas = tokens(leer_jwks, cronometro)
    assert conocidas.identificar(emisor.token())
    cronometro.segundos = VIDA_S
    colgado = Thread(target=lambda: conocidas.identificar(emisor.token()))
    colgado.start()
    assert leyendo.wait(30)
    assert conocidas.identificar(emisor.token())
    nueva = Emisor()
    nueva.privadas = {"nueva-1": nueva.privadas["ec-1"]}
    with pytest.raises(NoDisponible):
        conocidas.identificar(nueva.token("nueva-1"))
    seguir.set()
    colgado.join(30)
    assert not colgado.is_alive()


def test_las_llaves_de_un_emisor_se_leen_con_limites(emisor: Emisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the one transport that has a deadline and a size; what passes them is an issuer that is away."""
    excesiva: list[str] = []

    def contestar(_transporte: object, peticion: httpx.Request) -> httpx.Response:
        if excesiva:
            raise RespuestaExcesiva(excesiva[0], request=peticion)
        return httpx.Response(200, content=emisor.jwks(), request=peticion)

    monkeypatch.setattr(TransporteAcotado, "handle_request", contestar)
    assert _leer_jwks("http://127.0.0.1:9/jwks", ssl.create_default_context()) == emisor.jwks()
    excesiva.append("pasa de 1048576 bytes")
    with pytest.raises(OSError, match="RespuestaExcesiva"):
        _leer_jwks("http://127.0.0.1:9/jwks", ssl.create_default_context())


@pytest.mark.parametrize(
    "jwks",
    [b"[]", b"7", b'{"keys": 7}', b'{"keys": [7]}', b"[" * 100_000, b"\xff"],
    ids=["lista", "número", "sin llaves", "sin llave", "sin fin", "sin UTF-8"],
)
def test_lo_que_no_es_un_jwks_no_quita_las_llaves(emisor: Emisor, jwks: bytes) -> None:
    """Whatever an issuer answers, what was known stays known."""
    cronometro, dadas = Cronometro(), [emisor.jwks()]
    conocidas = tokens(lambda: dadas[-1], cronometro)
    assert conocidas.identificar(emisor.token())
    dadas.append(jwks)
    cronometro.segundos = VIDA_S
    assert conocidas.identificar(emisor.token())


def test_una_llave_de_cifrar_no_firma(emisor: Emisor) -> None:
    """The issuer gave it for something else."""
    llaves = json.loads(emisor.jwks())
    assert tokens(lambda: json.dumps(llaves).encode()).identificar(emisor.token())
    for llave in llaves["keys"]:
        llave["use"] = "enc"
    assert tokens(lambda: json.dumps(llaves).encode()).identificar(emisor.token()) is None


@pytest.mark.parametrize("sub", ["", "  ", "maria\nadmin", "\x1b[1m"])
def test_una_ficha_sin_nombre_no_es_de_nadie(emisor: Emisor, sub: str) -> None:
    """The audit would name nobody, or somebody else."""
    assert tokens(emisor.jwks).identificar(emisor.token(sub=sub)) is None


def test_sin_emisor_se_sigue_con_lo_que_se_sabe(emisor: Emisor) -> None:
    """While it is away the known keys hold; before any was read nobody can say who it is: 503, not 401."""
    cronometro, esta = Cronometro(), [True]

    def leer_jwks() -> bytes:
        if not esta[0]:
            raise OSError("no contesta")
        return emisor.jwks()

    conocidas = tokens(leer_jwks, cronometro)
    assert conocidas.identificar(emisor.token())
    esta[0], cronometro.segundos = False, VIDA_S
    assert conocidas.identificar(emisor.token())
    with pytest.raises(NoDisponible):
        tokens(leer_jwks).identificar(emisor.token())


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
        lector = f"bearer {emisor.token('ec-1', rol='lector')}"
        assert paseo.llamar(lista, Authorization=lector).status_code == 200
        assert paseo.llamar(inicio, Authorization=lector).status_code == 403
        assert paseo.llamar(inicio, Authorization=f"Bearer {emisor.token()}").status_code == 400
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
