"""The REST API of alliances (004, section 5)."""

from datetime import date
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import validate

from aeropartners.contratos.alianzas import CambiarContrato, CrearContrato
from aeropartners.contratos.formularios import LARGO_PARTNER_ID, DatosDeContratoEsquema
from aeropartners.modulos.alianzas.dominio.contrato import Estado
from aeropartners.modulos.alianzas.dominio.reglas import TIPOS
from aeropartners.modulos.alianzas.infraestructura.lecturas import LecturasContratos
from aeropartners.seedwork.aplicacion.formularios import Dia, Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import (
    PaginaEsquema,
    uuid_o_nada,
)
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    MOMENTO,
    NUMERO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)

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


class CambioEsquema(DatosDeContratoEsquema):
    """What may change of a contract."""

    class Meta(DatosDeContratoEsquema.Meta):
        """Its kind and its beginning stay."""

        exclude = ("tipo", "fecha_inicio")

    estado = Texto(validate=validate.OneOf(list(Estado)))

    def on_bind_field(self, field_name: str, field_obj: Any) -> None:
        """Refuse null: it would leave what it seems to take away."""
        field_obj.allow_none = False


class ContratoEsquema(DatosDeContratoEsquema):
    """A contract made by hand."""

    partner_id = Texto(required=True, maximo=LARGO_PARTNER_ID)
    tipo = Texto(required=True, validate=validate.OneOf(TIPOS))
    fecha_inicio = Dia(required=True)
    estado = Texto(validate=validate.OneOf(list(Estado)))


class ListaEsquema(PaginaEsquema):
    """The query of a list."""

    partner_id = Texto(maximo=LARGO_PARTNER_ID)
    saga_id = Texto(maximo=100)


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
    creado = b.response(201, CREADO)(b.arguments(ContratoEsquema())(casos.crear))
    b.post("/posts/")(crear(situada(".uno", contrato_id="id")(casos.escritura.repetible(creado))))
    b.get("/contratos/")(leer(b.response(200, PAGINA)(lista)))
    b.get("/contratos/<contrato_id>")(leer(b.response(200, CONTRATO)(casos.uno)))
    b.put("/contratos/<contrato_id>")(cambiar(b.response(200, CAMBIADO)(cambiado)))
    return b


def ping() -> Response:
    """Answer `pong` while the process serves."""
    return Response("pong", mimetype="text/plain")
