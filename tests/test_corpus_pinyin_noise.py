"""corpus.pinyin_noise: annotations go, lost bytes come back only where they are proven."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.pinyin_noise import orphans, remove_pinyin
from corpus.pinyin_syllables import READINGS, SYLLABLES, bare, is_toned
from corpus.repair import repair_characters
from corpus.repair_kinds import RepairKind
from corpus.tracked import TrackedText


def cleaned(text: str) -> str:
    return remove_pinyin(TrackedText.from_raw(text)).text


@pytest.mark.parametrize(
    ("noisy", "clean"),
    [
        ("縣衛(wèi)健局", "縣衛健局"),
        ("鄉(xiāng)鎮(zhèn)醫(yī)院", "鄉鎮醫院"),
        ("创（chuàng）新", "创新"),
        ("干凈(jìng)整潔", "干凈整潔"),
        ("他們(men)說", "他們說"),
        ("規(ɡuī)范", "規范"),
        ("持續發(fā", "持續發"),
        ("持續發fā)展", "持續發展"),
        ("綠(lǜ)化", "綠化"),
    ],
)
def test_annotations_are_deleted(noisy: str, clean: str) -> None:
    assert cleaned(noisy) == clean


@pytest.mark.parametrize(
    "text",
    [
        "頭部(CT)檢查",
        "每日(mg)",
        "血壓(mmHg)",
        "結核(TB)",
        "指標(a)",
        "县级(xian)",
        "方案(plán)b",
        "病种(DIP)",
    ],
)
def test_other_brackets_stay(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("syllable", "valid"),
    [
        ("wèi", True),
        ("wei", False),
        ("xiǎnɡ", True),
        ("wèì", False),
        ("mg", False),
        ("Yī", True),
        ("brā", False),
    ],
)
def test_valid_toned_syllables(syllable: str, valid: bool) -> None:
    assert is_toned(syllable) is valid


def test_the_table_of_readings_holds_syllables_only() -> None:
    assert set(READINGS.values()) <= SYLLABLES
    assert all(len(char) == 1 for char in READINGS)
    assert bare("Lǜ") == "lü"


def shifted(before: str, lost: str, annotated: str, syllable: str, after: str) -> str:
    """What a page makes of ``before + lost + after`` when it annotates across two characters."""
    data = (before[-1] + lost + after).encode("gbk")
    at = data.find(annotated.encode("gbk"))
    assert at == 1, "the annotated pair must straddle the first two characters"
    rest = data[3:]
    while rest[:2].decode("gbk", "ignore") == "" and len(rest) > 2:
        rest = rest[2:]  # no character: it vanished
    return f"{before}?{syllable}){rest.decode('gbk')}"


def test_a_shifted_run_is_moved_back() -> None:
    noisy = shifted("干部勇", "擔當", "聯", "lián", "、走在前作風")
    assert noisy.startswith("干部勇?lián)") and noisy.endswith("L")
    page = f"{noisy}建設,聯(lián)系群眾"
    assert cleaned(page) == "干部勇擔當、走在前作風建設,聯系群眾"


def test_a_twin_with_the_same_neighbours_is_filled_too() -> None:
    noisy = shifted("干部勇", "擔當", "聯", "lián", "、走在前作風")
    page = f"{noisy}建設。干部勇?lián)?、走在前活動。"
    assert cleaned(page) == "干部勇擔當、走在前作風建設。干部勇擔當、走在前活動。"
    kinds = {r.kind for r in remove_pinyin(TrackedText.from_raw(page)).repairs}
    assert kinds == {RepairKind.GBK_SHIFT}


def test_without_proof_the_place_stays_and_is_damaged() -> None:
    page = "干部勇?lián)?、走在前。"
    assert cleaned(page) == page
    assert [page[a:b] for a, b in orphans(page)] == ["?lián)?"]


def test_half_of_a_lost_pair_comes_back_on_an_annotated_page() -> None:
    assert cleaned("裝修完成??h人民醫(yī)院") == "裝修完成?縣人民醫院"
    assert cleaned("是否裝修??h人民医院") == "是否裝修??h人民医院"


@given(st.text(alphabet="县衛縣(wèi)?h（），。lián勇 \n", max_size=60))
@settings(deadline=None, max_examples=150)
def test_no_text_breaks_it_and_kept_characters_map_back(text: str) -> None:
    t = remove_pinyin(TrackedText.from_raw(text))
    for i, char in enumerate(t.text):
        start, end = t.origin.raw_span(i, i + 1)
        assert char == text[start] or any(r.start <= start and end <= r.end for r in t.repairs)


@pytest.mark.real
def test_the_annotated_page(real_reports: Path) -> None:
    (path,) = real_reports.glob("001_*")
    t = repair_characters(TrackedText.from_raw(path.read_text("utf-8")))
    assert not any(char in t.text for char in "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ")
    assert t.text.count("勇担当、促跨越”") == 5
    assert "衛" not in t.text and "縣" not in t.text and "乡镇" in t.text
    assert "?县人民医院" in t.text
