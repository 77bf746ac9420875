"""The in-process durable broker: one SQLite file, one partition a topic, Failover subscriptions."""

import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_propiedades

_ESQUEMA = """
CREATE TABLE IF NOT EXISTS mensajes (
    posicion INTEGER PRIMARY KEY AUTOINCREMENT, tema TEXT NOT NULL, clave TEXT NOT NULL,
    cuerpo BLOB NOT NULL, propiedades TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS mensajes_tema ON mensajes (tema, posicion);
CREATE TABLE IF NOT EXISTS suscripciones (
    tema TEXT NOT NULL, nombre TEXT NOT NULL, posicion INTEGER NOT NULL, PRIMARY KEY (tema, nombre));
"""

# A subscription of a topic: the topic, and its name.
Clave = tuple[str, str]


class BrokerEmbebido:
    """See the port `Broker`. Any number of objects of one process share the file through `Tienda`."""

    def __init__(self, tienda: "Tienda") -> None:
        self._tienda = tienda
        self._lote: list[Envio] = []

    def enviar(self, lote: Iterable[Envio]) -> None:
        self._lote += lote

    def asegurar(self) -> None:
        lote, self._lote = self._lote, []
        self._tienda.guardar(lote)

    def suscribir(self, temas: Sequence[str], nombre: str) -> "SuscripcionEmbebida":
        return SuscripcionEmbebida(self._tienda, temas, nombre)

    def cerrar(self) -> None:
        self._lote = []


class Tienda:
    """The file: messages, and how far each subscription has confirmed. Safe from any thread."""

    def __init__(self, ruta: Path) -> None:
        ruta.parent.mkdir(parents=True, exist_ok=True)
        self._con = sqlite3.connect(ruta, check_same_thread=False, isolation_level=None)
        self._con.execute("PRAGMA journal_mode=WAL")
        self._con.execute("PRAGMA synchronous=FULL")
        self._con.executescript(_ESQUEMA)
        self._abierta = True
        self.cerrojo = threading.RLock()
        self._activos: dict[Clave, list[SuscripcionEmbebida]] = {}

    def preparar(self, suscripciones: Mapping[str, Sequence[str]]) -> None:
        """Create the subscriptions of each topic, from its earliest message; drop what all have read."""
        with self.cerrojo:
            self._con.execute("BEGIN IMMEDIATE")
            self._con.executemany(
                "INSERT OR IGNORE INTO suscripciones (tema, nombre, posicion) VALUES (?, ?, 0)",
                [(tema, nombre) for tema, nombres in suscripciones.items() for nombre in nombres],
            )
            self._con.execute(
                "DELETE FROM mensajes WHERE posicion <="
                " (SELECT min(s.posicion) FROM suscripciones s WHERE s.tema = mensajes.tema)"
            )
            self._con.execute("COMMIT")

    def guardar(self, lote: Sequence[Envio]) -> None:
        """Store a burst in one transaction; raises BrokerNoDisponible."""
        if not lote:
            return
        filas = [(e.tema, e.clave, bytes(e.cuerpo), codificar(e.propiedades or {}).decode()) for e in lote]
        with self.cerrojo:
            if not self._abierta:
                raise BrokerNoDisponible("El broker embebido está cerrado")
            try:
                self._con.execute("BEGIN IMMEDIATE")
                self._con.executemany(
                    "INSERT INTO mensajes (tema, clave, cuerpo, propiedades) VALUES (?, ?, ?, ?)", filas
                )
                self._con.execute("COMMIT")
            except sqlite3.Error as error:
                self._deshacer()
                raise BrokerNoDisponible(str(error)) from error
            self._avisar({envio.tema for envio in lote})

    def leer(self, tema: str, desde: int, maximo: int) -> list[tuple[int, bytes, dict[str, str]]]:
        """Return messages of the topic after a position."""
        with self.cerrojo:
            filas = self._con.execute(
                "SELECT posicion, cuerpo, propiedades FROM mensajes WHERE tema = ? AND posicion > ?"
                " ORDER BY posicion LIMIT ?",
                (tema, desde, maximo),
            ).fetchall()
        return [(posicion, cuerpo, descifrar_propiedades(props)) for posicion, cuerpo, props in filas]

    def confirmada(self, tema: str, nombre: str) -> int:
        """Return the position up to which the subscription has confirmed; KeyError if it is unknown."""
        with self.cerrojo:
            fila = self._con.execute(
                "SELECT posicion FROM suscripciones WHERE tema = ? AND nombre = ?", (tema, nombre)
            ).fetchone()
        if fila is None:
            raise KeyError(f"La suscripción {nombre} de {tema} no existe: falta `aeropartners migrar`")
        return int(fila[0])

    def confirmar(self, posiciones: Mapping[Clave, int]) -> None:
        """Move the subscriptions on."""
        with self.cerrojo:
            self._con.execute("BEGIN IMMEDIATE")
            self._con.executemany(
                "UPDATE suscripciones SET posicion = max(posicion, ?) WHERE tema = ? AND nombre = ?",
                [(posicion, tema, nombre) for (tema, nombre), posicion in posiciones.items()],
            )
            self._con.execute("COMMIT")

    def cerrar(self) -> None:
        """Close the file; senders get BrokerNoDisponible from now on."""
        with self.cerrojo:
            self._abierta = False
            self._con.close()
            self._avisar({tema for tema, _ in self._activos})

    def entrar(self, suscripcion: "SuscripcionEmbebida", claves: Sequence[Clave]) -> None:
        """Let a consumer stand by, after the older ones of its subscription."""
        with self.cerrojo:
            for clave in claves:
                self._activos.setdefault(clave, []).append(suscripcion)

    def salir(self, suscripcion: "SuscripcionEmbebida", claves: Sequence[Clave]) -> None:
        """Take a consumer away, and wake up the next one of its subscription."""
        with self.cerrojo:
            for clave in claves:
                if suscripcion in self._activos[clave]:
                    self._activos[clave].remove(suscripcion)
            self._avisar({tema for tema, _ in claves})

    def es_suya(self, suscripcion: "SuscripcionEmbebida", clave: Clave) -> bool:
        """Whether this consumer is the one that is served."""
        activos = self._activos[clave]
        return bool(activos) and activos[0] is suscripcion

    def _avisar(self, temas: Collection[str]) -> None:
        """Wake up those who are served from these topics; everybody else would look for nothing."""
        for (tema, _), activos in self._activos.items():
            if tema in temas and activos:
                activos[0].novedad.notify()

    def _deshacer(self) -> None:
        if self._con.in_transaction:
            self._con.execute("ROLLBACK")


