"""What many reports say of one kind: like problems (or next steps) together, who names each, all cited.

In: reports with their cards, the kinds of section, and the cosines of the embedding model. Out: a
document: how many reports name each, which, and what each says; what only one report names is listed
too, so that every point of every report is there. Counts are computed from the citations that they rest
on. That two points are alike is a judgement of :mod:`service.points.pairing`, and the document says so. No
model writes here: who names what must not be told from memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.cards import Card
from corpus.errors import NotFound
from corpus.report import Report, SectionKind, Span
from corpus.sentences import sentences
from service.cited import Citation, Derived, Sentence
from service.compose import name_of
from service.papers.derivation import count
from service.papers.document import Block, Document, Heading, Paragraph
from service.points.pairing import Group, Similar, groups
from service.points.points import Point, points
from service.points.points import citation as whole
from service.summary.cutting import ENDS, cut, tidy
from service.summary.items import Room, item
from service.summary.ranking import Ranking
from service.summary.summary import Length

ROOMS = {Length.SHORT: Room(1, 45), Length.STANDARD: Room(1, 90), Length.LONG: Room(6, 240)}
MOST_NAMED = 4  # common matters that the overview names
JUDGED = "相近的提法由程序按文字和语义归并，归并是否恰当请对照各报告原文"


@dataclass(frozen=True, slots=True)
class Words:
    """How the points of a kind are called, and counted."""

    name: str
    measure: str

    @property
    def common(self) -> str:
        """Heading of what several reports name."""
        return f"共同的{self.name}"

    @property
    def single(self) -> str:
        """Heading of the rest."""
        return f"个别报告写到的{self.name}"


WORDS = {
    SectionKind.PROBLEMS: Words("问题", "个"),
    SectionKind.NEXT_STEPS: Words("工作打算", "项"),
    SectionKind.ACHIEVEMENTS: Words("工作成效", "项"),
    SectionKind.HIGHLIGHTS: Words("亮点", "项"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A report with its card."""

    report: Report
    card: Card


def synthesise(
    sources: Sequence[Source],
    kinds: Sequence[SectionKind],
    similar: Similar,
    length: Length = Length.STANDARD,
    *,
    asked: str = "",
    places: Sequence[str] = (),
    years: Sequence[int] = (),
    gaps: Sequence[str] = (),
    apart: Sequence[Source] = (),
) -> Document:
    """The synthesis over ``sources``.

    Args:
        sources: the reports, in the order in which they are to be named.
        kinds: which sections are put together.
        similar: cosines of texts with texts.
        length: how much is told of each point.
        asked: the user's words, for the title.
        places: places that the user asked for.
        years: years that the user asked for.
        gaps: what of the request could not be met.
        apart: reports that were left out: articles and news, or of places of another level.

    Raises:
        NotFound: no report is left.
    """
    if not sources:
        raise NotFound("没有可以归纳的报告", remedy="用 wenheng reports 查看库中的报告，再换地名、年份或文种")
    blocks = [block for kind in kinds for block in chapter(sources, kind, similar, length)]
    told = (*gaps, *(("符合条件的报告不足以归纳共性",) if len(sources) == 1 else ()))
    return Document(
        kind="synthesis",
        title=titled(asked, kinds, places, years),
        blocks=(*blocks, *_read(sources, apart)),
        places=tuple(places),
        years=tuple(years),
        partial=bool(told),
        gaps=tuple(dict.fromkeys(told)),
    )


def titled(asked: str, kinds: Sequence[SectionKind], places: Sequence[str], years: Sequence[int]) -> str:
    """The user's own words, else years, places and kinds."""
    if asked:
        return f"{tidy(asked).strip(ENDS)}：归纳"
    when = "、".join(f"{year}年" for year in years)
    return f"{when}{'、'.join(places)}报告{'、'.join(WORDS[kind].name for kind in kinds)}归纳"


def chapter(
    sources: Sequence[Source], kind: SectionKind, similar: Similar, length: Length
) -> Iterator[Block]:
    """Overview, what several reports name, what one names, and which reports have no such section."""
    words = WORDS[kind]
    found = {source.card.id: points(source.report, source.card, kind) for source in sources}
    made = groups([point for of_one in found.values() for point in of_one], similar)
    if not made:
        yield Heading(f"{words.name}概况")
        yield _said(f"这些报告都没有写{words.name}")
        return
    writer = _Writer({source.card.id: source for source in sources}, ROOMS[length])
    common = [group for group in made if len(group.report_ids) > 1]
    single = [group for group in made if len(group.report_ids) == 1]
    yield Heading(f"{words.name}概况")
    yield from _overview(writer, words, common, made)
    if common:
        yield Heading(words.common)
        for group in common:
            yield from writer.common(group)
    if single:
        yield Heading(words.single)
        yield from writer.single(single)
    without = [source for source in sources if not found[source.card.id]]
    if without:
        yield Heading(f"没有写{words.name}的报告")
        yield _naming(without)


