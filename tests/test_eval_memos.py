from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.errors import InputError, NotFound
from corpus.report import Metadata, Report
from corpus.tracked import Edit, TrackedText
from eval.labels import sources
from eval.memos import (
    GOLD,
    Gold,
    Kind,
    Score,
    Shown,
    belongs,
    columns,
    faults,
    load,
    main,
    score,
    year_of,
)
from service.cited import Citation
from service.papers.document import Cell, Document, Heading, Table

# A review of 2020 and the aims of 2021, as such a report words them; the numbers are invented.
RAW = (
    "　国内生产总值增长3.9%。城镇新增就业612万人。今年目标：国内生产总值增长4%－4.6%，"
    "城镇新增就业600万人以上。财政补助标准再增加20元。"
)
HASH = "a" * 64


def report() -> Report:
    text = TrackedText.from_raw(RAW).edit([Edit(0, 1, "", "space")])
    return Report("r1", HASH, "2021.txt", 1, text.text, text.origin, Metadata("2021年报告"))


def gold(words: str, name: str, value: str, unit: str, when: int, kind: Kind, **more: Any) -> Gold:
    start = RAW.index(words)
    return Gold(
        f"g-{start}-{when}",
        HASH,
        start,
        start + len(words),
        2021,
        name,
        Decimal(value),
        unit,
        when,
        kind,
        **more,
    )


GROWTH, JOBS, GRANT = "国内生产总值增长", "城镇新增就业", "居民医保人均财政补助标准"
GOLDS = (
    gold("3.9%", GROWTH, "3.9", "%", 2020, "actual"),
    gold("612万人", JOBS, "612", "万人", 2020, "actual"),
    gold("4%－4.6%", GROWTH, "4", "%", 2021, "target", upper=Decimal("4.6")),
    gold("600万人", JOBS, "600", "万人", 2021, "target", qualifier="以上"),
    gold("20元", GRANT, "20", "元", 2021, "difference"),
)


def cell(text: str, words: str = "") -> Cell:
    """A cell that cites the sentence with these words (those of its text)."""
    clean = report().text
    at = clean.index(words or text)
    start = max(clean.rfind(mark, 0, at) for mark in "。：，") + 1
    end = min(i for i in (clean.find(mark, at) for mark in "。，") if i >= 0)
    return Cell(text, (Citation("r1", "2021年报告", start, end, clean[start:end], "全国", 2021),))


GAP = Cell("缺", status="missing")
ROWS: dict[str, tuple[Cell, Cell]] = {
    "国内生产总值增长": (cell("3.9%"), GAP),
    "国内生产总值增长（目标）": (GAP, cell("4%－4.6%")),
    "城镇新增就业": (cell("612万人"), GAP),
    "城镇新增就业（目标）": (GAP, cell("600万人以上")),
    "居民医保财政补助标准增加（目标）": (GAP, cell("20元")),
}


def memo(
    rows: Mapping[str, tuple[Cell, ...]] = ROWS, header: tuple[str, ...] = ("指标", "2020年", "2021年")
) -> Document:
    table = Table("表", header, tuple((Cell(label), *cells) for label, cells in rows.items()))
    return Document("memo", "全国对比", (Heading("一"), table), ("全国",), (2020, 2021))


def scored(change: Mapping[str, tuple[Cell, ...]] | None = None, golds: tuple[Gold, ...] = GOLDS) -> Score:
    return score(memo({**ROWS, **(change or {})}), golds, {HASH: (report(),)})


def verdicts(found: Score) -> list[str]:
    return [one.verdict for one in found.judged]


def test_a_right_memo() -> None:
    found = scored()
    assert verdicts(found) == ["right"] * 5 and not found.unfounded
    assert (found.right, found.wrong) == (5, 0)
    assert found.text.startswith("单元格正确 5/5") and list(faults(found)) == []


def test_a_document_and_its_json_score_alike() -> None:
    document = memo()
    data = json.loads(json.dumps(document.to_json()))
    assert score(document, GOLDS, {HASH: (report(),)}) == score(data, GOLDS, {HASH: (report(),)})


@pytest.mark.parametrize("text", ["4.9%", "3.9个百分点", "3.9‰", "39%", "3.9%至9%", "3.9万元"])
def test_a_false_value_or_unit_is_wrong(text: str) -> None:
    found = scored({GROWTH: (cell(text, "3.9%"), GAP)})
    assert verdicts(found)[0] == "wrong" and found.wrong == 1 and not found.confused
    assert any(text in line and "wrong" in line for line in faults(found))


