"""An issuer of tokens for tests: its keys, its JWKS, and what it signs."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

EMISOR, AUDIENCIA = "https://emisor.prueba", "aeropartners"
Privada = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Emisor:
    """One key of each algorithm that is taken, by its id."""

    def __init__(self) -> None:
        self.privadas: dict[str, Privada] = {
            "rsa-1": rsa.generate_private_key(65537, 2048),
            "ec-1": ec.generate_private_key(ec.SECP256R1()),
        }

    def jwks(self) -> bytes:
        """The public halves."""
        llaves = []
        for kid, privada in self.privadas.items():
            algoritmo = jwt.get_algorithm_by_name(_algoritmo(privada))
            llaves.append({**json.loads(algoritmo.to_jwk(privada.public_key())), "kid": kid, "use": "sig"})
        return json.dumps({"keys": llaves}).encode()

    def token(self, kid: str = "rsa-1", **cambios: Any) -> str:
        """A token for an operator, with these claims changed; one that is None is left out."""
        ahora = datetime.now(UTC)
        datos = {
            "iss": EMISOR,
            "aud": AUDIENCIA,
            "sub": "maria",
            "rol": "operador",
            "exp": ahora + timedelta(minutes=5),
            **cambios,
        }
        privada = self.privadas[kid]
        presentes = {campo: valor for campo, valor in datos.items() if valor is not None}
        return jwt.encode(presentes, privada, _algoritmo(privada), headers={"kid": kid})

    def sin_firma(self) -> str:
        """A token that says of itself that it needs no signature."""
        cuerpo = self.token().split(".")[1]
        return f"{_base64({'alg': 'none', 'typ': 'JWT', 'kid': 'rsa-1'})}.{cuerpo}."

    def confundida(self) -> str:
        """A token signed by HMAC with the public key, which everybody has, as the secret."""
        import hashlib
        import hmac

        secreto = self.jwks()
        partes = f"{_base64({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa-1'})}.{self.token().split('.')[1]}"
        firma = hmac.new(secreto, partes.encode(), hashlib.sha256).digest()
        return f"{partes}.{base64.urlsafe_b64encode(firma).rstrip(b'=').decode()}"


def _algoritmo(privada: Privada) -> str:
    return "RS256" if isinstance(privada, rsa.RSAPrivateKey) else "ES256"


def _base64(objeto: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(objeto).encode()).rstrip(b"=").decode()
