"""A document that a job made, kept so that it can be shown and exported again (成文存档).

In: what was made, with the texts that it cites. Out: a file in the folder of the job, and from it the same document,
which passes the gate anew: what cites a report that was deleted or corrected since is not shown any more. Texts that are
in no library (a file that was handed in for review, an input table) are kept beside it; they go with the job. Nothing of
this can be fetched: the files that an owner may take away are made for them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from corpus.errors import NotFound
from corpus.report import Figure, Metadata, Passage, Report, Section, Span
from corpus.tracked import OffsetMap, Repair
from service.desk import Desk
from service.making import Made
from service.papers import files_out
from service.papers.document import Document
from service.remarks import Remark

SUFFIX = ".json"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """A text without its way back to the raw text of its file, which is gone."""

    id: str
    source_sha256: str
    source_name: str
    ordinal: int
    text: str
    metadata: Metadata
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    figures: tuple[Figure, ...]
    repairs: tuple[Repair, ...]
    damages: tuple[Span, ...]
    masked: int
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, report: Report) -> Text:
        """A report."""
        return cls(**{one.name: getattr(report, one.name) for one in fields(cls)})

    @property
    def report(self) -> Report:
        """The report again."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return Report(origin=OffsetMap(array("I"), array("I")), **told)


@dataclass(frozen=True, slots=True)
class Stored:
    """What was made; ``texts`` are those it cites that are in no library."""

    document: Document
    terms: tuple[str, ...]
    told: tuple[str, ...]
    remarks: tuple[Remark, ...]
    texts: tuple[Text, ...]

    def made(self, desk: Desk) -> Made:
        """The same again, over the library as it is now."""
        own = {text.id: text.report for text in self.texts}

        def opened(report_id: str) -> Report:
            return own[report_id] if report_id in own else desk.report(report_id)

        return Made(self.document, opened, self.terms, self.told, self.remarks)


_STORED = TypeAdapter(Stored)
_TEXTS = TypeAdapter(tuple[Text, ...])


def keep(desk: Desk, made: Made, folder: Path, name: str) -> None:
    """Put what was made into the folder of its job.

    Raises:
        StorageFull, LibraryError: it cannot be written.
    """
    cited = dict.fromkeys(citation.report_id for citation in made.document.sources)
    known = {card.id for card in desk.cards(merged=True)}
    texts = tuple(Text.of(made.open_report(one)) for one in cited if one not in known)
    stored = Stored(made.document, made.terms, made.told, made.remarks, texts)
    _write(folder, name, _STORED.dump_json(stored))


def again(desk: Desk, folder: Path, name: str) -> Made:
    """What was made.

    Raises:
        NotFound: it is not there, or an older program made it.
    """
    return _read(folder, name, _STORED).made(desk)


def keep_texts(folder: Path, name: str, reports: Sequence[Report]) -> None:
    """Put the texts of a file that was handed in into the folder of its job."""
    _write(folder, name, _TEXTS.dump_json(tuple(map(Text.of, reports))))


def texts(folder: Path, name: str) -> tuple[Report, ...]:
    """The texts of a file that was handed in.

    Raises:
        NotFound: see :func:`again`.
    """
    try:
        return tuple(text.report for text in _read(folder, name, _TEXTS))
    except NotFound as error:
        raise NotFound("稿件的文字已不在", remedy="请重新上传") from error


def _write(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files_out.write(folder / f"{name}{SUFFIX}", data, (SUFFIX,), force=True)


def _read(folder: Path, name: str, adapter: TypeAdapter[T]) -> T:
    try:
        return adapter.validate_json((folder / f"{name}{SUFFIX}").read_bytes())
    except (OSError, ValidationError) as error:
        raise NotFound("这个结果的存档已不在", remedy="请重新做一次") from error
