"""What a user types and what comes back: commands, exit codes, JSON, help. No model takes part; what bad
input gets is in test_service_faults.py.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from corpus.embedding import HashingEmbedder
from corpus.errors import ModelMissing
from service import demo, screen
from service.cli import cli
from service.desk import Desk
from service.models.chat import FakeChat
from service.settings import Settings, load

PAGE = """{place}卫生健康局{year}年工作总结

{year}年，{place}卫生健康局围绕年度目标，扎实推进各项工作。

一、工作完成情况
全县组建家庭医生团队{teams}个，重点人群签约率达到{rate}%，团队每季度上门随访一次，随访记录当天录入信息系统。
全年新建村卫生室{clinics}所，改造乡镇卫生院4所，投入资金560万元。
联合乡镇文化站开展健康知识进集市活动，现场讲解高血压、糖尿病的日常管理办法。

二、存在的问题
乡村医生年龄偏大，由于待遇偏低、培训机会少，年轻人不愿到村里工作，部分偏远村卫生室只能靠邻村医生轮流坐诊。
乡镇卫生院的检查设备陈旧，报废更新的周期太长，群众做一次普通检查往往要往返县城，花费的时间和路费都不少。

三、下一步打算
继续做好签约服务，计划新建村卫生室10所。

{place}卫生健康局
{year}年12月20日
"""
ASKED = "乌有县2021年新建村卫生室多少所？"
SAID = "乌有县2021年新建村卫生室23所[1]。"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports and a copy of the first."""
    made = tmp_path_factory.mktemp("往年报告")
    first = PAGE.format(place="乌有县", year=2021, teams=86, rate=71.5, clinics=23)
    second = PAGE.format(place="子虚县", year=2022, teams=40, rate=68.2, clinics=12)
    (made / "乌有县.txt").write_text(first, encoding="utf-8")
    (made / "乌有县（副本）.txt").write_text(first, encoding="gb18030")
    (made / "子虚县.txt").write_text(second, encoding="utf-8")
    return made


