"""What each part of a report speaks of: done or planned, and of which period."""

from __future__ import annotations

import re

import pytest

from corpus.outline import outline, with_genre
from corpus.report import Field, Genre, Metadata, Span
from corpus.stretches import Stretch, by_headings, by_sections, stretch_at, with_topics

TEXT = (
    "云溪县工作总结\n一、工作完成情况\n签约率达到八成。\n二、组织领导\n成立专班。\n三、存在的问题\n人员不足。\n"
    "四、下一步工作打算\n签约率达到九成。\n五、保障措施\n落实经费。\n"
)


def told(text: str, genre: Genre, period: str, year: str = "2021") -> list[tuple[bool, str]]:
    metadata = Metadata("总结", year=Field(year, "title"), genre=genre)
    sections = with_genre(outline(text), genre)
    stretches = by_sections(len(text), sections, metadata, period)
    return [(s.ahead, s.period) for s in (stretch_at(stretches, h.span.start) for h in sections)]


def test_a_review_looks_back_up_to_its_next_steps() -> None:
    assert told(TEXT, Genre.ANNUAL, "2021年") == [
        (False, "2021年"),
        (False, "2021年"),
        (False, "2021年"),
        (True, ""),
        (True, ""),
    ]


def test_a_plan_looks_ahead() -> None:
    text = "云溪县工作计划\n一、总体目标\n达到九成。\n二、重点任务\n新建三所。\n三、保障措施\n落实经费。\n"
    assert told(text, Genre.PLAN, "2022年") == [(True, "2022年")] * 3


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("2022年工作思路", "2022年"),
        ("乘势而上，2022年着力办好六件事", "2022年"),
        ("下半年工作打算", "2021年下半年"),
        ("明年工作打算", "2022年"),
        ("下一步工作打算", ""),
    ],
)
def test_the_heading_names_the_period(heading: str, expected: str) -> None:
    text = f"云溪县工作总结\n一、工作成效\n签约八成。\n二、{heading}\n签约率达到九成。\n"
    assert told(text, Genre.ANNUAL, "2021年")[1] == (True, expected)


def test_a_long_plan_tells_the_years_before() -> None:
    text = "云溪市“十四五”规划\n一、“十三五”成效\n新建三所。\n二、“十四五”目标\n新建六所。\n"
    assert told(text, Genre.PLAN, "十四五") == [(False, "十三五"), (True, "十四五")]


def test_a_bare_text_is_read_by_its_headings() -> None:
    text = "一、2021年工作回顾\n签约八成。\n二、下一步工作打算\n签约九成。\n"
    stretches = by_headings(text, "2022年")
    assert stretch_at(stretches, text.index("八成"), "2022年").period == "2021年"
    assert stretch_at(stretches, text.index("九成"), "2022年").ahead
    assert not stretch_at((), 3, "2022年").ahead


def test_what_follows_the_next_steps_goes_on() -> None:
    text = "云溪县工作报告\n一、2020年工作回顾\n新建三所。\n二、2021年工作部署\n新建六所。\n三、把改革推向纵深\n新建九所。\n"
    assert told(text, Genre.ANNUAL, "2021年") == [(False, "2020年"), (True, "2021年"), (True, "2021年")]


def test_past_years_end_before_the_year_that_the_report_plans() -> None:
    text = "云溪县工作报告\n一、过去五年工作回顾\n新建三所。\n二、2021年工作部署\n新建六所。\n"
    assert told(text, Genre.ANNUAL, "2021年")[0] == (False, "2016—2020年")
    alone = "云溪县工作总结\n一、过去五年工作回顾\n新建三所。\n"
    assert told(alone, Genre.ANNUAL, "2021年")[0] == (False, "2017—2021年")


TURNING = (
    "五年来，面貌一新。新建三所。\n刚刚过去的2020年，任务完成。新建一所。\n又建一所。\n"
    "“十四五”时期是开局的五年。新建六所。\n（一）提升质量\n新建九所。\n二、重点工作\n新建一所。"
)


def test_a_paragraph_may_turn_to_another_time() -> None:
    heading, last = TURNING.index("（一）"), TURNING.index("二、")
    around = Stretch(Span(0, last), False, "十三五", 2020)
    parts = (
        around,
        Stretch(Span(heading, last), False, "十三五", 2020),
        Stretch(Span(last, len(TURNING)), True, "2021年"),
    )
    found = with_topics(TURNING, parts, 2021)
    at = [m.start() for m in re.finditer("建", TURNING)]
    assert [(s.ahead, s.period) for s in (stretch_at(found, i) for i in at)] == [
        (False, "2016—2020年"),
        (False, "2020年"),
        (False, "十三五"),
        (True, "十四五"),
        (True, "十四五"),
        (True, "2021年"),
    ]


def test_a_time_with_figures_of_its_own_opens_nothing() -> None:
    text = "五年来，新建3所、改造8所。\n新建六所。"
    assert with_topics(text, (), 2021) == ()
