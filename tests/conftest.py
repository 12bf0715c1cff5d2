"""Fixtures shared by all tests: the real reports (skipped with a reason where absent)."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL = Path(__file__).resolve().parents[2] / "shared" / "reports"


@pytest.fixture(scope="session")
def real_reports() -> Path:
    """Folder of the five real pages and gwr/."""
    if not REAL.is_dir():
        pytest.skip("the real reports are not beside the project")
    return REAL
