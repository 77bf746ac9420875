"""Groups whose commands are imported when they are called: a command over HTTP imports no database."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from aeropartners.arranque.consola import click_en_espanol
from aeropartners.arranque.consola.peticiones import EN_JSON, Fallo

# Exceptions that click handles itself, so no library is imported to word them.
_DE_CLICK = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class Mando:
    """A command that is not imported yet: its place, as `module:attribute` of this package, and its help.

    `ayuda` is the first line of the help: a group lists its commands without importing them.
    """

    donde: str
    ayuda: str

    def cargar(self) -> click.Command:
        """Import the command and return it."""
        modulo, _, atributo = self.donde.partition(":")
        mando = getattr(import_module(f"{__package__}.{modulo}"), atributo)
        assert isinstance(mando, click.Command)
        return mando


class PorCargar(MutableMapping[str, click.Command]):
    """Commands by name, each imported when it is first looked up."""

    def __init__(self, mandos: Mapping[str, Mando]) -> None:
        self.mandos = mandos
        self._cargados: dict[str, click.Command] = {}

    def __getitem__(self, nombre: str) -> click.Command:
        if nombre not in self._cargados:
            self._cargados[nombre] = self.mandos[nombre].cargar()
        return self._cargados[nombre]

    def __setitem__(self, nombre: str, mando: click.Command) -> None:
        self._cargados[nombre] = mando

    def __delitem__(self, nombre: str) -> None:
        del self._cargados[nombre]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.mandos, **self._cargados})

    def __len__(self) -> int:
        return len({**self.mandos, **self._cargados})


class Mandos(click.Group):
    """A group of commands that are imported on call; other commands can be added to it."""

    def __init__(self, name: str | None = None, *, mandos: Mapping[str, Mando], **opciones: Any) -> None:
        super().__init__(name, commands=PorCargar(mandos), **opciones)
        self.mandos = mandos

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        filas = [(nombre, self._ayuda(nombre)) for nombre in self.list_commands(ctx)]
        with formatter.section("Mandos"):
            formatter.write_dl(filas)

    def _ayuda(self, nombre: str) -> str:
        if nombre in self.mandos:
            return self.mandos[nombre].ayuda
        return self.commands[nombre].get_short_help_str(limit=200).rstrip(".")


class Raiz(Mandos):
    """The top group: an error of any command is printed in words, not as a traceback."""

    def __init__(self, name: str | None = None, **opciones: Any) -> None:
        # Must come before any command is imported: click words some texts when an option is made.
        click_en_espanol.ponerlo()
        super().__init__(name, **opciones)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember whether --json is given: then a failure is printed as JSON too."""
        ctx.meta[EN_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raise Fallo in words for an error of the database or the broker."""
        try:
            return super().invoke(ctx)
        except _DE_CLICK:
            raise
        except Exception as error:
            # Imported only on failure: these libraries take most of the start of a short command.
            from aeropartners.arranque.consola.errores_en_palabras import en_palabras

            if (dicho := en_palabras(error)) is None:
                raise
            raise Fallo(dicho) from error
