"""Cases from one's own reports: what is proposed, that its source answers it, and a user who is played by a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from corpus.errors import InputError
from corpus.samples import SAMPLES
from eval.case_check import checked
from eval.cases import Case, Kind, Value, load, problems, read_sources, usable
from eval.metrics import answers_right, forbidden, has_value, missing
from eval.newcases import DENIALS, Proposal, propose
from eval.newcases_command import new
from eval.newcases_ground import Ground
from eval.newcases_review import (
    REVIEWED,
    UNREVIEWED,
    CaseFile,
    Console,
    answer_of,
    described,
    keep_all,
    read_points,
    read_values,
    review,
)
from service.desk import Desk

CHENGHE = """澄河县卫生健康局{year}年工作总结

{year}年，澄河县卫生健康局围绕年度目标，扎实推进各项工作。

一、工作完成情况
（一）夯实基层基础。全年新建村卫生室{rooms}所，改造乡镇卫生院4所，投入建设资金560万元。
（二）做实签约服务。全县组建家庭医生团队86个，重点人群签约率达到71.5%，常住人口签约率达到43.2%。
（三）开展健康宣传。举办健康讲座约120场，发放宣传折页2.4万份，电话回访1**人次。

二、存在的问题
（一）基层人才紧缺。村医平均年龄超过55岁，年轻医生招不来、留不住。
（二）设备更新缓慢。多数乡镇卫生院没有彩超，检查要到县城。
（三）信息系统不通。转诊仍要带纸质病历。

三、下一步打算
（一）招录村医。计划招录大专以上村医30名。
（二）更新设备。为每所乡镇卫生院配备彩超1台。
"""
LIPING = """栗坪县卫生健康局2021年工作总结

2021年，栗坪县卫生健康局狠抓落实，完成各项任务。

