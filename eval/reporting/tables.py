"""Tables of the page: cells that know how they are written and what they sort by.

In: numbers and words. Out: frozen values that the template sets in type.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """What a table shows, and the number that it sorts by (None goes last)."""

    text: str
    order: float | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a name and a cell for each run."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
