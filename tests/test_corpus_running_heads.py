"""Running heads and page numbers of journals are cut; everything else stays."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.running_heads import strip_running_heads
from corpus.tracked import TrackedText

HEAD = "[摘要]本文介绍做法。[关键词]医院；管理[参考文献]"


def stripped(text: str) -> str:
    return strip_running_heads(TrackedText.from_raw(text)).text


def test_heads_and_feet_leave_the_sentence_whole() -> None:
    text = (
        f"论坛RURALMEDICINE{HEAD}完善管理，改进流程。71云岭医学杂志\n二、统一台账，建立\n\n论坛\n\nRURALMEDICINE"
        "各科目录。提升资源云岭医学杂志72论坛RURALMEDICINE应用率。持续改进。73云岭医学杂志"
    )
    assert (
        stripped(text)
        == f"{HEAD}完善管理，改进流程。\n二、统一台账，建立各科目录。提升资源应用率。持续改进。"
    )


def test_only_what_repeats_goes() -> None:
    text = f"RURALMEDICINE{HEAD}完善管理。71云岭医学杂志。RURALMEDICINE开始。2018年全县工作，2019年全县工作，2020年全县工作。"
    assert stripped(text) == text


def test_a_report_is_left_alone() -> None:
    text = "ABCDEFGHI一、成效ABCDEFGHI二、问题ABCDEFGHI三、打算"
    t = TrackedText.from_raw(text)
    assert strip_running_heads(t) is t


PARTS = st.sampled_from(
    ["RURALMEDICINE", "论坛", "71云岭杂志", "云岭杂志72", "73云岭杂志", "\n", "。", HEAD, "管理"]
)


@given(st.lists(PARTS, max_size=30).map("".join))
@settings(deadline=None, max_examples=100)
def test_offsets_still_lead_to_the_raw_text(raw: str) -> None:
    t = strip_running_heads(TrackedText.from_raw(raw))
    assert all(raw[t.origin.raw_offset(i)] == char for i, char in enumerate(t.text) if char != "\n")
