"""The judge: both orders, pinned models, agreement with labels; on the toy endpoint it never decides anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from corpus.errors import EndpointError, InputError
from eval.judge import Asked, Judge, agreement, answer_text, quotes, read_labels
from eval.judge_command import judge
from eval.runs import perform
from eval.suites.asking import ANSWERS
from eval.suites.contract import Where
from eval.systems import Base
from service.cli import Context
from service.models.chat import FakeChat
from service.models.toy_endpoint import ToyEndpoint, serving

ASKED = Asked("澄河县签约率是多少？", "71.5%", ("重点人群签约率达到71.5%",))


def judging(*replies: str | Exception) -> tuple[Judge, FakeChat]:
    chat = FakeChat(list(replies))
    return Judge(chat, "toy-2025-01"), chat


@pytest.mark.parametrize(
    ("replies", "verdict"),
    [
        (("A", "B"), True),
        (("B", "A"), False),
        (("A", "A"), None),  # whatever stands first
        (("A。", "【B】"), True),
        (("我认为A", "B"), None),
        (("", "B"), None),
        (("Apple", "B"), None),
        (("C", "C"), None),
    ],
)
def test_one_answer_is_asked_with_the_options_exchanged(replies: tuple[str, str], verdict: Any) -> None:
    one, chat = judging(*replies)
    assert one.rate(ASKED, "71.5%").verdict is verdict
    first, second = (str(call[0]) for call in chat.calls)
    assert "A. 回答正确" in first and "A. 回答不正确" in second


@pytest.mark.parametrize(
    ("replies", "verdict"),
    [(("A", "B"), "base"), (("B", "A"), "new"), (("C", "C"), "tie"), (("A", "A"), None), (("A", "C"), None)],
)
def test_two_answers_are_asked_in_both_orders(replies: tuple[str, str], verdict: Any) -> None:
    one, chat = judging(*replies)
    assert one.prefer(ASKED, "旧答案", "新答案").verdict == verdict
    first, second = (str(call[0]) for call in chat.calls)
    assert first.index("旧答案") < first.index("新答案") and second.index("新答案") < second.index("旧答案")


@pytest.mark.parametrize("model", ["", " ", "big:latest", "big-latest", "latest", "auto", "vendor/default"])
def test_a_model_without_a_version_is_refused(model: str) -> None:
    with pytest.raises(InputError, match="固定版本"):
        Judge(FakeChat(["A"]), model)


def test_personal_data_does_not_leave() -> None:
    one, chat = judging("A", "B")
    one.rate(Asked("电话？", "13800001234", ("联系人电话13800001234",)), "打13800001234")
    assert "13800001234" not in str(chat.calls)


@pytest.mark.parametrize(
    ("name", "signature"), [("judge_answer", "judge_answer@1"), ("judge_pair", "judge_pair@1")]
)
def test_verdicts_are_signed(name: str, signature: str) -> None:
    one, _ = judging("A")
    assert one.signature(name).startswith(signature) and one.signature(name).endswith(" toy-2025-01")
    assert prompts.load(name).parts[0][0] == "system"


# -- agreement ---------------------------------------------------------------------------------------------


def test_agreement_by_hand() -> None:
    found = agreement(
        [(True, True)] * 4 + [(False, False)] * 3 + [(True, False)] * 2 + [(False, True), (True, None)]
    )
    assert (found.labelled, found.agreed, found.undecided) == (11, 7, 1)
    assert found.share == pytest.approx(0.7)
    # chance: labels 6 true of 10, judge 5 true of 10: .6 * .5 + .4 * .5 = .5
    assert found.kappa == pytest.approx((0.7 - 0.5) / 0.5)
    assert found.low == pytest.approx(0.397, abs=0.001) and found.high == pytest.approx(0.892, abs=0.001)
    assert not found.calibrated


def test_many_labels_that_agree_calibrate() -> None:
    good = [(True, True)] * 20 + [(False, False)] * 20
    assert agreement(good).calibrated
    assert not agreement(good[:20]).calibrated  # too few, and all of one kind
    assert agreement(good[:20]).kappa is None
    assert not agreement([*good[:30], *[(True, False)] * 8]).calibrated
    assert agreement([]).share is None


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["a", "b", "c", None])), max_size=20))
def test_agreement_is_in_bounds(pairs: list[tuple[str, str | None]]) -> None:
    found = agreement(pairs)
    assert found.agreed + found.undecided <= found.labelled == len(pairs)
    assert 0 <= found.low <= found.high <= 1
    assert found.kappa is None or -1 - 1e-9 <= found.kappa <= 1 + 1e-9


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"id": "a"}', "right 和 better"),
        ('{"id": "a", "right": true, "better": "new"}', "right 和 better"),
        ('{"id": "a", "right": true}\n{"id": "a", "right": false}', "重复"),
        ('{"id": "a", "correct": true}', "第1行"),
        ('{"id": "a", "better": "第一个"}', "better"),
    ],
)
def test_bad_labels_are_told(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_labels(path)


def test_what_is_read_of_an_output() -> None:
    sentence = {"text": "x", "citations": [{"quote": "甲"}, {"quote": "乙"}, {"quote": "甲"}]}
    assert quotes({"sentences": [sentence]}, None, {"sentences": [sentence]}) == ("甲", "乙")
    assert answer_text({"text": "", "reason": "没有"}) == "没有" and answer_text(None) == "（没有回答）"


# -- the command -------------------------------------------------------------------------------------------

CASES = [
    {
        "id": f"own-{n}",
        "kind": "number",
        "question": f"澄河县第{n}所卫生室有几人？",
        "split": "own",
        "expect": "answer",
        "gold": [{"sha256": "f" * 64, "start": 0, "end": 2}],
        "values": [{"value": str(n), "unit": "人"}],
    }
    for n in (1, 2, 3)
]


class Says(Base):
    """Answers every question with one text."""

    def __init__(self, text: str) -> None:
        super().__init__("says")
        self.text = text

    def signature(self) -> dict[str, Any]:
        return {"text": self.text}

    def ask(self, question: str, history: Any = ()) -> dict[str, Any]:
        timings = {"search_ms": 1, "first_token_ms": 1, "total_ms": 2}
        told = {"question": question, "status": "answered", "text": self.text, "reason": "", "evidence": []}
        return told | {"sentences": [{"text": self.text, "citations": [], "figures": []}], "timings": timings}


@pytest.fixture(scope="module")
def toy() -> Iterator[ToyEndpoint]:
    with serving() as endpoint:
        yield endpoint


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path, Path]:
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    tasks = ANSWERS.cases(Where((), cases))
    for name, text in (("base", "有1人"), ("new", "有2人")):
        perform(ANSWERS, tasks, Says(text), tmp_path / f"{name}.jsonl")
    return cases, tmp_path / "base.jsonl", tmp_path / "new.jsonl"


def call(toy: ToyEndpoint, home: Path, *words: str | Path) -> Any:
    context = Context(home)
    line = [
        *map(str, words),
        "--url",
        toy.url,
        "--model",
        "toy-1",
        "-o",
        str(home / "judged.jsonl"),
        "--json",
    ]
    return CliRunner().invoke(judge, line, obj=context)


def test_a_judge_that_takes_the_first_decides_nothing(
    tmp_path: Path, toy: ToyEndpoint, runs: tuple[Path, Path, Path]
) -> None:
    toy.reset()
    toy.says = "A"
    cases, base, _ = runs
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"id": "own-1", "right": true}\n', encoding="utf-8")
    done = call(toy, tmp_path, base, "--cases", cases, "--labels", labels)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["verdicts"] == {"True": 0, "False": 0, "None": 3}
    assert told["people"]["undecided"] == 1 and told["gate"] is False and told["calibrated"] is False
    asked = len(toy.prompts)
    assert asked == 6 and "标准】1人" in toy.prompts[0]
    again = call(toy, tmp_path, base, "--cases", cases, "--labels", labels)
    assert json.loads(again.stdout) == told and len(toy.prompts) == asked  # nothing is asked twice


def test_two_runs_are_compared(tmp_path: Path, toy: ToyEndpoint, runs: tuple[Path, Path, Path]) -> None:
    toy.reset()
    toy.says = "C"
    cases, base, new = runs
    done = call(toy, tmp_path, base, new, "--cases", cases, "--limit", "2")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["verdicts"] == {"base": 0, "new": 0, "tie": 2, "None": 0} and told["rules"] is None


def test_an_endpoint_that_dies_keeps_what_was_judged(
    tmp_path: Path, toy: ToyEndpoint, runs: tuple[Path, Path, Path]
) -> None:
    toy.reset()
    toy.says = "B"
    cases, base, _ = runs
    assert call(toy, tmp_path, base, "--cases", cases, "--limit", "1").exit_code == 0
    out = tmp_path / "judged.jsonl"
    out.write_text(out.read_text(encoding="utf-8") + '{"id": "own-2", "sa', encoding="utf-8")  # killed
    toy.chat = "cut"
    done = call(toy, tmp_path, base, "--cases", cases)
    assert done.exit_code == EndpointError.exit_code
    assert [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()] == ["own-1"]
    toy.chat = "well"
    assert call(toy, tmp_path, base, "--cases", cases).exit_code == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3


def test_nothing_is_sent_off_without_leave(tmp_path: Path, runs: tuple[Path, Path, Path]) -> None:
    cases, base, _ = runs
    words = [str(base), "--cases", str(cases), "--model", "big-1", "-o", str(tmp_path / "x.jsonl")]
    done = CliRunner().invoke(judge, [*words, "--url", "https://example.com/v1"], obj=Context(tmp_path))
    assert done.exit_code == 2 and not (tmp_path / "x.jsonl").exists()
