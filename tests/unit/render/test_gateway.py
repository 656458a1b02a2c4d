"""Kong's file: its routes against the stack's table, and its Lua in a Lua interpreter."""

from __future__ import annotations

import json
import re
from pathlib import Path

import lupa.luajit21 as lupa
import pytest
import yaml

from supamanager_operator.render import gateway, lua, routes

ROWS = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "gateway-routes.yaml").read_text(encoding="utf-8")
)


def _file(inputs):
    return yaml.load(gateway.kong(inputs), Loader=yaml.CSafeLoader)


def _services(document):
    return {service["routes"][0]["name"]: service for service in document["services"]}


def _plugins(service):
    return {plugin["name"]: plugin.get("config", {}) for plugin in service["plugins"]}


def _match(document, path):
    """Kong's choice for a path: of the routes that match, the one of highest priority."""
    found = []
    for service in document["services"]:
        (route,) = service["routes"]
        predicates = [
            re.fullmatch(r'http\.path (==|\^=) "([^"]+)"', text)
            for text in route["expression"].split(" && ")
        ]
        if all(path == p[2] if p[1] == "==" else path.startswith(p[2]) for p in predicates):
            found.append((route["priority"], predicates[-1][2], service))
    priority, cut, service = max(found, key=lambda entry: entry[0])
    assert [entry[0] for entry in found].count(priority) == 1
    return cut, service


def _upstream(document, path):
    """The URL that Kong calls, by the rules of `strip_path`."""
    cut, service = _match(document, path)
    rest, base = path[len(cut) :], service["url"]
    if base.endswith("/") and rest.startswith("/"):
        return base + rest[1:]
    if rest and not base.endswith("/") and not rest.startswith("/"):
        return f"{base}/{rest}"
    return base + rest


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["request"])
def test_every_row_of_the_stack(make_inputs, row):
    document = _file(make_inputs())
    _, service = _match(document, row["request"])
    plugins = _plugins(service)
    assert _upstream(document, row["request"]) == row["upstream"]
    assert service["routes"][0]["strip_path"] is True
    assert ("key-auth" in plugins) == ("groups" in row)
    assert set(plugins.get("acl", {}).get("allow", [])) == set(row.get("groups", []))
    assert plugins.get("acl", {}).get("hide_groups_header", True) is True
    assert plugins.get("key-auth", {}).get("hide_credentials", False) is False
    assert set(plugins) - {"key-auth", "acl"} == set(row["plugins"])
    assert service.get("read_timeout") == row.get("readTimeout")


def test_no_route_beside_the_rows(make_inputs):
    document = _file(make_inputs())
    used = [_match(document, row["request"])[1]["name"] for row in ROWS]
    assert sorted(set(used)) == sorted(service["name"] for service in document["services"])


def test_every_route_has_what_the_expressions_router_needs(make_inputs):
    for service in _file(make_inputs())["services"]:
        (route,) = service["routes"]
        assert set(route) == {"name", "expression", "priority", "strip_path"}
        assert isinstance(route["priority"], int)
        # The router appends `&& net.protocol == …` without parentheses.
        assert "||" not in route["expression"]


def test_a_longer_path_wins_and_an_exact_one_over_its_prefix():
    ordered = sorted(routes.TABLE, key=routes.priority)
    assert [len(route.path) for route in ordered] == sorted(len(r.path) for r in ordered)
    root = next(route for route in routes.TABLE if route.exact)
    prefix = next(r for r in routes.TABLE if r.path == root.path and not r.exact)
    assert routes.priority(root) > routes.priority(prefix)


def test_storage_is_told_its_prefix(make_inputs):
    document = _file(make_inputs())
    cut, service = _match(document, "/storage/v1/object/public/a.png")
    # Kong itself sends what it cut off.
    assert cut == "/storage/v1"
    transformer = _plugins(service)["request-transformer"]
    for change in ("add", "replace"):
        assert "X-Forwarded-Prefix:/storage/v1" in transformer[change]["headers"]
    assert _match(document, "/storage/v10/x")[1]["name"] == "studio"


