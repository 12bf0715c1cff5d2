"""Problems and next steps of a report as rows of the input (问题与任务的预填).

In: a :class:`~service.points.points.Point` and its report. Out: the row, and the sentences that each of its cells
comes from. The text is the report's own, cut by clauses: of a problem those that say why are its cause, the rest is how
it shows; of a next step the office, the deadline and the target are taken out where the text names them. Nothing is
rephrased, so that the cell still is what the source says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from corpus.cards import Card
from corpus.report import PLANS, FigureKind, Genre, Report, Span
from service.draft import fields
from service.draft.composing_cells import has_figure
from service.draft.fields import PROBLEMS, TASKS
from service.draft.inputs import OPEN, Basic, Kind, Problem, Task
from service.draft.prefill_sources import WHY, Filled, citation_of, clauses, quoted, still
from service.points.pairing import SURE, Similar, scores
from service.points.points import Point
from service.points.unlabelled import LABEL, bare

MOST_PROBLEMS, MOST_TASKS = 15, 40
LONGEST_AREA = 30  # characters of a heading above tasks
LONGEST = 400  # characters of a cell; further sentences are left out
CAUSE = re.compile(r"由于|因为|原因|导致|致使|造成|^因|^受|制约|归结|在于|根源|根子|症结|差在|卡在")
GOES_ON = re.compile(r"^(?:(?:主要|根本|直接|究其|其)*原因|究其|主要是?因为|根源|根子|症结)")
_CLAUSE = re.compile(r"[^，,；;。！？!?：:\n]+[，,；;。！？!?：:\n]*")
_NAMED = re.compile(
    r"(?:责任|牵头|承办|实施|主办)(?:单位|科室|股室|部门)(?:为|是|[：:])\s*(?P<office>[^，,；;。）)\n]{2,40})"
)
_BY = re.compile(r"由(?P<office>[^，,；;。（(）)\n]{2,16}?)(?:牵头|负责|承担)")
DEADLINE = re.compile(
    r"(?:20\d\d年)?(?:1[0-2]|[1-9])月(?:[1-3]?\d日|底|末|上旬|中旬|下旬)?(?:之?前|以前)?|(?:20\d\d)?年(?:底|末|内)(?:之?前|以前)?"
    r"|(?:20\d\d年|第)?[一二三四]季度末?前?|(?:20\d\d年)?[上下]半年(?:末|底)?前?"
)
_AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT)
_ONLY_TERM = re.compile(r"^(?:完成时限|时限|责任(?:单位|部门|科室|股室)|牵头单位)[：:]")
_EFFECT = re.compile(r"^(?:从而|进而|以致|直接|严重)*(?:导致|致使|造成|使得)")
Row = TypeVar("Row", Problem, Task)
_TERMS = frozenset({"年", "个月", "岁"})  # what is said of times and ages is no target
_MARKS = "。；;，,：: \n"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with its mark; ``sentence`` is the one that it stands in."""

    text: str
    span: Span
    sentence: Span


def problem_of(point: Point, report: Report, number: int) -> tuple[Problem, tuple[Filled, ...]]:
    """The row of a problem and its prefilled cells; advice belongs to no problem."""
    told = [span for span in point.sentences if span not in point.advice]
    title = fields.one_line(point.title).strip(_MARKS)
    shows: list[Clause] = []
    causes: list[Clause] = []
    for clause, because in _causal(_clauses(report, told, title)):
        (causes if because else shows).append(clause)
    causes = [replace(c, text=said) for c in causes if (said := WHY.sub("", c.text)).strip(_MARKS)]
    cells = {"问题": _titled(report, told, title), "表现": _short(shows), "原因": _short(causes)}
    texts = {"问题": title, "表现": _text(cells["表现"]), "原因": _text(cells["原因"])}
    row = Problem(f"问题{number + 1}", title, texts["表现"], texts["原因"], f"{PROBLEMS}第{number + 1}项")
    return _cited(row, PROBLEMS, number, cells, texts, report)


