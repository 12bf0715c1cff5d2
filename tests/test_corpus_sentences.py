"""Sentences cover the text, end where sentences end, and never cut a number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.report import Span
from corpus.sentences import sentences


def cut(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("完成任务。群众满意！还差什么？补齐。", ["完成任务。", "群众满意！", "还差什么？", "补齐。"]),
        ("他说：“抓紧办。”随后落实。", ["他说：“抓紧办。”", "随后落实。"]),
        ("（已完成投资。）继续推进。", ["（已完成投资。）", "继续推进。"]),
        ("完成3。5亿元投资，占4.9%。", ["完成3。5亿元投资，占4.9%。"]),
        ("1.健康教育。按第3.1条办理。", ["1.健康教育。", "按第3.1条办理。"]),
        ("一、成效\n二、问题\n", ["一、成效", "二、问题"]),
        ("共3人；完成5个；新建8所。", ["共3人；完成5个；新建8所。"]),
        ("全年开展义诊活动一百三十次，服务群众一万五千人次；发放药品三万元。",
         ["全年开展义诊活动一百三十次，服务群众一万五千人次；", "发放药品三万元。"]),
        ("医改的深?推进，引??才。为什么?\n因为。", ["医改的深?推进，引??才。", "为什么?", "因为。"]),
        ("很好。。。继续", ["很好。。。", "继续"]),
        ("  前后空白。　\n\n ", ["前后空白。"]),
        ("It works. The end.", ["It works.", "The end."]),
        ("Reviewisimportant.Hospitals v2.0 grow.", ["Reviewisimportant.", "Hospitals v2.0 grow."]),
        ("某甲.论文[J].2022:68-71.[2]某乙.论文[J].", ["某甲.论文[J].2022:68-71.", "[2]某乙.论文[J]."]),
        ("", []),
    ],
)  # fmt: skip
def test_ends(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_breaks_and_range() -> None:
    text = "二、存在的问题一是人员不足二是经费不足。其他。"
    spans = sentences(text, Span(0, 20), breaks=[text.index("一是"), text.index("二是")])
    assert [s.of(text) for s in spans] == ["二、存在的问题", "一是人员不足", "二是经费不足。"]


def test_table_row_is_one_sentence() -> None:
    row = "指标：家庭医生签约服务覆盖的常住人口人数；2020年：7万人；2021年：8万人。"
    text = f"如下表。\n{row}\n完成。"
    start = text.index(row)
    assert row in cut_rows(text, Span(start, start + len(row)))
    assert row not in cut(text)


def cut_rows(text: str, row: Span) -> list[str]:
    return [span.of(text) for span in sentences(text, rows=[row])]


@settings(deadline=None, max_examples=200)
@given(
    st.text(alphabet="今年完成任务12.3%。；;？?！!”’）) \n　、，：“（人", max_size=80),
    st.lists(st.integers(0, 80)),
)
def test_spans_cover_all_text_in_order(text: str, breaks: list[int]) -> None:
    spans = sentences(text, breaks=breaks)
    covered = set[int]()
    last = 0
    for span in spans:
        assert last <= span.start < span.end
        assert span.of(text) == span.of(text).strip()
        covered.update(range(span.start, span.end))
        last = span.end
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
    assert all(not span.start < b < span.end for span in spans for b in breaks if b < len(text))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 99999), st.integers(0, 99), st.sampled_from(".。"))
def test_numbers_stay_whole(whole: int, part: int, point: str) -> None:
    number = f"{whole}{point}{part}"
    assert cut(f"投资{number}亿元。完成。") == [f"投资{number}亿元。", "完成。"]


@pytest.mark.real
def test_no_real_sentence_crosses_a_line(real_reports: Path) -> None:
    for path in sorted(real_reports.glob("0*.txt")):
        text = path.read_text(encoding="utf-8")
        assert not any("\n" in span.of(text) for span in sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "其中患者103人（甲类四种疾病，共计救治七十三人次，已救治57人；乙类30人），慢病患者1270人。",
        "在村口写上“签约医生常年上门走访，血压血糖记录在册；有事请拨打服务电话”这些话，方便群众。",
    ],
)
def test_brackets_and_quotations_stay_whole(text: str) -> None:
    assert cut(text) == [text]


def test_a_long_bracket_does_not_hold_sentences_together() -> None:
    text = f"总结（{'各项工作有序推进并取得阶段性成效。' * 9}）完毕。"
    assert len(cut(text)) > 3
