"""The input of a draft while it is filled in on a page: every cell as it was typed (填写中的输入表).

In: a file, a prefilled input, or the input of a draft. Out: a :class:`Form`, text by sheet, row and column, whatever is
wrong with it; what it says as an input with its faults at their cells; and its store, so that nothing typed is lost when
a browser is closed. Each person's forms lie in a folder of their own: what is not theirs cannot be named.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.database import now
from corpus.errors import InputError, NotFound
from service.draft.fields import BASIC, COLUMNS, FIELDS, INDICATORS, PROBLEMS, TASKS
from service.draft.input_rows import Cell, Line, Reading, Sheets, reading
from service.draft.inputs import DraftInput
from service.draft.prefill_sources import (
    Filled,
    Prefilled,
    basic_cells,
    cells_of,
    clauses,
    states,
    still,
)
from service.papers.files_out import write
from service.papers.provenance import OpenReport

MOST_ROWS = 500  # of a sheet, on a page
MOST_FORMS = 200  # of one person
_ID = re.compile(r"[0-9a-f]{16}")
_FAULT = re.compile(r"(?P<sheet>[^!]+)!第(?P<row>\d+)行(?:“(?P<column>[^”]+)”)?[ ：](?P<told>.*)", re.DOTALL)
_BASIC_FAULT = re.compile(rf"{BASIC}“(?P<column>[^”]+)”[ ：](?P<told>.*)", re.DOTALL)

Row = dict[str, str]


@dataclass(slots=True)
class Form:
    """The cells of an input. ``name`` is that of the file that it came from, ``draft`` the id of its draft ("" for none
    yet) and ``job`` that of the job that writes it; ``notes`` tell what of a file could not be taken over. ``outline`` is
    an edited outline as text, ``typed`` text for steps that was not saved yet, by key.
    """

    basic: Row
    rows: dict[str, list[Row]]
    name: str = ""
    draft: str = ""
    notes: list[str] = field(default_factory=list)
    outline: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    job: str = ""
    id: str = ""
    updated: str = ""

    def sheets(self) -> Sheets:
        """The cells with their addresses: 问题!第3行“表现”."""
        basic = Line(BASIC, {c.name: Cell(self.basic.get(c.name, ""), f"{BASIC}“{c.name}”") for c in FIELDS})
        return Sheets(basic, {sheet: tuple(self._lines(sheet)) for sheet in COLUMNS})

    def _lines(self, sheet: str) -> Iterator[Line]:
        for number, row in enumerate(self.rows.get(sheet, []), 1):
            at = f"{sheet}!第{number}行"
            yield Line(at, {c.name: Cell(row.get(c.name, ""), f"{at}“{c.name}”") for c in COLUMNS[sheet]})

    def read(self, open_report: OpenReport | None = None) -> Reading:
        """What it says, or what is wrong with it."""
        return reading(self.sheets(), self.name or "网页填写的输入表", open_report)

    @property
    def title(self) -> str:
        """What it is about, for a list."""
        return (
            " ".join(filter(None, (self.basic.get(k, "").strip() for k in ("地区", "年度", "文种"))))
            or "未命名"
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: ``row`` counts from 0; sheet and column are "" where it is about the whole."""

    sheet: str
    row: int
    column: str
    told: str


def placed(told: str) -> Fault:
    """A fault or a warning of :meth:`Form.read` with the field that it is about."""
    found = _FAULT.fullmatch(told)
    if found:
        return Fault(found["sheet"], int(found["row"]) - 1, found["column"] or "", found["told"])
    found = _BASIC_FAULT.fullmatch(told)
    return Fault(BASIC, 0, found["column"], found["told"]) if found else Fault("", -1, "", told)


# -- made from --------------------------------------------------------------------------------------


def empty() -> Form:
    """A form with nothing in it but one open row a sheet."""
    return Form({column.name: "" for column in FIELDS}, {sheet: [blank(sheet)] for sheet in COLUMNS})


def blank(sheet: str) -> Row:
    """An open row of a sheet."""
    return {column.name: "" for column in COLUMNS[sheet]}


def of_file(path: Path) -> Form:
    """The cells of a file, those with faults too.

    Raises:
        UnreadableFile: it cannot be read at all.
        BadTable: it is not made of the four sheets.
        InputError: it has more rows than a page can show.
    """
    from service.draft.input_files import read_sheets  # openpyxl takes its time

    found = read_sheets(path)
    notes = [*found.faults, *found.warnings]
    for line in (found.basic, *(line for lines in found.rows.values() for line in lines)):
        notes += [f"{cell.at} {cell.fault}" for cell in line.cells.values() if cell.fault]
    rows = {
        sheet: [_row(line, sheet) for line in found.rows.get(sheet, ()) if not line.blank]
        for sheet in COLUMNS
    }
    for sheet, lines in rows.items():
        if len(lines) > MOST_ROWS:
            raise InputError(
                f"“{sheet}”有{len(lines)}行，网页上最多{MOST_ROWS}行",
                where=path.name,
                remedy="请分成几份，或用命令行起草",
            )
    basic = {column.name: found.basic.cell(column.name).text for column in FIELDS}
    return Form(basic, rows, path.name, notes=notes)