def test_realtime_is_called_by_the_name_of_its_tenant(make_inputs):
    for service in _file(make_inputs(name="blog"))["services"]:
        if service["name"].startswith("realtime"):
            assert service["url"].startswith("http://blog-realtime.projects.svc:4000/")
        assert "preserve_host" not in service["routes"][0]


@pytest.mark.parametrize("component", ["functions", "storage", "realtime", "studio", "rest"])
def test_a_disabled_component_has_no_route(make_inputs, component):
    everything = _services(_file(make_inputs()))
    without = _services(_file(make_inputs({"services": {component: {"enabled": False}}})))
    gone = {route.name for route in routes.TABLE if route.component == component}
    assert gone
    assert set(everything) - set(without) == gone


def test_the_file_is_the_same_each_time(make_inputs):
    text = gateway.kong(make_inputs())
    assert text == gateway.kong(make_inputs())
    assert yaml.safe_load(text)["_format_version"] == "2.1"
    assert yaml.safe_load(text)["_transform"] is True
    assert "&id" not in text


def _with_keys(*entries):
    """`entries`: (id, type, state, value)."""
    listed = [
        {"id": id_, "name": id_, "type": kind, "state": state, "createdAt": ""}
        for id_, kind, state, _ in entries
    ]
    values = {f"{kind}-{id_}": value for id_, kind, _, value in entries}
    return {"api-keys": json.dumps(listed), **values}


MANY = _with_keys(
    ("a", "publishable", "active", "sb_publishable_a"),
    ("b", "publishable", "active", "sb_publishable_b"),
    ("c", "publishable", "revoked", "sb_publishable_c"),
    ("d", "secret", "active", "sb_secret_d"),
    ("e", "secret", "active", "sb_secret_e"),
    ("f", "secret", "revoked", "sb_secret_f"),
)
NONE = _with_keys()


def test_consumers(make_inputs):
    consumers = _file(make_inputs(keys=MANY))["consumers"]
    assert consumers == [
        {
            "username": "DASHBOARD",
            "basicauth_credentials": [{"username": "supabase", "password": "dashboard-password"}],
        },
        {
            "username": "anon",
            "keyauth_credentials": [
                {"key": "eyJ.legacy-anon.sig"},
                {"key": "sb_publishable_a"},
                {"key": "sb_publishable_b"},
            ],
            "acls": [{"group": "anon"}],
        },
        {
            "username": "service_role",
            "keyauth_credentials": [
                {"key": "eyJ.legacy-service.sig"},
                {"key": "sb_secret_d"},
                {"key": "sb_secret_e"},
            ],
            "acls": [{"group": "admin"}],
        },
    ]


def test_a_revoked_key_is_nowhere_in_the_file(make_inputs):
    text = gateway.kong(make_inputs(keys=MANY))
    assert "sb_publishable_c" not in text
    assert "sb_secret_f" not in text


def test_without_opaque_keys_the_legacy_ones_are_left(make_inputs):
    document = _file(make_inputs(keys=NONE))
    keys = [c.get("keyauth_credentials") for c in document["consumers"]]
    assert keys == [
        None,
        [{"key": "eyJ.legacy-anon.sig"}],
        [{"key": "eyJ.legacy-service.sig"}],
    ]
    functions = _plugins(_services(document)["functions"])["request-transformer"]
    assert functions == {"remove": {"headers": ["sb-api-key"]}}


SMOKE = [
    # path, group of the caller (None: no key), allowed
    ("/auth/v1/health", None, False),
    ("/auth/v1/health", "anon", True),
    ("/auth/v1/verify", None, True),
    ("/rest/v1/", "anon", False),
    ("/rest/v1/", "admin", True),
    ("/rest/v1/notes", "anon", True),
    ("/rest/v1/notes", "admin", True),
    ("/graphql/v1", "anon", True),
    ("/graphql/v1", None, False),
    ("/realtime/v1/websocket", "anon", True),
    ("/realtime/v1/api/tenants", "admin", False),
    ("/storage/v1/status", None, True),
    ("/functions/v1/hello", None, True),
    ("/pg/health", "anon", False),
    ("/pg/health", "admin", True),
    ("/mcp", "admin", False),
    ("/", "admin", False),
    ("/project/default", None, False),
]


