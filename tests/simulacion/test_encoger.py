"""A schedule that fails is shrunk to what it fails by, and that is told."""

from dataclasses import replace

from aeropartners.simulacion.encoger import encoger
from aeropartners.simulacion.generada import de_definicion
from aeropartners.simulacion.informe import historia, opciones
from aeropartners.simulacion.plan import Plan, TipoDeTurno, de_semilla, numeros
from aeropartners.simulacion.serie import Repertorio


def con(*culpables: int, sagas: int = 1) -> tuple[Plan, list[Plan]]:
    """Shrink a schedule that fails by these turns alone; return it and what was played."""
    plan = replace(de_semilla(3, 2), sagas=(1, 2, 3), copias=(3, 2))
    jugados = []

    def falla(otro: Plan) -> bool:
        jugados.append(otro)
        return set(culpables) <= set(numeros(otro)) and len(otro.sagas) >= sagas

    return encoger(plan, falla), jugados


def test_quedan_los_turnos_que_hacen_falta() -> None:
    """Everything that may be left out is left out: turns, sagas, copies and their oddities."""
    menor, jugados = con(3, 17, 18, sagas=2)
    assert numeros(menor) == [3, 17, 18]
    assert len(menor.sagas) == 2
    assert menor.copias == (1, 1)
    assert menor.normales == set(menor.sagas)
    assert len(jugados) < 200


def test_lo_que_falla_sin_turnos_queda_sin_ninguno() -> None:
    """A fault of every schedule needs no turn."""
    assert numeros(con()[0]) == []


def test_la_historia_dice_que_paso_y_como_repetirlo() -> None:
    """The story has the turns that matter, what does not hold, and a command that names them."""
    repertorio = Repertorio(lambda s: de_semilla(s, 2), _obra_que_no_tolera_muertes)
    mortales = (
        s for s in range(1, 50) if any(a.tipo is TipoDeTurno.MATA for _, a in de_semilla(s, 2).acciones)
    )

    def contar(semilla: int) -> str:
        return historia(repertorio, repertorio.plan(semilla), lambda p: f"jugar {opciones(p)}")

    # Some kill nobody but with another turn.
    semilla, relato = next((s, r) for s in mortales if (r := contar(s)).splitlines()[0].endswith(" a 1:"))
    assert "NO SE CUMPLE: nadie muere" in relato
    assert relato.startswith(f"Semilla {semilla}, de ")
    assert sum(" muere " in linea for linea in relato.splitlines()) == 1
    assert f"Para repetirla: jugar --semilla {semilla} --turnos" in relato


def _obra_que_no_tolera_muertes(plan: Plan):  # type: ignore[no-untyped-def]
    obra = de_definicion()(plan)

    class Intolerante:
        def __getattr__(self, nombre: str) -> object:
            return getattr(obra, nombre)

        def juzgar(self, mundo):  # type: ignore[no-untyped-def]
            muertes = mundo.ejercicio.cuentas.get("faltas", {}).get("muerte de un proceso", 0)
            return {**obra.juzgar(mundo), "nadie muere": [muertes] if muertes else []}

    return Intolerante()
