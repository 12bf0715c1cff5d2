"""Where the reports lie that ship with the project: the samples, and fictional documents that carry orders."""

from __future__ import annotations

from pathlib import Path

from corpus.samples import SAMPLES

PLANTED = Path(__file__).parent / "cases" / "planted"
REPORTS = (SAMPLES, PLANTED)
