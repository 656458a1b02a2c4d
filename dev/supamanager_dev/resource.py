"""The base of what is started and must be ended."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Resource:
    """A context manager that closes itself at its end."""

    def close(self) -> None:
        """End it; may be called again."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()
