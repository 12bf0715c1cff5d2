"""corpus.privacy: what is personal goes, what only looks like it stays. All data here is invented."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.privacy import mask, mask_plain
from corpus.repair import repair_characters, repair_text
from corpus.tracked import Edit, TrackedText


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("手机：13800138000", "手机：〔手机号已隐去〕"),
        ("手机 138 0013 8000。", "手机 〔手机号已隐去〕。"),
        ("请拨139-1234-5678联系", "请拨〔手机号已隐去〕联系"),
        ("+86 13912345678", "〔手机号已隐去〕"),
        ("手机：１３８００１３８０００", "手机：〔手机号已隐去〕"),
        ("13800138000、13912345678", "〔手机号已隐去〕、〔手机号已隐去〕"),
        ("身份证号：110105194912310021", "身份证号：〔身份证号已隐去〕"),
        ("王某11010519491231002X，", "王某〔身份证号已隐去〕，"),
        ("身份证 110105491231002", "身份证 〔身份证号已隐去〕"),
        ("联系电话：0399-7654321", "联系电话：〔电话已隐去〕"),
        ("电话（传真）：7654321、7654322", "电话（传真）：〔电话已隐去〕、〔电话已隐去〕"),
        ("值班0399-7654321转", "值班〔电话已隐去〕转"),
        ("联系人：某某 7654321", "联系人：某某 〔电话已隐去〕"),
        ("客服400-123-4567", "客服〔电话已隐去〕"),
        ("邮箱 yunling.wj@example.org。", "邮箱 〔邮箱已隐去〕。"),
        ("卡号：6222 0000 1111 2222 333", "卡号：〔银行卡号已隐去〕"),
        ("家庭住址：云岭县东街12号，", "家庭住址：〔住址已隐去〕，"),
        ("患者家住东山村3组12号，", "患者家住〔住址已隐去〕，"),
        ("微信号：yunling_2020", "微信号：〔联系方式已隐去〕"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask_plain(text) == masked
    assert mask(TrackedText.from_raw(text))[0].text == masked


@pytest.mark.parametrize(
    "text",
    [
        "云卫发〔2017〕57号",
        "拨付13800138000元",
        "签约203131人，其中重点人群44490人",
        "公安备案号：某公网安备33010002000123号",
        "备案13800138000",
        "DOI:10.10000/j.cnki.1000-0000.2024.01.244",
        "2017年12月11日至2018-01-11",
        "开通12345热线、12320热线",
        "电话调查12345678人次",
        "电话随访率98.5%，咨询1250人次",
        "编号110105194912310020123",
        "网址 http://example.org/20171211/12345.html",
        "总投资6120.55万元，面积18321.25平方米",
        "家住城关镇的患者",
        "110105194913310021",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_plain(text) == text


def test_the_log_holds_nothing_personal() -> None:
    t = TrackedText.from_raw("手机： 138 0013 8000 。").edit([Edit(4, 12, "138 0013", "earlier")])
    masked, count = mask(t)
    assert count == 1
    assert "0013" not in repr(masked.repairs)
    assert "0013" not in masked.text
    assert masked.repairs[-1].after == "〔手机号已隐去〕"


def test_masks_map_back_to_what_they_hide() -> None:
    raw = "手机：13800138000。"
    masked, _ = mask(TrackedText.from_raw(raw))
    start, end = masked.origin.raw_span(3, masked.text.index("。"))
    assert raw[start:end] == "13800138000"


@given(st.text(alphabet="手机电话：0123456789-  身份证号xX@.ab住址，。\n", max_size=80))
@settings(deadline=None, max_examples=200)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_plain(text)
    assert mask_plain(once) == once


@given(st.integers(10**9, 10**10 - 1), st.sampled_from(["", " ", "-"]), st.sampled_from("，。 \n、（"))
@settings(deadline=None, max_examples=100)
def test_no_mobile_number_survives(tail: int, gap: str, after: str) -> None:
    digits = f"13{tail % 10**9:09d}"
    text = f"请联系{digits[:3]}{gap}{digits[3:7]}{gap}{digits[7:]}{after}谢谢"
    assert digits[7:] not in mask_plain(text)


@pytest.mark.real
def test_the_real_pages(real_reports: Path) -> None:
    expected = {"000": 0, "001": 0, "002": 2, "003": 0, "004": 2}
    for number, count in expected.items():
        (path,) = real_reports.glob(f"{number}_*")
        t = repair_text(repair_characters(TrackedText.from_raw(path.read_text("utf-8"))))
        assert mask(t)[1] == count
    for path in (real_reports / "gwr").glob("*.txt"):
        assert mask(TrackedText.from_raw(path.read_text("utf-8")))[1] == 0