@pytest.mark.parametrize("text", ["3.9%", "3.90%", "约3.9%", "3.9％[1]"])
def test_the_same_value_in_another_dress_is_right(text: str) -> None:
    assert verdicts(scored({GROWTH: (cell(text, "3.9%"), GAP)}))[0] == "right"


def test_a_range_needs_both_of_its_ends() -> None:
    label = "国内生产总值增长（目标）"
    assert verdicts(scored({label: (GAP, cell("4%", "4%－4.6%"))}))[2] == "wrong"
    assert verdicts(scored({label: (GAP, cell("4%～4.6%", "4%－4.6%"))}))[2] == "right"


def test_the_aim_in_the_place_of_the_result_is_wrong() -> None:
    """今年目标 600万人 under the actual values: nobody has reported that."""
    found = scored({"城镇新增就业": (cell("612万人"), cell("600万人"))})
    assert [(one.year, one.text) for one in found.unfounded] == [(2021, "600万人")]
    assert found.wrong == 1 and found.confused == found.unfounded
    swapped = scored({"城镇新增就业": (cell("600万人"), GAP), "城镇新增就业（目标）": (GAP, cell("612万人"))})
    assert verdicts(swapped) == ["right", "wrong", "right", "wrong", "right"]
    assert [one.text for one in swapped.confused] == ["600万人", "612万人"]
    assert "实际与目标混淆 2" in swapped.text


def test_a_value_under_the_wrong_year_is_missing_there_and_unfounded_here() -> None:
    found = scored({"城镇新增就业": (GAP, cell("612万人"))})
    assert verdicts(found)[1] == "missing" and len(found.unfounded) == 1


def test_a_dropped_cell_is_missing() -> None:
    rows = {label: cells for label, cells in ROWS.items() if label != GROWTH}
    found = score(memo(rows), GOLDS, {HASH: (report(),)})
    assert verdicts(found)[0] == "missing" and found.right == 4 and found.wrong == 0


def test_a_value_without_its_source_is_not_right() -> None:
    assert verdicts(scored({GROWTH: (Cell("3.9%"), GAP)}))[0] == "uncited"
    elsewhere = replace(cell("3.9%"), citations=cell("20元").citations)
    assert verdicts(scored({GROWTH: (elsewhere, GAP)}))[0] == "uncited"
    foreign = score(memo(), GOLDS, {HASH: ()})
    assert verdicts(foreign) == ["uncited"] * 5


def test_an_optional_value_may_be_absent_but_not_false() -> None:
    golds = (replace(GOLDS[0], optional=True), *GOLDS[1:])
    assert len(scored({GROWTH: (GAP, GAP)}, golds).judged) == 4
    assert verdicts(scored({GROWTH: (cell("4.9%", "3.9%"), GAP)}, golds))[0] == "wrong"


def test_years_without_a_column_do_not_count() -> None:
    narrow = memo({GROWTH: ROWS[GROWTH][:1]}, ("指标", "2020年"))
    found = score(narrow, GOLDS, {HASH: (report(),)})
    assert verdicts(found) == ["right", "missing"] and list(columns(narrow)) == [2020]


def test_the_unit_may_stand_in_a_column_of_its_own() -> None:
    rows = {"城镇新增就业": (Cell("万人"), cell("612", "612万人"), GAP)}
    found = score(memo(rows, ("指标", "单位", "2020年", "2021年")), GOLDS[1:2], {HASH: (report(),)})
    assert verdicts(found) == ["right"]
    rows = {"城镇新增就业": (Cell("人"), cell("612", "612万人"), GAP)}
    assert verdicts(score(memo(rows, ("指标", "单位", "2020年", "2021年")), GOLDS[1:2], {})) == ["wrong"]


