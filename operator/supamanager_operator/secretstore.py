"""The Secrets of a project in the cluster: read by name, completed, and written once.

A generated Secret is made with a create, which cannot overwrite, and changed with an apply of the
whole document that carries the resourceVersion it was read at: a value that someone else wrote in
the meantime is never lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from supamanager_kube import errors, kinds, labels, names
from supamanager_kube import secrets as layout
from supamanager_kube.client import Body, KubeClient
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject
from supamanager_operator import ownership, refusals, retention, secretdocument
from supamanager_operator.credentials import database, jwt_keys, simple
from supamanager_operator.errors import Retry, Stalled
from supamanager_operator.secretdocument import decode

_GENERATED = tuple(suffix for suffix, spec in layout.SECRETS.items() if spec.generated)

_LEAVING_PAUSE = 1.0

_IRREPLACEABLE = frozenset({layout.KEYS, layout.DATABASE, layout.INTERNAL})
"""Once there is data, new values of these would lock it or every client out."""


@dataclass(frozen=True)
class Secrets:
    """The live Secrets by suffix; None where there is none."""

    bodies: Mapping[str, Body | None]

    def data(self, suffix: str) -> dict[str, str]:
        """The values of the keys that the layout knows."""
        spec = layout.SECRETS[suffix]
        decoded = decode(self.bodies.get(suffix))
        return {key: value for key, value in decoded.items() if spec.has(key)}

    def values(self) -> list[dict[str, str]]:
        """All data, for the scrubber."""
        return [self.data(suffix) for suffix in layout.SECRETS]

    @property
    def complete(self) -> bool:
        """Whether every generated Secret exists."""
        return all(self.bodies.get(suffix) for suffix in _GENERATED)

    @property
    def release(self) -> str | None:
        """The release that the project was created with."""
        return self._metadata("labels").get(labels.RELEASE)

    @property
    def initialized(self) -> str | None:
        """The uid of the volume that was initialized."""
        return self._metadata("annotations").get(labels.INITIALIZED)

    def _metadata(self, field: str) -> dict[str, str]:
        body = self.bodies.get(layout.DATABASE) or {}
        return body.get("metadata", {}).get(field) or {}


class SecretStore:
    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._valid: dict[tuple[str, str], dict[str, str]] = {}

    def forget(self, key: tuple[str, str]) -> None:
        self._valid.pop(key, None)

    async def load(self, namespace: str, project: str) -> Secrets:
        """One read for each Secret of the layout."""
        suffixes = tuple(layout.SECRETS)
        bodies = await asyncio.gather(
            *(self._get(namespace, names.child(project, suffix)) for suffix in suffixes)
        )
        return Secrets(dict(zip(suffixes, bodies, strict=True)))

    async def ensure(
        self, project: SupabaseProject, live: Secrets, *, release: str, has_data: bool
    ) -> Secrets:
        """The Secrets with every generated value in place; `has_data`: there is a volume.

        Raises:
            Stalled: one belongs to somebody else or is missing and cannot be made again, its
                values contradict each other, or the server refuses it.
            QuotaExceeded: a quota refuses one.
            Retry: one is on its way out, or someone else wrote it in the meantime.
        """
        live = _of(project, live)
        self._check_presence(project, live, has_data=has_data)
        completed = self._complete(project, live)
        result = dict(live.bodies)
        for suffix in _GENERATED:
            recorded = {labels.RELEASE: release} if suffix == layout.DATABASE else {}
            result[suffix] = await self._write(
                project, suffix, completed[suffix], live=live.bodies[suffix], recorded=recorded
            )
        if inputs := live.bodies[layout.INPUTS]:
            result[layout.INPUTS] = await retention.take_back(self._client, kinds.SECRET, inputs)
        self._valid[project.key] = {
            suffix: body["metadata"]["resourceVersion"]
            for suffix in _GENERATED
            if (body := result[suffix])
        }
        return Secrets(result)

    async def mark_initialized(
        self, project: SupabaseProject, live: Secrets, *, volume: str
    ) -> Secrets:
        """Record that the database on this volume is initialized."""
        body = live.bodies[layout.DATABASE]
        if body is None:
            raise Retry(1.0)
        document = secretdocument.document(
            project, layout.DATABASE, live.data(layout.DATABASE), live=body
        )
        document["metadata"]["labels"][labels.RELEASE] = live.release
        document["metadata"]["annotations"][labels.INITIALIZED] = volume
        written = await self._apply(document)
        self._valid.get(project.key, {})[layout.DATABASE] = written["metadata"]["resourceVersion"]
        return Secrets({**live.bodies, layout.DATABASE: written})

    def _check_presence(self, project: SupabaseProject, live: Secrets, *, has_data: bool) -> None:
        inputs = names.child(project.metadata.name, layout.INPUTS)
        if project.spec.inputs_revision >= 1 and live.bodies[layout.INPUTS] is None:
            raise Stalled(
                Reason.SECRET_MISSING,
                f"inputsRevision is {project.spec.inputs_revision}, but Secret {inputs} is missing",
                about_secrets=True,
            )
        if not has_data:
            return
        for suffix in sorted(_IRREPLACEABLE):
            if live.bodies[suffix] is None:
                name = names.child(project.metadata.name, suffix)
                raise Stalled(
                    Reason.SECRET_MISSING,
                    f"Secret {name} is gone, but the data that depends on it is not: restore it",
                    about_secrets=True,
                )

    def _complete(self, project: SupabaseProject, live: Secrets) -> dict[str, dict[str, str]]:
        """The whole data of each generated Secret; a Secret validated before is not computed
        again."""
        known = self._valid.get(project.key, {})
        result = {}
        for suffix in _GENERATED:
            data = live.data(suffix)
            body = live.bodies[suffix]
            if not body or known.get(suffix) != body["metadata"]["resourceVersion"]:
                data = _completed(project, suffix, data, inputs=live.data(layout.INPUTS))
            result[suffix] = data
        return result

    async def _write(
        self,
        project: SupabaseProject,
        suffix: str,
        data: dict[str, str],
        *,
        live: Body | None,
        recorded: dict[str, str],
    ) -> Body:
        document = secretdocument.document(project, suffix, data, live=live)
        document["metadata"]["labels"].update(recorded)
        if live is None:
            try:
                return await self._client.create(
                    kinds.SECRET, document, manager=labels.MANAGER_OPERATOR
                )
            except errors.AlreadyExists:
                raise Retry(0.5) from None
            except errors.KubeError as error:
                raise refusals.meaning(kinds.SECRET, document, error) from None
        if not secretdocument.differs(document, live):
            return live
        return await retention.take_back(self._client, kinds.SECRET, await self._apply(document))

    async def _apply(self, document: Body) -> Body:
        try:
            return await self._client.apply(
                kinds.SECRET, document, manager=labels.MANAGER_OPERATOR, force=True
            )
        except errors.Conflict:
            raise Retry(0.5) from None
        except errors.KubeError as error:
            raise refusals.meaning(kinds.SECRET, document, error) from None

    async def _get(self, namespace: str, name: str) -> Body | None:
        try:
            return await self._client.get(kinds.SECRET, namespace, name)
        except errors.NotFound:
            return None


def _of(project: SupabaseProject, live: Secrets) -> Secrets:
    """Without inputs that are somebody else's, if the project names none.

    Raises:
        Stalled: one that the project needs is somebody else's.
        Retry: one is on its way out.
    """
    bodies = dict(live.bodies)
    for suffix in (*_GENERATED, layout.INPUTS):
        body = bodies[suffix]
        # People make Secrets for a project before it can own them.
        if body is None or ownership.free(body):
            continue
        if suffix == layout.INPUTS and project.spec.inputs_revision == 0:
            bodies[suffix] = body if ownership.belongs(body, project) else None
            continue
        if ownership.left_behind(body, project):
            raise Retry(_LEAVING_PAUSE)
        ownership.check(kinds.SECRET, body, project)
    return Secrets(bodies)


def _completed(
    project: SupabaseProject, suffix: str, data: dict[str, str], *, inputs: dict[str, str]
) -> dict[str, str]:
    metadata = project.metadata
    name = names.child(metadata.name, suffix)
    if suffix == layout.KEYS:
        return jwt_keys.complete(name, data)
    if suffix == layout.DATABASE:
        return database.complete(metadata.name, metadata.namespace, data=data, inputs=inputs)
    return simple.complete(suffix, name, data)
