"""A TLS proxy in front of the API server that can act after a chosen write.

The write has reached the server and its answer is held back: what a process that dies at this
moment leaves behind.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import aiohttpserver
from supamanager_dev.loopthread import LoopThread

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LEASES = "/apis/coordination.k8s.io/"
_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


class ApiProxy:
    """A context manager; `after_write(number)` is called in the proxy's thread.

    A Lease is renewed by the clock: its writes are not counted.
    """

    def __init__(
        self, *, server: str, ca_file: Path, folder: Path, after_write: Callable[[int], None]
    ) -> None:
        self._server = server
        self._upstream = ssl.create_default_context(cafile=str(ca_file))
        self._upstream.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self._folder = folder
        self._after_write = after_write
        self._thread = LoopThread("api proxy")
        self.writes: list[str] = []
        self.last_write = time.monotonic()
        self.url = ""
        self.ca_file = folder / "proxy.crt"

    def __enter__(self) -> Self:
        self._thread.ask(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.ask(self._stop())
        self._thread.close()

    async def _start(self) -> None:
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._upstream, limit=0), auto_decompress=False
        )
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._forward)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        host, port = await aiohttpserver.start(self._runner, tls=self._certificate())
        self.url = f"https://{host}:{port}"

    async def _stop(self) -> None:
        await self._client.close()
        await aiohttpserver.end(self._runner)

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        body = await request.read()
        async with self._client.request(
            request.method,
            self._server + request.raw_path,
            headers=headers,
            data=body or None,
            skip_auto_headers=("Content-Type",),
            timeout=aiohttp.ClientTimeout(total=None),
        ) as answer:
            if request.method in WRITES and not request.path.startswith(_LEASES):
                await answer.read()
                self.writes.append(f"{request.method} {request.path}")
                self.last_write = time.monotonic()
                self._after_write(len(self.writes))
            response = web.StreamResponse(status=answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP:
                    response.headers[name] = value
            await response.prepare(request)
            try:
                if request.method in WRITES:
                    await response.write(await answer.read())
                else:
                    async for chunk in answer.content.iter_any():
                        await response.write(chunk)
                await response.write_eof()
            except (ConnectionError, aiohttp.ClientError):
                pass
            return response

    def _certificate(self) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")])
        now = datetime.datetime.now(datetime.UTC)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file = self._folder / "proxy.key"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, key_file)
        return context
