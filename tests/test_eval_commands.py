"""``wenheng eval``: found by its entry point, run, resumed, scored, compared; and what it says of bad input."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from corpus.errors import EndpointError, NotFound
from eval.commands import fast as fasts
from eval.commands import run as running
from eval.runs import Meta, read_run
from eval.scored import Marked, Scored
from eval.suites.contract import Output, Score, Task
from eval.systems.contract import Base
from service.cli import cli
from service.commands import elsewhere


class Scripted(Base):
    """A system that refuses everything, or says and fails as told."""

    def __init__(self, name: str = "scripted") -> None:
        super().__init__(name)
        self.model, self.closed = "m1", False
        self.fails: BaseException | None = None

    def signature(self) -> Mapping[str, Any]:
        return {"model": self.model}

    def ask(self, question: str, history: Any = ()) -> Output:
        if self.fails is not None:
            raise self.fails
        return {"status": "refused", "text": "没有。", "reason": "", "sentences": [], "timings": {}}

    def close(self) -> None:
        self.closed = True


@dataclass
class Line:
    """The command line with a scripted system."""

    system: Scripted
    folder: Path

    def __call__(self, *words: str | Path) -> Result:
        return CliRunner().invoke(cli, ["--home", str(self.folder / "h"), "eval", *map(str, words)])


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    system = Scripted()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running, "open_system", lambda name, setup: system)
    monkeypatch.setattr(running, "home_of", lambda reports, settings, keep: tmp_path / "home")
    yield Line(system, tmp_path)


def told(result: Result, code: int, *pieces: str) -> None:
    """One clear sentence, no traceback."""
    assert result.exit_code == code, result.output
    lines = [one for one in result.stderr.splitlines() if one.startswith("错误：")]
    assert len(lines) == 1, result.stderr
    assert all(piece in lines[0] for piece in pieces), lines[0]


# -- run --------------------------------------------------------------------------------------------


def test_a_suite_is_run_resumed_and_closed(line: Line) -> None:
    first = line("run", "refusals", "--limit", "4", "-o", "x.jsonl")
    assert first.exit_code == 0 and "做了 4 题，沿用 0 题" in first.stdout, first.output
    assert line.system.closed
    assert {item["kind"] for item in read_run(Path("x.jsonl")).items} == {"unanswerable", "masked", "private"}
    again = line("run", "refusals", "-o", "x.jsonl")
    assert "做了 36 题，沿用 4 题" in again.stdout


def test_without_out_a_signature_has_a_file_of_its_own(line: Line) -> None:
    assert line("run", "refusals", "injection", "--limit", "1").exit_code == 0
    line.system.model = "m2"
    assert line("run", "refusals", "--limit", "1").exit_code == 0
    assert len(list(Path("runs").glob("refusals-scripted-*.jsonl"))) == 2
    told(line("run", "refusals", "-o", str(next(Path("runs").glob("injection-*.jsonl")))), 2, "injection")


def test_options_choose_and_refuse(line: Line) -> None:
    assert line("run", "refusals", "--kind", "masked", "-o", "x.jsonl").exit_code == 0
    assert len(read_run(Path("x.jsonl")).items) == 5
    told(line("run", "guess"), 2, "'guess'", "retrieval")
    told(line("run", "refusals", "--kind", "guess"), 2, "guess", "masked")
    told(line("run", "refusals", "--split", "train"), 2, "train", "samples")
    told(line("run", "refusals", "--split", "dev"), 2, "没有可做的题", "--reports")
    told(line("run", "refusals", "injection", "-o", "x.jsonl"), 2, "--out")
    told(line("run", "refusals", "--system", "bm25", "--without", "check"), 2, "--without")
    told(line("run", "refusals", "--reports", "nowhere"), 2, "nowhere", "--reports")


def test_what_a_system_cannot_do_is_told(line: Line) -> None:
    told(line("run", "retrieval", "--limit", "1"), 1, "scripted", "检索")


def test_a_dead_endpoint_keeps_the_work_and_says_how_to_go_on(line: Line) -> None:
    line("run", "refusals", "--limit", "2", "-o", "x.jsonl")
    line.system.fails = EndpointError("接口没有回应")
    told(line("run", "refusals", "-o", "x.jsonl"), 1, "接连 3 次", "完成的 2 题都保留着", "同一条命令")
    line.system.fails = None
    assert "沿用 2 题" in line("run", "refusals", "-o", "x.jsonl").stdout


def test_ctrl_c_keeps_the_work_and_says_how_to_go_on(line: Line) -> None:
    line("run", "refusals", "--limit", "2", "-o", "x.jsonl")
    line.system.fails = KeyboardInterrupt()
    stopped = line("run", "refusals", "-o", "x.jsonl")
    assert stopped.exit_code == 130 and "完成 1/40 题" in stopped.stderr and "接着做" in stopped.stderr
    assert line.system.closed and len(read_run(Path("x.jsonl")).items) == 2


def test_an_item_that_fails_is_told_and_counted(line: Line) -> None:
    line.system.fails = RuntimeError("坏了")
    made = line("run", "refusals", "--limit", "2", "-o", "x.jsonl")
    assert made.exit_code == 0 and "其中 2 题出错" in made.stdout and "坏了" in made.stderr


# -- score and compare ------------------------------------------------------------------------------


def test_a_run_is_scored_for_people_and_machines(line: Line) -> None:
    line("run", "refusals", "-o", "x.jsonl")
    line("run", "answers", "--limit", "3", "-o", "y.jsonl")
    shown = line("score", "x.jsonl")
    assert shown.exit_code == 0 and "40/40" in shown.stdout, shown.output
    plain = json.loads(line("score", "x.jsonl", "--json", "--by", "split").stdout)
    assert [one["name"] for one in plain["groups"]] == ["samples", "全部"]
    assert plain["groups"][-1]["good"] == 40 and plain["meta"]["suite"] == "refusals"
    wrong = line("score", "y.jsonl", "--errors", "--by", "report")
    assert wrong.stdout.count("不合格") == 3 and "误拒" in wrong.stdout


def test_bad_runs_are_told(line: Line) -> None:
    told(line("score", "none.jsonl"), 2, "none.jsonl", "eval run")
    line("run", "refusals", "-o", "x.jsonl")
    with Path("x.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "cut')
    assert "40/40" in line("score", "x.jsonl").stdout  # a cut last line is left out
    with Path("x.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    told(line("score", "x.jsonl"), 2, "第41行", "不是一条评测结果")


def test_runs_are_compared_and_a_broken_gate_is_100(line: Line) -> None:
    line("run", "refusals", "-o", "base.jsonl")
    same = line("compare", "base.jsonl", "base.jsonl")
    assert same.exit_code == 0, same.output
    line.system.model, line.system.fails = "m2", RuntimeError("坏了")
    line("run", "refusals", "-o", "new.jsonl")
    worse = line("compare", "base.jsonl", "new.jsonl")
    assert worse.exit_code == 100 and "变差" in worse.stdout, worse.output
    assert json.loads(line("compare", "base.jsonl", "new.jsonl", "--json").stdout)["exit"] == 100
    line.system.fails = None
    line("run", "answers", "--limit", "2", "-o", "answers.jsonl")
    told(line("compare", "base.jsonl", "answers.jsonl"), 1, "不是同一套评测")


# -- cases ------------------------------------------------------------------------------------------


def test_own_cases_are_checked_against_their_sources(line: Line) -> None:
    whole = line("cases", "check")
    assert whole.exit_code == 0 and "0 题有误" in whole.stdout, whole.output
    case = {"id": "x", "kind": "number", "question": "几个？", "split": "own", "expect": "answer"}
    case |= {"gold": [{"sha256": "ab", "start": 0, "end": 3}], "values": [{"value": "3"}]}
    Path("own.jsonl").write_text(json.dumps(case), encoding="utf-8")
    absent = line("cases", "check", "own.jsonl")
    assert absent.exit_code == 0 and "1 题的依据文件不在" in absent.stdout
    Path("own.jsonl").write_text(json.dumps(case | {"colour": "red"}), encoding="utf-8")
    told(line("cases", "check", "own.jsonl"), 2, "colour", "第1行")
    Path("own.jsonl").write_text(f"{json.dumps(case)}\n{json.dumps(case)}\n", encoding="utf-8")
    told(line("cases", "check", "own.jsonl"), 2, "重复")


def test_the_lock_can_be_looked_at(line: Line) -> None:
    assert line("cases", "lock", "--check").exit_code == 0


# -- the entry point --------------------------------------------------------------------------------


def test_the_command_is_found_by_its_entry_point() -> None:
    assert "eval" in elsewhere.found() and "eval" not in cli.commands
    shown = CliRunner().invoke(cli, ["eval", "--help"])
    assert shown.exit_code == 0
    for name in ("run", "score", "compare", "report", "cases", "public", "judge", "fast"):
        assert f"  {name} " in shown.output
    assert "没有命令 guess" in _wrong("eval", "guess")


def _wrong(*words: str) -> str:
    try:
        cli.main(list(words), standalone_mode=False)
    except click.UsageError as error:
        from service.faults import usage

        return usage(error)
    return ""


@pytest.mark.parametrize("value", ["eval.nowhere:command", "eval.truth:samples"])
def test_a_package_that_does_not_load_breaks_no_command(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("eval", value, elsewhere.GROUP)
    monkeypatch.setattr(elsewhere, "found", lambda: {"eval": point})
    told(CliRunner().invoke(cli, ["eval", "run", "answers", "--limit", "3"]), 1, "eval", "重新安装")
    assert CliRunner().invoke(cli, ["--help"]).exit_code == 0


def test_without_any_package_the_product_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "found", dict)
    shown = CliRunner().invoke(cli, ["--help"])
    assert shown.exit_code == 0 and "ingest" in shown.output and "eval" not in shown.output


def test_a_library_of_the_reports_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.embedding import HashingEmbedder
    from eval import home as homes
    from service.desk import Desk
    from service.settings import Settings, load

    opened: list[Path] = []

    def desk(settings: Settings) -> Desk:
        opened.append(settings.home)
        return Desk(settings, embedder=HashingEmbedder())

    monkeypatch.setattr(homes, "Desk", desk)
    reports, settings = tmp_path / "r", load({}, home=tmp_path / "unused")
    with pytest.raises(NotFound, match="没有这个文件夹"):
        homes.home_of([reports], settings, tmp_path / "k")
    reports.mkdir()
    with pytest.raises(NotFound, match="没有报告"):
        homes.home_of([reports], settings, tmp_path / "k")
    (reports / "乌有县.txt").write_text(
        "乌有县卫生健康局2021年工作总结\n\n全年新建村卫生室23所。\n" * 4, "utf-8"
    )
    first = homes.home_of([reports], settings, tmp_path / "k")
    assert homes.home_of([reports], settings, tmp_path / "k") == first and opened == [first]
    (reports / "乌有县.txt").write_text(
        "乌有县卫生健康局2021年工作总结\n\n全年新建村卫生室24所。\n" * 4, "utf-8"
    )
    assert homes.home_of([reports], settings, tmp_path / "k") != first


# -- the fast check ---------------------------------------------------------------------------------


def _scored(*leaked: float) -> Scored:
    marked = tuple(
        Marked(
            Task(f"q{n}", "private", f"f{n}", "samples", {"question": "？", "history": []}, None),
            {"id": f"q{n}", "question": "？", "error": "", "case": "", "seconds": 1.0},
            Score(f"q{n}", {"leaked": one}, not one, ("不应出现",) if one else ()),
        )
        for n, one in enumerate(leaked)
    )
    return Scored(Meta("refusals", "quoting", {}, "2024-01-01", "x"), marked)


def test_a_gate_fails_where_it_held_before_and_is_told_where_it_did_not() -> None:
    clean, leaking = _scored(0, 0, 0), _scored(0, 0, 1)
    assert fasts.judged("拒答", clean, clean).broken == ()
    worse = fasts.judged("拒答", clean, leaking)
    assert [check.metric for check in worse.broken] == ["leaked"] and worse.known == ()
    lines = list(fasts.notes([worse]))
    assert "变差　q2" in lines[0] and "门槛未过" in lines[1]
    known = fasts.judged("拒答", leaking, leaking)
    assert known.broken == () and [check.metric for check in known.known] == ["leaked"]
    assert "原来就没过" in next(fasts.notes([known]))


def test_a_suite_without_recorded_scores_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fasts, "RECORDED", tmp_path)
    with pytest.raises(NotFound, match="--record"):
        list(fasts.compared_live([_scored(0)]))


def test_the_recorded_outputs_have_the_scores_that_are_recorded() -> None:
    """A fault of a metric, or of a case, shows here."""
    assert {path.stem.split("-")[1] for path in fasts.outputs()} >= {"answers", "refusals", "injection"}
    for found in fasts.compared_recorded():
        assert not found.comparison.turned_bad and not found.comparison.turned_good, found.name
        assert found.broken == ()
