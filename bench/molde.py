"""The rows and messages of a real run, taken from its tables and topics, cut into transactions.

The floor writes and sends them again with no logic; what they are and how many is what we really do.
"""

import os
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pulsar

from aeropartners.contratos import campanas, pagos, reporting, saga

LOTE = 300
Mensaje = tuple[bytes, dict[str, str], str]
# What each process subscribes to, under which name.
OYE = {
    "orquestador": {saga.SUSCRIPCION: [saga.TEMA_RESPUESTAS, saga.TEMA_INICIAR]},
    "modulos": {
        campanas.SUSCRIPCION: [campanas.TEMA_COMANDOS, campanas.TEMA_PAGOS_EXITOSOS],
        pagos.SUSCRIPCION: [pagos.TEMA_COMANDOS],
        pagos.SUSCRIPCION_LLAMADAS: [pagos.TEMA_LLAMADAS],
        reporting.SUSCRIPCION: [reporting.TEMA_COMANDOS],
        reporting.SUSCRIPCION_LLAMADAS: [reporting.TEMA_LLAMADAS],
    },
}
_DEL_ORQUESTADOR = {
    saga.TEMA_INICIAR,
    saga.TEMA_EVENTOS,
    campanas.TEMA_COMANDOS,
    pagos.TEMA_COMANDOS,
    reporting.TEMA_COMANDOS,
}


@dataclass
class Etapa:
    """One transaction: rows to append, documents to update from, and the burst to send after it."""

    copias: list[tuple[str, str, str]] = field(default_factory=list)
    cambios: list[tuple[str, str]] = field(default_factory=list)
    envios: list[tuple[str, Mensaje]] = field(default_factory=list)


@dataclass
class Molde:
    """What one process writes and sends, and how many messages it will receive."""

    etapas: list[Etapa]
    recibe: int


_SAGAS = "SELECT id FROM sagas ORDER BY id OFFSET {desde} LIMIT {cuantas}"
_FLUJOS = "SELECT DISTINCT flujo FROM eventos WHERE saga_id IN ({sagas})"
_ENTRADA = "SELECT * FROM entrada WHERE consumidor = '{de}' ORDER BY id OFFSET {desde} LIMIT {cuantas}"
_EVENTOS_SAGA = (
    "SELECT * FROM saga_eventos WHERE saga_id IN ({sagas}) AND version BETWEEN {primera} AND {ultima}"
)
_EVENTOS = "SELECT * FROM eventos WHERE saga_id IN ({sagas}) AND tipo IN ({tipos})"
_GENERADAS = ("tx", "posicion", "vista")
_CAMBIO_SAGA = (
    "estado = x.estado, memoria = x.memoria, fecha_fin = x.fecha_fin, error_message = x.error_message,"
    " requiere_atencion = x.requiere_atencion, version = x.version, plazo = x.plazo,"
    " revisar_en = x.revisar_en, updated_at = x.updated_at"
)
_CAMBIO_PASO = (
    "resultado = x.resultado, exitoso = x.exitoso, error = x.error, intentos = x.intentos,"
    " fecha_ejecucion = x.fecha_ejecucion, fecha_fin = x.fecha_fin, version = x.version,"
    " updated_at = x.updated_at"
)
_CAMBIO_PAGO = (
    "estado = x.estado, fecha_actualizacion = x.fecha_actualizacion,"
    " fecha_procesamiento = x.fecha_procesamiento, mensaje_error = x.mensaje_error, version = x.version"
)


