"""Compilations fall into their documents, nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chrome import strip_chrome
from corpus.split import LEAST, split
from corpus.tracked import TrackedText

PARAGRAPH = (
    "全县新建村卫生室12所，家庭医生签约8.6万人，签约率达到71.3%，群众就医更加方便，满意度明显提升。" * 3
)


def pieces(text: str) -> list[tuple[int, str, str]]:
    return [(p.number, p.title, p.text.text) for p in split(TrackedText.from_raw(text))]


@pytest.mark.parametrize(
    "label",
    [
        "篇{c}:健康扶贫工作总结",
        "健康扶贫工作总结第{n}篇",
        "第{c}篇：健康扶贫工作总结",
        "【篇{n}】健康扶贫工作总结",
        "【第{n}篇】健康扶贫工作总结",
        "范文{c}：健康扶贫工作总结",
        "健康扶贫工作总结篇{n}",
        "（篇{c}）健康扶贫工作总结",
    ],
)
def test_labels_of_compilations(label: str) -> None:
    text = "健康扶贫工作总结(合集3篇)\n\n" + "".join(
        f"{label.format(c=c, n=n)}\n\n云溪县{c}\n{PARAGRAPH}\n\n" for n, c in enumerate("一二三", start=1)
    )
    found = pieces(text)
    assert [number for number, _, _ in found] == [1, 2, 3]
    assert all(title == "健康扶贫工作总结" for _, title, _ in found)
    assert [body[:4] for _, _, body in found] == ["云溪县一", "云溪县二", "云溪县三"]
    assert all("合集" not in body and "篇" not in body for _, _, body in found)


def test_offsets_lead_back_to_the_file() -> None:
    text = f"总结(2篇)\n篇一：\n{PARAGRAPH}\n篇二：\n青禾县{PARAGRAPH}"
    second = split(TrackedText.from_raw(text))[1].text
    assert text[second.origin.raw_offset(0) :].startswith("青禾县")


def test_ten_and_more_pieces_count() -> None:
    names = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
    found = pieces("".join(f"篇{c}：\n{PARAGRAPH}\n" for c in names))
    assert [number for number, _, _ in found] == list(range(1, 13))


def test_short_piece_is_dropped_with_a_warning() -> None:
    text = f"篇一：\n{PARAGRAPH}\n篇二：\n内容略。\n篇三：\n{PARAGRAPH}"
    found = split(TrackedText.from_raw(text))
    assert [p.number for p in found] == [1, 3]
    assert found[0].warnings == ("合集第2篇只有4个字，未收入",)


def test_first_piece_without_label_is_kept() -> None:
    found = pieces(f"云溪县工作总结\n{PARAGRAPH}\n第2篇\n{PARAGRAPH}\n第3篇\n{PARAGRAPH}")
    assert [number for number, _, _ in found] == [1, 2, 3]
    assert found[0][2].startswith("云溪县工作总结")


@pytest.mark.parametrize(
    "text",
    [
        f"云溪县工作总结\n{PARAGRAPH}",
        f"规划纲要\n第一篇 发展环境\n第一章 基础\n{PARAGRAPH}\n第二篇 发展目标\n第二章 目标\n{PARAGRAPH}",
        f"工作总结\n全年发表论文第1篇于三月刊出，第2篇于五月刊出，影响良好。\n{PARAGRAPH}",
        f"篇一：\n{PARAGRAPH}",
        "",
    ],
)
def test_single_documents_stay_whole(text: str) -> None:
    source = TrackedText.from_raw(text)
    found = split(source)
    assert len(found) == 1
    assert found[0].text is source


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(LEAST, 3 * LEAST), min_size=2, max_size=6))
def test_nothing_but_labels_is_lost(sizes: list[int]) -> None:
    bodies = ["字" * size for size in sizes]
    text = "\n".join(f"第{n}篇\n{body}" for n, body in enumerate(bodies, start=1))
    assert [body for _, _, body in pieces(text)] == bodies


@pytest.mark.real
@pytest.mark.parametrize(("prefix", "count"), [("000", 1), ("001", 1), ("002", 7), ("003", 7), ("004", 1)])
def test_real_pages(real_reports: Path, prefix: str, count: int) -> None:
    path = next(real_reports.glob(f"{prefix}*.txt"))
    cleaned = strip_chrome(TrackedText.from_raw(path.read_text(encoding="utf-8")), "txt")
    assert len(split(cleaned)) == count
