"""The application: its tables of routers and of work beside them, its start and its stop."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from supamanager_api import (
    __version__,
    applier,
    background,
    dnshook,
    errors,
    expiry,
    logs,
    mailer,
    mirror,
    permissions,
    ratelimits,
    settings,
    sql,
    termination,
)
from supamanager_api import context as contexts
from supamanager_api.accounts import queries as account_queries
from supamanager_api.context import Context
from supamanager_api.http import cors, description, health, limits, requests, routes
from supamanager_api.http import errors as http_errors
from supamanager_api.http.gotrue import factors, mailed, sessions
from supamanager_api.http.platform import (
    access_tokens,
    allowances,
    audit,
    auth_users,
    backups,
    choices,
    config,
    constants,
    content,
    content_folders,
    data_api,
    databases,
    disk,
    infrastructure,
    invitations,
    lifecycle,
    login,
    lost_factors,
    members,
    notifications,
    organizations,
    password_check,
    pg_meta,
    profile,
    project_events,
    project_keys,
    project_logs,
    projects,
    retained,
    rotation,
    signup,
    storage,
    transfers,
    webhooks,
)
from supamanager_api.http.platform import sessions as account_sessions
from supamanager_api.http.v1 import addons, api_keys, hostname, network, snippets, types, upgrades
from supamanager_api.http.v1 import config as v1_config
from supamanager_api.http.v1 import health as v1_health
from supamanager_api.http.v1 import organizations as v1_organizations
from supamanager_api.http.v1 import profile as v1_profile
from supamanager_api.http.v1 import projects as v1_projects
from supamanager_api.mails import queries as mail_queries
from supamanager_api.metrics import Metrics, Vital
from supamanager_api.settings import Settings
from supamanager_kube.client import KubeClient

logger = logging.getLogger(__name__)

PLATFORM: Final = ("/platform", "")
"""Studio's paths, and the same without prefix for its 2024 generation."""

ROUTERS: Final = (
    routes.Mounted(health.router, ("",)),
    routes.Mounted(sessions.router, ("/auth/v1", "/auth")),
    # Before the routes of one project, whose ref stands in the same place.
    routes.Mounted(choices.router, PLATFORM),
    routes.Mounted(projects.router, PLATFORM),
    routes.Mounted(pg_meta.router, PLATFORM),
    routes.Mounted(organizations.router, PLATFORM),
    routes.Mounted(project_events.router, PLATFORM),
    routes.Mounted(mailed.router, ("/auth/v1", "/auth")),
    routes.Mounted(factors.router, ("/auth/v1", "/auth")),
    routes.Mounted(signup.router, ("/platform",)),
    routes.Mounted(login.router, ("/platform",)),
    routes.Mounted(profile.router, PLATFORM),
    routes.Mounted(password_check.router, PLATFORM),
    routes.Mounted(audit.router, PLATFORM),
    routes.Mounted(content.router, PLATFORM),
    routes.Mounted(content_folders.router, PLATFORM),
    routes.Mounted(notifications.router, PLATFORM),
    routes.Mounted(backups.router, PLATFORM),
    routes.Mounted(backups.v1, ("/v1",)),
    routes.Mounted(snippets.router, ("/v1",)),
    routes.Mounted(account_sessions.router, PLATFORM),
    routes.Mounted(access_tokens.router, PLATFORM),
    routes.Mounted(v1_profile.router, ("/v1",)),
    routes.Mounted(v1_organizations.router, ("/v1",)),
    routes.Mounted(v1_projects.router, ("/v1",)),
    routes.Mounted(addons.router, ("/v1",)),
    routes.Mounted(members.router, PLATFORM),
    routes.Mounted(allowances.router, PLATFORM),
    routes.Mounted(transfers.router, PLATFORM),
    routes.Mounted(invitations.router, PLATFORM),
    routes.Mounted(lifecycle.router, PLATFORM),
    routes.Mounted(retained.router, ("/platform",)),
    routes.Mounted(lost_factors.router, ("/platform",)),
    routes.Mounted(project_keys.router, PLATFORM),
    routes.Mounted(databases.router, PLATFORM),
    routes.Mounted(pg_meta.direct, ("",)),
    routes.Mounted(auth_users.router, PLATFORM),
    routes.Mounted(storage.router, PLATFORM),
    routes.Mounted(project_logs.router, PLATFORM),
    routes.Mounted(data_api.router, PLATFORM),
    routes.Mounted(webhooks.router, PLATFORM),
    routes.Mounted(types.router, ("/v1",)),
    routes.Mounted(config.router, PLATFORM),
    routes.Mounted(v1_config.router, ("/v1",)),
    routes.Mounted(network.router, ("/v1",)),
    routes.Mounted(hostname.router, ("/v1",)),
    routes.Mounted(api_keys.router, ("/v1",)),
    routes.Mounted(infrastructure.router, PLATFORM),
    routes.Mounted(rotation.router, PLATFORM),
    routes.Mounted(disk.router, PLATFORM),
    routes.Mounted(disk.v1, ("/v1",)),
    routes.Mounted(v1_health.router, ("/v1",)),
    routes.Mounted(v1_health.platform, PLATFORM),
    routes.Mounted(upgrades.platform, PLATFORM),
    routes.Mounted(upgrades.router, ("/v1",)),
    routes.Mounted(constants.platform, PLATFORM),
    routes.Mounted(constants.v1, ("/v1",)),
    routes.Mounted(constants.configcat, ("/configcat",)),
)

