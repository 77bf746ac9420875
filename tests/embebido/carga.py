"""A process that a test kills: the embedded system in a folder, and a few sagas that it brings to their end.

`python -m tests.embebido.carga SAGAS`: SAGAS sagas with keys of their own (every fifth is refused),
started again when they are there already. It ends with 0 when the invariants hold. `AEROPARTNERS_DATOS`
is the folder; `PUNTO_DE_CHOQUE` arms a crash point, and makes the fault without which none passes it.
"""

import os
import sqlite3
import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aeropartners.arranque.cli import principal as principal_cli
from aeropartners.arranque.config import leer
from aeropartners.seedwork.infraestructura.base.tipos import ESCALA
from tests.api.sistema import Sistema, levantar
from tests.datos import cuerpo_de_saga
from tests.e2e.averias import ARREGLAR, ROMPER, sin_datos, tabla_que_falla
from tests.e2e.invariantes import CAMPANAS, en_reposo
from tests.esperas import hasta

PROPIA = leer({}).direccion("modulos")
CAIDA = "http://127.0.0.1:9"


ATRASO = "SELECT count(*) FROM mensajes m JOIN suscripciones s ON s.tema = m.tema AND m.posicion > s.posicion"


class Vivo:
    """The running system, as the invariants ask it."""

    unidad = ESCALA

    def __init__(self, sistema: Sistema) -> None:
        self.sistema = sistema

    def sql(self, consulta: str) -> list[tuple[Any, ...]]:
        with self.sistema.proceso.c.motor().lectura() as con:
            return [tuple(fila) for fila in con.exec_driver_sql(consulta)]

    def valor(self, consulta: str) -> Any:
        return self.sql(consulta)[0][0]

    def ejecutar(self, *argumentos: str) -> None:
        hecho = CliRunner().invoke(principal_cli, argumentos)
        assert hecho.exit_code == 0, hecho.output

    def en_reposo(self) -> bool:
        """Whether nothing is on its way."""
        return en_reposo(self, self._sin_atraso)

    def _sin_atraso(self) -> bool:
        with closing(sqlite3.connect(self.sistema.proceso.config.datos / "broker.db")) as con:
            [atraso] = con.execute(ATRASO).fetchone()
        return bool(atraso == 0)

    def preparar(self, punto: str) -> None:
        """Make the fault that belongs to the point, or put right what an earlier process had."""
        tabla = tabla_que_falla(punto)
        with self.sistema.proceso.c.motor().escritura() as con:
            for orden in ROMPER["sqlite"] if tabla else ARREGLAR["sqlite"]:
                con.exec_driver_sql(orden.format(tabla=tabla))
            con.commit()
        cuerpo = {"url": CAIDA if sin_datos(punto) else PROPIA, "version": "v1"}
        activa = self.sistema.principal.get("/reporting/admin/configuracion").get_json()[
            "configuracion_activa"
        ]
        if activa["url"] != cuerpo["url"]:
            hecho = self.sistema.principal.post("/reporting/admin/servicio-datos", json=cuerpo)
            assert hecho.status_code == 200, hecho.get_data(as_text=True)

    def iniciar(self, numero: int) -> str:
        """Start the saga of this number, or find it."""
        referencia = f"{'FALLA-' if numero % 5 == 0 else ''}{uuid.uuid5(uuid.NAMESPACE_OID, str(numero))}"
        cuerpo = cuerpo_de_saga(referencia)
        respuesta = self.pedir(self.sistema.bff, "/saga/crear-campana-completa", cuerpo, numero)
        assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
        return str(respuesta.get_json()["saga_id"])

    def pedir(self, cliente: FlaskClient, ruta: str, cuerpo: object, numero: int) -> TestResponse:
        """POST under the key of a number until it is answered for good: after a death the system is late."""

        def intento() -> TestResponse | None:
            hecho = cliente.post(ruta, json=cuerpo, headers={"Idempotency-Key": f"saga-{numero}"})
            return None if hecho.status_code == 429 else hecho

        return hasta(intento, f"respuesta a la saga {numero}")


def principal(carpeta: Path, sagas: int, punto: str) -> None:
    """Start the sagas, wait until all ended and everything is published, count, and stop cleanly."""
    with levantar(carpeta, SAGA_BACKOFF_BASE_S="0.2", PUNTO_DE_CHOQUE=punto) as sistema:
        vivo = Vivo(sistema)
        vivo.preparar(punto)
        for saga_id in [vivo.iniciar(numero) for numero in range(1, sagas + 1)]:
            sistema.final(saga_id)
        hasta(vivo.en_reposo, "la salida vacía y los temas sin atraso")
        CAMPANAS.comprobar(vivo, sagas, sagas // 5)


if __name__ == "__main__":
    principal(Path(os.environ["AEROPARTNERS_DATOS"]), int(sys.argv[1]), os.environ["PUNTO_DE_CHOQUE"])
