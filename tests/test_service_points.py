"""Items of sections: every form of list, completeness, the sample corpus's truth, the real reports."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cards import Card
from corpus.parse import parse
from corpus.readers import read
from corpus.report import Genre, RawDocument, Report, SectionKind, Span
from corpus.samples import SAMPLES
from corpus.sentences import sentences
from service.points.itemising import tops
from service.points.points import Point, citation, frame, points
from service.points.unlabelled import bare, is_frame, items_of, title_of

TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
PROBLEMS, NEXT, DONE = SectionKind.PROBLEMS, SectionKind.NEXT_STEPS, SectionKind.ACHIEVEMENTS


def card_of(report: Report) -> Card:
    data = report.metadata
    fields = [field.value if field else None for field in (data.place, data.period)]
    return Card(
        report.id, data.title, fields[0], data.year_number, fields[1], data.genre, None, None, None,
        report.source_name, report.source_sha256, report.ordinal, len(report.text),
        0, 0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip


def parsed(text: str) -> Report:
    data = text.encode()
    return parse(RawDocument("a.txt", hashlib.sha256(data).hexdigest(), len(data), "txt", text))[0]


def report_of(text: str) -> Report:
    return parsed(f"雾岭县卫生健康局2022年工作总结\n{text}\n")


def found(text: str, kind: SectionKind) -> tuple[Point, ...]:
    report = report_of(text)
    return points(report, card_of(report), kind)


def titles(text: str, kind: SectionKind) -> list[str]:
    return [point.title for point in found(text, kind)]


@cache
def samples() -> dict[tuple[str, int], Report]:
    files = sorted({document["file"] for document in TRUTH["documents"]})
    return {(file, r.ordinal): r for file in files for r in parse(read(SAMPLES / file))}


# -- forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "二、存在的问题\n（一）人手不足\n三个乡没有医生。\n（二）设备老化。心电图机用了十五年。",
            ["人手不足", "设备老化"],
        ),
        (
            "二、存在的问题\n1.人手不足。三个乡没有医生。\n2.设备老化。心电图机用了十五年。",
            ["人手不足", "设备老化"],
        ),
        (
            "二、存在的问题\n主要有：一是人手不足。三个乡没有医生。二是设备老化。心电图机用了十五年。",
            ["人手不足", "设备老化"],
        ),
        (
            "二、存在的不足\n全县还有三个乡没有医生，村民看病要走两小时。心电图机用了十五年，经常修。",
            ["全县还有三个乡没有医生，村民看病要走两小时", "心电图机用了十五年，经常修"],
        ),
        (
            "二、存在的不足\n全县还有三个乡没有医生，村民看病要走两小时。\n\n心电图机用了十五年，经常修。",
            ["全县还有三个乡没有医生，村民看病要走两小时", "心电图机用了十五年，经常修"],
        ),
    ],
)
def test_problems_in_every_form(body: str, expected: list[str]) -> None:
    assert titles(f"一、工作完成情况\n接诊病人3万人次。\n{body}", PROBLEMS) == expected


def test_numbered_statements_that_are_no_headings() -> None:
    text = (
        "一、工作完成情况\n接诊病人3万人次。\n二、2023年任务清单\n"
        "1.建成雾岭镇透析室，配透析机6台，6月底前开诊。\n2.招聘村医30名，签订五年协议。\n"
        "3.把120急救站增加到5个。\n雾岭县卫生健康局\n2022年12月30日"
    )
    assert [p.body for p in found(text, NEXT)] == [
        "建成雾岭镇透析室，配透析机6台，6月底前开诊。",
        "招聘村医30名，签订五年协议。",
        "把120急救站增加到5个。",
    ]


def test_a_sentence_that_goes_on_belongs_to_the_one_before() -> None:
    text = "二、存在的不足\n乡镇卫生院缺医生和护士。究其原因，是待遇低、路途远。设备老化严重，经常停机检修。"
    assert len(found(f"一、工作完成情况\n接诊3万人次。\n{text}", PROBLEMS)) == 2


ADVISED = (
    "一、工作完成情况\n接诊3万人次。\n二、存在问题及建议\n（一）人手不足\n三个乡没有医生。\n"
    "建议：一是放宽招聘条件。二是给山区医生发放津贴。\n（二）设备老化\n心电图机用了十五年。\n建议：列入明年采购。"
)


def test_a_problem_keeps_its_advice() -> None:
    first, second = found(ADVISED, PROBLEMS)
    assert (first.title, second.title) == ("人手不足", "设备老化")
    assert first.text.endswith("给山区医生发放津贴。") and len(first.advice) == 2
    assert [s for s in second.sentences if s in second.advice] == list(second.advice)
    assert len(second.sentences) == 3


def test_advice_is_the_next_step_of_a_report_without_any() -> None:
    assert titles(ADVISED, NEXT) == ["放宽招聘条件", "给山区医生发放津贴", "列入明年采购"]
    assert titles(f"{ADVISED}\n三、下一步打算\n（一）加强培训。全年办班12期。\n（二）改造用房。", NEXT) == [
        "加强培训",
        "改造用房",
    ]


def test_tasks_are_the_lowest_headings_and_items_below_a_bare_one() -> None:
    text = (
        "雾岭县2023年卫生健康工作计划\n一、重点任务\n（一）守住山里人的健康\n1.增设急救站。新增2个。\n"
        "2.办好巡回医疗。全年出诊200次。\n（二）推进医共体\n一是统一药品目录，减少缺药。二是统一财务核算，每月对账。\n"
        "（三）推行带教。县级医院要派出骨干，一是每周坐诊一天，二是每月查房一次。\n二、风险提示\n"
        "一是雨季道路中断，影响出诊。二是人员流动大，影响连续服务。"
    )
    report = parsed(text)
    assert report.metadata.genre is Genre.PLAN
    made = [point.title for point in points(report, card_of(report), NEXT)]
    assert made == [
        "增设急救站",
        "办好巡回医疗",
        "统一药品目录，减少缺药",
        "统一财务核算，每月对账",
        "推行带教",
    ]


def test_key_points_count_their_tasks_through_all_chapters() -> None:
    text = (
        "雾岭市2023年卫生健康工作要点\n一、改革\n1.扩大互认。互认项目增至90项。\n2.完善采购。药价下降3%。\n"
        "二、保障措施\n3.筹集资金。安排800万元。\n4.督查问效。每季度通报一次。"
    )
    report = parsed(text)
    made = [point.title for point in points(report, card_of(report), NEXT)]
    assert made == ["扩大互认", "完善采购", "筹集资金", "督查问效"]


def test_a_closing_sentence_is_no_item() -> None:
    text = (
        "一、工作完成情况\n接诊3万人次。\n二、下一步打算\n（一）增设急救站。新增2个。\n"
        "（二）办好巡回医疗。全年出诊200次。\n以上各项已经分解到股室，按月对账。"
    )
    assert found(text, NEXT)[-1].text == "（二）办好巡回医疗。全年出诊200次。"
    report = report_of(text)
    assert any(s.of(report.text).startswith("以上各项") for s in frame(report, NEXT))


def test_a_report_without_such_a_section_has_none() -> None:
    assert found("一、工作完成情况\n接诊3万人次。", PROBLEMS) == ()
    assert found("一、工作完成情况\n接诊3万人次。", NEXT) == ()


def test_works_done_are_the_sections_below_the_heading() -> None:
    text = (
        "一、重点任务完成情况\n（一）医改\n1.药品。零差率销售。\n2.支付。按病种付费。\n"
        "（二）公卫\n建档3万人。\n二、强化宣传，提高知晓率。一是发放折页。二是开设专栏。"
    )
    assert titles(text, DONE) == ["医改", "公卫", "强化宣传，提高知晓率"]


def test_points_cite_their_own_words() -> None:
    report = report_of(ADVISED)
    for point in points(report, card_of(report), PROBLEMS):
        cited = citation(point)
        assert report.text[cited.start : cited.end] == cited.quote == point.text
        assert cited.path[-1].endswith(point.title)
        for sentence in point.sentences:
            assert point.span.holds(sentence)
    assert points(report, card_of(report), PROBLEMS)[0].report_id == report.id


def test_figures_of_a_point_are_those_inside() -> None:
    text = "一、工作完成情况\n接诊3万人次。\n二、下一步打算\n（一）新增急救站2个。\n（二）招聘村医30名。"
    first, second = found(text, NEXT)
    assert [f.text for f in first.figures] == ["2个"] and [f.text for f in second.figures] == ["30名"]


# -- completeness -----------------------------------------------------------------------------------


def uncovered(report: Report, kind: SectionKind) -> list[str]:
    """Sentences of the sections of which a character is neither in an item nor in the frame."""
    held = [point.span for point in points(report, card_of(report), kind)]
    rest = set(frame(report, kind))
    told = [*rest, *held]
    return [
        sentence.of(report.text)
        for stretch in tops(report, kind)
        for sentence in sentences(report.text, stretch)
        for letter in range(sentence.start, sentence.end)
        if report.text[letter].isalnum() and not any(span.start <= letter < span.end for span in told)
    ]


def is_heading(report: Report, sentence: Span) -> bool:
    return any(
        s.heading.start <= sentence.start < s.heading.end
        or (s.heading.start <= sentence.start and sentence.end <= s.heading.end + 2)
        for s in report.sections
    )


WORDS = st.sampled_from(["人手不足", "设备老化", "路途遥远", "经费紧张", "培训滞后", "药品断供", "床位紧缺"])
FORMS = st.sampled_from(["heading", "number", "item", "paragraph", "sentence"])


@given(st.lists(WORDS, min_size=2, max_size=7, unique=True), FORMS, st.booleans())
@settings(deadline=None, max_examples=60)
def test_nothing_of_a_list_is_left_out(words: list[str], form: str, led: bool) -> None:
    numerals = "一二三四五六七"
    made = {
        "heading": [f"（{n}）{w}。{w}影响了看病。\n" for n, w in zip(numerals, words, strict=False)],
        "number": [f"{n}.{w}。{w}影响了看病。\n" for n, w in enumerate(words, 1)],
        "item": [f"{n}是{w}，影响了看病。" for n, w in zip(numerals, words, strict=False)],
        "paragraph": [f"{w}的情况没有改变，影响了看病。\n\n" for w in words],
        "sentence": [f"{w}的情况没有改变，影响了看病。" for w in words],
    }[form]
    lead = "工作中还存在以下问题：" if led else ""
    text = (
        f"一、工作完成情况\n接诊3万人次。\n二、存在的问题\n{lead}{''.join(made)}\n三、下一步打算\n继续努力。"
    )
    report = report_of(text)
    items = points(report, card_of(report), PROBLEMS)
    assert len(items) == len(words)
    assert all(word in item.text for word, item in zip(words, items, strict=True))
    assert not uncovered(report, PROBLEMS)
    left = [s for s in frame(report, PROBLEMS) if not is_heading(report, s)]
    assert all(is_frame(s.of(report.text)) for s in left)


@pytest.mark.parametrize("kind", [PROBLEMS, NEXT, DONE, SectionKind.GOALS])
def test_samples_are_covered_and_items_do_not_overlap(kind: SectionKind) -> None:
    for report in samples().values():
        assert not uncovered(report, kind)
        spans = [point.span for point in points(report, card_of(report), kind)]
        assert all(a.end <= b.start for a, b in pairwise(spans))


@given(st.text("一二三是、。；\n（）1.问题不足医生", max_size=60))
@settings(deadline=None)
def test_any_text_gives_items_inside_it(text: str) -> None:
    for item in items_of(text, Span(0, len(text))):
        assert 0 <= item.span.start < item.span.end <= len(text)


def test_titles_are_cut_at_a_clause() -> None:
    assert title_of("1.增设急救站，配救护车1辆。全年开通。") == "增设急救站，配救护车1辆"
    assert len(title_of("甲" * 200)) <= 80


# -- the sample corpus ------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "kind"), [("problems", PROBLEMS), ("next_steps", NEXT)])
def test_every_item_of_the_truth_is_found_once(field: str, kind: SectionKind) -> None:
    for document in TRUTH["documents"]:
        report = samples()[(document["file"], document["piece"])]
        items = list(points(report, card_of(report), kind))
        for title in document[field]:
            fitting = [item for item in items if title in item.text]
            assert fitting, (document["file"], title)
            items.remove(fitting[0])


def test_reviews_have_no_other_problems_or_next_steps_than_the_truth() -> None:
    for document in TRUTH["documents"]:
        if document["genre"] not in ("annual", "half_year"):
            continue
        report = samples()[(document["file"], document["piece"])]
        for field, kind in (("problems", PROBLEMS), ("next_steps", NEXT)):
            assert len(points(report, card_of(report), kind)) == len(document[field]), document["file"]


# -- the real reports -------------------------------------------------------------------------------


@pytest.mark.real
def test_real_reports(real_reports: Path) -> None:
    counts: dict[str, tuple[int, int]] = {}
    for path in sorted(real_reports.glob("*.txt")):
        for report in parse(read(path)):
            card = card_of(report)
            place = card.place or card.title[:4]
            problems, steps = points(report, card, PROBLEMS), points(report, card, NEXT)
            counts[place] = (len(problems), len(steps))
            assert not uncovered(report, PROBLEMS) and not uncovered(report, NEXT)
            if place == "襄垣县":
                assert all(problem.advice for problem in problems)
    assert counts["襄垣县"] == (4, 5) and counts["梁园区"] == (4, 3)
    assert counts["蒙阴县"] == (3, 2) and counts["某县"] == (4, 4)
    assert counts["定西市"] == (0, 49) and counts["君山区"] == (0, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2.65岁及以上老年人8.99万人", "65岁及以上老年人8.99万人"),  # a label in front of an age or a year
        ("3.2024年开工", "2024年开工"),
        ("2.5万人次", "2.5万人次"),
        ("1.家庭病床", "家庭病床"),
    ],
)
def test_a_label_before_a_number_is_told_from_a_decimal(text: str, told: str) -> None:
    assert bare(text) == told