def tomar(conexion: Any, espacio: str, sagas: int, destino: Path) -> dict[str, Path]:
    """Write the mould of each process to a file; return the files. Half of what was run, to fit in memory."""
    mensajes = _mensajes(espacio, sagas, total=_total(conexion))
    ficheros = {}
    for proceso, etapas in (("orquestador", _orquestador), ("modulos", _modulos)):
        suyos = {
            t: m for t, m in mensajes.items() if (_base(t) in _DEL_ORQUESTADOR) == (proceso == "orquestador")
        }
        todas: list[Etapa] = []
        for desde in range(0, sagas, LOTE):
            del_lote = etapas(_Fuente(conexion, desde, min(LOTE, sagas - desde)))
            _repartir(suyos, desde / sagas, min(desde + LOTE, sagas) / sagas, del_lote)
            todas += del_lote
        oidos = {tema for temas in OYE[proceso].values() for tema in temas}
        recibe = sum(len(m) for t, m in mensajes.items() if _base(t) in oidos)
        ficheros[proceso] = destino / f"{proceso}.molde"
        ficheros[proceso].write_bytes(pickle.dumps(Molde(todas, recibe)))
    return ficheros


class _Fuente:
    """Reads the rows of one batch of sagas in the text that COPY and json_to_recordset take."""

    def __init__(self, conexion: Any, desde: int, cuantas: int) -> None:
        self._conexion = conexion
        self._lugar = {"desde": desde, "cuantas": cuantas, "sagas": ""}
        self._lugar["sagas"] = _SAGAS.format(**self._lugar)
        self._lugar["flujos"] = _FLUJOS.format(**self._lugar)

    def copia(self, tabla: str, consulta: str, **lugar: Any) -> tuple[str, str, str]:
        """Return a table, its columns and its rows as COPY text."""
        columnas = self._columnas(tabla)
        salida = StringIO()
        dentro = consulta.format(**{**self._lugar, **lugar})
        with self._conexion.cursor() as cursor:
            cursor.copy_expert(f"COPY (SELECT {columnas} FROM ({dentro}) AS f) TO STDOUT", salida)
        return tabla, columnas, salida.getvalue()

    def entrada(self, consumidor: str, veces: int = 1, vez: int = 0) -> tuple[str, str, str]:
        """Return inbox rows of a consumer, which gets `veces` messages a saga."""
        cuantas = self._lugar["cuantas"]
        desde = self._lugar["desde"] * veces + vez * cuantas
        return self.copia("entrada", _ENTRADA, de=consumidor, desde=desde)

    def cambio(self, tabla: str, clave: str, asignar: str, consulta: str, **lugar: Any) -> tuple[str, str]:
        """Return the statement of an update from a document, and the document."""
        dentro = consulta.format(**{**self._lugar, **lugar})
        with self._conexion.cursor() as cursor:
            cursor.execute(f"SELECT CAST(json_agg(f) AS text) FROM ({dentro}) AS f")
            documento = cursor.fetchone()[0]
            cursor.execute(
                "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ')"
                f" FROM pg_attribute WHERE attrelid = '{tabla}'::regclass AND attnum > 0 AND NOT attisdropped"
            )
            registro = cursor.fetchone()[0]
        donde = " AND ".join(f"t.{c} = x.{c}" for c in clave.split())
        orden = (
            f"UPDATE {tabla} AS t SET {asignar} FROM json_to_recordset(CAST(%s AS json)) AS x({registro})"
            f" WHERE {donde}"
        )
        return orden, documento

    def _columnas(self, tabla: str) -> str:
        with self._conexion.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid ="
                f" '{tabla}'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL(%s)",
                (list(_GENERADAS),),
            )
            return str(cursor.fetchone()[0])


def _orquestador(f: _Fuente) -> list[Etapa]:
    """The start, and the three replies."""
    propias = "SELECT * FROM {de} WHERE {clave} IN ({sagas})"
    etapas = []
    for vez, (primera, ultima) in enumerate(((1, 1), (2, 3), (4, 5), (6, 8))):
        etapa = Etapa([f.entrada(saga.SUSCRIPCION, 4, vez)])
        etapa.copias.append(f.copia("saga_eventos", _EVENTOS_SAGA, primera=primera, ultima=ultima))
        if vez == 0:
            etapa.copias.append(f.copia("sagas", propias, de="sagas", clave="id"))
            etapa.copias.append(f.copia("saga_pasos", propias, de="saga_pasos", clave="saga_id"))
        else:
            todas = propias.replace("{de}", "sagas").replace("{clave}", "id")
            etapa.cambios.append(f.cambio("sagas", "id", _CAMBIO_SAGA, todas))
            pasos = (
                "SELECT * FROM saga_pasos WHERE saga_id IN ({sagas}) AND orden IN (" + f"{vez}, {vez + 1})"
            )
            etapa.cambios.append(f.cambio("saga_pasos", "saga_id orden", _CAMBIO_PASO, pasos))
        etapas.append(etapa)
    return etapas


