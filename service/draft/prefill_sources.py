"""The line that says where a prefilled cell comes from, and its way back to a citation (来源).

In: a citation and what it was prefilled for. Out: one readable line that stands in the column 来源 of every format::

    家庭医生签约率，2022年：《澄河县2022年工作总结》（澄河县，2022年）“签约率达到72.3%。”[0a1b2c3d4e5f:120-131]

and from such lines the citations again, as long as the row still says what they say: an indicator by its name, 口径,
place, year, value and unit; a text by its clauses. What the user changed silently loses its citation, since then
the user is the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpus.corrections import unit_of
from corpus.errors import WenhengError
from corpus.ledger import place_in_outline
from corpus.numerals import normalise, numbers
from corpus.report import Report, Span
from service.cited import Citation
from service.draft import fields
from service.draft.fields import INDICATORS, PROBLEMS, TASKS
from service.draft.inputs import Amount, Basic, DraftInput, Indicator
from service.papers.provenance import OpenReport
from service.points.unlabelled import LABEL


@dataclass(frozen=True, slots=True)
class Filled:
    """A cell that was prefilled: the row counts from 0 within its sheet, ``note`` is for the user."""

    sheet: str
    row: int
    column: str
    citations: tuple[Citation, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prefilled:
    """An input filled from the library. ``reports`` are the ids of the reports that were used, ``messages`` tell which
    these are and what was not found.
    """

    given: DraftInput
    filled: tuple[Filled, ...] = ()
    reports: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    def of(self, sheet: str, row: int) -> tuple[Filled, ...]:
        """The prefilled cells of a row."""
        return tuple(one for one in self.filled if (one.sheet, one.row) == (sheet, row))


_LINE = re.compile(
    r"(?P<label>[^\n]{1,200}?)：《(?P<title>[^\n]*?)》（(?P<place>[^（），]*)(?:，(?P<year>\d{4})年)?）"
    r"“(?P<quote>[^\n]*)”\[(?P<id>[0-9a-f]{12}):(?P<start>\d{1,8})-(?P<end>\d{1,8})\]"
)
_CLAUSE = re.compile(r"[，,；;。！？!?：:\n]")
_SPACE = re.compile(r"\s+")
# What leads up to a cause; the column says it already.
WHY = re.compile(
    r"^(?:(?:主要|直接|根本|其|究其)*原因(?:主要)?(?:是|在于)?|主要是?(?:由于|因为)|由于|因为|根子在于)[：:，,]?"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What stands in a cell 来源: citations by what they were prefilled for, and the user's ``words``."""

    cited: tuple[tuple[str, Citation], ...] = ()
    words: str = ""

    def of_indicator(self, row: Indicator, basic: Basic) -> tuple[Citation, ...]:
        """The citations of values that still stand."""
        told = dict(claims(row, basic))
        return tuple(
            dict.fromkeys(
                citation
                for label, citation in self.cited
                if (value := told.get(label))
                and citation.place == basic.place
                and states(citation.quote, value, row.unit)
            )
        )

    def of_texts(self, texts: Mapping[str, str], place: str) -> tuple[Citation, ...]:
        """The citations of texts, by column, of which every clause still stands in what is cited for it, of the same place."""
        kept: list[Citation] = []
        for column, text in texts.items():
            own = [c for label, c in self.cited if label == column and c.place == place]
            if still(column, text, own):
                kept += own
        return tuple(dict.fromkeys(kept))


def claims(row: Indicator, basic: Basic) -> Iterator[tuple[str, Amount]]:
    """The values of an indicator, each with the words that say what it is: 签约率（常住人口），2023年目标."""
    name = f"{row.name}（{row.scope}）" if row.scope else row.name
    past = basic.past
    years = ((past - 1, "", row.last), (past, "", row.this), (past + 1, "目标", row.target))
    for year, word, value in years:
        if value is not None:
            yield f"{name}，{year}年{word}", value


def states(quote: str, value: Amount, unit: str) -> bool:
    """Whether a sentence states a value in a unit."""
    name, factor = unit_of(unit)
    return any(normalise(n) == (value.value * factor, name) and n.upper is None for n in numbers(quote))


def quoted(text: str, quotes: Iterable[str]) -> bool:
    """Whether every clause of a text is a whole clause of what is quoted."""
    there = frozenset(clause for quote in quotes for clause in clauses(quote))
    own = clauses(text)
    return bool(own) and own <= there


def still(column: str, text: str, cited: Sequence[Citation]) -> bool:
    """Whether a cell says what is cited for it: its clauses, or the few words of an office or a deadline."""
    quotes = [citation.quote for citation in cited]
    if column in ("责任单位", "完成时限"):
        return bool(text) and any(_SPACE.sub("", text) in _SPACE.sub("", quote) for quote in quotes)
    return quoted(text, quotes)


def clauses(text: str) -> frozenset[str]:
    """The clauses of a text without labels (一是) and white space."""
    parts = (_SPACE.sub("", LABEL.sub("", part.strip())) for part in _CLAUSE.split(text))
    return frozenset(WHY.sub("", part).strip("“”\"'（）()") for part in parts if part) - {""}


