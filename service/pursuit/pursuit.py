"""The follow-up of promises: what one report announced against what the next one tells (落实情况对照).

In: the earlier reports (last year's review, this year's plan) and the later one, each as :class:`Side`, and
the likeness of texts. Out: a :class:`~service.papers.document.Document` with counts and one table, the open
matters first. All verdicts are about texts: 没有提及 says that the later report is silent, not that nothing
was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import InputError
from corpus.ledger import Row
from corpus.report import Genre, Report
from service.cited import Citation, Derived, Sentence
from service.papers import derivation
from service.papers.derivation import as_written
from service.papers.document import Block, Cell, Document, Heading, Paragraph, Table
from service.points.pairing import SURE, Similar, scores
from service.pursuit.fulfilment import Account, Finding
from service.pursuit.promises import Promise, promises
from service.pursuit.targets import Compared
from service.pursuit.tellings import Telling
from service.pursuit.verdicts import Verdict

ORDER = (Verdict.CONTRADICTED, Verdict.PARTLY, Verdict.NOT_MENTIONED, Verdict.MENTIONED, Verdict.DONE)
HEADER = ("承诺", "当时的原文", "后来的原文", "判断", "说明")
LONGEST = 110  # characters of a quotation in a cell
MOST_QUOTED = 2  # sentences of the later report in a cell
SILENT = "没有提及只说明后来的报告没有写到，不表示这项工作没有做"
BY_CODE = "判断由程序按双方报告的文字和数字作出，请对照原文核定"
UNCHECKED = "较长的段落里没有数字、时限、也没有要建成什么的句子，无从核对，没有列入"


@dataclass(frozen=True, slots=True)
class Side:
    """One report of the comparison with its rows of the ledger."""

    report: Report
    card: Card
    rows: tuple[Row, ...]


def pursue(
    old: Sequence[Side], new: Side, similar: Similar, aliases: Aliases, also: Sequence[Side] = ()
) -> Document:
    """What became of the promises of ``old`` by the words of ``new``.

    What ``new`` does not mention is looked for in ``also``: half-year reports of the same year.

    Raises:
        InputError: the earlier reports promise nothing.
    """
    made = _merged([promises(side.report, side.card, side.rows) for side in old], similar)
    if not made:
        names = "、".join(f"《{side.card.title}》" for side in old)
        raise InputError(
            f"{names}里没有下一步打算、目标或限期完成的事项，无从对照", remedy="请换一份写有打算或目标的报告"
        )
    account = Account(new.report, new.card, new.rows, similar, aliases)
    found = list(account.findings(made))
    for side in also:
        found = _looked_up(found, Account(side.report, side.card, side.rows, similar, aliases))
    found.sort(key=lambda f: ORDER.index(f.verdict))
    return _document(old, new, also, found)


def _looked_up(found: Sequence[Finding], account: Account) -> list[Finding]:
    """The findings, those without a mention replaced by what another report of the year tells."""
    silent = [finding for finding in found if finding.verdict is Verdict.NOT_MENTIONED]
    told = dict(zip(silent, account.findings([f.promise for f in silent]), strict=True))
    where = f"只有{account.card.genre.label}写到"
    return [
        replace(other, why="；".join(filter(None, (where, other.why))))
        if (other := told.get(finding)) and other.verdict is not Verdict.NOT_MENTIONED
        else finding
        for finding in found
    ]


def _merged(lists: Sequence[Sequence[Promise]], similar: Similar) -> tuple[Promise, ...]:
    """The promises of several reports; one that a later report makes again is not listed twice."""
    kept = list(lists[0]) if lists else []
    for more in lists[1:]:
        if not kept or not more:
            kept += more
            continue
        table = scores(kept, more, similar)
        size = len(kept)
        for column, promise in enumerate(more):
            best = int(np.argmax(table[:size, column]))
            if table[best, column] < SURE or int(np.argmax(table[best])) != column:
                kept.append(promise)
                continue
            first = kept[best]
            kept[best] = replace(
                first, aims=(*first.aims, *promise.aims), also=(*first.also, promise.citation)
            )
    return tuple(kept)


# -- the document -----------------------------------------------------------------------------------


def _document(old: Sequence[Side], new: Side, also: Sequence[Side], found: Sequence[Finding]) -> Document:
    later = (new.card, *(side.card for side in also))
    cards = [side.card for side in old]
    places = tuple(dict.fromkeys(c.place for c in (*cards, new.card) if c.place))
    years = sorted({c.year for c in (*cards, new.card) if c.year})
    blocks: list[Block] = [Heading("总体情况"), Paragraph(tuple(_overview(cards, later, found)))]
    blocks += [Heading("逐项对照"), _table(found)]
    gaps = tuple(_gaps(cards, new.card))
    name = f"{places[0] if len(places) == 1 else ''}{new.card.year or ''}{'年' if new.card.year else ''}"
    return Document(
        "follow_up", f"{name}承诺事项落实情况对照", tuple(blocks), places, tuple(years), bool(gaps), gaps
    )


def _overview(old: Sequence[Card], later: Sequence[Card], found: Sequence[Finding]) -> Iterator[Sentence]:
    """How many promises there are and what the later report says of them."""
    total = derivation.count([finding.promise.citation for finding in found], "项")
    assert total is not None  # there are findings, each of its own place
    earlier, after = ("、".join(_name(card) for card in cards) for cards in (old, later))
    yield Sentence(f"先前的报告是{earlier}，后来的报告是{after}", (), "stated")
    yield Sentence(f"先前的报告中可以核对的打算、目标和承诺共{total.text}", (), "computed", derived=(total,))
    counts: list[Derived] = []
    words = []
    for verdict in ORDER:
        some = derivation.count([f.promise.citation for f in found if f.verdict is verdict], "项")
        if some is not None:
            counts.append(some)
            words.append(f"{verdict.label}的{some.text}")
    yield Sentence(f"其中{'，'.join(words)}", (), "computed", derived=tuple(counts))
    yield Sentence(f"{SILENT}；{BY_CODE}", (), "stated")


def _name(card: Card) -> str:
    """甲县2022年年度总结; place or year are left out where they are not known."""
    year = f"{card.year}年" if card.year else ""
    return f"{card.place or ''}{year}{card.genre.label}"


def _gaps(old: Sequence[Card], new: Card) -> Iterator[str]:
    """What the reader must know of the material."""
    if new.genre is Genre.HALF_YEAR:
        yield "后来的报告只写到年中，年内到期的事项还可能完成"
    if any(card.genre is Genre.HALF_YEAR for card in old):
        yield "先前的报告是半年总结，其中的打算只管下半年"


def _table(found: Sequence[Finding]) -> Table:
    notes = (Sentence(UNCHECKED, (), "stated"),)
    return Table("承诺与落实", HEADER, tuple(_row(finding) for finding in found), notes)


def _row(finding: Finding) -> tuple[Cell, ...]:
    promise, told = finding.promise, finding.told[:MOST_QUOTED]
    status = "missing" if finding.verdict is Verdict.NOT_MENTIONED else ""
    return (
        Cell(_short(promise.title), (promise.citation,)),
        Cell(_short(promise.text), (promise.citation, *promise.also)),
        Cell("；".join(_quote(t) for t in told) or "—", tuple(t.citation for t in told), status=status),
        Cell(finding.verdict.label),
        _reason(finding),
    )


def _reason(finding: Finding) -> Cell:
    """Why: targets against actual figures, and what the wording says."""
    parts, derived = [], []
    for compared in dict.fromkeys(finding.compared):
        parts.append(_compared(compared))
        derived += [compared.gap] if compared.gap else []
    if finding.why:
        parts.append(finding.why)
    if not parts:
        silent = finding.verdict is Verdict.NOT_MENTIONED
        parts.append("后来的报告没有写到" if silent else "后来的报告写到了结果")
    sources = [
        c for compared in finding.compared for c in (Citation.of_row(compared.target), compared.told.citation)
    ]
    return Cell("；".join(parts), tuple(dict.fromkeys(sources)), tuple(derived))


def _compared(compared: Compared) -> str:
    """目标40名，实际36名，低4名."""
    target, actual = compared.target, compared.actual
    said = f"{target.indicator}：目标{as_written(target)}，实际{as_written(actual)}"
    if compared.gap is None or not compared.gap.value:
        return said + ("，达到目标" if compared.met else "，没有达到目标")
    end = "达到目标" if compared.met else "没有达到目标"
    return f"{said}，{derivation.moved(compared.gap, '高', '低')}，{end}"


def _quote(told: Telling) -> str:
    """A sentence of the later report, with its heading where it does not say what it is about."""
    return _short(told.text).rstrip("。；;")


def _short(text: str) -> str:
    """A quotation on one line, cut at a mark where it is long."""
    flat = " ".join(text.split())
    if len(flat) <= LONGEST:
        return flat
    cut = max(flat.rfind(mark, 0, LONGEST) for mark in "，。；、")
    return f"{flat[: cut if cut > LONGEST // 2 else LONGEST]}…"
