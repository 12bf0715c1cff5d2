"""The text of the file that a report was made from, as it was before any repair (原文件文字).

In: a library, a report and a span of its cleaned text. Out: the raw text with personal data masked, and where
the span lies in it. The file is read again from the kept original; nothing raw is stored.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from corpus import readers
from corpus.library import Library
from corpus.privacy import mask
from corpus.report import Report
from corpus.tracked import TrackedText


@dataclass(frozen=True, slots=True)
class RawView:
    """Raw text without personal data; ``start`` and ``end`` are the asked span in it."""

    text: str
    start: int
    end: int


def raw_view(library: Library, report: Report, start: int, end: int) -> RawView:
    """The raw text of the file that holds ``report``, and where its span ``[start, end)`` came from.

    Raises:
        NotFound: the original is not kept.
        UnreadableFile: it cannot be read any more.
    """
    kept = library.originals.path(report.source_sha256)
    with tempfile.TemporaryDirectory() as folder:
        named = (
            Path(folder) / f"original{Path(report.source_name).suffix}"
        )  # kinds of plain text go by suffix
        named.symlink_to(kept)
        document = readers.read(named)
    low, high = report.origin.raw_span(start, end)
    shown, _ = mask(TrackedText.from_raw(document.text))
    first, last = shown.origin.clean_span(low, high)
    return RawView(shown.text, first, last)
