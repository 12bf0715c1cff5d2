from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from corpus.readers.numbering import Numbering, chinese, spell

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def level(at: int, style: str, pattern: str, *, start: int = 1, extra: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{style}"/>{extra}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def lists(abstract: str, nums: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>') -> Numbering:
    found = f'<w:abstractNum w:abstractNumId="0">{abstract}</w:abstractNum>{nums}'
    return Numbering(etree.fromstring(f"<w:numbering {NS}>{found}</w:numbering>"))


LADDER = (
    level(0, "chineseCounting", "%1、")
    + level(1, "chineseCountingThousand", "（%2）")
    + level(2, "decimal", "%3.")
    + level(3, "decimalEnclosedCircle", "%4")
)


def test_ladder_counts_and_restarts() -> None:
    numbering = lists(LADDER)
    walk = [(0, "一、"), (1, "（一）"), (1, "（二）"), (2, "1."), (3, "①"), (3, "②"), (2, "2."), (3, "①")]
    walk += [(0, "二、"), (1, "（一）"), (2, "1.")]
    assert [(at, numbering.label("1", at)) for at, _ in walk] == walk


def test_level_that_never_restarts() -> None:
    never = level(1, "decimal", "%2.", extra='<w:lvlRestart w:val="0"/>')
    numbering = lists(level(0, "chineseCounting", "%1、") + never)
    assert [numbering.label("1", at) for at in (0, 1, 1, 0, 1)] == ["一、", "1.", "2.", "二、", "3."]


def test_multi_level_pattern_and_legal() -> None:
    legal = level(1, "decimal", "%1.%2", extra="<w:isLgl/>")
    numbering = lists(level(0, "chineseCounting", "第%1章") + legal)
    assert [numbering.label("1", at) for at in (0, 1, 1)] == ["第一章", "1.1", "1.2"]


def test_lists_of_one_definition_count_on_unless_overridden() -> None:
    nums = "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="0"/>{{}}</w:num>' for n in (1, 2, 3))
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    other = f'<w:lvlOverride w:ilvl="0">{level(0, "upperLetter", "%1)")}</w:lvlOverride>'
    numbering = lists(LADDER, nums.format("", restart, other))
    assert [numbering.label(num, 0) for num in "112233"] == ["一、", "二、", "一、", "二、", "C)", "D)"]


def test_bullets_are_empty_and_unknown_lists_none() -> None:
    numbering = lists(level(0, "bullet", "\uf0b7"))
    assert (numbering.label("1", 0), numbering.label("7", 0), numbering.label("1", 5)) == ("", None, None)


@pytest.mark.parametrize(
    ("style", "number", "expected"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 21, "二十一"),
        ("chineseCounting", 105, "一百〇五"),
        ("chineseCountingThousand", 12, "十二"),
        ("chineseCountingThousand", 110, "一百一十"),
        ("chineseCountingThousand", 1005, "一千零五"),
        ("chineseLegalSimplified", 13, "壹拾叁"),
        ("ideographDigital", 105, "一〇五"),
        ("ideographTraditional", 3, "丙"),
        ("decimalEnclosedCircle", 25, "㉕"),
        ("decimalEnclosedCircleChinese", 3, "③"),
        ("decimalEnclosedParen", 2, "⑵"),
        ("lowerLetter", 28, "bb"),
        ("upperRoman", 14, "XIV"),
        ("decimalZero", 7, "07"),
        ("decimalFullWidth", 12, "１２"),
        ("someNewFormat", 12, "12"),
        ("chineseCounting", 0, "0"),
    ],
)
def test_number_formats(style: str, number: int, expected: str) -> None:
    assert spell(number, style) == expected


@given(st.integers(1, 9999))
@settings(deadline=None, max_examples=200)
def test_chinese_numerals_read_back(number: int) -> None:
    total, digit = 0, 0
    for sign in chinese(number):
        if sign in "一二三四五六七八九":
            digit = "一二三四五六七八九".index(sign) + 1
        elif sign in "十百千":
            total, digit = total + (digit or 1) * 10 ** ("十百千".index(sign) + 1), 0
    assert total + digit == number
