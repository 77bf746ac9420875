"""Groups whose commands are loaded when they are called: asking over HTTP needs no database and no broker."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from aeropartners.arranque.consola import click_en_espanol
from aeropartners.arranque.consola.peticiones import EN_JSON, Fallo

# What click ends by itself: nothing is loaded to word it.
_DE_CLICK = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class Mando:
    """A command that is not loaded: where it is, as `module:attribute` of this package, and what it is for.

    `ayuda` is the beginning of its help: the list of its group shows it without loading anything.
    """

    donde: str
    ayuda: str

    def cargar(self) -> click.Command:
        """Import and return it."""
        modulo, _, atributo = self.donde.partition(":")
        mando = getattr(import_module(f"{__package__}.{modulo}"), atributo)
        assert isinstance(mando, click.Command)
        return mando


class PorCargar(MutableMapping[str, click.Command]):
    """Commands by their names, each imported the first time that it is asked for."""

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
    """A group with commands to be loaded; others can be added to it as to any other."""

    def __init__(self, name: str | None = None, *, mandos: Mapping[str, Mando], **opciones: Any) -> None:
        super().__init__(name, commands=PorCargar(mandos), **opciones)
        self.mandos = mandos

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, none of them loaded for it."""
        filas = [(nombre, self._ayuda(nombre)) for nombre in self.list_commands(ctx)]
        with formatter.section("Mandos"):
            formatter.write_dl(filas)

    def _ayuda(self, nombre: str) -> str:
        if nombre in self.mandos:
            return self.mandos[nombre].ayuda
        return self.commands[nombre].get_short_help_str(limit=200).rstrip(".")


class Raiz(Mandos):
    """The group that all commands are in: what ends one is said in words, never by a trace."""

    def __init__(self, name: str | None = None, **opciones: Any) -> None:
        # Before any command is loaded: click words some of what it says when an option is made.
        click_en_espanol.ponerlo()
        super().__init__(name, **opciones)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember in which form the answer is wanted: a failure comes in the same one."""
        ctx.meta[EN_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and turn what it could not do into words that name the variable to look at."""
        try:
            return super().invoke(ctx)
        except _DE_CLICK:
            raise
        except Exception as error:
            # Imported now: the libraries whose errors these are take most of the time of a short command.
            from aeropartners.arranque.consola.errores_en_palabras import en_palabras

            if (dicho := en_palabras(error)) is None:
                raise
            raise Fallo(dicho) from error
