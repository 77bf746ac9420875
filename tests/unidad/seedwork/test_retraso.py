"""How late a loop is, by what it has in hand; and what a process tells the others of it."""

from datetime import UTC, datetime

import pytest

from aeropartners.seedwork.aplicacion.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import Atraso
from aeropartners.seedwork.aplicacion.retraso import Retraso, Retrasos
from aeropartners.seedwork.aplicacion.serializacion import codificar
from tests.unidad.seedwork.reloj import Reloj
from tests.unidad.seedwork.test_lo_ultimo import Registro


class Tablon:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.dichos: list[tuple[str, float] | None] = []

    def decir(self, bucle: str, segundos: float) -> None:
        self.dichos.append((bucle, segundos))

    def callar(self) -> None:
        self.dichos.append(None)

    def peor(self) -> Atraso | None:
        raise NotImplementedError


def test_es_la_edad_del_mediano() -> None:
    """Two of five are a day old because they were sent again, one is new: the loop is 3 s late."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(reloj.hace(86_400, 3, 86_400, 2, 0))
    assert retraso.peor() == 3


def test_un_lote_en_la_mano_envejece() -> None:
    """A round that hangs is later each second, without a word from it."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(reloj.hace(1))
    reloj.pasar(60)
    assert retraso.peor() == 61
    reloj.pasar(1)
    assert retraso.peor() == 62


def test_un_bucle_ocioso_no_va_tarde() -> None:
    """A round without messages ends the delay, but for whoever asks what there was since he asked last."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(reloj.hace(9))
    retraso.recibido(())
    assert (retraso.peor(), retraso.ultimo) == (9, 9)
    assert (retraso.peor(), retraso.ultimo) == (0, 0)


def test_lo_que_llega_tras_un_segundo_ocioso_no_espero_alli() -> None:
    """A day-old message that an operator sent back makes nobody late; a loop that never rests is judged."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    for _ in range(11):
        retraso.recibido(())
        reloj.pasar(0.1)
    retraso.recibido(reloj.hace(86_400))
    assert retraso.peor() == 0
    reloj.pasar(4)
    assert retraso.peor() == 4
    retraso.recibido(())
    reloj.pasar(0.5)
    retraso.recibido(reloj.hace(8))
    assert retraso.peor() == pytest.approx(4.5)


def test_un_reloj_atrasado_no_da_negativos() -> None:
    """A message from the future is on time."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(reloj.hace(-5))
    assert retraso.peor() == 0


def test_se_dice_mientras_importa() -> None:
    """The worst loop, each round, then once that it is over, then nothing."""
    reloj, tablon = Reloj(), Tablon()
    retrasos = Retrasos(tablon, reloj)
    uno, otro = retrasos.nuevo("uno"), retrasos.nuevo("otro")
    retrasos.una_ronda()
    uno.recibido(reloj.hace(0.4))
    retrasos.una_ronda()
    assert tablon.dichos == []
    uno.recibido(reloj.hace(2))
    otro.recibido(reloj.hace(3))
    retrasos.una_ronda()
    assert retrasos.ultimos() == {"uno": 2, "otro": 3}
    retrasos.una_ronda()
    uno.recibido(())
    otro.recibido(())
    for _ in range(3):
        retrasos.una_ronda()
    assert tablon.dichos == [("otro", 3), ("otro", 3), None]


def test_al_terminar_se_retira() -> None:
    """A process that stops takes back what it told."""
    reloj, tablon = Reloj(), Tablon()
    retrasos = Retrasos(tablon, reloj)
    retrasos.terminar()
    retrasos.nuevo("uno").recibido(reloj.hace(2))
    retrasos.una_ronda()
    retrasos.terminar()
    assert tablon.dichos == [("uno", 2), None]


def test_un_bucle_rehecho_empieza_de_nuevo() -> None:
    """A loop that fell with a batch in hand, because its broker is away, keeps nobody out."""
    reloj, tablon = Reloj(), Tablon()
    retrasos = Retrasos(tablon, reloj)
    retrasos.nuevo("uno").recibido(reloj.hace(60))
    retrasos.nuevo("uno")
    retrasos.una_ronda()
    assert tablon.dichos == []


def test_el_consumidor_lo_mide() -> None:
    """The loop tells what it receives before it handles it, and each idle round."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    vistos: list[float] = []

    class Cinta(Registro):
        def recibir(self, _maximo: int, _espera: float) -> list[Recibido]:
            if self.hechos:
                return []
            sobre = Sobre(id=self.lote, tipo="T", clave="c", fecha=reloj.hace(7)[0])
            return [Recibido("t", codificar(sobre), {}, None, "1")]

        def ejecutar(self, *_partes: object) -> None:
            vistos.append(retraso.peor())
            super().ejecutar()

    reloj.momento = datetime.now(UTC)  # the id of the message is of today
    cinta = Cinta()
    bucle = Consumidor(cinta, lambda: cinta, reloj, retraso=retraso)  # type: ignore[arg-type]
    assert bucle.una_ronda() == 1
    assert vistos == [7]
    cinta.limpiar = lambda: None  # type: ignore[attr-defined]
    assert bucle.una_ronda() == 0
    retraso.peor()
    assert retraso.peor() == 0
