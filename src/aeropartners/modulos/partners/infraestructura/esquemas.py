"""The bodies and queries of the partners' API (004, section 4)."""

from aeropartners.modulos.partners.dominio.partner import ESTADOS_KYC, TIPOS_INTEGRACION
from aeropartners.seedwork.aplicacion.formularios import Esquema, Objeto, Texto
from aeropartners.seedwork.dominio.valores import LARGO_MOTIVO

LARGO_COMENTARIO = 2_000


class KycEsquema(Esquema):
    """The outcome of a verification."""

    estado_kyc = Texto(required=True, maximo=30, palabras=ESTADOS_KYC)
    documentos = Objeto(load_default=None, allow_none=True)
    comentarios = Texto(maximo=LARGO_COMENTARIO, vacio=True, allow_none=True, load_default=None)


class IntegracionEsquema(Esquema):
    """The body of a new integration."""

    tipo = Texto(required=True, maximo=20, palabras=TIPOS_INTEGRACION)
    nombre = Texto(required=True)
    descripcion = Texto(maximo=LARGO_COMENTARIO, vacio=True, allow_none=True, load_default=None)
    configuracion = Objeto(load_default=None, allow_none=True)


class RevocacionEsquema(Esquema):
    """The body of a revocation."""

    motivo = Texto(maximo=LARGO_MOTIVO, vacio=True, allow_none=True, load_default=None)
