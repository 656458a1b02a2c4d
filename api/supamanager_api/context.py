"""What a running application consists of: made at the start, handed to every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from supamanager_api import migrations, permissions, sql
from supamanager_api.accounts.passwords import Passwords
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
from supamanager_api.projects.listing import Listing
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
    listing: Listing
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


@asynccontextmanager
async def opened(
    configuration: Settings,
    metrics: Metrics,
    *,
    policy: permissions.Policy,
    kube: KubeClient,
    expiries: tuple[sql.Exec[()], ...],
    vitals: tuple[Vital, ...],
) -> AsyncIterator[Context]:
    """All of it, on a database that has been migrated; the client for the cluster is closed too.

    Raises:
        StartError
    """
    async with AsyncExitStack() as stack:
        stack.push_async_callback(kube.close)
        database = await Database.open(configuration.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        async with database.dedicated() as connection:
            await migrations.run(connection, migrations.load())
        services = await stack.enter_async_context(
            Services.open(configuration.service_url_template)
        )
        hasher = Passwords()
        stack.callback(hasher.close)
        encryption_secret = configuration.encryption_secret.get_secret_value()
        vault = Vault(encryption_secret)
        mails = Mails(
            secret=encryption_secret,
            enabled=bool(configuration.smtp_host),
            platform=configuration.domain_studio_url,
        )
        limits = RateLimits(database, configuration.rate_limits)
        projects = Projects(database, kube, settings=configuration, vault=vault)
        quota = configuration.organization_quota
        yield Context(
            settings=configuration,
            database=database,
            kube=kube,
            metrics=metrics,
            policy=policy,
            accounts=Accounts(database, hasher, settings=configuration, mails=mails, limits=limits),
            audit=Audit(database),
            contents=Contents(database, configuration.content_quota),
            folders=Folders(database, configuration.content_quota),
            notifications=Notifications(database),
            organizations=Organizations(database, largest=configuration.organizations_per_account),
            members=Members(database),
            invitations=Invitations(
                database, mails, limits=limits, studio_url=configuration.domain_studio_url
            ),
            projects=projects,
            listing=Listing(database),
            transfers=Transfers(database, kube, projects, quota=quota),
            retention=Retention(
                database, kube, namespace=configuration.projects_namespace, quota=quota
            ),
            vault=vault,
            connections=Connections(encryption_secret),
            services=services,
            events=Events(database),
            mails=mails,
            limits=limits,
            expiries=expiries,
            vitals=vitals,
        )
