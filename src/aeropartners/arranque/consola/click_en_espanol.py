"""Click's own texts in Spanish: headings of the help, and errors of a wrong use.

Click gets them from gettext, whose language the environment (LANG) chooses; this program's terminal is always
Spanish. A text of a later click that is not here stays English.
"""

from click import core, decorators, exceptions, formatting, parser, termui, types

TEXTOS = {
    "Usage:": "Uso:",
    "Options": "Opciones",
    "Commands": "Mandos",
    "Positional arguments": "Argumentos",
    "Show this message and exit.": "Mostrar esta ayuda y salir.",
    "default: {default}": "por defecto: {default}",
    "required": "obligatoria",
    "Try '{command} {option}' for help.": "Vea '{command} {option}'.",
    "Aborted!": "Interrumpido.",
    "Missing command.": "Falta el mando.",
    "Missing argument": "Falta el argumento",
    "Missing option": "Falta la opción",
    "Missing parameter": "Falta el parámetro",
    "Missing parameter: {param_name}": "Falta el parámetro: {param_name}",
    "No such option {name!r}.": "No existe la opción {name!r}.",
    "No such command {name!r}.": "No existe el mando {name!r}.",
    "Did you mean {possibility}?": "¿Quiso decir {possibility}?",
    "(Did you mean one of: {possibilities}?)": "(¿Quiso decir una de estas: {possibilities}?)",
    "Got unexpected extra argument ({args})": "Sobra un argumento ({args})",
    "Got unexpected extra arguments ({args})": "Sobran argumentos ({args})",
    "Takes {nargs} values but 1 was given.": "Son {nargs} valores y se dio 1.",
    "Takes {nargs} values but {len} were given.": "Son {nargs} valores y se dieron {len}.",
    "Argument {name!r} takes {nargs} values.": "El argumento {name!r} lleva {nargs} valores.",
    "Option {name!r} does not take a value.": "La opción {name!r} no lleva valor.",
    "Option {name!r} requires an argument.": "La opción {name!r} lleva un valor.",
    "Option {name!r} requires {nargs} arguments.": "La opción {name!r} lleva {nargs} valores.",
    "{len_type} values are required, but {len_value} was given.": (
        "Son {len_type} valores y se dio {len_value}."
    ),
    "{len_type} values are required, but {len_value} were given.": (
        "Son {len_type} valores y se dieron {len_value}."
    ),
    "Invalid value: {message}": "Valor no válido: {message}",
    "Invalid value for {param_hint}: {message}": "Valor no válido de {param_hint}: {message}",
    "Choose from:\n\t{choices}": "Elija entre:\n\t{choices}",
    "{value!r} is not {choice}.": "{value!r} no es {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} no es uno de {choices}.",
    "{value!r} is not a valid {number_type}.": "{value!r} no es un {number_type}.",
    "{value} is not in the range {range}.": "{value} no cumple {range}.",
    "{value!r} is not a valid UUID.": "{value!r} no es un UUID.",
    "file": "archivo",
    "directory": "carpeta",
    "path": "ruta",
    "{name} {filename!r} does not exist.": "{name} {filename!r} no existe.",
    "{name} {filename!r} is a file.": "{name} {filename!r} es un archivo.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} es una carpeta.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} no se puede leer.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} no se puede escribir.",
    "Could not open file {filename!r}: {message}": "No se pudo abrir {filename!r}: {message}",
    "unknown error": "error desconocido",
}
# How an option's type is named: in capitals in the help, as it is in an error message.
TIPOS = {
    types.StringParamType: "texto",
    types.IntParamType: "entero",
    types.IntRange: "entero",
    types.FloatParamType: "número",
    types.FloatRange: "número",
}
# Placeholders in the usage line of a help.
DE_USO = {"[OPTIONS]": "[OPCIONES]", "COMMAND [ARGS]...": "MANDO [ARGUMENTOS]..."}
_MODULOS = (core, decorators, exceptions, formatting, parser, termui, types)


class Formato(formatting.HelpFormatter):
    """Formats a help; translates the usage line, which click does not pass to gettext."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        for ingles, nuestro in DE_USO.items():
            args = args.replace(ingles, nuestro)
        super().write_usage(prog, args, prefix)


def ponerlo() -> None:
    """Make click Spanish, in the whole process."""
    for modulo in _MODULOS:
        for nombre, suya in (("_", _texto), ("ngettext", _segun)):
            if hasattr(modulo, nombre):
                setattr(modulo, nombre, suya)
    for tipo, nombre in TIPOS.items():
        tipo.name = nombre
    core.Context.formatter_class = Formato


def _texto(ingles: str) -> str:
    return TEXTOS.get(ingles, ingles)


def _segun(uno: str, varios: str, cuantos: int) -> str:
    return _texto(uno if cuantos == 1 else varios)
