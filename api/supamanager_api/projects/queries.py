"""Queries of projects and of what is mirrored of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from supamanager_api import sql
from supamanager_api.projects.model import (
    AgeRow,
    ComponentRow,
    ConditionRow,
    CountRow,
    EnteredRow,
    EpochRow,
    HeldRow,
    IdRow,
    InputRow,
    ListedRow,
    MirroredRow,
    ProjectRow,
    RefRow,
    RetainedRow,
    SpecRow,
    ToldRow,
)

CHANGED: Final = "project_changed"
"""The channel that tells of each change of a project; the payload is its id."""
WORK: Final = "project_work"
"""The channel that wakes the applier."""

Json = dict[str, Any]
Entries = list[dict[str, Any]]

PROJECT = sql.One[ProjectRow, int]("GetProject")
PROJECTS = sql.Many[ProjectRow, list[str]]("GetProjects")
PROJECT_BY_REF = sql.One[ProjectRow, str]("GetProjectByRef")
ENTER = sql.One[EnteredRow, int, str]("EnterProject")
LOCK = sql.One[ProjectRow, int]("LockProject")
LOCK_BY_UID = sql.One[ProjectRow, str]("LockProjectByUid")
LOCK_BY_RESOURCE = sql.One[ProjectRow, str, str]("LockProjectByResource")
LIST = sql.Many[
    ListedRow, list[int], list[str], list[str], bool,
    str | None, list[str] | None, str, int | None, int, list[str] | None, str,
    str | None, datetime | None, int | None,
]("ListProjects")  # fmt: skip
TELL = sql.One[
    ToldRow, list[int], list[str], list[str], bool,
    str | None, list[str] | None, str, int | None, int, list[str] | None, str,
    str | None, datetime | None, int | None, str,
]("TellProjects")  # fmt: skip
COUNT = sql.One[CountRow, list[int], list[str], list[str], bool, str | None, list[str] | None](
    "CountProjects"
)
ORGANIZATION_BY_SLUG = sql.One[IdRow, str]("GetOrganizationIdBySlug")

USE_REF = sql.One[RefRow, str]("UseRef")
CREATE = sql.One[IdRow, str, str, int, str, str, str, str, str, Json]("CreateProject")
ADOPT = sql.One[IdRow, str, str, str, str, str, str, Json, int, str | None, datetime](
    "AdoptProject"
)
REMEMBER = sql.Exec[int, Json, int, str | None]("RememberIntent")
TAKE_OVER = sql.Exec[int, str, str, int, str, str, str, Json]("TakeOverProject")
SAVE_INTENT = sql.Exec[int, int, Json, Entries]("SaveIntent")
OF_ORGANIZATION = sql.Many[ProjectRow, int]("ListProjectsOfOrganization")
TRANSFER = sql.Exec[int, int, int | None, int, str]("TransferProject")
REQUEST_DELETION = sql.Exec[int]("RequestDeletion")

CLAIM = sql.One[IdRow, float]("ClaimProject")
FINISH = sql.Exec[int, int, int, str, Json, Entries, Json | None, Json, int, Json, int](
    "FinishApply"
)
REFUSE = sql.Exec[int, int, int, Json]("RefuseIntent")
RETURN = sql.Exec[int, int]("ReturnProject")
WANTED = sql.One[IdRow, int, int]("GetWantedProject")
POSTPONE = sql.Exec[int, int, float, Json | None]("PostponeProject")
CANCEL_DELETION = sql.Exec[int, int, Json]("CancelDeletion")
DELETION_SENT = sql.Exec[int, int]("MarkDeletionSent")
HURRY = sql.Exec[()]("HurryProjects")
PENDING = sql.One[CountRow]("CountPendingProjects")

REMOVE = sql.Exec[int, str | None]("MarkRemoved")
RETAINED = sql.Many[RetainedRow, str, str | None, int, int]("ListRetainedProjects")
COUNT_RETAINED = sql.One[CountRow, str]("CountRetainedProjects")
RESTORE = sql.Exec[int, Json, str]("RestoreProject")
FORMER = sql.One[IdRow, str]("GetProjectByFormerUid")
REVIVE = sql.Exec[int]("ReviveProject")
BIND = sql.Exec[int, str]("BindProject")
MIRROR = sql.Exec[
    int, int | None, str | None, int, str, int, int, bool, Json, Json, Json, str | None
]("MirrorProject")
OWN = sql.Exec[int, int | None]("ClaimForOrganization")
LABEL = sql.Exec[int, str]("LabelProject")
MIRRORED = sql.Many[MirroredRow, str | None]("ListMirroredProjects")
SET_STATUS = sql.Exec[int, str, str]("SetProjectStatus")

NOTIFY_CHANGE = sql.One[IdRow, int]("NotifyChange")
NOTIFY_WORK = sql.One[IdRow, int]("NotifyWork")

ADD_INPUT = sql.Exec[int, str, bytes]("AddInput")
INPUTS = sql.Many[InputRow, int]("ListInputs")
DELETE_INPUTS = sql.Exec[int, int]("DeleteInputs")

CONDITIONS = sql.Many[ConditionRow, int]("ListConditions")
REPLACE_SPEC = sql.One[SpecRow, int, str, Json, str | None]("ReplaceSpec")
SAVE_MANAGERS = sql.Exec[int, Entries, Json | None]("SaveManagers")
SAVE_CONDITIONS = sql.Exec[int, Entries]("SaveConditions")
DROP_CONDITIONS = sql.Exec[int, list[str]]("DropConditions")
COMPONENTS = sql.Many[ComponentRow, int]("ListComponents")
SAVE_COMPONENTS = sql.Exec[int, list[str], list[int], list[int], list[str]]("SaveComponents")
DROP_COMPONENTS = sql.Exec[int, list[str]]("DropComponents")

NEXT_EPOCH = sql.One[EpochRow]("NextEpoch")
HOLD_EPOCH = sql.One[EpochRow, int]("HoldEpoch")
HEARD = sql.Exec[int, float]("RecordHeard")
MIRROR_AGE = sql.One[AgeRow]("GetMirrorAge")
MIRROR_LOCK = sql.One[HeldRow, int]("TryMirrorLock")

RECORD_SERVICE_CALL = sql.Exec[int, str, str]("RecordServiceCall")
