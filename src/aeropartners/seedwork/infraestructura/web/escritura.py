"""HTTP writes: the idempotency key, the fingerprint of the body, and the answer of the batch machine."""

import hashlib
from collections.abc import Callable
from uuid import UUID

from flask import Response, current_app, g, jsonify, request

from aeropartners.seedwork.aplicacion.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import ClaveIdempotencia, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.auditor import dar_por_anotada, firma_actual
from aeropartners.seedwork.infraestructura.web.formas import forma_actual, saga_actual

CABECERA = "Idempotency-Key"
CLAVE_MAXIMA = 255


class Escritura:
    """Turns the present request into a write of one module."""

    def __init__(self, escritor: Escritor, servicio: str) -> None:
        self._escritor = escritor
        self._servicio = servicio

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
            peticion.huella = hashlib.sha256(request.get_data()).hexdigest()
        contestacion = self._escritor.ejecutar(peticion)
        if peticion.anotada or contestacion.estado < 400:  # a repeated key changes nothing
            dar_por_anotada()
        respuesta = jsonify(contestacion.cuerpo)
        respuesta.status_code = contestacion.estado
        return respuesta


def clave_de_peticion(servicio: str) -> ClaveIdempotencia | None:
    """Return the key of the present request, as this service stores it."""
    valor = request.headers.get(CABECERA)
    return None if valor is None else ClaveIdempotencia(servicio, _ruta(), _clave(valor))


def _ruta() -> str:
    return f"{request.method} {request.path.rstrip('/')}"[:200]


def _clave(valor: str) -> str:
    # An empty key protects nobody: whoever sends one believes that it does.
    if not (0 < len(valor) <= CLAVE_MAXIMA and valor.isascii() and valor.isprintable()):
        raise ErrorDeDominio(f"{CABECERA}: de 1 a {CLAVE_MAXIMA} caracteres ASCII visibles", "CLAVE_INVALIDA")
    return valor
