"""What a check found, in words and with a remedy (体检结果)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How a check ended: good, bearable, or in the way of the work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Fix(Enum):
    """What ``--fix`` may do by itself, since nothing can be lost by it."""

    REINDEX = "reindex"
    LEFTOVERS = "leftovers"
    PERMISSIONS = "permissions"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was looked at, how it is, and what to do. ``fix`` is None where only a person can help."""

    subject: str
    state: State
    said: str
    remedy: str = ""
    fix: Fix | None = None

    def to_json(self) -> dict[str, str]:
        """For machines."""
        return {
            "subject": self.subject,
            "state": self.state.value,
            "said": self.said,
            "remedy": self.remedy,
            "fix": self.fix.value if self.fix else "",
        }


def ok(subject: str, said: str) -> Finding:
    """All is well."""
    return Finding(subject, State.OK, said)


def warn(subject: str, said: str, remedy: str, fix: Fix | None = None) -> Finding:
    """Bearable."""
    return Finding(subject, State.WARN, said, remedy, fix)


def fail(subject: str, said: str, remedy: str, fix: Fix | None = None) -> Finding:
    """In the way of the work."""
    return Finding(subject, State.FAIL, said, remedy, fix)
