"""Passages keep to sections and sentences, and to their size."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.outline import outline
from corpus.parse import sentence_spans
from corpus.passages import LEAST, MOST, MOST_WITH_ADVICE, cut
from corpus.report import Passage, SectionKind

LONG = "全县建立居民健康档案二十二万份，规范管理高血压患者一万八千人，随访率达到百分之九十五，水平持续提升。"


def passages(text: str) -> tuple[Passage, ...]:
    sections = outline(text)
    return cut("abc123", text, sections, sentence_spans(text, sections))


def test_ids_paths_and_kinds() -> None:
    found = passages(
        f"云溪县总结\n开头的话。\n一、工作成效\n（一）公共卫生\n{LONG * 3}\n二、存在问题\n{LONG * 3}\n"
    )
    assert [p.id for p in found] == ["abc123-0001", "abc123-0002", "abc123-0003"]
    assert [p.path for p in found] == [(), ("一、工作成效", "（一）公共卫生"), ("二、存在问题",)]
    assert [p.kind for p in found] == [SectionKind.OVERVIEW, SectionKind.ACHIEVEMENTS, SectionKind.PROBLEMS]
    assert all(p.report_id == "abc123" for p in found)


def test_long_section_is_cut_evenly_at_sentence_ends() -> None:
    found = passages(f"一、工作成效\n{LONG * 12}\n")
    assert len(found) == 2
    assert all(LEAST <= len(p.text) <= MOST and p.text.endswith("。") for p in found)
    assert max(len(p.text) for p in found) < 2 * min(len(p.text) for p in found)


def test_short_tail_joins_its_neighbour() -> None:
    sizes = [len(p.text) for p in passages(f"一、工作成效\n{LONG * 7}完。\n")]
    assert min(sizes) >= LEAST


def test_one_long_sentence_stays_whole() -> None:
    sentence = "，".join(["全县各级医疗机构扎实推进"] * 50) + "。"
    assert passages(f"一、工作成效\n{sentence}\n")[-1].text.endswith(sentence)


def test_heading_with_children_only_is_in_paths_alone() -> None:
    found = passages(f"一、工作成效\n（一）公共卫生。{LONG * 2}\n（二）医疗改革。{LONG * 2}\n")
    assert [p.text[:3] for p in found] == ["（一）", "（二）"]


def test_leaf_that_is_only_a_heading_is_kept() -> None:
    found = passages("一、重点工作\n1.深化改革工作全面完成，一体化有序推进。\n2.圆满完成驻村帮扶工作。\n")
    assert "".join(p.text for p in found).count("全面完成") == 1


def test_tiny_siblings_are_packed_under_their_parent() -> None:
    small = "（一）人员培训。培训三百人。\n（二）设备更新。更新十台。\n"
    text = f"一、工作成效\n{small}（三）公共卫生。{LONG * 3}\n"
    found = passages(text)
    assert [p.path for p in found] == [("一、工作成效",), ("一、工作成效", "（三）公共卫生")]
    assert found[0].text.startswith("（一）") and found[0].text.endswith("更新十台。")


def test_tiny_siblings_of_other_parents_stay_apart() -> None:
    found = passages("一、工作成效\n（一）人员培训。培训三百人。\n二、存在问题\n（一）人员不足。缺五十人。\n")
    assert [p.kind for p in found] == [SectionKind.ACHIEVEMENTS, SectionKind.PROBLEMS]


def test_lead_in_goes_with_its_first_item() -> None:
    found = passages(f"二、存在问题\n还有一些不足：一是人员不足。{LONG * 2}二是经费不足。{LONG * 2}\n")
    assert found[0].path == ("二、存在问题",)
    assert "还有一些不足" in found[0].text and "人员不足" in found[0].text
    assert found[1].path[-1] == "二是经费不足"


def test_problem_and_its_advice_stay_together() -> None:
    advice = f"建议：一是改革编制。{LONG}二是发放工资。{LONG}\n"
    problem = f"人员严重匮乏。{LONG * 5}\n村医后继无人。{LONG * 3}\n{advice}"
    found = passages(f"四、存在问题及建议\n1.{problem}2.药品供应紧张。{LONG}\n建议：统一目录。{LONG}\n")
    assert [p.path[-1] for p in found] == ["1.人员严重匮乏", "2.药品供应紧张"]
    assert MOST < len(found[0].text) <= MOST_WITH_ADVICE
    assert all("建议：" in p.text for p in found)


def test_text_without_sections() -> None:
    found = passages(LONG * 12)
    assert len(found) == 2 and {p.path for p in found} == {()}
    assert passages("") == ()


PARTS = st.sampled_from(
    ["一、工作成效\n", "（一）公共卫生\n", "1.健康教育。", "一是宣传。", "二是培训。", "二、存在的问题\n",
     "（二）改革\n", "建议：改进。\n", LONG, "短句。", "\n", "三、下一步打算\n"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(PARTS, max_size=40))
def test_passages_hold_whole_sentences_of_one_section(parts: list[str]) -> None:
    text = "".join(parts)
    sections = outline(text)
    spans = sentence_spans(text, sections)
    found = cut("x", text, sections, spans)
    last = 0
    for passage in found:
        assert last <= passage.span.start and passage.text == passage.span.of(text)
        last = passage.span.end
        inside = [s for s in spans if passage.span.holds(s)]
        assert inside[0].start == passage.span.start and inside[-1].end == passage.span.end
        assert len(passage.text) <= MOST_WITH_ADVICE or len(inside) == 1
        if passage.path:
            assert any(s.path == passage.path and s.span.holds(passage.span) for s in sections)
    left = [s for s in spans if not any(p.span.holds(s) for p in found)]
    headings = [h.heading for h in sections]
    assert all(any(h.start <= s.start and s.end <= h.end + 2 for h in headings) for s in left)


def test_a_small_item_joins_its_neighbour() -> None:
    items = f"一是加强队伍，聘请专家四名。二是开展宣传。{LONG * 2}三是改善环境。{LONG * 4}"
    found = passages(f"一、工作成效\n（一）健康教育。{items}\n")
    assert [p.path[-1] for p in found] == ["（一）健康教育", "三是改善环境"]
    assert "聘请专家" in found[0].text and "开展宣传" in found[0].text


def test_text_without_headings_is_cut_between_paragraphs() -> None:
    found = passages(f"{LONG * 5}\n{LONG * 6}\n{LONG * 5}\n")
    assert [p.text for p in found] == [LONG * 5, LONG * 6, LONG * 5]
