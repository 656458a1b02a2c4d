"""Stub of one project's services for the requests of the smoke test.

Gateway, auth, REST, storage, Realtime, functions, postgres-meta and log store, written from their
documented calls for machines that cannot run them. SQL and row level security are a real
PostgreSQL's, which REST asks in the caller's role with the caller's claims. `faults` are what it
does wrong on demand. Nothing here is proof of the services.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import jwt
from aiohttp import WSMsgType, web

import aiohttpserver
from supamanager_dev.loopthread import LoopThread

_SET_UP = """
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I', name);
    END IF;
  END LOOP;
END $$;
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid
$$;
GRANT USAGE ON SCHEMA auth, public TO anon, authenticated, service_role;
"""


@dataclass
class ProjectStub:
    """`anon_key` and `service_key` are what it asks for; the first person waits for a mail."""

    dsn: str
    anon_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    service_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    faults: set[str] = field(default_factory=set)
    port: int = 0
    waiting_for_mail: int = 1
    unknown_tables: int = 1
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    channels: dict[str, set[web.WebSocketResponse]] = field(default_factory=dict)
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def template(self) -> str:
        """Where the API finds the services."""
        return f"http://127.0.0.1:{self.port}/{{component}}"

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.port}/gateway"

    @property
    def management(self) -> str:
        """A management API that signs everybody in and passes SQL on."""
        return f"http://127.0.0.1:{self.port}"

    def application(self) -> web.Application:
        app = web.Application()
        app.cleanup_ctx.append(self._connected)
        gateway = "/gateway"
        app.add_routes(
            [
                web.post(f"{gateway}/auth/v1/signup", self.sign_up),
                web.get(f"{gateway}/auth/v1/user", self.user),
                web.route("*", f"{gateway}/rest/v1/{{table}}", self.rest),
                web.route("*", f"{gateway}/storage/v1/{{path:.*}}", self.storage),
                web.get(f"{gateway}/realtime/v1/websocket", self.realtime),
                web.get(f"{gateway}/functions/v1/{{name}}", self.function),
                web.post("/meta/query", self.query),
                web.post("/analytics/api/endpoints/query/logs.all", self.logs),
                web.post("/platform/auth/login", self.sign_in),
                web.post("/platform/pg-meta/{ref}/query", self.query),
                web.post("/platform/projects/{ref}/analytics/endpoints/logs.all", self.logs),
            ]
        )
        return app

    async def _connected(self, app: web.Application) -> AsyncIterator[None]:
        async with asyncpg.create_pool(self.dsn, min_size=1, max_size=2) as pool:
            self._pool = pool
            await pool.execute(_SET_UP)
            yield

    async def sign_in(self, _request: web.Request) -> web.Response:
        return web.json_response({"access_token": "of-the-management-api"})

    async def sign_up(self, request: web.Request) -> web.Response:
        self._claims(request)
        body = await request.json()
        user = {"id": str(uuid.uuid4()), "email": body["email"]}
        if self.waiting_for_mail > 0 or "mails" in self.faults:
            self.waiting_for_mail -= 1
            return web.json_response(user)
        claims = {"sub": user["id"], "role": "authenticated", "exp": int(time.time()) + 3600}
        token = jwt.encode(claims, self._secret, "HS256")
        return web.json_response({"access_token": token, "user": user})

    async def user(self, request: web.Request) -> web.Response:
        return web.json_response({"id": self._claims(request)["sub"]})

    async def rest(self, request: web.Request) -> web.Response:
        claims = self._claims(request)
        table = f'public."{request.match_info["table"]}"'
        if self.unknown_tables > 0 or "unknown table" in self.faults:
            self.unknown_tables -= 1
            return web.json_response({"code": "PGRST205"}, status=404)
        try:
            async with self._as(claims) as connection:
                if request.method == "POST":
                    text = await request.text()
                    names = ", ".join(f'"{name}"' for name in json.loads(text))
                    await connection.execute(
                        f"INSERT INTO {table} ({names}) "
                        f"SELECT {names} FROM json_populate_record(NULL::{table}, $1::json)",
                        text,
                    )
                    return web.Response(status=201)
                rows = await connection.fetchval(
                    f"SELECT coalesce(json_agg(found), '[]') FROM "
                    f'(SELECT "{request.query["select"]}" FROM {table}) AS found'
                )
        except asyncpg.InsufficientPrivilegeError as error:
            return web.json_response({"code": error.sqlstate}, status=403)
        return web.Response(text=rows, content_type="application/json")

    async def storage(self, request: web.Request) -> web.Response:
        mine = self._claims(request)["role"] == "service_role"
        match request.method, request.match_info["path"].split("/"):
            case "GET", ["object", bucket, *path] if mine or "open bucket" in self.faults:
                content = self.buckets[bucket]["/".join(path)]
                return web.Response(body=content[1:] if "torn file" in self.faults else content)
            case _ if not mine:
                return web.json_response({"statusCode": "404"}, status=400)
            case "POST", ["bucket"]:
                self.buckets[(await request.json())["id"]] = {}
            case "POST", ["object", bucket, *path]:
                self.buckets[bucket]["/".join(path)] = await request.read()
            case "POST", ["bucket", bucket, "empty"]:
                self.buckets[bucket].clear()
            case "DELETE", ["bucket", bucket] if not self.buckets[bucket]:
                del self.buckets[bucket]
            case _:
                return web.json_response({"statusCode": "404"}, status=400)
        return web.json_response({"message": "done"})

    async def realtime(self, request: web.Request) -> web.WebSocketResponse:
        if request.query["apikey"] != self.anon_key or "no sockets" in self.faults:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                break
            told = json.loads(message.data)
            members = self.channels.setdefault(told["topic"], set())
            if told["event"] == "phx_join":
                members.add(socket)
                status = "error" if "closed channel" in self.faults else "ok"
                reply = {"status": status, "response": {}}
                await socket.send_json({**told, "event": "phx_reply", "payload": reply})
            elif told["event"] == "broadcast":
                for member in members - {socket}:
                    await self._pass_on(member, told)
        return socket

    async def _pass_on(self, member: web.WebSocketResponse, told: dict[str, Any]) -> None:
        if "hanging up" in self.faults:
            await member.close()
        elif "other words" in self.faults:
            payload = {**told["payload"], "payload": {"word": "other"}}
            await member.send_json({**told, "payload": payload})
        else:
            await member.send_json({**told, "ref": None})

    async def function(self, request: web.Request) -> web.Response:
        self.log.append(f"GET {request.path.removeprefix('/gateway')}")
        if "Authorization" not in request.headers and "open function" not in self.faults:
            return web.json_response({"code": "UNAUTHORIZED_NO_AUTH_HEADER"}, status=401)
        return web.json_response({"code": "NOT_FOUND"}, status=404)

    async def query(self, request: web.Request) -> web.Response:
        sql = (await request.json())["query"]
        if "no policy" in self.faults:
            sql = sql.replace("ENABLE ROW", "DISABLE ROW")
        await self._pool.execute(sql)
        return web.json_response([])

    async def logs(self, _request: web.Request) -> web.Response:
        lines = [] if "no log" in self.faults else self.log
        return web.json_response({"result": [{"event_message": line} for line in lines]})

    def _claims(self, request: web.Request) -> dict[str, Any]:
        """Raises 401 for a key or token that is not ours."""
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.headers.get("apikey") not in (self.anon_key, self.service_key):
            raise web.HTTPUnauthorized
        roles = {self.anon_key: "anon", self.service_key: "service_role"}
        if bearer in roles:
            return {"role": roles[bearer]}
        try:
            found: dict[str, Any] = jwt.decode(bearer, self._secret, ["HS256"])
        except jwt.InvalidTokenError:
            if "any token" in self.faults:
                return {"sub": "", "role": "anon"}
            raise web.HTTPUnauthorized from None
        return found

    @asynccontextmanager
    async def _as(self, claims: dict[str, Any]) -> AsyncIterator[asyncpg.Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {claims['role']}")
            await connection.execute(
                "SELECT set_config('request.jwt.claims', $1, true)", json.dumps(claims)
            )
            yield connection


@contextmanager
def running(dsn: str) -> Iterator[ProjectStub]:
    """`dsn` is an empty database, as its superuser."""
    stub = ProjectStub(dsn)
    runner = web.AppRunner(stub.application(), shutdown_timeout=1)
    with LoopThread("project stub") as thread:
        stub.port = thread.ask(aiohttpserver.start(runner))[1]
        yield stub
        thread.ask(aiohttpserver.end(runner))
