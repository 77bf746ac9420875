"""The system with its writers only: between two requests no row changes by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicios import aplicaciones
from aeropartners.arranque.sistemas import SERVICIOS
from aeropartners.contratos.pedidos import CrearPedido, ItemPedido
from aeropartners.seedwork.aplicacion.bucles.escritor import Peticion
from aeropartners.seedwork.aplicacion.puertos import Contestacion
from aeropartners.seedwork.infraestructura.base.tablas import muertos
from aeropartners.seedwork.infraestructura.web.formas_de_error import DETALLE, forma_de
from saga_orchestrator.infraestructura.almacen.tablas import sagas
from tests.datos import cuerpo_de_partner, cuerpo_de_pedido, cuerpo_de_saga
from tests.hostil.filas import Filas, Foto

# Each application, under the name that tests have for it, and its system.
SISTEMA_DE = {"principal" if s.nombre == "modulos" else s.nombre: s.sistema for s in SERVICIOS.values()}
NOMBRES = ("principal", "bff", "orquestador")
# The operator's port has no route of its own: `orquestador` serves them all, and is played.
TODAS = tuple(nombre for nombre in SISTEMA_DE if nombre != "operador")
# A refusal under an Idempotency-Key is kept there, so that the same request gets the same refusal: it
# holds answers, never the state of anything; and it is audited. Every other table counts, the technical
# ones as well.
TECNICAS = {"claves_idempotencia", "auditoria"}


class Quieto:
    """All applications, and what is in the database."""

    def __init__(self, proceso: Proceso) -> None:
        apps = aplicaciones(proceso)
        self.apps: dict[str, Flask] = {"principal": apps.pop("modulos"), **apps}
        self.proceso = proceso
        self._filas = Filas(proceso.config.database_url, TECNICAS)
        self._ids: dict[str, dict[str, str]] = {
            "campanas": self._sembrar_campanas(),
            "partners": self._sembrar_partners(),
            "cafeteria": self._sembrar_cafeteria(),
        }
        self._ids["plataforma"] = self._ids["campanas"]

    def cliente(self, nombre: str) -> FlaskClient:
        """A client of one application."""
        return self.apps[nombre].test_client()

    def ids(self, nombre: str) -> dict[str, str]:
        """The ids that exist, for the paths of one application."""
        return self._ids.get(SISTEMA_DE[nombre], {})

    def mal_formada(self, nombre: str) -> int:
        """The status of a request of the wrong form, in one application."""
        return forma_de(self.apps[nombre]).mal_formada

    def foto(self) -> Foto:
        """Count and checksum the rows of every table but TECNICAS."""
        return self._filas.foto()

    def cerrar(self) -> None:
        """Close the connection that looks."""
        self._filas.cerrar()

    def _sembrar_campanas(self) -> dict[str, str]:
        """Make one thing of each kind, so that an id in a path can be one that exists."""
        cuerpo, principal = cuerpo_de_saga(), self.cliente("principal")
        saga_id = self._crear("orquestador", "/saga/crear-campana-completa", cuerpo)["saga_id"]
        with self.proceso.c.motor().escritura() as con:
            con.execute(sagas.update().values(requiere_atencion=True))
            ahora, id = self.proceso.c.reloj().ahora(), uuid4()
            fila = {"consumidor": "nadie", "id": id, "tema": "x", "cuerpo": b"{}", "error": "ValueError: x"}
            con.execute(insert(muertos).values(**fila, intentos=3, fecha=ahora))
            con.commit()
        campana = self._crear("principal", "/campaigns/", cuerpo["campana"])["id"]
        principal.patch(f"/campaigns/{campana}/metrics", json={"impresiones": 1})
        return {
            "saga_id": saga_id,
            "payment_id": str(UUID(int=1)),
            "id": str(id),
            "id_campana": campana,
            "id_pago": self._crear("principal", "/pagos/", cuerpo["pago"])["id_pago"],
            "id_reporte": self._crear("principal", "/reporting/report", cuerpo["reporte"])["id"],
        }

    def _sembrar_partners(self) -> dict[str, str]:
        partner = self._crear("integraciones", "/api/v1/partners", cuerpo_de_partner())["partner"]["id"]
        integracion = {"tipo": "API", "nombre": "x"}
        ruta = f"/api/v1/partners/{partner}/integraciones"
        contrato = {"partner_id": partner, "tipo": "CPA", "fecha_inicio": "2026-01-01"}
        inicio = "/api/v1/saga/partner-creation"
        return {
            "partner_id": partner,
            "integracion_id": self._crear("integraciones", ruta, integracion)["integracion"]["id"],
            "contrato_id": self._crear("alianzas", "/posts/", contrato)["id"],
            "saga_id": self._crear("orquestador-partners", inicio, cuerpo_de_partner())["saga_id"],
        }

    def _sembrar_cafeteria(self) -> dict[str, str]:
        saga = self._crear("cafeteria-api", "/api/v1/pedidos/", cuerpo_de_pedido(1))["saga"]
        numero = saga["nombre"].rpartition("-")[2]
        item, id = ItemPedido(1, "Café Americano", 1, Decimal("2.50")), uuid4()
        # What the saga's third step would do: nothing carries its command here.
        orden = CrearPedido(id, UUID(saga["saga_id"]), int(numero), "Juan Pérez", (item,))
        hecho = Peticion(orden, id, lambda _: Contestacion(200, {}), DETALLE.contestar)
        assert self.proceso.escritores["pedidos"].ejecutar(hecho).estado == 200
        return {"saga_id": saga["saga_id"], "pedido_id": numero, "producto_id": "1"}

    def _crear(self, nombre: str, ruta: str, cuerpo: dict[str, Any]) -> dict[str, Any]:
        respuesta = self.cliente(nombre).post(ruta, json=cuerpo)
        assert respuesta.status_code in (200, 201, 202), respuesta.get_data(as_text=True)
        return dict(respuesta.get_json())


@contextmanager
def levantar_quieto(carpeta: Path, **entorno: str) -> Iterator[Quieto]:
    """Start it in a folder: what HTTP asks is written, and nothing is published, consumed or woken up."""
    # No saga ends here: who orders would wait in vain.
    propio = {"AEROPARTNERS_DATOS": str(carpeta), "PEDIDO_ESPERA_S": "0"}
    proceso = Proceso(Contenedor(config=leer({**propio, **entorno})))
    proceso.migrar()
    proceso.anadir_modulos(proceso.c.piezas())
    proceso.hilos = [h for h in proceso.hilos if h.nombre.startswith("escritor-")]
    for hilo in proceso.hilos:
        hilo.empezar()
    quieto = Quieto(proceso)
    try:
        yield quieto
    finally:
        quieto.cerrar()
        assert proceso.parar(), "el proceso no terminó limpio"
        assert {h.nombre: h.caidas for h in proceso.hilos if h.caidas} == {}
