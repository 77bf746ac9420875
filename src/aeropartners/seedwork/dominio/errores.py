"""Errors of the domain: a broken rule, by a stable code that the edges translate."""


class ErrorDeDominio(Exception):
    """A rule that the request breaks; final for it: nothing was changed and a retry does not help.

    `codigo` is stable and travels in replies; `mensaje` is for the person who reads the answer.
    """

    codigo = "REGLA_ROTA"

    def __init__(self, mensaje: str, codigo: str | None = None) -> None:
        super().__init__(mensaje)
        self.mensaje = mensaje
        self.codigo = codigo or self.codigo


class NoEncontrado(ErrorDeDominio):
    """What the request names does not exist."""

    codigo = "NO_ENCONTRADO"


class EstadoNoPermite(ErrorDeDominio):
    """The aggregate's state forbids the operation."""

    codigo = "ESTADO_NO_PERMITE"


class Duplicado(ErrorDeDominio):
    """A value that must be unique belongs to another stream."""

    codigo = "DUPLICADO"