@pytest.fixture
def replies() -> list[str | Exception]:
    """What the model says, one text for each call."""
    return [SAID]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, replies: list[str | Exception]) -> Run:
    """run("ask", "…", home=…): the command line in this process, on fakes."""

    def open_desk(settings: Settings) -> Desk:
        return Desk(settings, embedder=HashingEmbedder(64), chat=FakeChat(replies))

    monkeypatch.setattr(Desk, "open", open_desk)
    monkeypatch.setattr(screen.out, "_width", 160)

    def start(*words: str | Path, home: Path, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(cli, ["--home", str(home), *map(str, words)], input=stdin)

    return start


def settings_of(home: Path) -> Settings:
    return load({}, home=home)


@pytest.fixture(scope="module")
def filled(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the reports, made once."""
    home = tmp_path_factory.mktemp("home") / "filled"
    with Desk(settings_of(home), embedder=HashingEmbedder(64), chat=FakeChat([SAID])) as desk:
        assert desk.ingest([folder]).ingested == 3
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(filled, tmp_path / "home"))


@pytest.fixture
def ids(filled: Path) -> Iterator[dict[str, str]]:
    """Report ids: 乌有县 (kept), 子虚县, and the merged copy."""
    with Desk(settings_of(filled), embedder=HashingEmbedder(64)) as desk:
        yield {"copy" if card.merged_into else str(card.place): card.id for card in desk.cards(merged=True)}


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# -- help -------------------------------------------------------------------------------------------


def test_help_lists_every_command_in_chinese(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["--help"]).stdout
    for name, command in cli.commands.items():
        assert name in shown
        assert re.match(r"[\u4e00-\u9fff]", command.get_short_help_str()), name
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help and re.search(r"[\u4e00-\u9fff]", option.help), (name, option.name)


def test_nothing_typed_shows_the_help() -> None:
    result = CliRunner().invoke(cli, [])
    assert result.exit_code == 2 and "ingest" in result.output


def test_version() -> None:
    assert re.fullmatch(r"wenheng, version \d+\.\d+\.\d+\n", CliRunner().invoke(cli, ["--version"]).stdout)


# -- the corpus -------------------------------------------------------------------------------------


def test_ingest_table_then_nothing_new(run: Run, folder: Path, tmp_path: Path) -> None:
    result = run("ingest", folder, home=tmp_path / "new")
    assert result.exit_code == 0
    counted = dict(re.findall(r"│ (\S+)\s+│\s+(\d+) │", result.stdout))
    assert (counted["新入库的报告"], counted["合并的重复报告"], counted["失败的文件"]) == ("3", "1", "0")
    again = run("ingest", folder, home=tmp_path / "new")
    assert dict(re.findall(r"│ (\S+)\s+│\s+(\d+) │", again.stdout)) | {
        "没有变化而跳过的文件": "3",
        "新入库的报告": "0",
    } == dict(re.findall(r"│ (\S+)\s+│\s+(\d+) │", again.stdout))


def test_ingest_for_machines(run: Run, folder: Path, tmp_path: Path) -> None:
    (row,) = rows(run("ingest", "--json", folder, home=tmp_path / "new"))
    assert (row["files"], row["ingested"], row["reports"], row["duplicates"]) == (3, 3, 3, 1)
    assert row["failures"] == [] and row["stopped"] is False
    assert set(row) >= {"repairs", "damages", "masked", "warnings", "skipped", "replaced", "seconds"}


def test_reports_lists_without_copies(run: Run, filled: Path, ids: dict[str, str]) -> None:
    shown = run("reports", home=filled).stdout
    assert ids["乌有县"] in shown and ids["子虚县"] in shown and ids["copy"] not in shown
    assert "另有1份重复" in shown and "乌有县卫生健康局2021年工作总结" in shown
    assert f"重复，并入{ids['乌有县'][:6]}" in run("reports", "--all", home=filled).stdout


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ((), {"乌有县", "子虚县"}),
        (("--place", "子虚县"), {"子虚县"}),
        (("--year", "2021"), {"乌有县"}),
        (("--year", "2021", "--year", "2022"), {"乌有县", "子虚县"}),
        (("--genre", "年度总结"), {"乌有县", "子虚县"}),
        (("--genre", "plan"), set()),
        (("--section", "存在问题"), {"乌有县", "子虚县"}),
        (("--place", "乌有县", "--year", "2022"), set()),
    ],
)
def test_reports_are_filtered(run: Run, filled: Path, options: tuple[str, ...], places: set[str]) -> None:
    result = run("reports", "--json", *options, home=filled)
    assert result.exit_code == 0
    assert {row["place"] for row in rows(result)} == places


def test_an_empty_library_says_what_to_do(run: Run, tmp_path: Path) -> None:
    assert "wenheng ingest" in run("reports", home=tmp_path / "new").stdout
    assert "ingest" in run("ask", ASKED, home=tmp_path / "new").stdout


def test_show(run: Run, filled: Path, ids: dict[str, str]) -> None:
    shown = run("show", ids["乌有县"][:6], home=filled).stdout
    for piece in ("提纲", "存在的问题", "正文", "71.5%", "数字", "修复记录", "读自标题", "第1篇"):
        assert piece in shown
    assert "正文" not in run("show", ids["乌有县"], "--part", "outline", home=filled).stdout
    (row,) = rows(run("show", ids["乌有县"], "--json", home=filled))
    assert set(row) == {
        "id", "source", "ordinal", "metadata", "text", "sections", "figures", "repairs", "damages", "masked",
        "warnings",
    }  # fmt: skip
    assert row["id"] == ids["乌有县"] and row["metadata"]["year"]["value"] == "2021"
    figure = next(f for f in row["figures"] if f["text"].startswith("23"))
    assert row["text"][figure["span"]["start"] : figure["span"]["end"]] == figure["text"]


def test_edit_and_take_back(run: Run, home: Path, ids: dict[str, str]) -> None:
    result = run("edit", ids["子虚县"], "--year", "2020", "--genre", "工作要点", home=home)
    assert result.exit_code == 0 and "2020" in result.stdout and "用户修改" in result.stdout
    (row,) = rows(run("reports", "--json", "--year", "2020", home=home))
    assert (row["genre"], sorted(row["edited"])) == ("key_points", ["genre", "year"])
    run("edit", ids["子虚县"], "--reset", "year", home=home)
    assert {row["year"] for row in rows(run("reports", "--json", home=home))} == {2021, 2022}


def test_remove_asks_first(run: Run, home: Path, folder: Path, ids: dict[str, str]) -> None:
    refused = run("remove", ids["子虚县"], home=home, stdin="n\n")
    assert (refused.exit_code, len(rows(run("reports", "--json", home=home)))) == (1, 2)
    assert "没有改动" in refused.stderr
    assert "已移除1份报告" in run("remove", ids["子虚县"], home=home, stdin="y\n").stdout
    assert [row["place"] for row in rows(run("reports", "--json", home=home))] == ["乌有县"]
    assert rows(run("search", "签约率", "--json", "--place", "子虚县", home=home)) == []
    assert (folder / "子虚县.txt").exists()
    assert rows(run("ingest", "--json", folder, home=home))[0]["reports"] == 1


def test_removal_needs_no_model(
    run: Run, home: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: Desk) -> None:
        raise ModelMissing("没有模型")

    monkeypatch.setattr(Desk, "embedder", property(missing))
    result = run("remove", "--yes", ids["子虚县"], home=home)
    assert result.exit_code == 0 and "已移除1份报告" in result.stdout
    monkeypatch.undo()
    with Desk(settings_of(home), embedder=HashingEmbedder(64)) as desk:
        assert {hit.passage.report_id for hit in desk.search("签约率")} == {ids["乌有县"]}


def test_duplicates_are_listed_and_undone(run: Run, home: Path, ids: dict[str, str]) -> None:
    (row,) = rows(run("duplicates", "--json", home=home))
    assert (row["report_id"], row["kept_id"], row["kind"]) == (ids["copy"], ids["乌有县"], "exact")
    assert "完全相同" in run("duplicates", home=home).stdout
    assert "没有重复报告" in run("duplicates", "--unmerge", ids["copy"], home=home).stdout
    assert len(rows(run("reports", "--json", home=home))) == 3
    (row,) = rows(run("duplicates", "--merge", ids["copy"], ids["乌有县"], "--json", home=home))
    assert row["kind"] == "user"


def test_reindex(run: Run, home: Path) -> None:
    before = rows(run("search", "签约率", "--json", home=home))
    shutil.rmtree(home / "index")
    assert re.search(r"索引已重建：\d+个片段", run("reindex", home=home).stdout)
    assert rows(run("search", "签约率", "--json", home=home)) == before


# -- searching and asking ---------------------------------------------------------------------------


def test_search(run: Run, filled: Path, ids: dict[str, str]) -> None:
    found = rows(run("search", "乡村医生待遇", "--json", "--section", "存在问题", home=filled))
    assert {row["section"] for row in found} == {"problems"} and found[0]["rank"] == 1
    assert set(found[0]) == {
        "rank", "score", "report_id", "title", "place", "year", "path", "section", "start", "end", "text",
    }  # fmt: skip
    assert len(rows(run("search", "签约率", "--json", "-k", "1", home=filled))) == 1
    shown = run("search", "村卫生室", "--place", "子虚县", home=filled).stdout
    assert "12所" in shown and "23所" not in shown and f"[{ids['子虚县']}]" in shown
    nothing = run("search", "村卫生室", "--year", "1999", home=filled)
    assert nothing.exit_code == 0 and "没有找到。库中现有：" in nothing.stdout and "乌有县" in nothing.stdout


def test_ask_shows_evidence_answer_and_sources(run: Run, filled: Path, ids: dict[str, str]) -> None:
    result = run("ask", ASKED, home=filled)
    assert result.exit_code == 0
    evidence, answer, sources = (result.stdout.index(s) for s in ("找到的依据", SAID, "来源："))
    assert evidence < answer < sources
    assert f"[1] 《乌有县卫生健康局2021年工作总结》（乌有县，2021年）[{ids['乌有县']} " in result.stdout
    assert "一、工作完成情况" in result.stdout and "“全年新建村卫生室23所，" in result.stdout


def test_ask_for_machines(run: Run, filled: Path, ids: dict[str, str]) -> None:
    (row,) = rows(run("ask", ASKED, "--json", home=filled))
    assert (row["question"], row["status"], row["text"]) == (ASKED, "answered", SAID)
    (sentence,) = row["sentences"]
    assert sentence["figures"] == ["23所"]
    (citation,) = sentence["citations"]
    (report,) = rows(run("show", "--json", citation["report_id"], home=filled))
    assert report["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert set(row["timings"]) == {"search_ms", "first_token_ms", "total_ms"} and row["evidence"]


def test_a_refusal_says_what_there_is_and_is_no_error(run: Run, filled: Path) -> None:
    result = run("ask", "乌有县2015年新建村卫生室多少所？", "--json", home=filled)
    (row,) = rows(result)
    assert (result.exit_code, row["status"], row["sentences"]) == (0, "refused", [])
    assert "2015" in row["reason"] and "2021" in row["reason"]


def test_ask_reads_lines(run: Run, filled: Path) -> None:
    lines = f"\ufeff{ASKED}\r\n\r\n  \n乌有县2015年新建村卫生室多少所？\n"
    result = run("ask", "-", "--json", home=filled, stdin=lines)
    assert result.exit_code == 0
    assert [(row["question"], row["status"]) for row in rows(result)] == [
        (ASKED, "answered"),
        ("乌有县2015年新建村卫生室多少所？", "refused"),
    ]
    in_gbk = run("ask", "-", "--json", home=filled, stdin=ASKED.encode("gb18030"))
    assert rows(in_gbk)[0]["question"] == ASKED
    assert run("ask", "-", home=filled, stdin="").exit_code == 0


# -- chat -------------------------------------------------------------------------------------------


def test_chat_follows_up_and_is_resumed(run: Run, home: Path) -> None:
    typed = f"{ASKED}\n/来源\n那子虚县呢？\n/撤销\n/会话\n/什么\n/退出\n"
    shown = run("chat", home=home, stdin=typed)
    assert shown.exit_code == 0
    assert shown.stdout.count("来源：") >= 2 and "已忘掉上一问" in shown.stdout and "1问" in shown.stdout
    session = re.search(r"继续：wenheng chat --session (\w+)", shown.stdout)
    assert session
    listed = run("chat", "--list", home=home).stdout
    assert session[1] in listed and ASKED in listed
    resumed = run("chat", "--session", session[1][:6], home=home, stdin="")
    assert f"问：{ASKED}" in resumed.stdout and SAID in resumed.stdout
    assert SAID in run("chat", "--last", home=home, stdin="/退出\n").stdout
    assert session[1][:6] in run("chat", "--delete", session[1][:6], home=home).stdout
    assert "还没有会话" in run("chat", "--list", home=home).stdout


def test_a_chat_without_questions_leaves_nothing(run: Run, home: Path) -> None:
    assert run("chat", home=home, stdin="/退出\n").exit_code == 0
    assert "还没有会话" in run("chat", "--list", home=home).stdout


# -- models and demo --------------------------------------------------------------------------------


def test_models_behind_endpoints_need_no_download(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("CHAT", "EMBEDDING"):
        monkeypatch.setenv(f"WENHENG_{role}_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv(f"WENHENG_{role}_MODEL", "m")
    result = run("models", home=tmp_path)
    assert result.exit_code == 0 and result.stdout.count("使用接口") == 2


def test_demo(run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(demo.questions()) == 3 and len(demo.sample_files()) >= 18
    monkeypatch.setattr(demo, "sample_files", lambda: tuple(sorted(folder.iterdir())))
    monkeypatch.setattr(demo, "questions", lambda: (ASKED,))
    shown = run("demo", home=tmp_path / "demo")
    assert shown.exit_code == 0
    for piece in ("入库结果", f"问：{ASKED}", SAID, "来源：", "接下来可以", "wenheng ingest"):
        assert piece in shown.stdout
