"""Every figure of every report as a row that can be asked, compared, recomputed and traced (指标台账).

In: the library or one report, and the alias table. Out: one :class:`Row` a figure; nothing is left out: what
is masked or unreadable is a row without a value. A row tells whose value it is (the county's, 全省, another
place that the clause names), when it holds, and what the user corrected.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from corpus.aliases import Aliases, cleaned, key
from corpus.corrections import Correction, all_corrections, by_row, numbers_of, positions, unit_of
from corpus.definitions import definitions
from corpus.library import Library
from corpus.numeral_values import flatten
from corpus.periods import periods
from corpus.report import Figure, FigureKind, Filter, Genre, Metadata, Report, SectionKind, Span
from corpus.when import When, as_of, of_year, read_when
from corpus.whose import whose, without

ANY = Filter()
NATION = "全国"
BEFORE = "此前"  # the period of a value that the text only calls earlier
_AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT)
_COVERS = re.compile(
    r"(?:统计(?:口径|时段|期间?|区间|时间)|数据(?:口径|时段)|(?:业务|以下|本文|文中|所有|上述)?数据(?:均|统一)?(?=截))(?P<rest>[^。；\n]{0,24})"
)
_FROM = re.compile(r"[由从](?![^，。；]{0,8}(?:牵头|负责))[^，,。；;\d]{0,12}$")
_TO = re.compile(r"^[^，,。；;\d]{0,4}[，,]?[^，,。；;\d]{1,12}[到至为][^，,。；;\d]{0,4}\d")
_CHANGED = re.compile(r"[由从][^，,。；;]{0,16}\d[^，,。；;]{0,12}[到至为][^，,。；;\d]{0,4}$")
_AHEAD = (SectionKind.NEXT_STEPS, SectionKind.GOALS)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the ledger.

    ``value`` and ``upper`` are in the base unit (``factor`` multiplied in); None where masked, suspect or
    unknown. ``place`` is whose value it is: the report's place (``report_place``), 全省, or another place
    that the clause names. ``indicator`` is as written, ``name`` by the alias table. ``former`` says that
    the value is what another one of its sentence changed from (由23个减到11个); its time is then taken to
    be the year before, unless the text tells it. ``text`` is the figure as written, or as the user corrected it, which then
    leaves what the page says in ``original``. ``quote`` is the text of ``sentence``.
    """

    id: str  # report id and raw offset, "1f3a5b7c9d0e:1234"
    report_id: str
    title: str
    place: str | None
    report_place: str | None
    issuer: str | None
    year: int | None
    indicator: str
    name: str
    value: Decimal | None
    upper: Decimal | None
    unit: str
    factor: Decimal
    text: str
    qualifier: str
    when: When | None
    as_of: date | None
    kind: FigureKind
    masked: bool
    suspect: bool
    corrected: bool
    original: str
    span: Span
    sentence: Span
    quote: str
    path: tuple[str, ...]
    section: SectionKind
    former: bool = False

    @property
    def figure(self) -> Figure:
        """The figure that arithmetic takes: its value as written, beside the factor."""
        return Figure(
            self.name,
            _over(self.value, self.factor),
            self.unit,
            self.span,
            self.sentence,
            _over(self.upper, self.factor),
            self.factor,
            self.qualifier,
            self.when.label if self.when else "",
            self.kind,
            self.masked,
            self.suspect,
            self.text,
        )


def rows(
    library: Library, wanted: Filter = ANY, *, indicator: str = "", aliases: Aliases | None = None
) -> tuple[Row, ...]:
    """The rows of all matching reports; copies that were merged away have none.

    Args:
        library: the library.
        wanted: with ``kinds`` only rows that stand in such a section; ``places`` are those of the reports.
        indicator: only rows of this indicator: the same name by the table, or one that holds it.
        aliases: the table; that of the library's data folder where not given.
    """
    table = aliases if aliases is not None else Aliases.load(library.home)
    kept = library.ledger_rows
    by_table = kept.known(table)
    parsed, changed = library.parsed(), defaultdict[str, list[Correction]](list)
    for change in all_corrections(library.database):
        changed[change.sha256].append(change)
    found: list[Row] = []
    for card in library.cards(wanted):
        own = tuple(changed[card.source_sha256])
        # All that rows_of looks at: the file as it was parsed, what the user edited (the card tells it), corrected, named.
        key = (card, parsed.get(card.source_sha256), own, by_table)
        found += kept.get(key, partial(_rows_of, library, card.id, table, own))
    return tuple(
        row
        for row in found
        if (not wanted.kinds or row.section in wanted.kinds)
        and (not indicator or about(row, indicator, table))
    )


