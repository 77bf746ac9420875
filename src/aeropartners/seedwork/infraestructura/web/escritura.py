"""HTTP writes: the idempotency key, the fingerprint of the body, and the answer of the module's writer."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from aeropartners.seedwork.aplicacion.bucles.escritor import ClaveReutilizada, Escritor, Peticion
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import ClaveIdempotencia, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.almacen.claves_idempotencia import guardadas
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.acceso.auditor import dar_por_anotada, firma_actual
from aeropartners.seedwork.infraestructura.web.acceso.identidad import ANONIMA
from aeropartners.seedwork.infraestructura.web.formas_de_error import forma_actual, saga_actual
from aeropartners.seedwork.infraestructura.web.huellas import huella_de
from aeropartners.seedwork.infraestructura.web.peticiones import CUERPO_LEIDO, exigir_legible

V = TypeVar("V", bound=Callable[..., Any])
CABECERA = "Idempotency-Key"
CLAVE_MAXIMA = 255
_GEMELOS = "prefijos_gemelos"
_MARCA = "honra_la_clave"
_ILEGIBLE = "peticion_ilegible"


class Escritura:
    """Turns the present request into a write of one module."""

    def __init__(self, escritor: Escritor, servicio: str, motor: Motor) -> None:
        self._escritor = escritor
        self._servicio = servicio
        self._motor = motor

    def hacer(
        self,
        mensaje: object,
        clave: UUID,
        presentar: Callable[[Decision], object],
        *,
        idempotente: bool = False,
        siempre: bool = False,
        saga_id: UUID | None = None,
        estado: int = 200,
    ) -> Response:
        """Run the command in the writer's next group and return its answer as JSON.

        `clave` is the id of the stream. `idempotente`: honour the request's `Idempotency-Key`. `siempre`:
        queue the request even when its wait would be long. `estado`: the status of a success.
        """
        forma, saga = forma_actual(), saga_actual()
        json = current_app.json  # `contestar` runs in the writer's thread

        def contestar(decision: Decision) -> Contestacion:
            # The stored answer must be exactly the one that is sent.
            return Contestacion(estado, json.loads(json.dumps(presentar(decision))))

        peticion = Peticion(
            mensaje=mensaje,
            clave=clave,
            presentar=contestar,
            presentar_error=lambda error: forma.contestar(error, saga),
            saga_id=saga_id,
            correlacion_id=g.correlacion_id,
            siempre=siempre,
            firma=firma_actual(str(getattr(mensaje, "motivo", "")), saga_id),
        )
        if idempotente and (idempotencia := clave_de_peticion(self._servicio)) is not None:
            peticion.idempotencia = idempotencia
            peticion.huella, peticion.huella_anterior = _huellas()
        contestacion = self._escritor.ejecutar(peticion)
        if peticion.anotada or contestacion.estado < 400:  # repeated key: no change
            dar_por_anotada()
        return _respuesta(contestacion)

    def repetible(self, vista: V, luego: Callable[[Response], Response] = lambda r: r) -> V:
        """Make a view answer a repeated key with the first answer, whatever it refuses by now.

        The key is looked up only when the request is refused; otherwise the write's own transaction does it.
        `luego` makes of the stored answer the one that is sent: it may wait, and tell more each time.
        """

        @wraps(vista)
        def con_clave(*argumentos: Any, **nombrados: Any) -> Any:
            try:
                if (ilegible := g.get(_ILEGIBLE)) is not None:
                    raise ilegible
                contestada = vista(*argumentos, **nombrados)
            except Exception:
                if (guardada := self._guardada()) is None:
                    raise
                contestada = guardada
            return luego(contestada)

        return con_clave_honrada(cast(V, con_clave))

    def _guardada(self) -> Response | None:
        """Return the stored answer of the present request's key, or None; raises ClaveReutilizada."""
        clave = clave_de_peticion(self._servicio)
        if clave is None:
            return None
        with self._motor.lectura() as con:
            guardada = guardadas(con, dialecto_de(self._motor), (clave,)).get(clave)
        if guardada is None:
            return None
        if guardada.huella not in _huellas():
            raise ClaveReutilizada
        dar_por_anotada()
        return _respuesta(guardada.contestacion)


