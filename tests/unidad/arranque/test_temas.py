"""What each topic keeps is asked for of the broker topic by topic: a namespace has one figure for all."""

import json
from typing import Any

import httpx

from aeropartners.arranque.temas import temas
from aeropartners.modulos.campanas.modulo import MODULO, pieza
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import AdministracionPulsar


class AdminDePulsar:
    """Answers the admin REST as one that has made all that it was asked for."""

    def __init__(self) -> None:
        self.pedidos: dict[str, Any] = {}

    def __call__(self, peticion: httpx.Request) -> httpx.Response:
        ruta = peticion.url.path.rpartition("/ns/")[2]
        if peticion.method != "GET":
            self.pedidos[peticion.url.raw_path.decode().rpartition("/ns/")[2]] = json.loads(peticion.content)
            return httpx.Response(204)
        if ruta.endswith("/partitions"):
            return httpx.Response(200, json={"partitions": self.pedidos[ruta]})
        marca = ruta.removesuffix("s") + "/"
        return httpx.Response(200, json=[p.removeprefix(marca) for p in self.pedidos if p.startswith(marca)])


def test_cada_tema_pide_lo_suyo() -> None:
    """Events 7 days and 1 GB, dead letters 30 days and 5 GB; a reader may be behind by less than that."""
    todos, broker = temas([pieza()], 4), AdminDePulsar()
    administracion = AdministracionPulsar("http://pulsar", "public", "ns")
    administracion._cliente = httpx.Client(
        base_url="http://pulsar/admin/v2", transport=httpx.MockTransport(broker)
    )
    administracion.crear(todos)
    administracion.cerrar()
    for nombre in todos:
        dias, megas = (30, 5 * 1024) if nombre == MODULO.tema_muertos else (7, 1024)
        guarda = {"retentionTimeInMinutes": dias * 24 * 60, "retentionSizeInMB": megas}
        assert broker.pedidos[f"{nombre}/retention"] == guarda, nombre
        for clase in ("destination_storage", "message_age"):
            cuota = broker.pedidos[f"{nombre}/backlogQuota?backlogQuotaType={clase}"]
            assert cuota["policy"] == "producer_exception"
            assert 0 < cuota["limitSize"] < megas * 1024 * 1024