@pytest.mark.parametrize(("path", "group", "allowed"), SMOKE)
def test_who_may_call_what(make_inputs, path, group, allowed):
    plugins = _plugins(_match(_file(make_inputs()), path)[1])
    closed = "request-termination" in plugins or "basic-auth" in plugins
    keyed = "key-auth" in plugins and (group is None or group not in plugins["acl"]["allow"])
    assert allowed == (not closed and not keyed)


def _render(template, *, headers, query=None):
    """Kong's template: each `$(…)`, to the balancing parenthesis, is replaced by its value."""
    interpreter = lupa.LuaRuntime(unpack_returned_tuples=True)
    interpreter.globals().template = template
    return interpreter.eval(
        """function(headers, query_params)
          local env = {headers = headers, query_params = query_params}
          return (template:gsub("%$(%b())", function(code)
            local chunk = assert(loadstring("return (" .. code:sub(2, -2) .. ")"))
            return tostring(setfenv(chunk, env)() or "")
          end))
        end"""
    )(interpreter.table_from(headers), interpreter.table_from(query or {}))


def _headers(inputs, path, change):
    transformer = _plugins(_match(_file(inputs), path)[1])["request-transformer"]
    return dict(header.split(":", 1) for header in transformer[change]["headers"])


USER = "Bearer eyJ.user.sig"
AUTHORIZATION = [
    ({"apikey": "eyJ.legacy-anon.sig"}, "eyJ.legacy-anon.sig"),
    ({"apikey": "sb_publishable_a"}, "Bearer eyJ.es256-anon.sig"),
    ({"apikey": "sb_publishable_b"}, "Bearer eyJ.es256-anon.sig"),
    ({"apikey": "sb_secret_d"}, "Bearer eyJ.es256-service.sig"),
    ({"apikey": "sb_secret_e"}, "Bearer eyJ.es256-service.sig"),
    ({"apikey": "sb_secret_f"}, "sb_secret_f"),
    ({"apikey": "sb_secret_d", "authorization": USER}, USER),
    ({"apikey": "eyJ.legacy-anon.sig", "authorization": USER}, USER),
    (
        {"apikey": "sb_secret_d", "authorization": "Bearer sb_secret_d"},
        "Bearer eyJ.es256-service.sig",
    ),
    (
        {"apikey": "sb_publishable_a", "authorization": "bearer sb_publishable_a"},
        "Bearer eyJ.es256-anon.sig",
    ),
    ({"authorization": "AWS4-HMAC-SHA256 Credential=x"}, "AWS4-HMAC-SHA256 Credential=x"),
    ({}, ""),
]


@pytest.mark.parametrize(
    "path",
    [
        "/rest/v1/notes",
        "/rest/v1/",
        "/auth/v1/user",
        "/graphql/v1",
        "/realtime/v1/api/broadcast",
        "/storage/v1/object/x",
    ],
)
@pytest.mark.parametrize(("headers", "expected"), AUTHORIZATION)
def test_authorization(make_inputs, path, headers, expected):
    inputs = make_inputs(keys=MANY)
    for change in ("add", "replace"):
        template = _headers(inputs, path, change)["Authorization"]
        assert _render(template, headers=headers) == expected


