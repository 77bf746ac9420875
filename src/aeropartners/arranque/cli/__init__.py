"""The command line `aeropartners`: the table of its commands.

No library is imported here: a command's module is imported when the command is called (`grupo.py`).
"""

import click

from aeropartners.arranque.cli.grupo import Mando, Raiz

MANDOS = {
    "auditar": Mando("cotejo:auditar", "Buscar mensajes perdidos, efectos repetidos o sin SAGA"),
    "auditoria": Mando("auditoria:grupo", "Leer lo que se hizo y se rechazó"),
    "claves": Mando("claves:grupo", "Crear, listar, revocar y rotar claves de API"),
    "config": Mando("preparacion:config", "Mostrar la configuración en vigor"),
    "definiciones": Mando("definiciones:definiciones", "Listar las versiones de las SAGAs"),
    "demo": Mando("demo:demo", "Mostrar los sistemas en marcha en este proceso"),
    "migrar": Mando("preparacion:migrar", "Poner al día la base de datos"),
    "muertos": Mando("operador:muertos", "Ver los mensajes muertos, reencolarlos o descartarlos"),
    "proyecciones": Mando("proyecciones:grupo", "Contar otra vez los totales de estadísticas y métricas"),
    "retencion": Mando("retencion:retencion", "Retirar las semanas en que terminaron todas las SAGAs"),
    "saga": Mando("operador:saga", "Ver SAGAs y darles órdenes"),
    "servir": Mando("servir:servir", "Servir un servicio, o todos los de un sistema"),
    "simular": Mando("simular:simular", "Probar una definición con muertes, pérdidas y retrasos"),
}


@click.group(
    cls=Raiz, name="aeropartners", mandos=MANDOS, help="SAGAs que terminan bien cada vez, y su operación."
)
@click.version_option(
    package_name="aeropartners",
    message="%(prog)s, versión %(version)s",
    help="Mostrar la versión y salir.",
)
def principal() -> None:
    """Run one of the commands."""
