"""The mixed load: successes, refusals, repeated keys, cancellations, bad forms, and how each may end."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random

import httpx

from tests.datos import cuerpo_de_partner, cuerpo_de_pedido, cuerpo_de_saga
from tests.e2e.sistema import DE_MAS, RUTA_PEDIDOS, Sistema, saga_de_pedido
from tests.esperas import hasta

CLIENTES = 6
ENTREGA_S = 300
Finales = frozenset[str]


@dataclass(frozen=True, slots=True)
class Clase:
    """A kind of client: how often it sends its key, whether it cancels, and how its saga may end."""

    nombre: str
    peso: int
    finales: Finales
    referencia: str = ""
    veces: int = 1
    cancela: bool = False
    tipo: str = "PROMOCIONAL"


CLASES = (
    Clase("éxito", 6, frozenset({"COMPLETADA"})),
    Clase("rechazo", 3, frozenset({"COMPENSADA"}), referencia="FALLA-"),
    Clase("clave repetida", 3, frozenset({"COMPLETADA"}), veces=3),
    Clase("cancelación", 3, frozenset({"COMPLETADA", "COMPENSADA"}), cancela=True),
    Clase("forma inválida", 1, frozenset({"FALLIDA"}), tipo="NINGUNO"),
)
CANCELADA = frozenset({"COMPENSADA"})


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of a load: sagas that are nowhere, that nobody asked for, and that ended otherwise."""

    sagas: int
    perdidas: Sequence[str]
    dobles: Sequence[str]
    torcidas: Sequence[tuple[str, str, str]]
    motivos: Sequence[object]

    @property
    def cifras(self) -> str:
        """The counts in words."""
        return f"{self.sagas} sagas, {len(self.perdidas)} perdidas, {len(self.dobles)} dobles"

    @property
    def bueno(self) -> bool:
        """Nothing lost, nothing twice, every end an expected one."""
        return not (self.perdidas or self.dobles or self.torcidas)


