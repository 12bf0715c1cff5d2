"""Runs: resumable, cut where a kill cut them, refused where they cannot belong together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import EndpointError, InputError, NotFound
from eval.runs import Ended, Item, case_key, changed, meta_path, perform, read_run
from eval.scored import group, groups, load_scored, score_run
from eval.suites.contract import Output, Score, Task, Where
from eval.systems.contract import Base, System, Unsupported


def task(name: str, question: str = "几个？", kind: str = "number", cluster: str = "f1") -> Task:
    return Task(name, kind, cluster, "dev", {"question": question, "history": []}, "5个")


TASKS = (task("a"), task("b", "几处？"), task("c", "几家？", "list", "f2"))


@dataclass(frozen=True)
class Echo:
    """A suite that is right where the system answers its gold."""

    name: str = "echo"

    def cases(self, where: Where) -> tuple[Task, ...]:
        return TASKS

    def run(self, one: Task, system: System) -> Output:
        return {"output": system.ask(one.asks["question"]), "cited": []}

    def score(self, one: Task, item: Mapping[str, Any]) -> Score:
        right = (item["output"] or {}).get("text") == one.gold
        measured = None if item["output"] is None else float(right)
        return Score(one.id, {"right": measured}, right, () if right else ("不对",), {})


class Answering(Base):
    """A system that says what a function says."""

    def __init__(self, says: Callable[[str], str] = lambda question: "5个", model: str = "m1") -> None:
        super().__init__("echoing")
        self.says, self.model, self.asked = says, model, list[str]()

    def signature(self) -> Mapping[str, Any]:
        return {"model": self.model, "code": "c1"}

    def ask(self, question: str, history: Any = ()) -> Output:
        self.asked.append(question)
        return {"text": self.says(question)}


SUITE = Echo()


def fails(error: BaseException) -> Callable[[str], str]:
    def say(question: str) -> str:
        raise error

    return say


def test_a_run_holds_an_item_a_line_and_says_what_made_it(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "x.jsonl"
    done = perform(SUITE, TASKS, Answering(), out)
    assert (done.asked, done.taken, done.errors) == (3, 0, 0)
    run = read_run(out)
    assert [item["id"] for item in run.items] == ["a", "b", "c"] and not run.cut
    assert (run.meta.suite, run.meta.system, run.meta.signature["model"]) == ("echo", "echoing", "m1")
    first = run.items[0]
    assert (first["question"], first["history"], first["cluster"], first["error"]) == ("几个？", [], "f1", "")
    assert first["signature"] == run.meta.digest and first["case"] == case_key(TASKS[0])


def test_it_goes_on_where_a_kill_stopped_it(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS[:2], Answering(), out)
    with out.open("a", encoding="utf-8") as file:
        file.write('{"id": "c", "que')  # killed in the middle of a line
    assert read_run(out).cut and len(read_run(out).items) == 2
    system, told = Answering(), list[tuple[str, bool]]()
    done = perform(SUITE, TASKS, system, out, after=lambda one, item, taken: told.append((one.id, taken)))
    assert system.asked == ["几家？"] and (done.asked, done.taken) == (1, 2)
    assert told == [("a", True), ("b", True), ("c", False)]
    run = read_run(out)
    assert [item["id"] for item in run.items] == ["a", "b", "c"] and not run.cut


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"

    def say(question: str) -> str:
        if question == "几处？":
            raise KeyboardInterrupt
        return "5个"

    with pytest.raises(KeyboardInterrupt):
        perform(SUITE, TASKS, Answering(say), out)
    assert [item["id"] for item in read_run(out).items] == ["a"]
    assert perform(SUITE, TASKS, Answering(), out).taken == 1


def test_a_changed_case_is_asked_again_and_the_later_line_counts(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS, Answering(), out)
    new = (task("a", "一共几个？"), *TASKS[1:])
    with pytest.raises(InputError, match=r"已经改动.*重新运行"):
        score_run(read_run(out), SUITE, new)
    assert perform(SUITE, new, Answering(), out).asked == 1
    assert score_run(read_run(out), SUITE, new).items[0].item["question"] == "一共几个？"


def test_an_error_is_wrong_told_and_tried_again(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    assert perform(SUITE, TASKS, Answering(fails(RuntimeError("引擎没有回应"))), out).errors == 3
    found = score_run(read_run(out), SUITE, TASKS)
    assert [one.score.good for one in found.items] == [False] * 3
    assert "引擎没有回应" in found.items[0].score.reasons[0]
    assert found.items[0].score.values["right"] is None  # could not be scored: no 0 in a mean
    assert perform(SUITE, TASKS, Answering(), out).asked == 3
    assert all(one.score.good for one in score_run(read_run(out), SUITE, TASKS).items)


def test_a_dead_endpoint_ends_the_run_and_keeps_the_work(tmp_path: Path) -> None:
    tasks = tuple(task(f"t{n}", f"问{n}？") for n in range(9))
    out = tmp_path / "x.jsonl"

    def say(question: str) -> str:
        if question >= "问4":
            raise EndpointError("接口没有回应")
        return "5个"

    system = Answering(say)
    with pytest.raises(Ended, match=r"接连 3 次.*完成的 4 题都保留着.*继续") as caught:
        perform(SUITE, tasks, system, out)
    assert caught.value.exit_code == 1 and len(system.asked) == 7
    done = perform(SUITE, tasks, Answering(), out)
    assert (done.taken, done.asked) == (4, 5)


def test_single_timeouts_do_not_end_a_run(tmp_path: Path) -> None:
    tasks = tuple(task(f"t{n}", f"问{n}？") for n in range(8))

    def say(question: str) -> str:
        if int(question[1]) % 2:
            raise EndpointError("超时")
        return "5个"

    assert perform(SUITE, tasks, Answering(say), tmp_path / "x.jsonl").errors == 4


def test_what_a_system_cannot_do_ends_the_run_at_once(tmp_path: Path) -> None:
    class Unable(Base):
        def signature(self) -> Mapping[str, Any]:
            return {}

    with pytest.raises(Unsupported):
        perform(SUITE, TASKS, Unable("unable"), tmp_path / "x.jsonl")


def test_runs_of_two_suites_systems_or_signatures_stay_apart(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS, Answering(), out)
    with pytest.raises(InputError, match=r"另一套设置.*model.*--out"):
        perform(SUITE, TASKS, Answering(model="m2"), out)
    with pytest.raises(InputError, match=r"echo / echoing.*不能接着写 other"):
        perform(replace(SUITE, name="other"), TASKS, Answering(), out)
    assert len(read_run(out).items) == 3
    assert changed({"a": 1, "b": 2}, {"a": 1, "c": 3}) == ("b", "c")


def write(path: Path, *items: Item) -> None:
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")


def test_what_is_no_run_is_told_with_its_line(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    with pytest.raises(NotFound, match="eval run"):
        read_run(out)
    perform(SUITE, TASKS, Answering(), out)
    items = [dict(item) for item in read_run(out).items]
    write(out, items[0], items[1] | {"colour": "red"})
    with pytest.raises(InputError, match=r"第2行.*colour"):
        read_run(out)
    del items[1]["seconds"]
    write(out, *items)
    with pytest.raises(InputError, match=r"第2行.*seconds"):
        read_run(out)
    out.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"第1行"):
        read_run(out)
    out.write_text('{"id": "a", "qu\n{}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"第1行.*删去"):
        read_run(out)


def test_a_run_without_its_meta_file_is_told(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS, Answering(), out)
    with pytest.raises(InputError, match=r"说明文件.*x\.jsonl"):
        read_run(meta_path(out))
    meta_path(out).write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="读不出"):
        read_run(out)
    meta_path(out).unlink()
    with pytest.raises(NotFound, match="一并复制"):
        read_run(out)


def test_an_item_without_a_case_and_an_unknown_suite_are_errors(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS, Answering(), out)
    with pytest.raises(InputError, match=r"c .*现在没有这道题"):
        score_run(read_run(out), SUITE, TASKS[:2])
    with pytest.raises(NotFound, match=r"echo.*answers"):
        load_scored(out, Where(()))


def test_scores_are_summed_up_by_kind_report_and_all(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS[1:], Answering(lambda question: "5个" if question == "几处？" else "6个"), out)
    found = score_run(read_run(out), SUITE, TASKS)
    assert found.left == ("a",) and found.metrics == ("right",)
    kinds = {one.name: one for one in groups(found)}
    assert (kinds["number"].good, kinds["list"].good, kinds["全部"].n) == (1, 0, 2)
    assert [one.name for one in groups(found, "report")] == ["f1", "f2", "全部"]
    assert kinds["全部"].means == {"right": 0.5} and kinds["全部"].measured == {"right": 2}


def test_parts_weigh_more_than_items(tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    perform(SUITE, TASKS[:2], Answering(), out)
    one, two = score_run(read_run(out), SUITE, TASKS[:2]).items
    one = replace(one, score=Score("a", {"cited": 1.0}, True, (), {"cited": (9, 9)}))
    two = replace(two, score=Score("b", {"cited": 0.0}, None, (), {"cited": (0, 1)}))
    whole = group("全部", [one, two])
    assert (whole.means["cited"], whole.measured["cited"]) == (0.9, 10)
    assert (whole.good, whole.judged, whole.n) == (1, 1, 2)
