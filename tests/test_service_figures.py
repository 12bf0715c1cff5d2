"""``wenheng figures``: the table, files, corrections, aliases, candidates, and what bad input gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from corpus.aliases import Aliases
from corpus.ledger import rows
from corpus.library import Library
from corpus.parse import parse
from corpus.readers import read
from service.cli import Context
from service.commands.figures import figures
from service.ledger.proposals import propose

PAGE = """{place}卫生健康局{year}年工作总结

一、工作完成情况
全县家庭医生签约率达到{rate}%，新建村卫生室{clinics}所，全省签约率为70%。
落实配套资金**万元。{more}
"""
NO_FIGURES = """澄河县卫生健康局2020年工作总结

一、工作完成情况
各项任务如期完成，群众反映良好，工作作风持续好转，各乡镇配合有力。
"""

Run = Callable[..., Result]


def take_in(library: Library, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    document = read(path)
    library.add_source(document, parse(document), path=path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Library.open(tmp_path / "home") as library:
        for place, year, rate, clinics, more in (
            ("澄河县", 2021, "66.2", 23, "家庭病床86张。"),
            ("澄河县", 2022, "68.9", 31, "家庭医生签约覆盖面68.9%。"),
            ("栗坪县", 2022, "61.8", 12, ""),
        ):
            page = PAGE.format(place=place, year=year, rate=rate, clinics=clinics, more=more)
            take_in(library, tmp_path / f"{place}{year}.txt", page)
        take_in(library, tmp_path / "无数字.txt", NO_FIGURES)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    def start(*words: str | Path, home: Path = home) -> Result:
        return CliRunner().invoke(
            figures, [str(word) for word in words], obj=Context(home), env={"COLUMNS": "240"}
        )

    return start


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def row_id(run: Run, text: str, *words: str) -> str:
    (found,) = [row["id"] for row in lines(run("--json", *words)) if text in (row["text"], row["original"])]
    return str(found)


def refused(result: Result, *pieces: str) -> None:
    """One clear sentence with a remedy, and the exit code of wrong input."""
    assert result.exit_code == 2, result.output
    (said,) = result.stderr.strip().splitlines()
    assert said.startswith("错误：") and all(piece in said for piece in pieces), said


# -- the table --------------------------------------------------------------------------------------


def test_the_table_shows_each_figure_with_its_sentence(run: Run) -> None:
    result = run("--place", "澄河县", "--year", "2021")
    said = "".join(result.stdout.split())
    assert result.exit_code == 0 and "共5个数字，出自1份报告" in said
    assert "66.2%" in said and "2021年" in said and "全省" in said and "原文隐去" in said.replace("│", "")


def test_json_has_every_field(run: Run) -> None:
    (row,) = lines(run("--json", "--place", "栗坪县", "--indicator", "村卫生室"))
    assert (row["value"], row["unit"], row["when"], row["kind"]) == ("12", "所", "2022", "actual")
    assert row["quote"][row["start"] - row["sentence"][0] :].startswith("12所")
    assert not row["corrected"] and row["place"] == row["report_place"] == "栗坪县"


def test_filters(run: Run) -> None:
    assert {row["year"] for row in lines(run("--json", "--years", "2021..2022"))} == {2021, 2022}
    named = lines(run("--json", "--indicator", "家庭医生签约服务率", "--year", "2021"))
    assert "66.2%" in {row["text"] for row in named} and len(named) < 5
    report = lines(run("--json", "--place", "栗坪县"))[0]["report_id"]
    assert {row["report_id"] for row in lines(run("--json", "--report", report[:6]))} == {report}
    assert len(lines(run("--json", "--kind", "实际"))) > 5


def test_long_lists_are_cut_and_say_so(run: Run) -> None:
    assert "只显示前2个" in "".join(run("--limit", "2").stdout.split())


# -- files ------------------------------------------------------------------------------------------


def test_export_edit_and_import(run: Run, home: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "台账.xlsx"
    assert "已写入" in run("-o", path).stdout
    refused(run("-o", path), "已经存在", "--force")
    assert run("-o", path, "--force").exit_code == 0
    book = load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for line in sheet.iter_rows(min_row=2):
        if line[header.index("原文写法")].value == "23所":
            line[header.index("数值")].value = 25
    book.save(path)
    assert "读入更正1处，涉及1行" in run("--import", path).stdout
    (row,) = [row for row in lines(run("--json")) if row["corrected"]]
    assert (row["value"], row["original"], row["text"]) == ("25", "23所", "25所")
    assert "没有改动" in run("--import", path).stdout
    refused(run("-o", tmp_path / "台账.pdf"), ".xlsx")
    refused(run("-o", tmp_path / "没有" / "台账.xlsx"), "文件夹不存在")


def test_an_import_with_one_bad_cell_changes_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    run("-o", path)
    text = path.read_text(encoding="utf-8-sig").replace(",23,", ",25,").replace(",31,", ",3O%,")
    path.write_text(text, encoding="utf-8-sig")
    refused(run("--import", path), "台账.csv 第", "“3O%”不是数值")
    assert not any(row["corrected"] for row in lines(run("--json")))


# -- corrections ------------------------------------------------------------------------------------


def test_set_and_unset(run: Run, home: Path, tmp_path: Path) -> None:
    row = row_id(run, "23所")
    short = row[:6] + row[row.index(":") :]
    result = run("--set", short, "数值=25", "--set", short, "时段=2020年")
    assert "已更正" in result.stdout and "25所（原文：23所）" in result.stdout
    with Library.open(home) as library:  # a new ingest
        take_in(library, tmp_path / "澄河县2021.txt", (tmp_path / "澄河县2021.txt").read_text("utf-8"))
    (kept,) = [row for row in lines(run("--json")) if row["corrected"]]
    assert (kept["value"], kept["when"]) == ("25", "2020")
    assert "25所（人工更正，原文：23所）" in run("--indicator", "村卫生室", "--year", "2021").stdout
    assert "已撤销" in run("--unset", short).stdout
    assert not any(row["corrected"] for row in lines(run("--json")))
    refused(run("--unset", short), "没有人工更正")


@pytest.mark.parametrize(
    ("row", "text", "said"),
    [
        ("", "数值=1.372.98", "“1.372.98”不是数值"),
        ("", "数值=3O%", "“3O%”不是数值"),
        ("", "颜色=红", "没有“颜色”这一项"),
        ("", "数值", "看不懂“数值”"),
        ("zzzz:1", "数值=1", "没有这份报告"),
        ("1234", "数值=1", "不是行号"),
    ],
)
def test_corrections_that_cannot_be(row: str, text: str, said: str, run: Run) -> None:
    good = row_id(run, "23所")
    refused(run("--set", good, "数值=25", "--set", row or good, text), said)
    refused(run("--set", f"{good}99", "数值=1"), "没有这一行")
    assert not any(row["corrected"] for row in lines(run("--json")))


# -- aliases ----------------------------------------------------------------------------------------


def test_an_alias_joins_two_names_until_it_is_taken_back(run: Run) -> None:
    assert "已把" in run("--alias", "家庭医生签约率=家庭医生签约覆盖面").stdout
    names = {row["name"] for row in lines(run("--json", "--indicator", "家庭医生签约", "--year", "2022"))}
    assert "家庭医生签约覆盖面" not in names
    assert "aliases.txt第1行" in "".join(run("--aliases").stdout.replace("│", "").split())
    assert any(row["alias"] == "家庭医生签约覆盖面" for row in lines(run("--aliases", "--json")))
    assert "已撤销" in run("--unalias", "家庭医生签约覆盖面").stdout
    refused(run("--unalias", "家庭医生签约覆盖面"), "您的别名表中没有")


def test_alias_tables_that_contradict_themselves(run: Run, home: Path) -> None:
    assert run("--alias", "甲率=乙率").exit_code == 0
    refused(run("--alias", "乙率=甲率"), "别名成了一个圈", "第2行", "--unalias")
    refused(run("--alias", "甲率=甲率"), "自己的别名")
    refused(run("--alias", "丙率=乙率"), "同时是")
    refused(run("--alias", "重点人群签约率=家庭医生签约率"), "不同的指标，不能合并")
    refused(run("--alias", "甲率"), "标准名=别名")
    (home / "aliases.txt").write_text("甲率 = 乙率\n乙率 = 甲率\n", encoding="utf-8")
    refused(run("--json"), "aliases.txt 第2行", "别名成了一个圈")


def test_candidates_are_proposed_and_never_applied(home: Path) -> None:
    def similar(texts: Sequence[str], others: Sequence[str]) -> np.ndarray:
        return np.array(
            [[0.95 if "签约" in a and "签约" in b else 0.8 for b in others] for a in texts], np.float32
        )

    with Library.open(home) as library:
        found = rows(library)
        pairs = {(p.one, p.other) for p in propose(found, similar, Aliases.load(home))}
        assert ("家庭医生签约率", "家庭医生签约覆盖面") in pairs or (
            "家庭医生签约覆盖面",
            "家庭医生签约率",
        ) in pairs
        assert not propose(found, lambda a, b: np.zeros((len(a), len(b)), np.float32), Aliases())
        apart = Aliases(different=(frozenset({"家庭医生签约率", "家庭医生签约覆盖面"}),))
        assert all("覆盖面" not in p.other + p.one for p in propose(found, similar, apart))


# -- nothing to show --------------------------------------------------------------------------------


def test_what_is_not_there_is_said_with_what_there_is(run: Run, tmp_path: Path) -> None:
    refused(run("--place", "天上县"), "没有天上县的报告", "栗坪县", "澄河县")
    refused(run("--place", "栗坪县", "--year", "2019"), "没有栗坪县2019年的报告", "2022")
    refused(run("--year", "二零二一"), "看不懂年份")
    refused(run("--indicator", "家庭医生签率"), "没有报告写到“家庭医生签率”", "家庭医生签约率")
    refused(run("--kind", "大概"), "没有“大概”这种性质", "实际")
    refused(run("--place", "栗坪县", "--kind", "位次"), "没有这种性质的数字")
    refused(run("--report", "zzzz"), "没有这份报告")
    refused(run("--place", "澄河县", "--year", "2020"), "澄河县卫生健康局2020年工作总结", "中没有数字")
    refused(run(home=tmp_path / "空"), "资料库是空的", "wenheng ingest")