@pytest.mark.parametrize(
    ("label", "name", "kind", "right"),
    [
        ("国内生产总值增长", GROWTH, "actual", True),
        ("国内生产总值增长（目标）", GROWTH, "actual", False),
        ("国内生产总值增长（要求）", GROWTH, "target", True),
        ("国内生产总值", GROWTH, "actual", False),
        ("年均国内生产总值增长", GROWTH, "actual", False),
        ("单位国内生产总值能耗下降", GROWTH, "actual", False),
        ("居民消费价格", "居民消费价格涨幅", "actual", True),
        ("财政赤字率", "赤字率", "actual", True),
        ("财政赤字", "赤字率", "actual", False),
        ("城镇登记失业率", "城镇调查失业率", "actual", False),
        ("城乡居民基本医保财政补助标准", GRANT, "actual", True),
        ("城乡居民基本医保财政补助标准增加", GRANT, "actual", False),
        ("城乡居民基本医保财政补助标准增加", GRANT, "difference", True),
        ("城乡居民基本医保财政补助标准", GRANT, "difference", False),
    ],
)
def test_a_row_is_of_one_indicator_and_kind(label: str, name: str, kind: Kind, right: bool) -> None:
    one = replace(GOLDS[0], name=name, kind=kind)
    assert belongs(Shown(label, 2020, "1%", "", ()), one) is right
    assert not belongs(Shown(label, 2021, "1%", "", ()), one)


@pytest.mark.parametrize(
    ("head", "year"),
    [
        ("2020年", 2020),
        ("2020", 2020),
        ("全国2020年", 2020),
        ("2020→2021年", None),
        ("较2020年变化", None),
        ("青梧县2020年", None),
        ("变化", None),
    ],
)
def test_columns_of_values(head: str, year: int | None) -> None:
    assert year_of(head) == year


# -- the gold file ----------------------------------------------------------------------------------


def line(**change: Any) -> str:
    row = {"id": "g-1", "sha256": HASH, "start": 3, "end": 7, "report_year": 2021, "name": GROWTH}
    return json.dumps(row | {"value": "3.9", "unit": "%", "when": "2020", "kind": "actual"} | change)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line(colour="red")], "colour"),
        ([line(kind="wish")], "kind"),
        ([line(when="去年")], "when"),
        ([line(name="降水量")], "'降水量'"),
        ([line(end=3)], "3-3"),
        ([line(), line()], "'g-1' 重复"),
        ([line(), line(id="g-2", value="4")], "'g-2' 与 'g-1'"),
        (["[]"], "格式不对"),
    ],
)
def test_a_bad_gold_file_is_refused(lines: list[str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    assert message in str(caught.value) and f"第{len(lines)}行" in str(caught.value)


def test_a_missing_gold_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.jsonl"):
        load(tmp_path / "nowhere.jsonl")


def test_the_gold_of_the_national_reports() -> None:
    rows = load()
    assert len(rows) == 119 and {row.report_year for row in rows} == {*range(2013, 2020), 2021, 2022}
    for row in rows:
        assert row.when < row.report_year if row.kind == "actual" else row.when == row.report_year
    assert json.loads(GOLD.read_text(encoding="utf-8").splitlines()[0])["when"] == "2012"


@pytest.mark.real
def test_every_gold_value_stands_in_its_file(
    real_reports: Path, digits: Callable[[str], list[Decimal]]
) -> None:
    rows = load()
    files = sources(real_reports, {row.sha256 for row in rows})
    for row in rows:
        (one,) = files[row.sha256]
        text = one.text[slice(*one.origin.clean_span(row.start, row.end))]
        wanted = [row.value] if row.upper is None else [row.value, row.upper]
        assert digits(text) == wanted, row.id
        assert one.metadata.year_number == row.report_year


@pytest.fixture
def digits() -> Callable[[str], list[Decimal]]:
    import re

    return lambda text: [Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


# -- the command ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["{", "[]", '{"kind": "summary", "blocks": []}', '{"kind": "memo"}'])
def test_what_is_no_memo_is_one_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "memo.json"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, [str(path), "--reports", str(tmp_path)])
    assert result.exit_code == 2 and "请用 wenheng compare --json" in result.output


@pytest.mark.real
def test_the_command_scores_a_memo(real_reports: Path, tmp_path: Path) -> None:
    path = tmp_path / "memo.json"
    path.write_text(json.dumps(memo().to_json()), encoding="utf-8")
    result = CliRunner().invoke(main, [str(path), "--reports", str(real_reports), "--errors"])
    assert result.exit_code == 0 and "单元格正确 0/" in result.output
    assert "wrong　2020　国内生产总值增长　actual　应为 2.3%，见 3.9%" in result.output