TASKS: Final[tuple[Callable[[Context], background.Task | None], ...]] = (
    applier.task,
    mirror.task,
    dnshook.task,
    lambda context: background.Task("events", context.events.run),
    mailer.task,
    expiry.task,
)
"""What runs beside the requests; None where the settings ask for no such task."""

VITALS: Final[tuple[Vital, ...]] = (*mirror.VITALS, *mailer.VITALS)

EXPIRIES: Final[tuple[sql.Exec[()], ...]] = (
    mail_queries.FORGET,
    ratelimits.FORGET,
    *account_queries.EXPIRIES,
)
"""What deletes rows that are over, every few minutes."""


def create_app(
    configuration: Settings | None = None, *, policy: permissions.Policy | None = None
) -> FastAPI:
    """The application. Without a configuration it is a process's own: the environment is read,
    and logging is set up.

    Raises:
        StartError: the settings, or a route without a permission.
    """
    if configuration is None:
        configuration = settings.read(os.environ)
        logs.configure()
    metrics = Metrics()
    app = FastAPI(
        title="SupaManager",
        version=__version__,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(configuration, metrics, policy=policy or configuration.permissions),
    )
    served = routes.mount(app, ROUTERS)
    routes.check(app, ROUTERS)
    http_errors.install(app)
    description.install(app, served.routes)
    app.add_middleware(limits.Limits)
    app.add_middleware(requests.Requests, metrics=metrics)
    app.add_middleware(cors.Cors, origin=cors.origin_of(configuration.domain_studio_url))
    return app


def _lifespan(
    configuration: Settings, metrics: Metrics, *, policy: permissions.Policy
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.context = context = await stack.enter_async_context(
                contexts.opened(
                    configuration,
                    metrics,
                    policy=policy,
                    kube=await _kubernetes(metrics),
                    expiries=EXPIRIES,
                    vitals=VITALS,
                )
            )
            stack.enter_context(termination.calls(context.events.close))
            tasks = background.Background()
            stack.push_async_callback(tasks.stop)
            for make in TASKS:
                if task := make(context):
                    tasks.start(task)
            # What is here now stays: no collection need look at it again.
            gc.collect()
            gc.freeze()
            logger.info("started", extra={"version": __version__})
            yield

    return lifespan


async def _kubernetes(metrics: Metrics) -> KubeClient:
    """A client for the cluster, which need not answer yet."""
    try:
        return await KubeClient.connect(
            user_agent=f"supamanager-api/{__version__}", observer=metrics.kubernetes
        )
    except Exception as failure:
        raise errors.StartError(
            "there is no usable Kubernetes configuration: run inside a cluster, or set KUBECONFIG "
            f"({type(failure).__name__})"
        ) from failure
