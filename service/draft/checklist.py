"""核对清单: what the user has to look at before a draft goes out.

In: a draft and the document that was made of it. Out: every number with where it comes from, every problem with the
tasks that answer it, every task with office, deadline, target and problems, and all that is still missing. The lists
follow from the input and from the text alone; nothing is judged here, so that an empty list means that there is
nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from corpus.numeral_values import flatten
from corpus.numerals import Number
from service.cited import Citation, Derived, Sentence
from service.draft.drafts import Draft, Written
from service.draft.inputs import DraftInput, Kind, Problem, Task
from service.papers.document import Block, Document, Heading, Paragraph, Table, of_sentence
from service.papers.presenting import GAP, Labels, clean, source_lines
from service.papers.quoted import numerals, squeezed
from service.papers.sourcing import key_of, told
from service.terms import grams

SOURCED, COMPUTED, TYPED, MISSING, UNKNOWN = "有出处", "计算", "人工输入", "待补", "无出处"
COMPOSED, BY_HAND = "由程序组成", "人工改写"
HEADING, AROUND = 20, 40  # characters of a heading, and of a quotation on both sides of the number
MOST_LEFT = 5  # rows that the text does not tell, one by one
_COUNTED = re.compile("[种个项名家所支处座间张台套次例户人]")  # 四种慢性病, 三个系统
_SEVERAL = re.compile("[二两三四五六七八九十百千]+")
NO_TASK, NO_PROBLEM = "无任务", "未对应问题"


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number of the text: the first sentence that tells it, how many do, and its source in words."""

    number: str
    sentence: str
    source: str
    status: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem of the input and the tasks that answer it; ``missing`` names the empty cells."""

    key: str
    title: str
    tasks: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of the input; what it lacks is "" here and named in ``missing``.

    ``unbound``: it should answer a problem and answers none.
    """

    key: str
    title: str
    answers: tuple[str, ...]
    office: str
    deadline: str
    target: str
    missing: tuple[str, ...]
    unbound: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is still to be done: where, and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How many steps were phrased by the model, composed by code, written by hand, and are still open."""

    phrased: int = 0
    composed: int = 0
    by_hand: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Checklist:
    """All of it. ``origins`` says which sentences code composed or the user wrote."""

    numbers: tuple[NumberLine, ...]
    problems: tuple[ProblemLine, ...]
    tasks: tuple[TaskLine, ...]
    missing: tuple[Missing, ...]
    ways: Ways = Ways()
    origins: tuple[tuple[Sentence, str], ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """Plain object for the JSON output."""
        return {
            "numbers": [
                {"number": n.number, "sentence": n.sentence, "source": n.source, "status": n.status, "times": n.times}
                for n in self.numbers
            ],
            "problems": [
                {"key": p.key, "title": p.title, "tasks": list(p.tasks), "missing": list(p.missing)}
                for p in self.problems
            ],
            "tasks": [
                {
                    "key": t.key,
                    "title": t.title,
                    "answers": list(t.answers),
                    "office": t.office,
                    "deadline": t.deadline,
                    "target": t.target,
                    "missing": list(t.missing),
                }
                for t in self.tasks
            ],
            "missing": [{"where": m.where, "what": m.what} for m in self.missing],
            "steps": {
                "phrased": self.ways.phrased,
                "composed": self.ways.composed,
                "by_hand": self.ways.by_hand,
                "open": self.ways.open,
            },
        }  # fmt: skip


def checklist(draft: Draft, document: Document, *, day: date | None = None) -> Checklist:
    """The checklist of a draft.

    Args:
        draft: the draft.
        document: what :func:`service.draft.assembling.document` made of it.
        day: 成文日期 where another than that of the input is written.
    """
    given = draft.given
    return Checklist(
        tuple(_numbers(document, given)),
        tuple(_problem(one, given) for one in given.problems),
        tuple(_task(one, given) for one in given.tasks),
        tuple(_missing(draft, document, day or given.basic.day)),
        _ways(draft),
        tuple((s, origin) for w in draft.written if (origin := origin_of(w)) for s in w.sentences),
    )


def origin_of(written: Written) -> str:
    """How a step came about, in words; "" where the model phrased it."""
    if written.by_hand:
        return BY_HAND
    if written.phrased:
        return ""
    return f"{COMPOSED}（模型的文字没有通过核对）" if written.faults else COMPOSED


def _ways(draft: Draft) -> Ways:
    by_hand = sum(w.by_hand for w in draft.written)
    phrased = sum(w.phrased and not w.by_hand for w in draft.written)
    still = sum(bool(step.facts) for step in draft.open)  # one without facts is a gap, and told as such
    return Ways(phrased, len(draft.written) - phrased - by_hand, by_hand, still)


# -- numbers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Text:
    """A stretch of the document with what it rests on."""

    text: str
    sources: tuple[Citation, ...] = ()
    derived: tuple[Derived, ...] = ()


def _numbers(document: Document, given: DraftInput) -> Iterator[NumberLine]:
    """Each number with its source, those that are told again from the same source only once."""
    found: dict[tuple[str, str, str], tuple[str, int]] = {}
    for one in _texts(document):
        for number in numerals(one.text):
            written = squeezed(number.whole.of(one.text))
            if key_of(number) is None and not any(
                char.isdigit() and char.isascii() for char in flatten(written)
            ):
                counted = _COUNTED.match(one.text, number.span.end)
                if counted is None or not _SEVERAL.fullmatch(written):
                    continue  # a Chinese numeral that is part of a word: 三甲医院, 统一
                written += counted[0]
            status, source = _source(number, written, one, document, given)
            sentence, times = found.get((written, status, source), (clean(one.text), 0))
            found[written, status, source] = (sentence, times + 1)
    for (written, status, source), (sentence, times) in found.items():
        yield NumberLine(written, sentence, source, status, times)


def _texts(document: Document) -> Iterator[_Text]:
    """All texts in reading order; titles and headings rest on the sources of the whole document."""
    yield _Text(document.title, document.sources)
    for block in document.blocks:
        match block:
            case Heading(text):
                yield _Text(text, document.sources)
            case Paragraph(sentences):
                yield from (_Text(s.text, of_sentence(s), s.derived) for s in sentences)
            case Table():
                yield from (_Text(text, document.sources) for text in (block.caption, *block.header))
                for row in block.rows:
                    beside = tuple(dict.fromkeys(c for cell in row for c in cell.sources))
                    yield from (_Text(cell.text, cell.sources or beside, cell.derived) for cell in row)
                yield from (_Text(s.text, of_sentence(s), s.derived) for s in block.notes)


def _source(
    number: Number, written: str, one: _Text, document: Document, given: DraftInput
) -> tuple[str, str]:
    """Status and source of a number as it is ``written``."""
    if any(gap.start() <= number.span.start < gap.end() for gap in GAP.finditer(one.text)):
        return MISSING, ""
    if one.text == document.title and _in_title(written, document):
        return TYPED, _asked_for(given)
    computed = next((d for d in one.derived if written in squeezed(d.text)), None)
    if computed:
        return COMPUTED, clean(computed.formula or computed.text)
    holding = [c for c in one.sources if _holds(c, number, written)]
    reports = [c for c in holding if not c.typed]
    if holding:
        # A heading rests on all sources of the draft: 六成 of another thing is told elsewhere.
        words = grams(one.text)
        best = max(reports or holding, key=lambda c: len(words & grams(c.quote)))
        return (SOURCED if reports else TYPED), _told(best, number, one.text)
    formula = next((d for d in one.derived if written in squeezed(d.formula)), None)
    if formula:
        return COMPUTED, clean(formula.formula)
    if _in_title(written, document):
        return TYPED, _asked_for(given)
    return UNKNOWN, "、".join(dict.fromkeys(clean(c.title) for c in one.sources))


def _asked_for(given: DraftInput) -> str:
    return f"输入表的基本信息：{given.basic.year}年{given.basic.kind.label}"


def _in_title(written: str, document: Document) -> bool:
    """Whether a numeral is a year that the office asked for."""
    years = {int(digit) for digit in _digits(written)}
    return bool(years) and years <= set(document.years)


def _holds(citation: Citation, number: Number, written: str) -> bool:
    """Whether a source tells the number: its value and unit, its date, or its name."""
    known = told(citation)
    key = key_of(number)
    if key is not None:
        return key in known.keys or written in known.words
    digits = _digits(written)
    return written in known.words or (bool(digits) and {int(d) for d in digits} <= known.dates)


def _digits(written: str) -> list[str]:
    return "".join(char if char.isdigit() and char.isascii() else " " for char in flatten(written)).split()


def _told(citation: Citation, number: Number, text: str) -> str:
    """The source in words: of the input its row, of a report the words around the number; a comment has it whole."""
    if citation.typed:
        return f"{clean(citation.title)} {clean(citation.path[-1] if citation.path else '')}".strip()
    path = tuple(
        heading if len(heading) <= HEADING else f"{heading[:HEADING]}…" for heading in citation.path[-1:]
    )
    quote = " ".join(citation.quote.split())
    at = _place(quote, number, number.whole.of(text))
    start, end = max(0, at - AROUND), at + AROUND
    cut = ("…" if start else "") + quote[start:end] + ("…" if end < len(quote) else "")
    return "：".join(source_lines(replace(citation, path=path, quote=cut)))


def _place(quote: str, number: Number, written: str) -> int:
    """Where a quotation tells a number: as written, else by its value, else at the beginning."""
    found = quote.find(written)
    if found >= 0:
        return found
    key = key_of(number)
    return next((n.span.start for n in numerals(quote) if key is not None and key_of(n) == key), 0)


# -- problems and tasks -----------------------------------------------------------------------------


def _problem(problem: Problem, given: DraftInput) -> ProblemLine:
    tasks = tuple(clean(task.title) for task in given.tasks_for(problem.key))
    empty = (("表现", problem.shows), ("原因", problem.cause))
    return ProblemLine(problem.key, clean(problem.title), tasks, _empty(empty))


def _task(task: Task, given: DraftInput) -> TaskLine:
    answers = tuple(clean(p.title) for key in task.answers if (p := given.problem(key)))
    empty = (
        ("责任单位", task.office), ("完成时限", task.deadline), ("目标", task.target), ("措施", task.measure),
    )  # fmt: skip
    return TaskLine(
        task.key, clean(task.title), answers,
        clean(task.office), clean(task.deadline), clean(task.target), _empty(empty),
        # What last year's plan set out, a report tells whatever it answered.
        not answers and given.basic.kind is not Kind.SUMMARY,
    )  # fmt: skip


def _empty(cells: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(name for name, value in cells if not value.strip())


# -- what is missing --------------------------------------------------------------------------------


def _missing(draft: Draft, document: Document, day: date | None) -> Iterator[Missing]:
    """【待补：…】 of the text, problems without tasks and the reverse, rows that no step tells, warnings."""
    given = draft.given
    yield from _gaps(document)
    if day is None:
        yield Missing("署名", "成文日期")
    for problem in given.problems:
        if not given.tasks_for(problem.key):
            yield Missing(f"{problem.key} {clean(problem.title)}", f"{NO_TASK}：没有针对它的任务")
    for task in (_task(one, given) for one in given.tasks):
        if task.unbound:
            yield Missing(f"{task.key} {task.title}", f"{NO_PROBLEM}：没有写明针对哪个问题")
    told_rows = {at for step in draft.outline.steps for at in step.rows}
    rows = [(one.at, one.name) for one in given.indicators]
    rows += [(one.at, one.title) for one in given.problems]
    rows += [(one.at, one.title) for one in given.tasks]
    left = [(at, clean(name)) for at, name in rows if at and at not in told_rows]
    if len(left) > MOST_LEFT:
        first = "".join(f"“{name}”" for _, name in left[:MOST_LEFT])
        yield Missing(f"{left[0][0]}等{len(left)}行", f"{first}等没有写入文稿")
    else:
        yield from (Missing(at, f"“{name}”没有写入文稿") for at, name in left)
    yield from (Missing("输入", clean(warning)) for warning in given.warnings)


def _gaps(document: Document) -> Iterator[Missing]:
    """What stands as 【待补：…】, under which heading and in which row, each once."""
    labels, path, seen = Labels(), [""] * 5, dict[Missing, None]()
    for block in document.blocks:
        if isinstance(block, Heading):
            level, label = labels.next(block)
            path[level:] = [label + clean(block.text), *[""] * (4 - level)]
        here = next(filter(None, reversed(path)), clean(document.title))
        for row, column, text in _own_texts(block):
            for gap in GAP.finditer(text):
                what = clean(gap[0].strip("【】")).removeprefix("待补").lstrip("：:") or column or clean(text)
                seen.setdefault(Missing(f"{here} › {row}" if row else here, what))
    yield from seen


def _own_texts(block: Block) -> Iterator[tuple[str, str, str]]:
    """The texts of a block; those of a table with the label of their row and the head of their column."""
    if isinstance(block, Heading):
        yield "", "", block.text
    elif isinstance(block, Paragraph):
        yield from (("", "", s.text) for s in block.sentences)
    elif isinstance(block, Table):
        for row in block.rows:
            named = next((clean(c.text) for c in row if not c.text.isdigit() and not GAP.search(c.text)), "")
            yield from ((named, clean(head), cell.text) for head, cell in zip(block.header, row, strict=True))
        yield from (("", "", s.text) for s in block.notes)
