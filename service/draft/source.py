"""The input as a source: each of its rows is a sentence that can be cited and opened like one of a report.

In: a :class:`~service.draft.inputs.DraftInput`. Out: a :class:`~corpus.report.Report` whose text says every row in one
line, with the years spelt out (2021年66.8%，2022年72.3%，2023年目标75%), and the citation of each row. So the gate of
:mod:`service.papers.provenance` treats what the office typed as it treats a report: a figure of a draft leads either to
a report of the library or to a row of the input.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from corpus.report import Field, Genre, Metadata, Report, Span
from corpus.tracked import TrackedText
from service.cited import TYPED, Citation
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Problem, Task

SHEETS = ("基本信息", "指标", "问题", "任务")


@dataclass(frozen=True, slots=True)
class InputSource:
    """The input as a report, and where each row of it stands, by the address of the row."""

    report: Report
    spans: tuple[tuple[str, str, Span], ...]  # (address, sheet, span)

    def cite(self, at: str) -> Citation:
        """The citation of the row at an address.

        Raises:
            KeyError: there is no such row.
        """
        for address, sheet, span in self.spans:
            if address == at:
                # No place and year: a row tells of several years, and says so itself.
                title, quote = self.report.metadata.title, span.of(self.report.text)
                return Citation(self.report.id, title, span.start, span.end, quote, path=(sheet, address))
        raise KeyError(at)


def as_source(given: DraftInput) -> InputSource:
    """The rows of an input as lines of one report."""
    basic = given.basic
    name = given.name or "输入表"
    lines: list[str] = []
    spans: list[tuple[str, str, Span]] = []
    at = 0
    rows = [
        (basic.at, SHEETS[0], _basic(basic)),
        *((i.at, SHEETS[1], indicator_line(i, basic)) for i in given.indicators),
        *((p.at, SHEETS[2], problem_line(p)) for p in given.problems),
        *((t.at, SHEETS[3], task_line(t, given)) for t in given.tasks),
    ]
    for address, sheet, line in rows:
        lines.append(line)
        spans.append((address, sheet, Span(at, at + len(line))))
        at += len(line) + 1
    text = "\n".join(lines)
    sha = hashlib.sha256(text.encode()).hexdigest()
    about = Metadata(
        f"输入表“{name}”",
        place=Field(basic.place, "user"),
        issuer=Field(basic.office, "user"),
        year=Field(str(basic.past), "user"),
        genre=Genre.OTHER,
    )
    report = Report(TYPED + sha[:12], sha, name, 0, text, TrackedText.from_raw(text).origin, about)
    return InputSource(report, tuple(spans))


def _basic(basic: Basic) -> str:
    told = f"{basic.office}，{basic.place}，{basic.year}年{basic.kind.label}"
    if basic.as_of:
        told += f"，数据截至{basic.as_of.year}年{basic.as_of.month}月{basic.as_of.day}日"
    parts = (told, basic.requirements, *basic.safeguards)
    return _joined(parts) if any(parts[1:]) else one_line(told)


def indicator_line(row: Indicator, basic: Basic) -> str:
    """家庭医生签约率：2021年66.8%，2022年72.3%，2023年目标75%（口径：常住人口）."""
    past = basic.past
    parts = [
        f"{year}年{word}{'' if row.unit else '为'}{amount(value, row.unit)}"
        for year, word, value in (
            (past - 1, "", row.last),
            (past, "", row.this),
            (past + 1, "目标", row.target),
        )
        if value is not None
    ]
    scope = f"（口径：{row.scope}）" if row.scope else ""
    return one_line(f"{row.name}：{'，'.join(parts) or '没有填数值'}{scope}")


def problem_line(row: Problem) -> str:
    """乡村医生后继乏人。表现：…。原因：…。"""
    parts = (row.title, row.shows and f"表现：{row.shows}", row.cause and f"原因：{row.cause}")
    return _joined(parts)


def task_line(row: Task, given: DraftInput) -> str:
    """定向培养乡村医生。针对：…。措施：…。责任单位：…。完成时限：…。目标：…。"""
    answered = [p.title for key in row.answers if (p := given.problem(key))]
    parts = (
        row.title,
        answered and f"针对：{'、'.join(answered)}",
        row.measure and f"措施：{row.measure}",
        row.office and f"责任单位：{row.office}",
        row.deadline and f"完成时限：{row.deadline}",
        row.target and f"目标：{row.target}",
        row.progress and f"完成情况：{row.progress}",
    )
    return _joined(parts)


def amount(value: Amount, unit: str) -> str:
    """A value with its unit, where the text does not end with it already: 不低于95%, 95%以上."""
    text = value.text
    if value.qualifier in ("余", "多"):  # 1.2万余人
        return f"{text}{unit}"
    if value.qualifier and text.endswith(value.qualifier):
        return f"{text.removesuffix(value.qualifier)}{unit}{value.qualifier}"
    return f"{text}{unit}"


def one_line(text: str) -> str:
    """Text without line breaks and without white space at its ends."""
    return " ".join(text.split())


def _joined(parts: tuple[object, ...]) -> str:
    return one_line("".join(f"{str(part).rstrip('。；;，, ')}。" for part in parts if part))
