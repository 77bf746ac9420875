"""An orchestrator without its participants: nobody answers, so that every wait can be looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import SAGA, Proceso
from aeropartners.arranque.sistemas.campanas.descriptor import app_orquestador
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.evento import nombre_de
from aeropartners.seedwork.infraestructura.base.tablas import muertos, reintentos
from tests.api.documentos import exigir_declarado
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta


class SoloOrquestador:
    """A client of the orchestrator, and the messages that a test puts in its boxes."""

    def __init__(self, proceso: Proceso) -> None:
        self.proceso = proceso
        self.motor = proceso.c.motor()
        self.cliente: FlaskClient = app_orquestador(proceso).test_client()

    def iniciar(self) -> str:
        """Start a saga and return its id."""
        respuesta = self.cliente.post("/saga/crear-campana-completa", json=cuerpo_de_saga())
        assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
        return str(respuesta.get_json()["saga_id"])

    def explicacion(self, saga_id: str) -> dict[str, Any]:
        """Return the whole story of a saga."""
        respuesta = self.cliente.get(f"/saga/{saga_id}/explicacion")
        assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
        relato = dict(respuesta.get_json())
        exigir_declarado(self.cliente.application, "/saga/{saga_id}/explicacion", relato)
        return relato

    def hasta_motivo(self, saga_id: str, motivo: str) -> dict[str, Any]:
        """Wait until the saga waits for this, and return its story."""
        hasta(lambda: self.explicacion(saga_id)["espera"]["motivo"] == motivo, f"{motivo} en {saga_id}")
        return self.explicacion(saga_id)

    def enterrar(
        self, consumidor: str, mensaje: object, tema: str = "pruebas", vivo: bool = False, **campos: Any
    ) -> UUID:
        """Put a message in the box of the dead, or of those that wait, and return its id."""
        nombre, version = nombre_de(type(mensaje))
        ids, ahora = self.proceso.c.ids(), self.proceso.c.reloj().ahora()
        sobre = Sobre(
            id=ids.nuevo(),
            tipo=nombre,
            version=version,
            clave="x",
            fecha=ahora,
            cuerpo=msgspec.Raw(codificar(mensaje)),
            **campos,
        )
        return self.enterrar_crudo(consumidor, sobre.id, tema, codificar(sobre), vivo)

    def enterrar_crudo(self, consumidor: str, id: UUID, tema: str, cuerpo: bytes, vivo: bool = False) -> UUID:
        """The same for bytes."""
        ahora = self.proceso.c.reloj().ahora()
        fila = {"consumidor": consumidor, "id": id, "tema": tema, "cuerpo": cuerpo, "error": "ValueError: x"}
        with self.motor.escritura() as con:
            if vivo:
                con.execute(insert(reintentos).values(**fila, intentos=1, proximo=ahora.replace(year=2100)))
            else:
                con.execute(insert(muertos).values(**fila, intentos=3, fecha=ahora))
            con.commit()
        return id

    def cambiar(self, orden: str, **valores: Any) -> None:
        """Run one statement."""
        with self.motor.escritura() as con:
            con.execute(text(orden), valores)
            con.commit()

    def muertos(self) -> set[UUID]:
        """The ids of the dead letters."""
        with self.motor.lectura() as con:
            return set(con.scalars(select(muertos.c.id)))


@contextmanager
def orquestador(
    carpeta: Path, hilos: tuple[str, ...] = (), modulos: tuple[str, ...] = (SAGA,), **entorno: str
) -> Iterator[SoloOrquestador]:
    """Start it in a folder; `hilos`, when given, are the only threads that run."""
    config = leer({"AEROPARTNERS_DATOS": str(carpeta), **entorno})
    proceso = Proceso(Contenedor(config=config))
    proceso.migrar()
    proceso.anadir_modulos(modulos)
    solo = SoloOrquestador(proceso)
    if hilos:
        proceso.hilos = [h for h in proceso.hilos if h.nombre in hilos]
        for hilo in proceso.hilos:
            hilo.empezar()
    else:
        proceso.empezar()
    try:
        yield solo
    finally:
        assert proceso.parar(), "el proceso no terminó limpio"
