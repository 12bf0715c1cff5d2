"""Sentences that code writes: quotations, comparisons, corrections, arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service import arithmetic, compose
from service.lines import Line
from service.match import Target
from service.question import Ask

Make = Callable[..., Target]


@pytest.fixture
def target(line: Callable[..., Line]) -> Make:
    def make(text: str, place: str = "澄河县", year: int = 2022, topic: str = "签约率") -> Target:
        one = line(text, place=place, year=year)
        return Target(one, one.figures[0], Ask(topic, "", True), 1.0)

    return make


def test_a_quotation_names_place_and_year_and_cites_itself(line: Callable[..., Line]) -> None:
    one = line("全县家庭医生签约率为66.8%；")
    sentence = compose.quote(one)
    assert sentence.text == "澄河县2022年：全县家庭医生签约率为66.8%"
    assert sentence.status == "quoted" and sentence.figures == ("66.8%",)
    (citation,) = sentence.citations
    assert (citation.quote, citation.start, citation.end) == (one.text, one.span.start, one.span.end)


def test_two_rates_differ_by_percentage_points(target: Make) -> None:
    parts = [target("签约率为66.8%。"), target("签约率为72.1%。", "栗坪县")]
    one, other, result = compose.side_by_side(parts, with_difference=True)
    assert "66.8%" in one.text and "72.1%" in other.text
    assert "栗坪县比澄河县高5.3个百分点" in result.text
    assert "72.1%－66.8%＝5.3个百分点" in result.text
    assert len(result.citations) == 2 and result.status == "computed"


def test_the_same_place_is_told_apart_by_year(target: Make) -> None:
    parts = [target("签约率为61.3%。", year=2021), target("签约率为66.8%。", "栗坪县", 2022)]
    assert "2021年" in compose.side_by_side(parts, with_difference=True)[0].text


def test_unlike_measures_are_not_subtracted(target: Make) -> None:
    parts = [target("义诊41场。"), target("义诊6350人次。", "栗坪县")]
    result = compose.side_by_side(parts, with_difference=True)[-1]
    assert "不能直接比较" in result.text and "＝" not in result.text


def test_equal_values_are_said_to_be_equal(target: Make) -> None:
    parts = [target("签约率为66.8%。"), target("签约率为66.8%。", "栗坪县")]
    assert "相同" in compose.side_by_side(parts, with_difference=True)[-1].text


def test_three_are_put_in_order(target: Make) -> None:
    parts = [
        target("签约率为66.8%。"),
        target("签约率为72.1%。", "栗坪县"),
        target("签约率为58.9%。", "雁塘区"),
    ]
    text = compose.side_by_side(parts, with_difference=False)[-1].text
    assert text.index("栗坪县") < text.index("澄河县") < text.index("雁塘区")


def test_a_correction_shows_the_claim_and_the_stated_figure(target: Make) -> None:
    sentence = compose.correction("72%", target("家庭医生签约率为66.8%。"))
    assert "“72%”与报告不符" in sentence.text and "66.8%" in sentence.text
    assert sentence.figures == ("66.8%",) and len(sentence.citations) == 1


def test_a_rank_is_written_as_the_report_writes_it(target: Make) -> None:
    text = compose.correction("第1位", target("在全市绩效考核中列第3位。")).text
    assert text.endswith("列第3位")


def test_a_result_stands_with_its_formula_and_its_operands(target: Make) -> None:
    parts = [target("宫颈癌筛查5100人。"), target("乳腺癌筛查3500人。", "栗坪县")]
    result = arithmetic.total([t.figure for t in parts])
    assert result is not None
    head, *rest = compose.computed(result, parts, "合计")
    assert "合计8600人（计算：5100人＋3500人＝8600人）" in head.text
    assert len(head.citations) == 2 and len(rest) == 2


def test_a_disagreement_shows_every_value(target: Make) -> None:
    sentences = compose.disagreement([target("体检21340人。"), target("体检23140人。", "栗坪县")])
    assert "21340人、23140人" in sentences[0].text
    assert [s.status for s in sentences] == ["computed", "quoted", "quoted"]
