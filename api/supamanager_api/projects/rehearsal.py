"""Asking the API server what it would say to a change, so that the caller hears it.

An API server that does not answer says nothing: the applier will hear it later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Collection
from typing import Final, TypeVar

from supamanager_api import errors
from supamanager_api.projects import gitops, intents, ownership, protection, submission
from supamanager_api.projects.model import ProjectRow
from supamanager_kube import errors as kube_errors
from supamanager_kube import kinds, labels
from supamanager_kube.client import Body, KubeClient

logger = logging.getLogger(__name__)

_SECONDS: Final = 5.0
_GONE: Final = "The project's resource was deleted in the cluster"

Answer = TypeVar("Answer")


async def change(
    kube: KubeClient, document: intents.Document, *, asked: Collection[str]
) -> tuple[submission.Owned, ...] | None:
    """The older fields of the document that somebody else owns; None when nothing was answered.

    Raises:
        Conflict: somebody else owns a field that is asked for, or the resource is gone.
        Unprocessable: the server refuses the values.
    """
    try:
        answer = await _ask(submission.submit(kube.hurried(), document, asked=asked, dry_run=True))
    except submission.FieldsOwned as refusal:
        raise errors.Conflict(refusal.message) from None
    except submission.Refused as refusal:
        raise errors.Unprocessable(refusal.message) from None
    except submission.ResourceGone:
        raise errors.Conflict(_GONE) from None
    except kube_errors.Conflict as refusal:
        raise errors.Conflict(refusal.message) from None
    except kube_errors.NotFound:
        where = document["metadata"]["namespace"]
        raise errors.Unavailable(f"The cluster has no namespace {where} for projects") from None
    return answer.left_out if answer else None


async def deletion(kube: KubeClient, row: ProjectRow) -> None:
    """Raises Conflict when a GitOps tool would make the resource again, or it is protected."""
    if row.pending and protection.of(row):
        raise errors.Conflict(protection.REFUSAL)
    try:
        body = await _ask(kube.hurried().get(kinds.PROJECT, row.namespace, row.resource_name))
    except kube_errors.NotFound:
        return
    if body and (reason := obstacle(body, row)):
        raise errors.Conflict(reason)


def obstacle(body: Body, row: ProjectRow) -> str | None:
    """Why this resource of the project must not be deleted."""
    if tool := gitops.manager(body["metadata"]):
        return f"{tool} manages this project: delete it there, or {tool} would make it again"
    if protection.protects(body) and not protection.ends(row):
        return protection.REFUSAL
    return None


async def absent(kube: KubeClient, row: ProjectRow) -> None:
    """Raises Conflict when there is a resource of the project's name."""
    try:
        if await _ask(kube.hurried().get(kinds.PROJECT, row.namespace, row.resource_name)):
            raise taken(row)
    except kube_errors.NotFound:
        return


def taken(row: ProjectRow) -> errors.Conflict:
    return errors.Conflict(f"Another resource is named {row.resource_name} now")


async def home(kube: KubeClient, namespace: str, *, organization: str) -> None:
    """Raises Conflict when resources of the namespace may not belong to the organization."""
    try:
        body = await _ask(kube.hurried().get(kinds.NAMESPACE, None, namespace))
    except kube_errors.NotFound:
        raise errors.Unavailable(f"The cluster has no namespace {namespace} for projects") from None
    if body is None:
        return
    annotation = (body["metadata"].get("annotations") or {}).get(labels.ORGANIZATIONS)
    if not ownership.Allowance.parse(annotation).permits(organization):
        raise errors.Conflict(
            f"The annotation {labels.ORGANIZATIONS} of namespace {namespace} does not name "
            f"the organization {organization}"
        )


async def _ask(question: Awaitable[Answer]) -> Answer | None:
    """The answer; None when the API server gives none in time."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await question
    except TimeoutError:
        return None
    except kube_errors.KubeError as failure:
        if failure.retriable:
            logger.info("not rehearsed", extra={"reason": failure.message})
            return None
        raise