一、主要工作
（一）签约服务。全县重点人群签约率达到64.0%，随访4.1万人次。
（二）疫苗接种。儿童疫苗接种率达到98.6%，设置预防接种门诊12个。
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "a.txt").write_text(CHENGHE.format(year=2021, rooms=23), encoding="utf-8")
    (folder / "b.txt").write_text(CHENGHE.format(year=2022, rooms=17), encoding="gb18030")
    (folder / "c.txt").write_text("澄河卫健网\n\n" + CHENGHE.format(year=2021, rooms=23), encoding="utf-8")
    (folder / "d.txt").write_text(LIPING, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def desk(
    reports: Path, open_desk: Callable[[Path], Desk], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("home")) as desk:
        assert not desk.ingest([reports]).failures
        assert len(desk.cards()) == 3  # c is a copy of a
        yield desk


@pytest.fixture(scope="module")
def proposals(desk: Desk) -> tuple[Proposal, ...]:
    return propose(desk.library, 100)


def raw(case: Case, texts: dict[str, str]) -> str:
    return "".join(texts[gold.sha256][gold.start : gold.end] for gold in case.gold)


def of(proposals: Sequence[Proposal], kind: Kind) -> list[Case]:
    return [one.case for one in proposals if one.case.kind is kind]


# -- proposing ---------------------------------------------------------------------------------------------


def test_every_kind_is_proposed_and_valid(proposals: tuple[Proposal, ...]) -> None:
    assert {one.case.kind for one in proposals} == {
        Kind.NUMBER, Kind.LIST, Kind.PREMISE, Kind.COMPARE, Kind.UNANSWERABLE,
    }  # fmt: skip
    assert not [fault for one in proposals for fault in problems(one.case)]
    assert len({one.case.id for one in proposals}) == len(proposals)


def test_gold_is_the_value_in_the_raw_file(proposals: tuple[Proposal, ...], reports: Path) -> None:
    """Also in a GB18030 file, and in the copy that was merged away."""
    cases = [one.case for one in proposals]
    texts = read_sources(reports, frozenset().union(*(case.files for case in cases)))
    kept, skipped = usable(cases, texts)
    assert not skipped and len(texts) == 4
    assert not [fault for case in kept for fault in checked(case, texts)]
    for case in kept:
        if case.kind in (Kind.NUMBER, Kind.PREMISE):
            assert all(has_value(texts[g.sha256][g.start : g.end], case.values[0]) for g in case.gold)
    copied = [
        case
        for case in kept
        if "2021" in case.question and case.kind is Kind.NUMBER and "澄河" in case.question
    ]
    assert copied and all(len(case.gold) == 2 and {g.fact for g in case.gold} == {1} for case in copied)


def test_the_source_answers_the_question(proposals: tuple[Proposal, ...]) -> None:
    for one in proposals:
        if one.case.kind in (Kind.NUMBER, Kind.LIST):
            assert answers_right(one.case, "answered", one.quote)
        if one.mark.end:
            assert one.mark.of(one.quote)


def test_what_is_ambiguous_or_vague_is_not_asked(proposals: tuple[Proposal, ...]) -> None:
    asked = " ".join(case.question for case in of(proposals, Kind.NUMBER))
    assert "新建村卫生室" in asked
    assert "电话回访" not in asked  # masked
    assert "健康讲座" not in asked  # 约120场
    assert "彩超" not in asked and "招录" not in asked  # not reached yet


def test_two_values_for_one_name_and_time_are_not_asked(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    (tmp_path / "a.txt").write_text(CHENGHE.format(year=2021, rooms=23), encoding="utf-8")
    other = (
        "澄河县中医院2021年工作总结\n\n一、工作完成情况\n2021年，澄河县新建村卫生室25所，中医馆建成31个。\n"
    )
    (tmp_path / "b.txt").write_text(other, encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        desk.ingest([tmp_path / "a.txt", tmp_path / "b.txt"])
        names = {row.name for row in Ground.of(desk.library).askable}
    assert "新建村卫生室" not in names and "改造乡镇卫生院" in names


def test_a_premise_is_false_and_its_correction_right(proposals: tuple[Proposal, ...]) -> None:
    for case in of(proposals, Kind.PREMISE):
        value = case.values[0]
        assert not has_value(case.question, value)
        assert missing(case, f"不对，应为{value.value}{value.unit}。") == ()
        assert missing(case, f"是的，{case.question}") != ()
        assert case.points == (DENIALS,)


def test_a_comparison_has_both_values_and_the_difference(proposals: tuple[Proposal, ...]) -> None:
    rates = [case for case in of(proposals, Kind.COMPARE) if "重点人群签约率" in case.question]
    (case,) = rates
    right = "澄河县为71.5%，栗坪县为64.0%，澄河县比栗坪县高7.5个百分点。"
    assert answers_right(case, "answered", right)
    assert not answers_right(case, "answered", right.replace("7.5个百分点", "7.5%"))
    assert not answers_right(case, "answered", "栗坪县为71.5%，澄河县为64.0%，澄河县比栗坪县高7.5个百分点。")
    assert {gold.fact for gold in case.gold} == {1, 2}


def test_the_unanswerable_is_not_in_the_library(proposals: tuple[Proposal, ...], desk: Desk) -> None:
    cases = of(proposals, Kind.UNANSWERABLE)
    texts = {card.place: desk.report(card.id).text for card in desk.cards()}
    assert cases
    for case in cases:
        assert case.expect == "refuse" and case.needs and case.forbid and not case.gold
        assert answers_right(case, "refused", "库中没有这份报告")
        assert not answers_right(case, "refused", f"没有，不过有{case.forbid[0]}")
        years = [year for year in ("2020", "2021", "2022", "2023") if year in case.question]
        if years and years[0] in texts[case.places[0]]:  # asked of another place then
            name = case.question.split("年")[1].split("是")[0].split("有")[0]
            assert name[-4:] not in texts[case.places[0]]


def test_a_list_has_every_item(proposals: tuple[Proposal, ...]) -> None:
    problems_of = [c for c in of(proposals, Kind.LIST) if c.question == "澄河县2021年工作存在哪些问题？"]
    (case,) = problems_of
    assert [group[0] for group in case.points] == ["基层人才紧缺", "设备更新缓慢", "信息系统不通"]
    assert not answers_right(case, "answered", "基层人才紧缺，设备更新缓慢。")


def test_the_same_library_gives_the_same_and_what_was_seen_is_left_out(desk: Desk) -> None:
    first = propose(desk.library, 6)
    assert first == propose(desk.library, 6) and len(first) == 6
    second = propose(desk.library, 6, seen={one.case.id for one in first})
    assert not {one.case.id for one in first} & {one.case.id for one in second}


def test_one_report_can_be_asked_about(desk: Desk) -> None:
    (card,) = desk.cards_of([next(c.id for c in desk.cards() if c.place == "栗坪县")])
    found = propose(desk.library, 50, reports=[card.id], split="dev")
    assert {one.report_id for one in found} == {card.id} and {one.case.split for one in found} == {"dev"}


def test_the_samples_give_a_set_of_cases(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> None:
    """Word, PDF and web pages: spans count in the text that the reader makes."""
    with open_desk(tmp_path / "home") as desk:
        desk.ingest([path for path in SAMPLES.glob("青岭县*") if path.stem.endswith("工作总结")])
        found = propose(desk.library, 40)
    assert len(found) == 40
    file = CaseFile(tmp_path / "own.jsonl")
    keep_all(found, file)
    cases = load(tmp_path / "own.jsonl")
    texts = read_sources(SAMPLES, frozenset().union(*(case.files for case in cases)))
    kept, skipped = usable(cases, texts)
    assert len(kept) == 40 and not skipped
    # 96。5% is repaired in the cleaned text; the raw file holds the slip.
    assert not [fault for case in kept for fault in checked(case, texts) if "。" not in raw(case, texts)]


@pytest.mark.real
def test_the_real_reports_give_cases(
    real_reports: Path, tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    pages = sorted(path for path in real_reports.iterdir() if path.is_file())
    with open_desk(tmp_path / "home") as desk:
        desk.ingest(pages)
        found = propose(desk.library, 60)
    cases = [one.case for one in found]
    texts = read_sources(real_reports, frozenset().union(*(case.files for case in cases)))
    kept, skipped = usable(cases, texts)
    assert len(kept) == 60 and not skipped and not any(problems(case) for case in kept)
    assert not [fault for case in kept for fault in checked(case, texts)]


# -- reviewing ---------------------------------------------------------------------------------------------


class Played:
    """A user whose keys and lines a test has written down."""

    def __init__(self, keys: str, *lines: str) -> None:
        self.keys, self.lines = list(keys), list(lines)
        self.shown: list[str] = []
        self.console = Console(self.say, lambda: self.keys.pop(0), self.line)

    def say(self, text: Text) -> None:
        self.shown.append(text.plain)

    def line(self, prompt: str, default: str) -> str:
        self.shown.append(f"{prompt} [{default}]")
        return self.lines.pop(0) or default


def test_accept_skip_and_quit(tmp_path: Path, proposals: tuple[Proposal, ...]) -> None:
    out = tmp_path / "own.jsonl"
    user = Played("a?sq")
    tally = review(proposals[:5], CaseFile(out), user.console)
    assert (tally.kept, tally.edited, tally.skipped, tally.left) == (1, 0, 1, 3)
    (case,) = load(out)
    assert case.question == proposals[0].case.question and case.note == REVIEWED
    assert case == replace(proposals[0].case, note=REVIEWED)
    assert proposals[0].title in user.shown[0] and proposals[0].case.question in user.shown[0]
    assert user.shown[2] == "a 采用　e 修改　s 跳过　q 退出"  # after a wrong key


def test_a_review_goes_on_where_it_stopped(tmp_path: Path, desk: Desk) -> None:
    out = tmp_path / "own.jsonl"
    review(propose(desk.library, 4), CaseFile(out), Played("asq").console)
    with out.open("a", encoding="utf-8") as file:
        file.write('{"id": "own-num')  # killed in the middle of a line
    again = CaseFile(out)
    assert len(again.seen) == 2 and again.kept == 1
    later = propose(desk.library, 4, seen=again.seen)
    assert not again.seen & {one.case.id for one in later}
    review(later, again, Played("aaaa").console)
    assert len(load(out)) == 5


def test_an_edited_case_is_kept_as_edited(tmp_path: Path, proposals: tuple[Proposal, ...]) -> None:
    number = next(one for one in proposals if one.case.kind is Kind.NUMBER)
    listed = next(one for one in proposals if one.case.kind is Kind.LIST)
    user = Played("ee", "去年新建了几所？", "二十三", "", "23所", "", "人才紧缺/缺人；设备老旧")
    review([number, listed], CaseFile(tmp_path / "own.jsonl"), user.console)
    first, second = load(tmp_path / "own.jsonl")
    assert (first.question, first.values) == (number.case.question, (Value(Decimal(23), "所"),))
    assert first.gold == number.case.gold and first.id == number.case.id
    assert second.points == (("人才紧缺", "缺人"), ("设备老旧",))
    assert any("看不懂数值 '二十三'" in text for text in user.shown)


def test_an_edit_that_makes_no_case_is_asked_again(tmp_path: Path, proposals: tuple[Proposal, ...]) -> None:
    listed = next(one for one in proposals if one.case.kind is Kind.LIST)
    user = Played("e", "", "", "", "这一条要点写得实在是太长了一些；乙")
    user.lines = ["", "这一条要点写得实在是太长了一些；乙", "", "甲；乙"]
    review([listed], CaseFile(tmp_path / "own.jsonl"), user.console)
    (case,) = load(tmp_path / "own.jsonl")
    assert case.points == (("甲",), ("乙",)) and any("超过12字" in text for text in user.shown)


@settings(deadline=None, max_examples=60)
@given(st.decimals(0, 10**9, places=2), st.sampled_from(["所", "%", "万元", "人次", "万人", "个百分点"]))
def test_typed_values_are_read_back(value: Decimal, unit: str) -> None:
    before = (Value(Decimal(1), "个", of="澄河", within=Decimal("0.1")),)
    (read,) = read_values(f"{value}{unit}；", before)
    assert (read.value, read.unit, read.of) == (value, unit, "澄河")


@pytest.mark.parametrize("text", ["很多", "12zz", "所23", "-"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="看不懂"):
        read_values(text, (Value(Decimal(1), "所"),))


def test_points_are_read_with_alternatives() -> None:
    assert read_points(" 甲 / 乙／丙；丁;；") == (("甲", "乙", "丙"), ("丁",))


def test_what_is_shown_hides_personal_data(proposals: tuple[Proposal, ...]) -> None:
    one = next(one for one in proposals if one.case.kind is Kind.NUMBER)
    secret = one.quote + "联系人电话13800001234。"
    shown = described(replace(one, quote=secret), 1, 9).plain
    assert "13800001234" not in shown and one.mark.of(one.quote) in shown
    assert answer_of(one.case) in shown and forbidden(one.case, shown) == ()


# -- the command -------------------------------------------------------------------------------------------


def call(home: Path, *words: str) -> Any:
    return CliRunner().invoke(new, list(words), obj=SimpleNamespace(settings=SimpleNamespace(home=home)))


def test_without_a_terminal(
    tmp_path: Path, desk: Desk, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "own.jsonl"
    home = desk.library.home
    assert call(home, "-o", str(out)).exit_code == 2 and not out.exists()
    assert call(home, "-o", str(out), "--yes", "--count", "5").exit_code == 0
    cases = load(out)
    assert len(cases) == 5 and {case.note for case in cases} == {UNREVIEWED}
    assert call(home, "-o", str(out), "--yes", "--count", "3").exit_code == 0
    assert len(load(out)) == 8
    assert json.loads(out.read_text(encoding="utf-8").splitlines()[0])["split"] == "own"
    assert call(home, "-o", str(tmp_path / "x.txt"), "--yes").exit_code == 2
    assert call(tmp_path / "empty", "-o", str(tmp_path / "y.jsonl"), "--yes").exit_code == 2
    assert call(home, "-o", str(tmp_path / "y.jsonl"), "--yes", "--report", "zzz").exit_code == 2


def test_a_file_that_holds_no_cases_is_not_written_to(tmp_path: Path, desk: Desk) -> None:
    out = tmp_path / "own.jsonl"
    out.write_text('{"hello": 1}\n', encoding="utf-8")
    assert call(desk.library.home, "-o", str(out), "--yes").exit_code == 2
    assert out.read_text(encoding="utf-8") == '{"hello": 1}\n'
