"""What the BFF checks before it forwards, and what its OpenAPI shows."""

from marshmallow import EXCLUDE, Schema, fields, validate


class InicioEsquema(Schema):
    """The body of a start: the parts are free-form, only their presence is judged."""

    class Meta:
        """Extra fields are allowed everywhere."""

        unknown = EXCLUDE

    campana = fields.Dict(required=True)
    pago = fields.Dict(required=True)
    reporte = fields.Dict(required=True)
    timeout_minutos = fields.Integer(strict=True, validate=validate.Range(1, 525_600), load_default=None)
