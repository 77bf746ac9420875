"""How many steps a regular expression takes: a backtracking matcher that counts, in Python's order."""

import re
from collections.abc import Callable, Sequence
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Cont = Callable[[int], bool]
PALABRA = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
CATEGORIAS: dict[Any, Callable[[int], bool]] = {
    c.CATEGORY_WORD: PALABRA.__contains__,
    c.CATEGORY_NOT_WORD: lambda b: b not in PALABRA,
    c.CATEGORY_DIGIT: lambda b: 48 <= b <= 57,
    c.CATEGORY_SPACE: b" \t\n\r\f\v".__contains__,
    c.CATEGORY_NOT_SPACE: lambda b: b not in b" \t\n\r\f\v",
}
DE_UNO = (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN)


class Pasos:
    """Plays one pattern over one text."""

    def __init__(self, patron: str, texto: bytes) -> None:
        self._arbol = list(_parser.parse(patron))
        self._texto = texto
        self.dados = 0

    def casar(self) -> int:
        """Play what `fullmatch` does, and return the steps."""
        self._seguir(self._arbol, 0, 0, lambda fin: fin == len(self._texto), False)
        return self.dados

    def buscar_todos(self) -> int:
        """Play what `sub` does, and return the steps."""
        desde = 0
        while desde <= len(self._texto):
            fin: list[int] = []

            def guardar(donde: int, fin: list[int] = fin) -> bool:
                fin.append(donde)
                return True

            self._seguir(self._arbol, 0, desde, guardar, False)
            desde = max(fin[0], desde + 1) if fin else desde + 1
        return self.dados

    def _seguir(self, nodos: Sequence[Any], i: int, donde: int, cont: Cont, iguales: bool) -> bool:
        if i == len(nodos):
            return cont(donde)
        self.dados += 1
        op, arg = nodos[i]

        def resto(aqui: int) -> bool:
            return self._seguir(nodos, i + 1, aqui, cont, iguales)

        if op in DE_UNO:
            return self._uno(op, arg, donde, iguales) and resto(donde + 1)
        if op in (c.MAX_REPEAT, c.MIN_REPEAT):
            return self._repetir(arg, donde, resto, iguales, op is c.MIN_REPEAT)
        if op is c.SUBPATTERN:
            return self._seguir(arg[3], 0, donde, resto, iguales or bool(arg[1] & re.IGNORECASE))
        if op is c.BRANCH:
            return any(self._seguir(rama, 0, donde, resto, iguales) for rama in arg[1])
        if op in (c.ASSERT, c.ASSERT_NOT):
            return self._mirar(arg, donde, iguales) is (op is c.ASSERT) and resto(donde)
        assert op is c.AT, op
        return self._lugar(arg, donde) and resto(donde)

    def _uno(self, op: Any, arg: Any, donde: int, iguales: bool) -> bool:
        self.dados += 1
        if donde >= len(self._texto):
            return False
        byte = self._texto[donde]
        letras = {byte, *bytes([byte]).lower(), *bytes([byte]).upper()} if iguales else {byte}
        if op is c.LITERAL:
            return arg in letras
        if op is c.NOT_LITERAL:
            return arg not in letras
        if op is c.ANY:
            return byte != 10
        negado = arg[0][0] is c.NEGATE
        return any(self._es(o, a, b) for o, a in arg[negado:] for b in letras) is not negado

    @staticmethod
    def _es(op: Any, arg: Any, byte: int) -> bool:
        if op is c.LITERAL:
            return bool(arg == byte)
        return bool(arg[0] <= byte <= arg[1]) if op is c.RANGE else CATEGORIAS[arg](byte)

    def _repetir(self, arg: Any, donde: int, resto: Cont, iguales: bool, poco: bool) -> bool:
        minimo, maximo, que = arg[0], arg[1], list(arg[2])
        if len(que) == 1 and que[0][0] in DE_UNO:
            return self._repetir_uno(minimo, maximo, que[0], donde, resto, iguales, poco)

        def otra(veces: int, aqui: int) -> bool:
            def tras(fin: int) -> bool:
                return fin > aqui and otra(veces + 1, fin)

            cabe = maximo is c.MAXREPEAT or veces < maximo
            if cabe and self._seguir(que, 0, aqui, tras, iguales):
                return True
            return veces >= minimo and resto(aqui)

        return otra(0, donde)

    def _repetir_uno(
        self, minimo: int, maximo: Any, que: Any, donde: int, resto: Cont, iguales: bool, poco: bool
    ) -> bool:
        tope = len(self._texto) if maximo is c.MAXREPEAT else maximo
        if poco:
            for veces in range(tope + 1):
                if veces >= minimo and resto(donde + veces):
                    return True
                if not self._uno(*que, donde + veces, iguales):
                    return False
            return False
        veces = 0
        while veces < tope and self._uno(*que, donde + veces, iguales):
            veces += 1
        for hasta in range(veces, minimo - 1, -1):
            self.dados += 1
            if resto(donde + hasta):
                return True
        return False

    def _mirar(self, arg: Any, donde: int, iguales: bool) -> bool:
        direccion, nodos = arg
        if direccion < 0:
            ancho = _parser.SubPattern.getwidth(nodos)[0]
            return donde >= ancho and self._seguir(nodos, 0, donde - ancho, lambda _: True, iguales)
        return self._seguir(nodos, 0, donde, lambda _: True, iguales)

    def _lugar(self, que: Any, donde: int) -> bool:
        texto = self._texto
        if que in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            return donde == 0
        if que in (c.AT_END, c.AT_END_STRING):
            return donde == len(texto)
        assert que is c.AT_BOUNDARY, que
        antes = donde > 0 and texto[donde - 1] in PALABRA
        return antes is not (donde < len(texto) and texto[donde] in PALABRA)


def pasos(patron: str, texto: bytes, *, entero: bool = False) -> int:
    """Return how many steps the pattern takes over the text: as a whole, or looked for everywhere."""
    jugada = Pasos(patron, texto)
    return jugada.casar() if entero else jugada.buscar_todos()
