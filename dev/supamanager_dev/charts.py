"""The parts of the charts that are made from the code, and the charts' version."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from supamanager_api.settings import Settings as ApiSettings
from supamanager_dev.errors import DevError
from supamanager_operator.settings import PREFIX
from supamanager_operator.settings import Settings as OperatorSettings

ROOT: Final = Path(__file__).parents[2]
CHARTS: Final = ROOT / "charts"
MAIN: Final = CHARTS / "supamanager"
CRDS: Final = CHARTS / "supamanager-crds"

_OWN_API: Final = frozenset(
    {
        *("DATABASE_URL", "PORT", "JWT_SECRET", "ENCRYPTION_SECRET", "DOMAIN_BASE"),
        *("DOMAIN_STUDIO_URL", "API_EXTERNAL_URL", "PROJECTS_NAMESPACE", "WATCH_NAMESPACES"),
    }
)
_OWN_OPERATOR: Final = frozenset(
    {
        *("NAMESPACES", "DOMAIN_BASE", "API_NAMESPACE", "LOG_ROUTER_NAMESPACE"),
        *("HEALTH_PORT", "METRICS_PORT", "BIND_ADDRESS", "PLATFORM_SECRET", "LEASE"),
    }
)
"""What the templates set themselves, from values of another form."""

_KEEP: Final = (
    "    # Projects outlive the release, and need it.\n"
    "    helm.sh/resource-policy: keep\n"
    "    argocd.argoproj.io/sync-options: Prune=false,Delete=false\n"
)
_BETWEEN: Final = "\n---\n"


def schema(text: str) -> str:
    """`values.schema.json` with the names of the settings that values may set."""
    document: dict[str, Any] = json.loads(text)
    fields = ApiSettings.model_fields.items()
    secret = {name.upper() for name, field in fields if field.annotation is SecretStr}
    names = {
        "apiSettings": {name.upper() for name, _ in fields} - _OWN_API - secret,
        "apiSecretSettings": secret - _OWN_API,
        "operatorSettings": {
            PREFIX + name
            for field in OperatorSettings.__dataclass_fields__
            if (name := field.upper()) not in _OWN_OPERATOR
        },
    }
    for definition, allowed in names.items():
        document["$defs"][definition] = {"enum": sorted(allowed)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def resource(path: Path) -> str:
    """A file of `crds/` as a template whose objects outlive their release.

    Raises:
        DevError: Helm would take a part of it for an instruction, or it has no place for a note.
    """
    text = path.read_text(encoding="utf-8")
    if "{{" in text:
        raise DevError(f"{path}: {{{{ begins an instruction in a template")
    return _BETWEEN.join(_kept(part, path) for part in text.split(_BETWEEN))


def _kept(text: str, path: Path) -> str:
    head, mark, tail = text.partition("\nmetadata:\n")
    if not mark or "  annotations:" in tail.partition("\nspec:\n")[0]:
        raise DevError(f"{path}: expected metadata without annotations")
    return f"{head}{mark}  annotations:\n{_KEEP}{tail}"


def chart(text: str, version: str) -> str:
    """A `Chart.yaml` with the version of the product."""
    return re.sub(r"(?m)^(version|appVersion): .*$", rf"\1: {version}", text)


def product_version() -> str:
    found = re.search(r'(?m)^version = "([^"]+)"$', (ROOT / "pyproject.toml").read_text())
    if found is None:
        raise DevError("pyproject.toml names no version")
    return found[1]


def files() -> dict[Path, str]:
    """Every file that is made here, with what it must hold."""
    version = product_version()
    values = MAIN / "values.schema.json"
    made = {values: schema(values.read_text(encoding="utf-8"))}
    for folder in (MAIN, CRDS):
        path = folder / "Chart.yaml"
        made[path] = chart(path.read_text(encoding="utf-8"), version)
    for source in sorted((ROOT / "crds").glob("*.yaml")):
        made[CRDS / "templates" / source.name] = resource(source)
    return made


def main(arguments: list[str] | None = None) -> int:
    """The command `python -m supamanager_dev.charts [--check]`."""
    command = "python -m supamanager_dev.charts"
    parser = argparse.ArgumentParser(prog=command, description="writes parts of the charts")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    stale = False
    for path, new in files().items():
        if path.is_file() and path.read_text(encoding="utf-8") == new:
            continue
        if options.check:
            stale = True
            print(f"{path.relative_to(ROOT)} is not what the code says now; run {command}")
        else:
            path.write_text(new, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
