"""HTTP writes: the idempotency key, the fingerprint of the body, and the answer of the batch machine."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState

from aeropartners.seedwork.aplicacion.bucles.escritor import ClaveReutilizada, Escritor, Peticion
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import ClaveIdempotencia, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.almacen.claves_idempotencia import guardadas
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.auditor import dar_por_anotada, firma_actual
from aeropartners.seedwork.infraestructura.web.formas_de_error import forma_actual, saga_actual
from aeropartners.seedwork.infraestructura.web.huellas import huella_de
from aeropartners.seedwork.infraestructura.web.identidad import ANONIMA

V = TypeVar("V", bound=Callable[..., Any])
CABECERA = "Idempotency-Key"
CLAVE_MAXIMA = 255
_GEMELOS = "prefijos_gemelos"
_MARCA = "honra_la_clave"


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
        """Run the command in the next group and return its answer as JSON."""
        forma, saga = forma_actual(), saga_actual()
        json = current_app.json  # the answer is built in the writer's thread, outside this request

        def contestar(decision: Decision) -> Contestacion:
            # What is stored for a repeated key is exactly what is answered.
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
        if peticion.anotada or contestacion.estado < 400:  # a repeated key changes nothing
            dar_por_anotada()
        return _respuesta(contestacion)

    def repetible(self, vista: V) -> V:
        """Have a view answer a repeated key as the first time, whatever it refuses by now.

        The key is looked up only when the view refuses; one that does not finds it in its own transaction.
        """

        @wraps(vista)
        def con_clave(*argumentos: Any, **nombrados: Any) -> Any:
            try:
                return vista(*argumentos, **nombrados)
            except Exception:
                if (guardada := self._guardada()) is None:
                    raise
                return guardada

        return con_clave_honrada(cast(V, con_clave))

    def _guardada(self) -> Response | None:
        """Return what the present request's key was answered; raises ClaveReutilizada."""
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


def con_clave_honrada(vista: V) -> V:
    """Say that a view honours `Idempotency-Key`: it is `repetible`, or whom it asks is."""
    setattr(vista, _MARCA, True)
    return vista


def honra_la_clave(vista: Callable[..., Any]) -> bool:
    """Whether a view said so; the OpenAPI has the header where it did."""
    return getattr(vista, _MARCA, False)


def prefijo_gemelo(b: Blueprint, prefijo: str, de: str) -> Blueprint:
    """Say that the routes of a blueprint under `prefijo` are those under `de`: their keys are the same."""

    def decir(estado: BlueprintSetupState) -> None:
        estado.app.extensions.setdefault(_GEMELOS, {})[f"{prefijo}/"] = f"{de}/"

    b.record_once(decir)
    return b


def cliente_actual() -> str:
    """Return who calls, in as few characters as tell callers apart; "" where nobody says."""
    cliente = g.get("identidad", ANONIMA).cliente
    return hashlib.sha256(cliente.encode()).hexdigest()[:32] if cliente else ""


def clave_de_peticion(servicio: str) -> ClaveIdempotencia | None:
    """Return the key of the present request, as this service stores it."""
    valor = request.headers.get(CABECERA)
    if valor is None:
        return None
    venida = _ruta(request.path)
    return ClaveIdempotencia(servicio, _ruta(_sin_gemelo()), _clave(valor), cliente_actual(), venida)


def clave_por_otro() -> str | None:
    """Return the key of the present request for a service that sees only us: each caller's is another."""
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
    # An empty key protects nobody: whoever sends one believes that it does.
    if not (0 < len(valor) <= CLAVE_MAXIMA and valor.isascii() and valor.isprintable()):
        raise ErrorDeDominio(f"{CABECERA}: de 1 a {CLAVE_MAXIMA} caracteres ASCII visibles", "CLAVE_INVALIDA")
    return valor


def _huellas() -> tuple[str, str]:
    """Return the body's fingerprint, and the one that the release before this one took of it."""
    crudo = request.get_data()
    return huella_de(crudo), hashlib.sha256(crudo).hexdigest()


def _respuesta(contestacion: Contestacion) -> Response:
    respuesta = jsonify(contestacion.cuerpo)
    respuesta.status_code = contestacion.estado
    return respuesta
