"""The fictional sample corpus: what truth.json claims stands in the files, and adds up."""

from __future__ import annotations

import itertools
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import opencc
import pytest

from corpus.readers import read
from corpus.samples import SAMPLES

TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
DOCUMENTS: list[dict[str, Any]] = TRUTH["documents"]
FIGURES: list[dict[str, Any]] = TRUTH["figures"]
FILES = sorted({d["file"] for d in DOCUMENTS})
COMPILATION = next(d["file"] for d in DOCUMENTS if d["piece"] == 3)
SIMPLIFY = opencc.OpenCC("t2s")
SYLLABLE = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńň]+\)")
# the same phrase may stand in documents of two places only up to this length, else it is template prose
LONGEST_SHARED = 20

# counts, what they are a share of, the rate that is stated, and what it is a rate per
RATES = (
    ("60岁以上乡村医生人数", "乡村医生人数", "60岁以上乡村医生占比", 100),
    ("县域内住院人次", "参保群众住院人次", "县域内住院率", 100),
    ("高血压规范管理人数", "在管高血压患者人数", "高血压规范管理率", 100),
    ("执业（助理）医师人数", "常住人口", "每千人口执业（助理）医师数", 1000),
    ("家庭医生签约人数", "常住人口", "家庭医生签约率", 100),
    ("60岁以上老年人口", "常住人口", "60岁以上老年人口占比", 100),
    ("65岁以上老年人健康管理人数", "65岁以上老年人口", "65岁以上老年人健康管理率", 100),
    ("血吸虫病血检阳性人数", "血吸虫病血检人数", "血吸虫病血检阳性率", 100),
    ("基层诊疗人次", "总诊疗人次", "基层诊疗量占比", 100),
    ("孕产妇系统管理人数", "产妇人数", "孕产妇系统管理率", 100),
    ("职业健康检查实检人数", "职业健康检查应检人数", "职业健康检查率", 100),
    ("流动人口健康档案人数", "流动人口数", "流动人口健康档案建档率", 100),
    ("肺结核成功治疗例数", "肺结核报告例数", "肺结核治疗成功率", 100),
    ("婴幼儿托位数", "常住人口", "每千人口托位数", 1000),
)


@cache
def raw(file: str) -> str:
    """What the reader makes of the file."""
    return read(SAMPLES / file).text


@cache
def plain(file: str) -> str:
    """The file's text without its noise, punctuation in full width: what repair should come to."""
    text: str = SIMPLIFY.convert(SYLLABLE.sub("", raw(file)))
    if "fragment_numbers" in features(file):
        text = re.sub(r"\n+\d+、", "", text)
    text = re.sub(r"(?<=\d)。(?=\d)", ".", text)
    return full_width(re.sub(r"\s", "", text))


def full_width(text: str) -> str:
    return text.translate(str.maketrans(",;()", "，；（）"))


def features(file: str) -> set[str]:
    return {feature for d in DOCUMENTS if d["file"] == file for feature in d["features"]}


def file_with(feature: str) -> str:
    return str(next(d["file"] for d in DOCUMENTS if feature in d["features"]))


def in_ones(figure: dict[str, Any]) -> Decimal:
    """The value without its 万 or 亿."""
    factor = {"万": 10**4, "亿": 10**8}.get(figure["unit"][:1], 1)
    return Decimal(figure["value"]) * factor


@cache
def values(place: str, year: int, period: str, indicator: str) -> tuple[Decimal, ...]:
    found = (
        in_ones(f)
        for f in FIGURES
        if (f["place"], f["year"], f["period"], f["indicator"]) == (place, year, period, indicator)
        and f["kind"] == "actual"
    )
    return tuple(sorted(set(found)))


def test_the_folder_holds_what_the_truth_names() -> None:
    on_disk = {p.name for p in SAMPLES.iterdir()} - {"truth.json"}
    assert on_disk == set(FILES)
    assert len(FILES) >= 18
    assert {f.rsplit(".", 1)[1] for f in FILES} == {"docx", "pdf", "html", "txt"}
    assert sum(p.stat().st_size for p in SAMPLES.iterdir()) < 2_000_000


