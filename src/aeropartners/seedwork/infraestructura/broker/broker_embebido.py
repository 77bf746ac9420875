"""The embedded durable broker: one SQLite file, one partition a topic, Failover subscriptions."""

import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, Rechazo, Sordera
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_propiedades
from aeropartners.seedwork.infraestructura.base.archivos_privados import CARPETA, archivo_privado

_ESQUEMA = """
CREATE TABLE IF NOT EXISTS mensajes (
    posicion INTEGER PRIMARY KEY AUTOINCREMENT, tema TEXT NOT NULL, clave TEXT NOT NULL,
    cuerpo BLOB NOT NULL, propiedades TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS mensajes_tema ON mensajes (tema, posicion);
CREATE TABLE IF NOT EXISTS suscripciones (
    tema TEXT NOT NULL, nombre TEXT NOT NULL, posicion INTEGER NOT NULL, PRIMARY KEY (tema, nombre));
"""

# The topic and the name of a subscription.
Clave = tuple[str, str]
# How often confirmed messages are deleted, in seconds; and the free bytes in the file from which a start
# compacts it.
LIMPIAR_S = 5.0
HUECO = 16 * 1024 * 1024


class BrokerEmbebido:
    """See the port `Broker`. All objects of the process share the file through one `Tienda`."""

    def __init__(self, tienda: "Tienda") -> None:
        self._tienda = tienda
        self._envios: list[Envio] = []

    def enviar(self, envios: Iterable[Envio]) -> None:
        self._envios += envios

    def asegurar(self) -> Sequence[Rechazo]:
        envios, self._envios = self._envios, []
        return self._tienda.guardar(envios)

    def suscribir(self, temas: Sequence[str], nombre: str) -> "SuscripcionEmbebida":
        return SuscripcionEmbebida(self._tienda, temas, nombre)

    def cerrar(self) -> None:
        self._envios = []


class Tienda:
    """The file: messages, and the position that each subscription has confirmed. Safe from any thread.

    It keeps only messages that some subscription has not confirmed; messages of a topic without subscriptions
    are not stored.
    """

    def __init__(self, ruta: Path) -> None:
        ruta.parent.mkdir(mode=CARPETA, parents=True, exist_ok=True)
        archivo_privado(ruta)
        self._con = sqlite3.connect(ruta, check_same_thread=False, isolation_level=None)
        self._con.execute("PRAGMA journal_mode=WAL")
        self._con.execute("PRAGMA synchronous=FULL")
        self._con.execute(f"PRAGMA journal_size_limit={HUECO}")
        self._con.executescript(_ESQUEMA)
        self._abierta = True
        self._limpiado = time.monotonic()
        self._con_lectores = self._temas()
        self.cerrojo = threading.RLock()
        self._activos: dict[Clave, list[SuscripcionEmbebida]] = {}

    def preparar(self, suscripciones: Mapping[str, Sequence[str]]) -> None:
        """Create the missing subscriptions, from the topic's earliest message; delete confirmed messages."""
        with self.cerrojo:
            self._con.execute("BEGIN IMMEDIATE")
            self._con.executemany(
                "INSERT OR IGNORE INTO suscripciones (tema, nombre, posicion) VALUES (?, ?, 0)",
                [(tema, nombre) for tema, nombres in suscripciones.items() for nombre in nombres],
            )
            self._con_lectores = self._temas()
            self._limpiar()
            self._con.execute("COMMIT")
            [libres], [pagina] = (
                self._con.execute(f"PRAGMA {p}").fetchone() for p in ("freelist_count", "page_size")
            )
            if libres * pagina > HUECO:
                self._con.execute("VACUUM")

    def guardar(self, envios: Sequence[Envio]) -> Sequence[Rechazo]:
        """Store a burst in one transaction; return the messages that cannot be encoded.

        Raises BrokerNoDisponible when the file is closed or cannot be written; then nothing is stored.
        """
        rechazos: list[Rechazo] = []
        with self.cerrojo:
            if not self._abierta:
                raise BrokerNoDisponible("El broker embebido está cerrado")
            filas = []
            for envio in envios:
                try:
                    filas.append(_fila(envio))
                except (TypeError, ValueError) as error:
                    rechazos.append(
                        Rechazo(envio.tema, f"no se puede codificar: {error}", [envio], definitivo=True)
                    )
            filas = [fila for fila in filas if fila[0] in self._con_lectores]
            if not filas:
                return rechazos
            try:
                self._con.execute("BEGIN IMMEDIATE")
                self._con.executemany(
                    "INSERT INTO mensajes (tema, clave, cuerpo, propiedades) VALUES (?, ?, ?, ?)", filas
                )
                self._con.execute("COMMIT")
            except sqlite3.Error as error:
                self._deshacer()
                raise BrokerNoDisponible(str(error)) from error
            self._avisar({fila[0] for fila in filas})
        return rechazos

    def leer(self, tema: str, desde: int, maximo: int) -> list[tuple[int, bytes, dict[str, str]]]:
        """Return up to `maximo` messages of the topic after a position: position, body, properties."""
        with self.cerrojo:
            filas = self._con.execute(
                "SELECT posicion, cuerpo, propiedades FROM mensajes WHERE tema = ? AND posicion > ?"
                " ORDER BY posicion LIMIT ?",
                (tema, desde, maximo),
            ).fetchall()
        return [(posicion, cuerpo, descifrar_propiedades(props)) for posicion, cuerpo, props in filas]

    def confirmada(self, tema: str, nombre: str) -> int:
        """Return the position up to which the subscription has confirmed; KeyError if it does not exist."""
        with self.cerrojo:
            fila = self._con.execute(
                "SELECT posicion FROM suscripciones WHERE tema = ? AND nombre = ?", (tema, nombre)
            ).fetchone()
        if fila is None:
            raise KeyError(f"La suscripción {nombre} de {tema} no existe: falta `aeropartners migrar`")
        return int(fila[0])

    def confirmar(self, posiciones: Mapping[Clave, int]) -> None:
        """Store the confirmed positions of these subscriptions; a position never goes back."""
        with self.cerrojo:
            self._con.execute("BEGIN IMMEDIATE")
            self._con.executemany(
                "UPDATE suscripciones SET posicion = max(posicion, ?) WHERE tema = ? AND nombre = ?",
                [(posicion, tema, nombre) for (tema, nombre), posicion in posiciones.items()],
            )
            if time.monotonic() - self._limpiado > LIMPIAR_S:
                self._limpiar()
            self._con.execute("COMMIT")

    def cerrar(self) -> None:
        """Close the file; from now on senders get BrokerNoDisponible."""
        with self.cerrojo:
            self._abierta = False
            self._con.close()
            self._avisar({tema for tema, _ in self._activos})

    def entrar(self, suscripcion: "SuscripcionEmbebida", claves: Sequence[Clave]) -> None:
        """Add a consumer behind the older consumers of its subscriptions; only the oldest is served."""
        with self.cerrojo:
            for clave in claves:
                self._activos.setdefault(clave, []).append(suscripcion)

    def salir(self, suscripcion: "SuscripcionEmbebida", claves: Sequence[Clave]) -> None:
        """Remove a consumer and wake the next one of its subscriptions."""
        with self.cerrojo:
            for clave in claves:
                if suscripcion in self._activos[clave]:
                    self._activos[clave].remove(suscripcion)
            self._avisar({tema for tema, _ in claves})

    def es_suya(self, suscripcion: "SuscripcionEmbebida", clave: Clave) -> bool:
        """Whether this consumer is the oldest of the subscription, and so the one that is served."""
        activos = self._activos[clave]
        return bool(activos) and activos[0] is suscripcion

    def _avisar(self, temas: Collection[str]) -> None:
        """Wake the served consumers of these topics; the others would find nothing."""
        for (tema, _), activos in self._activos.items():
            if tema in temas and activos:
                activos[0].novedad.notify()

    def _limpiar(self) -> None:
        """Delete, inside a transaction, messages that all have confirmed; the file keeps its size."""
        self._limpiado = time.monotonic()
        minimos = self._con.execute("SELECT tema, min(posicion) FROM suscripciones GROUP BY tema").fetchall()
        self._con.executemany("DELETE FROM mensajes WHERE tema = ? AND posicion <= ?", minimos)

    def _temas(self) -> set[str]:
        return {tema for (tema,) in self._con.execute("SELECT DISTINCT tema FROM suscripciones")}

    def _deshacer(self) -> None:
        if self._con.in_transaction:
            self._con.execute("ROLLBACK")