# -- lines ------------------------------------------------------------------------------------------


def line_of(label: str, citation: Citation) -> str:
    """The line that says that ``label`` comes from a sentence."""
    about = citation.place + (f"，{citation.year}年" if citation.year else "")
    quote = _SPACE.sub(" ", citation.quote)
    place = f"[{citation.report_id}:{citation.start}-{citation.end}]"
    return f"{label}：《{citation.title}》（{about}）“{quote}”{place}"


def read_sources(text: str, open_report: OpenReport | None = None) -> Sources:
    """The citations and the words of a cell 来源.

    A citation whose report is gone, or whose sentence is another one now, is left out.
    """
    cited: list[tuple[str, Citation]] = []
    words: list[str] = []
    for line in re.split(r"[\r\n]+", text):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            words += [word] if (word := fields.one_line(line)) else []
        elif citation := _citation(found, open_report):
            cited.append((found["label"], citation))
    return Sources(tuple(cited), "；".join(words))


def _citation(found: re.Match[str], open_report: OpenReport | None) -> Citation | None:
    start, end = int(found["start"]), int(found["end"])
    if open_report is not None:
        try:
            report = open_report(found["id"])
        except WenhengError:
            return None
        if not 0 <= start < end <= len(report.text):
            return None
        made = citation_of(report, Span(start, end))
        return made if _SPACE.sub(" ", made.quote) == _SPACE.sub(" ", found["quote"]) else None
    if end - start != len(found["quote"]):
        return None
    year = int(found["year"]) if found["year"] else None
    return Citation(found["id"], found["title"], start, end, found["quote"], found["place"], year)


def citation_of(report: Report, span: Span) -> Citation:
    """The citation of a stretch of a report."""
    about = report.metadata
    place = about.place.value if about.place else ""
    path = place_in_outline(report, span)[0]
    return Citation(
        report.id, about.title, span.start, span.end, span.of(report.text), place, about.year_number, path
    )


# -- an input as cells --------------------------------------------------------------------------------


def basic_cells(basic: Basic) -> dict[str, str]:
    """基本信息 by field, as it is typed."""
    return {
        "文种": basic.kind.label,
        "单位": basic.office,
        "地区": basic.place,
        "年度": str(basic.year),
        "截止日期": basic.as_of.isoformat() if basic.as_of else "",
        "标题": basic.title,
        "总体要求": basic.requirements,
        "保障措施": "\n".join(basic.safeguards),
        "发文字号": basic.number,
        "签发人": basic.signer,
        "主送机关": basic.addressee,
        "附件": "\n".join(basic.attachments),
        "抄送": basic.copies,
        "成文日期": basic.day.isoformat() if basic.day else "",
    }


def cells_of(given: Prefilled) -> dict[str, list[dict[str, str]]]:
    """The rows of the three other sheets by column, as they are typed; 来源 holds the lines that cite."""
    made = given.given
    return {
        INDICATORS: [_indicator_cells(given, n, row) for n, row in enumerate(made.indicators)],
        PROBLEMS: [
            {
                "编号": row.key,
                "问题": row.title,
                "表现": row.shows,
                "原因": row.cause,
                "来源": _told(given, PROBLEMS, n),
            }
            for n, row in enumerate(made.problems)
        ],
        TASKS: [
            {
                "任务": row.title,
                "针对问题": "、".join(row.answers),
                "措施": row.measure,
                "责任单位": row.office,
                "完成时限": row.deadline,
                "目标值": row.target,
                "完成情况": row.progress,
                "板块": row.area,
                "来源": _told(given, TASKS, n),
            }
            for n, row in enumerate(made.tasks)
        ],
    }


def _indicator_cells(given: Prefilled, number: int, row: Indicator) -> dict[str, str]:
    """An indicator; where all its values are written in 万, the unit is 万人 and the values are bare numbers."""
    values = {"上年值": row.last, "本年值": row.this, "目标值": row.target}
    scales = {fields.scale_of(value) for value in values.values() if value}
    scale = scales.pop() if len(scales) == 1 else ""
    texts = {
        name: value.text.replace(scale, "", 1) if value and scale else value.text if value else ""
        for name, value in values.items()
    }
    label = {id(value): label for label, value in claims(row, given.given.basic)}
    lines = [
        line_of(label[id(value)], citation)
        for one in given.of(INDICATORS, number)
        if (value := values.get(one.column))
        for citation in one.citations
    ]
    source = "\n".join(filter(None, (row.source, *lines)))
    return {"名称": row.name, "单位": scale + row.unit, **texts, "口径": row.scope, "来源": source}


def _told(given: Prefilled, sheet: str, row: int) -> str:
    """The lines that cite for the texts of a row."""
    return "\n".join(
        dict.fromkeys(line_of(one.column, c) for one in given.of(sheet, row) for c in one.citations)
    )
