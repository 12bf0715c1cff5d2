"""Answers as a document: every way of answering passes the gate, what was computed is computed again, what is gone is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from corpus.errors import NotFound
from service.papers import export
from service.papers.answers import LEFT_OUT, document
from service.papers.markdown import markdown
from service.papers.provenance import checked

if TYPE_CHECKING:
    from conftest import Reply

    from service.desk import Desk

PAGE = "两年里给企业减税113.1亿元、降费7.56亿元。全县筛查1507人，全区筛查2015人。"


def turn(text: str, status: str = "computed", question: str = "多少？", **more: Any) -> dict[str, Any]:
    citation = {"report_id": "a" * 12, "title": "报告", "start": 0, "end": len(PAGE), "quote": PAGE}
    sentence = {"text": text, "status": status, "citations": [citation]}
    return {"question": question, "status": "answered", "sentences": [sentence], "reason": ""} | more


def text_of(made: Any) -> str:
    return "".join(sentence.text for block in made.blocks for sentence in block.sentences)


@pytest.mark.parametrize(
    "question",
    [
        "澄河县2022年家庭医生签约率是多少？",
        "澄河县2022年和2021年家庭医生签约率相差多少？",
        "澄河县2022年存在哪些问题？",
        "澄河县2022年家庭医生签约率是56.8%，对吗？",
        "澄河县和火星县2022年家庭医生签约率哪个高？",
        "火星县有3000人吗？",
        "哪些地方提到了人才不足？",
    ],
)
def test_every_way_of_answering_passes_the_gate(
    question: str, ask: Callable[..., Reply], bureau: Desk
) -> None:
    answer = ask(question).answer
    made = document([answer.to_json()], bureau.report)
    assert not made.gaps, made.gaps
    sound = checked(made, bureau.report)
    assert text_of(made).startswith(f"问：{question}答：") and export.to_bytes(sound)
    for citation in answer.sources:
        assert citation.quote in "".join(source.quote for source in made.sources)


@pytest.mark.parametrize(
    "text",
    [
        "合计120.66亿元（计算：113.1亿元＋7.56亿元＝120.66亿元）",
        "全区比全县多508人（2015人－1507人＝508人）；两处指标名称不同，口径可能不一致",
    ],
)
def test_what_was_computed_is_computed_again(text: str) -> None:
    assert not document([turn(text)]).gaps


@pytest.mark.parametrize(
    "text",
    [
        "合计121.66亿元（计算：113.1亿元＋7.56亿元＝121.66亿元）",
        "全区比全县少508人（2015人－1507人＝508人）",
        "全区比全县多509人",
        "全县筛查1508人",
    ],
)
def test_what_does_not_follow_is_left_out(text: str) -> None:
    made = document([turn(text), turn("全县筛查1507人", "quoted")])
    assert made.gaps == (LEFT_OUT,) and text not in text_of(made) and "1507人" in text_of(made)


def test_a_figure_of_the_question_is_not_repeated_as_one_of_ours() -> None:
    told = turn("问题中的“1600人”与报告不符：全县筛查1507人", question="全县筛查1600人，对吗？")
    assert not document([told]).gaps
    refused = turn("", question="那1600人呢？") | {
        "status": "refused",
        "reason": "没有找到“那1600人呢？”的内容",
    }
    made = document([refused])
    assert not made.gaps and "所问的内容" in text_of(made)
    other = turn("问题中的“1600人”与报告不符：全县筛查1507人", question="全县筛查多少人？")
    assert document([other]).gaps  # the question says nothing of the kind


def test_a_list_and_its_count() -> None:
    items = [turn(f"{n}. {words}", "quoted")["sentences"][0] for n, words in ((1, "减税"), (2, "降费"))]
    items[1]["citations"] = [items[1]["citations"][0] | {"start": 1, "quote": PAGE[1:]}]
    head = {"text": "报告部分列出2项", "status": "stated", "citations": []}
    made = document([turn("") | {"sentences": [head, *items]}])
    assert not made.gaps
    wrong = document([turn("") | {"sentences": [head | {"text": "报告部分列出3项"}, *items]}])
    assert wrong.gaps
    bare = document([turn("") | {"sentences": items}])
    assert not bare.gaps and "一是减税" in markdown(checked(bare))


def test_an_answer_whose_report_is_gone_is_left_out() -> None:
    def gone(report_id: str) -> Any:
        raise NotFound("没有这份报告")

    made = document([turn("全县筛查1507人", "quoted")], gone)
    assert made.gaps == (LEFT_OUT,) and made.partial and "1507" not in text_of(made)
