"""Replace many single characters at once and log them by the stretch.

In: a tracked text and its new spelling of the same length. Out: the tracked text, with one repair
per line or sentence that changed. A document of 5,000 half-width commas would otherwise fill its log
with 5,000 entries; the map stays exact for every character, since lengths are equal.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, TrackedText

LINES = re.compile(r"[^\n]+")
SENTENCES = re.compile(r"[^\n。！？；]+[。！？；]?|[。！？；]")
_SHOWN = 20  # distinct characters that an entry of the log shows


def rewrite(t: TrackedText, new: str, kind: RepairKind, pieces: re.Pattern[str] = LINES) -> TrackedText:
    """Give ``t`` the text ``new``; one repair for each match of ``pieces`` that differs.

    Raises:
        ValueError: the lengths differ.
    """
    if len(new) != len(t.text):
        raise ValueError("a rewrite must keep the length")
    if new == t.text:
        return t
    edits: list[Edit] = []
    shown: list[tuple[str, str, int]] = []
    for piece in pieces.finditer(t.text):
        low, high = piece.span()
        if t.text[low:high] == new[low:high]:
            continue
        changed = [i for i in range(low, high) if t.text[i] != new[i]]
        first, last = changed[0], changed[-1] + 1
        edits.append(Edit(first, last, new[first:last], kind))
        pairs = list(dict.fromkeys((t.text[i], new[i]) for i in changed))[:_SHOWN]
        shown.append(("".join(a for a, _ in pairs), "".join(b for _, b in pairs), len(changed)))
    edited = t.edit(edits)
    old, fresh = edited.repairs[: len(t.repairs)], edited.repairs[len(t.repairs) :]
    entries = (
        replace(repair, before=before, after=after, note=f"共{count}处")
        for repair, (before, after, count) in zip(fresh, shown, strict=True)
    )
    return TrackedText(edited.text, edited.origin, (*old, *entries))
