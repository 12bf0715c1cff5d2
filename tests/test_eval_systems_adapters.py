"""Endpoints and functions of the user's own: same shape, clear errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import EndpointError, InputError
from eval.runs import Ended, perform, read_run
from eval.suites.contract import Score, Task
from eval.systems import Setup, System, open_system
from eval.systems import endpoint as endpoints
from eval.systems.function import completed
from service.desk import Desk
from service.models.chat import FakeChat
from service.models.toy_endpoint import ToyEndpoint
from service.settings import Secret

BUREAU = Path(__file__).parent / "data" / "bureau"
RATE = "澄河县2022年家庭医生签约率是多少"


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Setup:
    home = tmp_path_factory.mktemp("adapters") / "home"
    with open_desk(home) as desk:
        desk.ingest([BUREAU])
        return Setup(home, embedder=desk.embedder)


@pytest.fixture
def toy(toy_endpoint: ToyEndpoint) -> Any:
    toy_endpoint.says = "签约率为66.8%。"
    yield toy_endpoint
    toy_endpoint.end.set()
    toy_endpoint.reset()


def reached(setup: Setup, toy: ToyEndpoint, **more: Any) -> Setup:
    return replace(setup, url=toy.url, model="toy", key=Secret("sesame"), **more)


@pytest.mark.parametrize(
    ("context", "sees", "cites"),
    [("none", [], False), ("passages", ["66.8%"], True), ("whole", ["66.8%", "健康步道12条", "《"], False)],
)
def test_an_endpoint_sees_what_the_context_says(
    setup: Setup, toy: ToyEndpoint, context: str, sees: list[str], cites: bool
) -> None:
    system = open_system("endpoint", reached(setup, toy, context=context))
    output, signed = system.ask(RATE), system.signature()
    system.close()
    assert output["text"].startswith("签约率为66.8%") and bool(output["evidence"]) is cites
    prompt = toy.prompts[-1]
    assert RATE in prompt and all(text in prompt for text in sees)
    assert ("资料：" in prompt) is (context != "none")
    assert system.name == f"endpoint:toy:{context}"
    assert (signed["model"], signed["model_hash"], signed["context"]) == ("toy", toy.url, context)
    assert "sesame" not in str(signed)
    assert bool(signed["index_hash"]) is (context != "none")


def test_the_endpoint_takes_the_place_of_the_local_model(setup: Setup, toy: ToyEndpoint) -> None:
    system = open_system("closed-book", reached(setup, toy))
    assert system.ask(RATE)["status"] == "answered" and system.signature()["model"] == "toy"
    system.close()


def test_raw_text_goes_to_no_endpoint_elsewhere(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENHENG_ALLOW_REMOTE", "1")
    elsewhere = replace(setup, url="https://example.org/v1", model="m")
    with pytest.raises(InputError, match="个人信息"):
        open_system("plain-chain", elsewhere)
    open_system("endpoint", elsewhere).close()


class Five:
    """A suite of five equal questions."""

    name = "five"

    def cases(self, where: object) -> tuple[Task, ...]:
        asks = {"question": RATE, "history": []}
        return tuple(Task(f"q{n}", "number", "x", "dev", asks, None) for n in range(5))

    def run(self, task: Task, system: System) -> dict[str, Any]:
        return {"output": system.ask(task.asks["question"]), "cited": []}

    def score(self, task: Task, item: Any) -> Score:
        return Score(task.id, {}, None)


def test_an_endpoint_that_dies_half_way_keeps_what_was_finished(
    setup: Setup, toy: ToyEndpoint, tmp_path: Path
) -> None:
    suite, out = Five(), tmp_path / "run.jsonl"
    system = open_system("endpoint", reached(setup, toy))

    def dies(task: Task, item: dict[str, Any], taken: bool) -> None:
        toy.chat = "nonsense" if task.id == "q1" else toy.chat

    with pytest.raises(Ended, match="接连 3 次"):
        perform(suite, suite.cases(None), system, out, after=dies)
    toy.chat = "well"
    asked = perform(suite, suite.cases(None), system, out)
    system.close()
    assert (asked.asked, asked.taken, asked.errors) == (3, 2, 0)
    assert all(item["output"] for item in read_run(out).items)


@pytest.mark.parametrize("behaviour", ["cut", "nonsense"])
def test_an_endpoint_that_dies_is_an_error_with_its_address(
    setup: Setup, toy: ToyEndpoint, behaviour: str
) -> None:
    system = open_system("endpoint", reached(setup, toy))
    toy.chat = behaviour
    with pytest.raises(EndpointError) as caught:
        system.ask(RATE)
    system.close()
    assert toy.url in str(caught.value) and caught.value.remedy


def test_what_is_missing_or_not_allowed_is_said(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENHENG_ALLOW_REMOTE", raising=False)
    for given, told in (
        ({}, "--url"), ({"url": "http://127.0.0.1:9/v1"}, "--model"), ({"url": "不是地址", "model": "m"}, "地址"),
        ({"url": "https://example.org/v1", "model": "m"}, "example.org"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=told):
            open_system("endpoint", replace(setup, **given))
    with pytest.raises(InputError, match="whole"):
        replace(setup, context="some")


def test_too_much_for_one_prompt_is_refused_at_the_start(
    setup: Setup, toy: ToyEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "MOST_WHOLE", 100)
    with pytest.raises(InputError, match=r"超过一次能给的100字.*passages"):
        open_system("endpoint", reached(setup, toy, context="whole"))


def test_personal_data_of_a_question_does_not_leave(setup: Setup) -> None:
    chat = FakeChat(["不知道。"])
    system = open_system("endpoint", replace(setup, chat=chat))
    system.ask("13912345678是谁的手机号")
    system.close()
    assert "13912345678" not in str(chat.calls)


# -- functions --------------------------------------------------------------------------------------

MODULE = """
def text(question, history):
    return f"{question}：{len(history)}次之后，签约率为66.8%。"