class SuscripcionEmbebida:
    """One consumer; of those of one subscription the oldest is served, the others stand by."""

    def __init__(self, tienda: Tienda, temas: Sequence[str], nombre: str) -> None:
        self._tienda = tienda
        self._nombre = nombre
        self._claves = [(tema, nombre) for tema in temas]
        self._leido: dict[Clave, int] = {}
        self._sin_confirmar: dict[Clave, set[int]] = {clave: set() for clave in self._claves}
        self.novedad = threading.Condition(tienda.cerrojo)
        for clave in self._claves:
            tienda.confirmada(*clave)
        tienda.entrar(self, self._claves)

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        limite = time.monotonic() + espera
        with self.novedad:
            while not (lote := self._disponibles(maximo)):
                falta = limite - time.monotonic()
                if falta <= 0:
                    break
                self.novedad.wait(falta)
        return lote

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        avances = {}
        for recibido in lote:
            clave = (recibido.tema, self._nombre)
            self._sin_confirmar[clave].discard(int(recibido.id_broker))
        for clave in {(r.tema, self._nombre) for r in lote}:
            pendientes = self._sin_confirmar[clave]
            avances[clave] = min(pendientes) - 1 if pendientes else self._leido[clave]
        if avances:
            self._tienda.confirmar(avances)

    def cerrar(self) -> None:
        self._tienda.salir(self, self._claves)

    def _disponibles(self, maximo: int) -> list[Recibido]:
        lote: list[Recibido] = []
        for clave in self._claves:
            if not self._tienda.es_suya(self, clave):
                continue
            if clave not in self._leido:
                self._leido[clave] = self._tienda.confirmada(*clave)
            for posicion, cuerpo, props in self._tienda.leer(
                clave[0], self._leido[clave], maximo - len(lote)
            ):
                self._leido[clave] = posicion
                self._sin_confirmar[clave].add(posicion)
                lote.append(Recibido(clave[0], cuerpo, props, None, str(posicion)))
        return lote
