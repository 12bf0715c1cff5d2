"""``wenheng summarise``: what a user types, which reports are meant, and one sentence for each mistake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.errors import EngineFailed, InputError, NotFound
from corpus.report import Filter, Genre, SectionKind
from service.commands.summarise import summarise
from service.desk import Desk
from service.summary.scope import Request, resolve

ANNUAL = "澄河县卫生健康局2022年工作总结"


class Context:
    """What the command asks of ``service.cli.Context``: a desk that stays open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @contextmanager
    def desk_with_models(self) -> Iterator[Desk]:
        yield self._desk


@pytest.fixture
def run(bureau: Desk) -> Callable[..., Result]:
    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(summarise, [str(word) for word in words], obj=Context(bureau))

    return invoke


def request(desk: Desk, *targets: str, wanted: Filter | None = None) -> Request:
    return resolve(targets, wanted or Filter(), desk.cards(), desk.library.full_id, desk.understand)


def titles(found: Request) -> set[str]:
    return {card.title for card in found.cards}


# -- one report ---------------------------------------------------------------------------------------


def test_a_summary_on_the_screen(run: Callable[..., Result]) -> None:
    found = run(ANNUAL, "--length", "short", "--no-model")
    assert found.exit_code == 0, found.output
    for heading in ("概述", "主要指标", "工作成效", "存在问题", "下一步打算", "资料来源"):
        assert heading in found.output
    assert "招录大学生村医20名" in found.output and "本文不完整" not in found.output


