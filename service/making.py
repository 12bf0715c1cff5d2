"""Every document that a door can ask for, made from an open desk: summary, memo, audit, proofreading, coverage (成文).

In: a desk and what is asked, as values. Out: :class:`Made`, which leaves the house only through
:meth:`Made.checked`. Commands, routes, tools and pages all make their documents here, so that the same request gives
the same document behind every door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.ledger import rows
from corpus.report import Filter, Report
from service import remarks
from service.audit import document as audit_document
from service.audit.checks import audit as recompute
from service.audit.document import Audited
from service.audit.reading import Reading
from service.cover.cover import cover as held_against
from service.cover.sides import side
from service.desk import Desk
from service.draft.inputs import DraftInput
from service.memo.columns import Request as Comparison
from service.memo.memo import memo as compared
from service.memo.sources import of_desk
from service.opening import year_before
from service.papers.document import Document
from service.papers.provenance import Checked, OpenReport, checked
from service.phrase import Chat
from service.proof import document as proof_document
from service.proof.bench import Bench
from service.proof.proofing import Proof, proofread
from service.proof.rules import Rule
from service.remarks import Remark
from service.summary.rephrase import Told
from service.summary.scope import Request as Scope
from service.summary.scope import resolve
from service.summary.summary import Length, Part, assembled, parts
from service.summary.synthesis import Source, synthesise


@dataclass(frozen=True, slots=True)
class Made:
    """A document with what opens the reports that it cites.

    ``terms`` are names that may hold a numeral. ``told`` counts what was read: for the screen only, since it is no
    figure of a report. ``remarks`` are findings with their places in the text, where there are any.
    """

    document: Document
    open_report: OpenReport
    terms: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def checked(self) -> Checked:
        """The document, if every numeral in it leads to a source.

        Raises:
            Unsourced: one does not.
        """
        return checked(self.document, self.open_report, terms=self.terms)


# -- summaries --------------------------------------------------------------------------------------


def scope(desk: Desk, targets: Sequence[str], wanted: Filter, within: Sequence[str] = ()) -> Scope:
    """Which reports are to be summarised; only those of ``within`` (ids) come into question, where any is given.

    Raises:
        NotFound, InputError: see :func:`service.summary.scope.resolve`.
    """
    cards = desk.cards()
    if within:
        cards = tuple(card for card in cards if card.id in within)
    return resolve(targets, wanted, cards, desk.library.full_id, desk.understand)


def summary(
    desk: Desk, asked: Scope, length: Length, *, phrased: bool = True, on_text: Told | None = None
) -> Made:
    """The summary of one report, or what several have in common."""
    if asked.single:
        card = asked.cards[0]
        made = assembled(card, summary_parts(desk, card, length, phrased=phrased, on_text=on_text))
        return Made(made, desk.report)
    return Made(_synthesis(desk, asked, length), desk.report)


def summary_parts(
    desk: Desk, card: Card, length: Length, *, phrased: bool = True, on_text: Told | None = None
) -> Iterator[Part]:
    """The parts of one summary as they are ready; the model loads while the report is read."""
    if phrased:
        desk.warm()
    figures = rows(desk.library, Filter(report_ids=(card.id,)))
    model = desk.model if phrased else None
    return parts(desk.report(card.id), card, figures, model, length, on_text=on_text)


def _synthesis(desk: Desk, asked: Scope, length: Length) -> Document:
    return synthesise(
        [Source(desk.report(card.id), card) for card in asked.cards],
        asked.kinds,
        desk.likeness,
        length,
        asked=asked.asked,
        places=asked.places,
        years=asked.years,
        gaps=asked.gaps,
        apart=[Source(desk.report(card.id), card) for card in asked.apart],
    )


# -- memos ------------------------------------------------------------------------------------------


def memo(desk: Desk, request: Comparison, chat: Chat | None = None, *, on_text: Told | None = None) -> Made:
    """The comparison of places, years or reports; its findings are phrased where ``chat`` is given.

    Raises:
        NotFound, InputError: see :func:`service.memo.memo.memo`.
    """
    ids = tuple(desk.library.full_id(report) for report in request.report_ids)
    whole = Comparison(request.places, request.years, ids, request.indicators)
    made = compared(whole, of_desk(desk, chat, on_text))
    return Made(made.document, desk.report, made.terms)


# -- audits, proofreading, coverage -----------------------------------------------------------------


def audit(desk: Desk, reports: Sequence[Report]) -> Made:
    """What is recomputed in the reports of one file, held against the year before."""
    found = tuple(_audited(desk, report) for report in reports)
    texts = {report.id: report for one in found for report in (one.report, one.earlier) if report}
    return Made(
        audit_document.as_document(found),
        lambda name: texts[name] if name in texts else desk.report(name),
        told=tuple(map(_audit_told, found)),
        remarks=_sorted(remark for one in found for remark in remarks.of_audit(one)),
    )


def _audited(desk: Desk, report: Report) -> Audited:
    earlier = year_before(desk, report)
    return Audited(report, recompute(report, earlier), earlier)


def _audit_told(one: Audited) -> str:
    sentences, figures = len(Reading(one.report).sentences), len(one.report.figures)
    return f"共核对{sentences}句中的{figures}个数值，发现{len(one.findings)}处问题"


def check(
    desk: Desk,
    reports: Sequence[Report],
    rules: frozenset[Rule] = frozenset(Rule),
    *,
    named: Sequence[Report] = (),
    given: DraftInput | None = None,
) -> Made:
    """The proofreading of the texts of one file.

    Args:
        desk: its library is what they are held against.
        reports: the texts.
        rules: those that are used.
        named: only these reports are held against them, where any is given.
        given: the input of the draft.
    """
    bench = Bench(desk, named, given)
    proofs = tuple(proofread(report, bench.against(report), rules) for report in reports)
    return Made(
        proof_document.as_document(proofs),
        bench.opener(proofs),
        told=tuple(map(_check_told, proofs)),
        remarks=_sorted(remark for one in proofs for remark in remarks.of_proof(one)),
    )


def _check_told(one: Proof) -> str:
    told = f"共校对{one.sentences}句，发现{len(one.findings)}处"
    if one.tally is not None:
        told += f"；{one.tally.figures}个数值中，{one.tally.sourced}个有出处，{one.tally.computed}个可由文中的数算得"
    return told


def _sorted(found: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(found, key=lambda one: (one.report_id, one.start, one.end)))


def cover(desk: Desk, own: Report, above: Report) -> Made:
    """What a plan answers of its superior's key points.

    Raises:
        InputError: both are the same text, the superior lists no items, or the plan plans nothing.
    """
    aliases = Aliases.load(desk.library.home)
    plan, asked = (side(report, desk.library, aliases) for report in (own, above))
    made = held_against(plan, asked, desk.likeness, aliases)
    texts = {report.id: report for report in (own, above)}
    return Made(made, lambda name: texts[name])
