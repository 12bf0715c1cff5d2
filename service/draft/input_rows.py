"""The rows of an input file as a checked :class:`~service.draft.inputs.DraftInput` (核对并收进).

In: :class:`Sheets`, the cells of a file as text with their addresses, whatever its format. Out: the input; or one
:class:`~corpus.errors.BadTable` that tells everything that must be put right, cell by cell, so that nobody repairs a
file one message at a time. What can be used but looks odd is a warning.

A value that was prefilled keeps its citation for as long as it still says what the source says
(:mod:`service.draft.prefill_sources`); where the user changed it, the row of the input is the source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from corpus.errors import BadTable
from service.arithmetic import plain
from service.draft import fields
from service.draft.fields import COLUMNS, INDICATORS, LONG, PROBLEMS, TASKS, Column, Wrong
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.prefill_sources import Sources, read_sources
from service.papers.provenance import OpenReport

MOST_TOLD = 30  # faults in one message
MANY = {INDICATORS: 200, PROBLEMS: 50, TASKS: 100}  # rows from which on the draft gets very long
_PROSE = frozenset({"表现", "原因", "措施", "完成情况", "总体要求"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, as text; ``at`` is its address (问题!C5), ``fault`` why it cannot be read at all."""

    text: str
    at: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row by its columns; ``at`` is its address (问题!第5行)."""

    at: str
    cells: Mapping[str, Cell]

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it; dashes count as nothing."""
        return not any(cell.fault or fields.one_line(cell.text) for cell in self.cells.values())

    def cell(self, name: str) -> Cell:
        """The cell of a column, an empty one where the file has none."""
        return self.cells.get(name, Cell("", self.at))


