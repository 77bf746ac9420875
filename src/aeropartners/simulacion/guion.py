"""The script of simulated participants, drawn from the seed for each saga, step and attempt."""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from uuid import UUID, uuid5

from aeropartners.simulacion.tiempo import COMIENZO


class Desenlace(StrEnum):
    """How an attempt ends for its saga; DUDA is a technical failure that may have had its effect."""

    EXITO = "EXITO"
    RECHAZO = "RECHAZO"
    AVERIA = "AVERIA"
    DUDA = "DUDA"
    SILENCIO = "SILENCIO"


@dataclass(frozen=True, slots=True)
class Acto:
    """What a participant does with one attempt.

    `efecto`: it does the work. `espera_s`: seconds until it answers. `otra_s`: seconds until it answers a
    second time, or 0. `tarde_s`: seconds until it reports a success that it had denied or kept silent about,
    or 0.
    """

    desenlace: Desenlace
    efecto: bool
    espera_s: float = 0.0
    otra_s: float = 0.0
    tarde_s: float = 0.0

    @property
    def nombre(self) -> str:
        """The act's name in the summary of a run."""
        if self.tarde_s and self.desenlace is not Desenlace.SILENCIO:
            return "dice que no y lo hace"
        if self.tarde_s:
            return "contesta cuando ya no se le espera"
        if self.desenlace is Desenlace.SILENCIO:
            return "calla tras hacerlo" if self.efecto else "calla sin hacerlo"
        if self.otra_s:
            return f"{self.desenlace} dos veces"
        return f"{self.desenlace} con demora" if self.espera_s else str(self.desenlace)


HECHO = Acto(Desenlace.EXITO, efecto=True)


@dataclass(frozen=True, slots=True)
class Encomienda:
    """One attempt of a step or undo; `plazo_s` is the step's deadline in seconds."""

    saga: UUID
    paso: str
    intento: int
    plazo_s: float
    deshace: bool = False
    reversible: bool = True


@dataclass(frozen=True, slots=True)
class Guion:
    """The participants' answers. `normales`: sagas whose steps all succeed at once.

    `puntual`: an answer comes long before its deadline or long after, so that the reference knows which one
    was too late.
    """

    semilla: str
    puntual: bool
    normales: frozenset[int] = frozenset()

    def acto(self, pedida: Encomienda) -> Acto:
        """Return what the participant does with this attempt; always the same for the same attempt."""
        numero = numero_de(pedida.saga)
        if numero in self.normales:
            return HECHO
        if not pedida.deshace and self._ya_hecho(pedida):
            return HECHO
        azar = Random(f"{self.semilla}:{numero}:{pedida.paso}:{pedida.intento}")
        return self._deshacer(azar, pedida) if pedida.deshace else self._hacer(azar, pedida)

    def _ya_hecho(self, pedida: Encomienda) -> bool:
        """Whether an earlier attempt did the work: a participant asked again answers with that success."""
        return pedida.intento > 1 and self.acto(replace(pedida, intento=pedida.intento - 1)).efecto

    def _hacer(self, azar: Random, pedida: Encomienda) -> Acto:
        [desenlace] = azar.choices(list(Desenlace), (66, 8, 12, 6, 8))
        if desenlace is Desenlace.SILENCIO:
            tarde = azar.uniform(1.2, 2.5) * pedida.plazo_s if azar.random() < 0.5 else 0.0
            return Acto(desenlace, efecto=bool(tarde) or azar.random() < 0.5, tarde_s=tarde)
        if pedida.reversible and not self.puntual and azar.random() < 0.06:
            return Acto(Desenlace.RECHAZO, efecto=True, tarde_s=azar.uniform(0.1, 2.0) * pedida.plazo_s)
        return self._contestado(azar, desenlace, pedida)

    def _deshacer(self, azar: Random, pedida: Encomienda) -> Acto:
        [desenlace] = azar.choices(list(Desenlace), (64, 8, 14, 6, 8))
        if desenlace is Desenlace.SILENCIO:
            return Acto(desenlace, efecto=azar.random() < 0.5)
        return self._contestado(azar, desenlace, pedida)

    def _contestado(self, azar: Random, desenlace: Desenlace, pedida: Encomienda) -> Acto:
        lenta = pedida.plazo_s / 50 if self.puntual else pedida.plazo_s * 1.5
        espera = azar.uniform(0.1, lenta) if azar.random() < 0.35 else 0.0
        # A failure repeated during the next attempt must not count for that attempt: it is drawn often.
        dos_veces = 0.6 if desenlace in (Desenlace.AVERIA, Desenlace.DUDA) else 0.2
        otra = azar.uniform(0.1, lenta) if azar.random() < dos_veces else 0.0
        efecto = desenlace is Desenlace.EXITO or (desenlace is Desenlace.DUDA and azar.random() < 0.5)
        return Acto(desenlace, efecto, espera, otra)


def saga_de(numero: int) -> UUID:
    """Return the id of the saga of this number."""
    return UUID(int=int(COMIENZO.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | numero << 32)


def numero_de(saga: UUID) -> int:
    """Return the number in a saga's id."""
    return saga.int >> 32 & 0xFFFF


def id_de_parte(trabajo: UUID, parte: int) -> UUID:
    """Return the id of the work of a part of a step, given the step's."""
    return uuid5(trabajo, str(parte)) if parte else trabajo
