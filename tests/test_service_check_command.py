"""``wenheng check`` on drafts, with an input, against reports, in every form, and on what cannot be checked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import docx
import pytest
from click.testing import CliRunner

from service.cli import Context, cli
from service.commands.check import check
from service.proof.bench import Bench

if TYPE_CHECKING:
    from click.testing import Result

    from service.desk import Desk

BUREAU = Path(__file__).parent / "data" / "bureau"
DRAFT = """澄河县卫生健康局2023年工作总结

一、工作完成情况
1、基层服务。
山区转运通道由县急救中心统一调度,共培训3百人。全县共开展义诊57场。签约服务居全市前列。
联系人手机13900139000。

二、存在的问题
（一）急救半径偏大。北部乡镇没有急救站点。

三、下一步打算
（一）增设北部急救站点。急救站点已建成两处。【待补：时限】
"""
INPUT = """
基本信息: {文种: 工作总结, 单位: 澄河县卫生健康局, 地区: 澄河县, 年度: 2023}
指标:
  - {名称: 义诊, 单位: 场, 本年值: "57"}
问题:
  - {编号: 问题1, 问题: 急救半径偏大}
任务:
  - {任务: 增设北部急救站点}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Path:
    """A library with the fictional reports."""
    made = tmp_path_factory.mktemp("check")
    with open_desk(made / "home") as desk:
        assert not desk.ingest([BUREAU]).failures
    return made / "home"


@pytest.fixture
def run(
    home: Path, monkeypatch: pytest.MonkeyPatch, open_desk: Callable[[Path], Desk]
) -> Callable[..., Result]:
    monkeypatch.setattr(Context, "desk", lambda self: open_desk(home))

    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(check, [str(word) for word in words], obj=Context(home))

    return invoke


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "稿件.txt"
    path.write_text(DRAFT, encoding="utf-8")
    return path


