"""``wenheng cover`` on the command line: reports of the library, files, input tables, drafts, and what cannot be used."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from service.cli import Context
from service.commands.cover import cover
from service.draft.drafts import Draft, to_json
from service.draft.toy_draft import toy_input, toy_outline

if TYPE_CHECKING:
    from click.testing import Result

    from service.desk import Desk

DATA = Path(__file__).parent / "data" / "cover"
ABOVE, PLAN = DATA / "澄河市2023年卫生健康工作要点.txt", DATA / "栗坪县卫生健康局2023年工作计划.txt"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Path:
    """A library with the four fictional texts."""
    made = tmp_path_factory.mktemp("cover")
    with open_desk(made) as desk:
        assert not desk.ingest([DATA]).failures
    return made


@pytest.fixture
def run(
    home: Path, open_desk: Callable[[Path], Desk], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    monkeypatch.setattr(Context, "desk_with_models", lambda self: open_desk(home))

    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(cover, [str(word) for word in words], obj=Context(home))

    return invoke


@pytest.fixture(scope="module")
def ids(home: Path, open_desk: Callable[[Path], Desk]) -> dict[str, str]:
    """Ids of the reports by their place."""
    with open_desk(home) as desk:
        return {card.place: card.id for card in desk.cards() if card.place}


def test_reports_of_the_library_by_id(run: Callable[..., Result], ids: dict[str, str]) -> None:
    told = run(ids["栗坪县"], "--against", ids["澄河市"], "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert (document["kind"], document["places"]) == ("cover", ["栗坪县", "澄河市"])
    assert {source["report_id"] for source in document["sources"]} == {ids["栗坪县"], ids["澄河市"]}


def test_files_that_are_in_no_library_give_the_same(run: Callable[..., Result], ids: dict[str, str]) -> None:
    known = json.loads(run(ids["栗坪县"], "--against", ids["澄河市"], "--json").stdout)
    assert json.loads(run(PLAN, "--against", ABOVE, "--json").stdout)["blocks"] == known["blocks"]


def test_the_screen_the_word_file_and_markdown(run: Callable[..., Result], tmp_path: Path) -> None:
    shown = run(PLAN, "--against", ABOVE)
    assert shown.exit_code == 0 and "没有提及的要点" in shown.stdout and "共26项" in shown.stdout
    for name in ("对照.docx", "对照.md"):
        told = run(PLAN, "--against", ABOVE, "-o", tmp_path / name)
        assert told.exit_code == 0 and "已写入" in told.stdout
    with zipfile.ZipFile(tmp_path / "对照.docx") as word:
        body = word.read("word/document.xml").decode()
    assert "三四级手术占比" in body and "本县另有的安排" in body
    assert "已经覆盖的要点" in (tmp_path / "对照.md").read_text(encoding="utf-8")


def test_an_input_table_is_held_against_the_key_points(run: Callable[..., Result], tmp_path: Path) -> None:
    table = tmp_path / "输入.yaml"
    table.write_text(
        "基本信息:\n  单位: 栗坪县卫生健康局\n  地区: 栗坪县\n  年度: 2023\n  文种: 工作计划\n指标: []\n问题: []\n"
        "任务:\n  - 任务: 建设区域透析中心\n    措施: 配置血液透析机24台\n    责任单位: 医政股\n    完成时限: 2023年8月底前\n",
        encoding="utf-8",
    )
    told = run(table, "--against", ABOVE, "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert "配置血液透析机：要求不少于20台，稿子24台，达到要求" in told.stdout
    assert any(source["path"][:1] == ["任务"] for source in document["sources"])


def test_a_draft_of_the_store(
    run: Callable[..., Result], home: Path, open_desk: Callable[[Path], Desk]
) -> None:
    given = toy_input()
    with open_desk(home) as desk:
        stored = desk.library.drafts.start(
            subject="栗坪县",
            kind="problems",
            title="稿子",
            input="0",
            state=to_json(Draft(given, toy_outline(given))),
        )
    told = run(stored.id, "--against", ABOVE, "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["places"] == ["栗坪县", "澄河市"]


def test_what_cannot_be_used_is_one_sentence(
    run: Callable[..., Result], ids: dict[str, str], one_sentence: Callable[..., str], tmp_path: Path
) -> None:
    one_sentence(run("abcdef012345", "--against", ABOVE), 2, "abcdef012345", "报告或稿子")
    one_sentence(run(PLAN, "--against", "abcdef012345"), 2, "abcdef012345", "wenheng reports")
    one_sentence(run(tmp_path / "无.txt", "--against", ABOVE), 2, "无.txt")
    one_sentence(run(PLAN, "--against", PLAN), 2, "不能与它自己对照", "--against")
    one_sentence(run(ids["栗坪县"], "--against", PLAN), 2, "不能与它自己对照")
    empty = tmp_path / "空.txt"
    empty.write_text("", encoding="utf-8")
    one_sentence(run(empty, "--against", ABOVE), 2, "空.txt")
    one_sentence(run(PLAN, "--against", empty), 2, "空.txt")
    news = tmp_path / "侧记.txt"
    news.write_text(
        "栗坪县义诊侧记\n\n周六上午，志愿者在广场为居民量血压，现场气氛热烈。\n", encoding="utf-8"
    )
    one_sentence(run(PLAN, "--against", news), 2, "没有找到工作要点", "--against")


def test_an_output_that_cannot_be_written_is_refused_first(
    run: Callable[..., Result], one_sentence: Callable[..., str], tmp_path: Path
) -> None:
    one_sentence(run("abcdef012345", "--against", ABOVE, "-o", tmp_path / "对照.pdf"), 2, "对照.pdf")
