"""The payments module over the real machine: a test moves its clock, its publisher and its caller."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from aeropartners.contratos.pagos import (
    SUSCRIPCION_LLAMADAS,
    TEMA_COMANDOS,
    TEMA_EVENTOS,
    TEMA_LLAMADAS,
    TEMAS_ESPEJO,
)
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.pagos.infraestructura.pasarela import PasarelaSimulada
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.relevo import Relevo
from aeropartners.seedwork.infraestructura.almacen.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import Uuid7
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.montaje import Montaje
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from tests.dobles.relojes import Reloj
from tests.esperas import hasta

PAGO = {"id_afiliado": "a1", "monto": 1000.0, "moneda": "USD", "referencia_pago": "ref_test"}
LATENCIA_S = 3.0


class Pila:
    """The module with its writer's thread; the publisher and the caller move when the test says so."""

    def __init__(self, url: str, carpeta: Path, limpieza: bool = False) -> None:
        self.motor, self.reloj, ids = Motor(url), Reloj(datetime(2025, 1, 1, tzinfo=UTC)), Uuid7()
        self.tienda = Tienda(carpeta / "broker.db")
        # What nobody is subscribed to is not kept.
        publicos = {tema: ["prueba"] for tema in (TEMA_EVENTOS, *TEMAS_ESPEJO.values())}
        suyas = {TEMA_LLAMADAS: [SUSCRIPCION_LLAMADAS], TEMA_COMANDOS: ["pagos"]}
        self.tienda.preparar(publicos | suyas)
        broker = BrokerEmbebido(self.tienda)
        self.publicador = Publicador(broker)
        self._relevo = Relevo(SalidaSQL(self.motor, self.reloj), broker, self.publicador)
        pasarela = PasarelaSimulada(self.motor, self.reloj, LATENCIA_S, Decimal(100_000))
        montaje = Montaje(
            lambda persistencia: UnidadSQL(self.motor, persistencia, self.reloj, ids),
            self.publicador,
            ids,
            self.reloj,
            lambda _bucle, temas, nombre: broker.suscribir(temas, nombre),
        )
        montado = montaje.montar(pagos.pieza(1.0, lambda: pasarela))
        self.llamador, self.escritor = montado.bucles["llamador-pagos"](), montado.escritor
        rutas = pagos.rutas(self.escritor, self.motor, ids, limpieza)
        app = crear_aplicacion("pagos", rutas, acceso=SIN_CLAVES)
        self.cliente: FlaskClient = app.test_client()
        self._parar = threading.Event()
        self._hilo = threading.Thread(target=self._escribir)
        self._hilo.start()

    def _escribir(self) -> None:
        while not self._parar.is_set():
            self.escritor.una_ronda(0.01)

    def cerrar(self) -> None:
        self._parar.set()
        self._hilo.join()
        self.llamador.terminar()
        self.tienda.cerrar()
        self.motor.cerrar()

    def publicar(self) -> None:
        """Send what waits, and delete it from the outbox."""
        while self.publicador.una_ronda(0):
            pass
        self._relevo.limpiar()
        self.llamador.una_ronda()

    def hasta(self, id: str, *estados: str) -> dict[str, Any]:
        """Let time pass until the payment is in one of these states, and nothing is left to do."""
        for _ in range(200):
            self.publicar()
            pago = self.ver(id)
            hechas = self.llamador.una_ronda()
            if pago["estado"] in estados and not (hechas or self.llamador._llamadas.en_vuelo):
                return pago
            hasta(self._recogidas, "las llamadas que volvieron")
            self.reloj.momento += timedelta(seconds=0.25)
        raise AssertionError(f"El pago no llegó a {estados}: {pago}")

    def _recogidas(self) -> bool:
        """Let the caller take what came back; whether no call is in flight."""
        if self.llamador._llamadas.en_vuelo:
            self.llamador.una_ronda()
        return not self.llamador._llamadas.en_vuelo

    def crear(self, **cambios: Any) -> Any:
        """Create a payment with these changes to the example."""
        return self.cliente.post("/pagos/", json=PAGO | cambios)

    def ver(self, id: str) -> dict[str, Any]:
        """Read a payment."""
        respuesta = self.cliente.get(f"/pagos/{id}")
        assert respuesta.status_code == 200
        cuerpo = respuesta.get_json()
        assert isinstance(cuerpo, dict)
        return cuerpo

    def revertir(self, id: str, **cuerpo: Any) -> Any:
        """Revert a payment."""
        return self.cliente.patch(f"/pagos/{id}/revertir", json={"motivo": "prueba", **cuerpo})

    def tipos(self, tema: str) -> list[str]:
        """Return the event types on a topic, in order."""
        return [propiedades["event_type"] for _, _, propiedades in self.tienda.leer(tema, 0, 100)]
