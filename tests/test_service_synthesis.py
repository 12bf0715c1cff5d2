"""Many reports together: who names what, counts that are computed, every point of every report listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import NotFound
from corpus.report import Genre, SectionKind
from corpus.samples import SAMPLES
from service.cited import Sentence
from service.desk import Desk
from service.papers.derivation import recompute
from service.papers.document import Document, Heading, Paragraph
from service.papers.provenance import checked
from service.points.points import points
from service.summary.summary import Length
from service.summary.synthesis import Source, synthesise

PROBLEMS, NEXT = SectionKind.PROBLEMS, SectionKind.NEXT_STEPS
REPORT = """{place}卫生健康局2022年工作总结
2022年，{place}卫生健康系统扎实推进各项工作。
一、工作成效
全县家庭医生签约率为72.1%。
二、存在问题
{problems}
三、下一步打算
1.招聘全科医生20名。
"""
SHORT_OF_DOCTORS = "{n}.全科医生严重短缺。全县每万人口全科医生只有{x}人，三个乡镇没有全科医生。"


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Desk:
    """Three counties, two of which are short of doctors; one writes of no problems."""
    folder = tmp_path_factory.mktemp("counties")
    problems = {
        "雾岭县": SHORT_OF_DOCTORS.format(n=1, x="1.9") + "\n2.救护车老化。5辆救护车使用超过十年。",
        "石渠县": "1.信息系统互不联通。村卫生室要录入4个平台。\n" + SHORT_OF_DOCTORS.format(n=2, x="1.2"),
    }
    for place, text in problems.items():
        (folder / f"{place}.txt").write_text(REPORT.format(place=place, problems=text), encoding="utf-8")
    plan = "云麓县卫生健康局2022年工作总结\n2022年工作情况如下。\n一、工作成效\n全县新建村卫生室12所，改造卫生院3所。\n"
    (folder / "云麓县.txt").write_text(plan, encoding="utf-8")
    desk = open_desk(tmp_path_factory.mktemp("home"))
    assert not desk.ingest([folder]).failures
    return desk


def alike(texts: Sequence[str], others: Sequence[str]) -> np.ndarray:
    """Cosine 0.97 where both texts name the same matter, else 0.80."""

    def matter(text: str) -> str:
        return next((word for word in ("全科医生", "救护车", "系统") if word in text), text)

    return np.array([[0.97 if matter(a) == matter(b) else 0.8 for b in others] for a in texts], np.float32)


def sources(desk: Desk) -> list[Source]:
    return [Source(desk.report(card.id), card) for card in desk.cards()]


def made(
    desk: Desk, kinds: Sequence[SectionKind] = (PROBLEMS,), length: Length = Length.SHORT, **more: object
) -> Document:
    document = synthesise(sources(desk), kinds, alike, length, **more)  # type: ignore[arg-type]
    checked(document, desk.report)
    return document


def told(document: Document) -> dict[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = {}
    for block in document.blocks:
        if isinstance(block, Heading):
            here = found.setdefault(block.text, [])
        elif isinstance(block, Paragraph):
            here.extend(block.sentences)
    return found


def test_it_says_how_many_reports_name_a_matter_and_which(counties: Desk) -> None:
    found = told(made(counties))
    naming, *each = found["全科医生严重短缺"]
    assert naming.text.startswith("2份报告提到：全科医生严重短缺（")
    assert "雾岭县2022年" in naming.text and "石渠县2022年" in naming.text
    assert {c.place for s in each for c in s.citations} == {"雾岭县", "石渠县"}
    assert any("1.9人" in s.text for s in each) and any("1.2人" in s.text for s in each)


def test_counts_follow_from_their_citations(counties: Desk) -> None:
    document = made(counties)
    derived = [d for s in document.sentences for d in s.derived]
    assert {d.text for d in derived} == {"2份", "4个"}
    assert all(recompute(d) for d in derived)
    assert told(document)["问题概况"][0].text == "2份报告共写明问题4个"


def test_what_one_report_names_is_listed_too(counties: Desk) -> None:
    text = " ".join(s.text for s in made(counties).sentences)
    assert "救护车老化" in text and "信息系统互不联通" in text


def test_reports_without_the_section_are_named(counties: Desk) -> None:
    assert [s.text for s in told(made(counties))["没有写问题的报告"]] == ["云麓县卫生健康局2022年工作总结"]


def test_several_kinds_follow_each_other(counties: Desk) -> None:
    headings = [
        b.text for b in made(counties, (PROBLEMS, NEXT)).blocks if isinstance(b, Heading) and b.level == 1
    ]
    assert headings.index("问题概况") < headings.index("工作打算概况") < headings.index("依据的报告")


def test_the_title_is_the_users_words(counties: Desk) -> None:
    asked = made(counties, asked="2022年各县存在的共性问题", years=(2022,))
    assert asked.title == "2022年各县存在的共性问题：归纳"
    assert made(counties, years=(2022,)).title == "2022年报告问题归纳"


def test_reports_that_write_of_nothing(counties: Desk) -> None:
    only = [s for s in sources(counties) if s.card.place == "云麓县"]
    document = synthesise(only, (PROBLEMS,), alike)
    checked(document, counties.report)
    assert told(document)["问题概况"][0].text == "这些报告都没有写问题"
    assert document.partial and document.gaps == ("符合条件的报告不足以归纳共性",)


def test_no_report_is_an_error() -> None:
    with pytest.raises(NotFound, match="没有可以归纳的报告"):
        synthesise((), (PROBLEMS,), alike)


@pytest.mark.parametrize("length", list(Length))
@pytest.mark.parametrize("kind", [PROBLEMS, NEXT, SectionKind.ACHIEVEMENTS])
def test_every_point_of_the_samples_is_there(sample_desk: Desk, kind: SectionKind, length: Length) -> None:
    document = made(sample_desk, (kind,), length)
    told_of: dict[str, list[tuple[int, int]]] = {}
    for sentence in document.sentences:
        for citation in sentence.citations:
            told_of.setdefault(citation.report_id, []).append((citation.start, citation.end))
    for source in sources(sample_desk):
        for point in points(source.report, source.card, kind):
            inside = [s for s in told_of[source.card.id] if s[0] < point.span.end and point.span.start < s[1]]
            assert inside, (source.card.title, point.title)


@pytest.fixture(scope="module")
def sample_desk(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Desk:
    """The shipped samples of 2023."""
    desk = open_desk(tmp_path_factory.mktemp("samples"))
    files = sorted(path for path in SAMPLES.iterdir() if re.search("2023", path.name))
    assert not desk.ingest(files).failures
    return desk


def test_genres_tell_reports_of_one_place_and_year_apart(sample_desk: Desk) -> None:
    cards = {(c.place, c.genre) for c in sample_desk.cards()}
    assert {("铜埠县", Genre.HALF_YEAR), ("铜埠县", Genre.ANNUAL)} <= cards
    text = " ".join(s.text for s in made(sample_desk, (SectionKind.ACHIEVEMENTS,)).sentences)
    assert "（铜埠县2023年半年总结）" in text or "铜埠县2023年半年总结" in text