def _modulos(f: _Fuente) -> list[Etapa]:
    """The campaign; the payment in its three steps, with the gateway; what is heard of it; the report."""
    filas = "SELECT * FROM {de} WHERE id IN ({flujos})"
    claves = "SELECT * FROM unicos WHERE flujo IN ({flujos})"
    cargos = "SELECT * FROM pasarela_cargos WHERE clave IN (SELECT CAST(flujo AS text) FROM ({flujos}) AS g)"
    ajenas = f.entrada(campanas.SUSCRIPCION, 2)

    def eventos(*tipos: str) -> tuple[str, str, str]:
        return f.copia("eventos", _EVENTOS, tipos=", ".join(f"'{t}'" for t in tipos))

    def pago() -> tuple[str, str]:
        return f.cambio("pagos", "id", _CAMBIO_PAGO, filas.replace("{de}", "pagos"))

    return [
        Etapa(
            [
                f.entrada(campanas.SUSCRIPCION, 2, 1),
                eventos("CampanaCreada"),
                f.copia("campanas", filas, de="campanas"),
            ]
        ),
        Etapa(
            [
                f.entrada(pagos.SUSCRIPCION),
                f.copia("unicos", claves),
                eventos("PagoPendiente"),
                f.copia("pagos", filas, de="pagos"),
            ]
        ),
        Etapa([eventos("PagoProcesando")], [pago()]),
        Etapa([f.copia("pasarela_cargos", cargos)]),
        Etapa([eventos("PagoExitoso")], [pago()]),
        Etapa([ajenas]),
        Etapa([f.entrada(reporting.SUSCRIPCION)]),
        Etapa([eventos("ReporteGenerado"), f.copia("reportes_filas", filas, de="reportes_filas")]),
    ]


def _repartir(
    mensajes: Mapping[str, Sequence[Mensaje]], desde: float, hasta: float, etapas: Sequence[Etapa]
) -> None:
    """Give the messages of one batch to its transactions, in equal parts."""
    for tema, todos in mensajes.items():
        suyos = todos[round(desde * len(todos)) : round(hasta * len(todos))]
        for i, mensaje in enumerate(suyos):
            etapas[i * len(etapas) // len(suyos)].envios.append((tema, mensaje))


def _mensajes(espacio: str, sagas: int, total: int) -> dict[str, list[Mensaje]]:
    """Read what the run sent, partition by partition; the share of `sagas`."""
    admin = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{espacio}"
    cliente = pulsar.Client(os.environ["PULSAR_URL"], logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    mensajes: dict[str, list[Mensaje]] = {}
    for nombre in httpx.get(admin, timeout=20).json():
        tema = nombre.rsplit("/", 1)[1]
        lector = cliente.create_reader(nombre, pulsar.MessageId.earliest, receiver_queue_size=5_000)
        leidos = []
        while lector.has_message_available():
            m = lector.read_next(5_000)
            leidos.append((m.data(), dict(m.properties()), m.partition_key()))
        lector.close()
        if leidos:
            mensajes[tema] = leidos[: round(len(leidos) * sagas / total)]
    cliente.close()
    return mensajes


def _total(conexion: Any) -> int:
    with conexion.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sagas")
        return int(cursor.fetchone()[0])


def _base(tema: str) -> str:
    return tema.split("-partition-")[0]
