"""The cotejo as a process beside a running system, and what it has said so far."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.sistema import CLI, Sistema
from tests.esperas import hasta

PROMESA_S = 60
Hallazgo = dict[str, Any]


class CotejoVivo:
    """`aeropartners auditar --continuo --json`, reading its lines."""

    def __init__(self, sistema: Sistema, *opciones: str) -> None:
        self.url = sistema.url["auditor"]
        self._dicho = sistema.registros / "cotejo.jsonl"
        self._marca = sistema.registros / "auditoria.json"
        self._entorno = {**sistema.entorno, "PORT": self.url.rpartition(":")[2]}
        self._opciones = ("--continuo", "--json", "--marca", str(self._marca), *opciones)
        self._registro = sistema.registros / "cotejo.log"
        self._proceso: subprocess.Popen[bytes] | None = None

    def arrancar(self) -> None:
        """Start it, where it was if it ran before."""
        with self._dicho.open("ab") as dicho, self._registro.open("ab") as registro:
            self._proceso = subprocess.Popen(
                [*CLI, "auditar", *self._opciones],
                env=self._entorno,
                stdout=dicho,
                stderr=registro,
                start_new_session=True,
            )

    def matar(self) -> None:
        """kill -9."""
        assert self._proceso
        self._proceso.kill()
        self._proceso.wait()

    def parar(self) -> int:
        """SIGTERM; return the exit code."""
        assert self._proceso
        self._proceso.send_signal(signal.SIGTERM)
        return self._proceso.wait(60)

    def hallazgos(self) -> list[Hallazgo]:
        """Return all that it has found."""
        return [linea["hallazgo"] for linea in self._lineas() if "hallazgo" in linea]

    def partes(self) -> list[dict[str, Any]]:
        """Return the statements so far."""
        return [linea["parte"] for linea in self._lineas() if "parte" in linea]

    def sagas(self) -> int:
        """Return how many sagas are in the statements so far."""
        return sum(p["sagas"] for p in self.partes())

    def hallar(self, clase: str, sirve: Callable[[Hallazgo], bool], desde: float) -> Hallazgo:
        """Wait for a finding; it comes within the promised time."""

        def hallado() -> Hallazgo | None:
            return next((h for h in self.hallazgos() if h["clase"] == clase and sirve(h)), None)

        try:
            uno = hasta(hallado, f"un hallazgo {clase}", desde + PROMESA_S - time.monotonic())
        except AssertionError as error:
            raise AssertionError(f"{error}; hay {self.hallazgos()}; {self.registro()}") from error
        print(f"{clase} hallado en {time.monotonic() - desde:.1f} s")
        return uno

    def registro(self) -> str:
        """Return the end of its log."""
        return self._registro.read_text(errors="replace")[-3000:]

    def _lineas(self) -> Iterator[dict[str, Any]]:
        for linea in self._dicho.read_text().splitlines(keepends=True):
            if linea.endswith("\n"):
                yield json.loads(linea)


@contextmanager
def cotejado(sistema: Sistema, *opciones: str) -> Iterator[CotejoVivo]:
    """Run the cotejo beside a system."""
    cotejo = CotejoVivo(sistema, *opciones)
    cotejo.arrancar()
    try:
        yield cotejo
    finally:
        cotejo.parar()
