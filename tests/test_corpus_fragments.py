"""corpus.fragments: a cutter's numbers go, real lists stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.fragments import join_fragments
from corpus.repair import repair_characters, repair_text
from corpus.tracked import TrackedText

PROSE = (
    "云岭县卫生健康局坚持以基层为重点，全年组织巡回义诊四十六场，接诊群众三千二百余人次，发放宣传折页两万份，"
    "培训乡村医生二百一十名。各乡镇卫生院完善慢性病随访制度，对高血压、糖尿病患者实行分级管理，随访记录及时录入系统。"
    "县医院与省城两家医院建立协作关系，远程会诊覆盖全部乡镇，疑难病例当日给出意见。妇幼保健站开展孕产妇免费筛查，"
    "新生儿疾病筛查率持续提高，村级卫生室全部配齐一体机，群众在家门口就能完成常规检查。疾控中心加强监测预警，"
    "规范处置聚集性疫情三起，未出现扩散。"
)


def joined(text: str) -> str:
    return join_fragments(TrackedText.from_raw(text)).text


def cut(text: str, size: int) -> str:
    parts = [text[i : i + size] for i in range(0, len(text), size)]
    return "\n\n".join(f"{n}、{part}" for n, part in enumerate(parts, 1))


@pytest.mark.parametrize("size", [150, 171, 203])
def test_cut_prose_is_joined(size: int) -> None:
    text = PROSE * 4
    assert joined(cut(text, size)).replace("\n", "") == text


def test_a_label_inside_a_number_is_removed() -> None:
    text = PROSE * 3 + "共救治1436人，" + PROSE
    at = text.index("36人")
    noisy = cut(text[:at], 200)
    count = noisy.count("、") and len(text[:at]) // 200 + 1
    assert "共救治1436人" in joined(f"{noisy}\n\n{count + 1}、{text[at:]}")


def test_two_pieces_need_certain_proof() -> None:
    assert joined(f"1、{PROSE}共培训\n\n2、，其中骨干十名。") == f"{PROSE}共培训，其中骨干十名。"


@pytest.mark.parametrize(
    "text",
    [
        "1、加强组织领导。\n2、强化宣传引导。\n3、严格督导检查。",
        "1、加强领导，明确责任\n2、强化宣传，营造氛围\n3、加强督导，确保实效\n4、严格考核，兑现奖惩",
        f"1、{PROSE}\n\n2、{PROSE}不断提高\n\n3、夯实基础，改善条件。",
        f"一、主要做法\n1、{PROSE}\n2、{PROSE}\n二、下一步打算\n1、{PROSE}\n2、{PROSE}",
        "1.8万元\n2.5亿元\n3.6万人",
        "（一）领导\n1、组织\n2、经费",
    ],
)
def test_real_lists_stay(text: str) -> None:
    assert joined(text) == text


def test_joining_twice_is_joining_once() -> None:
    once = joined(cut(PROSE * 4, 180))
    assert joined(once) == once


@pytest.mark.real
def test_the_cut_page(real_reports: Path) -> None:
    (path,) = real_reports.glob("000_*")
    text = repair_text(repair_characters(TrackedText.from_raw(path.read_text("utf-8")))).text
    for expected in (
        "出院时只需缴纳个人自付费用",
        "患病贫困人口1436人，并联系县级专家",
        "技术难度、医疗风险、责任大小",
        "任职资格考试报名",
        "出生1046人",
    ):
        assert expected in text


@pytest.mark.real
def test_lists_of_other_pages_stay(real_reports: Path) -> None:
    for pattern in ("002_*", "003_*", "004_*", "gwr/*.txt"):
        for path in real_reports.glob(pattern):
            raw = path.read_text("utf-8")
            assert joined(raw) == raw
