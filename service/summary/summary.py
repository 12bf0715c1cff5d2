"""A summary of one report: overview, key figures, achievements, problems, next steps, each sentence cited.

In: a report with its card, its rows of the ledger, and the model (or none). Out: a document, part by part
as each is ready. Code chooses and cuts in the source's own words; the model only joins the sentences of
the overview (:mod:`service.summary.rephrase`). All problems and next steps of the source are there at every
length: a shorter one cuts each, never the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from corpus.cards import Card
from corpus.errors import WenhengError
from corpus.ledger import Row
from corpus.report import Report, SectionKind
from service.cited import Citation, Sentence
from service.compose import name_of
from service.papers.document import Block, Document, Heading, Paragraph
from service.phrase import Chat
from service.points.points import Point, points
from service.points.unlabelled import bare
from service.summary.cutting import cut
from service.summary.figures import table
from service.summary.items import Room, headline, item
from service.summary.ranking import Ranking, Weighed, choose, usable
from service.summary.rephrase import Told, one_line, retell

PROMPT = "summary"
MOST_FACTS = 330  # characters of the overview's facts, so that it is on the screen within seconds
SHORTEST = 16  # characters of a sentence of the overview
LONGEST_HEADLINE = 30  # characters of an achievement that is only named
MOST_DAMAGED = 5  # damaged sentences that are quoted as examples

Model = Callable[[], Chat]


class Length(StrEnum):
    """How long a summary is."""

    SHORT = "short"
    STANDARD = "standard"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a length means: sentences of the overview, rows, achievements, and the room of an item."""

    overview: Room
    figures: int
    achievements: int
    deed: Room
    item: Room


