"""What a running application consists of: made at the start, handed to every request."""

from __future__ import annotations

from dataclasses import dataclass

from supamanager_api import permissions, sql
from supamanager_api.accounts.service import Accounts
from supamanager_api.audit.service import Audit
from supamanager_api.content.folders import Folders
from supamanager_api.content.service import Contents
from supamanager_api.database import Database
from supamanager_api.events import Events
from supamanager_api.mails.service import Mails
from supamanager_api.metrics import Metrics, Vital
from supamanager_api.notifications.service import Notifications
from supamanager_api.organizations.invitations import Invitations
from supamanager_api.organizations.members import Members
from supamanager_api.organizations.service import Organizations
from supamanager_api.projects.connection import Connections
from supamanager_api.projects.inputs import Vault
from supamanager_api.projects.retention import Retention
from supamanager_api.projects.service import Projects
from supamanager_api.projects.transfers import Transfers
from supamanager_api.projects.upstream import Services
from supamanager_api.ratelimits import RateLimits
from supamanager_api.settings import Settings
from supamanager_kube.client import KubeClient


@dataclass(frozen=True, kw_only=True)
class Context:
    settings: Settings
    database: Database
    kube: KubeClient
    metrics: Metrics
    policy: permissions.Policy
    accounts: Accounts
    audit: Audit
    contents: Contents
    folders: Folders
    notifications: Notifications
    organizations: Organizations
    members: Members
    invitations: Invitations
    projects: Projects
    transfers: Transfers
    retention: Retention
    vault: Vault
    connections: Connections
    services: Services
    events: Events
    mails: Mails
    limits: RateLimits
    expiries: tuple[sql.Exec[()], ...] = ()
    vitals: tuple[Vital, ...] = ()
