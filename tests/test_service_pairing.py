"""Pairs over the years and groups over reports: the assignment, its determinism, the labelled samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.cards import Card
from corpus.parse import parse
from corpus.readers import read
from corpus.report import Genre, Report, SectionKind, Span
from corpus.samples import SAMPLES
from service.points.pairing import LEAST, SURE, Similar, groups, pairs, scores
from service.points.points import Point, points

P, N = SectionKind.PROBLEMS, SectionKind.NEXT_STEPS

# Points of neighbouring sample reports that treat one matter, labelled by hand: (files, kind, pairs).
QING22, QING23 = "青岭县卫生健康局2022年工作总结.docx", "青岭县2023年卫生健康工作总结.html"
QING_HALF, QING_PLAN = "青岭县卫生健康局2023年上半年工作总结.txt", "青岭县卫生健康局2024年工作计划.docx"
YUN22, YUN23 = "云泽县卫生健康局2022年度工作总结.txt", "云泽县卫生健康局2023年工作总结.pdf"
YUN_PLAN, YUN_HALF = "云泽县卫生健康局2023年工作计划.docx", "云泽县2024年上半年工作亮点（网页抓取）.txt"
TONG22, TONG23 = "铜埠县卫生健康局2022年工作总结.pdf", "铜埠县卫生健康局2023年工作总结（含联系人）.docx"
TONG_HALF, TONG_PLAN = (
    "铜埠县2023年上半年工作总结（文档分享站）.html",
    "铜埠县卫生健康局2024年工作计划.txt",
)
LABELLED: tuple[tuple[str, str, SectionKind, tuple[tuple[str, str], ...]], ...] = (
    (QING22, QING23, P, ()),
    (QING_HALF, QING23, P, (("康复楼项目停滞", "康复楼又拖了一年"),)),
    (YUN23, YUN_HALF, P, (("县老年医院没有如期开工", "老年医院资金到位滞后"),)),
    (TONG22, TONG23, P, ()),
    (TONG_HALF, TONG23, P, (("驿站选址受阻", "驿站用房难落地"),)),
    (
        QING22, QING_HALF, N,
        (("设立山区医生津贴", "津贴按月兑现"), ("建成石门岭镇血液透析室", "确保透析室按期开诊"),
         ("县中医院康复楼年内开工", "重新协商康复楼用地")),
    ),
    (
        QING23, QING_PLAN, N,
        (("建立带教制度", "师带徒"), ("组建县域中心药房", "建设县域中心药房"),
         ("急诊急救中心8月底前投用", "急诊急救中心建成投用"),
         ("椴树沟镇中心卫生院6月底前交付", "收好椴树沟")),
    ),
    (
        YUN22, YUN_PLAN, N,
        (("启用无人机查螺", "用无人机查螺"), ("县老年医院年内开工", "开工建设县老年医院"),
         ("解决126名", "落实离岗血防员养老补助"), ("家庭病床扩大到200张", "扩大家庭病床"),
         ("开设安宁疗护床位20张", "试办安宁疗护"), ("停靠点无害化厕所", "改造渔船民停靠点")),
    ),
    (
        YUN23, YUN_HALF, N,
        (("推动老年医院3月开工", "保障老年医院施工进度"), ("补齐20张安宁疗护床位", "开放全部安宁疗护床位"),
         ("有螺面积压缩", "退水后补灭补查")),
    ),
    (
        TONG23, TONG_PLAN, N,
        (("补建3个园区健康驿站", "驿站补建项目"), ("建成卒中中心", "卒中中心项目"),
         ("二期10月竣工投用", "二期投用项目"), ("企业托育点改为街道共享", "托育共享项目"),
         ("档案与用工备案联网", "档案联网项目")),
    ),
)  # fmt: skip


def point(title: str, body: str = "", report_id: str = "r1", at: int = 0) -> Point:
    card = Card(
        report_id, "雾岭县2022年工作总结", "雾岭县", 2022, None, Genre.ANNUAL, None, None, None,
        "a.txt", "0", 1, 0, 0, 0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip
    text = f"{title}。{body}"
    span = Span(at, at + len(text))
    return Point(card, P, title, span, (span,), text, (title,))


def constant(value: float) -> Similar:
    return lambda one, other: np.full((len(one), len(other)), value, np.float32)


def equal(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
    """Cosines as e5 gives them: 0.99 for the same text, 0.9 for any other."""
    return np.array([[0.99 if a == b else 0.9 for b in other] for a in one], np.float32)


AMBULANCE = point("增设山区急救站点", "鹰嘴沟和雾坪各设一个，配救护车1辆")
PHARMACY = point("组建中心药房", "十四个乡镇统一配送，缺药两天补到", at=100)
DENTIST = point("开设口腔门诊", "为学生做窝沟封闭，全年2000人", at=200)


def test_like_points_are_paired_and_the_rest_is_new_or_gone() -> None:
    made = pairs([AMBULANCE, PHARMACY], [DENTIST, AMBULANCE], equal)
    named = [(pair.status, point) for pair in made for point in (pair.new or pair.old,) if point]
    assert [(status, point.title) for status, point in named] == [
        ("new", "开设口腔门诊"),
        ("continued", "增设山区急救站点"),
        ("gone", "组建中心药房"),
    ]
    assert made[1].sure and made[1].score >= SURE


def test_no_points_no_pairs() -> None:
    assert pairs([], [], equal) == ()
    assert [p.status for p in pairs([], [AMBULANCE], equal)] == ["new"]
    assert [p.status for p in pairs([AMBULANCE], [], equal)] == ["gone"]


def test_unlike_points_are_not_paired_though_the_model_finds_all_alike() -> None:
    assert [p.status for p in pairs([AMBULANCE], [DENTIST], constant(0.9))] == ["new", "gone"]


def test_words_in_common_raise_the_score() -> None:
    other = point("急救站点建设", "鹰嘴沟站点开通，救护车到位")
    table = scores([AMBULANCE], [other, DENTIST], constant(0.92))
    assert table[0, 0] > table[0, 1] + 1


TITLES = st.lists(
    st.sampled_from(["急救站点", "中心药房", "口腔门诊", "山区津贴", "透析机房", "村医养老", "托育点位"]),
    max_size=6,
    unique=True,
)


@given(TITLES, TITLES)
@settings(deadline=None)
def test_each_point_stands_in_one_pair_and_the_result_is_fixed(old: list[str], new: list[str]) -> None:
    before = [point(title, at=100 * n) for n, title in enumerate(old)]
    after = [point(title, at=100 * n) for n, title in enumerate(new)]
    made = pairs(before, after, equal)
    assert made == pairs(before, after, equal)
    assert sorted(p.old.title for p in made if p.old) == sorted(old)
    assert [p.new.title for p in made if p.new] == new
    assert {p.new.title for p in made if p.status == "continued" and p.new} >= set(old) & set(new)
    assert all(p.score >= LEAST for p in made if p.status == "continued")


@given(TITLES, TITLES)
@settings(deadline=None)
def test_every_point_is_in_one_group(one: list[str], other: list[str]) -> None:
    given_ = [point(t, report_id="r1", at=100 * n) for n, t in enumerate(one)]
    given_ += [point(t, report_id="r2", at=100 * n) for n, t in enumerate(other)]
    made = groups(given_, equal)
    assert sorted((p.report_id, p.span) for g in made for p in g.points) == sorted(
        (p.report_id, p.span) for p in given_
    )
    for title in set(one) & set(other):
        assert any({p.report_id for p in g.points if p.title == title} == {"r1", "r2"} for g in made)


def test_groups_do_not_chain() -> None:
    """A is like B and B like C, but A is not like C: no group holds all three."""
    a, b, c = point("甲医院"), point("乙药房", at=50), point("丙门诊", at=100)
    near = {frozenset((a.title, b.title)), frozenset((b.title, c.title))}

    def similar(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
        table = np.full((len(one), len(other)), 0.9, np.float32)
        for (i, x), (j, y) in product(enumerate(one), enumerate(other)):
            names = frozenset((x.rstrip("。"), y.rstrip("。")))
            if len(names) == 1 or names in near:
                table[i, j] = 0.99
        return table

    assert sorted(len(g.points) for g in groups([a, b, c], similar)) == [1, 2]


def test_a_single_point_is_a_group() -> None:
    assert [g.title for g in groups([AMBULANCE], equal)] == ["增设山区急救站点"]
    assert groups([], equal) == ()


@cache
def report(file: str) -> Report:
    return parse(read(SAMPLES / file))[0]


def items(file: str, kind: SectionKind) -> tuple[Point, ...]:
    one = report(file)
    data = one.metadata
    card = Card(
        one.id, data.title, data.place.value if data.place else None, data.year_number, None, data.genre,
        None, None, None, file, one.source_sha256, 1, 0, 0, 0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip
    return points(one, card, kind)


@pytest.mark.model
def test_the_labelled_pairs_of_the_samples() -> None:
    from service.models.embedder import open_embedder
    from service.settings import load

    embedder = open_embedder(load())

    def similar(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
        made: NDArray[np.float32] = embedder.embed_passages(one) @ embedder.embed_passages(other).T
        return made

    right = wrong = missed = 0
    for before, after, kind, labelled in LABELLED:
        old, new = items(before, kind), items(after, kind)
        expected = {
            (next(p.span for p in old if a in p.text), next(p.span for p in new if b in p.text))
            for a, b in labelled
        }
        made = {(p.old.span, p.new.span) for p in pairs(old, new, similar) if p.old and p.new}
        right += len(made & expected)
        wrong += len(made - expected)
        missed += len(expected - made)
    assert right / (right + missed) >= 0.85
    assert right / (right + wrong) >= 0.75
