"""Scores a memo over the years of the national reports, cell by cell.

In: a memo (:class:`service.papers.document.Document` or its JSON), the gold of ``eval/labels/gwr-gold.jsonl`` and
the reports. Out: for each gold value that a column of the memo has room for whether it stands there: in the
row of its indicator, under the year that it is about, with its value and unit, as an actual value or as a
target, and cited at the stretch of the report that states it.

A memo is read as a reader does: the year of a column from its header, the indicator and 目标 from the first
cell of the row, the value from the text of the cell. A value that no report states is wrong, too: the worst
error of such a table is last year's result in the place of this year's target.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import click
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass
from rich.console import Console

from corpus.errors import InputError, NotFound, WenhengError
from corpus.report import Report
from eval.labels import FORMAT, LABELS, sources
from eval.metrics import wilson
from eval.quantities import Quantity, clean, quantities, same_unit
from eval.records import filled_lines, validated
from service.papers.document import Document

GOLD = LABELS / "gwr-gold.jsonl"
PLACE = "全国"
Kind = Literal["actual", "target", "requirement", "difference"]
Verdict = Literal["right", "uncited", "wrong", "missing"]
Where = Callable[[str, int, int], tuple[str, int, int] | None]  # report id and span → file and raw span

# The labels of a row that name a gold indicator; what is not listed here is another indicator.
_MEDICAL = r".*(?:医保|医疗保险).*补助(?:标准)?"
_HEALTH = r".*公共卫生.*(?:经费|补助)(?:标准)?"
_MORE = r"(?:再|继续)?(?:增加|提高|上调|增长)(?:额)?"
NAMES: dict[str, str] = {
    "国内生产总值增长": r"(?:全年)?(?:国内生产总值|GDP|经济)(?:预期)?(?:增长|增速|增幅)(?:率|速度|预期)?",
    "城镇新增就业": r"(?:全年)?(?:城镇新增就业|新增城镇就业)(?:人数|人口)?",
    "居民消费价格涨幅": r"居民消费价格(?:指数|总水平)?(?:上涨|涨幅|增长|上升)?",
    "赤字率": r"(?:财政)?赤字率|财政赤字占国内生产总值的?比[重例]",
    "粮食产量": r"粮食总?产量",
    "城镇登记失业率": r"(?:年末)?(?:全国)?城镇登记失业率",
    "城镇调查失业率": r"(?:年末)?(?:全国)?(?:城镇)?调查失业率(?:平均)?",
    "居民医保人均财政补助标准": _MEDICAL,
    "基本公共卫生服务经费人均财政补助标准": _HEALTH,
}
_STANCE = re.compile(r"[（(](?P<stance>[^（）()]*(?:目标|要求|预期)[^（）()]*)[）)]|(?:预期)?目标$")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年?(?!\d)")


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Gold:
    """A value that a national report states; ``start`` and ``end`` are raw offsets of value and unit.

    ``when`` is the year that the value is about, ``report_year`` that of the report. Several rows of one
    name, year and kind are the same value said again. ``optional`` ones need not be in the memo.
    """

    id: str
    sha256: str
    start: int
    end: int
    report_year: int
    name: str
    value: Decimal
    unit: str
    when: int
    kind: Kind
    upper: Decimal | None = None
    qualifier: str = ""
    optional: bool = False

    @property
    def place(self) -> tuple[str, int, Kind]:
        """The cell that it belongs into."""
        return (self.name, self.when, self.kind)


GOLDS = TypeAdapter(Gold)


@plain(frozen=True, slots=True)
class Shown:
    """A filled cell of the memo: the first cell of its row, the year of its column, and its citations."""

    label: str
    year: int
    text: str
    unit: str
    cited: tuple[tuple[str, int, int], ...]  # report id, start and end in the cleaned text


@plain(frozen=True, slots=True)
class Judged:
    """What became of one gold value; ``shown`` are the cells that stand in its place."""

    gold: Gold
    verdict: Verdict
    shown: tuple[Shown, ...]


@plain(frozen=True, slots=True)
class Score:
    """All gold values, and cells of these indicators whose value no report states.

    ``confused`` are the false cells that hold what was aimed at as reached, or the reverse.
    """

    judged: tuple[Judged, ...]
    unfounded: tuple[Shown, ...]
    confused: tuple[Shown, ...]

    @property
    def right(self) -> int:
        """Values in their place and cited."""
        return sum(one.verdict == "right" for one in self.judged)

    @property
    def wrong(self) -> int:
        """False values: in the place of a right one, or where none belongs."""
        return sum(one.verdict == "wrong" for one in self.judged) + len(self.unfounded)

    @property
    def text(self) -> str:
        """单元格正确 80/81 …"""
        low, high = wilson(self.right, len(self.judged))
        counts = {v: sum(one.verdict == v for one in self.judged) for v in ("uncited", "missing")}
        return (
            f"单元格正确 {self.right}/{len(self.judged)}（95% 区间 {low * 100:.1f}–{high * 100:.1f}）；"
            f"数值有误 {self.wrong}（其中实际与目标混淆 {len(self.confused)}），无出处 {counts['uncited']}，缺 {counts['missing']}"
        )


def load(path: Path = GOLD) -> tuple[Gold, ...]:
    """The gold values, in order.

    Raises:
        NotFound: the file is not there.
        InputError: a line is no gold value, an id occurs twice, or two rows of one cell differ.
    """
    if not path.is_file():
        raise NotFound("没有找到标准答案文件", where=str(path), remedy="请检查 eval/labels 文件夹")
    found: dict[str, Gold] = {}
    cells: dict[tuple[str, int, Kind], Gold] = {}
    for where, line in filled_lines(path):
        row = _parse(line, where)
        if row.id in found:
            raise InputError(f"编号 {row.id!r} 重复", where=where, remedy="请改用新的编号")
        first = cells.setdefault(row.place, row)
        if (first.value, first.upper, first.unit) != (row.value, row.upper, row.unit):
            raise InputError(f"{row.id!r} 与 {first.id!r} 的数值不同", where=where, remedy="请核对原文")
        found[row.id] = row
    return tuple(found.values())


def _parse(line: str, where: str) -> Gold:
    row = validated(GOLDS, line, what="标准答案", where=where, remedy=FORMAT)
    if row.name not in NAMES:
        raise InputError(f"没有这个指标 {row.name!r}", where=where, remedy=FORMAT)
    if not 0 <= row.start < row.end:
        raise InputError(f"位置 {row.start}-{row.end} 无效", where=where, remedy=FORMAT)
    return row


def score(
    memo: Document | Mapping[str, Any], gold: Sequence[Gold], files: Mapping[str, Sequence[Report]]
) -> Score:
    """Compare a memo with the gold values that its columns have room for; ``files`` are the reports by sha256."""
    return compared(memo, gold, opened(files))


def opened(files: Mapping[str, Sequence[Report]]) -> Where:
    """Where a stretch of a report lies in the raw text of its file."""
    reports = {report.id: report for group in files.values() for report in group}

    def where(report_id: str, start: int, end: int) -> tuple[str, int, int] | None:
        report = reports.get(report_id)
        return None if report is None else (report.source_sha256, *report.origin.raw_span(start, end))

    return where


def compared(memo: Document | Mapping[str, Any], gold: Sequence[Gold], where: Where) -> Score:
    """The same with ``where`` telling where a citation leads, as a run has recorded it."""
    shown = tuple(cells(memo))
    years = frozenset(columns(memo))
    groups: dict[tuple[str, int, Kind], list[Gold]] = {}
    for row in gold:
        if row.when in years:
            groups.setdefault(row.place, []).append(row)
    judged = [
        _judge(rows, [one for one in shown if belongs(one, rows[0])], where) for rows in groups.values()
    ]
    firsts = [rows[0] for rows in groups.values()]
    unfounded = tuple(one for one in shown if _claims(one) and not any(belongs(one, row) for row in firsts))
    false = [cell for one in judged if one is not None and one.verdict == "wrong" for cell in one.shown]
    confused = tuple(cell for cell in (*false, *unfounded) if _confuses(cell, gold))
    return Score(tuple(one for one in judged if one is not None), unfounded, confused)


def _confuses(shown: Shown, gold: Sequence[Gold]) -> bool:
    """Whether a cell of results states what is aimed at in that year or beside it, or the reverse."""
    name, aimed = name_of(shown.label)
    near = [
        row
        for row in gold
        if row.kind != "difference" and abs(row.when - shown.year) < 2 and re.fullmatch(NAMES[row.name], name)
    ]
    own = [row for row in near if (row.kind != "actual") == aimed]
    rivals = [row for row in near if (row.kind != "actual") != aimed]
    return any(
        any(_equal(q, row.value, row.unit, shown.unit) for row in rivals)
        and not any(_equal(q, row.value, row.unit, shown.unit) for row in own)
        for q in quantities(clean(shown.text))
    )


def _judge(rows: Sequence[Gold], shown: Sequence[Shown], where: Where) -> Judged | None:
    """The verdict on one gold value; None where an optional one is left out."""
    if not shown:
        return None if rows[0].optional else Judged(rows[0], "missing", ())
    if not all(states(one, rows[0]) for one in shown):
        return Judged(rows[0], "wrong", tuple(shown))
    cited = all(any(leads_to(one, row, where) for row in rows) for one in shown)
    return Judged(rows[0], "right" if cited else "uncited", tuple(shown))


def columns(memo: Document | Mapping[str, Any]) -> Iterator[int]:
    """The years of the columns of the memo's tables."""
    for block in _tables(memo):
        for head in block["header"][1:]:
            year = year_of(head)
            if year:
                yield year


