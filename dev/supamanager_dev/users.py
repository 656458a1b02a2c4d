"""Who the API server knows from its start: an administrator and the control plane's programs."""

from __future__ import annotations

import secrets
from typing import Final

from supamanager_dev import kubeconfig
from supamanager_dev.programs import Layout

ADMIN: Final = "admin"

_NAMES_AND_GROUPS: Final = {
    ADMIN: ("supamanager-dev-admin", "system:masters"),
    "kwok": ("kwok", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", ""),
    "kube-scheduler": ("system:kube-scheduler", ""),
}


def create(layout: Layout) -> str:
    """Write the token file and a kubeconfig for each; returns the administrator's token."""
    tokens = {user: secrets.token_urlsafe(32) for user in _NAMES_AND_GROUPS}
    rows = (
        f'{tokens[user]},{name},{user},"{group}"\n'
        for user, (name, group) in _NAMES_AND_GROUPS.items()
    )
    layout.token_file.touch(mode=0o600)
    layout.token_file.write_text("".join(rows))
    for user, token in tokens.items():
        kubeconfig.write(
            layout.kubeconfig(user),
            layout.server,
            ca_file=layout.identity.certificate,
            user=user,
            token=token,
        )
    return tokens[ADMIN]
