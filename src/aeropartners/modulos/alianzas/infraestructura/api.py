"""The REST API of alliances (004, section 5)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate

from aeropartners.contratos.alianzas import CambiarContrato, CrearContrato
from aeropartners.modulos.alianzas.dominio.contrato import Estado
from aeropartners.modulos.alianzas.dominio.reglas import TIPOS
from aeropartners.modulos.alianzas.infraestructura.lecturas import LecturasContratos
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import (
    DESPLAZAMIENTO_MAXIMO,
    Esquema,
    MontoJson,
    Texto,
    uuid_o_nada,
)
from aeropartners.seedwork.infraestructura.web.lugares import situada
from aeropartners.seedwork.infraestructura.web.openapi import (
    ENTERO,
    MOMENTO,
    NUMERO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)
from aeropartners.seedwork.infraestructura.web.permisos import Permiso, exige

FECHA = {"type": "string", "format": "date"}
ESTADO = una_de(Estado)
CREADO = objeto(id=TEXTO)
CONTRATO = objeto(
    id=TEXTO,
    partner_id=TEXTO,
    saga_id=nulo(TEXTO),
    tipo=TEXTO,
    fecha_inicio=FECHA,
    fecha_fin=nulo(FECHA),
    monto=nulo(NUMERO),
    moneda=TEXTO,
    condiciones=nulo(TEXTO),
    estado=ESTADO,
    created_at=MOMENTO,
    updated_at=MOMENTO,
)
PAGINA = objeto(contratos=lista(CONTRATO), total=ENTERO)
CAMBIADO = objeto(mensaje=TEXTO, id=TEXTO, estado=ESTADO)


class Dia(fields.Field[date]):
    """A date without a time."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(metadata=FECHA, **kw)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("Debe ser una fecha ISO-8601 (AAAA-MM-DD)") from error


class CambioEsquema(Esquema):
    """The body of a change of a contract."""

    estado = Texto(validate=validate.OneOf(list(Estado)))
    monto = MontoJson()
    moneda = Texto(maximo=10)
    fecha_fin = Dia()
    condiciones = Texto(vacio=True)


class ContratoEsquema(CambioEsquema):
    """The body of a contract made by hand."""

    partner_id = Texto(required=True, maximo=100)
    tipo = Texto(required=True, validate=validate.OneOf(TIPOS))
    fecha_inicio = Dia(required=True)
    fecha_fin = Dia(allow_none=True)
    monto = MontoJson(allow_none=True)
    condiciones = Texto(vacio=True, allow_none=True)


class ListaEsquema(Esquema):
    """The query of a list."""

    partner_id = Texto(maximo=100)
    saga_id = Texto(maximo=100)
    limit = fields.Integer(validate=validate.Range(1, 1000))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, DESPLAZAMIENTO_MAXIMO))


class RutasContratos:
    """The routes of contracts."""

    def __init__(self, escritura: Escritura, lecturas: LecturasContratos, ids: Identificadores) -> None:
        self.escritura = escritura
        self._lecturas = lecturas
        self._ids = ids

    def crear(self, cuerpo: dict[str, Any]) -> Response:
        """Create a contract by hand; the compliance rules decide those of sagas only."""
        id = self._ids.nuevo()
        mensaje = CrearContrato(id, **cuerpo)
        return self.escritura.hacer(mensaje, id, lambda _: {"id": str(id)}, idempotente=True, estado=201)

    def uno(self, contrato_id: str) -> Response:
        """Return a contract."""
        id = uuid_o_nada(contrato_id)
        fila = self._lecturas.uno(id) if id else None
        if fila is None:
            raise ErrorDeDominio("Contrato no encontrado", "CONTRATO_NO_ENCONTRADO")
        return jsonify(_objeto(fila))

    def lista(self, consulta: dict[str, Any]) -> Response:
        """List contracts: of a partner, of a saga, or all."""
        pedida = consulta.get("saga_id")
        saga_id = uuid_o_nada(pedida) if pedida else None
        if pedida and saga_id is None:
            return jsonify({"contratos": [], "total": 0})
        filas, total = self._lecturas.lista(
            consulta.get("partner_id"), saga_id, consulta.get("limit"), consulta["offset"]
        )
        return jsonify({"contratos": [_objeto(f) for f in filas], "total": total})

    def cambiar(self, cuerpo: dict[str, Any], contrato_id: str) -> Response:
        """Change a contract."""
        id = uuid_o_nada(contrato_id)
        if id is None:
            raise ErrorDeDominio("Contrato no encontrado", "CONTRATO_NO_ENCONTRADO")
        return self.escritura.hacer(CambiarContrato(id, **cuerpo), id, _cambiado)


def _objeto(fila: Any) -> dict[str, Any]:
    planos = {c: getattr(fila, c) for c in CONTRATO["properties"]}
    return {c: v.isoformat() if type(v) is date else v for c, v in planos.items()}


def _cambiado(decision: Decision) -> dict[str, Any]:
    contrato: Any = decision.resultado
    return {"mensaje": "Contrato actualizado", "id": str(contrato.id), "estado": str(contrato.estado)}


def rutas(casos: RutasContratos) -> Blueprint:
    """Return the blueprint."""
    b = Blueprint("alianzas", __name__, description="Contratos")
    leer, crear, cambiar = map(exige, (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR))
    lista = b.arguments(ListaEsquema, location="query")(casos.lista)
    cambiado = b.arguments(CambioEsquema)(casos.cambiar)
    b.get("/posts/ping")(exige(Permiso.ABIERTO)(b.response(200, TEXTO, content_type="text/plain")(ping)))
    creado = b.response(201, CREADO)(b.arguments(ContratoEsquema)(casos.crear))
    b.post("/posts/")(crear(situada(".uno", contrato_id="id")(casos.escritura.repetible(creado))))
    b.get("/contratos/")(leer(b.response(200, PAGINA)(lista)))
    b.get("/contratos/<contrato_id>")(leer(b.response(200, CONTRATO)(casos.uno)))
    b.put("/contratos/<contrato_id>")(cambiar(b.response(200, CAMBIADO)(cambiado)))
    return b


def ping() -> Response:
    """Answer `pong` while the process serves."""
    return Response("pong", mimetype="text/plain")
