"""Faults that a load needs to pass by every crash point, in the words of each database."""

# A row of this table is written when the module handles a message of the load.
TABLA_DE = {
    "campanas": "campanas",
    "pagos": "pagos",
    "saga-orchestrator": "saga_compensaciones",
    "alianzas": "contratos",
    "pedidos": "pedidos_cafeteria",
    "cafeteria-inventario": "inventario_cafeteria_reservas",
}
ROMPER = {
    "sqlite": (
        "CREATE TRIGGER IF NOT EXISTS averia BEFORE INSERT ON {tabla}"
        " BEGIN SELECT RAISE(ABORT, 'avería de la prueba'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION averia() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'avería de la prueba'; END $$",
        "CREATE OR REPLACE TRIGGER averia BEFORE INSERT ON {tabla} FOR EACH ROW EXECUTE FUNCTION averia()",
    ),
}
ARREGLAR = {
    "sqlite": ("DROP TRIGGER IF EXISTS averia",),
    "postgresql": ("DROP FUNCTION IF EXISTS averia CASCADE",),
}


def tabla_que_falla(punto: str) -> str:
    """Return the table whose inserts must fail so that the point of a retry is passed; else empty."""
    lugar, _, nombre = punto.rpartition(".")
    return TABLA_DE[lugar.partition(".")[0]] if nombre == "reintento" else ""


def sin_datos(punto: str) -> bool:
    """Tell whether the point is passed by a saga that tries again because no data service answers."""
    return punto.startswith("saga-orchestrator.vigilante.") and not punto.endswith(".reintento")


def nadie_contesta(punto: str) -> bool:
    """Tell whether the point is passed by a partner saga that tries again because nobody listens."""
    return sin_datos(punto)