def _rows_of(
    library: Library, report_id: str, aliases: Aliases, corrections: Iterable[Correction]
) -> tuple[Row, ...]:
    return rows_of(library.report(report_id), aliases, corrections)


def about(row: Row, indicator: str, aliases: Aliases) -> bool:
    """Whether a row is of this indicator: the same by the table, or its name holds the words."""
    asked = key(aliases.canonical(indicator, row.unit))
    words = key(cleaned(indicator))
    return asked == key(row.name) or words in key(row.name) or words in key(row.indicator)


def rows_of(report: Report, aliases: Aliases, corrections: Iterable[Correction] = ()) -> tuple[Row, ...]:
    """The rows of one report, whether it is in the library or not."""
    table = aliases.within(definitions(report))
    make = partial(_row, report, table, _reviewed(report), covered(report))
    changes = by_row(corrections)
    made = []
    for position, figure in positions(report):
        row = make(figure, f"{report.id}:{position}")
        change = changes.get((report.source_sha256, position))
        made.append(corrected(row, change, report, table) if change else row)
    return tuple(made)


def corrected(row: Row, change: Mapping[str, str], report: Report, aliases: Aliases) -> Row:
    """A row with what the user changed; what the page says stays in ``original``."""
    fields: dict[str, Any] = {"corrected": True, "original": row.text}
    unit, factor = unit_of(change["unit"]) if "unit" in change else (row.unit, row.factor)
    low, high = (_over(row.value, row.factor), _over(row.upper, row.factor))
    if "value" in change:
        low, high = numbers_of(change["value"])
        fields |= {"masked": False, "suspect": False}
    if "value" in change or "unit" in change:
        fields |= {
            "value": _times(low, factor),
            "upper": _times(high, factor),
            "unit": unit,
            "factor": factor,
        }
        fields["text"] = _written(row, change, low, high)
    if "period" in change:
        year = row.year
        period = report.metadata.period.value if report.metadata.period else None
        fields["when"] = read_when(change["period"], year=year, period=period)
        fields["as_of"] = as_of(change["period"], year=year)
        fields["former"] = False
    if "kind" in change:
        fields["kind"] = FigureKind(change["kind"])
    fields |= {name: change[name] for name in ("indicator", "qualifier", "place") if name in change}
    if "indicator" in change or "unit" in change:
        context = "\n".join((*row.path, row.quote))
        fields["name"] = aliases.canonical(change.get("indicator", row.indicator), unit, context)
    return replace(row, **fields)


def _written(row: Row, change: Mapping[str, str], low: Decimal | None, high: Decimal | None) -> str:
    """A corrected figure as it would be written: number, then unit."""
    unit = change["unit"] if "unit" in change else written_unit(row)
    if low is None:
        return "（无数值）"
    return f"{low}—{high}{unit}" if high is not None else f"{low}{unit}"


def written_unit(row: Row) -> str:
    """The unit with the scale that the value was written in: 万人."""
    scales = {Decimal(10) ** 12: "万亿", Decimal(10) ** 8: "亿", Decimal(10) ** 4: "万"}
    return scales.get(row.factor, "") + row.unit


