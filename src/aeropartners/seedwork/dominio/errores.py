"""Errors of the domain: a broken rule, with a stable code that HTTP and replies translate."""


class ErrorDeDominio(Exception):
    """The request breaks a rule: nothing was changed, and a retry would be refused again.

    `codigo` is stable and travels in replies; `mensaje` is for the person who reads the answer.
    """

    codigo = "REGLA_ROTA"

    def __init__(self, mensaje: str, codigo: str | None = None) -> None:
        super().__init__(mensaje)
        self.mensaje = mensaje
        self.codigo = codigo or self.codigo


class NoEncontrado(ErrorDeDominio):
    """The request names a thing that does not exist."""

    codigo = "NO_ENCONTRADO"


class EstadoNoPermite(ErrorDeDominio):
    """The aggregate's state forbids the operation."""

    codigo = "ESTADO_NO_PERMITE"


class Duplicado(ErrorDeDominio):
    """A value that must be unique belongs to another stream."""

    codigo = "DUPLICADO"
