"""The partner saga for clients of integraciones: started and read at the orchestrator, and passed on."""

from functools import wraps
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from flask import Response, g, jsonify, request
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from aeropartners.contratos.formularios import INICIO_DE_PARTNER, InicioDePartner
from aeropartners.modulos.partners.infraestructura import respuestas
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import (
    CABECERA,
    clave_por_otro,
    con_clave_honrada,
    se_puede_leer,
)
from aeropartners.seedwork.infraestructura.web.esquemas import uuid_o_nada
from aeropartners.seedwork.infraestructura.web.formas_de_error import forma_actual
from aeropartners.seedwork.infraestructura.web.openapi.documento import objeto

# The orchestrator refused this service's own key: the client cannot correct that, so it gets ERROR_SAGA.
DE_NUESTRA_CLAVE = (401, 403)
DE_CONSULTA = "%&=+/?:@!$'()*,;"
INICIO, ESTADO = "/api/v1/saga/partner-creation", "/api/v1/saga/status/"


class SagasDePartners:
    """The orchestrator's API over HTTP; safe from several threads."""

    def __init__(self, orquestador: httpx.Client) -> None:
        self._orquestador = orquestador

    def iniciar(self, inicio: InicioDePartner | None = None) -> tuple[Response, int]:
        """Start a saga; without `inicio` the orchestrator alone judges the request, and knows its partner."""
        cabeceras = {"X-Correlation-ID": g.correlacion_id, "Content-Type": request.content_type or ""}
        if clave := clave_por_otro():
            cabeceras[CABECERA] = clave
        # It has no meaning: passed on, it is judged there with the rest.
        consulta = quote(request.query_string, DE_CONSULTA)
        ruta = f"{INICIO}?{consulta}" if consulta else INICIO
        respuesta = self._pedir("POST", ruta, content=request.get_data(), headers=cabeceras)
        iniciada = _objeto(respuesta)
        if respuesta.status_code != 202:
            return _rechazo(respuesta, iniciada)
        if inicio is not None:
            return jsonify({**iniciada, "partner_data": inicio.partner_data}), 202
        respuesta = self._pedir("GET", f"{ESTADO}{iniciada['saga_id']}")
        leida = _objeto(respuesta)
        if respuesta.status_code != 200:
            return _rechazo(respuesta, leida)
        return jsonify({**iniciada, "partner_data": leida["saga"]["partner_data"]}), 202

    def estado(self, saga_id: str) -> tuple[Response, int]:
        """Return a saga of the orchestrator."""
        g.saga_id = saga_id
        id = uuid_o_nada(saga_id)
        if id is None:
            raise ErrorDeDominio("SAGA no encontrada", "SAGA_NO_ENCONTRADA")
        respuesta = self._pedir("GET", f"{ESTADO}{id}")
        leida = _objeto(respuesta)
        if respuesta.status_code != 200:
            return _rechazo(respuesta, leida)
        return jsonify({"saga_status": leida["saga"]}), 200

    def _pedir(self, metodo: str, ruta: str, **opciones: Any) -> httpx.Response:
        try:
            return self._orquestador.request(metodo, ruta, **opciones)
        except httpx.HTTPError as error:
            raise ErrorDeDominio("El orquestador de SAGAs no responde", "SAGA_NO_DISPONIBLE") from error


def _objeto(respuesta: httpx.Response) -> dict[str, Any]:
    try:
        return msgspec.json.decode(respuesta.content, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ErrorDeDominio("El orquestador de SAGAs contestó otra cosa", "ERROR_SAGA") from error


def _rechazo(respuesta: httpx.Response, cuerpo: dict[str, Any]) -> tuple[Response, int]:
    """Pass on a refusal that the client can correct; turn any other error into one of our own."""
    estado = respuesta.status_code
    if 400 <= estado < 500 and estado not in DE_NUESTRA_CLAVE and {"error", "codigo"} <= cuerpo.keys():
        pasada = jsonify(cuerpo)
        if "Retry-After" in respuesta.headers:
            pasada.headers["Retry-After"] = respuesta.headers["Retry-After"]
        return pasada, estado
    codigo = "SAGA_NO_DISPONIBLE" if estado == 503 else "ERROR_SAGA"
    dicho = forma_actual().contestar(ErrorDeDominio(f"El orquestador de SAGAs contestó {estado}", codigo))
    return jsonify(dicho.cuerpo), dicho.estado


def rutas(casos: SagasDePartners, saga: dict[str, Any]) -> Blueprint:
    """Return the blueprint; `saga` is the schema of the orchestrator's sagas."""
    b = Blueprint("saga_partners", __name__, url_prefix="/api/v1/saga/partners", description="Sagas")
    juzgado = b.arguments(INICIO_DE_PARTNER)(casos.iniciar)

    @wraps(juzgado)
    def iniciar() -> Any:
        try:
            if se_puede_leer():
                return juzgado()
        except HTTPException:
            if CABECERA not in request.headers:
                raise
        return casos.iniciar()  # the orchestrator may have an answer to this key, from when all was right

    iniciada = con_clave_honrada(b.response(202, respuestas.iniciada(saga))(iniciar))
    inicio = situada(".estado", saga_id="saga_id")(iniciada)
    b.post("/")(exige(Permiso.CREAR)(inicio))
    estado = b.response(200, objeto(saga_status=saga))(casos.estado)
    b.get("/saga-status/<saga_id>")(exige(Permiso.LEER)(estado))
    return b