def test_a_report_that_tells_no_problems_has_a_summary_too(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    """A part that says only so has no source, and shown by itself no year in its title either."""
    report = (
        "青岭县卫生健康局2022年工作总结\n\n一、工作完成情况\n全县家庭医生签约率达到68.4%，组建团队41个。\n"
    )
    (tmp_path / "报告.txt").write_text(report, encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest([tmp_path / "报告.txt"]).failures
        result = CliRunner().invoke(summarise, ["青岭县", "--no-model"], obj=Context(desk))
    assert result.exit_code == 0, result.output
    assert "原文没有写存在的问题" in result.output and "原文没有写下一步打算" in result.output


def test_an_id_a_title_and_words_name_the_same_report(bureau: Desk) -> None:
    card = next(c for c in bureau.cards() if c.title == ANNUAL)
    for target in (card.id, card.id[:6].upper(), ANNUAL, f"《{ANNUAL}》", "澄河县 2022年", "澄河县2022年"):
        found = request(bureau, target)
        assert found.single and found.cards == (card,), target


def test_as_json_and_as_files(run: Callable[..., Result], tmp_path: Path) -> None:
    found = json.loads(run(ANNUAL, "--no-model", "--json").output)
    assert found["kind"] == "summary" and found["sources"] and not found["partial"]
    for suffix in ("docx", "md", "json"):
        out = tmp_path / f"摘要.{suffix}"
        assert run(ANNUAL, "--no-model", "-o", out).exit_code == 0
        assert out.stat().st_size > 1000
    assert run(ANNUAL, "--no-model", "-o", out).exit_code == 2


def test_the_model_joins_the_overview(run: Callable[..., Result], bureau: Desk) -> None:
    found = json.loads(run(ANNUAL, "--json").output)  # the fake model says nothing that fits
    assert not found["partial"] and "没有模型" not in found["blocks"][1]["sentences"][0]["text"]


def test_a_model_that_is_not_there_is_told_and_the_summary_comes(
    run: Callable[..., Result], bureau: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise EngineFailed("语言模型没有启动", remedy="请重试")

    monkeypatch.setattr(bureau, "model", fail)
    found = run(ANNUAL, "--length", "short")
    assert found.exit_code == 0, found.output
    assert "语言模型没有启动" in found.output and "本文不完整" in found.output
    assert "高层次人才引不进、留不住" in found.output


# -- many reports -------------------------------------------------------------------------------------


def test_a_request_in_words_over_a_set(run: Callable[..., Result], bureau: Desk) -> None:
    found = request(bureau, "2022年各县卫健局存在的共性问题")
    assert titles(found) == {ANNUAL, "栗坪县卫生健康局2022年度工作总结"}
    assert found.kinds == (SectionKind.PROBLEMS,) and found.years == (2022,)
    assert {card.place for card in found.apart} == {"苍麓市", "雁塘区"}
    shown = run("2022年各县卫健局存在的共性问题", "--length", "short")
    assert shown.exit_code == 0, shown.output
    assert "村卫生室设备老化" in shown.output and "乡村医生收入偏低" in shown.output
    assert "没有纳入的报告" in shown.output


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("2022年各县下一步打算", (SectionKind.NEXT_STEPS,)),
        ("2022年各县的问题和下一步打算", (SectionKind.PROBLEMS, SectionKind.NEXT_STEPS)),
        ("2022年各县工作成效", (SectionKind.ACHIEVEMENTS,)),
    ],
)
def test_the_words_tell_the_kind_of_section(bureau: Desk, words: str, kinds: tuple[SectionKind, ...]) -> None:
    assert request(bureau, words).kinds == kinds


def test_options_and_several_reports(bureau: Desk, run: Callable[..., Result]) -> None:
    by_year = request(bureau, wanted=Filter(years=(2022,), genres=(Genre.ANNUAL,)))
    assert len(by_year.cards) == 2 and not by_year.single
    ids = [card.id for card in by_year.cards]
    assert set(request(bureau, *ids).cards) == set(by_year.cards)
    shown = run("--year", "2022", "--genre", "年度总结", "存在的共性问题", "--json")
    assert json.loads(shown.output)["kind"] == "synthesis"


def test_one_report_by_its_place(bureau: Desk) -> None:
    assert request(bureau, wanted=Filter(places=("栗坪县",))).single


def test_a_year_that_is_missing_is_said(bureau: Desk) -> None:
    found = request(bureau, "澄河县2022年和2019年存在的问题")
    assert found.gaps == ("没有2019年的报告",) and len(found.cards) == 1
    assert not found.single  # the request was for a kind of section


# -- mistakes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        ((), ("没有说要摘要哪份报告", "wenheng reports")),
        (("ffffffff",), ("没有这份报告", "ffffffff")),
        (("火星移民总结",), ("没有这份报告", "wenheng reports")),
        (("--place", "乌有县"), ("没有符合条件的报告", "乌有县", "澄河县")),
        (("--year", "1999"), ("没有符合条件的报告", "1999年")),
        (("--year", "去年"), ("看不懂年份",)),
        (("--genre", "日记"), ("没有“日记”这种文种", "年度总结")),
        (("2015年各县存在的问题",), ("没有符合条件的报告", "澄河县")),
        (("2022年各旗存在的问题",), ("没有旗一级的报告",)),
        (("太原市存在的问题",), ("没有太原市的报告", "澄河县")),
        (("卫生健康局",), ("份报告符合", "请用编号指明")),
        ((ANNUAL, "火星移民总结"), ("没有这份报告",)),
        ((ANNUAL, "-o", "摘要.pdf"), (".docx",)),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    run: Callable[..., Result],
    one_sentence: Callable[..., str],
    words: tuple[str, ...],
    pieces: tuple[str, ...],
) -> None:
    one_sentence(run(*words, "--no-model"), 2, *pieces)


def test_an_empty_library_says_what_to_do(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> None:
    with open_desk(tmp_path) as desk, pytest.raises(NotFound, match="资料库是空的"):
        request(desk, "问题")


def test_an_unknown_length_is_refused(run: Callable[..., Result]) -> None:
    found = run(ANNUAL, "--length", "tiny")
    assert found.exit_code == 2


def test_several_reports_that_fit_one_title(bureau: Desk) -> None:
    with pytest.raises(InputError, match="份报告符合") as caught:
        request(bureau, "工作总结")
    assert all(card.id in str(caught.value) for card in bureau.cards() if "工作总结" in card.title)
