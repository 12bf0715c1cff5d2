"""Eval cases: form, refusal of meaningless ones, and the project's own cases against the real pages."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError, NotFound
from eval.case_check import checked
from eval.cases import CASES, HARD, Case, Gold, Kind, Value, load, parse, read_sources, usable
from eval.metrics import answers_right, missing
from eval.quantities import clean, quantities
from eval.where import REPORTS

PLAIN_CASE: dict[str, Any] = {
    "id": "number-01",
    "kind": "number",
    "question": "云岭县2021年建了几个方舱？",
    "split": "dev",
    "expect": "answer",
    "gold": [{"sha256": "ab", "start": 1, "end": 4}],
    "values": [{"value": "3", "unit": "个|座"}],
}
OWN = load(CASES)
REAL = [case for case in OWN if case.split != "samples"]
# What the real pages have under other kinds (a masked figure is unanswerable there), or not at all.
ONLY_SAMPLES = {Kind.TIME_SENSITIVE, Kind.CONTRADICTORY, Kind.DAMAGED, Kind.MASKED, Kind.PRIVATE}


def line(**changes: Any) -> str:
    return json.dumps(PLAIN_CASE | changes, ensure_ascii=False)


def test_a_case_is_read_with_exact_values() -> None:
    case = parse(line())
    assert case.values == (Value(Decimal(3), "个|座"),)
    assert case.gold == (Gold("ab", 1, 4, 1),)
    assert case.kind is Kind.NUMBER


@pytest.mark.parametrize("split", ["dev", "test", "blind", "fresh", "second", "third"])
def test_each_split_is_read(split: str) -> None:
    assert parse(line(split=split)).split == split


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"vaules": []}, "vaules"),
        ({"kind": "guess"}, "kind"),
        ({"split": "train"}, "split"),
        ({"values": []}, "没有要核对的内容"),
        ({"gold": []}, "没有依据位置"),
        ({"gold": [{"sha256": "ab", "start": 4, "end": 4}]}, "4-4"),
        ({"expect": "refuse"}, "不应有答案"),
        ({"points": [["一"], []]}, "要点为空"),
        ({"points": [["一二三四五六七八九十一二三"]]}, "超过12字"),
        ({"question": " "}, "问题为空"),
    ],
)
def test_a_faulty_case_is_refused_with_its_place(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match="第7行") as caught:
        parse(line(**changes), where="a.jsonl 第7行")
    assert told in str(caught.value)


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line() + "\n\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(line(), encoding="utf-8")
    with pytest.raises(InputError, match="重复"):
        load(tmp_path)


def test_nothing_to_load_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(tmp_path)
    with pytest.raises(NotFound):
        load(tmp_path / "none.jsonl")
    with pytest.raises(NotFound):
        read_sources(tmp_path / "none", ["ab"])


def test_cases_without_their_file_or_span_are_set_apart(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    data = "云岭县建方舱3个。".encode()
    (tmp_path / "deep" / "any name").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    here = parse(line(id="a", gold=[{"sha256": digest, "start": 3, "end": 8}]))
    beyond = parse(line(id="b", gold=[{"sha256": digest, "start": 3, "end": 80}]))
    absent = parse(line(id="c"))
    texts = read_sources(tmp_path, [digest, "ab"])
    kept, skipped = usable((here, beyond, absent), texts)
    assert kept == (here,)
    assert [case.id for case in skipped] == ["b", "c"]


def test_own_cases_are_many_enough_and_split_by_kind() -> None:
    count = Counter(case.kind for case in OWN)
    least = {"number": 40, "why": 6, "list": 12, "compare": 10, "premise": 6, "computed": 6}
    least |= {"gather": 6, "unanswerable": 20, "follow-up": 4, "injection": 2}
    assert all(count[Kind(kind)] >= n for kind, n in least.items()), count
    for split in ("dev", "test"):
        assert {case.kind for case in OWN if case.split == split} == set(Kind) - ONLY_SAMPLES
    assert {case.kind for case in OWN if case.split == "samples"} == set(Kind)
    examples = [case for case in OWN if case.note == "示例题"]
    assert len(examples) == 10
    assert {case.split for case in examples} == {"dev"}


def ideal(case: Case) -> str:
    """The shortest answer that holds everything that a case asks for."""
    said = [f"{v.of.split('|')[0]}为{v.value}{v.unit.split('|')[0]}。" for v in case.values]
    said += ["、".join(group[0] for group in case.points) + "。"]
    if case.higher:
        said.append("{}高于{}。".format(*case.higher))
    return "".join(said)


@pytest.mark.parametrize("case", [c for c in OWN if c.expect == "answer"], ids=lambda c: c.id)
def test_each_case_accepts_an_ideal_answer_and_sees_each_falsehood(case: Case) -> None:
    text = ideal(case)
    assert missing(case, text) == ()
    assert answers_right(case, "answered", text)
    assert not answers_right(case, "refused", text)
    for at, value in enumerate(case.values):
        wrong = replace(value, value=value.value + 1)
        falsified = replace(case, values=(*case.values[:at], wrong, *case.values[at + 1 :]))
        assert missing(case, ideal(falsified)), "a falsified figure went unseen"
    for at in range(len(case.points)):
        shorter = replace(case, points=case.points[:at] + case.points[at + 1 :])
        assert missing(case, ideal(shorter)), "a lost point went unseen"


@pytest.mark.parametrize("case", [c for c in OWN if c.higher], ids=lambda c: c.id)
def test_each_comparison_sees_swapped_places(case: Case) -> None:
    assert case.higher
    turned = replace(case, higher=case.higher[::-1])
    assert missing(case, ideal(turned))
    first, second = case.values[:2]
    values = (replace(first, of=second.of), replace(second, of=first.of), *case.values[2:])
    assert missing(case, ideal(replace(case, values=values)))


def test_the_cases_of_the_samples_hold_against_their_sources() -> None:
    own = [case for case in OWN if case.split == "samples"]
    texts = read_sources(REPORTS, frozenset().union(*(case.files for case in own)))
    assert len(own) >= 60 and all(case.files <= texts.keys() for case in own)
    assert [(case.id, fault) for case in own for fault in checked(case, texts)] == []


def test_a_case_that_its_source_does_not_bear_out_is_seen() -> None:
    digest, told = "ab", "云岭县建方舱3个，签约率66.2%。"
    case = parse(line(gold=[{"sha256": digest, "start": 3, "end": 8}]))
    assert list(checked(case, {digest: told})) == []
    assert list(checked(case, {})) == []  # its file is not here: nothing can be said
    wrong = parse(line(gold=[{"sha256": digest, "start": 9, "end": 17}]))
    assert list(checked(wrong, {digest: told})) == ["依据里没有 3个|座"]
    beyond = parse(line(gold=[{"sha256": digest, "start": 9, "end": 99}]))
    assert "9-99 超出文件" in next(iter(checked(beyond, {digest: told})))
    empty = parse(line(gold=[{"sha256": digest, "start": 0, "end": 1}]))
    assert next(iter(checked(empty, {digest: " " + told}))) == "依据位置上没有文字"
    crossed = parse(line(gold=[{"sha256": digest, "start": 3, "end": 8}], forbid=["3个"]))
    assert "不应出现的 3个" in next(iter(checked(crossed, {digest: told})))


@pytest.mark.real
def test_own_cases_point_at_their_figures(real_reports: Path) -> None:
    texts = read_sources(real_reports, frozenset().union(*(case.files for case in REAL)))
    kept, skipped = usable(REAL, texts)
    assert skipped == ()
    for case in kept:
        shown = " ".join(texts[g.sha256][g.start : g.end] for g in case.gold)
        shown = clean(shown.replace("。1", ".1").replace("。5", ".5").replace("萬", "万"))
        stated = {q.value for q in quantities(shown, chinese=True)}
        if case.kind not in HARD:  # computed and compared figures stand nowhere
            for value in case.values:
                unit = value.unit.split("|")[0]
                assert quantities(f"{value.value}{unit}")[0].value in stated, case.id


@pytest.mark.real
def test_own_cases_copy_no_sentence_of_the_reports(real_reports: Path) -> None:
    texts = read_sources(real_reports, frozenset().union(*(case.files for case in REAL)))
    whole = "\n".join(texts.values())
    for case in OWN:
        for said in (case.question, *case.earlier, case.note):
            pieces = {said[i : i + 13] for i in range(len(said) - 12)}
            assert not [piece for piece in pieces if piece in whole], case.id