class Carga:
    """Clients that start sagas at a pace, each with its key until it is answered, in any weather.

    What they do, and under which keys, is drawn from the seed: one load of a seed in one system.
    `en_vez_de_exito` says how a saga may end whose success a fault may prevent.
    """

    clases: Sequence[Clase] = CLASES
    exito = "COMPLETADA"

    def __init__(
        self, sistema: Sistema, semilla: int, pausa_s: float = 0.1, en_vez_de_exito: Finales = frozenset()
    ) -> None:
        self._sistema = sistema
        self._azar = Random(semilla)
        self._pausa_s = pausa_s
        self._en_vez_de_exito = en_vez_de_exito
        self._previas = self._todas()
        self._cerrojo = threading.Lock()
        self.esperados: dict[str, tuple[str, Finales]] = {}
        self._dobles: list[str] = []
        self._maximo: int | None = None

    @property
    def aceptadas(self) -> int:
        """How many sagas were answered."""
        return len(self.esperados)

    @contextmanager
    def en_marcha(self, maximo: int | None = None) -> Iterator["Carga"]:
        """Keep clients at work, until so many sagas are asked for, or else to the end of the block."""
        parar = threading.Event()
        self._sistema.abandonado.clear()
        self._maximo = maximo

        def pedir(piscina: ThreadPoolExecutor) -> list[object]:
            hechos = []
            for numero in count() if maximo is None else range(maximo):
                if parar.is_set():
                    break
                hechos.append(piscina.submit(self._cliente, *self._sorteado()))
                if numero >= CLIENTES:
                    hechos[numero - CLIENTES].result()
                parar.wait(self._pausa_s)
            return [h.result(ENTREGA_S) for h in hechos]

        with ThreadPoolExecutor(CLIENTES + 1) as piscina:
            marcha = piscina.submit(pedir, piscina)
            try:
                yield self
            except BaseException:
                parar.set()
                self._sistema.abandonado.set()
                raise
            if maximo is None:
                parar.set()
            marcha.result(ENTREGA_S)

    def esperar_mas(self, cuantas: int) -> None:
        """Wait until so many more sagas were answered, or all that are asked for."""
        total = self.aceptadas + cuantas
        self.esperar(total if self._maximo is None else min(total, self._maximo))

    def esperar(self, aceptadas: int) -> None:
        """Wait until so many sagas were answered."""
        hasta(lambda: self.aceptadas >= aceptadas, f"{aceptadas} sagas aceptadas", ENTREGA_S)

    def balance(self) -> Balance:
        """Compare what clients were told with what there is."""
        hay = self._todas()
        torcidas = [
            (clase, id, hay[id])
            for id, (clase, finales) in self.esperados.items()
            if id in hay and hay[id] not in finales
        ]
        perdidas = [id for id in self.esperados if id not in hay]
        ajenas = [id for id in hay if id not in self.esperados and id not in self._previas]
        motivos = [self._historia(id) for _, id, _ in torcidas[:2]]
        return Balance(len(self.esperados), perdidas, self._dobles + ajenas, torcidas, motivos)

    def resumen(self) -> Counter[str]:
        """How many sagas of each class."""
        return Counter(clase for clase, _ in self.esperados.values())

    def peor_espera(self) -> float:
        """The longest that one of these sagas waited for its next step, in seconds."""
        ids = ", ".join(f"'{id}'" for id in self.esperados)
        return float(
            self._sistema.valor(
                "SELECT round(max(s), 1) FROM (SELECT extract(epoch FROM fecha_creacion"
                " - lag(fecha_creacion) OVER (PARTITION BY saga_id ORDER BY version)) AS s"
                f" FROM saga_eventos WHERE saga_id IN ({ids})) e"
            )
        )

    def _sorteado(self) -> tuple[str, Clase, float]:
        """Draw the key, the class and the patience of a client."""
        clave = f"{uuid.UUID(int=self._azar.getrandbits(128))}"
        return (
            clave,
            self._azar.choices(self.clases, [c.peso for c in self.clases])[0],
            self._azar.uniform(0, 0.8),
        )

    def _cliente(self, clave: str, clase: Clase, paciencia: float) -> None:
        """One client: its saga, the same again when it repeats, and its change of mind."""
        respuestas = [self._iniciar(clave, clase) for _ in range(clase.veces)]
        saga_id, *otras = {self._saga(r) for r in respuestas}
        finales = clase.finales
        if self.exito in finales:
            finales |= self._en_vez_de_exito
        if clase.cancela:
            threading.Event().wait(paciencia)
            finales = self._cancelar(saga_id, clave) or finales
        with self._cerrojo:
            self._dobles += otras
            self.esperados[saga_id] = (clase.nombre, finales)

    def _saga(self, respuesta: httpx.Response) -> str:
        return str(respuesta.raise_for_status().json()["saga_id"])

    def _iniciar(self, clave: str, clase: Clase) -> httpx.Response:
        cuerpo = cuerpo_de_saga(f"{clase.referencia}{clave}")
        cuerpo["campana"]["tipo"] = clase.tipo
        return self._sistema.pedir("/saga/crear-campana-completa", cuerpo, clave, ENTREGA_S)

    def _cancelar(self, saga_id: str, clave: str) -> Finales | None:
        """Cancel; once that is accepted there is one way to end. Refused: it ended, or is being undone."""
        orden = {"motivo": "el cliente se arrepintió"}
        respuesta = self._sistema.pedir(f"/saga/{saga_id}/cancelar", orden, f"cancelar-{clave}", ENTREGA_S)
        assert respuesta.status_code in (202, 409), respuesta.text
        return CANCELADA if respuesta.status_code == 202 else None

    def _historia(self, id: str) -> list[object]:
        """Return what happened to a saga, so that a failed run explains itself."""
        return list(
            self._sistema.sql(
                "SELECT clase, indice, CAST(fecha_creacion AS text), evento_datos -> 'error'"
                f" FROM saga_eventos WHERE saga_id = '{id}' ORDER BY version"
            )
        )

    def _todas(self) -> dict[str, str]:
        return {str(id): estado for id, estado in self._sistema.sql("SELECT id, estado FROM sagas")}


class CargaPartners(Carga):
    """The same with partner sagas: successes, refused contracts, repeated keys."""

    clases = (
        Clase("éxito", 6, frozenset({"completed"})),
        Clase("rechazo", 3, frozenset({"compensated"}), tipo="60000"),
        Clase("clave repetida", 3, frozenset({"completed"}), veces=3),
    )
    exito = "completed"

    def _iniciar(self, clave: str, clase: Clase) -> httpx.Response:
        monto = int(clase.tipo) if clase.tipo.isdigit() else 1000
        cuerpo = cuerpo_de_partner(email=f"{clave}@example.com", contrato={"monto": monto})
        return self._sistema.pedir("/api/v1/partners/", cuerpo, clave, ENTREGA_S, bff="bff-partners")


class CargaCafeteria(Carga):
    """The same with orders: successes, orders of too much, repeated keys."""

    clases = (
        Clase("éxito", 6, frozenset({"completada"})),
        Clase("de más", 3, frozenset({"compensada"}), tipo=str(DE_MAS)),
        Clase("clave repetida", 3, frozenset({"completada"}), veces=3),
    )
    exito = "completada"

    def _saga(self, respuesta: httpx.Response) -> str:
        return saga_de_pedido(respuesta)

    def _iniciar(self, clave: str, clase: Clase) -> httpx.Response:
        producto = 1 + int(clave[:2], 16) % 7
        cuerpo = cuerpo_de_pedido(producto, int(clase.tipo) if clase.tipo.isdigit() else 1)
        return self._sistema.pedir(RUTA_PEDIDOS, cuerpo, clave, ENTREGA_S, bff="cafeteria-api")
