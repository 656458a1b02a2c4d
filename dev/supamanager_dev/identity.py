"""Keys and certificates of one control plane, made at each start."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Identity:
    """Files of the API server's identity; `certificate` is also what clients trust."""

    certificate: Path
    certificate_key: Path
    service_account_key: Path


def create(folder: Path) -> Identity:
    identity = Identity(
        folder / "server.crt", folder / "server.key", folder / "service-account.key"
    )
    server_key = ec.generate_private_key(ec.SECP256R1())
    _write_private(identity.certificate_key, server_key)
    _write_private(identity.service_account_key, ec.generate_private_key(ec.SECP256R1()))
    certificate = _self_signed(server_key)
    identity.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return identity


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """In the form that the API server also reads public keys from."""
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """One certificate that is server and authority at once, as strict verifiers accept it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "supamanager-dev")])
    public = key.public_key()
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    names = x509.SubjectAlternativeName(
        [
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.DNSName("localhost"),
            x509.DNSName("kubernetes.default.svc"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
