"""Which sentence, and which figure in it, fits what is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.desk import Desk
from service.lines import Line
from service.match import clause_of, rank, targets, topic_variants, unit_fits
from service.question import Ask

TEAM = "全县组建家庭医生团队124个，签约居民19.4万人，家庭医生签约率为66.8%，其中重点人群签约率为83.2%。"
CHRONIC = "高血压患者规范管理率为74.6%，糖尿病患者规范管理率为70.3%。"
EXPERTS = "县人民医院聘请省城专家9名，开设名医工作室4个。"


@pytest.fixture
def lines(line: Callable[..., Line]) -> tuple[Line, ...]:
    return line(TEAM), line(CHRONIC, place="栗坪县"), line(EXPERTS, place="雁塘区")


@pytest.mark.parametrize(
    ("topic", "unit", "text"),
    [
        ("家庭医生 团队", "个", "124个"),
        ("签约 居民", "人", "19.4万人"),
        ("家庭医生 签约率", "%", "66.8%"),
        ("重点 人群 签约率", "%", "83.2%"),
        ("高血压 患者 规范 管理 率", "%", "74.6%"),
        ("糖尿病 患者 规范 管理 率", "%", "70.3%"),
        ("聘请 专家", "名", "9名"),
        ("聘请 专家", "人", "9名"),
        ("名医 工作室", "个", "4个"),
    ],
)
def test_the_figure_that_fits_best_is_the_one_that_the_words_stand_around(
    bureau: Desk, lines: tuple[Line, ...], topic: str, unit: str, text: str
) -> None:
    best = targets(Ask(topic, unit, True), lines, bureau.view.weights())[0]
    assert best.figure.text == text
    assert 0 < best.score <= 1


@pytest.mark.parametrize(
    ("asked", "text", "fits"),
    [
        ("", "签约率为66.8%", True),
        ("人", "聘请专家9名", True),
        ("名", "签约19.4万人", True),
        ("次", "开展义诊41场", True),
        ("万元", "投入经费3500元", True),
        ("%", "婴儿死亡率为2.9‰", True),
        ("份", "发放手册500册", True),
        ("人", "投入经费3万元", False),
        ("%", "签约率提高5.5个百分点", False),
        ("个百分点", "签约率为66.8%", False),
        ("公里", "建设步道12条", False),
        ("年", "签约19.4万人", False),
    ],
)
def test_units_that_answer_for_one_another(
    line: Callable[..., Line], asked: str, text: str, fits: bool
) -> None:
    assert unit_fits(asked, line(text).figures[0]) is fits


@pytest.mark.parametrize(
    ("topic", "text"),
    [("反应 时间", "18分钟"), ("年初 反应 时间", "26分钟")],
)
def test_of_a_change_the_new_value_is_meant(
    bureau: Desk, line: Callable[..., Line], topic: str, text: str
) -> None:
    one = line("平均反应时间由年初26分钟缩短到18分钟。")
    assert targets(Ask(topic, "分钟", True), [one], bureau.view.weights())[0].figure.text == text


def test_what_was_reached_goes_before_an_aim(bureau: Desk, line: Callable[..., Line]) -> None:
    lines = [line("力争签约率达到90%。"), line("签约率达到85%。", place="栗坪县")]
    weights = bureau.view.weights()
    assert targets(Ask("签约率", "%", True), lines, weights)[0].figure.text == "85%"
    assert targets(Ask("签约率 目标", "%", True), lines, weights)[0].figure.text == "90%"


def test_no_figure_of_another_unit_is_a_target(bureau: Desk, lines: tuple[Line, ...]) -> None:
    assert targets(Ask("签约率", "公里", True), lines, bureau.view.weights()) == ()


def test_lines_are_ranked_by_the_words_that_they_hold(bureau: Desk, lines: tuple[Line, ...]) -> None:
    fits = rank("聘请 省城 专家", lines, bureau.view.weights())
    assert fits[0].line == lines[2]
    assert [fit.score for fit in fits] == sorted((fit.score for fit in fits), reverse=True)
    assert {fit.line for fit in fits} == set(lines)


def test_words_of_the_heading_count_but_less_than_those_of_the_sentence(
    bureau: Desk, line: Callable[..., Line]
) -> None:
    weights = bureau.view.weights()
    inside = line("家庭医生签约完成19.4万人。")
    above = line("完成19.4万人。", path=("（一）家庭医生签约",), place="栗坪县")
    nowhere = line("完成19.4万人。", place="雁塘区")
    scores = {
        fit.line.card.place: fit.score for fit in rank("家庭医生 签约", [inside, above, nowhere], weights)
    }
    assert scores["澄河县"] > scores["栗坪县"] > scores["雁塘区"]


def test_the_embedding_model_decides_between_equals(bureau: Desk, line: Callable[..., Line]) -> None:
    one, other = line("群众反映很好。"), line("群众反映一般。", place="栗坪县")
    fits = rank("群众 反映", [one, other], bureau.view.weights(), {one: 0.80, other: 0.90})
    assert fits[0].line == other


def test_variants_hold_the_topic_itself_first_and_its_synonyms() -> None:
    variants = topic_variants("村医 体检")
    assert variants[0] == "村医 体检"
    assert "乡村医生 体检" in variants
    assert topic_variants("甲乙｜丙丁")[0] == "甲乙" and "丙丁" in topic_variants("甲乙｜丙丁")
    assert topic_variants("") == ()


def test_clause_of_a_figure(line: Callable[..., Line]) -> None:
    one = line(TEAM)
    assert clause_of(one, one.figures[-1]) == "其中重点人群签约率为83.2%"
