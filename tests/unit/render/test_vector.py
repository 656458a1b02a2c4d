"""Vector's pipeline: its shape, and each program in the language's own compiler and runtime."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from vrl_python import VRLRuntime

from supamanager_operator.render import data, vector

PROGRAMS = [path.stem for path in sorted((Path(data.root()) / "vector").glob("*.vrl"))]
SINKS = {
    "gateway": "cloudflare.logs.prod",
    "auth": "gotrue.logs.prod",
    "rest": "postgREST.logs.prod",
    "realtime": "realtime.logs.prod",
    "storage": "storage.logs.prod.2",
    "functions": "deno-relay-logs",
    "database": "postgres.logs",
}
TIME = "2026-01-18T09:30:00Z"


def _file(inputs):
    return yaml.safe_load(vector.config(inputs))


def _run(program, message):
    """What a program makes of a line; None if it drops it."""
    event = {"project": "default", "appname": "x", "event_message": message, "timestamp": TIME}
    return _execute(program, event)


def _execute(program, event):
    try:
        return VRLRuntime.run(data.text(f"vector/{program}.vrl"), event, "UTC").processed_event
    except RuntimeError as error:
        if "aborted" not in str(error):
            raise
        return None


def test_what_it_listens_on(make_inputs):
    document = _file(make_inputs())
    assert document["api"] == {"enabled": True, "address": "0.0.0.0:9001"}
    assert document["sources"] == {
        "router": {
            "type": "http_server",
            "address": "0.0.0.0:9002",
            "path": "/",
            "strict_path": False,
            "framing": {"method": "newline_delimited"},
            "decoding": {"codec": "json"},
        }
    }


def test_every_component_is_a_transform_of_its_own_route(make_inputs):
    transforms = _file(make_inputs())["transforms"]
    assert transforms["event"]["inputs"] == ["router"]
    assert transforms["component"]["inputs"] == ["event"]
    assert transforms["component"]["route"] == {name: f'.appname == "{name}"' for name in SINKS}
    assert set(transforms) == {"event", "component", *SINKS}
    for name in SINKS:
        assert transforms[name]["inputs"] == [f"component.{name}"]
        assert transforms[name]["source"] == data.text(f"vector/{name}.vrl")


def test_every_stream_has_exactly_one_sink(make_inputs):
    sinks = _file(make_inputs())["sinks"]
    assert sorted(name for sink in sinks.values() for name in sink["inputs"]) == sorted(SINKS)
    for sink in sinks.values():
        (name,) = sink["inputs"]
        assert sink["uri"] == (
            f"http://shop-analytics.projects.svc:4000/api/logs?source_name={SINKS[name]}"
        )
        assert sink["type"] == "http"
        assert sink["method"] == "post"
        assert sink["encoding"] == {"codec": "json"}
        assert sink["healthcheck"] == {"enabled": False}
        assert sink["request"]["retry_initial_backoff_secs"] == 1
        assert sink["request"]["retry_max_duration_secs"] == 30
        key = sink["request"]["headers"]["x-api-key"]
        assert key.startswith("${LOGFLARE_PUBLIC_ACCESS_TOKEN?")


def test_no_secret_in_the_file(make_inputs):
    inputs = make_inputs()
    text = vector.config(inputs)
    for value in (*inputs.internal.values(), *inputs.keys.values(), inputs.database["password"]):
        if len(value) > 8:
            assert value not in text


def test_without_analytics_the_lines_are_thrown_away(make_inputs):
    document = _file(make_inputs({"services": {"analytics": {"enabled": False}}}))
    assert document["sinks"] == {"nowhere": {"type": "blackhole", "inputs": list(SINKS)}}
    assert document["transforms"] == _file(make_inputs())["transforms"]


def test_every_program_is_used():
    assert set(PROGRAMS) == {"event", *SINKS}


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_compile_and_hold_nothing_that_the_file_expands(program):
    source = data.text(f"vector/{program}.vrl")
    diagnostic = VRLRuntime.check_syntax(source)
    assert diagnostic is None, diagnostic.formatted_message
    assert not re.search(r"\$[\w{]", source)


@pytest.mark.parametrize(
    ("kubernetes", "appname"),
    [
        ({"container_name": "auth", "pod_labels": {"supamanager.io/component": "x"}}, "auth"),
        ({"pod_labels": {"supamanager.io/component": "rest"}}, "rest"),
    ],
)
def test_a_line_keeps_what_its_readers_need(kubernetes, appname):
    line = {
        "message": "hello",
        "timestamp": TIME,
        "file": "/var/log/pods/x",
        "stream": "stdout",
        "kubernetes": {**kubernetes, "pod_ip": "10.0.0.1"},
    }
    assert _execute("event", line) == {
        "project": "default",
        "appname": appname,
        "event_message": "hello",
        "timestamp": TIME,
    }


@pytest.mark.parametrize(
    "line", [{}, {"message": "x"}, {"kubernetes": {"container_name": "auth"}, "message": {"a": 1}}]
)
def test_what_is_no_line_is_dropped(line):
    assert _execute("event", line) is None


def test_gateway_access():
    event = _run(
        "gateway",
        '10.0.0.7 - - [18/Jan/2026:09:31:00 +0000] "GET /rest/v1/notes?select=* HTTP/1.1" 206 512'
        ' "https://example.com/" "curl/8.5.0"',
    )
    assert event["metadata"] == {
        "request": {
            "method": "GET",
            "path": "/rest/v1/notes?select=*",
            "protocol": "HTTP/1.1",
            "headers": {
                "user_agent": "curl/8.5.0",
                "referer": "https://example.com/",
                "cf_connecting_ip": "10.0.0.7",
            },
        },
        "response": {"status_code": 206},
    }
    assert event["timestamp"].startswith("2026-01-18 09:31:00")


def test_gateway_keys_are_no_log():
    event = _run(
        "gateway",
        '10.0.0.7 - - [18/Jan/2026:09:31:00 +0000] "GET /realtime/v1/websocket?apikey=sb_secret_x'
        '&vsn=1.0.0 HTTP/1.1" 101 0 "-" "-"',
    )
    assert "sb_secret_x" not in str(event)
    assert event["metadata"]["request"]["path"].endswith("&vsn=1.0.0")


def test_gateway_error():
    event = _run(
        "gateway",
        "2026/01/18 09:31:00 [error] 1234#0: *5 connect() failed (111: Connection refused) while"
        ' connecting to upstream, client: 10.0.0.7, server: kong, request: "POST /auth/v1/token'
        ' HTTP/1.1", upstream: "http://10.1.1.1:9999/token", host: "example.com"',
    )
    assert event["severity"] == "error"
    assert event["metadata"] == {
        "request": {
            "method": "POST",
            "path": "/auth/v1/token",
            "protocol": "HTTP/1.1",
            "host": "example.com",
            "headers": {"cf_connecting_ip": "10.0.0.7"},
        },
        "response": {"status_code": 200},
    }


def test_gateway_errors_without_a_request():
    event = _run(
        "gateway",
        "2026/01/18 09:31:00 [warn] 1234#0: *5 [lua] something, client: 10.0.0.7, server: kong",
    )
    assert event["severity"] == "warn"
    assert event["metadata"]["request"]["method"] == "GET"
    assert event["metadata"]["response"]["status_code"] == 200


def test_gateway_start_is_dropped():
    assert _run("gateway", "Kong started") is None


def test_auth():
    line = '{"level":"info","msg":"Login","time":"2026-01-18T09:31:00Z","status":200}'
    event = _run("auth", line)
    assert event["event_message"] == line
    assert event["metadata"] == {
        "level": "info",
        "msg": "Login",
        "time": "2026-01-18T09:31:00Z",
        "timestamp": "2026-01-18T09:31:00Z",
        "status": 200,
    }
    for odd in ("starting", "[1]", "null", '"x"'):
        assert "metadata" not in _run("auth", odd)


def test_rest():
    event = _run("rest", "18/Jan/2026:09:31:00 +0000: Listening on port 3000")
    assert event["event_message"] == "Listening on port 3000"
    assert event["timestamp"].startswith("2026-01-18 09:31:00")
    assert event["metadata"] == {"host": "default"}
    odd = _run("rest", "no time: at all")
    assert (odd["event_message"], odd["timestamp"]) == ("no time: at all", TIME)
    impossible = _run("rest", "99/Jan/2026:09:31:00 +0000: x")
    assert impossible["timestamp"] == TIME


@pytest.mark.parametrize(
    ("line", "message", "level"),
    [
        ("09:31:00.123 [info] Janitor started", "Janitor started", "info"),
        ("09:31:00.123 project=a external_id=b [error] Broke", "Broke", "error"),
        ("odd", "odd", None),
    ],
)
def test_realtime(line, message, level):
    event = _run("realtime", line)
    assert event["event_message"] == message
    assert event["metadata"].get("level") == level
    assert event["metadata"]["external_id"] == "default"


@pytest.mark.parametrize("path", ["/healthcheck", "/api/tenants/shop-realtime/health"])
def test_realtime_probes_are_dropped(path):
    assert _run("realtime", f"09:31:00.123 [info] GET {path}") is None


def test_storage():
    event = _run(
        "storage", '{"level":30,"time":"2026","hostname":"h","pid":1,"msg":"done","extra":{}}'
    )
    assert event["event_message"] == "done"
    assert event["metadata"] == {
        "project": "default",
        "tenantId": "default",
        "level": 30,
        "timestamp": "2026",
        "context": [{"host": "h", "pid": 1}],
    }
    odd = _run("storage", "starting")
    assert odd["event_message"] == "starting"
    assert odd["metadata"] == {"project": "default", "tenantId": "default"}


def test_functions():
    assert _run("functions", "hello")["metadata"] == {"project_ref": "default"}


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ('2026-01-18 09:31:00.000 UTC [42] ERROR:  relation "x" does not exist', "ERROR"),
        ("2026-01-18 09:31:00.000 UTC [42] LOG:  checkpoint starting", "LOG"),
        ("2026-01-18 09:31:00.000 UTC [42] INFO:  done", "LOG"),
        ("2026-01-18 09:31:00.000 UTC [42] FATAL:  no", "FATAL"),
        ("done", "LOG"),
    ],
)
def test_database(line, severity):
    event = _run("database", line)
    assert event["event_message"] == line
    assert event["metadata"]["host"] == "db-default"
    assert event["metadata"]["parsed"] == {"error_severity": severity, "timestamp": TIME}