def _over(value: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if value is None else value / factor


def _reviewed(report: Report) -> int | None:
    """The last year that a report looks back on: a plan, and a work report of spring, the year before."""
    metadata = report.metadata
    year = metadata.year_number
    ahead = metadata.genre in (Genre.PLAN, Genre.KEY_POINTS) or "政府工作报告" in metadata.title
    return year - 1 if year and ahead else year


def _row(
    report: Report, aliases: Aliases, reviewed: int | None, data: When | None, figure: Figure, row_id: str
) -> Row:
    metadata = report.metadata
    year = metadata.year_number
    path, section = place_in_outline(report, figure.span)
    quote = figure.sentence.of(report.text)
    own = metadata.place.value if metadata.place else None
    place = whose(own, quote, figure.span.start - figure.sentence.start, path) or own
    indicator = without(figure.indicator, place) if place else figure.indicator
    former = is_former(figure, report)
    return Row(
        id=row_id,
        report_id=report.id,
        title=metadata.title,
        place=place,
        report_place=own,
        issuer=metadata.issuer.value if metadata.issuer else None,
        year=year,
        indicator=figure.indicator,
        name=aliases.canonical(indicator, figure.unit, "\n".join((*path, quote))),
        value=_times(figure.value, figure.factor),
        upper=_times(figure.upper, figure.factor),
        unit=figure.unit,
        factor=figure.factor,
        text=figure.text or figure.span.of(report.text),
        qualifier=figure.qualifier,
        when=_when(
            metadata, figure, section, reviewed, data, former=former, latter=is_latter(figure, report)
        ),
        as_of=as_of(figure.period, year=year),
        kind=figure.kind,
        masked=figure.masked,
        suspect=figure.suspect,
        corrected=False,
        original="",
        span=figure.span,
        sentence=figure.sentence,
        quote=quote,
        path=path,
        section=section,
        former=former,
    )


def _when(
    metadata: Metadata,
    figure: Figure,
    section: SectionKind,
    reviewed: int | None,
    own: When | None,
    *,
    former: bool,
    latter: bool,
) -> When | None:
    """When a figure holds; ``own`` is what the report says that its data cover."""
    year = metadata.year_number
    period = metadata.period.value if metadata.period else None
    if not figure.period and section in _AHEAD:
        return None  # a review does not tell when its next steps fall
    whole = read_when("", year=year, period=period)
    if former and whole and figure.period == BEFORE:
        return of_year(whole.start.year - 1)
    found = read_when(figure.period, year=year, period=period, reviewed=reviewed)
    if latter and found and found.years and found.months > 12:
        return of_year(found.end.year)  # 五年来由240元提高到450元: the 450 are of the last year
    if found is None or found != whole:
        return found
    if former:
        return of_year(found.start.year - 1)
    if figure.kind in _AIMS:  # a target of a half-year report is due with the year
        return of_year(found.start.year, found.end.year)
    return own if own and "年" not in figure.period.removeprefix(f"{year}年") else found


def covered(report: Report) -> When | None:
    """What the data of a report cover where it says so for all of them: 统计口径为1—11月."""
    year = report.metadata.year_number
    said = _COVERS.search(report.text) if year else None
    if said is None:
        return None
    times = [time.text for time in periods(flatten(said["rest"])) if time.text]
    found = read_when(times[0], year=year, period=None) if times else None
    return found if found and found.start.year == found.end.year == year else None


def is_former(figure: Figure, report: Report) -> bool:
    """Whether a value is the one that another changed from: 由23个减到11个, 从上年的8%降到5%."""
    left = report.text[figure.sentence.start : figure.span.start]
    right = report.text[figure.span.end : figure.sentence.end]
    return bool(_FROM.search(left) and _TO.match(right))


def is_latter(figure: Figure, report: Report) -> bool:
    """Whether a value is what another one of its clause changed to: 由23个减到11个."""
    return bool(_CHANGED.search(report.text[figure.sentence.start : figure.span.start]))


def _times(value: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if value is None else value * factor


def place_in_outline(report: Report, span: Span) -> tuple[tuple[str, ...], SectionKind]:
    """Headings and kind of the innermost section that holds a span."""
    inside = [s for s in report.sections if s.span.start <= span.start < s.span.end]
    if inside:
        return inside[-1].path, inside[-1].kind
    passage = next((p for p in report.passages if p.span.start <= span.start < p.span.end), None)
    return (passage.path, passage.kind) if passage else ((), SectionKind.OTHER)
