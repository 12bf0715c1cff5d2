"""Pure measures of a draft: are all rows told, all links named, all points made, all numerals sourced, is it no copy?

In: the document, the input that it was made from, and what was hidden. Out: a verdict for every row, link, point and
numeral, so that a share can always be opened. A row is told where a stretch of a few sentences under its headings
holds its words and every one of its figures; code that wrote the draft has no say in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from eval.drafts_text import Window, figures, grams, holds, lacking, overlap, prose, rarity, windows
from eval.quantities import Quantity, clean, quantities
from service.draft.copying import Copied, copied, share
from service.draft.inputs import DraftInput, Indicator, Kind, Problem, Task
from service.papers.document import Cell, Document, Heading, Paragraph, Table, of_sentence

TOGETHER = 6  # sentences that may tell one row
NEAR = 3  # sentences in which a task and its problem stand
TITLE = 0.6  # of the words of a row's title that must be there
CELLS = 0.5  # of the words of all its cells
POINT = 0.65  # of the words of a gold point; see eval/labels/README.md
_ORDINALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a row: ``lost`` names what the best stretch does not say, "" of the words where it is missing."""

    row: str
    words: float
    lost: tuple[str, ...]

    @property
    def right(self) -> bool:
        """All of it is there."""
        return not self.lost


@dataclass(frozen=True, slots=True)
class Link:
    """Whether the stretch that tells a task names the problem that it answers."""

    task: str
    problem: str
    named: bool


@dataclass(frozen=True, slots=True)
class Made:
    """Whether a gold point is made: the share of its words, and the figures that are not there."""

    point: str
    row: str
    words: float
    lost: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Enough words and every figure."""
        return self.words >= POINT and not self.lost


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral of the draft, where it stands, and whether its own sources state it."""

    text: str
    where: str
    sourced: bool


# -- rows -------------------------------------------------------------------------------------------


def cells(row: Problem | Task | Indicator) -> tuple[str, ...]:
    """What a row says, the title first."""
    if isinstance(row, Problem):
        return (row.title, row.shows, row.cause)
    if isinstance(row, Task):
        return (row.title, row.measure, row.office, row.deadline, row.target, row.progress)
    values = (row.last, row.this, row.target)
    return (row.name, *(f"{value.text}{row.unit}" for value in values if value is not None))


def rows_of(given: DraftInput) -> tuple[tuple[str, Problem | Task | Indicator], ...]:
    """All rows with the names that labels use: 指标1, 问题1, 任务1."""
    groups: tuple[tuple[str, Sequence[Problem | Task | Indicator]], ...] = (
        ("指标", given.indicators),
        ("问题", given.problems),
        ("任务", given.tasks),
    )
    return tuple((f"{word}{n}", row) for word, group in groups for n, row in enumerate(group, 1))


def rows_told(document: Document, given: DraftInput) -> tuple[Told, ...]:
    """For each problem and task whether a stretch of the draft tells it whole, else what the best one lacks.

    A plan only names the problems that its tasks answer.
    """
    weights = _weights(given)
    stretches = tuple(windows(document, TOGETHER))
    plan = given.basic.kind is Kind.PLAN
    named = [
        (name, cells(row)[:1] if plan and isinstance(row, Problem) else cells(row))
        for name, row in rows_of(given)
        if not isinstance(row, Indicator)
    ]
    return tuple(_told(name, said, stretches, weights) for name, said in named)


def _told(
    name: str, said: tuple[str, ...], stretches: Sequence[Window], weights: Mapping[str, float]
) -> Told:
    whole = "。".join(filter(None, said))
    best = Told(name, 0.0, ("全行",))
    for stretch in stretches:
        title = overlap(said[0], stretch.whole, weights)
        words = overlap(whole, stretch.whole, weights)
        lost = lacking(whole, stretch.whole)
        if title < TITLE:
            lost = ("全行",)
        elif words < CELLS:
            lost = (*lost, *(cell for cell in said[1:] if overlap(cell, stretch.whole, weights) < CELLS))
        if (not lost, title >= TITLE, words) > (best.right, best.lost != ("全行",), best.words):
            best = Told(name, round(words, 3), lost)
    return best


def _weights(given: DraftInput) -> Mapping[str, float]:
    return rarity("。".join(cells(row)) for _, row in rows_of(given))


# -- links ------------------------------------------------------------------------------------------


def links(document: Document, given: DraftInput) -> tuple[Link, ...]:
    """For each task and problem that the input links whether the draft does."""
    weights = _weights(given)
    stretches = tuple(windows(document, NEAR))
    found = []
    for n, task in enumerate(given.tasks, 1):
        telling = [w for w in stretches if _tells_task(w, task, given, weights)]
        for key in task.answers:
            problem = given.problem(key)
            if problem:
                label = _label(given, problem)
                named = any(
                    label in window.whole or overlap(problem.title, window.whole, weights) >= TITLE
                    for window in telling
                )
                found.append(Link(f"任务{n}", key, named))
    return tuple(found)


