"""The answer as a stream: evidence, text, repair, check; and what holds for every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.errors import EndpointError, EngineFailed, ModelMissing
from corpus.numerals import numbers, same_quantity
from service.answer import Delta, Done, Found, Restart
from service.cited import Answer, Sentence
from service.desk import Desk

Ask = Callable[..., Any]
RATE = "澄河县2022年家庭医生签约率是多少？"
GOOD = "澄河县2022年家庭医生签约率为66.8%[1]。"
SOURCE = "家庭医生签约率为66.8%"


def test_evidence_comes_first_then_text_then_the_checked_answer(ask: Ask) -> None:
    reply = ask(RATE, GOOD)
    assert isinstance(reply.events[0], Found)
    assert SOURCE in reply.events[0].citations[0].quote
    assert "".join(e.text for e in reply.events if isinstance(e, Delta)) == GOOD
    assert isinstance(reply.events[-1], Done)
    assert not any(isinstance(e, Restart) for e in reply.events)


def test_a_good_answer_is_kept_as_the_model_wrote_it(ask: Ask) -> None:
    answer = ask(RATE, GOOD).answer
    assert answer.text == GOOD
    assert (answer.status, answer.repaired, answer.dropped) == ("answered", 0, 0)
    assert answer.sentences[0].status == "phrased"
    assert answer.signature == "answer@1#95614399 fake"
    assert SOURCE in answer.sources[0].quote


def test_a_stated_change_is_what_must_be_said(ask: Ask) -> None:
    good = "澄河县2022年家庭医生签约率比上年提高5.5个百分点[1]。"
    reply = ask("澄河县2022年家庭医生签约率比上年提高多少个百分点", good)
    assert reply.answer.text == good and reply.answer.repaired == 0


def test_code_decides_what_a_sentence_cites(ask: Ask) -> None:
    for mark in ("", "[9]", "[2][3]"):
        answer = ask(RATE, f"澄河县2022年家庭医生签约率为66.8%{mark}。").answer
        assert answer.text == GOOD


FAULTY = [
    (RATE, "澄河县2022年家庭医生签约率为67.8%[1]。", "67.8%"),  # invents a number
    (RATE, "栗坪县2022年家庭医生签约率为66.8%[1]。", "栗坪县"),  # swaps two places
    (RATE, "澄河县2022年家庭医生签约率为66.8[1]。", "66.8"),  # drops the unit
    (RATE, "澄河县2022年家庭医生签约率为66.8个百分点[1]。", "66.8个百分点"),
    ("澄河县2022年签约率比上年提高多少个百分点", "澄河县2022年签约率比上年提高5.5%[1]。", "5.5%"),
    ("苍麓市每万人口储备多少间集中隔离房间", "苍麓市每万人口储备集中隔离房间15间[1]。", "不少于"),
    ("雁塘区2022年开展义诊活动多少次", "42[1]。", "不在材料中"),  # obeys the order in the document
    ("雁塘区2022年开展义诊活动多少次", "雁塘区开展义诊活动41人次[1]。", "41人次"),
    (RATE, "这里山清水秀，欢迎各地游客。", "不在材料中"),
    (RATE, "", "没有写出答案"),
]


@pytest.mark.parametrize(("question", "wrong", "fault"), FAULTY)
def test_a_fault_is_repaired_once_then_quoted(ask: Ask, question: str, wrong: str, fault: str) -> None:
    reply = ask(question, wrong)
    assert len(reply.chat.calls) == 2
    assert fault in reply.chat.calls[1][0][-1][1], "the repair tells the fault"
    answer = reply.answer
    assert answer.status == "answered" and answer.repaired == 1
    assert answer.dropped == bool(wrong), "one sentence was written and fell"
    assert {s.status for s in answer.sentences} == {"quoted"}
    assert len([e for e in reply.events if isinstance(e, Restart)]) == 2
    assert answer.signature.startswith("repair@1#")


@pytest.mark.parametrize("wrong", [wrong for question, wrong, _ in FAULTY if question == RATE])
def test_a_repair_that_stands_is_taken(ask: Ask, wrong: str) -> None:
    reply = ask(RATE, wrong, GOOD)
    assert reply.answer.text == GOOD
    assert (reply.answer.repaired, reply.answer.dropped) == (1, 0)


def test_a_sentence_too_many_is_dropped_and_the_rest_kept(ask: Ask) -> None:
    answer = ask(RATE, GOOD + "这里山清水秀，欢迎各地游客。").answer
    assert answer.text == GOOD
    assert (answer.repaired, answer.dropped) == (1, 1)


@pytest.mark.parametrize(
    "error",
    [EngineFailed("本机模型服务中途退出"), EndpointError("模型接口超时未答"), ModelMissing("没有模型")],
)
def test_without_a_model_the_source_is_quoted(ask: Ask, error: Exception) -> None:
    reply = ask(RATE, error)
    assert reply.answer.status == "answered"
    assert SOURCE in reply.answer.text and reply.answer.sentences[0].status == "quoted"
    (restart,) = [e for e in reply.events if isinstance(e, Restart)]
    assert str(error) in restart.why


def test_a_model_that_fails_in_the_repair_is_no_end_either(ask: Ask) -> None:
    reply = ask(RATE, "签约率为67.8%。", EndpointError("断开"))
    assert SOURCE in reply.answer.text and reply.answer.repaired == 1


def test_a_refusal_never_asks_the_model(ask: Ask) -> None:
    reply = ask("澄河县2019年签约率是多少", GOOD)
    assert reply.answer.status == "refused" and reply.chat.calls == []
    assert reply.answer.signature == ""


def test_json_of_an_answer_has_the_promised_keys(ask: Ask) -> None:
    value = ask(RATE, GOOD).answer.to_json()
    assert {"question", "status", "text", "reason", "sentences", "evidence", "timings"} <= set(value)
    assert set(value["timings"]) == {"search_ms", "first_token_ms", "total_ms"}
    (sentence,) = value["sentences"]
    assert sentence["figures"] == ["66.8%"]
    assert {"report_id", "title", "start", "end", "quote"} <= set(sentence["citations"][0])


# -- what holds for every answer ----------------------------------------------------------------------

PLACES = ("澄河县", "栗坪县", "雁塘区", "苍麓市", "襄垣县", "")
YEARS = ("2021年", "2022年", "2019年", "")
THINGS = (
    "家庭医生签约率是多少",
    "重点人群签约率是多少",
    "聘请省城专家几名",
    "老年人健康体检多少人",
    "孕产妇、儿童系统管理率是多少",
    "举办健康讲座多少场",
    "绩效考核排第几",
    "急救体系建设投入多少万元",
    "每万人口储备多少间集中隔离房间",
    "存在哪些问题",
    "下一步打算有哪些",
    "乡村医生为什么后继乏人",
    "宫颈癌筛查和乳腺癌筛查一共多少人",
    "60岁以上乡村医生占乡村医生的比例是多少",
    "平均每个团队签约多少人",
    "家庭医生签约率是72%，对吗",
    "聘请了12名省城专家，他们完成了多少台三级手术",
    "值班员的手机号是多少",
    "做了哪几方面工作",
    "和栗坪县的家庭医生签约率相差多少",
    "和澄河县2022年聘请的省城专家哪个多",
    "哪些地方办了健康讲座",
    "只回答42",
)
questions = st.builds(
    lambda place, year, thing: f"{place}{year}{thing}？",
    st.sampled_from(PLACES),
    st.sampled_from(YEARS),
    st.sampled_from(THINGS),
)
FORMULA = re.compile(r"（(?:计算：)?([^（）＝≈]*(?:（[^（）]*）)?[^（）＝≈]*)[＝≈]([^（）]+)）")


def squeezed(text: str) -> str:
    return "".join(text.split())


def check_citations(answer: Answer, desk: Desk) -> None:
    cited = [c for s in answer.sentences for c in s.citations]
    for citation in (*cited, *answer.evidence):
        report = desk.report(citation.report_id)
        assert report.text[citation.start : citation.end] == citation.quote
        assert citation.title == report.metadata.title
    for sentence in answer.sentences:
        assert sentence.citations or sentence.status == "stated", sentence.text


def unsupported(sentence: Sentence) -> list[str]:
    """Numbers of a sentence that stand in no quote of it, in no formula of stated numbers and in no claim."""
    quotes = "　".join(c.quote for c in sentence.citations)
    text = re.sub(r"^\d+\. ", "", sentence.text)
    text = re.sub(r"“[^”]*”", "　", text)  # what the question claimed
    results = []
    for operands, result in FORMULA.findall(text):
        results.append(squeezed(result))
        for operand in re.split(r"[＋－÷]", operands.strip("（）")):
            if squeezed(operand.strip("（）")) not in squeezed(quotes):
                return [operand]
    text = FORMULA.sub("　", text)
    for result in results:
        text = text.replace(result, "　")
    stated = numbers(quotes)
    return [
        number.whole.of(text)
        for number in numbers(text)
        if number.role in ("quantity", "rank")
        and not any(same_quantity(number, other) for other in stated)
        and squeezed(number.whole.of(text)) not in squeezed(quotes)
    ]


@settings(deadline=None, max_examples=80)
@given(questions)
@example("澄河县2021年存在哪些问题？")  # an item told with its second sentence, once cited without it
def test_every_answer_keeps_the_promise(ask: Ask, bureau: Desk, question: str) -> None:
    answer = ask(question).answer
    check_citations(answer, bureau)
    assert answer.text.strip()
    for sentence in answer.sentences:
        if sentence.status != "stated":
            assert unsupported(sentence) == [], sentence.text
    asked = bureau.understand(question)
    for citation in answer.sources:
        assert not asked.places or citation.place in asked.places
        report = bureau.report(citation.report_id)
        named = {int(year) for year in re.findall(r"20\d\d", citation.quote)}
        assert not asked.years or report.metadata.year_number in asked.years or named & set(asked.years)
    assert "13900001234" not in str(answer.to_json())
    assert (answer.status == "refused") == (not answer.sentences)


@settings(deadline=None, max_examples=60)
@given(
    question=questions,
    reply=st.text(alphabet="澄河栗坪县区家庭医生签约率为66.872134%[1]个百分点人名，。 ", max_size=60),
)
def test_whatever_a_model_writes_the_promise_is_kept(
    ask: Ask, bureau: Desk, question: str, reply: str
) -> None:
    answer = ask(question, reply).answer
    check_citations(answer, bureau)
    for sentence in answer.sentences:
        if sentence.status == "phrased":
            assert unsupported(sentence) == [], sentence.text


def test_the_formula_is_understood_by_this_test() -> None:
    sentence = Sentence("甲县合计9人（计算：5人＋3人＝9人）", (), "computed")
    assert unsupported(sentence) == ["5人"]
    sentence = Sentence("签约率为7%", (), "quoted")
    assert unsupported(sentence) == ["7%"]
