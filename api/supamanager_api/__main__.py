"""`python -m supamanager_api`: the API on the port of the settings."""

from __future__ import annotations

import os
import sys

import uvicorn

from supamanager_api import app, errors, logs, settings
from supamanager_api.http import connections


def main() -> int:
    try:
        configuration = settings.read(os.environ)
    except errors.StartError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure()
    uvicorn.run(
        app.create_app(configuration),
        host="",  # every address of both families
        port=configuration.port,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=configuration.trusted_proxies,
        http=connections.Connection,
        timeout_keep_alive=connections.IDLE_SECONDS,
        timeout_graceful_shutdown=15,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
