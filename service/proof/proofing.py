"""Proofread one text: all rules over it, the gravest findings first (校对).

In: a :class:`~corpus.report.Report`, of the library or of a file that is in none, and what it is held against
(:class:`Against`). Out: :class:`Proof`. No language model takes part; only the linkage of problems and tasks
asks for the likeness of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from corpus.aliases import Aliases
from corpus.ledger import Row
from corpus.report import Field, Report
from service.audit.checks import audit
from service.audit.findings import Kind
from service.draft.inputs import DraftInput
from service.draft.source import InputSource
from service.points.pairing import Similar
from service.proof import claims, labelling, leftovers, linkage, marks, numerals, plans, words
from service.proof.figures import Tally, Tracing
from service.proof.known import Facts, Known, of_input, of_row
from service.proof.measured import Measured
from service.proof.recycled import Other, Recycled, recycled
from service.proof.rules import Finding, Group, Rule
from service.proof.text import Text

_PLAIN = (numerals.check, marks.check, labelling.check, words.check, plans.check, leftovers.check)
_TIMES = frozenset({Kind.TIMES, Kind.DOUBLING})
_TRACED = frozenset(
    {
        Rule.TARGET_DONE, Rule.FIGURE_CONFLICT, Rule.FIGURE_STALE, Rule.FIGURE_BORROWED, Rule.FIGURE_OTHER,
        Rule.FIGURE_UNSOURCED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Against:
    """What a text is held against.

    ``rows`` are the figures of other reports, ``others`` their texts; ``earlier`` is the report of the same place
    of the year before, ``given`` with ``source`` the input of the draft. ``likeness`` tells
    the likeness of texts when it is first needed; None where no embedding model is at hand.
    """

    aliases: Aliases
    rows: tuple[Row, ...] = ()
    others: tuple[Other, ...] = ()
    earlier: Report | None = None
    given: DraftInput | None = None
    source: InputSource | None = None
    likeness: Callable[[], Similar | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Proof:
    """The findings on one text, the gravest first. ``gaps`` say in words what could not be looked at."""

    report: Report
    findings: tuple[Finding, ...]
    sentences: int
    tally: Tally | None = None
    recycled: Recycled = field(default_factory=lambda: Recycled(()))
    counts: tuple[Measured, ...] = ()
    gaps: tuple[str, ...] = ()


def proofread(report: Report, against: Against, rules: frozenset[Rule] = frozenset(Rule)) -> Proof:
    """All findings on a text by the rules that were chosen."""
    text = Text(_placed(report, against.given), against.aliases)
    found = [finding for check in _PLAIN for finding in check(text)]
    found += _recomputed(text, against)
    tally = None
    if rules & _TRACED:
        tracing = Tracing(text, Facts(_known(text, against), against.aliases))
        found += tracing.findings()
        tally = tracing.tally
    if Rule.CLAIM in rules:
        found += claims.check(text, _sentences(against))
    again = _recycled(text, against) if rules & {Rule.COPIED_OWN, Rule.COPIED_OTHER} else Recycled(())
    found += again.findings
    gaps: list[str] = []
    if any(rule.about.group is Group.LINKAGE for rule in rules):
        found += _linked(text, against, gaps.append)
    kept = [one for one in dict.fromkeys(found) if one.rule in rules]
    kept.sort(key=lambda one: (one.severity.order, one.citations[0].start))
    return Proof(
        text.report, tuple(kept), len(text.sentences), tally, again, _counts(text, tally, again), tuple(gaps)
    )  # fmt: skip


def _placed(report: Report, given: DraftInput | None) -> Report:
    """The report with place and year of the input, where the text tells none."""
    if given is None:
        return report
    told = report.metadata
    place = told.place or Field(given.basic.place, "user")
    year = told.year or Field(str(given.basic.year), "user")
    return replace(report, metadata=replace(told, place=place, year=year))


def _recomputed(text: Text, against: Against) -> Iterator[Finding]:
    """What the audit finds, under the rules of a proofreading."""
    for one in audit(text.report, against.earlier):
        rule = Rule.TIMES if one.kind in _TIMES else Rule.ARITHMETIC
        message = f"{one.kind.label}：{one.message}"
        yield Finding(rule, one.severity, message, one.citations, one.derived, one.suggestion)


def _known(text: Text, against: Against) -> Iterator[Known]:
    if against.given is not None and against.source is not None:
        yield from of_input(against.given, against.source)
    for row in against.rows:
        if row.report_id != text.report.id and (known := of_row(row)) is not None:
            yield known


def _sentences(against: Against) -> Iterable[str]:
    """The texts in which a claim may have its source."""
    yield from (other.report.text for other in against.others)
    if against.source is not None:
        yield against.source.report.text


def _recycled(text: Text, against: Against) -> Recycled:
    allowed = against.source.report.text.splitlines() if against.source is not None else ()
    return recycled(text, against.others, allowed)


def _linked(text: Text, against: Against, miss: Callable[[str], None]) -> Iterator[Finding]:
    """By the keys of the input where it has problems, else by likeness."""
    given, source = against.given, against.source
    if given is not None and source is not None and given.problems:
        yield from linkage.check_input(text, given, source)
    elif linkage.has_both(text):
        similar = against.likeness()
        if similar is not None:
            yield from linkage.check(text, similar)
            return
        miss("没有核对问题与任务的对应，因为向量模型没有就绪；请先获取模型")


def _counts(text: Text, tally: Tally | None, again: Recycled) -> tuple[Measured, ...]:
    found = [again.measured] if again.measured else []
    if tally is not None and tally.figures:
        told = f"核对数值{tally.figures}个，其中有出处的{tally.sourced}个，由文中的数算得的{tally.computed}个"
        found.insert(0, Measured.of(text, told))
    return tuple(found)
