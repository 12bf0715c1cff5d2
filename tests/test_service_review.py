"""The copy for review: comments on the right words, gaps in yellow, the checklist behind the text."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from corpus.errors import InputError
from service.cited import Citation, Sentence
from service.draft.checklist import Checklist, checklist
from service.draft.toy_paper import toy_draft, toy_opener, toy_paper
from service.papers import export
from service.papers.comments import Comments, highlighted
from service.papers.document import Document, Paragraph
from service.papers.official import Official
from service.papers.presenting import Piece
from service.papers.provenance import checked


@pytest.fixture(scope="module")
def word() -> Any:
    draft = toy_draft()
    document = toy_paper(draft)
    made = export.review_bytes(
        checked(document, toy_opener(draft)),
        checklist(draft, document),
        official=Official(office="雾岭县卫生健康局", day=date(2023, 1, 5)),
    )
    return docx.Document(BytesIO(made))


def ranges(word: Any) -> dict[int, str]:
    """The text that each comment stands on."""
    found: dict[int, list[str]] = {}
    under: set[int] = set()
    for element in word.element.body.iter():
        if element.tag == qn("w:commentRangeStart"):
            under.add(int(element.get(qn("w:id"))))
        elif element.tag == qn("w:commentRangeEnd"):
            under.discard(int(element.get(qn("w:id"))))
        elif element.tag == qn("w:t"):
            for one in under:
                found.setdefault(one, []).append(element.text or "")
    assert not under
    return {one: "".join(parts) for one, parts in found.items()}


def comment_on(word: Any, text: str) -> str:
    (only,) = {one for one, told in ranges(word).items() if told == text}
    return next(c.text for c in word.comments if c.comment_id == only)


# -- comments ---------------------------------------------------------------------------------------


def test_each_sentence_with_a_source_has_one_comment(word: Any) -> None:
    told = [text for text in ranges(word).values() if text.endswith("。")]
    sentences = [s for s in toy_paper(toy_draft()).sentences if s.citations or "【" in s.text]
    assert told == [f"{s.text.rstrip('。')}。" for s in sentences]
    ids = [c.comment_id for c in word.comments]
    referred = [int(r.get(qn("w:id"))) for r in word.element.body.iter(qn("w:commentReference"))]
    assert ids == referred == sorted(set(ids))


def test_a_comment_tells_title_place_year_path_and_quote(word: Any) -> None:
    told = comment_on(word, "2022年家庭医生签约率为66.2%，比上年提高4.7个百分点。")
    assert (
        "来源1：《雾岭县卫生健康局2022年工作总结》（雾岭县，2022年）一、主要工作："
        "“全县家庭医生签约率为66.2%，其中重点人群签约率83.5%，签约居民1.5万人。”"
    ) in told.split("\n")
    assert "计算：66.2%－61.5%＝4.7个百分点" in told.split("\n")


def test_a_row_of_the_input_is_a_source_too(word: Any) -> None:
    told = comment_on(word, "目前仍有21个村没有达到要求。")
    assert "输入表“雾岭县.xlsx”" in told and "问题!第2行" in told


def test_the_same_words_of_two_steps_keep_their_own_origins(word: Any) -> None:
    same = [one for one, text in ranges(word).items() if text.startswith("主要原因是")]
    told = {c.comment_id: c.text.split("\n")[0] for c in word.comments}
    modelled, composed = "由模型表述，数字和事实已与来源核对", "由程序组成（模型的文字没有通过核对）"
    assert [told[one] for one in same] == [modelled, composed, modelled, composed]


@pytest.mark.parametrize(
    ("sentence", "how"),
    [
        ("乡村医生后继乏人的情况还没有根本改变。", "由模型表述，数字和事实已与来源核对"),
        ("慢性病随访不够及时的情况还没有根本改变。", "由程序组成（模型的文字没有通过核对）"),
        ("将在11个乡镇定向培养乡村医生。", "人工改写"),
        ("将在12个乡镇建设随访提醒平台。", "由模型表述，数字和事实已与来源核对"),
    ],
)
def test_a_comment_says_how_the_sentence_came_about(word: Any, sentence: str, how: str) -> None:
    assert comment_on(word, sentence).split("\n")[0] == how


def test_a_row_of_a_table_has_one_comment_for_one_source(word: Any) -> None:
    told = list(ranges(word).values())
    assert "定向培养乡村医生" in told  # the first cell
    assert "人事股" not in told and "覆盖31个村" not in told


def test_a_gap_is_yellow_and_has_a_comment(word: Any) -> None:
    yellow = [
        "".join(t.text or "" for t in r.iter(qn("w:t")))
        for r in word.element.body.iter(qn("w:r"))
        if r.find(f"{qn('w:rPr')}/{qn('w:highlight')}") is not None
    ]
    assert "【待补：表现】" in yellow and "【待补：完成时限】" in yellow
    assert comment_on(word, "【待补：表现】。").startswith("待补：输入表和库中都没有")
    assert not any(re.search("没有根本改变|由医政股负责", text) for text in yellow)


def test_a_sentence_without_source_and_gap_has_no_comment() -> None:
    noted = Comments(())
    runs = noted.sentence(Piece("本文如下", end="。"), Sentence("本文如下", (), "stated"))
    assert [r.tag for r in runs] == [qn("w:r")]


def test_personal_data_does_not_reach_a_comment() -> None:
    quote = "联系电话13912345678，签约率66.2%。"
    cited = Citation("r", "雾岭县2022年工作总结", 0, len(quote), quote, "雾岭县", 2022)
    document = Document("draft", "计划", (Paragraph((Sentence("签约率66.2%", (cited,), "quoted"),)),))
    made = export.review_bytes(checked(document), Checklist((), (), (), ()))
    (told,) = (c.text for c in docx.Document(BytesIO(made)).comments)
    assert "13912345678" not in told and "手机号已隐去" in told


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("全文", ["全文"]),
        ("由【待补：单位】负责", ["由", "【待补：单位】", "负责"]),
        ("【待补】【待补：时限】", ["【待补】", "【待补：时限】"]),
        ("【待补：没有结尾", ["【待补：没有结尾"]),
    ],
)
def test_highlighting_loses_no_text(text: str, parts: list[str]) -> None:
    assert ["".join(t.text or "" for t in r.iter(qn("w:t"))) for r in highlighted(text)] == parts


# -- checklist --------------------------------------------------------------------------------------


def test_the_text_is_that_of_the_clean_copy(word: Any) -> None:
    draft = toy_draft()
    parts = Official(office="雾岭县卫生健康局", day=date(2023, 1, 5))
    clean = docx.Document(
        BytesIO(export.to_bytes(checked(toy_paper(draft), toy_opener(draft)), official=parts))
    )
    told = [p.text for p in clean.paragraphs]
    assert [p.text for p in word.paragraphs][: len(told)] == told


def test_the_checklist_lies_on_pages_of_its_own(word: Any) -> None:
    assert [s.orientation for s in word.sections] == [0, 1]
    told = [p.text for p in word.paragraphs]
    at = told.index("核对清单")
    assert "全稿9步：6步由模型表述并通过核对，2步由程序组成，1步由人工改写" in told[at + 1]
    captions = [text for text in told[at:] if re.match("[一二三四]、", text)]
    assert captions == [
        "一、还缺什么（8项）",
        "二、问题与任务（4个问题）",
        "三、任务（4项）",
        "四、数字（19个）",
    ]


def test_the_tables_of_the_checklist(word: Any) -> None:
    missing, problems, tasks, numbers = (
        [[c.text for c in row.cells] for row in table.rows] for table in word.tables[-4:]
    )
    assert ["问题4", "急救半径偏大", "无任务", "—"] in problems
    assert ["问题2", "慢性病随访不够及时", "建设随访提醒平台", "【待补：表现】"] in problems
    assert tasks[-1] == [
        "任务4", "新建急救站", "未对应问题", "医政股", "【待补】", "【待补】", "【待补：完成时限、目标】",
    ]  # fmt: skip
    assert {row[-1] for row in numbers[1:]} == {"有出处", "计算", "人工输入"}
    assert ["指标!第3行", "“巡诊”没有写入文稿"] in missing
    assert ["四、任务分工 › 新建急救站", "完成时限；目标"] in missing
    assert word.paragraphs[-1].style.name == "文末"  # no page for a paragraph behind the last table


def test_an_empty_checklist_says_so() -> None:
    made = export.review_bytes(checked(Document("draft", "计划", ())), Checklist((), (), (), ()))
    word = docx.Document(BytesIO(made))
    assert not word.tables and [p.text for p in word.paragraphs].count("（没有）") == 4
    assert list(word.comments) == []


# -- files ------------------------------------------------------------------------------------------


def test_the_same_draft_gives_the_same_file() -> None:
    draft = toy_draft()
    document = toy_paper(draft)
    sound, found = checked(document, toy_opener(draft)), checklist(draft, document)
    once = export.review_bytes(sound, found)
    assert once == export.review_bytes(sound, found)
    with ZipFile(BytesIO(once)) as word:
        assert {entry.date_time for entry in word.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_file_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    draft = toy_draft()
    document = toy_paper(draft)
    sound, found = checked(document, toy_opener(draft)), checklist(draft, document)
    path = tmp_path / "核对.docx"
    path.write_bytes(b"x")
    with pytest.raises(InputError, match="已经存在"):
        export.save_review(sound, path, found)
    assert path.read_bytes() == b"x"
    export.save_review(sound, path, found, force=True)
    assert docx.Document(str(path)).paragraphs