def answer(question, history):
    return {"status": "answered", "text": "6所", "sentences": [{"text": "6所"}]}

def wrong(question, history):
    return 6

def dies(question, history):
    raise RuntimeError("boom")

number = 6
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "own_system.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("own_system", None)


def test_a_function_may_return_text_or_an_answer(own: None, setup: Setup) -> None:
    told = open_system("python:own_system:text", setup)
    output = told.ask("问", ["前"])
    assert output["status"] == "answered" and "1次之后" in output["text"] and told.signature()["model_hash"]
    assert told.name == "python:own_system:text"
    answer = open_system("python:own_system:answer", Setup()).ask("问")
    assert answer["text"] == "6所" and answer["timings"] and answer["sentences"][0]["citations"] == []
    assert set(answer) == set(output)
    told.close()


def test_what_a_function_does_wrong_is_said(own: None) -> None:
    with pytest.raises(InputError, match="返回了 int"):
        open_system("python:own_system:wrong", Setup()).ask("问")
    with pytest.raises(RuntimeError, match="boom"):  # the run keeps it as the error of its item
        open_system("python:own_system:dies", Setup()).ask("问")
    for name, told in (("own_system", "写法不对"), ("own_system:none", "找不到函数"), ("nowhere:f", "找不到函数"),
                       ("own_system:number", "不是函数")):  # fmt: skip
        with pytest.raises(InputError, match=told):
            open_system(f"python:{name}", Setup())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"status": "answered", "text": ""}, "缺少 sentences"),
        ({"status": "ok", "text": "", "sentences": []}, "'ok'"),
        ({"status": "refused", "text": "", "sentences": ["6所"]}, "没有 text"),
        (
            {"status": "answered", "text": "6", "sentences": [{"text": "6", "citations": [{"start": 1}]}]},
            "report_id",
        ),
    ],
)
def test_an_answer_that_cannot_be_scored_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        completed("问", given, "f")


def test_citations_of_a_function_open_in_the_data_folder(own: None, setup: Setup) -> None:
    system = open_system("python:own_system:text", setup)
    product = open_system("bm25", replace(setup, chat=FakeChat([""])))
    report_id = product.retrieve(RATE, 1)[0].report_id
    assert system.report(report_id).text == product.report(report_id).text
    system.close()
    product.close()
