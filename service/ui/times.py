"""A time of the store as the clock of this machine shows it (时间显示)."""

from __future__ import annotations

from datetime import datetime


def local(at: str) -> str:
    """2023-01-05 09:30 for an ISO time; "" for none."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else ""
