"""Certificates for tests: an authority of our own, and what it signs."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Llave = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificados:
    """The authority's certificate, and a server's with its key, for 127.0.0.1 and localhost."""

    autoridad: Path
    certificado: Path
    llave: Path


def hacer(carpeta: Path, nombre: str = "localhost") -> Certificados:
    """Make them in a folder; with another name, for a server that is not this machine."""
    carpeta.mkdir(parents=True, exist_ok=True)
    raiz, suya = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    autoridad = _certificar("Autoridad de pruebas", raiz, "Autoridad de pruebas", raiz, None)
    nombres: list[x509.GeneralName] = [x509.DNSName(nombre)]
    if nombre == "localhost":
        nombres.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    servidor = _certificar(nombre, suya, "Autoridad de pruebas", raiz, nombres)
    hechos = Certificados(carpeta / "ca.pem", carpeta / "servidor.pem", carpeta / "servidor.key")
    hechos.autoridad.write_bytes(autoridad.public_bytes(serialization.Encoding.PEM))
    hechos.certificado.write_bytes(servidor.public_bytes(serialization.Encoding.PEM))
    hechos.llave.write_bytes(
        suya.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    hechos.llave.chmod(0o600)
    return hechos


def _certificar(
    sujeto: str, llave: Llave, emisor: str, firma: Llave, nombres: list[x509.GeneralName] | None
) -> x509.Certificate:
    ahora, es_raiz = datetime.now(UTC), nombres is None
    hecho = (
        x509.CertificateBuilder()
        .subject_name(_nombre(sujeto))
        .issuer_name(_nombre(emisor))
        .public_key(llave.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ahora - timedelta(hours=1))
        .not_valid_after(ahora + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=es_raiz, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(llave.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(firma.public_key()), critical=False)
        .add_extension(_usos(es_raiz), critical=True)
    )
    if nombres:
        hecho = hecho.add_extension(x509.SubjectAlternativeName(nombres), critical=False)
    return hecho.sign(firma, hashes.SHA256())


def _usos(es_raiz: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not es_raiz,
        key_cert_sign=es_raiz,
        crl_sign=es_raiz,
        encipher_only=False,
        decipher_only=False,
    )


def _nombre(texto: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, texto)])