MEASURES = {
    Length.SHORT: Measure(Room(3, 60), 10, 6, Room(1, 50), Room(1, 45)),
    Length.STANDARD: Measure(Room(4, 80), 20, 20, Room(1, 110), Room(2, 100)),
    Length.LONG: Measure(Room(4, 100), 40, 1000, Room(3, 200), Room(50, 400)),
}
DEEDS = (SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS)
LISTS = (
    ("工作成效", DEEDS, "工作成效"),
    ("存在问题", (SectionKind.PROBLEMS,), "存在的问题"),
    ("目标要求", (SectionKind.GOALS,), ""),
    ("下一步打算", (SectionKind.NEXT_STEPS,), "下一步打算"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the summary as it is ready; ``gaps`` say what went wrong on the way."""

    blocks: tuple[Block, ...]
    gaps: tuple[str, ...] = ()
    signature: str = ""


def summarise(
    report: Report,
    card: Card,
    rows: Sequence[Row],
    model: Model | None,
    length: Length = Length.STANDARD,
    *,
    on_text: Told | None = None,
) -> Document:
    """The summary of one report."""
    return assembled(card, parts(report, card, rows, model, length, on_text=on_text))


def assembled(card: Card, made: Iterable[Part]) -> Document:
    """The document of a summary's parts."""
    kept = tuple(made)
    gaps = tuple(gap for part in kept for gap in part.gaps)
    return Document(
        kind="summary",
        title=f"{card.title}摘要",
        blocks=tuple(block for part in kept for block in part.blocks),
        partial=bool(gaps),
        gaps=gaps,
        signature=next((part.signature for part in kept if part.signature), ""),
    )


def piece(card: Card, part: Part) -> Document:
    """One part, as it is shown before the rest is ready; without a source, nothing bears out the year in the title."""
    made = assembled(card, [part])
    return made if made.sources else replace(made, title="摘要")


def parts(
    report: Report,
    card: Card,
    rows: Sequence[Row],
    model: Model | None,
    length: Length = Length.STANDARD,
    *,
    on_text: Told | None = None,
) -> Iterator[Part]:
    """Overview, key figures, achievements, problems, goals, next steps and what is damaged, in this order.

    Args:
        report: the report.
        card: its card in the library, or one made for a document that is not in it.
        rows: its figures.
        model: opens the chat model when the overview is phrased; None leaves it in the source's words.
        length: how much is told.
        on_text: called with what the model writes, as it writes.
    """
    ranking = Ranking(report)
    measure = MEASURES[length]
    first = overview(report, card, ranking, measure, model, on_text)
    yield first
    told = tuple(s.text for block in first.blocks if isinstance(block, Paragraph) for s in block.sentences)
    shown = table(rows, ranking, measure.figures)
    yield Part((Heading("主要指标"), shown or _said("原文没有可以引用的数字")))
    for heading, kinds, name in LISTS:
        found = _distinct(p for kind in kinds for p in points(report, card, kind))
        room, most = (measure.deed, measure.achievements) if kinds == DEEDS else (measure.item, len(found))
        if found:
            yield Part((Heading(heading), *_listed(report, ranking, found, room, most, told)))
        elif name:
            yield Part((Heading(heading), _said(f"原文没有写{name}")))
    if report.damages:
        yield Part((Heading("原文损坏情况"), _damages(report, card, ranking)))


# -- overview ---------------------------------------------------------------------------------------


def overview(
    report: Report, card: Card, ranking: Ranking, measure: Measure, model: Model | None, on_text: Told | None
) -> Part:
    """The weightiest sentences, joined by the model where there is one."""
    facts = _facts(report, card, ranking, measure.overview)
    if not facts:
        first = tuple(_cited(card, s) for s in ranking.sentences[:1])
        return Part(
            (Heading("概述"), Paragraph((Sentence("原文没有可以作概述的完整句子", first, "stated"),)))
        )
    lead = _lead(card, facts[0])
    if model is None:
        return Part((Heading("概述"), Paragraph((*lead, *facts))))
    if on_text:  # until the model writes, its facts are shown
        on_text("".join(one_line(fact.text) for fact in facts))
    try:
        told = retell(model(), PROMPT, facts, on_text=on_text)
    except WenhengError as error:  # the engine does not start
        return Part((Heading("概述"), Paragraph((*lead, *facts))), (silent(error),))
    gaps = (silent(told.error),) if told.error else ()
    return Part((Heading("概述"), Paragraph((*lead, *told.sentences))), gaps, told.signature)


def _lead(card: Card, first: Sentence) -> tuple[Sentence, ...]:
    """Whose work of which year is told, where the report tells both."""
    if not card.place or not card.year:
        return ()
    return (Sentence(f"{name_of(card)}工作的主要情况如下。", first.citations, "stated"),)


def silent(error: WenhengError) -> str:
    """Says that the model failed, and that the text is in the source's own words."""
    return f"语言模型没有作答（{error.message}），概述为原文摘录"


def _facts(report: Report, card: Card, ranking: Ranking, room: Room) -> tuple[Sentence, ...]:
    """Sentences that tell of deeds, or of tasks where the report is a plan; cut to clauses."""
    told = {SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS, SectionKind.OVERVIEW, SectionKind.OTHER}
    own = [s for s in ranking.sentences if s.kind in told and not s.damaged and usable(s.text)]
    if not any(s.kind in DEEDS for s in own):
        ahead = (SectionKind.NEXT_STEPS, SectionKind.GOALS)
        own += [s for s in ranking.sentences if s.kind in ahead and not s.damaged]
    own = [s for s in own if _complete(s)]
    facts: list[Sentence] = []
    length = 0
    for sentence in choose(sorted(own, key=lambda s: s.span), room.sentences):
        text = cut(bare(sentence.text), room.characters)
        if facts and length + len(text) > MOST_FACTS:
            continue
        length += len(text)
        facts.append(Sentence(text, (_cited(card, sentence),), "quoted"))
    return tuple(facts)


def _complete(sentence: Weighed) -> bool:
    """Whether a sentence is one (no line of a title page), with figures that can be read."""
    ended = sentence.text.rstrip("”’）) ")[-1:] in "。！；"
    readable = not any(f.masked or f.suspect for f in sentence.figures)
    return ended and readable and len(sentence.text) >= SHORTEST


def _cited(card: Card, sentence: Weighed) -> Citation:
    return Citation.at(card, sentence.span, sentence.text, sentence.path)


# -- lists ------------------------------------------------------------------------------------------


def _distinct(found: Iterable[Point]) -> tuple[Point, ...]:
    """Points in reading order; one that another kind of section lists too, or repeats, is told once."""
    kept: list[Point] = []
    seen: set[str] = set()
    for point in sorted(found, key=lambda p: p.span):
        letters = "".join(c for c in point.body if c.isalnum())
        if letters not in seen:
            seen.add(letters)
            kept.append(point)
    return tuple(kept)


def _listed(
    report: Report, ranking: Ranking, found: Sequence[Point], room: Room, most: int, told: Sequence[str]
) -> tuple[Paragraph, ...]:
    """The items of a list; where only the weightiest are told, the titles of the others follow."""
    shown = found
    if len(found) > most:
        weights = {p: max((ranking.of(s).weight for s in p.sentences), default=0.0) for p in found}
        kept = set(sorted(found, key=lambda p: (-weights[p], p.span))[:most])
        shown = tuple(p for p in found if p in kept)
    items: list[Sentence] = []
    for point in shown:
        items.append(item(report, ranking, point, room, (*told, *(s.text for s in items))))
    paragraph = Paragraph(tuple(items), listed=True)
    others = [headline(report, ranking, p, LONGEST_HEADLINE) for p in found if p not in set(shown)]
    if not others:
        return (paragraph,)
    text = "其他：" + "；".join(s.text for s in others)
    cited = tuple(dict.fromkeys(c for s in others for c in s.citations))
    return (paragraph, Paragraph((Sentence(text, cited, "quoted"),)))


def _said(text: str) -> Paragraph:
    return Paragraph((Sentence(text, (), "stated"),))


# -- damage -----------------------------------------------------------------------------------------


def _damages(report: Report, card: Card, ranking: Ranking) -> Paragraph:
    """Says that parts of the source could not be restored, with the first of them."""
    broken = [s for s in ranking.sentences if s.damaged]
    shown = broken[:MOST_DAMAGED] or [ranking.of(span) for span in report.damages[:MOST_DAMAGED]]
    more = "等处" if len(broken) > len(shown) else ""
    text = f"原文有损坏的文字，未能恢复{f'（见来源所引{more}）' if more else ''}；损坏处没有摘取数字"
    return Paragraph((Sentence(text, tuple(_cited(card, s) for s in shown), "stated"),))