def _row(line: Line, sheet: str) -> Row:
    return {column.name: line.cell(column.name).text for column in COLUMNS[sheet]}


def of_prefilled(made: Prefilled) -> Form:
    """What the library offers."""
    rows = {sheet: [dict(row) for row in lines] for sheet, lines in cells_of(made).items()}
    return Form(basic_cells(made.given.basic), rows, made.given.name)


def of_input(given: DraftInput) -> Form:
    """The cells that an input was read from; of 来源 what still holds."""
    return of_prefilled(Prefilled(given, tuple(filled(given))))


def filled(given: DraftInput) -> Iterator[Filled]:
    """Which cells of an input cite which sentences."""
    for n, indicator in enumerate(given.indicators):
        values = {"上年值": indicator.last, "本年值": indicator.this, "目标值": indicator.target}
        for column, value in values.items():
            own = tuple(
                c for c in indicator.citations if value is not None and states(c.quote, value, indicator.unit)
            )
            if own:
                yield Filled(INDICATORS, n, column, own)
    for n, problem in enumerate(given.problems):
        texts = {"问题": problem.title, "表现": problem.shows, "原因": problem.cause}
        yield from _of_texts(PROBLEMS, n, texts, problem.citations)
    for n, task in enumerate(given.tasks):
        texts = {
            "任务": task.title, "措施": task.measure, "责任单位": task.office, "目标值": task.target,
            "完成时限": task.deadline,
        }  # fmt: skip
        yield from _of_texts(TASKS, n, texts, task.citations)


def _of_texts(sheet: str, row: int, texts: Mapping[str, str], citations: Any) -> Iterator[Filled]:
    for column, text in texts.items():
        short = column in ("责任单位", "完成时限")
        own = tuple(c for c in citations if short or clauses(text) & clauses(c.quote))
        if text and own and still(column, text, own):
            yield Filled(sheet, row, column, own)


# -- kept -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one person in one data folder."""

    folder: Path

    @classmethod
    def of(cls, home: Path, person: str) -> Forms:
        """Those of a person, by any id."""
        return cls(home / "forms" / hashlib.sha256(person.encode()).hexdigest()[:16])

    def save(self, form: Form) -> Form:
        """Keep a form as it is now; a new one gets its id.

        Raises:
            InputError: there are too many, or they cannot be written.
            StorageFull: no space is left.
        """
        if not form.id:
            if self.folder.is_dir() and sum(1 for _ in self.folder.glob("*.json")) >= MOST_FORMS:
                raise InputError(f"填写中的输入表已有{MOST_FORMS}份", remedy="请先删除不用的，再新建")
            form.id = secrets.token_hex(8)
        form.updated = now()
        self.folder.mkdir(parents=True, exist_ok=True)
        data = json.dumps(asdict(form), ensure_ascii=False).encode("utf-8")
        write(self._path(form.id), data, (".json",), force=True)
        return form

    def load(self, form_id: str) -> Form:
        """A form by its id.

        Raises:
            NotFound: there is none of this id, or it cannot be read.
        """
        path = self._path(form_id)
        try:
            return Form(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise NotFound("没有这份输入表", where=form_id, remedy="请从列表中打开，或新建一份") from error

    def list(self) -> tuple[Form, ...]:
        """All of them, the last used first; what cannot be read is left out."""
        found = []
        for path in self.folder.glob("*.json") if self.folder.is_dir() else ():
            try:
                found.append(self.load(path.stem))
            except NotFound:
                continue
        return tuple(sorted(found, key=lambda form: form.updated, reverse=True))

    def of_draft(self, draft_id: str) -> Form | None:
        """The form of a draft, the last used one."""
        return next((form for form in self.list() if form.draft == draft_id), None)

    def remove(self, form_id: str) -> None:
        """Delete a form.

        Raises:
            NotFound: there is none of this id.
        """
        path = self._path(form_id)
        if not path.is_file():
            raise NotFound("没有这份输入表", where=form_id, remedy="可能已经删除，请刷新页面")
        path.unlink()

    def _path(self, form_id: str) -> Path:
        if not _ID.fullmatch(form_id):
            raise NotFound("没有这份输入表", where=form_id[:20], remedy="请从列表中打开，或新建一份")
        return self.folder / f"{form_id}.json"