def _fila(envio: Envio) -> tuple[str, str, bytes, str]:
    for texto in (envio.tema, envio.clave):
        texto.encode()  # a bad text would fail the whole burst in SQLite
    return envio.tema, envio.clave, bytes(envio.cuerpo), codificar(envio.propiedades or {}).decode()


class SuscripcionEmbebida:
    """See the port `Suscripcion`. Of the consumers of one subscription only the oldest is served."""

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

    @property
    def sordera(self) -> Sordera | None:
        return None

    @property
    def conexion(self) -> int:
        return 1

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        limite = time.monotonic() + espera
        with self.novedad:
            while not (envios := self._disponibles(maximo)):
                falta = limite - time.monotonic()
                if falta <= 0:
                    break
                self.novedad.wait(falta)
        return envios

    def confirmar(self, envios: Sequence[Recibido]) -> None:
        avances = {}
        for recibido in envios:
            clave = (recibido.tema, self._nombre)
            self._sin_confirmar[clave].discard(int(recibido.id_broker))
        for clave in {(r.tema, self._nombre) for r in envios}:
            pendientes = self._sin_confirmar[clave]
            avances[clave] = min(pendientes) - 1 if pendientes else self._leido[clave]
        if avances:
            self._tienda.confirmar(avances)

    def cerrar(self) -> None:
        self._tienda.salir(self, self._claves)

    def _disponibles(self, maximo: int) -> list[Recibido]:
        envios: list[Recibido] = []
        for clave in self._claves:
            if not self._tienda.es_suya(self, clave):
                continue
            if clave not in self._leido:
                self._leido[clave] = self._tienda.confirmada(*clave)
            for posicion, cuerpo, props in self._tienda.leer(
                clave[0], self._leido[clave], maximo - len(envios)
            ):
                self._leido[clave] = posicion
                self._sin_confirmar[clave].add(posicion)
                envios.append(Recibido(clave[0], cuerpo, props, None, str(posicion)))
        return envios
