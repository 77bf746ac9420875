"""`make bench ARGS="--contra REF"`: a commit twice (A, A') and this tree (B), on the same servers at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench.arbol import Arbol, como_esta
from bench.bloc import Bloc, Resultado
from bench.comparacion import PEOR, TURNOS, Comparado, comparar
from bench.comprobacion import SinCifra
from bench.informe import como_es, imprimir
from bench.sesiones import ABRIR, Sesion

COLUMNAS = ["", "A", "B", "B / A (menos - más)", "A / A (menos - más)", ""]


def contrastar(b: Bloc, commit: Arbol) -> int:
    """Measure both, print what was found of each measure; 1 if something is worse, or has no figure."""
    arboles = {"A": commit, "A'": commit, "B": como_esta()}
    dichos = (f"{lado}: {arbol.nombre}" for lado, arbol in arboles.items())
    b.decir("\n".join([como_es(b.resultados), *dichos]))
    peores: list[str] = []
    for medida in b.o.solo:
        try:
            peores += _medir(b, medida, arboles)
        except SinCifra as error:
            peores.append(f"{medida}, sin cifra: {error}")
    b.anotar("contraste", {**{lado: arbol.nombre for lado, arbol in arboles.items()}, "peores": peores})
    b.decir("\n".join(f"Peor: {peor}" for peor in peores) or "Nada es peor.")
    return 1 if peores else 0


def _medir(b: Bloc, medida: str, arboles: dict[str, Arbol]) -> list[str]:
    """Run one measure, and return what is worse in it."""
    hechas: dict[str, list[Resultado]] = {lado: [] for lado in arboles}
    with ExitStack() as pila, b.tarea(f"{medida}, turnos", TURNOS) as avance:
        sesiones = {
            lado: pila.enter_context(ABRIR[medida](b.o, arbol, lugar))
            for lugar, (lado, arbol) in enumerate(arboles.items())
        }
        hilos = pila.enter_context(ThreadPoolExecutor(len(sesiones)))
        for numero in range(TURNOS):
            avance(numero)
            en_marcha = {lado: hilos.submit(sesion.tanda) for lado, sesion in _girados(sesiones, numero)}
            for lado in arboles:
                hechas[lado].append(en_marcha[lado].result())
                b.anotar("contra", {"que": medida, "lado": lado, **hechas[lado][-1]})
        contando = {lado: hilos.submit(sesion.contar) for lado, sesion in sesiones.items()}
        contadas = {lado: cuenta.result() for lado, cuenta in contando.items()}
    for lado, contada in contadas.items():
        b.anotar("contra", {"que": medida, "lado": lado, "contado": contada})
    comparados = comparar(hechas, contadas)
    imprimir(b.consola, medida, COLUMNAS, [c.textos() for c in comparados])
    return [_dicho(medida, c) for c in comparados if c.veredicto == PEOR]


def _girados(sesiones: dict[str, Sesion], numero: int) -> list[tuple[str, Sesion]]:
    """Return them in another order each time: nobody is always first."""
    todas = list(sesiones.items())
    primera = numero % len(todas)
    return todas[primera:] + todas[:primera]


def _dicho(medida: str, c: Comparado) -> str:
    campo, de_a, de_b, cociente, *_ = c.textos()
    return f"{medida}: {campo}, {de_a} → {de_b}, {cociente}"
