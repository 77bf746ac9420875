"""What DTM is told: the configuration of its server, and each saga."""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

# Below the ports that the system lends to clients; gRPC takes the next. DTM listens on every interface.
PUERTO = int(os.environ.get("PARES_PUERTO_DTM", "27333"))
SOMETER = "/api/dtmsvr/submit"
"""The operation of the server's HTTP API that starts a saga."""
PASOS = {"campana": "cancelar", "pago": None, "reporte": None}
"""Each step in order, and what compensates it."""


def saga(gid: str, participante: str) -> dict[str, Any]:
    """Return a saga to submit: DTM calls the participant's steps in order, and answers when it has ended."""
    return {
        "gid": gid,
        "trans_type": "saga",
        "steps": [
            {
                "action": f"{participante}/{paso}",
                "compensate": f"{participante}/{compensacion}" if compensacion else "",
            }
            for paso, compensacion in PASOS.items()
        ],
        "payloads": [json.dumps({"saga": gid})] * len(PASOS),
        "wait_result": True,
    }


def configuracion(url: str, base: str, opciones: Mapping[str, int], conexiones: int) -> str:
    """Return the server's configuration file: its store is another database of the server of `url`."""
    partes = urlsplit(url)
    propias = "".join(f"{nombre}: {valor}\n" for nombre, valor in opciones.items())
    # DTM would read what follows an empty password, the name of the database, as the password.
    return f"""
Store:
  Driver: postgres
  Host: "{partes.hostname}"
  Port: {partes.port or 5432}
  User: "{partes.username}"
  Password: "{partes.password or "ninguna"}"
  Db: "{base}"
  MaxOpenConns: {conexiones}
  MaxIdleConns: {conexiones}
HttpPort: {PUERTO}
GrpcPort: {PUERTO + 1}
LogLevel: error
{propias}"""
