"""The comparison memo: years of a place, places of a year, two reports (对比备忘录).

In: what the user asked for, the cards and rows of the library, reports on demand, the embedding model's
likeness and, where findings are to be phrased, the chat model. Out: a :class:`~service.papers.document.Document`: the
aligned indicators, their changes and ranks, findings, charts, what changed in problems and next steps,
and what a reader must mind. Code selects, aligns, computes and composes; the model may only join the
sentences of the findings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.ledger import Row
from corpus.report import Report, Span
from service.cited import Citation, Sentence
from service.memo.aligning import Line, align
from service.memo.columns import REPORTS, Plan, Request, plan
from service.memo.findings import findings
from service.memo.lines import Chosen, choose
from service.memo.points import changed_points
from service.memo.tables import change_tables, charts, rank_tables, value_tables
from service.memo.warnings import warnings
from service.papers.document import Block, Document, Heading, Paragraph
from service.phrase import Chat
from service.points.pairing import Similar
from service.summary.rephrase import Told, retell

PROMPT = "memo"
AT_ONCE = 4  # findings in one paragraph
PHRASED = 3  # of them the first, which the model joins; each more takes it seconds on two cores
MOST_TOKENS = 220

RowsOf = Callable[[Sequence[Card]], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a memo is made from. ``rows`` gives the ledger of some reports, ``report`` opens one.

    Without ``similar`` problems and next steps are not compared, without ``chat`` the findings stay as
    code composed them.
    """

    cards: Sequence[Card]
    rows: RowsOf
    report: Callable[[str], Report]
    similar: Similar | None = None
    chat: Chat | None = None
    aliases: Aliases = field(default_factory=Aliases)
    on_text: Told | None = None


@dataclass(frozen=True, slots=True)
class Memo:
    """The document with the lines that it shows; ``terms`` are the names of indicators in it."""

    document: Document
    plan: Plan
    lines: tuple[Line, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """Names that may hold a numeral: 65岁以上老年人健康管理率."""
        names = (name for line in self.lines for name in (line.label, line.measure.name))
        return tuple(dict.fromkeys(names))


def memo(request: Request, sources: Sources) -> Memo:
    """Compare.

    Raises:
        NotFound: a place, the years or all named indicators are not in the library.
        InputError: there is only one report, or only one column.
    """
    planned = plan(request, sources.cards)
    rows = sources.rows(planned.cards)
    every = align(rows, planned.columns, {card.id: card.genre for card in planned.cards})
    chosen = choose(every, request.indicators, sources.aliases.canonical)
    found = findings(planned, chosen.lines, named=bool(request.indicators))
    told, signature = _told(found, sources)
    gaps = (*planned.gaps, *_lacking(planned, chosen, rows))
    parts = (
        ("对比范围", (Paragraph(_scope(planned, chosen, gaps, sources.report)),)),
        ("指标对比", _tables(planned, chosen)),
        ("主要发现", tuple(Paragraph(sentences) for sentences in told)),
        ("图表", charts(planned, chosen.lines, named=bool(request.indicators))),
        ("问题与打算的变化", changed_points(planned, sources.report, sources.similar)),
        ("需要注意的问题", _listed(_warned(planned, chosen, every, sources.report))),
    )
    blocks = tuple(block for title, body in parts if body for block in (Heading(title), *body))
    document = Document(
        "memo", planned.title, blocks, planned.places, planned.years, bool(gaps), gaps, signature
    )
    return Memo(document, planned, chosen.lines)


def _scope(
    planned: Plan, chosen: Chosen, gaps: Sequence[str], report: Callable[[str], Report]
) -> tuple[Sentence, ...]:
    """What is compared, by which rule, and what is missing."""
    what = "、".join(dict.fromkeys(column.label for column in planned.columns))
    if planned.layout == REPORTS:
        rule = "各列的数取自该份报告"
    else:
        rule = "各列是数字所说的年份，不是报告的年份：下一年报告中补充的上年数也计入上年"
    heads = tuple(head(card, report(card.id)) for card in planned.cards if _titled(planned, card))
    texts = [f"本文对比{what}", rule, "同一指标的实际、目标、要求分行列出，“缺”表示报告没有写明"]
    if chosen.left_out:
        texts.append("其余指标只见于个别报告或排序靠后，没有列入")
    return tuple(Sentence(f"{text}。", heads, "stated") for text in (*texts, *gaps))


def _warned(
    planned: Plan, chosen: Chosen, every: Sequence[Line], report: Callable[[str], Report]
) -> tuple[Sentence, ...]:
    """The warnings; those on whole reports cite the heads of reports that are called by their title."""
    heads = tuple(head(card, report(card.id)) for card in planned.cards if _titled(planned, card))
    notes = tuple(Sentence(f"{note}。", heads, "stated") for note in planned.notes)
    return (*notes, *warnings(planned, chosen.lines, every))


def _titled(planned: Plan, card: Card) -> bool:
    """Whether a report is called by its title, whose numerals then need a source."""
    return planned.name(card).startswith("《")


def head(card: Card, report: Report) -> Citation:
    """The first line of a report, which shows what it is called."""
    start = len(report.text) - len(report.text.lstrip())
    end = report.text.find("\n", start)
    span = Span(start, end if end > start else len(report.text))
    return Citation.at(card, span, span.of(report.text), ())


def _tables(planned: Plan, chosen: Chosen) -> tuple[Block, ...]:
    tables = (
        *value_tables(planned, chosen.lines),
        *change_tables(planned, chosen.lines),
        *rank_tables(planned, chosen.lines),
    )
    if tables:
        return tables
    return (Paragraph((Sentence("这些报告没有可以对照的数字。", (), "stated"),)),)


def _lacking(planned: Plan, chosen: Chosen, rows: Sequence[Row]) -> tuple[str, ...]:
    """Named indicators that nothing tells of, and reports without a figure."""
    stated = {row.report_id for row in rows}
    empty = [card for card in planned.cards if card.id not in stated]
    shared = any(len(line.found) > 1 for line in chosen.lines)
    return (
        *(f"这些报告中没有“{name}”的数字" for name in chosen.unknown),
        *(f"{planned.name(card)}中没有读出数字" for card in empty),
        *(() if shared or not chosen.lines else ("没有可以并列的指标，只能分别列出",)),
    )


def _listed(sentences: Sequence[Sentence]) -> tuple[Block, ...]:
    return (Paragraph(tuple(sentences), listed=True),) if sentences else ()


def _told(found: Sequence[Sentence], sources: Sources) -> tuple[tuple[tuple[Sentence, ...], ...], str]:
    """The findings in paragraphs, the first phrased where there is a model; and its signature."""
    lead = PHRASED if sources.chat is not None else AT_ONCE
    rest = tuple(tuple(found[at : at + AT_ONCE]) for at in range(lead, len(found), AT_ONCE))
    if not found:
        return (), ""
    if sources.chat is None:
        return (tuple(found[:lead]), *rest), ""
    result = retell(sources.chat, PROMPT, found[:lead], most_tokens=MOST_TOKENS, on_text=sources.on_text)
    return (result.sentences, *rest), result.signature
