"""`aeropartners config` and `migrar`: the configuration, and the preparation of database and broker."""

import click
from httpx import HTTPError

from aeropartners.arranque.cli import proceso_de_mando
from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.consola.peticiones import Fallo, imprimir
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.migraciones import EsquemaAjeno


@click.command(help="Mostrar la configuración en vigor, con los secretos tapados.")
@en_json
def config(en_json: bool) -> None:
    """Print each variable with its value."""
    mostrada = proceso_de_mando.configuracion().mostrar()
    if en_json:
        imprimir(mostrada)
        return
    for variable, valor in mostrada.items():
        click.echo(f"{variable}={valor}")


@click.command(help="Poner al día la base de datos, y los temas y suscripciones del broker.")
@en_json
def migrar(en_json: bool) -> None:
    """Migrate; a newer schema that this code can use is left as it is."""
    try:
        esquema = proceso_de_mando.proceso().migrar()
    except EsquemaAjeno as error:
        raise Fallo(str(error)) from error
    except (HTTPError, TemasIncompletos) as error:
        raise Fallo(f"PULSAR_ADMIN_URL: {error}") from error
    if en_json:
        imprimir({"al_dia": True, "mas_nuevo": esquema.mas_nuevo})
    elif esquema.mas_nuevo:
        click.echo(
            f"El esquema ({esquema.revision}) es de una versión más nueva, que admite esta (conoce hasta el"
            f" {esquema.propia}): se queda como está. Temas al día"
        )
    else:
        click.echo("Base de datos y temas al día")
