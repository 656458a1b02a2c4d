"""Stands in for the image of PostgreSQL: the server of the wheel, set up as the image would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supamanager_dev import psql
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.postgres import Postgres
from supamanager_dev.resource import Resource

IMAGE: Final = "postgres"
_PORT: Final = 5432


@dataclass
class _Running:
    server: Postgres

    def exit_code(self) -> int | None:
        return self.server.supervisor.exit_code("postgres")

    def log(self) -> str:
        return self.server.supervisor.log_tail("postgres")

    def stop(self, _grace: float) -> None:
        if self.exit_code() is None:
            self.server.stop()


class PodDatabases(Resource):
    """One server for each volume, whose data stay when its pod ends; `start` is the stand-in."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        self._servers: dict[str, Postgres] = {}

    def start(
        self, pod: Mapping[str, Any], variables: Mapping[str, str], listening: dict[int, int]
    ) -> _Running:
        """As the image: roles and database are made only when the volume is empty."""
        volume = self._volume(pod)
        server = self._servers.get(volume)
        if server is None:
            server = Postgres()
            server.__enter__()
            self._servers[volume] = server
            _set_up(server, variables)
        else:
            server.start()
        listening[_PORT] = server.port
        return _Running(server)

    @property
    def servers(self) -> list[Postgres]:
        return list(self._servers.values())

    def close(self) -> None:
        for server in self._servers.values():
            server.close()

    def _volume(self, pod: Mapping[str, Any]) -> str:
        namespace = pod["metadata"]["namespace"]
        [claim] = [
            volume["persistentVolumeClaim"]["claimName"]
            for volume in pod["spec"]["volumes"]
            if "persistentVolumeClaim" in volume
        ]
        path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{claim}"
        return str(self._control_plane.api.request("GET", path)["metadata"]["uid"])


def _set_up(server: Postgres, variables: Mapping[str, str]) -> None:
    user = psql.quoted(variables["POSTGRES_USER"])
    password = variables["POSTGRES_PASSWORD"].replace("'", "''")
    script = server.supervisor.directory / "set-up.sql"
    script.touch(mode=0o600)
    script.write_text(f"CREATE ROLE {user} SUPERUSER LOGIN PASSWORD '{password}';\n")
    server.psql(script, f"CREATE DATABASE {psql.quoted(variables['POSTGRES_DB'])} OWNER {user}")
    script.unlink()
