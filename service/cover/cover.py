"""The comparison of a county's plan with its superior's key points, as a document (对照上级要点).

In: both sides, and the likeness of texts. Out: a :class:`~service.papers.document.Document`: counts first, then what the
plan leaves out, answers in part and answers in full, each with both passages, and last what the county plans beyond. All
verdicts are about texts: 未提及 says that the draft is silent, not that nothing will be done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import InputError
from service.arithmetic import RATES
from service.cited import Citation, Derived, Sentence
from service.cover.answers import Finding, Verdict, findings
from service.cover.demands import Demand, Reach
from service.cover.items import Item, items
from service.cover.planned import Planned, planned
from service.papers import derivation
from service.papers.derivation import as_written
from service.papers.document import Block, Cell, Document, Heading, Paragraph, Table
from service.points.pairing import Similar
from service.points.points import Point, citation
from service.points.unlabelled import bare
from service.pursuit.pursuit import Side
from service.pursuit.targets import Compared

ORDER = (Verdict.MISSING, Verdict.PARTLY, Verdict.COVERED)
HEADINGS = {
    Verdict.MISSING: "没有提及的要点",
    Verdict.PARTLY: "部分覆盖的要点",
    Verdict.COVERED: "已经覆盖的要点",
}
BEYOND = "本县另有的安排"
SILENT = "没有提及只说明稿子没有写到，不表示不做"
BY_CODE = "判断由程序按双方的文字和数字作出，请对照原文核定"
FOR_OTHERS = "原文写给其他地方或由上级单位承担，请核定是否涉及本地"
SUMMED = "要求的是全域总数，本地的份额请核定"
LONGEST = 160  # characters of a quotation in a cell
MOST_QUOTED = 3  # sentences of the plan in a cell
MOST_LACKING = 5  # measures without an answer that a cell names


def cover(draft: Side, superior: Side, similar: Similar, aliases: Aliases) -> Document:
    """What ``draft`` answers of the items of ``superior``.

    Raises:
        InputError: both are the same text, the superior lists no items, or the draft plans nothing.
    """
    if draft.report.id == superior.report.id or draft.report.text.strip() == superior.report.text.strip():
        raise InputError(
            f"《{draft.card.title}》不能与它自己对照",
            remedy="请用 --against 给出另一份报告，如上级的工作要点",
        )
    asked = items(superior, draft.card.place)
    if not asked:
        raise InputError(
            f"《{superior.card.title}》里没有找到工作要点、任务或打算，无从对照",
            remedy="请用 --against 换一份逐条写有任务的要点或计划",
        )
    plan = planned(draft)
    if not plan.tellings:
        raise InputError(
            f"《{draft.card.title}》里没有找到打算或任务，无从对照",
            remedy="请换一份写有下一步打算的稿子，或在输入表里填写任务",
        )
    return _document(draft.card, superior.card, findings(asked, plan, similar, aliases), plan)


# -- the document -----------------------------------------------------------------------------------


def _document(draft: Card, superior: Card, found: Sequence[Finding], plan: Planned) -> Document:
    blocks: list[Block] = [Heading("总体情况"), Paragraph(tuple(_overview(draft, superior, found, plan)))]
    for verdict in ORDER:
        these = [finding for finding in found if finding.verdict is verdict]
        these.sort(key=lambda finding: finding.item.named)
        if these:
            blocks += [Heading(HEADINGS[verdict]), _table(verdict, these)]
    beyond = _beyond(found, plan)
    if beyond:
        blocks += [Heading(BEYOND), Table("没有对应要点的安排", ("安排", "原文"), tuple(map(_own, beyond)))]
    places = tuple(dict.fromkeys(card.place for card in (draft, superior) if card.place))
    years = tuple(sorted({card.year for card in (draft, superior) if card.year}))
    gaps = tuple(_gaps(draft, superior))
    name = f"{draft.place or ''}{f'{draft.year}年' if draft.year else ''}"
    return Document("cover", f"{name}安排与上级要点逐项对照", tuple(blocks), places, years, bool(gaps), gaps)


def _overview(draft: Card, superior: Card, found: Sequence[Finding], plan: Planned) -> Iterator[Sentence]:
    """How many items there are, and what the draft does with them."""
    named = (found[0].item.citation, plan.tellings[0].citation)
    yield Sentence(f"上级的报告：{superior.title}；对照的稿子：{draft.title}", named, "stated")
    counts = [_count([finding.item for finding in found])]
    words = []
    for verdict in reversed(ORDER):
        those = [finding.item for finding in found if finding.verdict is verdict]
        if those:
            counts.append(_count(those))
            words.append(f"{verdict.label}{counts[-1].text}")
    text = f"上级的要点共{counts[0].text}，其中{'，'.join(words)}"
    yield Sentence(text, (), "computed", derived=tuple(counts))
    others = [f.item for f in found if f.verdict is Verdict.MISSING and f.item.named]
    if others:
        some = _count(others)
        yield Sentence(
            f"未提及的要点中有{some.text}写给其他地方或由上级单位承担", (), "computed", derived=(some,)
        )
    yield Sentence(f"{SILENT}；{BY_CODE}", (), "stated")


def _count(those: Sequence[Item]) -> Derived:
    made = derivation.count([item.citation for item in those], "项")
    assert made is not None  # there is one at least, each of its own place
    return made


def _gaps(draft: Card, superior: Card) -> Iterator[str]:
    """What the reader must know of the material."""
    if draft.year and superior.year and draft.year != superior.year:
        yield f"上级的要点是{superior.year}年的，稿子是{draft.year}年的，年份不同"
    if not draft.place:
        yield "稿子没有写明地区，写给某一个县区的要点没有区分"


def _table(verdict: Verdict, those: Sequence[Finding]) -> Table:
    if verdict is Verdict.MISSING:
        return Table("没有提及", ("上级要点", "上级的原文", "说明"), tuple(map(_silent, those)))
    header = ("上级要点", "上级的原文", "稿子的原文", "说明")
    return Table(verdict.label, header, tuple(map(_answered, those)))


def _silent(finding: Finding) -> tuple[Cell, ...]:
    item, near = finding.item, finding.near
    if near is None or item.named:
        why, sources = FOR_OTHERS if item.named else "稿子没有写到", tuple[Citation, ...]()
    else:
        why, sources = f"稿子没有写到，请核定最接近的安排：{_short(near.title)}", (citation(near),)
    return (*_asked(item), Cell(why, sources, status="" if sources else "missing"))


def _asked(item: Item) -> tuple[Cell, Cell]:
    """An item by its heading, and what it says; the label stands at the heading only."""
    above = item.path[-1] if item.path else ""
    head = above if above.endswith(item.title) else item.title
    return Cell(_short(head), (item.citation,)), Cell(_short(item.body), (item.citation,))


def _answered(finding: Finding) -> tuple[Cell, ...]:
    shown = sorted(finding.told[:MOST_QUOTED], key=lambda told: told.span)
    quoted = "；".join(_short(bare(told.text)).rstrip("。；;") for told in shown)
    sources = tuple(told.citation for told in shown)
    return (*_asked(finding.item), Cell(quoted, sources), _reason(finding))


def _reason(finding: Finding) -> Cell:
    """Figures against figures, then what is left out."""
    parts, derived, sources = [], [], [finding.item.citation]
    for compared in dict.fromkeys(finding.compared):
        said, gap = _compared(compared, finding)
        parts.append(said)
        derived += gap
        sources += [Citation.of_row(compared.target), compared.told.citation]
    # Without quotation marks: a figure inside them reads as a name and not as a figure.
    parts += [f"没有写明：{_short(clause)}" for clause in _clauses(finding, finding.unset)]
    parts += [f"{SUMMED}：{_short(clause)}" for clause in _clauses(finding, finding.parts)]
    told_of = {demand.row.id for demand in (*finding.unset, *finding.parts)}
    silent = [m.text for m in finding.lacking if not any(d.row.id in told_of for d in m.demands)]
    silent += finding.omitted
    if silent:
        more = "等" if len(silent) > MOST_LACKING else ""
        parts.append(f"没有写到：{'、'.join(map(_short, silent[:MOST_LACKING]))}{more}")
    text = "；".join(parts) or "稿子有相应的安排"
    return Cell(text, tuple(dict.fromkeys(sources)), tuple(derived))


def _clauses(finding: Finding, demands: Sequence[Demand]) -> tuple[str, ...]:
    """The superior's clauses that ask for these figures, each once."""
    wanted = {demand.row.id for demand in demands}
    return tuple(m.text for m in finding.item.measures if any(d.row.id in wanted for d in m.demands))


