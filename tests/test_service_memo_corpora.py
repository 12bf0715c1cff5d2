"""Memos of whole corpora: the deltas of the samples against truth.json, and the real reports."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from corpus.aliases import FILE_NAME
from corpus.samples import SAMPLES
from service.desk import Desk
from service.memo.columns import Request
from service.memo.memo import Memo, memo
from service.memo.sources import of_desk
from service.papers.document import Paragraph, Table
from service.papers.provenance import checked
from service.papers.quoted import written

TABLE = Path(__file__).parent / "data" / "samples-aliases.txt"  # as a user of these counties would have it
COUNTIES = ("青岭县", "云泽县", "铜埠县")
YEARS = (2022, 2023, 2024)
SCALES = {"万": Decimal(10**4), "亿": Decimal(10**8)}
CENT = Decimal("0.01")
NATIONAL = (
    "国内生产总值增长",
    "城镇新增就业",
    "居民消费价格涨幅",
    "赤字率",
    "粮食产量",
    "城镇登记失业率",
    "城镇调查失业率",
    "居民医保人均财政补助标准",
    "基本公共卫生服务经费人均财政补助标准",
)

Truth = dict[tuple[str, str], dict[int, set[tuple[Decimal, bool]]]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Iterator[Desk]:
    """The sample corpus, taken in once."""
    home = tmp_path_factory.mktemp("samples")
    (home / FILE_NAME).write_bytes(TABLE.read_bytes())
    with open_desk(home) as desk:
        files = [path for path in SAMPLES.iterdir() if path.suffix != ".json"]
        assert not desk.ingest(files).failures
        yield desk


def figures() -> list[dict[str, Any]]:
    data = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    return [figure for figure in data["figures"] if figure["value"]]


def in_ones(figure: dict[str, Any]) -> Decimal:
    return Decimal(figure["value"]) * SCALES.get(figure["unit"][:1], Decimal(1))


def truth() -> Truth:
    """(place, indicator) → year → the values of the whole year, and whether they are rates."""
    found: Truth = defaultdict(lambda: defaultdict(set))
    for figure in figures():
        if figure["kind"] == "actual" and figure["period"] == "全年":
            at = figure["place"], figure["indicator"]
            found[at][figure["year"]].add((in_ones(figure), figure["unit"] == "%"))
    return found


@pytest.mark.parametrize("place", COUNTIES)
def test_the_deltas_of_the_samples_are_those_of_the_truth(samples: Desk, place: str) -> None:
    wanted = {}
    for (own, name), years in truth().items():
        for year in YEARS[1:]:
            old, new = years.get(year - 1, set()), years.get(year, set())
            if own == place and len(old) == len(new) == 1:
                wanted[name, year] = (*next(iter(old)), next(iter(new))[0])
    sources = replace(of_desk(samples), similar=None)
    shown: dict[tuple[str, int], list[tuple[Decimal | None, Decimal | None]]] = defaultdict(list)
    names = list(dict.fromkeys(name for name, _ in wanted))
    for name in names:
        found = memo(Request((place,), YEARS, (), (name,)), sources)
        checked(found.document, samples.report, terms=(*found.terms, *names))
        collect(found, name, shown)
    lacking = [
        at for at, (old, rate, new) in wanted.items() if expected(old, new, rate=rate) not in shown[at]
    ]
    assert not lacking and len(wanted) > 20


def expected(old: Decimal, new: Decimal, *, rate: bool) -> tuple[Decimal, Decimal | None]:
    """Change in ones (in points for rates) and growth in %."""
    if rate or not old or new == old:
        return new - old, None
    return new - old, ((new - old) / old * 100).quantize(CENT, ROUND_HALF_UP)


def collect(
    found: Memo, name: str, shown: dict[tuple[str, int], list[tuple[Decimal | None, Decimal | None]]]
) -> None:
    """Change and growth of every year, read from the computed figures of the table of changes."""
    for table in found.document.blocks:
        if not isinstance(table, Table) or not table.caption.startswith("逐年增减"):
            continue
        for line in table.rows:
            for head, cell in zip(table.header[1:], line[1:], strict=True):
                by_name = {derived.operation: derived for derived in cell.derived}
                if "difference" in by_name:
                    change = by_name["difference"]
                    figure = written(change.text)
                    assert figure is not None
                    growth = by_name["growth"].value if "growth" in by_name else None
                    shown[name, int(head[:4])].append((change.value * figure[2], growth))


def test_memos_of_all_kinds_over_the_samples_lead_to_their_sources(samples: Desk) -> None:
    for places, years in (
        *(((place,), YEARS) for place in COUNTIES),
        (COUNTIES, (2024,)),
        (COUNTIES, YEARS),
        (("岚川市",), YEARS),
    ):
        found = memo(Request(places, years), of_desk(samples))
        checked(found.document, samples.report, terms=found.terms)
        assert found.lines and any(isinstance(block, Table) for block in found.document.blocks)


def test_a_report_that_contradicts_itself_is_told(samples: Desk) -> None:
    found = memo(Request(("铜埠县",), YEARS, (), ("新发职业病",)), of_desk(samples))
    told = [s.text for b in found.document.blocks if isinstance(b, Paragraph) for s in b.sentences]
    assert any("数值不一致" in text and "26例" in text and "29例" in text for text in told)


# -- the real reports -------------------------------------------------------------------------------


@pytest.mark.real
def test_two_counties_of_different_years(
    real_reports: Path, tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    with open_desk(tmp_path) as desk:
        desk.ingest(sorted(real_reports.glob("00[24]*.txt")))
        ids = {(card.place, card.year): card.id for card in desk.cards()}
        found = memo(Request(report_ids=(ids["襄垣县", 2017], ids["梁园区", 2018])), of_desk(desk))
        checked(found.document, desk.report, terms=found.terms)
    (table,) = [b for b in found.document.blocks if isinstance(b, Table) and b.caption == "主要指标"]
    cells = {line[0].text: line[1:] for line in table.rows}
    assert [cell.text for cell in cells["宫颈癌筛查"]] == ["7703人", "5015人", "少2688人"]
    assert all(cell.sources for cell in cells["宫颈癌筛查"])
    told = "".join(s.text for b in found.document.blocks if isinstance(b, Paragraph) for s in b.sentences)
    assert "年份不同（2017年、2018年）" in told


@pytest.mark.real
def test_national_reports_over_the_years(
    real_reports: Path, tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    from eval.labels import sources
    from eval.memos import load, score

    gold = load()
    with open_desk(tmp_path) as desk:
        desk.ingest(sorted((real_reports / "gwr").glob("*.txt")))
        found = memo(Request(("全国",), tuple(range(2012, 2023)), (), NATIONAL), of_desk(desk))
        checked(found.document, desk.report, terms=found.terms)
    result = score(found.document, gold, sources(real_reports, {row.sha256 for row in gold}))
    assert not result.confused, result.confused
    assert len(result.judged) - result.right == 0, result.text
    assert found.document.gaps == ("库中没有全国2012年、2020年的报告",)
