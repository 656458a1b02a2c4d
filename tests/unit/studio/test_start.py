"""The scripts of the Studio image, run by Node on a made-up tree of built files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from supamanager_dev import npm, ports
from supamanager_dev.progress import wait_until

SCRIPTS = Path(__file__).parents[3] / "studio"
SERVER = "apps/studio/server.js"
BINARY = bytes(range(256))

API = "https://api.supamanager.invalid"
STUDIO = "https://studio.supamanager.invalid"
SOURCES = "https://*.projects.supamanager.invalid wss://*.projects.supamanager.invalid"
POLICY = f"default-src 'self' {API} {SOURCES}; block-all-mixed-content; upgrade-insecure-requests;"

HOSTS = {
    "API_URL": "https://manage.example.com",
    "DOMAIN_STUDIO_URL": "https://studio.example.com",
    "DOMAIN_BASE": "projects.example.com",
}

FILES = {
    ".next/routes-manifest.json": json.dumps({"headers": [{"value": POLICY}]}),
    ".next/static/chunks/main.js": f'let a="{API}/platform",b="{API}/auth/v1",c="{STUDIO}";',
    ".next/server/pages/page.html": f'<a href="{STUDIO}/sign-in">Sign in</a>',
    ".next/static/chunks/other.js": "let d=1;",
    SERVER: """
      const http = require("node:http");
      const server = http.createServer((request, response) => {
        response.end(JSON.stringify({
          url: request.url,
          folder: process.cwd(),
          projects: process.env.NIMBUS_PROD_PROJECTS_URL,
        }));
      });
      server.listen(process.env.PORT, "127.0.0.1");
    """,
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "font.woff2").write_bytes(BINARY)
    return folder


@pytest.fixture
def pristine(app: Path, tmp_path: Path) -> Path:
    done = collect(app, tmp_path / "pristine")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 files with addresses to fill in\n"
    return tmp_path / "pristine"


def collect(app: Path, pristine: Path) -> subprocess.CompletedProcess[str]:
    return _node("collect.mjs", app, pristine)


def _node(script: str, *arguments: Path | str, **environment: str):
    return subprocess.run(
        [npm.NODE, SCRIPTS / script, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refusal(app: Path, pristine: Path, **environment: str) -> list[str]:
    done = _node("start.mjs", pristine, app, SERVER, **environment)
    assert done.returncode == 1
    return done.stderr.splitlines()


@contextmanager
def started(app: Path, pristine: Path, **environment: str) -> Iterator[str]:
    [port] = ports.free(1)
    process = subprocess.Popen(
        [npm.NODE, SCRIPTS / "start.mjs", pristine, app, SERVER],
        env={"PATH": os.environ["PATH"], "PORT": str(port), **environment},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), "the server", timeout=60)
        assert process.poll() is None
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return bool(get(url))
    except urllib.error.URLError:
        return False


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return bytes(answer.read())


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_address_is_filled_in_and_nothing_else_is_touched(app: Path, pristine: Path) -> None:
    before = contents(app)
    with started(app, pristine, **HOSTS) as url:
        told = json.loads(get(f"{url}/project"))
    assert told == {
        "url": "/project",
        "folder": str(app),
        "projects": "https://*.projects.example.com",
    }
    after = contents(app)
    assert b"supamanager.invalid" not in b"".join(after.values())
    assert after.keys() == before.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {".next/routes-manifest.json"} | {
        f".next/{name}" for name in ("static/chunks/main.js", "server/pages/page.html")
    }
    assert after[".next/static/chunks/main.js"].decode() == (
        'let a="https://manage.example.com/platform",b="https://manage.example.com/auth/v1",'
        'c="https://studio.example.com";'
    )
    [header] = json.loads(after[".next/routes-manifest.json"])["headers"]
    assert header["value"] == (
        "default-src 'self' https://manage.example.com https://*.projects.example.com:* "
        "wss://*.projects.example.com:*; block-all-mixed-content; upgrade-insecure-requests;"
    )


def test_a_restart_takes_other_addresses(app: Path, pristine: Path) -> None:
    with started(app, pristine, **HOSTS):
        first = contents(app)
    with started(app, pristine, **HOSTS):
        assert contents(app) == first
    other = {"API_URL": "http://localhost:8080/", "DOMAIN_STUDIO_URL": "http://localhost:3000"}
    with started(app, pristine, **other, DOMAIN_BASE="supamanager.localhost"):
        told = contents(app)
    text = b"".join(told.values()).decode("latin1")
    assert "example.com" not in text
    assert '"http://localhost:8080/platform"' in text
    # Over plain http nothing may be upgraded, and projects are reached without TLS.
    [header] = json.loads(told[".next/routes-manifest.json"])["headers"]
    assert header["value"] == (
        "default-src 'self' http://localhost:8080 http://*.supamanager.localhost:* "
        "ws://*.supamanager.localhost:*; block-all-mixed-content;"
    )


def test_a_start_that_was_cut_short_is_made_good(app: Path, pristine: Path) -> None:
    half = app / ".next/static/chunks/main.js"
    half.write_text('let a="https://manage.exam')
    half.with_name("main.js.partial").write_text("half")
    with started(app, pristine, **HOSTS):
        assert half.read_text().endswith('c="https://studio.example.com";')
        assert not half.with_name("main.js.partial").exists()


def test_incidents_are_answered_in_place_of_supabase(app: Path, pristine: Path) -> None:
    with started(app, pristine, **HOSTS) as url:
        assert json.loads(get(f"{url}/api/incident-banner?x=1")) == {"incidents": []}
        assert json.loads(get(f"{url}/api/incident-status")) == []
        assert json.loads(get(f"{url}/api/get-utc-time"))["url"] == "/api/get-utc-time"


def test_all_that_is_missing_is_told_at_once(app: Path, pristine: Path) -> None:
    before = contents(app)
    lines = refusal(app, pristine)
    assert lines == [f"{name} is missing" for name in HOSTS]
    assert contents(app) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_URL", "manage.example.com"),
        ("API_URL", "ftp://manage.example.com"),
        ("API_URL", "https://manage.example.com/platform"),
        ("API_URL", "https://manage.example.com?x"),
        ("API_URL", "https://user:word@manage.example.com"),
        ("API_URL", "https://Manage.example.com"),
        ("API_URL", 'https://x";alert(1);"'),
        ("API_URL", "https://x\\u0022"),
        ("API_URL", "https://platform.example.com"),
        ("API_URL", "http://manage.example.com"),
        ("DOMAIN_STUDIO_URL", "https://studio.example.com/base"),
        ("DOMAIN_STUDIO_URL", "https://studio.example.com;script-src *"),
        ("DOMAIN_BASE", "https://projects.example.com"),
        ("DOMAIN_BASE", "*.example.com"),
        ("DOMAIN_BASE", "projects.example.com; script-src *"),
        ("DOMAIN_BASE", "-.example.com"),
        ("DOMAIN_BASE", "a." * 130 + "com"),
    ],
)
def test_a_value_that_is_no_address_is_refused(
    app: Path, pristine: Path, name: str, value: str
) -> None:
    before = contents(app)
    [line] = refusal(app, pristine, **{**HOSTS, name: value})
    assert line.startswith(name)
    assert contents(app) == before


def test_addresses_of_ip_version_6_are_taken(app: Path, pristine: Path) -> None:
    hosts = {"API_URL": "http://[::1]:8080", "DOMAIN_STUDIO_URL": "http://[::1]:3000"}
    with started(app, pristine, **hosts, DOMAIN_BASE="localhost"):
        assert '"http://[::1]:8080/auth/v1"' in (app / ".next/static/chunks/main.js").read_text()


def test_the_build_fails_where_a_placeholder_cannot_be_filled_in(app: Path, tmp_path: Path) -> None:
    (app / "escaped.json").write_text(r'{"url": "https:\/\/api.supamanager.invalid\/platform"}')
    (app / "pattern.js").write_text(r"let p=/api\.supamanager\.invalid/;")
    done = collect(app, tmp_path / "pristine")
    assert done.returncode == 1
    assert "escaped.json" in done.stderr
    assert "pattern.js" in done.stderr


def test_the_build_fails_when_an_address_was_not_built_in(app: Path, tmp_path: Path) -> None:
    (app / ".next/routes-manifest.json").unlink()
    done = collect(app, tmp_path / "pristine")
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "names https://*.projects.supamanager.invalid, wss://*.projects.supamanager.invalid"
    )


def test_features_are_switched_off_where_upstream_has_them(tmp_path: Path) -> None:
    wanted = json.loads((SCRIPTS / "features.json").read_text())
    file = tmp_path / "enabled-features.json"
    file.write_text(json.dumps({**dict.fromkeys(wanted, True), "billing:all": True}))
    assert _node("features.mjs", file).returncode == 0
    assert json.loads(file.read_text()) == {**wanted, "billing:all": True}
    file.write_text("{}")
    done = _node("features.mjs", file)
    assert done.returncode == 1
    assert "renamed" in done.stderr


def test_the_image_holds_what_its_recipe_names() -> None:
    recipe = (SCRIPTS / "Dockerfile").read_text()
    for script in SCRIPTS.glob("*.mjs"):
        assert script.name in recipe
    for placeholder in (API, STUDIO, *SOURCES.split()):
        assert placeholder in recipe
    assert "\nUSER 1000\n" in recipe  # of the image, named `node`