def _compared(compared: Compared, finding: Finding) -> tuple[str, list[Derived]]:
    """三四级手术占比：要求45%，稿子42%，低3个百分点; with what was computed for it."""
    target, actual = compared.target, compared.actual
    said = f"{target.indicator}：要求{as_written(target)}，稿子{as_written(actual)}"
    asked = (d for m in finding.item.measures for d in m.demands if d.row.id == target.id)
    if any(demand.reach is Reach.PART for demand in asked):
        return f"{said}，{SUMMED}", []
    if compared.met:
        return f"{said}，达到要求", []
    if compared.gap is None or not compared.gap.value:
        return f"{said}，没有达到要求", []
    words = ("高", "低") if target.unit in RATES else ("多", "少")
    return f"{said}，{derivation.moved(compared.gap, *words)}，没有达到要求", [compared.gap]


# -- what the county plans beyond -------------------------------------------------------------------


def _beyond(found: Sequence[Finding], plan: Planned) -> tuple[Point, ...]:
    """The plan's items that answer no item of the superior."""
    used = {told.span for finding in found for told in finding.told}
    return tuple(point for point in plan.points if not any(point.span.holds(span) for span in used))


def _own(point: Point) -> tuple[Cell, ...]:
    source = (citation(point),)
    return Cell(_short(point.title), source), Cell(_short(point.body), source)


def _short(text: str) -> str:
    """A quotation on one line, cut at a mark where it is long."""
    flat = " ".join(text.split())
    if len(flat) <= LONGEST:
        return flat
    cut = max(flat.rfind(mark, 0, LONGEST) for mark in "，。；、")
    cut = cut if cut > LONGEST // 2 else LONGEST
    while cut and not ("一" <= flat[cut - 1] <= "鿿"):  # no figure is cut in two
        cut -= 1
    return f"{flat[:cut]}…"