@pytest.mark.parametrize(
    ("headers", "query", "expected"),
    [
        ({}, {"apikey": "sb_publishable_a"}, "eyJ.es256-anon.sig"),
        ({}, {"apikey": "sb_secret_e"}, "eyJ.es256-service.sig"),
        ({}, {"apikey": "eyJ.legacy-anon.sig"}, "eyJ.legacy-anon.sig"),
        ({"apikey": "sb_secret_d"}, {}, "eyJ.es256-service.sig"),
        ({"apikey": "sb_secret_d"}, {"apikey": "sb_publishable_a"}, "eyJ.es256-anon.sig"),
        ({}, {}, ""),
    ],
)
def test_socket_key(make_inputs, headers, query, expected):
    service = _services(_file(make_inputs(keys=MANY)))["realtime-socket"]
    transformer = _plugins(service)["request-transformer"]
    for name, template in (
        transformer["add"]["headers"][0].split(":", 1),
        transformer["replace"]["querystring"][0].split(":", 1),
    ):
        assert name in ("x-api-key", "apikey")
        assert _render(template, headers=headers, query=query) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"apikey": "sb_publishable_b", "authorization": USER}, "eyJ.es256-anon.sig"),
        ({"apikey": "sb_secret_d"}, "eyJ.es256-service.sig"),
        ({"apikey": "eyJ.legacy-anon.sig"}, ""),
        ({"authorization": "Bearer sb_secret_d"}, ""),
        ({}, ""),
    ],
)
def test_function_key(make_inputs, headers, expected):
    service = _services(_file(make_inputs(keys=MANY)))["functions"]
    transformer = _plugins(service)["request-transformer"]
    assert transformer["remove"] == {"headers": ["sb-api-key"]}
    name, template = transformer["add"]["headers"][0].split(":", 1)
    assert name == "sb-api-key"
    assert _render(template, headers=headers) == expected


def test_without_opaque_keys_the_key_passes(make_inputs):
    template = _headers(make_inputs(keys=NONE), "/rest/v1/x", "add")["Authorization"]
    assert _render(template, headers={"apikey": "sb_secret_d"}) == "sb_secret_d"
    assert _render(template, headers={"apikey": "x", "authorization": USER}) == USER


def test_graphql_names_its_schema(make_inputs):
    assert _headers(make_inputs(), "/graphql/v1", "add")["Content-Profile"] == "graphql_public"
    assert "Content-Profile" not in _headers(make_inputs(), "/graphql/v1", "replace")


@pytest.mark.parametrize(("value", "kept"), [("", False), ("  ", False), ("Bearer x", True)])
@pytest.mark.parametrize(
    ("path", "header"), [("/storage/v1/x", "authorization"), ("/functions/v1/x", "sb-api-key")]
)
def test_an_empty_header_is_dropped(make_inputs, path, header, value, kept):
    (code,) = _plugins(_match(_file(make_inputs()), path)[1])["post-function"]["access"]
    interpreter = lupa.LuaRuntime()
    headers = {header: value}
    cleared = interpreter.eval(
        """function(code, get)
          local cleared
          local kong = {
            request = {get_header = function(name) return get(name) end},
            service = {request = {clear_header = function(name) cleared = name end}},
          }
          setfenv(assert(loadstring(code)), {kong = kong})()
          return cleared
        end"""
    )(code, headers.get)
    assert cleared == (None if kept else header)


HOSTILE = [
    "it's",
    'a"b',
    "a\\",
    "a)b(",
    "$(1)",
    "a\nb",
    "a\r\n- b: c",
    "]]",
    "--",
    "#",
    "%d",
    "{vault://env/x}",
    "ü€🎉",
    "\x00",
    "1",
    "true",
    "&a *a",
    "' or true or '",
]


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_stay_values(make_inputs, key):
    keys = _with_keys(
        ("a", "publishable", "active", key), ("b", "secret", "active", f"{key}secret")
    )
    inputs = make_inputs(
        {}, keys={**keys, "anon-key-asymmetric": f"{key}token"}, dashboard={"password": key}
    )
    document = _file(inputs)
    assert document["consumers"][0]["basicauth_credentials"][0]["password"] == key
    assert document["consumers"][1]["keyauth_credentials"][1] == {"key": key}
    template = _headers(inputs, "/rest/v1/x", "add")["Authorization"]
    assert template.isascii()
    assert template.isprintable()
    assert _render(template, headers={"apikey": key}) == f"Bearer {key}token"
    assert _render(template, headers={"apikey": f"{key}secret"}).endswith("es256-service.sig")
    assert _render(template, headers={"apikey": "other"}) == "other"


def test_a_number_in_a_literal_ends_before_a_digit():
    assert lua.literal("a'1") == r"'a\0391'"
