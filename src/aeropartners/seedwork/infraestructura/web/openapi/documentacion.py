"""GET /docs: the API in Swagger UI; its files come from an installed package, not from another server."""

from importlib.resources import files

from flask import Blueprint, Response, request, url_for
from markupsafe import escape
from werkzeug.exceptions import NotFound

from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige

# The page may run only scripts of its own server and call only its own service; inline scripts are blocked.
POLITICA = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DE_SWAGGER = {
    "favicon-32x32.png": "image/png",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
INICIO = "inicio.js"
_GUION = """const api = document.getElementById("api");
SwaggerUIBundle({ url: api.dataset.openapi, domNode: api, deepLinking: true, validatorUrl: null });
"""
_PAGINA = """<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8">
<title>{titulo}</title>
<link rel="icon" href="{icono}">
<link rel="stylesheet" href="{estilo}">
</head>
<body>
<div id="api" data-openapi="{openapi}"></div>
<script src="{swagger}"></script>
<script src="{inicio}"></script>
</body>
</html>
"""


def rutas_documentacion(titulo: str) -> Blueprint:
    """Return the blueprint; the pages need the same permission as the OpenAPI document."""
    b = Blueprint("documentacion", __name__, url_prefix="/docs")

    @b.get("/")
    @exige(Permiso.LEER)
    def pagina() -> Response:
        archivos = (*DE_SWAGGER, INICIO)
        icono, estilo, swagger, inicio = (url_for(".archivo", nombre=n) for n in archivos)
        dicha = _PAGINA.format(
            titulo=escape(titulo),
            icono=icono,
            estilo=estilo,
            swagger=swagger,
            inicio=inicio,
            openapi=url_for("api-docs.openapi_json"),
        )
        return _mostrar(dicha.encode(), "text/html")

    @b.get("/<nombre>")
    @exige(Permiso.LEER)
    def archivo(nombre: str) -> Response:
        if nombre == INICIO:
            return _mostrar(_GUION.encode(), "text/javascript")
        if nombre not in DE_SWAGGER:
            raise NotFound
        contenido = (files("flask_swagger_ui") / "dist" / nombre).read_bytes()
        return _mostrar(contenido, DE_SWAGGER[nombre])

    return b


def _mostrar(contenido: bytes, tipo: str) -> Response:
    """Answer with a page or 304. The browser must ask each time, because an upgrade changes the files."""
    respuesta = Response(contenido, mimetype=tipo)
    respuesta.headers["Content-Security-Policy"] = POLITICA
    respuesta.headers["Cache-Control"] = "no-cache"
    respuesta.add_etag()
    respuesta.make_conditional(request)
    return respuesta