def test_three_counties_and_a_city_over_three_years() -> None:
    places = {d["place"] for d in DOCUMENTS}
    assert places == {"青岭县", "云泽县", "铜埠县", "岚川市"}
    for place in places:
        assert {d["year"] for d in DOCUMENTS if d["place"] == place} == {2022, 2023, 2024}
    assert {d["genre"] for d in DOCUMENTS} == {"annual", "half_year", "plan", "key_points"}


@pytest.mark.parametrize("file", FILES)
def test_each_file_is_long_enough_and_says_that_it_is_fictional(file: str) -> None:
    assert 1_500 <= len(plain(file)) <= 6_000
    assert full_width(TRUTH["note"]) in plain(file)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: f"{d['file']}-{d['piece']}")
def test_each_document_stands_in_its_file(document: dict[str, Any]) -> None:
    assert 1_500 <= document["characters"] <= 6_000
    text = plain(document["file"])
    for words in (document["title"], *document["problems"], *document["next_steps"]):
        assert full_width(words) in text
    if document["number"]:
        assert document["number"] in text


@pytest.mark.parametrize("file", FILES)
def test_the_figures_stand_in_their_file(file: str) -> None:
    missing = [f["text"] for f in FIGURES if f["file"] == file and full_width(f["text"]) not in plain(file)]
    assert missing == []


def test_there_are_enough_figures_of_every_kind() -> None:
    assert len(FIGURES) >= 150
    assert {f["kind"] for f in FIGURES} == {"actual", "target", "difference", "masked"}
    assert all((f["value"] is None) == (f["kind"] == "masked") for f in FIGURES)


@pytest.mark.parametrize("rate", RATES, ids=lambda r: r[2])
def test_rates_follow_from_their_counts(rate: tuple[str, str, str, int]) -> None:
    part, whole, share, scale = rate
    checked = 0
    for f in FIGURES:
        if f["indicator"] != share or f["kind"] != "actual":
            continue
        parts, wholes = (values(f["place"], f["year"], f["period"], name) for name in (part, whole))
        if parts and wholes:
            exact = parts[0] / wholes[0] * scale
            stated = Decimal(f["value"])
            assert exact.quantize(stated, ROUND_HALF_UP) == stated, f
            checked += 1
    assert checked >= 2


@pytest.mark.parametrize(
    "indicator",
    ["常住人口", "家庭医生签约人数", "医养结合床位数", "婴幼儿托位数", "65岁以上老年人口"],
)
def test_the_city_is_the_sum_of_its_counties(indicator: str) -> None:
    counties = [values(place, 2024, "全年", indicator) for place in ("青岭县", "云泽县", "铜埠县")]
    assert sum(county[0] for county in counties) == values("岚川市", 2024, "全年", indicator)[0]


def test_one_indicator_has_one_value_but_for_the_contradiction() -> None:
    keys = {(f["place"], f["year"], f["period"], f["indicator"]) for f in FIGURES if f["kind"] == "actual"}
    assert {key for key in keys if len(values(*key)) > 1} == {("铜埠县", 2024, "全年", "新发职业病例数")}


def test_the_contradicting_rate_does_not_match_its_counts() -> None:
    done, due, rate = (
        values("铜埠县", 2024, "全年", f"流动儿童疫苗{name}")[0]
        for name in ("实种人数", "应种人数", "接种率")
    )
    assert round(done / due * 100, 1) == Decimal("93.0") != rate
    assert "contradiction" in features("铜埠县卫生健康局2024年工作总结.pdf")


def test_the_scraped_page_shows_every_kind_of_noise() -> None:
    text = raw(file_with("pinyin_noise"))
    assert len(re.findall(r"[一-鿿]\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜ]+\)", text)) > 50
    assert re.findall(r"\n\n(\d)、[一-鿿]", text) == ["1", "2", "3", "4"]
    assert "縣(xiàn)" in text and "94。3%" in text and "2024 年" in text and "?dān)" in text
    assert "上傳人" in text and "展開閱讀全文" in text and "汽車美容店" in text


def test_the_sharing_site_and_the_official_site_have_chrome() -> None:
    shared = (SAMPLES / file_with("document_sharing_site")).read_bytes().decode("gb18030")
    assert "文档编号" in shared and "展开阅读全文" in shared and "**万元" in shared
    for document in DOCUMENTS:
        if "official_site" in document["features"]:
            page = (SAMPLES / document["file"]).read_text(encoding="utf-8")
            assert "您当前的位置" in page and "网站标识码" in page and "上一篇" in page