@dataclass(frozen=True, slots=True)
class Sheets:
    """All cells of a file: those of 基本信息 by field, and the rows of the other three sheets by sheet."""

    basic: Line
    rows: Mapping[str, Sequence[Line]]
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cells of a file say. ``given`` is None where there are faults; each begins with the address of its cell."""

    given: DraftInput | None
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def build(sheets: Sheets, name: str, open_report: OpenReport | None = None) -> DraftInput:
    """The input of the cells of a file.

    Args:
        sheets: the cells.
        name: the name of the file, for messages.
        open_report: opens a report of the library; with it every citation is compared with its text.

    Raises:
        BadTable: cells that cannot be, all of them in one message.
    """
    found = reading(sheets, name, open_report)
    if found.given is None:
        raise BadTable(told(found.faults), where=name, remedy="改好后再运行；文件没有被改动")
    return found.given


def reading(sheets: Sheets, name: str, open_report: OpenReport | None = None) -> Reading:
    """The same with all faults instead of an error, for a form that shows each beside its field."""
    reader = _Reader(list(sheets.faults), list(sheets.warnings), open_report)
    basic = reader.basic(sheets.basic)
    lines = {sheet: [r for r in sheets.rows.get(sheet, ()) if not r.blank] for sheet in COLUMNS}
    reader.crowded(lines)
    problems = reader.problems(lines[PROBLEMS], basic)
    made = DraftInput(
        basic,
        reader.indicators(lines[INDICATORS], basic),
        problems,
        reader.tasks(lines[TASKS], problems, basic),
        name,
    )
    if not reader.faults and not any(lines.values()):
        reader.faults.append("指标、问题、任务三张表都没有内容。请至少填写其中一张")
    warnings = tuple(dict.fromkeys(reader.warnings))
    if reader.faults:
        return Reading(None, tuple(dict.fromkeys(reader.faults)), warnings)
    return Reading(replace(made, sha256=content_hash(made), warnings=warnings), (), warnings)


def told(faults: Sequence[str]) -> str:
    """One fault as it is, several as a list."""
    faults = list(dict.fromkeys(faults))
    if len(faults) == 1:
        return faults[0]
    more = [f"另有{len(faults) - MOST_TOLD}处"] if len(faults) > MOST_TOLD else []
    return "\n  ".join((f"有{len(faults)}处要改", *faults[:MOST_TOLD], *more)) + "\n"


def content_hash(given: DraftInput) -> str:
    """The hash of what an input says: the same for a workbook and a YAML file, in whatever place a row stands."""

    def default(value: Any) -> str:
        return plain(value) if isinstance(value, Decimal) else str(value)

    rows = asdict(replace(given, name="", sha256="", warnings=()))
    for row in (rows["basic"], *rows["indicators"], *rows["problems"], *rows["tasks"]):
        row.pop("at")
        if "citations" in row:
            row["citations"] = [[c["report_id"], c["start"], c["end"]] for c in row["citations"]]
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, default=default)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(slots=True)
class _Reader:
    """Reads rows and notes what is wrong with them."""

    faults: list[str]
    warnings: list[str]
    open_report: OpenReport | None
    _taken: dict[str, str] = field(default_factory=dict)

    # -- cells --------------------------------------------------------------------------------------

    def value(self, cell: Cell, read: Callable[[str], T], otherwise: T) -> T:
        """What ``read`` makes of a cell; a fault is noted under its address."""
        if cell.fault:
            self.faults.append(f"{cell.at} {cell.fault}")
            return otherwise
        try:
            return read(cell.text)
        except Wrong as error:
            self.faults.append(f"{cell.at} {error}")
            return otherwise

    def text(self, line: Line, column: Column) -> str:
        """A text within its length; a required one that is missing is a fault."""
        cell = line.cell(column.name)
        read = fields.prose if column.name in _PROSE else fields.one_line
        text = self.value(cell, read, "")
        if not text and column.required and not cell.fault:
            self.faults.append(f"{cell.at} “{column.name}”没有填。请填写，如 {column.example}")
        if len(text) > column.most:
            where = (
                "写不下的请移到“表现”“原因”“措施”等栏" if column.most < fields.TEXT else "请分成几行或精简"
            )
            self.faults.append(f"{cell.at} “{column.name}”有{len(text)}字，最多{column.most}字。{where}")
        elif len(text) > LONG:
            self.warnings.append(f"{cell.at}：“{column.name}”有{len(text)}字，写出的段落会很长")
        return text

    def texts(self, line: Line, columns: Sequence[Column], *names: str) -> tuple[str, ...]:
        """Several texts of a row."""
        by_name = {column.name: column for column in columns}
        return tuple(self.text(line, by_name[name]) for name in names)

    def sources(self, line: Line) -> Sources:
        """来源: lines that cite a report, and the user's words."""
        cell = line.cell("来源")
        return self.value(cell, lambda text: read_sources(text, self.open_report), Sources())

    # -- sheets -------------------------------------------------------------------------------------

    def basic(self, line: Line) -> Basic:
        texts = {
            c.name: self.text(line, c)
            for c in fields.FIELDS
            if c.name not in ("年度", "截止日期", "成文日期", "附件", "保障措施", "文种")
        }
        days = {name: self.value(line.cell(name), fields.day_of, None) for name in ("截止日期", "成文日期")}
        made = Basic(
            office=texts["单位"],
            place=texts["地区"],
            year=self._needed(line, "年度", fields.year_of, fields.FIRST_YEAR),
            kind=self._needed(line, "文种", fields.kind_of, Kind.PROBLEMS),
            as_of=days["截止日期"],
            title=texts["标题"],
            number=texts["发文字号"],
            addressee=texts["主送机关"],
            attachments=self.value(line.cell("附件"), fields.listed, ()),
            copies=texts["抄送"],
            day=days["成文日期"],
            signer=texts["签发人"],
            requirements=texts["总体要求"],
            safeguards=self.value(line.cell("保障措施"), fields.listed, ()),
            at=line.at,
        )
        if made.as_of and not self.faults and made.as_of.year not in (made.past, made.past + 1):
            at = line.cell("截止日期").at
            self.warnings.append(f"{at}：截止日期在{made.as_of.year}年，与年度{made.year}年不合，请核对")
        return made

    def _needed(self, line: Line, name: str, read: Callable[[str], T], otherwise: T) -> T:
        """A field that must be filled."""
        cell = line.cell(name)
        if not cell.fault and not fields.one_line(cell.text):
            column = next(c for c in fields.FIELDS if c.name == name)
            self.faults.append(f"{cell.at} “{name}”没有填。请填写，如 {column.example}")
            return otherwise
        return self.value(cell, read, otherwise)

    def indicators(self, lines: Sequence[Line], basic: Basic) -> tuple[Indicator, ...]:
        return tuple(self._indicator(line, basic) for line in lines)

    def _indicator(self, line: Line, basic: Basic) -> Indicator:
        name, unit, scope = self.texts(line, fields.INDICATOR, "名称", "单位", "口径")
        found: dict[str, Amount | None] = {}
        nothing: tuple[Amount | None, str] = (None, unit)
        for column in ("上年值", "本年值", "目标值"):
            read = partial(fields.amount, unit=unit)
            found[column], own = self.value(line.cell(column), read, nothing)
            unit = unit or own
        sources = self.sources(line)
        row = Indicator(
            name,
            fields.split_unit(unit)[1],
            found["上年值"],
            found["本年值"],
            found["目标值"],
            scope,
            sources.words,
            line.at,
        )
        self._once(f"{name}\0{scope}\0{row.unit}", line.cell("名称").at, f"指标“{name}”")
        if not any(found.values()) and not any(line.cell(column).fault for column in found):
            self.warnings.append(f"{line.at}：指标“{name}”没有填数值")
        return replace(row, citations=sources.of_indicator(row, basic))

    def problems(self, lines: Sequence[Line], basic: Basic) -> tuple[Problem, ...]:
        rows = [(line, self.texts(line, fields.PROBLEM, "编号", "问题", "表现", "原因")) for line in lines]
        given = {texts[0] for _, texts in rows if texts[0]}
        free = (f"问题{n}" for n in range(1, len(rows) + len(given) + 1) if f"问题{n}" not in given)
        made = []
        for line, (key, title, shows, cause) in rows:
            row = Problem(key or next(free), title, shows, cause, line.at)
            if key:
                self._once(f"key\0{key}", line.cell("编号").at, f"编号“{key}”")
                if fields.keys(key) != (key,):
                    self.faults.append(
                        f"{line.cell('编号').at} 编号“{key}”里有空格或顿号。请写成 问题1 的样子"
                    )
            sources = self.sources(line)
            cited = sources.of_texts({"问题": title, "表现": shows, "原因": cause}, basic.place)
            made.append(replace(row, citations=cited))
        return tuple(made)

    def tasks(self, lines: Sequence[Line], problems: Sequence[Problem], basic: Basic) -> tuple[Task, ...]:
        seen: dict[str, str] = {}
        made = []
        for number, line in enumerate(lines, 1):
            task = self._task(line, number, problems, basic)
            if task.title and task.title in seen:
                self.warnings.append(
                    f"{line.at}：与{seen[task.title]}的任务同名“{fields.shortened(task.title)}”"
                )
            seen.setdefault(task.title, line.at)
            made.append(task)
        return tuple(made)

    def _task(self, line: Line, number: int, problems: Sequence[Problem], basic: Basic) -> Task:
        title, measure, office, target, progress, area = self.texts(
            line, fields.TASK, "任务", "措施", "责任单位", "目标值", "完成情况", "板块"
        )
        year = fields.year_of_terms(basic)
        none: tuple[str, date | None] = ("", None)
        term, due = self.value(line.cell("完成时限"), lambda text: fields.deadline(text, year), none)
        nothing: tuple[str, ...] = ()
        answers = self.value(line.cell("针对问题"), lambda text: answered(text, problems), nothing)
        task = Task(
            f"任务{number}", title, answers, measure, office, term, due, target, progress, line.at, area=area
        )
        texts = {"任务": title, "措施": measure, "责任单位": office, "目标值": target, "完成时限": term}
        return replace(task, citations=self.sources(line).of_texts(texts, basic.place))

    # -- rows ---------------------------------------------------------------------------------------

    def crowded(self, lines: Mapping[str, Sequence[Line]]) -> None:
        """Warn of sheets so long that nobody reads the draft."""
        for sheet, rows in lines.items():
            if len(rows) > MANY[sheet]:
                self.warnings.append(f"“{sheet}”有{len(rows)}行，全部会写进文稿，文稿会很长，写作也要很久")

    def _once(self, key: str, at: str, what: str) -> None:
        """Note that a key is taken; a second row of the same key is a fault."""
        first = self._taken.setdefault(key, at)
        if first != at:
            self.faults.append(f"{at} {what}与{first}重复。请合并成一行，或改成不同的名称、编号或口径")


def answered(text: str, problems: Sequence[Problem]) -> tuple[str, ...]:
    """The keys of the problems that a cell names by key, number or title.

    Raises:
        Wrong: there is no such problem.
    """
    by_title = {problem.title: problem.key for problem in problems}
    whole = fields.one_line(text)
    if whole in by_title and _key_of(whole, problems) is None:
        return (by_title[whole],)
    found = []
    for word in fields.keys(text):
        key = _key_of(word, problems) or by_title.get(word)
        if key is None:
            there = "、".join(problem.key for problem in problems[:20])
            known = f"现有编号：{there}；" if there else "“问题”表还是空的；"
            raise Wrong(
                f"没有编号为“{fields.shortened(word)}”的问题", f"{known}请改成其中之一，或在“问题”表里补上"
            )
        found.append(key)
    return tuple(dict.fromkeys(found))


def _key_of(word: str, problems: Sequence[Problem]) -> str | None:
    """The key that a word means: itself, or the same number with or without 问题."""
    exact = next((p.key for p in problems if p.key == word), None)
    number = word.removeprefix("问题")
    return exact or next((p.key for p in problems if p.key.removeprefix("问题") == number), None)