def task_of(
    point: Point, report: Report, number: int, basic: Basic, answers: Sequence[str]
) -> tuple[Task, tuple[Filled, ...]]:
    """The row of a next step and its prefilled cells."""
    title = fields.one_line(point.title).strip(_MARKS)
    every = _clauses(report, point.sentences, "")
    aims = [f.span for f in point.figures if f.kind in _AIMS and f.value is not None and f.unit not in _TERMS]
    targets = [c for c in every if any(c.span.holds(span) for span in aims)]
    rest = [c for c in _clauses(report, point.sentences, title) if c not in targets]
    office, named, only = _office(every, report)
    # What a report two years old set itself is over: its terms are not those of the year to come.
    term, last, dated = (
        _deadline(every, report, basic) if falls_in(point.card) == _year(basic) else ("", None, [])
    )
    cells = {
        "任务": _titled(report, point.sentences, title),
        "措施": _short(_without_terms([c for c in rest if c not in only])),
        "目标值": _short(targets, 150, 200),
        "责任单位": named,
        "完成时限": dated,
    }
    texts = {
        "任务": title,
        "措施": _text(cells["措施"]),
        "责任单位": office,
        "目标值": _text(cells["目标值"]),
        "完成时限": term,
    }
    row = Task(
        f"任务{number + 1}", title, tuple(answers), texts["措施"], office, term, last, texts["目标值"],
        OPEN if basic.kind is Kind.SUMMARY else "", f"{TASKS}第{number + 1}项",
    )  # fmt: skip
    return _cited(row, TASKS, number, cells, texts, report)


def suggested(
    problems: Sequence[Point], tasks: Sequence[Point], similar: Similar | None
) -> Mapping[int, tuple[str, ...]]:
    """The problem that a task clearly treats, by the number of the task."""
    if similar is None or not problems or not tasks:
        return {}
    table = scores(problems, tasks, similar)
    best = table.argmax(axis=0)
    return {
        task: (f"问题{int(best[task]) + 1}",) for task in range(len(tasks)) if table[best[task], task] >= SURE
    }


def areas(tasks: Sequence[Point]) -> tuple[str, ...]:
    """The heading above each task, where the report sorts them under several; "" for one that names a year or figure."""
    deepest = max((len(point.path) for point in tasks), default=0)  # a task above that is an area of its own
    fit = [1 < len(point.path) == deepest for point in tasks]
    above = [bare(p.path[-2]).rstrip(_MARKS) if fits else "" for p, fits in zip(tasks, fit, strict=True)]
    if len(set(above) - {""}) < 2:
        return tuple("" for _ in above)
    return tuple("" if len(name) > LONGEST_AREA or has_figure(name) else name for name in above)


# -- clauses ----------------------------------------------------------------------------------------


def _clauses(report: Report, spans: Sequence[Span], title: str) -> tuple[Clause, ...]:
    """The clauses of sentences without labels, and without those that the title is made of."""
    found: list[Clause] = []
    said = clauses(title)
    for sentence in spans:
        for match in _CLAUSE.finditer(report.text, sentence.start, sentence.end):
            text = match[0]
            if clauses(text) and not clauses(text) <= said:
                found.append(Clause(LABEL.sub("", text.lstrip()), Span(*match.span()), sentence))
    return tuple(found)


def _without_terms(found: Sequence[Clause]) -> list[Clause]:
    """Clauses without 完成时限：…；责任单位：…, which are told in cells of their own."""
    kept: list[Clause] = []
    term = False
    for clause in found:
        term = term or bool(_ONLY_TERM.match(clause.text))
        if not term:
            kept.append(clause)
        term = term and clause.text.rstrip()[-1:] not in "。；;\n"
    return kept


def _causal(found: Sequence[Clause]) -> list[tuple[Clause, bool]]:
    """Each clause, and whether it says why: 由于…, 主要原因是…, what stands before 导致…."""
    told: list[tuple[Clause, bool]] = []
    rest = False
    for clause in found:
        before = told[-1][0] if told and told[-1][0].sentence == clause.sentence else None
        rest = bool(GOES_ON.match(clause.text)) or (rest and before is not None)
        if _EFFECT.match(clause.text):
            if before is not None and not any(why for one, why in told if one.sentence == clause.sentence):
                told[-1] = (before, True)
            told.append((clause, False))
        else:
            told.append((clause, rest or bool(CAUSE.search(clause.text))))
    return told


