"""What is asked: places, years, kind of answer, units, follow-ups."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import BadQuestion
from corpus.report import SectionKind
from service.question import Operation, QuestionKind
from service.understanding import understand

KNOWN = ("云泽县", "青岭县", "白石区", "临江州市")


@pytest.mark.parametrize(
    ("text", "places", "years"),
    [
        ("云泽县2023年签约率是多少", ("云泽县",), (2023,)),
        ("2022年度青岭的彩超检查人数", ("青岭县",), (2022,)),
        ("白石区和云泽县哪个签约率高", ("白石区", "云泽县"), ()),
        ("23年云泽县招聘了几名医生", ("云泽县",), (2023,)),
        ("近3年来云泽县招聘了几名医生", ("云泽县",), ()),
    ],
)
def test_places_and_years_are_read(text: str, places: tuple[str, ...], years: tuple[int, ...]) -> None:
    question = understand(text, KNOWN)
    assert (question.places, question.years) == (places, years)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("云泽县聘请名医几人", QuestionKind.FACT),
        ("云泽县存在哪些问题", QuestionKind.LIST),
        ("云泽县村医流失的原因是什么", QuestionKind.WHY),
        ("云泽县与青岭县的签约率相差多少", QuestionKind.COMPARE),
        ("云泽县2022年和2023年签约率相比如何", QuestionKind.COMPARE),
        ("各地的签约率分别是多少", QuestionKind.GATHER),
        ("云泽县聘请了8名名医，对吗？", QuestionKind.CHECK),
        ("云泽县卫健局局长的手机号是多少", QuestionKind.PRIVATE),
        ("云泽县电话调查的满意度是多少", QuestionKind.FACT),
        ("云泽县两项筛查一共多少人", QuestionKind.COMPUTE),
        ("平均每个团队签约多少人，云泽县", QuestionKind.COMPUTE),
        ("云泽县市级和县级专家加一块多少人", QuestionKind.COMPUTE),
        ("云泽县核定的对象，刨去系统外的还有多少人", QuestionKind.COMPUTE),
        ("云泽县为啥老是招不到村医", QuestionKind.WHY),
        ("云泽县启动仪式是哪天办的", QuestionKind.FACT),
        ("云泽县做到了哪“三统一”", QuestionKind.LIST),
        ("云泽县跟青岭县哪边签约的人多", QuestionKind.COMPARE),
    ],
)
def test_the_kind_of_answer_is_read(text: str, kind: QuestionKind) -> None:
    assert understand(text, KNOWN).kind is kind


def test_units_follow_how_many() -> None:
    asks = understand("云泽县彩超检查多少人、完成比率", KNOWN).asks
    assert [(ask.unit, ask.quantity) for ask in asks] == [("人", True), ("%", True)]


def test_money_is_a_unit_and_a_want_of_its_own_part_is_kept() -> None:
    (ask,) = understand("云泽县精神障碍患者免费救治，今年花了多少钱？", KNOWN).asks
    assert (ask.unit, ask.quantity) == ("元", True)
    assert "免费" in ask.topic


def test_what_is_said_of_both_operands_is_looked_for_with_both() -> None:
    operands = understand("云泽县的甲级人才，首期和第二期哪期多，多几个？", KNOWN).operands
    assert len(operands) == 2
    assert all("人才" in operand.topic for operand in operands)


def test_a_county_that_the_tagger_cuts_in_pieces_is_a_stranger() -> None:
    assert understand("瓜州县建卫生室筹了多少钱？", KNOWN).strangers == ("瓜州县",)
    assert understand("三家县级医院聘请了几名名医？", KNOWN).strangers == ()
    assert understand("云泽县要求县医院聘请几名名医？", KNOWN).strangers == ()


def test_a_place_that_no_report_is_about_is_a_stranger() -> None:
    question = understand("襄垣县2017年签约率", KNOWN)
    assert question.places == ()
    assert question.strangers == ("襄垣县",)


def test_sections_are_hard_filters() -> None:
    assert understand("青岭县存在哪些问题", KNOWN).sections == (SectionKind.PROBLEMS,)
    assert understand("青岭县下一步怎么打算", KNOWN).sections == (SectionKind.NEXT_STEPS,)
    assert understand("青岭县下半年有什么打算", KNOWN).sections == (SectionKind.NEXT_STEPS,)
    assert understand("青岭县发现问题多少条", KNOWN).sections == ()


def test_a_follow_up_takes_over_what_it_leaves_out() -> None:
    first = understand("云泽县2022年签约率是多少", KNOWN)
    second = understand("那2023年呢？", KNOWN, before=first)
    assert (second.places, second.years, second.topic) == (("云泽县",), (2023,), first.topic)
    third = understand("它的问题有哪些？", KNOWN, before=second)
    assert (third.places, third.sections) == (("云泽县",), (SectionKind.PROBLEMS,))
    fourth = understand("青岭县呢？", KNOWN, before=first)
    assert (fourth.places, fourth.years, fourth.topic) == (("青岭县",), (2022,), first.topic)


def test_operations_are_read() -> None:
    assert understand("云泽县甲与乙相差多少人", KNOWN).operation is Operation.DIFFERENCE
    assert understand("云泽县甲占乙的比例", KNOWN).operation is Operation.SHARE


@pytest.mark.parametrize("text", ["", "   ", "？！", "长" * 10_000])
def test_empty_and_endless_questions_are_refused(text: str) -> None:
    with pytest.raises(BadQuestion):
        understand(text, KNOWN)


@settings(deadline=None, max_examples=60)
@given(st.text(min_size=1, max_size=80))
def test_any_words_are_understood_or_refused(text: str) -> None:
    try:
        question = understand(text, KNOWN)
    except BadQuestion:
        return
    assert question.text


@pytest.mark.parametrize(
    ("text", "members"),
    [("云泽县的九大行动是什么", 9), ("云泽县要群众记住的3类人是谁", 3), ("云泽县修3个卫生院花了多少钱", 0)],
)
def test_counted_members_are_read(text: str, members: int) -> None:
    assert understand(text, KNOWN).members == members