def test_a_draft_is_checked_without_being_in_the_library(run: Callable[..., Result], draft: Path) -> None:
    told = run(draft, "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["kind"] == "audit" and document["title"].endswith("校对结果")
    for name in (
        "序号后的标点",
        "数字与汉字混写",
        "中文里的半角标点",
        "断言没有依据",
        "待补的内容",
        "打算写成已办",
    ):
        assert name in told.stdout, name
    assert "57场" in told.stdout and "数字没有出处" in told.stdout
    assert "13900139000" not in told.stdout and "手机号已隐去" in told.stdout


def test_the_screen_tells_how_much_was_read(run: Callable[..., Result], draft: Path) -> None:
    told = run(draft)
    assert told.exit_code == 0 and "共校对" in told.stdout and "个有出处" in told.stdout


def test_with_an_input_its_figures_have_a_source_and_its_keys_decide(
    run: Callable[..., Result], draft: Path, tmp_path: Path
) -> None:
    (tmp_path / "输入.yaml").write_text(INPUT, encoding="utf-8")
    told = run(draft, "--input", tmp_path / "输入.yaml", "--json")
    assert told.exit_code == 0, told.output
    rows = [r for b in json.loads(told.stdout)["blocks"] if b["type"] == "table" for r in b["rows"]]
    messages = [row[1]["text"] for row in rows]
    assert not any("57场" in message for message in messages)
    assert any(m.startswith("问题没有对应的任务：急救半径偏大") for m in messages), messages
    assert any(m.startswith("任务没有对应的问题：增设北部急救站点") for m in messages)


@pytest.mark.parametrize("by_id", [True, False])
def test_a_report_of_the_library_is_held_against_the_others(
    run: Callable[..., Result], home: Path, open_desk: Callable[[Path], Desk], by_id: bool
) -> None:
    path = BUREAU / "澄河县2022年工作总结.txt"
    with open_desk(home) as desk:
        name = next(card.id for card in desk.cards() if card.source_name == path.name)
    told = run(name if by_id else path, "--json", "--only", "sources")
    assert told.exit_code == 0, told.output
    assert "数字没有出处" in told.stdout  # it is no source of its own figures
    cited = {(source["place"], source["year"]) for source in json.loads(told.stdout)["sources"]}
    assert ("澄河县", 2022) in cited


def test_against_names_the_only_reports(run: Callable[..., Result], draft: Path, tmp_path: Path) -> None:
    copied = "山区转运通道由县急救中心统一调度，昼夜安排专人值守。"
    other = tmp_path / "栗坪县.txt"
    other.write_text(f"栗坪县卫生健康局2022年工作总结\n\n一、工作完成情况\n{copied}\n", encoding="utf-8")
    draft.write_text(DRAFT.replace("共开展义诊57场。", f"共开展义诊57场。{copied}"), encoding="utf-8")
    assert "与外地报告雷同" not in run(draft, "--json", "--only", "recycled").stdout
    told = run(draft, "--json", "--only", "recycled", "--against", other)
    assert "与外地报告雷同" in told.stdout and "栗坪县" in told.stdout, told.output


def test_rules_are_chosen(run: Callable[..., Result], draft: Path) -> None:
    only = run(draft, "--json", "--only", "claim").stdout
    assert "断言没有依据" in only and "数字与汉字混写：" not in only
    skipped = run(draft, "--json", "--skip", "断言没有依据").stdout
    assert "断言没有依据" not in skipped and "数字与汉字混写：" in skipped


def test_the_rules_are_listed_for_people_and_for_machines(run: Callable[..., Result]) -> None:
    told = run("--rules")
    assert told.exit_code == 0 and "range-unit" in told.stdout and "问题与任务（linkage）" in told.stdout
    listed = json.loads(run("--rules", "--json").stdout)
    assert {"id", "group", "name", "tells"} == set(listed[0]) and len(listed) > 30


def test_the_word_file_holds_the_findings_and_the_sentences(
    run: Callable[..., Result], draft: Path, tmp_path: Path
) -> None:
    out = tmp_path / "校对.docx"
    told = run(draft, "-o", out)
    assert told.exit_code == 0, told.output
    document = docx.Document(str(out))
    text = "\n".join(p.text for p in document.paragraphs)
    cells = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "断言没有依据" in cells and "签约服务居全市前列" in text
    assert "13900139000" not in text + cells


@pytest.mark.parametrize("suffix", [".md", ".json"])
def test_other_files_are_written(
    run: Callable[..., Result], draft: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"校对{suffix}"
    assert run(draft, "-o", out).exit_code == 0
    assert "断言没有依据" in out.read_text(encoding="utf-8")


def test_a_word_draft_is_read(run: Callable[..., Result], tmp_path: Path) -> None:
    made = docx.Document()
    for line in DRAFT.splitlines():
        made.add_paragraph(line)
    made.save(str(tmp_path / "稿件.docx"))
    told = run(tmp_path / "稿件.docx", "--json")
    assert told.exit_code == 0 and "待补的内容" in told.stdout


def test_a_file_with_several_texts_is_checked_text_by_text(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "工作总结（合集2篇）.txt"
    second = DRAFT.replace("澄河县", "雁塘区").replace("义诊57场", "义诊63场")
    path.write_text("工作总结（合集2篇）\n\n篇一：" + DRAFT + "\n\n篇二：" + second, encoding="utf-8")
    told = run(path, "--json", "--only", "sources")
    assert told.exit_code == 0 and "57场" in told.stdout and "63场" in told.stdout


def test_without_the_embedding_model_the_rest_is_checked(
    run: Callable[..., Result], draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.errors import ModelMissing
    from service.desk import Desk

    def missing(self: Desk) -> None:
        raise ModelMissing("没有模型")

    monkeypatch.setattr(Desk, "embedder", property(missing))
    told = run(draft, "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["partial"] and "获取模型" in document["gaps"][0]
    assert "断言没有依据" in told.stdout


def test_the_model_is_not_asked_where_nothing_is_to_be_linked(
    run: Callable[..., Result], draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bench, "_similar", lambda self: pytest.fail("the model was asked"))
    assert run(draft, "--json", "--skip", "linkage").exit_code == 0
    draft.write_text("澄河县卫生健康局2023年工作总结\n\n各项工作按期完成。\n", encoding="utf-8")
    assert "没有发现问题" in run(draft).stdout


def test_the_command_is_part_of_wenheng() -> None:
    assert "check" in cli.commands and CliRunner().invoke(cli, ["check", "-h"]).exit_code == 0


# -- bad input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (("",), ("没有指明要校对的稿件",)),
        ((), ("没有指明要校对的稿件", "wenheng check")),
        ((BUREAU / "澄河县2022年工作总结.txt", "--only", "没有的规则"), ("没有的规则", "--rules")),
        ((BUREAU / "澄河县2022年工作总结.txt", "--against", "没有.txt"), ("没有.txt",)),
        ((BUREAU / "澄河县2022年工作总结.txt", "--input", "没有.xlsx"), ("没有.xlsx",)),
        ((BUREAU / "澄河县2022年工作总结.txt", "--input", "表.csv"), (".csv",)),
        ((BUREAU / "澄河县2022年工作总结.txt", "-o", "结果.pdf"), ("结果.pdf",)),
    ],
)
def test_what_cannot_be_used_is_named(
    run: Callable[..., Result],
    one_sentence: Callable[..., str],
    words: tuple[str | Path, ...],
    pieces: tuple[str, ...],
) -> None:
    one_sentence(run(*words), 2, *pieces)


def test_an_output_that_is_there_is_kept(
    run: Callable[..., Result], one_sentence: Callable[..., str], draft: Path, tmp_path: Path
) -> None:
    out = tmp_path / "已有.md"
    out.write_text("旧的", encoding="utf-8")
    one_sentence(run(draft, "-o", out), 2, "已有.md", "--force")
    assert out.read_text(encoding="utf-8") == "旧的"


def test_an_input_that_contradicts_itself_is_named(
    run: Callable[..., Result], draft: Path, tmp_path: Path
) -> None:
    path = tmp_path / "坏表.yaml"
    path.write_text(INPUT.replace('"57"', '"5七"'), encoding="utf-8")
    told = run(draft, "--input", path)
    assert told.exit_code == 2 and "坏表.yaml" in told.stderr


@pytest.mark.real
def test_real_pages_are_checked_with_few_false_alarms(
    run: Callable[..., Result], real_reports: Path, tmp_path: Path
) -> None:
    """Counts of 004, read by hand: labels, marks and years that do break the rules, and nothing on doubtful ones."""
    page = next(real_reports.glob("004_*.txt"))
    shutil.copy(page, tmp_path / page.name)
    told = run(tmp_path / page.name, "--json", "--skip", "sources", "--skip", "linkage")
    assert told.exit_code == 0, told.output
    names = [
        row[1]["text"].split("：")[0]
        for block in json.loads(told.stdout)["blocks"]
        if block["type"] == "table"
        for row in block["rows"]
    ]
    assert {"起止年份写法", "层次跳级", "个人信息"} <= set(names)
    assert not {"倍、番用法不当", "概数用了顿号", "个人口吻", "打算写成已办", "标点不成对"} & set(names), (
        names
    )
