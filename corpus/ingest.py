"""From files and folders to the library, resumable (导入).

In: paths. Out: their reports in the library and its index, and an account of what happened. Each file
is one transaction; vectors follow in batches, and what a kill left without one is made at the next
start. Bytes that were parsed by the same pipeline are not parsed again; changed bytes replace the
reports of their path. A file that cannot be read is named with its reason, and the rest goes on.
"""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from corpus.errors import LibraryError, WenhengError
from corpus.files import Failure, Found, find_files, reason_of, shown
from corpus.index import Index
from corpus.library import Library
from corpus.originals import file_hash
from corpus.report import RawDocument, Report

_log = logging.getLogger(__name__)

_BATCH = 256  # passages that wait for their vectors; what is lost to a kill is made again

# Modules that keep and find reports but do not make them: a change there needs no new parse.
_KEEPERS = """
    cards chats database domain_words drafts duplicates edits embedding encoder errors files filters fulltext
    index ingest library lock merging originals probe ranking records removed schema snapshot storing swap tokens toy
    vector_index vector_store vectors
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is. ``current`` is the file, "" at the end; ``eta`` in seconds, or None."""

    done: int
    total: int
    bytes_done: int
    bytes_total: int
    current: str
    eta: float | None


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What an ingest did.

    ``unchanged`` files were taken in before; ``elsewhere`` ones hold the bytes of another path;
    ``replaced`` ones had other bytes before, or were parsed by an older pipeline. ``duplicates``
    counts new reports that were merged into others. ``stopped``: the user ended it early.
    """

    files: int = 0
    ingested: int = 0
    unchanged: int = 0
    elsewhere: int = 0
    replaced: int = 0
    report_ids: tuple[str, ...] = ()
    duplicates: int = 0
    repairs: Mapping[str, int] = field(default_factory=dict)  # by kind, the most frequent first
    damages: int = 0
    masked: int = 0
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by path
    failures: tuple[Failure, ...] = ()
    stopped: bool = False
    seconds: float = 0.0

    @property
    def reports(self) -> int:
        """Reports found, copies included."""
        return len(self.report_ids)

    @property
    def skipped(self) -> int:
        """Files that were not read since their bytes were in the library."""
        return self.unchanged + self.elsewhere

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {
            "reports": self.reports,
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
        }


@lru_cache(maxsize=1)
def pipeline_version() -> str:
    """Changes whenever the code or data that turns bytes into reports does."""
    folder, keepers = Path(__file__).parent, _KEEPERS.split()
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        wanted = path.suffix in (".py", ".txt", ".json") and inside.parts[0] != "samples"
        if wanted and path.is_file() and inside.with_suffix("").as_posix() not in keepers:
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


Read = Callable[[Path], RawDocument]
Parse = Callable[[RawDocument], tuple[Report, ...]]


def ingest(
    paths: Iterable[Path | str],
    library: Library,
    index: Index,
    *,
    read: Read | None = None,
    parse: Parse | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    pipeline: str = "",
) -> IngestResult:
    """Take in files and folders.

    Args:
        paths: files and folders.
        library: where reports go.
        index: where their vectors go.
        read: bytes to text, the project's readers by default.
        parse: text to reports, the project's pipeline by default.
        on_progress: called before each file and at the end.
        should_stop: asked between files; True ends the ingest with everything so far kept.
        pipeline: version under which results are kept, that of the code by default.

    Raises:
        LibraryBusy: another process is writing; the message names it.
        StorageFull: no space left; everything before the current file is kept.
    """
    from corpus import readers  # heavy, and not needed by who only asks for the version

    if parse is None:
        from corpus.parse import parse as parse_all

        parse = parse_all
    with library.writer():
        index.close()  # another process may have written since it was opened
        run = _Run(library, index, read or readers.read, parse, pipeline or pipeline_version())
        wanted = [Path(path) for path in paths]
        found, failures = find_files(wanted, readers.SUFFIXES)
        run.failures += failures or (() if found else _nothing(wanted, readers.SUFFIXES))
        try:
            run.all(found, on_progress or (lambda progress: None), should_stop or (lambda: False))
        except KeyboardInterrupt:
            run.stopped = True
        run.flush()
        index.sync()
        library.sweep()
        return run.result(len(found))


@dataclass(slots=True)
class _Run:
    """The account of one ingest while it goes on."""

    library: Library
    index: Index
    read: Read
    parse: Parse
    pipeline: str
    started: float = field(default_factory=monotonic)
    ingested: int = 0
    unchanged: int = 0
    elsewhere: int = 0
    replaced: int = 0
    damages: int = 0
    masked: int = 0
    stopped: bool = False
    report_ids: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # reports without vectors
    waiting_passages: int = 0

    def all(
        self,
        found: tuple[Found, ...],
        on_progress: Callable[[Progress], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Take in one file after the other."""
        total = sum(file.size for file in found)
        done = worked = 0
        seconds = 0.0
        for number, file in enumerate(found):
            if should_stop():
                self.stopped = True
                return
            eta = seconds / worked * (total - done) if worked else None
            on_progress(Progress(number, len(found), done, total, shown(file.path), eta))
            start = monotonic()
            if self.one(file):
                worked += file.size
                if self.waiting_passages >= _BATCH:
                    self.flush()
                seconds += monotonic() - start
            done += file.size
        on_progress(Progress(len(found), len(found), total, total, "", 0.0))

    def one(self, file: Found) -> bool:
        """Take in a file; whether it had to be read."""
        name = shown(file.path)
        try:
            sha256 = file_hash(file.path)
        except OSError as error:
            self.failures.append(Failure(name, reason_of(error)))
            return False
        if self.library.pipeline_of(sha256) == self.pipeline:
            self._known(file, sha256)
            return False
        try:
            document = self.read(file.path)
            reports = self.parse(document)
            self._keep(file, document, reports)
        except LibraryError:
            raise  # the data folder cannot be written: no file after this one can be kept either
        except WenhengError as error:
            self.failures.append(Failure(name, _sentence(error, name)))
        except OSError as error:
            self.failures.append(Failure(name, reason_of(error)))
        except Exception as error:  # one odd file must not end a batch of thousands
            at = traceback.extract_tb(error.__traceback__)[-1]  # where, but nothing of the text
            _log.error("%s: %s in %s, line %s", name, type(error).__name__, at.filename, at.lineno)
            fault = f"程序处理这份文件时出错（{type(error).__name__}）。请将文件名和日志报告给开发者"
            self.failures.append(Failure(name, fault))
        return True

    def _known(self, file: Found, sha256: str) -> None:
        """Bytes that are in the library already."""
        before = self.library.source(file.path)
        if before and before.sha256 == sha256:
            self.unchanged += 1
            return
        self.library.note_path(file.path, sha256, file.modified)
        self.elsewhere += 1

    def _keep(self, file: Found, document: RawDocument, reports: tuple[Report, ...]) -> None:
        added = self.library.add_source(
            document, reports, path=file.path, modified=file.modified, pipeline=self.pipeline
        )
        self.ingested += 1
        self.replaced += bool(added.replaced)
        self.report_ids += added.report_ids
        warnings = [*document.warnings]
        for report in reports:
            self.repairs.update(str(repair.kind) for repair in report.repairs)
            self.damages += len(report.damages)
            self.masked += report.masked
            warnings += report.warnings
            self.waiting_passages += len(report.passages)
        if warnings:
            self.warnings[shown(file.path)] = tuple(dict.fromkeys(warnings))
        self.waiting += added.report_ids

    def flush(self) -> None:
        """Make the vectors that wait."""
        if self.waiting:
            self.index.add(self.waiting)
        self.waiting.clear()
        self.waiting_passages = 0

    def result(self, files: int) -> IngestResult:
        """The account."""
        new = set(self.report_ids)
        merged = sum(duplicate.report_id in new for duplicate in self.library.duplicates())
        return IngestResult(
            files=files,
            ingested=self.ingested,
            unchanged=self.unchanged,
            elsewhere=self.elsewhere,
            replaced=self.replaced,
            report_ids=tuple(self.report_ids),
            duplicates=merged,
            repairs=dict(self.repairs.most_common()),
            damages=self.damages,
            masked=self.masked,
            warnings=dict(self.warnings),
            failures=tuple(dict.fromkeys(self.failures)),
            stopped=self.stopped,
            seconds=monotonic() - self.started,
        )


def _nothing(paths: Iterable[Path], suffixes: Iterable[str]) -> tuple[Failure, ...]:
    """Folders without any file of ours: silence would look like success."""
    kinds = "、".join(sorted(suffix.removeprefix(".") for suffix in suffixes))
    return tuple(Failure(shown(path), f"里面没有可以入库的文件。能读取的格式：{kinds}") for path in paths)


def _sentence(error: WenhengError, name: str) -> str:
    """The error without the file that the failure names anyway."""
    text = f"{error.message}。{error.remedy}" if error.remedy else error.message
    return text if not error.where or name.endswith(error.where) else f"{error.where}：{text}"