def cells(memo: Document | Mapping[str, Any]) -> Iterator[Shown]:
    """The cells of the memo's tables that stand under a year and state something."""
    data = memo.to_json() if isinstance(memo, Document) else memo
    sources = data["sources"]
    for block in _tables(data):
        heads = block["header"]
        unit_at = next((i for i, head in enumerate(heads) if "单位" in head), None)
        for row in block["rows"]:
            for head, cell in zip(heads[1:], row[1:], strict=False):
                year = year_of(head)
                if year and cell["status"] != "missing" and quantities(clean(cell["text"])):
                    cited = (sources[mark - 1] for mark in cell["sources"])
                    yield Shown(
                        row[0]["text"],
                        year,
                        cell["text"],
                        row[unit_at]["text"] if unit_at is not None else "",
                        tuple((c["report_id"], c["start"], c["end"]) for c in cited),
                    )


def _tables(memo: Document | Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = memo.to_json() if isinstance(memo, Document) else memo
    yield from (block for block in data["blocks"] if block["type"] == "table")


def year_of(head: str) -> int | None:
    """The year of a column that holds values; 2013→2014 and 较2013年 are no such column."""
    years = _YEAR.findall(head)
    rest = _YEAR.sub("", head).replace(PLACE, "").strip()
    return int(years[0]) if len(years) == 1 and not rest else None


def belongs(shown: Shown, gold: Gold) -> bool:
    """Whether a cell is the place of a gold value: its indicator, its year, its kind."""
    name, aimed = name_of(shown.label)
    if shown.year != gold.when or not re.fullmatch(pattern_of(gold.name, gold.kind), name):
        return False
    return gold.kind == "difference" or aimed == (gold.kind != "actual")


def pattern_of(name: str, kind: Kind) -> str:
    """The row labels of an indicator: its level, or what it rises by."""
    return f"(?:{NAMES[name]}){_MORE}" if kind == "difference" else NAMES[name]


def name_of(label: str) -> tuple[str, bool]:
    """The indicator of a row label, and whether it is aimed at (目标, 要求)."""
    aimed = _STANCE.search(label) is not None
    return "".join(_BRACKETS.sub("", _STANCE.sub("", label)).split()), aimed


def _claims(shown: Shown) -> bool:
    """Whether a cell stands in a row of one of the gold indicators."""
    name, _ = name_of(shown.label)
    return any(re.fullmatch(pattern, name) for pattern in NAMES.values())


def states(shown: Shown, gold: Gold) -> bool:
    """Whether the text of a cell states exactly the gold value, or its range."""
    found = quantities(clean(shown.text))
    wanted = [gold.value] if gold.upper is None else [gold.value, gold.upper]
    if len(found) != len(wanted):
        return False
    return all(_equal(q, value, gold.unit, shown.unit) for q, value in zip(found, wanted, strict=True))


def _equal(quantity: Quantity, value: Decimal, unit: str, column_unit: str) -> bool:
    wanted = quantities(f"{value}{unit}")[0]
    if quantity.value == wanted.value and same_unit(quantity.unit, wanted.unit):
        return True
    if quantity.unit:
        return False
    # 单位 in a column of its own
    told = quantities(clean(f"{quantity.value}{column_unit}"))
    return bool(told) and told[0].value == wanted.value and same_unit(told[0].unit, wanted.unit)


def leads_to(shown: Shown, gold: Gold, where: Where) -> bool:
    """Whether a citation of the cell holds the stretch of the raw file that states the value."""
    for cited in shown.cited:
        found = where(*cited)
        if found is not None:
            sha256, low, high = found
            if sha256 == gold.sha256 and low <= gold.start and gold.end <= high:
                return True
    return False


def faults(found: Score) -> Iterator[str]:
    """A line for each value that is not right."""
    for one in found.judged:
        if one.verdict != "right":
            gold, kind = one.gold, one.gold.kind
            upper = f"～{gold.upper}" if gold.upper is not None else ""
            shown = " | ".join(cell.text for cell in one.shown) or "—"
            yield f"{one.verdict}　{gold.when}　{gold.name}　{kind}　应为 {gold.value}{upper}{gold.unit}，见 {shown}"
    for cell in found.unfounded:
        yield f"unfounded　{cell.year}　{cell.label}　{cell.text}"


@click.command(help="核对历年政府工作报告对比备忘录的指标表（wenheng compare … --json 的输出）。")
@click.argument("memo", type=click.Path(path_type=Path))
@click.option("--reports", type=click.Path(path_type=Path), required=True, help="原始报告所在文件夹")
@click.option("--errors", is_flag=True, help="逐条列出差错")
def main(memo: Path, reports: Path, errors: bool) -> None:
    """Command line."""
    console = Console(width=200)
    try:
        gold = load()
        found = score(read(memo), gold, sources(reports, {row.sha256 for row in gold}))
    except WenhengError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    if errors:
        for line in faults(found):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(found.text, markup=False, highlight=False)


def read(path: Path) -> Mapping[str, Any]:
    """A memo from its JSON file.

    Raises:
        InputError: it is no document, or of another kind.
    """
    remedy = "请用 wenheng compare --json 的输出"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("读不出备忘录的 JSON", where=str(path), remedy=remedy) from error
    if not isinstance(data, dict) or data.get("kind") != "memo" or not isinstance(data.get("blocks"), list):
        raise InputError("这不是备忘录", where=str(path), remedy=remedy)
    return data


if __name__ == "__main__":
    main()
