"""Which rows of the ledger a user asks for, and what to say where there are none (查数).

In: places, years, indicators, reports and kinds. Out: the rows in reading order; or an error that names what
the library has instead: its places, the years of a place, the indicators with the nearest names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import NotFound
from corpus.ledger import Row, about, rows
from corpus.library import Library
from corpus.report import FigureKind, Filter

NEAR = 5  # names offered instead of an unknown one


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked; what is empty asks for all. ``years`` are those of the reports."""

    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    indicators: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    kinds: tuple[FigureKind, ...] = ()

    @property
    def narrow(self) -> bool:
        """Whether it asks for anything in particular."""
        return any((self.places, self.years, self.indicators, self.reports, self.kinds))


def find(library: Library, query: Query, aliases: Aliases) -> tuple[Row, ...]:
    """The rows.

    Raises:
        NotFound: nothing fits; the message tells what there is.
    """
    ids = tuple(library.full_id(report) for report in query.reports)
    wanted = Filter(places=query.places, years=query.years, report_ids=ids)
    _check(library.cards(), query)
    cards = library.cards(wanted)
    if not cards:
        raise NotFound("这些地方、年份和报告放在一起没有报告", remedy="请放宽条件，或用 wenheng reports 查看")
    found = rows(library, wanted, aliases=aliases)
    if not found:
        names = "、".join(f"《{card.title}》" for card in cards[:3])
        raise NotFound(
            f"{names}中没有数字", remedy="用 wenheng show 编号 查看正文；其他报告可不加 --report 再查"
        )
    if query.indicators:
        found = _of_indicators(found, query.indicators, aliases)
    if query.kinds:
        found = tuple(row for row in found if row.kind in query.kinds)
        if not found:
            raise NotFound("没有这种性质的数字", remedy="请去掉 --kind 再查")
    return found


def _check(cards: Sequence[Card], query: Query) -> None:
    """Whether each place and year has a report."""
    if not cards:
        raise NotFound("资料库是空的", remedy="请先用 wenheng ingest 文件或文件夹 入库")
    places = list(dict.fromkeys(card.place for card in cards if card.place))
    for place in query.places:
        if place not in places:
            raise NotFound(f"没有{place}的报告", remedy=f"请从库中已有的地方选：{_some(places)}")
    told = [card for card in cards if not query.places or card.place in query.places]
    years = sorted({card.year for card in told if card.year})
    for year in query.years:
        if year not in years:
            whose = "、".join(query.places)
            known = _some([str(year) for year in years]) or "没有注明年份的报告"
            raise NotFound(f"没有{whose}{year}年的报告", remedy=f"请从已有的年份选：{known}")


def _some(names: Sequence[str], most: int = 12) -> str:
    return "、".join(names[:most]) + (f" 等{len(names)}个" if len(names) > most else "")


def _of_indicators(found: Sequence[Row], indicators: Sequence[str], aliases: Aliases) -> tuple[Row, ...]:
    """Rows of any of the indicators; each must have one."""
    kept: dict[str, Row] = {}
    for indicator in indicators:
        fitting = [row for row in found if about(row, indicator, aliases)]
        if not fitting:
            raise NotFound(
                f"没有报告写到“{indicator}”", remedy=f"请换一个说法；相近的有：{nearest(indicator, found)}"
            )
        kept |= {row.id: row for row in fitting}
    return tuple(row for row in found if row.id in kept)


def nearest(indicator: str, found: Sequence[Row]) -> str:
    """The names that share most with an unknown one."""
    names = list(dict.fromkeys(row.name for row in found if row.name))

    def likeness(name: str) -> tuple[float, int]:
        shared = len(set(name) & set(indicator))
        return SequenceMatcher(None, name, indicator).ratio() + 0.1 * shared, -len(name)

    return "、".join(sorted(names, key=likeness, reverse=True)[:NEAR]) or "（无）"
