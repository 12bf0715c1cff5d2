"""The reports that a run cites, opened to show what stands around a citation (引用的上下文).

In: a data folder, or nothing (then the samples that ship with the project). Out: :class:`Context` values: the
text before, the quote, the text after. A report that is not on the shelf shows its quote alone, and says so.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import NotFound
from corpus.library import Library
from corpus.parse import parse
from corpus.readers import SUFFIXES, read
from corpus.report import Filter, Report
from corpus.samples import SAMPLES
from eval.cases import Gold
from eval.metrics import opens

AROUND = 110  # characters on either side of a quote: about two lines of the page


@dataclass(frozen=True, slots=True)
class Context:
    """A quote in its surroundings. ``opens`` is None where the report could not be looked at."""

    before: str
    quote: str
    after: str
    opens: bool | None


class Shelf:
    """Reports by id and by file, each opened once; ``more`` is asked when the others do not have one."""

    def __init__(
        self,
        libraries: Sequence[Library] = (),
        reports: Sequence[Report] = (),
        more: Callable[[], Sequence[Report]] | None = None,
    ) -> None:
        self._libraries = libraries
        self._more = more
        self._known: dict[str, Report | None] = {}
        self._files: dict[str, list[str]] = {}
        self._add(reports)
        for library in libraries:
            for card in library.cards(Filter(), merged=True):
                self._files.setdefault(card.source_sha256, []).append(card.id)

    def _add(self, reports: Sequence[Report]) -> None:
        for report in reports:
            self._known.setdefault(report.id, report)
            self._files.setdefault(report.source_sha256, []).append(report.id)

    def _fetch(self) -> bool:
        """Put what is left on the shelf; False where there is nothing more."""
        if self._more is None:
            return False
        more, self._more = self._more, None
        self._add(more())
        return True

    def report(self, report_id: str) -> Report | None:
        """The report with this id; None where it is not on the shelf."""
        if report_id not in self._known:
            found = self._look_up(report_id)
            if found is None and self._fetch():
                return self.report(report_id)
            self._known[report_id] = found
        return self._known[report_id]

    def _look_up(self, report_id: str) -> Report | None:
        for library in self._libraries:
            try:
                return library.report(library.full_id(report_id))
            except NotFound:
                continue
        return None

    def _of_file(self, sha256: str) -> list[str]:
        """Ids of the reports of a file; ``sha256`` may be the beginning of its hash."""
        found = [name for full, names in self._files.items() if full.startswith(sha256) for name in names]
        return self._of_file(sha256) if not found and self._fetch() else found

    def named(self, cluster: str) -> str:
        """What people call a cluster: the name of the file where it is the beginning of a file's hash."""
        if re.fullmatch("[0-9a-f]{12,64}", cluster):
            for name in self._of_file(cluster)[:1]:
                return report.source_name if (report := self.report(name)) else cluster
        return cluster

    def around(self, citation: Mapping[str, Any]) -> Context:
        """What stands around a citation (its report_id, start, end and quote)."""
        quote = str(citation.get("quote") or "")
        report = self.report(str(citation.get("report_id") or ""))
        if report is None:
            return Context("", quote, "", None)
        start, end = int(citation["start"]), int(citation["end"])
        quote = quote or report.text[start:end]  # a system that keeps no text names places only
        if not opens(start, end, quote, report.text):
            return Context("", quote, "", False)
        return _context(report.text, start, end)

    def gold(self, gold: Gold) -> tuple[Report, Context] | None:
        """The report that holds a gold span of a raw file, and the span in it; None where it is not here."""
        found = (self.report(name) for name in self._of_file(gold.sha256))
        places = (_raw(report, gold.start, gold.end) for report in found if report is not None)
        return next((place for place in places if place is not None), None)

    def found(self, report_id: str, start: int, end: int) -> tuple[Report, Context] | None:
        """A stretch that retrieval gave, in raw offsets (eval.systems.Found); None where it is not here."""
        report = self.report(report_id)
        return None if report is None else _raw(report, start, end)


def _raw(report: Report, start: int, end: int) -> tuple[Report, Context] | None:
    """A raw span in the cleaned text; None where the report does not hold it (a file may hold several)."""
    low, high = report.origin.raw_span(0, len(report.text))
    if not report.text or not low <= start < end <= high:
        return None
    return report, _context(report.text, *report.origin.clean_span(start, end))


def _context(text: str, start: int, end: int) -> Context:
    return Context(
        text[max(0, start - AROUND) : start].lstrip(),
        text[start:end],
        text[end : end + AROUND].rstrip(),
        True,
    )


@functools.cache
def samples() -> tuple[Report, ...]:
    """The reports of the samples, read from their files."""
    files = (path for path in sorted(SAMPLES.iterdir()) if path.suffix.lower() in SUFFIXES)
    return tuple(report for path in files for report in parse(read(path)))


@contextmanager
def shelf(home: Path | None = None) -> Iterator[Shelf]:
    """The samples, and the reports of a data folder where one is given.

    Raises:
        LibraryError: the data folder cannot be opened.
        NotFound: there is none.
    """
    if home is None:
        yield Shelf(more=samples)
        return
    if not (home / "library.db").is_file():
        raise NotFound("这里没有资料库", where=str(home), remedy="请用 --home 指出已入库的数据文件夹")
    with Library.open(home) as library:
        yield Shelf((library,), more=samples)
