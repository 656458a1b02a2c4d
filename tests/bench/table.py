"""A line of a bench's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Line:
    name: str
    rate: float
    p50: float
    p99: float
    cpu: float
    budget: str = ""
    met: bool = True

    def __str__(self) -> str:
        return (
            f"{self.name:34} {self.rate:9.0f}/s  p50 {self.p50:8.2f}  p99 {self.p99:8.2f}  "
            f"CPU {self.cpu:6.2f} ms  {self.budget}{'' if self.met else '  EXCEEDED'}"
        )


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
