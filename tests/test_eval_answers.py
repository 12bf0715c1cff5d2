"""The verdict on an answer: right, refused, supported, cited; and that every mutation is seen."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from corpus.errors import NotFound
from corpus.report import Metadata, Report
from corpus.tracked import Edit, TrackedText
from eval.answers import citations, judge, reasons, share
from eval.cases import Case, Gold, Kind, Value
from eval.tracing import trace

RAW = TrackedText.from_raw("云岭县聘请  名医6人。签约率66.2%。")
CLEAN = RAW.edit([Edit(5, 7, "", "spaces")])
REPORT = Report("r1", "f" * 64, "云岭.txt", 1, CLEAN.text, CLEAN.origin, Metadata("云岭县2017年总结"))
ASKED = Case(
    id="a",
    kind=Kind.NUMBER,
    question="云岭县聘请名医几人？",
    split="dev",
    expect="answer",
    values=(Value(Decimal(6), "人"),),
    gold=(Gold("f" * 64, 7, 11),),
)
REFUSED = Case(
    id="b",
    kind=Kind.UNANSWERABLE,
    question="云岭县2020年呢？",
    split="dev",
    expect="refuse",
    forbid=("66.2%",),
)
Output = dict[str, Any]


def open_report(report_id: str) -> Report:
    if report_id != "r1":
        raise NotFound("没有这份报告", where=report_id)
    return REPORT


def cite(quote: str) -> Output:
    start = REPORT.text.find(quote)
    named = {"report_id": "r1", "title": "云岭县2017年总结", "quote": quote}
    return named | {"start": start, "end": start + len(quote)}


def output(text: str, *quotes: str, status: str = "answered") -> Output:
    sentence = {"text": text, "citations": [cite(quote) for quote in quotes], "status": "quoted"}
    timings = {"search_ms": 20, "first_token_ms": 900, "total_ms": 3000}
    sentences = [sentence] if status != "refused" else []
    return {"status": status, "text": text, "reason": "", "sentences": sentences, "timings": timings}


def item(answered: Output | None, error: str = "") -> Output:
    cited = trace(citations(answered), open_report) if answered else []
    return {"output": answered, "cited": cited, "error": error}


WHOLE, RATE = "云岭县聘请名医6人。", "签约率66.2%。"


def test_a_right_answer() -> None:
    found = judge(ASKED, item(output("云岭县聘请名医6人。", WHOLE)))
    assert found.right and not found.refused and reasons(found) == ()
    assert (found.values, found.supported, found.precise, found.opened) == ((1, 1), (1, 1), (1, 1), (1, 1))
    assert (found.gold, found.stray, found.total_ms) == (1.0, 0, 3000)


def test_citations_lead_back_to_the_raw_file() -> None:
    assert trace([cite(WHOLE)], open_report) == [{"opens": True, "sha256": "f" * 64, "start": 0, "end": 12}]
    assert RAW.text[0:12] == "云岭县聘请  名医6人。"


@pytest.mark.parametrize(
    ("answered", "part", "wanted"),
    [
        (output("云岭县聘请名医8人。", WHOLE), "right", False),
        (output("云岭县聘请名医8人。", WHOLE), "supported", (0, 1)),
        (output("云岭县聘请名医8人。", WHOLE), "stray", 1),
        (output("云岭县聘请名医6%。", WHOLE), "right", False),
        (output("云岭县聘请名医6人。"), "supported", (0, 1)),  # the citation was dropped
        (output("云岭县聘请名医6人。", RATE), "gold", 0.0),  # cites something else
        (output("云岭县聘请名医6人。", WHOLE, RATE), "precise", (1, 2)),  # one citation too many
        (output("", status="refused"), "right", False),
    ],
)
def test_mutations_are_seen(answered: Output, part: str, wanted: object) -> None:
    assert getattr(judge(ASKED, item(answered)), part) == wanted


def test_a_false_quote_a_false_place_and_a_false_report_do_not_open() -> None:
    for change in ({"quote": "云岭县聘请名医8人。"}, {"report_id": "r9"}, {"start": 5, "end": 900}):
        answered = output("云岭县聘请名医6人。", WHOLE)
        answered["sentences"][0]["citations"][0] |= change
        found = judge(ASKED, item(answered))
        assert found.opened == (0, 1) and "1处引用打不开" in reasons(found)


def test_a_crash_is_wrong_and_measures_nothing_else() -> None:
    found = judge(ASKED, item(None, "EndpointError: 没有回应"))
    assert not found.right and not found.refused
    assert (share(found.supported), share(found.opened), found.gold, found.total_ms) == (None,) * 4
    assert found.values == (0, 1)


def test_a_refusal_is_right_where_it_is_due_and_leaks_nothing() -> None:
    assert judge(REFUSED, item(output("没有2020年的报告。", status="refused"))).right
    leaking = output("资料中没有。", status="refused") | {"reason": "2017年为66.2%"}
    found = judge(REFUSED, item(leaking))
    assert not found.right and found.forbidden == ("66.2%",)
    answered = judge(REFUSED, item(output("云岭县聘请名医6人。", WHOLE)))
    assert not answered.right and reasons(answered) == ("应拒答而作答",)
    assert (answered.values, answered.supported) == ((0, 0), (0, 0))  # nothing was asked for


def test_a_false_refusal_is_told() -> None:
    found = judge(ASKED, item(output("没有找到。", status="refused")))
    assert found.refused and reasons(found) == ("误拒",)
    assert share(found.supported) is None


def test_a_sentence_about_the_library_needs_no_source() -> None:
    answered = output("云岭县聘请名医6人。", WHOLE)
    stated = {"text": "语料中有2017年的报告。", "citations": [], "status": "stated"}
    answered["sentences"].append(stated)
    assert judge(ASKED, item(answered)).supported == (1, 1)
    answered["sentences"][-1] = stated | {"text": "另有签约83人。"}
    assert judge(ASKED, item(answered)).supported == (1, 2)


def test_private_digits_are_shown_by_their_hash_only() -> None:
    import hashlib

    secret = hashlib.sha256(b"19900000099").hexdigest()
    case = replace(REFUSED, kind=Kind.PRIVATE, forbid=(), forbid_sha256=(secret,))
    found = judge(case, item(output("电话是199-0000-0099。", WHOLE)))
    assert found.forbidden == (f"sha256:{secret[:12]}",)
    assert "0099" not in found.text