def _short(found: Sequence[Clause], most: int = LONGEST, hold: int = fields.TEXT) -> list[Clause]:
    """Clauses up to a length: of too many sentences those with figures go first; a cell can ``hold`` no more."""
    size: dict[Span, int] = {}
    for clause in found:
        size[clause.sentence] = size.get(clause.sentence, 0) + len(clause.text)
    kept: set[Span] = set()
    for sentence in sorted(size, key=lambda span: (not _figured(found, span), span)):
        if not kept or sum(size[one] for one in kept) + size[sentence] <= most:
            kept.add(sentence)
    chosen = [clause for clause in found if clause.sentence in kept]
    while chosen and len(_text(chosen)) > hold:
        chosen.pop()
    return chosen


def _figured(found: Sequence[Clause], sentence: Span) -> bool:
    return any(re.search(r"\d", clause.text) for clause in found if clause.sentence == sentence)


def _text(found: Sequence[Clause]) -> str:
    """Clauses as one text; one that ends without a mark is closed by ；."""
    parts = [fields.one_line(clause.text) for clause in found]
    closed = [part if part[-1:] in _MARKS + "！？!?" else f"{part}；" for part in parts]
    return fields.prose("".join(closed).strip(_MARKS))


# -- what is taken out ------------------------------------------------------------------------------


def _titled(report: Report, spans: Sequence[Span], title: str) -> list[Clause]:
    """The sentence that the title is made of, as one clause."""
    for span in spans:
        if quoted(title, (span.of(report.text),)):
            return [Clause(title, span, span)]
    return []


def _office(found: Sequence[Clause], report: Report) -> tuple[str, list[Clause], list[Clause]]:
    """The office that is named, the clauses that name it, and those that say nothing else."""
    for pattern in (_NAMED, _BY):
        for sentence in dict.fromkeys(clause.sentence for clause in found):
            match = pattern.search(report.text, sentence.start, sentence.end)
            if match:
                span, whole = Span(*match.span("office")), Span(match.start(), match.end() + 1)
                named = [c for c in found if c.span.start < span.end and span.start < c.span.end]
                only = [c for c in found if whole.holds(c.span)] if pattern is _NAMED else []
                return fields.one_line(match["office"]).strip(_MARKS), named, only
    return "", [], []


def falls_in(card: Card) -> int | None:
    """The year in which the next steps of a report fall: of a review the one after, of others their own."""
    ahead = card.genre in (*PLANS, Genre.HALF_YEAR) or of_spring(card)
    return card.year if ahead or card.year is None else card.year + 1


def of_spring(card: Card) -> bool:
    """Whether a report looks back on the year before its own: government reports are of spring."""
    return "政府工作报告" in card.title


def _year(basic: Basic) -> int:
    """The year in which the tasks of a draft fall."""
    return basic.year if basic.kind is Kind.SUMMARY else basic.past + 1


def _deadline(found: Sequence[Clause], report: Report, basic: Basic) -> tuple[str, date | None, list[Clause]]:
    """The last deadline of the year in which the task falls (3月定点、7月投用), and the clause that tells it."""
    year = _year(basic)
    best: tuple[date, str, Clause] | None = None
    for clause in found:
        for match in DEADLINE.finditer(report.text, clause.span.start, clause.span.end):
            if report.text.startswith(("起", "开始", "启动"), match.end()):
                continue  # when it begins
            try:
                term, last = fields.deadline(match[0], year)
            except fields.Wrong:
                continue
            if last is not None and last.year == year and (best is None or last > best[0]):
                best = (last, term, clause)
    if best is None:
        return "", None, []
    term = best[1]
    return term, fields.deadline(term, fields.year_of_terms(basic))[1], [best[2]]


def _cited(
    row: Row,
    sheet: str,
    number: int,
    cells: Mapping[str, Sequence[Clause]],
    texts: Mapping[str, str],
    report: Report,
) -> tuple[Row, tuple[Filled, ...]]:
    """A row with the citations of its cells; a cell that does not repeat its source has none."""
    filled = []
    for column, text in texts.items():
        spans = dict.fromkeys(clause.sentence for clause in cells[column])
        cited = tuple(citation_of(report, span) for span in spans)
        if text:
            filled.append(Filled(sheet, number, column, cited if still(column, text, cited) else ()))
    every = dict.fromkeys(citation for one in filled for citation in one.citations)
    return replace(row, citations=tuple(every)), tuple(filled)
