"""The timers: due wake-ups of streams, and the next tries of messages that failed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.apartados import INTENTOS, muerto, primer_reintento
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.lote import Resultado
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    ConexionPerdida,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos import pasar
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, descifrar_sobre

log = structlog.get_logger(__name__)

MAXIMO = 200
DespertarDe = Callable[[Sequence[UUID], UnidadDeTrabajo], Sequence[Sobre]]


class Vigilante:
    """Claims what is due, row by row, beside any number of others; one thread by `una_ronda`."""

    def __init__(self, ejecutor: Ejecutor, despertar: DespertarDe | None = None) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._despertar = despertar
        self._lugar = f"{self._modulo.nombre}.vigilante"

    def una_ronda(self) -> int:
        """Handle what is due now; return how many things were."""
        return self._plazos() + self._reintento()

    def _plazos(self) -> int:
        despertar = self._despertar
        if despertar is None:
            return 0

        def vencidos(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            flujos = uow.vencidos(MAXIMO)
            if not flujos:
                return ()
            pasar(self._lugar, "vencido")
            return despertar(flujos, uow)

        resultado = self._ejecutor.ejecutar(vencidos)
        if resultado.decisiones:
            pasar(self._lugar, "despertado")
        return len(resultado.decisiones)

    def _reintento(self) -> int:
        tomado: list[Apartado] = []

        def tomar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            tomado.clear()
            apartado = uow.apartado_vencido(self._modulo.suscripcion)
            if apartado is None:
                return ()
            tomado.append(apartado)
            uow.quitar_apartado(apartado)
            pasar(self._lugar, "reintento")
            return self._sobres(apartado, uow)

        try:
            self._ejecutor.ejecutar(tomar)
        except ConexionPerdida:
            raise
        except Exception as error:
            self._otra_vez(replace(tomado[0], intentos=tomado[0].intentos + 1), error)
        return len(tomado)

    def _sobres(self, apartado: Apartado, uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        """A message that an operator sent back may be as it came from a public topic.

        It is translated now, and enters the inbox under its own id, which it never did.
        """
        try:
            return [descifrar_sobre(apartado.cuerpo)]
        except NoDescifrable:
            traducir = self._modulo.traductores.get(apartado.tema)
            if traducir is None:
                raise
        sobre = traducir(Recibido(apartado.tema, apartado.cuerpo, {}, None, ""), uow.ahora)
        return [sobre] if uow.entradas_frescas(self._modulo.suscripcion, [sobre.id]) else []

    def _otra_vez(self, apartado: Apartado, causa: Exception) -> None:
        apartado = replace(apartado, error=f"{type(causa).__name__}: {causa}")
        log.error("reintento_fallido", mensaje=str(apartado.id), error=apartado.error)

        def anotar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            uow.quitar_apartado(apartado)
            if apartado.intentos >= INTENTOS:
                muerto(self._modulo, apartado, uow.ahora, resultado.cambios)
            else:
                resultado.cambios.apartados.append(primer_reintento(apartado, uow.ahora))

        self._ejecutor.ejecutar(lambda _uow: (), anotar)
