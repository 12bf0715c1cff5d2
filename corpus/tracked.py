"""Text that remembers where it came from: every edit is logged and every character maps back.

In: raw text and edits. Out: cleaned text, the repair log, and an offset map in both directions.
Order is never changed, so both maps are monotonic and a bisection answers each look-up.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Repair:
    """One change from raw to cleaned text.

    ``start``/``end`` are raw offsets; ``kind`` is one of the names in :mod:`corpus.repair`;
    ``before``/``after`` are shortened to 80 characters each and never hold personal data.
    """

    kind: str
    start: int
    end: int
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``[start, end)`` of the current text by ``after``; ``secret`` keeps it out of logs."""

    start: int
    end: int
    after: str
    kind: str
    note: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Raw range ``[begin[i], end[i])`` of every cleaned character ``i``; both arrays ascend."""

    begin: array[int]
    end: array[int]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Raw range that the cleaned range ``[start, end)`` came from (empty maps to a point)."""
        if not self.begin:
            return (0, 0)
        if start >= end:
            at = self.begin[start] if start < len(self.begin) else self.end[-1]
            return (at, at)
        return (self.begin[start], self.end[end - 1])

    def raw_offset(self, index: int) -> int:
        """Raw offset of the cleaned character ``index``."""
        return self.raw_span(index, index)[0]

    def clean_span(self, start: int, end: int) -> tuple[int, int]:
        """Cleaned range whose characters came from any part of the raw range ``[start, end)``."""
        first = bisect_right(self.end, start)
        last = bisect_left(self.begin, end)
        return (first, max(first, last))

    def to_bytes(self) -> bytes:
        """Compact form for storage."""
        both = array("I", self.begin) + array("I", self.end)
        steps = array("i", (b - a for a, b in zip([0, *both], both, strict=False)))
        return zlib.compress(steps.tobytes(), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> OffsetMap:
        """Inverse of :meth:`to_bytes`."""
        steps = array("i")
        steps.frombytes(zlib.decompress(data))
        total, both = 0, array("I")
        for step in steps:
            total += step
            both.append(total)
        half = len(both) // 2
        return cls(both[:half], both[half:])


@dataclass(frozen=True, slots=True)
class TrackedText:
    """A text, the map to its raw origin, and the repairs made so far (in raw offsets)."""

    text: str
    origin: OffsetMap
    repairs: tuple[Repair, ...] = field(default=())

    @classmethod
    def from_raw(cls, text: str) -> TrackedText:
        """Start of the chain: nothing changed yet."""
        size = len(text)
        return cls(text, OffsetMap(array("I", range(size)), array("I", range(1, size + 1))))

    def edit(self, edits: Iterable[Edit]) -> TrackedText:
        """Apply non-overlapping edits (any order) at once.

        Raises:
            ValueError: two edits overlap or lie outside the text.
        """
        pieces: list[str] = []
        begin, end = array("I"), array("I")
        repairs = list(self.repairs)
        at = 0
        for change in sorted(edits, key=lambda e: (e.start, e.end)):
            if change.start < at or change.end > len(self.text) or change.end < change.start:
                raise ValueError(f"edit {change.start}-{change.end} overlaps or is out of range")
            pieces.append(self.text[at : change.start])
            begin.extend(self.origin.begin[at : change.start])
            end.extend(self.origin.end[at : change.start])
            low, high = self.origin.raw_span(change.start, change.end)
            high = max(high, end[-1] if end else 0)  # an insertion between characters of one origin
            width, count = change.end - change.start, len(change.after)
            if width == count:
                begin.extend(self.origin.begin[change.start : change.end])
                end.extend(self.origin.end[change.start : change.end])
            else:
                begin.extend([low] * count)
                end.extend([high] * count)
            pieces.append(change.after)
            before = "" if change.secret else self.text[change.start : change.end][:80]
            repairs.append(Repair(change.kind, low, high, before, change.after[:80], change.note))
            at = change.end
        pieces.append(self.text[at:])
        begin.extend(self.origin.begin[at:])
        end.extend(self.origin.end[at:])
        return TrackedText("".join(pieces), OffsetMap(begin, end), tuple(repairs))

    def slice(self, start: int, end: int) -> TrackedText:
        """The part ``[start, end)`` with its own map and the repairs that lie in it."""
        origin = OffsetMap(self.origin.begin[start:end], self.origin.end[start:end])
        low, high = self.origin.raw_span(start, end)
        kept = tuple(r for r in self.repairs if low <= r.start and r.end <= high)
        return TrackedText(self.text[start:end], origin, kept)
