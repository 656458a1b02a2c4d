"""What leads to pods, and that servers in a thread of the tests leave no connection open."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from inbox import Inbox
from supamanager_dev.serviceproxy import ServiceProxies

ROUNDS = 20


def test_a_service_leads_to_one_of_its_pods_that_answers():
    def answering(word: bytes) -> socket.socket:
        server = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(word + connection.recv(100))

        threading.Thread(target=serve, daemon=True).start()
        return server

    def ask(port: int) -> bytes:
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        ):
            connection.sendall(b"!")
            return connection.recv(100)
        return b""

    with ServiceProxies() as proxies, answering(b"a") as first, answering(b"b") as second:
        port = proxies.add()
        assert ask(port) == b""
        ports = [first.getsockname()[1], second.getsockname()[1]]
        proxies.point(port, ports)
        assert {ask(port) for _ in range(4)} == {b"a!", b"b!"}
        first.shutdown(socket.SHUT_RDWR)
        first.close()
        assert {ask(port) for _ in range(4)} == {b"b!"}


@pytest.fixture
def pod() -> Iterator[int]:
    """The port of one that sends without an end and reads nothing."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=send, args=[connection], daemon=True).start()

    def send(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while True:
                connection.sendall(bytes(2**20))

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def answered(port: int) -> socket.socket:
    connection = connected(port)
    assert connection.recv(1)
    return connection


@pytest.mark.parametrize("connect", [connected, answered])
def test_services_end_whatever_is_still_to_be_sent(
    pod: int, connect: Callable[[int], socket.socket]
):
    for _ in range(ROUNDS):
        with contextlib.ExitStack() as stack:
            proxies = stack.enter_context(ServiceProxies())
            port = proxies.add()
            proxies.point(port, [pod])
            for _ in range(4):
                stack.enter_context(connect(port))
            proxies.close()
    gc.collect()  # what was left open makes this test fail


@pytest.mark.parametrize("connect", [connected, answered])
def test_an_inbox_ends_in_the_middle_of_a_conversation(connect: Callable[[int], socket.socket]):
    for _ in range(ROUNDS):
        with Inbox() as inbox, connect(inbox.port):
            inbox.stop()
    gc.collect()
