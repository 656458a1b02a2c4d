"""Many people who sign in at once: rate and memory, beside the machine's bare Argon2id rate.

Prints both rates, their ratio, and VmHWM of the API; ends with 1 when the ratio is below 0.9 or the
memory above 300 MiB.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import argon2
import httpx

from supamanager_api.accounts import passwords
from supamanager_dev import ports
from supamanager_dev.postgres import Postgres
from supamanager_dev.supervisor import Supervisor

PASSWORD = "Correct-Horse-1"
LEAST_RATIO = 0.9
MOST_MEMORY = 300


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parallel", type=int, default=64)
    arguments.add_argument("--rounds", type=int, default=4)
    options = arguments.parse_args()
    total = options.parallel * options.rounds
    with Postgres() as postgres, Supervisor("bench-login") as supervisor:
        url, pid = start(supervisor, postgres.create_database("bench"))
        body = {"email": "bench@example.com", "password": PASSWORD}
        with httpx.Client(base_url=url, timeout=30) as client:
            client.post("/platform/signup", json=body).raise_for_status()
        # In turn, and twice: what else the machine does reaches both.
        bare, api = [], []
        for _ in range(2):
            bare.append(bare_rate(total))
            api.append(api_rate(url, body, parallel=options.parallel, total=total))
        memory = peak(pid)
    ratio = sum(api) / sum(bare)
    print(f"bare Argon2id: {sum(bare) / 2:.1f} hashes/s in {passwords.THREADS} threads")
    print(f"API: {sum(api) / 2:.1f} sign-ins/s, {options.parallel} at once; {ratio:.2f} of it")
    print(f"VmHWM {memory:.0f} MiB")
    return 0 if ratio >= LEAST_RATIO and memory < MOST_MEMORY else 1


def start(supervisor: Supervisor, database_url: str) -> tuple[str, int]:
    (port,) = ports.free(1)
    kubeconfig = Path(tempfile.mkdtemp()) / "kubeconfig"
    named = {"name": "none"}
    kubeconfig.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "none",
                "clusters": [{**named, "cluster": {"server": "https://127.0.0.1:9"}}],
                "users": [{**named, "user": {}}],
                "contexts": [{**named, "context": {"cluster": "none", "user": "none"}}],
            }
        )
    )
    environment = {
        **os.environ,
        "KUBECONFIG": str(kubeconfig),
        "DATABASE_URL": database_url,
        "JWT_SECRET": secrets.token_urlsafe(48),
        "ENCRYPTION_SECRET": secrets.token_urlsafe(48),
        "ALLOW_SIGNUP": "true",
        "DOMAIN_BASE": "projects.test",
        "DOMAIN_STUDIO_URL": "https://studio.test",
        "RATE_LIMITS": '{"sign-in": [1000, 1], "sign-in-address": [1000, 1], '
        '"sign-in-email": [1000, 1]}',
    }
    factory = ["--factory", "supamanager_api.app:create_app"]
    pid = supervisor.start(
        "api",
        [sys.executable, "-m", "uvicorn", *factory, "--host", "127.0.0.1", "--port", str(port)],
        env=environment,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        supervisor.check("api")
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return url, pid
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            sys.exit("the API was not ready in time")
        time.sleep(0.1)


def bare_rate(count: int) -> float:
    """Verifications per second, in as many threads as the API has."""
    hasher = argon2.PasswordHasher(
        time_cost=passwords.PASSES,
        memory_cost=passwords.MEMORY_KIB,
        parallelism=passwords.LANES,
        hash_len=passwords.HASH_BYTES,
        salt_len=passwords.SALT_BYTES,
    )
    stored = hasher.hash(PASSWORD)
    with ThreadPoolExecutor(passwords.THREADS) as pool:
        started = time.perf_counter()
        list(pool.map(lambda _: hasher.verify(stored, PASSWORD), range(count)))
        return count / (time.perf_counter() - started)


def api_rate(url: str, body: dict[str, str], *, parallel: int, total: int) -> float:
    limits = httpx.Limits(max_connections=parallel)
    with (
        httpx.Client(base_url=url, timeout=120, limits=limits) as client,
        ThreadPoolExecutor(parallel) as pool,
    ):
        started = time.perf_counter()
        path = "/auth/v1/token?grant_type=password"
        for answer in pool.map(lambda _: client.post(path, json=body), range(total)):
            answer.raise_for_status()
        return total / (time.perf_counter() - started)


def peak(pid: int) -> float:
    """MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
