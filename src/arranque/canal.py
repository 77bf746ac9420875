"""A connection of the HTTP server: what never reaches the application is refused in its shape as well."""

from flask import Flask, json
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from aeropartners.seedwork.infraestructura.web.errores import MENSAJES, codigo_de
from aeropartners.seedwork.infraestructura.web.formas import forma_de
from arranque.turnos import Tarea


class TareaError(ErrorTask):  # type: ignore[misc]
    """Answers what never reached the application in the shape that the application answers."""

    def execute(self) -> None:
        codigo = self.request.error.code
        self.status = f"{codigo} {self.request.error.reason}"
        app: Flask = self.channel.app
        dicho = MENSAJES.get(codigo, "Petición HTTP mal formada")
        cuerpo = json.dumps(forma_de(app).cuerpo(codigo_de(codigo), dicho, (), None)).encode()
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(cuerpo)
        self.write(cuerpo)


class Canal(HTTPChannel):  # type: ignore[misc]
    """A connection whose errors are the contract's."""

    # Set in the class of each server's own: what the server calls is wrapped, and tells nothing.
    app: Flask
    task_class = Tarea
    error_task_class = TareaError

    def send_continue(self) -> None:
        """Ask for the body, unless its size alone was refused: waitress would ask, and forget the refusal."""
        if self.request.error is None:
            super().send_continue()
