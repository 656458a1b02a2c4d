"""Memory of operator and API at rest, and at its peak with 20 projects and 200 logins.

Prints VmRSS and VmHWM of both processes, in MiB, after the start and at the end.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from supamanager_dev import rbac
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.postgres import Postgres
from supamanager_dev.product import REGION, Product

PASSWORD = "Correct-Horse-1"
EMAIL = "bench@example.com"


def call(url: str, body: dict[str, Any] | None = None, *, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def memory(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+)", status))
    return ", ".join(f"{name} {int(found[name]) / 1024:.0f} MiB" for name in ("VmRSS", "VmHWM"))


def report(product: Product, when: str) -> None:
    for name in ("operator", "api"):
        print(f"{when}: {name} {memory(product.pid(name))}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--projects", type=int, default=20)
    arguments.add_argument("--logins", type=int, default=200)
    arguments.add_argument("--minutes", type=float, default=10)
    options = arguments.parse_args()
    with ControlPlane() as control_plane, Postgres() as postgres:
        control_plane.create_namespace(
            rbac.PROJECTS_NAMESPACE,
            labels=rbac.PROJECTS_LABELS,
            annotations=rbac.PROJECTS_ANNOTATIONS,
        )
        with Product(
            database_url=postgres.create_database("bench"),
            operator_config=rbac.bind(control_plane, rbac.OPERATOR),
            api_config=rbac.bind(control_plane, rbac.API),
        ) as product:
            run(product, options)


def run(product: Product, options: argparse.Namespace) -> None:
    url = product.api_url
    time.sleep(5)
    report(product, "at rest")
    started = time.monotonic()
    call(f"{url}/platform/signup", {"email": EMAIL, "password": PASSWORD})
    login = {"email": EMAIL, "password": PASSWORD}
    token = call(f"{url}/platform/auth/login", login)["access_token"]
    slug = call(f"{url}/platform/organizations", {"name": "Bench"}, token=token)["slug"]
    for number in range(options.projects):
        body = {
            "cloud_provider": "K8S",
            "organization_slug": slug,
            "name": f"Project {number}",
            "db_region": REGION,
            "db_pass": "bench-password",
        }
        call(f"{url}/platform/projects", body, token=token)
    while True:
        projects = call(f"{url}/platform/projects", token=token)
        active = sum(project["status"] == "ACTIVE_HEALTHY" for project in projects)
        if active == options.projects:
            break
        if time.monotonic() - started > 600:
            sys.exit(f"{active} of {options.projects} projects are active after ten minutes")
        time.sleep(1)
    print(f"{options.projects} projects active after {time.monotonic() - started:.0f} s")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: call(f"{url}/platform/auth/login", login), range(options.logins)))
    report(product, f"after {options.logins} logins")
    rest = options.minutes * 60 - (time.monotonic() - started)
    time.sleep(max(rest, 0))
    report(product, f"after {options.minutes:g} minutes")


if __name__ == "__main__":
    main()
