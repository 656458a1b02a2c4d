"""A DNS server on loopback that knows the addresses of a table and nothing else."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from typing import Self

_HEADER = struct.Struct("!6H")
_ANSWER = struct.Struct("!HHHIH4s")
_KNOWN, _UNKNOWN = 0x8180, 0x8183
_A = 1


class DnsStub:
    """A context manager; `names` may change meanwhile. Of addresses of version 6 it has none."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        stub = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                question, reply = self.request
                reply.sendto(stub._answer(question), self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def _answer(self, packet: bytes) -> bytes:
        number = _HEADER.unpack_from(packet)[0]
        labels, at = [], _HEADER.size
        while length := packet[at]:
            labels.append(packet[at + 1 : at + 1 + length].decode())
            at += 1 + length
        question = packet[_HEADER.size : at + 5]
        (kind,) = struct.unpack_from("!H", packet, at + 1)
        address = self.names.get(".".join(labels).lower())
        answers = []
        if address is not None and kind == _A:
            # The name is the question's, which begins behind the header.
            answers.append(_ANSWER.pack(0xC00C, _A, 1, 1, 4, socket.inet_aton(address)))
        code = _UNKNOWN if address is None else _KNOWN
        return b"".join((_HEADER.pack(number, code, 1, len(answers), 0, 0), question, *answers))
