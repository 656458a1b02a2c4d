"""What a reconcile can end with besides success.

Stalled         a person must act: shown as the condition, retried slowly
QuotaExceeded   the namespace's quota is in the way: shown, retried slowly
Retry           not now: retried after a pause, nothing to show
Ending          the process ends: whoever leads next goes on
Everything else is a failure: logged, retried with back-off.
"""

from __future__ import annotations

from supamanager_kube.conditions import Reason


class Stalled(Exception):
    """`reason` is one of the reasons of the Stalled condition; the message is shown to users.

    `about_secrets` says that the project's Secrets are what is wrong.
    """

    def __init__(self, reason: Reason, message: str, *, about_secrets: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.about_secrets = about_secrets

    @property
    def goes_on(self) -> bool:
        """Whether everything but what is wrong is brought to the spec all the same."""
        return self.reason is Reason.HOST_CONFLICT


class QuotaExceeded(Exception):
    """The namespace's quota refused an object of this component, or one of the whole project where
    it is empty; the message is the server's."""

    def __init__(self, component: str, message: str, *, about_secrets: bool = False) -> None:
        super().__init__(message)
        self.component = component
        self.message = message
        self.about_secrets = about_secrets


class Retry(Exception):
    def __init__(self, after: float) -> None:
        super().__init__(f"retry in {after} s")
        self.after = after


class Ending(Exception):
    """Raised in place of sending a request."""
