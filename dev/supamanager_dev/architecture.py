"""The drawing in `docs/architecture.md`: groups of modules and who imports whom.

The arrows come from the import graph; the groups are a table, and a module that belongs to none
is an error, so the drawing cannot fall behind the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import grimp

from supamanager_dev import generated
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block


class GroupTableWrong(DevError):
    """The table of groups and the packages name different modules; says which."""


@dataclass(frozen=True)
class Group:
    """Modules of one package: `modules` are names below it, a subpackage stands for all in it.

    Arrows to a `common` group are not drawn one by one: everybody may use it.
    """

    name: str
    modules: tuple[str, ...]
    common: bool = False


TABLE: Final[dict[str, tuple[Group, ...]]] = {
    "supamanager_api": (
        Group("start", ("__main__", "app", "termination", "recovery")),
        Group("http", ("http", "deps")),
        Group("context", ("context",)),
        Group("background", ("applier", "mirror", "dnshook", "mailer", "expiry", "background")),
        Group("projects", ("projects",)),
        Group("organizations", ("organizations",)),
        Group("accounts", ("accounts",)),
        Group("audit", ("audit",)),
        Group("content", ("content",)),
        Group("notifications", ("notifications",)),
        Group("database", ("database", "sql", "migrations", "idempotency", "events", "cursors")),
        Group("mails", ("mails",)),
        Group(
            "common",
            (
                *("settings", "settingchecks", "permissions", "conditions", "errors"),
                *("logs", "metrics", "derivation", "amounts", "origin", "sealing", "ratelimits"),
            ),
            common=True,
        ),
    ),
    "supamanager_operator": (
        Group("start", ("__main__",)),
        Group("leading", ("lease", "election")),
        Group("triggers", ("handlers", "runner", "preflight", "workqueue")),
        Group(
            "reconcile", ("reconciler", "convergence", "initjob", "deletion", "choices", "facts")
        ),
        Group(
            "writing",
            (
                "apply",
                "comparison",
                "secretstore",
                "secretdocument",
                "platformsecret",
                "ownership",
                "refusals",
                "retention",
            ),
        ),
        Group("reporting", ("observe", "verdicts", "rollout", "status", "events")),
        Group("memory", ("inventory", "claims", "workload")),
        Group("credentials", ("credentials", "keys")),
        Group("rendering", ("render",)),
        Group(
            "common",
            ("settings", "errors", "logs", "scrub", "metrics", "health", "limiter"),
            common=True,
        ),
    ),
    "supamanager_kube": (
        Group("client", ("client", "transport")),
        Group(
            "tables",
            (
                *("project", "names", "labels", "conditions"),
                *("components", "secrets", "passwords", "kinds", "errors"),
                *("jsonlog", "quantities", "yamltext"),
            ),
            common=True,
        ),
    ),
}

LIBRARIES: Final = ("fastapi", "asyncpg", "kopf", "jinja2", "kubernetes")
"""Whose users a rule or a habit limits to one group."""

Node = tuple[str, str]
"""Package and group; a library is its own group."""


def drawing(table: dict[str, tuple[Group, ...]] = TABLE) -> str:
    """The mermaid flowchart, in its fence.

    Raises:
        GroupTableWrong
    """
    graph = grimp.build_graph(*table, include_external_packages=True, cache_dir=None)
    places = _places(graph, table)
    arrows = sorted(_arrows(graph, places))
    common = {
        (package, group.name)
        for package, groups in table.items()
        for group in groups
        if group.common
    }
    lines = ["flowchart TD"]
    for package, groups in table.items():
        lines.append(f"  subgraph {package}")
        lines += [f'    {_id((package, group.name))}["{_label(group)}"]' for group in groups]
        lines.append("  end")
    lines += [f"  {library}([{library}])" for library in LIBRARIES]
    lines += [
        f"  {_id(source)} --> {_id(target)}" for source, target in arrows if target not in common
    ]
    whole = {(source[0], target) for source, target in arrows if target in common}
    lines += [
        f"  {package} -.-> {_id(target)}"
        for package, target in sorted(whole)
        if package != target[0]
    ]
    return "\n".join(["```mermaid", *lines, "```"])


def _places(graph: grimp.ImportGraph, table: dict[str, tuple[Group, ...]]) -> dict[str, Node]:
    """The group of every module; libraries that are not drawn have none."""
    owners = {
        f"{package}.{module}": (package, group.name)
        for package, groups in table.items()
        for group in groups
        for module in group.modules
    }
    places: dict[str, Node] = {library: (library, library) for library in LIBRARIES}
    for module in graph.modules - set(table):
        package, _, rest = module.partition(".")
        if package not in table:
            continue
        owner = f"{package}.{rest.partition('.')[0]}"
        if owner not in owners:
            raise GroupTableWrong(f"{owner} belongs to no group: name it in {__name__}.TABLE")
        places[module] = owners[owner]
    if unknown := owners.keys() - graph.modules:
        raise GroupTableWrong(
            f"{__name__}.TABLE names {', '.join(sorted(unknown))}: no such module"
        )
    return places


def _arrows(graph: grimp.ImportGraph, places: dict[str, Node]) -> Iterator[tuple[Node, Node]]:
    found = {
        (source, places[imported])
        for module, source in places.items()
        for imported in graph.find_modules_directly_imported_by(module)
        if imported in places and places[imported] != source
    }
    yield from found


def _id(node: Node) -> str:
    package, group = node
    return group if package == group else f"{package.removeprefix('supamanager_')}_{group}"


def _label(group: Group) -> str:
    return f"<b>{group.name}</b><br/>{_wrapped(group.modules)}"


def _wrapped(modules: Iterable[str]) -> str:
    names = list(modules)
    rows = [" ".join(names[start : start + 4]) for start in range(0, len(names), 4)]
    return "<br/>".join(rows)


BLOCKS: Final = (Block("architecture.md", "drawing", drawing),)

if __name__ == "__main__":
    sys.exit(generated.main("architecture", BLOCKS))
