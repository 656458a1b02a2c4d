"""Stubs of a project's gateway with auth, storage and REST behind it, and of its log store.

Written from the services' documented calls, for machines that cannot run the services: they keep
what they are told, ask for the key, and note each request. Nothing here is proof of the services.
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Reply = tuple[int, Any]

_COUNTS = {
    "timestamp": "2026-01-01T00:00:00",
    "total_auth_requests": 1,
    "total_rest_requests": 2,
    "total_storage_requests": 3,
    "total_realtime_requests": 4,
}
_BUCKET = {
    "public": False,
    "owner": "",
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Services:
    """Their state. `service_key` and `log_token` are what they ask for."""

    service_key: str = field(default_factory=lambda: "eyJ" + secrets.token_urlsafe(40))
    log_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    mails: list[tuple[str, str]] = field(default_factory=list)
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, set[str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where the API finds them."""
        return f"http://127.0.0.1:{self.port}/{{component}}"

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        match asked.path.strip("/").split("/"):
            case ["analytics", "api", "endpoints", "query", name]:
                return self._logs(asked, name)
            case ["gateway", *_] if asked.headers.get("apikey") != self.service_key:
                return 401, {"message": "Unauthorized"}
            case ["gateway", "auth", "v1", *rest]:
                return self._auth(asked, rest)
            case ["gateway", "storage", "v1", *rest]:
                return self._storage(asked, [unquote(part) for part in rest])
            case ["gateway", "rest", "v1"]:
                return 200, {"swagger": "2.0", "paths": {}}
            case ["gateway", "graphql", "v1"]:
                return 200, {"data": {"echo": asked.body}}
        return 404, {"message": "no Route matched with those values"}

    def _logs(self, asked: Asked, name: str) -> Reply:
        if asked.headers.get("x-api-key") != self.log_token:
            return 401, {"error": "Unauthorized"}
        if name == "usage.api-counts":
            return 200, {"result": [_COUNTS]}
        if name != "logs.all":
            return 404, {"error": "Query not found"}
        told = asked.body or asked.query
        if "broken" in told.get("sql", ""):
            return 400, {"error": {"message": "syntax error", "code": 400}, "result": []}
        return 200, {"result": [{"id": "1", "timestamp": 1, "event_message": told["sql"]}]}

    def _auth(self, asked: Asked, rest: list[str]) -> Reply:
        match asked.method, rest:
            case "POST", ["admin", "users"]:
                if any(user["email"] == asked.body["email"] for user in self.users.values()):
                    return 422, {
                        "code": 422,
                        "error_code": "email_exists",
                        "msg": "A user with this email address has already been registered",
                    }
                user = {"id": str(uuid.uuid4()), "factors": [], **asked.body}
                self.users[user["id"]] = user
                return 200, {"id": user["id"], "email": user["email"]}
            case method, ["admin", "users", user, *more]:
                if user not in self.users:
                    return 404, {
                        "code": 404,
                        "error_code": "user_not_found",
                        "msg": "User not found",
                    }
                return self._user(method, self.users[user], more, asked.body)
            case "POST", [("invite" | "magiclink" | "recover") as kind]:
                self.mails.append((kind, asked.body["email"]))
                return 200, {}
            case "POST", ["otp"]:
                self.mails.append(("otp", asked.body["phone"]))
                return 200, {"message_id": "1"}
        return 404, {"code": 404, "msg": "Not found"}

    def _user(self, method: str, user: dict[str, Any], more: list[str], body: Any) -> Reply:
        match method, more:
            case "PUT", []:
                user.update(body)
                return 200, user
            case "DELETE", []:
                del self.users[user["id"]]
                return 200, {}
            case "GET", ["factors"]:
                return 200, user["factors"]
            case "DELETE", ["factors", factor]:
                user["factors"] = [each for each in user["factors"] if each["id"] != factor]
                return 200, {"id": factor}
        return 405, {"code": 405, "msg": "Method not allowed"}

    def _storage(self, asked: Asked, rest: list[str]) -> Reply:
        gone = (
            400,
            {"statusCode": "404", "error": "Bucket not found", "message": "Bucket not found"},
        )
        match asked.method, rest:
            case "GET", ["bucket"]:
                search = asked.query.get("search", "")
                return 200, [each for id_, each in self.buckets.items() if search in id_]
            case "POST", ["bucket"]:
                self.buckets[asked.body["id"]] = {**_BUCKET, **asked.body}
                self.objects[asked.body["id"]] = set()
                return 200, {"name": asked.body["name"]}
            case _, ["bucket", bucket, *_] if bucket not in self.buckets:
                return gone
            case "GET", ["bucket", bucket]:
                return 200, self.buckets[bucket]
            case "PUT", ["bucket", bucket]:
                self.buckets[bucket].update(asked.body)
                return 200, {"message": "Successfully updated"}
            case "DELETE", ["bucket", bucket]:
                del self.buckets[bucket]
                return 200, {"message": "Successfully deleted"}
            case "POST", ["bucket", bucket, "empty"]:
                self.objects[bucket].clear()
                return 200, {"message": "Successfully emptied"}
            case "POST", ["object", "list", bucket]:
                prefix = asked.body["prefix"]
                found = sorted(name for name in self.objects[bucket] if name.startswith(prefix))
                return 200, [{"name": name, "id": name} for name in found[: asked.body["limit"]]]
            case "POST", ["object", "move"]:
                held = self.objects[asked.body["bucketId"]]
                held.discard(asked.body["sourceKey"])
                held.add(asked.body["destinationKey"])
                return 200, {"message": "Successfully moved"}
            case "POST", ["object", "sign", bucket]:
                return 200, [
                    {
                        "path": path,
                        "error": None,
                        "signedURL": f"/object/sign/{bucket}/{path}?token=t",
                    }
                    if path in self.objects[bucket]
                    else {
                        "path": path,
                        "error": "Either the object does not exist",
                        "signedURL": None,
                    }
                    for path in asked.body["paths"]
                ]
            case "POST", ["object", "sign", bucket, *path]:
                if "/".join(path) not in self.objects[bucket]:
                    return 400, {
                        "statusCode": "404",
                        "error": "not_found",
                        "message": "Object not found",
                    }
                return 200, {"signedURL": f"/object/sign/{bucket}/{'/'.join(path)}?token=t"}
            case "DELETE", ["object", bucket]:
                self.objects[bucket] -= set(asked.body["prefixes"])
                return 200, [{"name": name} for name in asked.body["prefixes"]]
        return 404, {"statusCode": "404", "error": "Not found", "message": "Route not found"}


@contextmanager
def running() -> Iterator[Services]:
    """All components at one address; the first part of a path names the component."""
    services = Services()
    with _serving(services, ("127.0.0.1", 0)) as port:
        services.port = port
        yield services


@contextmanager
def running_at(addresses: Mapping[str, tuple[str, int]]) -> Iterator[Services]:
    """Each component at an address of its own."""
    services = Services()
    with ExitStack() as stack:
        for component, address in addresses.items():
            stack.enter_context(_serving(services, address, prefix=f"/{component}"))
        yield services


@contextmanager
def _serving(services: Services, address: tuple[str, int], *, prefix: str = "") -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            status, body = services.answer(
                Asked(
                    self.command,
                    prefix + url.path,
                    dict(parse_qsl(url.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    json.loads(content) if content else None,
                )
            )
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(sent)))
            self.send_header("Set-Cookie", "of-the-service=1")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _do

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(address, Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
