"""What a project's Secrets hold: generated once, derived consistently, never regenerated.

Each module completes the data of one Secret: values that are there stay, values that can be
derived are derived, the rest is generated. What does not fit together is refused.
"""

from __future__ import annotations

from supamanager_kube.conditions import Reason
from supamanager_operator.errors import Stalled


def refuse(secret: str, message: str) -> Stalled:
    """The verdict on a Secret whose values contradict each other; `message` names keys only."""
    return Stalled(Reason.INVALID_CONFIGURATION, f"Secret {secret}: {message}", about_secrets=True)
