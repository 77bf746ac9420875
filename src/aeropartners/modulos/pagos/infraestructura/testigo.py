"""What the cotejo reads of payments: it compares their rows with the charges in the gateway's ledger."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, func, select

from aeropartners.contratos.pagos import SUSCRIPCION, SUSCRIPCION_LLAMADAS, TEMA_COMANDOS, TEMA_LLAMADAS
from aeropartners.modulos.pagos.dominio.pago import Estado, Pago
from aeropartners.modulos.pagos.infraestructura.lecturas import pagos
from aeropartners.modulos.pagos.infraestructura.libro import COBRO, pasarela_cargos
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.operacion.testigo import Contradiccion, Testigo, parche

LARGO_ID = 36
COBRADO = str(Estado.EXITOSO)
REEMBOLSO_DE = ":reembolso"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SIN_DINERO = frozenset({str(Estado.FALLIDO), str(Estado.REVERTIDO)})
_c = pasarela_cargos.c


class TestigoDePagos(Testigo):
    """Compares payments with charges: a successful one was charged its amount once, another one nothing."""

    def cuentas(self, con: Connection, ids: Collection[str]) -> Sequence[Contradiccion]:
        cargos = self._cargos(con, ids)
        p = pagos.c
        filas = con.execute(select(texto(p.id), p.estado, p.monto).where(entre(con, p.id, ids))).all()
        return [
            falta
            for id, estado, monto in filas
            if (falta := self._falta(id, estado, monto, cargos.get(id, Decimal(0)))) is not None
        ]

    def repetidas(self, con: Connection, ids: Collection[str]) -> int:
        suma = select(func.coalesce(func.sum(_c.veces - 1), 0)).where(entre(con, _c.clave, _claves(ids)))
        return int(con.execute(suma).scalar_one())

    def ajenas(self, con: Connection, claves: Collection[str]) -> Sequence[Contradiccion]:
        """Return the charges and refunds that belong to no payment."""
        validas = con.scalars(select(_c.clave).where(entre(con, _c.clave, claves), _c.exito)).all()
        vivos = self.estados(con, {c[:LARGO_ID] for c in validas if _ID.match(c)})
        return [falta for clave in validas if (falta := _ajena(clave, vivos)) is not None]

    def _cargos(self, con: Connection, ids: Collection[str]) -> Mapping[str, Decimal]:
        """Return the net amount in the ledger for each payment: charged less given back."""
        suyas = select(_c.clave, _c.operacion, _c.importe).where(entre(con, _c.clave, _claves(ids)), _c.exito)
        netos: dict[str, Decimal] = defaultdict(Decimal)
        for clave, operacion, importe in con.execute(suyas).all():
            netos[clave[:LARGO_ID]] += importe if operacion == COBRO else -importe
        return netos

    def _falta(self, id: str, estado: str, monto: Decimal, neto: Decimal) -> Contradiccion | None:
        debido = monto if estado == COBRADO else Decimal(0)
        if estado in self.en_curso or neto == debido:
            return None
        visto = f"el pago de {monto} está {estado} y la pasarela guarda de él {neto}"
        if neto < debido:
            return Contradiccion("PERDIDO", id, id, visto, self.deshacer(id))
        clase = "DUPLICADO" if debido else "HUERFANO"
        return Contradiccion(clase, id, id, visto, f"devuelva {neto - debido} del cargo {id} en la pasarela")


def _ajena(clave: str, vivos: Mapping[str, object]) -> Contradiccion | None:
    pago, resto = clave[:LARGO_ID], clave[LARGO_ID:]
    repara = f"devuelva el cargo {clave} en la pasarela"
    if pago not in vivos:
        return Contradiccion("HUERFANO", "", clave, f"el cargo {clave} no es de ningún pago", repara)
    if resto not in ("", REEMBOLSO_DE):
        return Contradiccion("DUPLICADO", pago, clave, f"el pago {pago} tiene otro cargo, {clave}", repara)
    return None


def _claves(ids: Collection[str]) -> list[str]:
    return [*ids, *(id + REEMBOLSO_DE for id in ids)]


TESTIGO = TestigoDePagos(
    tipo_flujo=Pago.tipo,
    tema=TEMA_COMANDOS,
    suscripcion=SUSCRIPCION,
    tabla=pagos,
    vigentes=frozenset(str(e) for e in Estado) - _SIN_DINERO,
    deshace=parche("localhost:8000/pagos/{}/revertir"),
    llamadas=(TEMA_LLAMADAS, SUSCRIPCION_LLAMADAS),
    en_curso=frozenset({str(Estado.PENDIENTE), str(Estado.PROCESANDO)}),
    libro=_c.clave,
)
