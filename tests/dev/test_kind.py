"""`make kind` where no containers run: what it says then, its order, and its file as kind reads it.

kind is the real program. Docker is a script that notes what it is asked.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import making
from supamanager_dev import charts, kind

ROOT = charts.ROOT
FOLDER = ROOT / "dev" / "kind"
VERSION = charts.product_version()

NOTING = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >> "$CALLS"
case "$name $*" in
  "python -m supamanager_dev program "*) echo "$TOOLS/$4" ;;
  "kind create cluster "*) touch "$KUBECONFIG" ;;
  "docker image inspect "*) echo "sha256:$IMAGE_ID" ;;
  "kubectl "*) cat > /dev/null ;;
esac
"""

DOCKER = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$1" in
  run) echo "there is no container" >&2; exit 125 ;;
  inspect) exit 0 ;;
  info) echo '{"CgroupDriver": "systemd", "CgroupVersion": "2", "SecurityOptions": []}' ;;
esac
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    folder = tmp_path / "tools"
    folder.mkdir()
    return folder


def put(tools: Path, script: str, *names: str) -> None:
    for name in names:
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)


def run(script: Path, tools: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "TOOLS": str(tools),
        "CALLS": str(tools / "calls"),
        **variables,
    }
    return subprocess.run(
        [script],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_without_docker_it_says_so_in_one_line_and_exits_with_3(tools: Path):
    put(tools, "#!/bin/sh\necho Cannot connect >&2\nexit 1\n", "docker")
    done = run(FOLDER / "up.sh", tools)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == "No Docker answers here: make kind runs real containers\n"


@pytest.mark.parametrize("target", ["kind", "images"])
def test_make_adds_its_line_and_ends_with_2(target: str, tools: Path):
    put(tools, "#!/bin/sh\nexit 1\n", "docker")
    done = making.run(target, timeout=60, PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 2
    said, added = done.stderr.splitlines()
    assert said.startswith("No Docker answers here")
    assert re.fullmatch(r"make: \*\*\* \[.+\] Error 3", added)
    text = (ROOT / "docs" / "kind.md").read_text(encoding="utf-8")
    assert "`make: *** […] Error 3`, and ends with 2" in text


def test_the_steps_follow_each_other(tools: Path, tmp_path: Path):
    put(tools, NOTING, "docker", "kind", "kubectl", "helm", "python")
    folder = tmp_path / "kept"
    done = run(
        FOLDER / "up.sh",
        tools,
        KIND_FOLDER=str(folder),
        PYTHON_OF_VENV=str(tools / "python"),
        STUDIO_IMAGE="example.test/studio:1",
        IMAGE_ID="0123456789abcdef",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    calls = [
        line
        for line in (tools / "calls").read_text().splitlines()
        if not line.startswith("python -m supamanager_dev program")
    ]
    kubeconfig = folder / "kubeconfig"
    tag = f"{VERSION}-0123456789ab"
    images = f"supamanager-operator:{tag} supamanager-api:{tag} example.test/studio:1"
    wanted = [
        "docker info",
        "kind get clusters",
        f"kind create cluster --config kind-config.yaml --kubeconfig {kubeconfig} --wait 5m",
        "docker info",
        *("docker build --pull",) * 2,
        "docker image inspect",
        f"docker tag supamanager-operator:{VERSION} supamanager-operator:{tag}",
        "docker image inspect",
        f"docker tag supamanager-api:{VERSION} supamanager-api:{tag}",
        f"kind load docker-image --name supamanager {images}",
        *("kubectl apply --server-side -f",) * 2,
        "helm upgrade --install supamanager-crds charts/supamanager-crds",
        "helm upgrade --install supamanager charts/supamanager",
        "helm test supamanager",
        f"python -m supamanager_dev.firstproject http://localhost:8080 {folder}/project.json",
        f"python -m supamanager_dev.smoke {folder}/project.json",
    ]
    assert [call.startswith(start) for call, start in zip(calls, wanted, strict=True)] == [
        True
    ] * len(wanted), calls
    [chart] = [call for call in calls if " charts/supamanager " in call]
    assert "--set-string studio.image.repository=example.test/studio" in chart
    assert "--set-string studio.image.tag=1 " in chart
    assert f"--values {folder}/images.yaml" in chart
    said = yaml.safe_load((folder / "images.yaml").read_text())
    assert said == {name: {"image": {"tag": tag}} for name in ("operator", "api")}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert kubeconfig.stat().st_mode & 0o777 == 0o600


def test_a_cluster_that_is_there_is_taken(tools: Path, tmp_path: Path):
    put(tools, NOTING, "python")
    put(tools, NOTING + 'touch "$KUBECONFIG"; echo supamanager\n', "kind")
    kubeconfig = tmp_path / "kubeconfig"
    done = run(
        FOLDER / "cluster.sh",
        tools,
        KUBECONFIG=str(kubeconfig),
        PYTHON_OF_VENV=str(tools / "python"),
    )
    assert done.returncode == 0, done.stderr
    last = (tools / "calls").read_text().splitlines()[-1]
    assert last == f"kind export kubeconfig --name supamanager --kubeconfig {kubeconfig}"


@pytest.mark.parametrize("step", ["cluster.sh", "install.sh"])
def test_a_step_without_a_cluster_names_what_is_missing(tools: Path, step: str):
    environment = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    done = subprocess.run(
        [FOLDER / step], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "KUBECONFIG: names the " in done.stderr
    assert not (tools / "calls").exists()


def created(config: Path, tools: Path, announce: Callable[[str], None]) -> tuple[str, list[str]]:
    """What the real kind says of a file, and what it asks of Docker."""
    put(tools, DOCKER, "docker")
    done = subprocess.run(
        [kind.ensure(announce), "create", "cluster", "--config", config, "--retain"],
        env={
            **os.environ,
            "PATH": f"{tools}:/usr/bin:/bin",
            "CALLS": str(tools / "calls"),
            "KUBECONFIG": str(tools / "kubeconfig"),
            "KIND_EXPERIMENTAL_PROVIDER": "docker",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0, "there is no container"
    calls = tools / "calls"
    return done.stderr, calls.read_text().splitlines() if calls.exists() else []


def test_kind_reads_the_file_and_asks_docker_for_the_ports(
    tools: Path, announce: Callable[[str], None]
):
    said, calls = created(ROOT / "kind-config.yaml", tools, announce)
    [container] = [call.split() for call in calls if call.startswith("run ")]
    assert "there is no container" in said
    published = {word.partition("=")[2] for word in container if word.startswith("--publish=")}
    assert published >= {
        f"127.0.0.1:{host}:{inside}/TCP"
        for host, inside in (
            *((8080, 30080), (3000, 30300), (5432, 30432)),
            *((80, 80), (443, 443)),
        )
    }
    assert container[container.index("--name") + 1] == "supamanager-control-plane"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nodes": [{"role": "boss"}]}, "boss"),
        ({"ports": [8080]}, "field ports not found"),
        ({"nodes": [{"extraPortMappings": [{"hostPort": 80, "containerPort": 99999}]}]}, "99999"),
    ],
)
def test_kind_refuses_a_file_that_is_wrong(
    tools: Path,
    tmp_path: Path,
    announce: Callable[[str], None],
    change: dict[str, object],
    words: str,
):
    """So that the test above could fail."""
    config = tmp_path / "config.yaml"
    document = yaml.safe_load((ROOT / "kind-config.yaml").read_text())
    config.write_text(yaml.safe_dump({**document, **change}))
    said, calls = created(config, tools, announce)
    assert words in said
    assert not [call for call in calls if call.startswith("run ")]


def test_shellcheck_has_no_complaint():
    """About every shell script of the repository."""
    words = ("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z")
    listed = subprocess.run(
        [*words, "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    files = [ROOT / name for name in listed if name]
    scripts = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.is_file() and re.match(rb"#!/(usr/)?bin/(env )?(ba)?sh\n", path.read_bytes()[:64])
    ]
    assert {"dev/kind/up.sh", ".ci/run", "manifests/init/run.sh"} <= set(scripts)
    checker = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run(
        [checker, *scripts], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