def _tells_task(window: Window, task: Task, given: DraftInput, weights: Mapping[str, float]) -> bool:
    """A stretch is about the task that it tells best."""
    own = overlap("。".join((task.title, task.measure)), window.text, weights)
    rest = (overlap("。".join((t.title, t.measure)), window.text, weights) for t in given.tasks if t != task)
    title = overlap(task.title, window.whole, weights)
    return title >= TITLE and own >= max(rest, default=0.0)


def _label(given: DraftInput, problem: Problem) -> str:
    """问题一, as a draft numbers problems."""
    at = given.problems.index(problem)
    return f"问题{_ORDINALS[at]}" if at < len(_ORDINALS) else f"问题{at + 1}"


def unanswered(found: Iterable[Link]) -> tuple[str, ...]:
    """The problems that the input gives a task and the draft names none for."""
    by_problem: dict[str, bool] = {}
    for link in found:
        by_problem[link.problem] = by_problem.get(link.problem, False) or link.named
    return tuple(problem for problem, named in by_problem.items() if not named)


# -- points -----------------------------------------------------------------------------------------


def made(document: Document, keys: Iterable[tuple[str, str, str]]) -> tuple[Made, ...]:
    """For each gold point (id, row, key) whether a stretch of the draft makes it."""
    stretches = [stretch.whole for stretch in windows(document, TOGETHER)]
    return tuple(_made(point, row, key, stretches) for point, row, key in keys)


def _made(point: str, row: str, key: str, stretches: Iterable[str]) -> Made:
    best = Made(point, row, 0.0, ("全点",))
    for text in stretches:
        one = Made(point, row, round(says(key, text), 3), missing(key, text))
        if (not one.lost, one.words) > (not best.lost, best.words) or best.lost == ("全点",):
            best = one
    return best


def says(key: str, text: str) -> float:
    """Share of the words of a key that a text says; a|b are two ways to say one; longer words weigh more."""
    terms = [term.split("|") for term in key.split() if not figures(term)]
    there = grams(text)
    plain = clean(text)
    worth = gained = 0.0
    for ways in terms:
        weight = float(max(len(way) for way in ways)) ** 0.5
        worth += weight
        gained += weight * max(_said(way, plain, there) for way in ways)
    return gained / worth if worth else 1.0


def _said(word: str, text: str, there: frozenset[str]) -> float:
    if word in text:
        return 1.0
    pairs = grams(word)
    part = len(pairs & there) / len(pairs) if pairs else 0.0
    return part if part >= 0.5 else 0.0  # one pair of four is chance


def missing(key: str, text: str) -> tuple[str, ...]:
    """The figures of a key that a text does not state."""
    return tuple(
        fault for term in key.split() if figures(term) for fault in lacking(term.split("|")[0], text)
    )


# -- numerals ---------------------------------------------------------------------------------------


def numerals(document: Document) -> tuple[Numeral, ...]:
    """Every Arabic numeral of the draft, and whether the sources of its own sentence or cell state it.

    Headings rest on the sources of the whole document, as a year of the document does everywhere.
    """
    everything = " ".join(c.quote for c in document.sources)
    years = {Decimal(year) for year in document.years}
    found = [*_numerals(document.title, everything, years)]
    for block in document.blocks:
        if isinstance(block, Heading):
            found += _numerals(block.text, everything, years)
        elif isinstance(block, Paragraph):
            for sentence in block.sentences:
                quotes = " ".join(c.quote for c in of_sentence(sentence))
                own = " ".join((quotes, *(d.text for d in sentence.derived)))
                found += _numerals(sentence.text, own, years)
        elif isinstance(block, Table):
            for row in block.rows:
                own = _row_sources(row)
                for column, cell in enumerate(row):
                    if column or not cell.text.strip().isdecimal():  # 序号
                        found += _numerals(cell.text, own, years)
    return tuple(found)


def _row_sources(row: Iterable[Cell]) -> str:
    return " ".join(
        text for cell in row for text in (*(c.quote for c in cell.sources), *(d.text for d in cell.derived))
    )


def _numerals(text: str, sources: str, years: set[Decimal]) -> list[Numeral]:
    plain = clean(text)
    known = quantities(clean(sources))
    return [
        Numeral(plain[q.start : q.end], text, q.value in years or _states(known, q))
        for q in quantities(plain)
    ]


def _states(known: tuple[Quantity, ...], wanted: Quantity) -> bool:
    """The same value and unit; a unit may stand apart from its number (a range, a column)."""
    return holds(known, wanted) or any(one.value == wanted.value and not one.unit for one in known)


# -- copying ----------------------------------------------------------------------------------------


def copies(
    document: Document, given: DraftInput, others: Sequence[str], allowed: Iterable[str] = ()
) -> tuple[Decimal, tuple[Copied, ...]]:
    """Share of the draft, in percent, in runs of other texts that are neither the input's nor allowed; the runs."""
    text = prose(document)
    own = [cell for _, row in rows_of(given) for cell in cells(row) if cell]
    basic = given.basic
    found = copied(text, others, (*own, basic.office, basic.place, basic.title, document.title, *allowed))
    return share(text, found), found
