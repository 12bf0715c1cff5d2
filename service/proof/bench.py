"""What the texts of one file are held against, from an open desk (校对台).

In: a desk, the reports that the user named, and the input of the draft. Out: for each text its
:class:`~service.proof.proofing.Against`, and what opens every report that the findings cite. Reports and rows are
opened once for all texts of a file.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.aliases import Aliases
from corpus.errors import EndpointError, ModelError
from corpus.ledger import Row, rows, rows_of
from corpus.report import Filter, Report
from service.desk import Desk
from service.draft.inputs import DraftInput
from service.draft.source import as_source
from service.opening import year_before
from service.papers.provenance import OpenReport
from service.points.pairing import Similar
from service.proof.proofing import Against, Proof
from service.proof.sides import near, others


class Bench:
    """One proofreading: the reports named by the user (else those near in place and time), and the input."""

    def __init__(self, desk: Desk, named: Sequence[Report] = (), given: DraftInput | None = None) -> None:
        self.desk, self.named, self.given = desk, named, given
        self.aliases = Aliases.load(desk.library.home)
        self.source = as_source(given) if given else None

    def against(self, report: Report) -> Against:
        """The other side of one text."""
        told = report.metadata.place
        place = told.value if told else self.given.basic.place if self.given else ""
        cards = () if self.named else near(self.desk.cards(), report, place)
        reports = self.named or tuple(self.desk.report(card.id) for card in cards)
        return Against(
            self.aliases,
            self._rows(reports),
            others(reports, report, place),
            year_before(self.desk, report),
            self.given,
            self.source,
            self._similar,
        )

    def _rows(self, reports: Sequence[Report]) -> tuple[Row, ...]:
        """The figures of the reports, as the user corrected them where they are in the library."""
        wanted = Filter(report_ids=tuple(report.id for report in reports))
        kept = rows(self.desk.library, wanted, aliases=self.aliases) if reports else ()
        known = {row.report_id for row in kept}
        files = (row for one in reports if one.id not in known for row in rows_of(one, self.aliases))
        return (*kept, *files)

    def _similar(self) -> Similar | None:
        """The likeness of texts; None where the embedding model is not at hand."""
        try:
            self.desk.embedder.embed_query("问题")
        except (ModelError, EndpointError):
            return None
        return self.desk.likeness

    def opener(self, proofs: Sequence[Proof]) -> OpenReport:
        """Opens what the findings cite: the texts, the reports named, the input, what was counted, the library."""
        counted = (measured.report for one in proofs for measured in one.counts)
        given = (self.source.report,) if self.source else ()
        texts = {one.id: one for one in (*self.named, *given, *counted, *(proof.report for proof in proofs))}
        return lambda name: texts[name] if name in texts else self.desk.report(name)