def _overview(
    writer: _Writer, words: Words, common: Sequence[Group], made: Sequence[Group]
) -> Iterator[Paragraph]:
    """How many reports state how many points, and what most of them name."""
    every = [point for group in made for point in group.points]
    reports = _count([writer.citation(p) for p in _first_of_report(every)], "份")
    stated = _count([writer.citation(p) for p in every], words.measure)
    text = f"{reports.text}报告共写明{words.name}{stated.text}"
    yield Paragraph((Sentence(text, (), "computed", (), (reports, stated)),))
    if common:
        yield Paragraph(tuple(writer.naming(group) for group in common[:MOST_NAMED]), listed=True)
        yield _said(JUDGED)
    else:
        yield _said(f"各报告没有相近的{words.name}")


class _Writer:
    """Writes groups of points; keeps the ranking of each report."""

    def __init__(self, sources: dict[str, Source], room: Room) -> None:
        self._sources, self._room = sources, room
        self._rankings: dict[str, Ranking] = {}
        self._cited: dict[Point, Citation] = {}

    def citation(self, point: Point) -> Citation:
        """One citation a point, the same wherever it is counted, and of no other point."""
        if point not in self._cited:
            own = self.item(point, self._room).citations[0]
            taken = own in self._cited.values()
            self._cited[point] = whole(point) if taken else own
        return self._cited[point]

    def item(self, point: Point, room: Room) -> Sentence:
        """A point in the source's words."""
        report = self._sources[point.report_id].report
        if point.report_id not in self._rankings:
            self._rankings[point.report_id] = Ranking(report)
        return item(report, self._rankings[point.report_id], point, room)

    def naming(self, group: Group) -> Sentence:
        """3份报告提到：……（甲县2022年、乙县2022年……）; no quotation marks, which would make a name of a figure."""
        firsts = _first_of_report(group.points)
        number = _count([self.citation(p) for p in firsts], "份")
        names = "、".join(dict.fromkeys(self._name(p.card) for p in firsts))
        typical = next(p for p in group.points if p.title == group.title)
        cited = self.item(typical, self._room).citations  # the title may hold a figure
        text = f"{number.text}报告提到：{self.title(group)}（{names}）"
        return Sentence(text, cited, "computed", (), (number,))

    def title(self, group: Group) -> str:
        """The title of the most typical point."""
        return cut(group.title, 30)

    def common(self, group: Group) -> tuple[Block, ...]:
        """A matter that several reports name: who, and what each says."""
        items = tuple(self._named(point) for point in group.points)
        return (
            Heading(self.title(group), 2),
            Paragraph((self.naming(group),)),
            Paragraph(items, listed=True),
        )

    def single(self, found: Sequence[Group]) -> tuple[Block, ...]:
        """Points that one report names, report by report."""
        by_report: dict[str, list[Point]] = {}
        for group in found:
            for point in group.points:
                by_report.setdefault(point.report_id, []).append(point)
        blocks: list[Block] = []
        for report_id in (i for i in self._sources if i in by_report):
            blocks.append(Heading(_title(self._sources[report_id].card), 2))
            ordered = sorted(by_report[report_id], key=lambda p: p.span)
            blocks.append(Paragraph(tuple(self.item(p, self._room) for p in ordered), listed=True))
        return tuple(blocks)

    def _named(self, point: Point) -> Sentence:
        told = self.item(point, self._room)
        return Sentence(f"{told.text}（{self._name(point.card)}）", told.citations, told.status)

    def _name(self, card: Card) -> str:
        """Place and year; with the kind of report where another one has the same, its title as a last resort."""
        cards = [source.card for source in self._sources.values()]
        for name in (name_of, _kind_of):
            if sum(name(other) == name(card) for other in cards) == 1:
                return name(card)
        return card.title


def _kind_of(card: Card) -> str:
    return f"{name_of(card)}{card.genre.label}"


def _first_of_report(found: Sequence[Point]) -> tuple[Point, ...]:
    """One point a report."""
    firsts: dict[str, Point] = {}
    for point in found:
        firsts.setdefault(point.report_id, point)
    return tuple(firsts.values())


def _count(citations: Sequence[Citation], measure: str) -> Derived:
    number = count(citations, measure)
    assert number is not None, "a group has points"
    return number


def _title(card: Card) -> str:
    """Place, year and title; the title alone where it names the place."""
    return card.title if not card.place or card.place in card.title else f"{card.place}：{card.title}"


def _naming(sources: Sequence[Source]) -> Paragraph:
    """The names of reports, each with the sentence that it begins with."""
    named = []
    for source in sources:
        first = next(iter(sentences(source.report.text)), Span(0, 0))
        cited = Citation.at(source.card, first, first.of(source.report.text), ())
        named.append(Sentence(_title(source.card), (cited,), "stated"))
    return Paragraph(tuple(named), listed=True)


def _read(sources: Sequence[Source], apart: Sequence[Source]) -> tuple[Block, ...]:
    """Which reports were read, and which were not."""
    found: tuple[Block, ...] = (Heading("依据的报告"), _naming(sources))
    return (*found, Heading("没有纳入的报告"), _naming(apart)) if apart else found


def _said(text: str) -> Paragraph:
    return Paragraph((Sentence(text, (), "stated"),))
