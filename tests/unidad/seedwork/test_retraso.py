"""How late a loop is, by what it has in hand; and what a process tells the others of it."""

from datetime import UTC, datetime, timedelta

import pytest

from aeropartners.seedwork.aplicacion.retraso import MAXIMO_S, Retraso, Retrasos, Situacion
from tests.dobles.operacion import Tablon
from tests.dobles.relojes import Reloj


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


@pytest.mark.parametrize("salto_s", [-691_200, -3, 691_200])
def test_un_reloj_que_se_pone_en_hora_no_deja_el_bucle_atras(salto_s: float) -> None:
    """Set back or forward: the loop has caught up after the usual quiet time, and no sooner."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(())
    reloj.pasar(salto_s)
    retraso.recibido(())
    assert retraso.lectura()[0] is Situacion.PONIENDOSE_AL_DIA
    for _ in range(4):
        reloj.pasar(1)
        retraso.recibido(())
    assert retraso.lectura()[0] is Situacion.AL_DIA


def test_un_reloj_atrasado_no_da_negativos() -> None:
    """A message from the future is on time."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(reloj.hace(-5))
    assert retraso.peor() == 0


@pytest.mark.parametrize("dias", [-10, 10])
def test_el_reloj_de_la_base_es_el_que_cuenta(dias: int) -> None:
    """A copy whose clock is days off is as late as its messages, once its loop has seen the database's."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    en_la_base = reloj.momento - timedelta(days=dias)
    retraso.recibido([en_la_base - timedelta(seconds=3)])
    retraso.ajustar(en_la_base)
    assert retraso.peor() == 3
    reloj.pasar(4)
    assert retraso.peor() == 7


def test_una_transaccion_que_espero_no_desvia_el_reloj() -> None:
    """The database's clock is read once a transaction: a few seconds are no difference of clocks."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido(reloj.hace(9))
    retraso.ajustar(reloj.hace(4)[0])
    assert retraso.peor() == 9


def test_una_fecha_absurda_no_es_un_retraso_absurdo() -> None:
    """Nothing waits for longer than its topic keeps it, whatever it says: the figure fits every row."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    retraso.recibido([datetime(1, 1, 1, tzinfo=UTC)])
    assert retraso.peor() == MAXIMO_S


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


def test_al_dia_es_haber_descansado_una_vez() -> None:
    """A fresh connection may have been handed nothing yet: it takes three seconds of calm, each time."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    assert retraso.lectura() == (Situacion.SIN_CONEXION, 0)
    retraso.recibido((), conexion=1)
    assert retraso.lectura()[0] is Situacion.PONIENDOSE_AL_DIA
    for segundos, situacion in ((2, Situacion.PONIENDOSE_AL_DIA), (1, Situacion.AL_DIA)):
        reloj.pasar(segundos)
        retraso.recibido((), conexion=1)
        assert retraso.lectura()[0] is situacion
    for conexion, situacion in ((0, Situacion.SIN_CONEXION), (2, Situacion.PONIENDOSE_AL_DIA)):
        retraso.recibido((), conexion=conexion)
        assert retraso.lectura()[0] is situacion


def test_lo_que_yacia_se_lee_primero() -> None:
    """Old messages come batch after batch: it has caught up three seconds after the last."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    for edad in (600, 400, 90, 3):
        retraso.recibido(reloj.hace(0.1, 0.2, edad), conexion=1)
        assert retraso.lectura() == (Situacion.PONIENDOSE_AL_DIA, edad)
        reloj.pasar(5)
    retraso.recibido(reloj.hace(0.1), conexion=1)
    reloj.pasar(3)
    retraso.recibido((), conexion=1)
    assert retraso.lectura()[0] is Situacion.AL_DIA


def test_quien_no_descansa_nunca_tambien_esta_al_dia() -> None:
    """A loop under load has always something in hand, and nothing of it is old: no deadline waits for it."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    for _ in range(32):
        reloj.pasar(0.1)
        retraso.recibido(reloj.hace(0.3, 0.1), conexion=1)
    assert retraso.lectura() == (Situacion.AL_DIA, pytest.approx(0.3))


def test_uno_viejo_entre_muchos_tambien_cuenta() -> None:
    """Deadlines wait for the oldest in hand, which may be of another partition than the rest."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    for _ in range(32):
        reloj.pasar(0.1)
        retraso.recibido(reloj.hace(0.1), conexion=1)
    retraso.recibido(reloj.hace(0.1, 0.1, 0.8), conexion=1)
    assert retraso.lectura() == (Situacion.AL_DIA, pytest.approx(0.8))
    reloj.pasar(7)
    assert retraso.lectura() == (Situacion.AL_DIA, pytest.approx(7.8))


def test_de_quien_se_cuelga_sin_nada_en_la_mano_no_se_sabe() -> None:
    """No word for 5 s, not even that there was nothing."""
    reloj = Reloj()
    retraso = Retraso(reloj)
    for _ in range(2):
        retraso.recibido((), conexion=1)
        reloj.pasar(1)
    reloj.pasar(5)
    assert retraso.lectura()[0] is Situacion.CALLADO
