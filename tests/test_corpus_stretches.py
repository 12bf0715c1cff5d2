"""What each part of a report speaks of: done or planned, and of which period."""

from __future__ import annotations

import pytest

from corpus.outline import outline, with_genre
from corpus.report import Field, Genre, Metadata
from corpus.stretches import by_headings, by_sections, stretch_at

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