def exigir_legible_o_clave() -> None:
    """Refuse an unreadable request, unless it has a key that its view honours: then the view decides.

    A key is looked up before all else but authentication: its request may have been good enough once.
    """
    try:
        exigir_legible()
    except (ValidationError, HTTPException) as error:
        vista = current_app.view_functions[request.endpoint or ""]
        if CABECERA not in request.headers or not honra_la_clave(vista):
            raise
        setattr(g, _ILEGIBLE, error)
        request.max_content_length = CUERPO_LEIDO


def se_puede_leer() -> bool:
    """Whether the present request is readable; others reach a view only with a key that it honours."""
    return _ILEGIBLE not in g


def con_clave_honrada(vista: V) -> V:
    """Mark a view as honouring `Idempotency-Key`: by `repetible`, or in the service that it calls.

    A view that calls another service must forward a request with a key even if it cannot be read.
    """
    setattr(vista, _MARCA, True)
    return vista


def honra_la_clave(vista: Callable[..., Any]) -> bool:
    """Whether a view is marked so; then the OpenAPI declares the header."""
    return getattr(vista, _MARCA, False)


def prefijo_gemelo(b: Blueprint, prefijo: str, de: str) -> Blueprint:
    """Declare that the routes under `prefijo` are those under `de`: both share their idempotency keys."""

    def decir(estado: BlueprintSetupState) -> None:
        estado.app.extensions.setdefault(_GEMELOS, {})[f"{prefijo}/"] = f"{de}/"

    b.record_once(decir)
    return b


def cliente_actual() -> str:
    """Return a short hash that distinguishes the present caller; "" where callers are not identified."""
    cliente = g.get("identidad", ANONIMA).cliente
    return hashlib.sha256(cliente.encode()).hexdigest()[:32] if cliente else ""


def clave_de_peticion(servicio: str) -> ClaveIdempotencia | None:
    """Return the idempotency key of the present request, as this service stores it; None without one."""
    valor = request.headers.get(CABECERA)
    if valor is None:
        return None
    venida = _ruta(request.path)
    return ClaveIdempotencia(servicio, _ruta(_sin_gemelo()), _clave(valor), cliente_actual(), venida)


def clave_por_otro() -> str | None:
    """Return the idempotency key to forward to a service that sees us as its only caller.

    It is derived from the caller and the caller's key, so that equal keys of two callers stay different.
    """
    clave = clave_de_peticion("")
    if clave is None or not clave.cliente:
        return clave.clave if clave else None
    return hashlib.sha256(f"{clave.cliente}:{clave.clave}".encode()).hexdigest()


def _sin_gemelo() -> str:
    camino = request.path
    for prefijo, de in current_app.extensions.get(_GEMELOS, {}).items():
        if f"{camino}/".startswith(prefijo):
            return str(de) + camino[len(prefijo) :]
    return camino


def _ruta(camino: str) -> str:
    return f"{request.method} {camino.rstrip('/')}"[:200]


def _clave(valor: str) -> str:
    # An empty key is refused: it would be no protection, and the client would not know.
    if not (0 < len(valor) <= CLAVE_MAXIMA and valor.isascii() and valor.isprintable()):
        raise ErrorDeDominio(f"{CABECERA}: de 1 a {CLAVE_MAXIMA} caracteres ASCII visibles", "CLAVE_INVALIDA")
    return valor


def _huellas() -> tuple[str, str]:
    """Return the body's fingerprint, and the one that the release before this one computed."""
    crudo = request.get_data()
    return huella_de(crudo), hashlib.sha256(crudo).hexdigest()


def _respuesta(contestacion: Contestacion) -> Response:
    respuesta = jsonify(contestacion.cuerpo)
    respuesta.status_code = contestacion.estado
    return respuesta