def test_automatic_numbers_stand_nowhere_but_in_the_numbering() -> None:
    import docx

    for document in DOCUMENTS:
        if "automatic_numbering" in document["features"]:
            paragraphs = docx.Document(str(SAMPLES / document["file"])).paragraphs
            assert not any(re.match(r"[一二三四五]、", p.text) for p in paragraphs)
            assert re.search(r"^一、", raw(document["file"]), re.MULTILINE)


def test_tables_have_merged_cells() -> None:
    import docx

    for document in DOCUMENTS:
        if "merged_table" in document["features"]:
            xml = docx.Document(str(SAMPLES / document["file"])).element.xml
            assert "w:vMerge" in xml or "w:gridSpan" in xml


def test_pdfs_embed_no_font() -> None:
    for path in SAMPLES.glob("*.pdf"):
        assert b"/FontFile" not in path.read_bytes()


def test_personal_data_looks_real_to_a_masker_and_belongs_to_nobody() -> None:
    text = plain(file_with("personal_data"))
    mobiles = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
    assert len(mobiles) == 3 and all(m.startswith("199000000") for m in mobiles)
    (identity,) = re.findall(r"(?<!\d)\d{17}[\dX]", text)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    remainder = sum(int(digit) * weight for digit, weight in zip(identity, weights, strict=False)) % 11
    assert identity[17] == "10X98765432"[remainder]
    assert identity.startswith("9999")  # no such region


def grams(text: str, size: int) -> set[str]:
    return {text[i : i + size] for i in range(len(text) - size + 1)}


def test_the_duplicates_are_what_they_are_said_to_be() -> None:
    pairs = {
        (d["file"], other["file"], other["kind"])
        for d in DOCUMENTS
        for other in d["duplicates"]
        if d["file"] != COMPILATION
    }
    kinds = sorted(kind for _, _, kind in pairs)
    assert kinds == ["exact", "near", "near"]
    for one, other, kind in pairs:
        if kind == "exact":
            assert plain(one) in plain(other)
        else:
            a, b = grams(plain(one), 5), grams(plain(other), 5)
            assert plain(one) not in plain(other) and len(a & b) / len(a | b) > 0.8


def test_no_template_prose_between_places() -> None:
    alone = [d for d in DOCUMENTS if d["file"] != COMPILATION]
    note = full_width(TRUTH["note"])
    phrases = {d["file"]: grams(plain(d["file"]).replace(note, "\n"), LONGEST_SHARED) for d in alone}
    for one, other in itertools.combinations(alone, 2):
        if one["place"] != other["place"]:
            shared = {p for p in phrases[one["file"]] & phrases[other["file"]] if "\n" not in p}
            assert not shared, (one["file"], other["file"], sorted(shared)[:3])


def test_sources_of_questions_and_commitments_stand_in_the_files() -> None:
    told = [c["told_in"] for c in TRUTH["commitments"]]
    for source in (*told, *(s for q in TRUTH["questions"] for s in q["sources"])):
        if source["quote"]:
            assert full_width(source["quote"]) in plain(source["file"])
    for promise in TRUTH["commitments"]:
        assert full_width(promise["title"]) in plain(promise["file"])
        if promise["outcome"] == "forgotten":
            assert promise["keyword"] not in plain(promise["told_in"]["file"])
    assert {c["outcome"] for c in TRUTH["commitments"]} == {"kept", "partly", "broken", "forgotten"}


def test_the_questions_are_of_many_kinds_and_three_are_for_the_demo() -> None:
    questions = TRUTH["questions"]
    assert len(questions) >= 12 and len({q["id"] for q in questions}) == len(questions)
    assert {q["kind"] for q in questions} >= {
        *("number", "list", "why", "compare", "computed"),
        *("premise", "unanswerable", "masked", "personal", "contradiction"),
    }
    assert len({q["kind"] for q in questions if q["demo"]}) == 3
    assert all((q["status"] == "refused") <= (not q["values"]) for q in questions)
