"""A DTM server of the run's own: its database, its start, its end, and the check of what it stored."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.pares.bases import borrar, crear
from bench.pares.dtm_mensajes import PUERTO, configuracion
from bench.pares.filas import SinCifra
from bench.pares.programa import Peticion
from bench.pares.servidores import base_vecina, en_marcha

ESQUEMA = "dtmsvr.storage.postgres.sql"


@contextmanager
def servidor(binarios: Path, url: str, opciones: Mapping[str, int], conexiones: int) -> Iterator[str]:
    """Make its database beside the run's own, start the server, hand out its store, and undo both."""
    carpeta = Path(tempfile.mkdtemp(prefix="pares-dtm-"))
    base = base_vecina(url, "dtm")
    almacen = urlsplit(url)._replace(path=f"/{base}").geturl()
    try:
        crear(url, base)
        with psycopg.connect(almacen, autocommit=True) as conexion:
            conexion.execute((binarios / ESQUEMA).read_bytes())
        (carpeta / "pares.yaml").write_text(configuracion(url, base, opciones, conexiones))
        orden = [str(binarios / "dtm"), "-c", str(carpeta / "pares.yaml")]
        with en_marcha("DTM", orden, PUERTO, carpeta / "registro.log"):
            yield almacen
    finally:
        borrar(url, [base])
        shutil.rmtree(carpeta)


def comprobar_almacen(almacen: str, peticion: Peticion) -> None:
    """Refuse a run that another server ran, or of which a saga had not ended in this server's store."""
    with psycopg.connect(peticion.url) as propia, psycopg.connect(almacen) as suya:
        ((sagas,),) = propia.execute("SELECT count(*) FROM campanas").fetchall()
        hallados = suya.execute("SELECT status, count(*) FROM trans_global GROUP BY 1").fetchall()
    estado = "failed" if peticion.rechazadas else "succeed"
    if hallados != [(estado, sagas)]:
        raise SinCifra(f"Sin cifra: DTM guardó {hallados}, no {sagas} sagas en {estado}")
