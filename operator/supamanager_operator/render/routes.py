"""The paths that users reach through the gateway: one table.

With Kong's router flavor `expressions` a route is one predicate and a priority. The longest path
wins, as it does without that flavor; an exact one wins over its prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_AUTH: Final = "/auth/v1"
"""The path of the issuer of tokens below the public URL."""

STORAGE_PREFIX: Final = "/storage/v1"


@dataclass(frozen=True, kw_only=True)
class Route:
    """`upstream` is the path of the component that takes the place of `path`.

    `plugins` are names of the gateway's table of plugins.
    """

    name: str
    path: str
    component: str
    upstream: str
    plugins: tuple[str, ...]
    exact: bool = False
    prefix: str | None = None
    """What is cut off, if not all of `path`; the upstream sees it as X-Forwarded-Prefix."""
    read_timeout: int | None = None
    """In milliseconds."""


_OPEN: Final = ("cors",)
_KEYED: Final = ("cors", "key-auth", "authorization", "any-key")
_CLOSED: Final = ("closed",)

TABLE: Final = (
    Route(
        name="auth-verify",
        path=f"{_AUTH}/verify",
        component="auth",
        upstream="/verify",
        plugins=_OPEN,
    ),
    Route(
        name="auth-callback",
        path=f"{_AUTH}/callback",
        component="auth",
        upstream="/callback",
        plugins=_OPEN,
    ),
    Route(
        name="auth-authorize",
        path=f"{_AUTH}/authorize",
        component="auth",
        upstream="/authorize",
        plugins=_OPEN,
    ),
    Route(
        name="auth-jwks",
        path=f"{_AUTH}/.well-known/jwks.json",
        component="auth",
        upstream="/.well-known/jwks.json",
        plugins=_OPEN,
    ),
    Route(
        name="auth-saml-acs",
        path=f"{_AUTH}/sso/saml/acs",
        component="auth",
        upstream="/sso/saml/acs",
        plugins=_OPEN,
    ),
    Route(
        name="auth-saml-metadata",
        path=f"{_AUTH}/sso/saml/metadata",
        component="auth",
        upstream="/sso/saml/metadata",
        plugins=_OPEN,
    ),
    # RFC 8414 puts the issuer's path behind the well-known one.
    Route(
        name="auth-server-metadata",
        path=f"/.well-known/oauth-authorization-server{_AUTH}",
        component="auth",
        upstream="/.well-known/oauth-authorization-server",
        plugins=_OPEN,
    ),
    Route(name="auth", path=f"{_AUTH}/", component="auth", upstream="/", plugins=_KEYED),
    # The description of all tables and functions.
    Route(
        name="rest-root",
        path="/rest/v1/",
        exact=True,
        component="rest",
        upstream="/",
        plugins=("cors", "key-auth", "authorization", "admin-key"),
    ),
    Route(name="rest", path="/rest/v1/", component="rest", upstream="/", plugins=_KEYED),
    Route(
        name="graphql",
        path="/graphql/v1",
        component="rest",
        upstream="/rpc/graphql",
        plugins=("cors", "key-auth", "graphql", "any-key"),
    ),
    # Kong forwards WebSockets over a service of protocol `http`: `ws` is not in its free edition.
    Route(
        name="realtime-socket",
        path="/realtime/v1/",
        component="realtime",
        upstream="/socket",
        plugins=("cors", "key-auth", "socket", "any-key"),
    ),
    Route(
        name="realtime-openapi",
        path="/realtime/v1/api/openapi",
        component="realtime",
        upstream="/api/openapi",
        plugins=_CLOSED,
    ),
    Route(
        name="realtime-tenants",
        path="/realtime/v1/api/tenants",
        component="realtime",
        upstream="/api/tenants",
        plugins=_CLOSED,
    ),
    Route(
        name="realtime-api",
        path="/realtime/v1/api",
        component="realtime",
        upstream="/api",
        plugins=_KEYED,
    ),
    # Requests of the S3 protocol carry no key, and are signed with the whole path: the service
    # puts the prefix back before it compares.
    Route(
        name="storage",
        path=f"{STORAGE_PREFIX}/",
        prefix=STORAGE_PREFIX,
        component="storage",
        upstream="/",
        plugins=("cors", "storage", "drop-authorization"),
    ),
    Route(
        name="functions",
        path="/functions/v1/",
        component="functions",
        upstream="/",
        plugins=("cors", "functions", "drop-function-key"),
        read_timeout=160_000,
    ),
    Route(
        name="meta",
        path="/pg/",
        component="meta",
        upstream="/",
        plugins=("key-auth", "admin-key"),
    ),
    Route(
        name="studio-mcp",
        path="/api/mcp",
        component="studio",
        upstream="/api/mcp",
        plugins=_CLOSED,
    ),
    Route(name="mcp", path="/mcp", component="studio", upstream="/api/mcp", plugins=_CLOSED),
    Route(
        name="studio",
        path="/",
        component="studio",
        upstream="/",
        plugins=("cors", "password"),
    ),
)


def expression(route: Route) -> str:
    """The predicate of the router. The last comparison that holds is what is cut off."""
    if route.exact:
        return f'http.path == "{route.path}"'
    predicate = f'http.path ^= "{route.path}"'
    return f'{predicate} && http.path ^= "{route.prefix}"' if route.prefix else predicate


def priority(route: Route) -> int:
    return 2 * len(route.path) + route.exact
