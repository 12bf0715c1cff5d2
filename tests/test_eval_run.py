"""Runs: resumable, errors counted, citations traced to raw spans; and what the scores say of them."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.errors import InputError, NotFound
from corpus.report import Metadata, Report
from corpus.tracked import Edit, TrackedText
from eval import run as running
from eval import score as scoring
from eval.cases import Case, Gold, Kind, Turn, Value
from eval.run import Output, Source, answer, choose, read_items, recorded, run
from eval.score import judge, rows, verdicts_of

RAW = TrackedText.from_raw("云岭县聘请  名医6人。签约率66.2%。")
CLEAN = RAW.edit([Edit(5, 7, "", "spaces")])
REPORT = Report("r1", "f" * 64, "云岭.txt", 0, CLEAN.text, CLEAN.origin, Metadata("云岭县2017年总结"))
CASES = (
    Case(
        id="a",
        kind=Kind.NUMBER,
        question="云岭县聘请名医几人？",
        split="dev",
        expect="answer",
        values=(Value(Decimal(6), "人"),),
        gold=(Gold("f" * 64, 7, 11),),
    ),
    Case(id="b", kind=Kind.UNANSWERABLE, question="云岭县2020年呢？", split="test", expect="refuse"),
    Case(
        id="c",
        kind=Kind.FOLLOW_UP,
        question="那签约率呢？",
        split="dev",
        expect="answer",
        history=(Turn("云岭县聘请名医几人？"),),
        values=(Value(Decimal("66.2"), "%"),),
        gold=(Gold("f" * 64, 15, 20),),
    ),
)


def open_report(report_id: str) -> Report:
    if report_id != "r1":
        raise NotFound("没有这份报告", where=report_id)
    return REPORT


def output(text: str, quote: str = "", status: str = "answered") -> Output:
    start = REPORT.text.find(quote) if quote else 0
    cited = {"report_id": "r1", "title": "云岭县2017年总结", "start": start, "end": start + len(quote)}
    sentence = {"text": text, "citations": [cited | {"quote": quote}] if quote else [], "figures": []}
    timings = {"search_ms": 20, "first_token_ms": 900, "total_ms": 3000}
    answered = {"question": "", "status": status, "text": text, "reason": "", "evidence": []}
    return answered | {"sentences": [sentence] if status != "refused" else [], "timings": timings}


def ask(question: str, history: list[str]) -> Output:
    if history:
        return output("签约率为66.2%。", "签约率66.2%。")
    if "2020" in question:
        return output("没有2020年的报告。", status="refused")
    return output("云岭县聘请名医6人。", "云岭县聘请名医6人。")


SOURCE = Source(ask, open_report)


def test_every_item_is_right_and_cited(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "x.jsonl"
    assert run(CASES, SOURCE, out) == 3
    verdicts = verdicts_of(read_items(out), CASES)
    assert [v.right for v in verdicts] == [True, True, True]
    first = verdicts[0]
    assert (first.supported, first.opened, first.gold) == (1.0, 1.0, 1.0)
    assert verdicts[1].gold is None  # nothing to cite is not a miss
    whole = {row.name: row for row in rows(verdicts)}
    assert (whole["全部"].n, whole["全部"].right, whole["全部"].total_ms) == (3, 3, 3000)
    assert whole["应拒答题"].n == 1


def test_citations_lead_back_to_the_raw_file(tmp_path: Path) -> None:
    item = answer(CASES[0], SOURCE)
    assert item["cited"] == [{"opens": True, "sha256": "f" * 64, "start": 0, "end": 12}]
    assert RAW.text[0:12] == "云岭县聘请  名医6人。"


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    run(CASES[:2], SOURCE, out)
    with out.open("a", encoding="utf-8") as file:
        file.write('{"id": "c", "que')  # killed in the middle of a line
    asked: list[str] = []
    assert run(CASES, SOURCE, out, after=lambda case, item: asked.append(case.id)) == 1
    assert asked == ["c"]
    assert [item["id"] for item in read_items(out)] == ["a", "b", "c"]


def test_a_changed_question_is_asked_again(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    run(CASES, SOURCE, out)
    changed = (replace(CASES[0], question="云岭县聘了几位名医？"), *CASES[1:])
    with pytest.raises(InputError, match="不一致"):
        verdicts_of(read_items(out), changed)
    assert run(changed, SOURCE, out) == 1
    assert len(verdicts_of(read_items(out), changed)) == 3


def test_an_error_is_wrong_and_tried_again(tmp_path: Path) -> None:
    def broken(question: str, history: list[str]) -> Output:
        raise RuntimeError("引擎没有回应")

    out = tmp_path / "x.jsonl"
    assert run(CASES, Source(broken), out) == 3
    verdicts = verdicts_of(read_items(out), CASES)
    assert not any(v.right for v in verdicts)
    assert "引擎没有回应" in scoring.explain(verdicts[0])
    assert run(CASES, SOURCE, out) == 3
    assert all(v.right for v in verdicts_of(read_items(out), CASES))


@pytest.mark.parametrize(
    ("answered", "part", "wanted"),
    [
        (output("云岭县聘请名医8人。", "云岭县聘请名医6人。"), "right", False),
        (output("云岭县聘请名医8人。", "云岭县聘请名医6人。"), "supported", 0.0),
        (output("云岭县聘请名医6人。"), "supported", 0.0),  # the citation was dropped
        (output("云岭县聘请名医6人。", "签约率66.2%。"), "gold", 0.0),  # cites something else
        (output("", status="refused"), "right", False),
    ],
)
def test_mutations_are_seen(answered: Output, part: str, wanted: float | bool) -> None:
    item = answer(CASES[0], Source(lambda question, history: answered, open_report))
    assert getattr(judge(CASES[0], item), part) == wanted


def test_a_false_quote_or_report_does_not_open() -> None:
    answered = output("云岭县聘请名医6人。", "云岭县聘请名医6人。")
    answered["sentences"][0]["citations"][0]["quote"] = "云岭县聘请名医8人。"
    source = Source(lambda question, history: answered, open_report)
    assert judge(CASES[0], answer(CASES[0], source)).opened == 0.0
    answered["sentences"][0]["citations"][0]["report_id"] = "r9"
    assert judge(CASES[0], answer(CASES[0], source)).opened == 0.0


def test_a_refusal_must_not_leak_in_its_reason() -> None:
    case = replace(CASES[1], forbid=("66.2%",))
    answered = output("资料中没有。", status="refused") | {"reason": "2017年为66.2%"}
    assert not judge(case, answer(case, Source(lambda question, history: answered))).right


def test_a_sentence_about_the_library_needs_no_source() -> None:
    answered = output("云岭县聘请名医6人。", "云岭县聘请名医6人。")
    stated: dict[str, Any] = {"text": "语料中有2017年的报告。", "citations": [], "status": "stated"}
    answered["sentences"].append(stated)
    item = answer(CASES[0], Source(lambda question, history: answered, open_report))
    assert judge(CASES[0], item).supported == 1.0
    answered["sentences"][-1] = stated | {"text": "另有签约83人。"}
    item = answer(CASES[0], Source(lambda question, history: answered, open_report))
    assert judge(CASES[0], item).supported == 0.5


def test_cases_are_chosen_by_options() -> None:
    assert [c.id for c in choose(CASES, split="dev")] == ["a", "c"]
    assert [c.id for c in choose(CASES, kinds=["unanswerable"])] == ["b"]
    assert [c.id for c in choose(CASES, ids=["c", "b"])] == ["b", "c"]
    assert [c.id for c in choose(CASES, limit=1)] == ["a"]


def test_recorded_answers_are_found_by_question(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(ask("q", []) | {"question": "q"}) + "\n", encoding="utf-8")
    assert recorded(path)("q", [])["status"] == "answered"
    with pytest.raises(NotFound):
        recorded(path)("q", ["earlier"])
    path.write_text("no json", encoding="utf-8")
    with pytest.raises(InputError):
        recorded(path)


def test_command_lines(tmp_path: Path) -> None:
    case = {
        "id": "b",
        "kind": "unanswerable",
        "question": "云岭县2020年呢？",
        "split": "test",
        "expect": "refuse",
    }
    cases, answers, out = tmp_path / "c.jsonl", tmp_path / "a.jsonl", tmp_path / "x.jsonl"
    cases.write_text(json.dumps(case), encoding="utf-8")
    answers.write_text(json.dumps(ask("2020", []) | {"question": case["question"]}), encoding="utf-8")
    common = ["--cases", str(cases)]
    options = ["--reports", str(tmp_path), "--answers", str(answers), "--out", str(out)]
    ran = CliRunner().invoke(running.main, common + options)
    assert (ran.exit_code, len(read_items(out))) == (0, 1), ran.output
    shown = CliRunner().invoke(scoring.main, [str(out), *common])
    assert shown.exit_code == 0
    assert "unanswerable" in shown.output
    printed = CliRunner().invoke(scoring.main, [str(out), *common, "--json"])
    assert json.loads(printed.output)["items"][0]["right"] is True


def test_a_missing_home_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENHENG_HOME", raising=False)
    options = ["--reports", str(tmp_path), "--out", str(tmp_path / "x.jsonl")]
    ran = CliRunner().invoke(running.main, options)
    assert ran.exit_code == 2
    assert "--home" in ran.output
