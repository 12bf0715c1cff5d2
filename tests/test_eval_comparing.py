"""Comparing two runs: what turned, what gates say, and what cannot be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from corpus.errors import InputError
from eval.comparing import Comparison, compare, margins, signed, told
from eval.comparison_table import show
from eval.gates import GATES, MARGINS, Gates, Limit, Margin, Steady
from eval.runs import Meta
from eval.scored import Marked, Scored
from eval.statistics import paired
from eval.suites.contract import Score, Task

REPORTS = 12


def marked(
    id_: str,
    good: bool | None = True,
    *,
    kind: str = "number",
    cluster: str = "",
    error: str = "",
    counts: Mapping[str, tuple[int, int]] | None = None,
    case: str = "",
    **values: float | None,
) -> Marked:
    task = Task(id_, kind, cluster or id_, "dev", {"question": f"问{id_}？", "history": []}, None)
    item: dict[str, Any] = {"id": id_, "question": f"问{id_}？", "error": error, "case": case}
    reasons = () if good else ("缺：88.8%",)
    values |= {name: right / asked for name, (right, asked) in (counts or {}).items()}
    return Marked(task, item, Score(id_, values, good, reasons, counts or {}))


def scored(*items: Marked, suite: str = "answers", system: str = "product", **signature: str) -> Scored:
    return Scored(Meta(suite, system, signature, "2024-01-01", "x"), items)


def verdicts(*good: bool | None, suite: str = "answers", kind: str = "number") -> Scored:
    return scored(*(marked(f"q{n}", one, kind=kind) for n, one in enumerate(good)), suite=suite)


def printed(found: Comparison) -> str:
    console = Console(width=160, record=True, file=None, quiet=False)
    with console.capture() as caught:
        show(found, console)
    return caught.get()


def row(found: Comparison, metric: str) -> Any:
    return next(row for row in found.rows if row.metric == metric)


def test_two_equal_runs_pass() -> None:
    run = verdicts(*[True, False] * 6)
    found = compare(run, run)
    assert found.exit_code == 0 and found.outcome == "equal" and found.n == 12
    assert not found.turned_good and not found.turned_bad and found.p == 1
    assert "总评：无变化；门槛全部通过" in printed(found)


def test_a_run_that_is_worse_in_every_report_fails() -> None:
    found = compare(verdicts(*[True] * REPORTS), verdicts(*[False] * REPORTS))
    assert found.exit_code == 100 and found.outcome == "worse"
    assert {check.name for check in found.broken} == {"合格率没有变差", "一般可答题的合格率没有变差"}
    assert len(found.turned_bad) == REPORTS and found.turned_bad[0].reasons == ("缺：88.8%",)
    assert found.p == pytest.approx(2 / 2**REPORTS)
    assert "变差 12 题" in printed(found) and "缺：88.8%" in printed(found)


def test_one_bad_item_among_many_is_told_but_decides_nothing() -> None:
    found = compare(verdicts(*[True] * REPORTS), verdicts(False, *[True] * (REPORTS - 1)))
    assert found.exit_code == 0 and found.outcome == "inconclusive"
    assert [one.id for one in found.turned_bad] == ["q0"]


def test_a_better_run_is_better() -> None:
    found = compare(verdicts(*[False] * REPORTS), verdicts(*[True] * REPORTS))
    assert found.exit_code == 0 and found.outcome == "better" and len(found.turned_good) == REPORTS
    assert found.turned_good[0].reasons == ("缺：88.8%",)  # what was wrong before


def test_a_loss_in_the_hard_kinds_is_not_made_up_for_by_the_others() -> None:
    def run(hard: bool, plain: bool) -> Scored:
        items = [marked(f"h{n}", hard, kind="compare", cluster=f"r{n}") for n in range(4)]
        return scored(*items, *(marked(f"p{n}", plain, cluster=f"r{n}") for n in range(12)))

    found = compare(run(True, False), run(False, True))
    assert found.outcome == "better" and found.exit_code == 100
    assert [check.name for check in found.broken] == ["较难可答题的合格率没有变差"]


@pytest.mark.parametrize(
    ("metric", "value"),
    [("stray_figures", 1.0), ("leaked", 1.0), ("false_refusal", 0.5), ("opened", 0.99)],
)
def test_a_hard_gate_breaks_even_if_the_base_broke_it(metric: str, value: float) -> None:
    run = scored(marked("q0", **{metric: value}), marked("q1", **{metric: value}))
    found = compare(run, run)
    assert found.exit_code == 100 and [check.metric for check in found.broken] == [metric]


def test_a_share_at_its_limit_holds() -> None:
    items = [marked(f"q{n}", false_refusal=float(n < 3)) for n in range(100)]
    assert compare(scored(*items), scored(*items)).exit_code == 0


def test_what_was_not_measured_breaks_nothing_and_is_told() -> None:
    found = compare(verdicts(True), verdicts(True))
    states = {check.name: check.state for check in found.checks}
    assert states["合格率没有变差"] == "held" and states["较难可答题的合格率没有变差"] == "unmeasured"
    assert states["引用全部打得开"] == "unmeasured"
    assert "未量" in printed(found)


def test_gates_of_other_suites_are_not_asked() -> None:
    found = compare(verdicts(True, suite="memos"), verdicts(True, suite="memos"))
    assert all(check.metric != "stray_figures" for check in found.checks)


def test_less_is_better_of_some() -> None:
    base = scored(*(marked(f"q{n}", stray_figures=0.0) for n in range(REPORTS)))
    new = scored(*(marked(f"q{n}", stray_figures=1.0) for n in range(REPORTS)))
    assert row(compare(base, new), "stray_figures").outcome == "worse"
    assert row(compare(new, base), "stray_figures").outcome == "better"


def test_a_length_has_no_better_side() -> None:
    base, new = (scored(*(marked(f"q{n}", length_ratio=v) for n in range(REPORTS))) for v in (0.1, 0.3))
    assert row(compare(base, new), "length_ratio").outcome is None


def test_a_crash_has_nothing_right_of_what_the_other_run_measured() -> None:
    whole = scored(*(marked(f"q{n}", points=1.0, counts={"numeric": (2, 2)}) for n in range(REPORTS)))
    crashed = scored(*(marked(f"q{n}", False, error="RuntimeError: x") for n in range(REPORTS)))
    found = compare(whole, crashed)
    for metric in ("points", "numeric"):
        assert row(found, metric).difference.value == -1 and row(found, metric).outcome == "worse"
    found = compare(crashed, whole)
    assert row(found, "points").outcome == "better"


def test_an_item_that_only_one_run_could_measure_is_counted_as_lost() -> None:
    base = scored(*(marked(f"q{n}", gold_cited=1.0) for n in range(3)))
    new = scored(marked("q0", gold_cited=1.0), marked("q1", gold_cited=None), marked("q2"))
    found = row(compare(base, new), "gold_cited")
    assert (found.difference.items, found.difference.lost, found.outcome) == (1, 2, "inconclusive")


def test_items_without_a_verdict_turn_neither_way() -> None:
    found = compare(verdicts(True, None), verdicts(None, False))
    assert not found.turned_bad and not found.turned_good and found.reports == ()


def test_counts_are_shares_over_all_parts() -> None:
    run = scored(marked("q0", counts={"numeric": (1, 1)}), marked("q1", counts={"numeric": (0, 9)}))
    found = compare(run, run, Gates(limits=(Limit("answers", "numeric", "数值", at_least=0.5),)))
    assert row(found, "numeric").difference.base == 0.1  # the mean of the items would be 0.5
    assert found.checks[0].told == "现为 0.100" and found.exit_code == 100


def test_different_suites_are_refused() -> None:
    with pytest.raises(InputError, match="不是同一套评测：answers 与 memos"):
        compare(verdicts(True), verdicts(True, suite="memos"))


def test_different_cases_are_refused_and_named() -> None:
    with pytest.raises(InputError, match="后一份缺 1 题（q1）"):
        compare(verdicts(True, True), verdicts(True))
    with pytest.raises(InputError, match="前一份缺 1 题（q1）"):
        compare(verdicts(True), verdicts(True, True))
    with pytest.raises(InputError, match="题目内容不同：q0"):
        compare(scored(marked("q0", case="a")), scored(marked("q0", case="b")))
    with pytest.raises(InputError, match="都没有题"):
        compare(scored(), scored())


def test_few_reports_are_shown_one_by_one() -> None:
    base = scored(marked("q0", cluster="甲"), marked("q1", cluster="甲"), marked("q2", cluster="乙"))
    new = scored(marked("q0", False, cluster="甲"), marked("q1", cluster="甲"), marked("q2", cluster="乙"))
    found = compare(base, new)
    assert found.indicative
    assert [(t.cluster, t.n, t.base, t.new) for t in found.reports] == [("乙", 1, 1, 1), ("甲", 2, 2, 1)]
    assert "只有2份报告，区间仅供参考" in printed(found)


def test_the_heading_says_what_differs() -> None:
    base, new = (scored(marked("q0"), model=name) for name in ("甲", "乙"))
    assert "不同之处：model" in printed(compare(base, new))


def test_json_holds_all_of_it() -> None:
    found = compare(verdicts(*[True] * 30), verdicts(*[False] * 30))
    data = json.loads(json.dumps(found.to_json(), ensure_ascii=False))
    assert data["exit"] == 100 and data["outcome"] == "worse" and len(data["turned_bad"]) == 30
    assert data["rows"][0]["value"] == -1 and data["rows"][0]["high"] == -1
    assert "另有 10 题" in printed(found)


def test_the_lead_that_is_wanted_over_the_plain_chain() -> None:
    ahead = verdicts(True, True, True, False)
    behind = verdicts(True, True, False, False)
    (found,) = margins(behind, ahead, [Margin("answers", "全部", 0.25), Margin("refusals", "拒答", 0.8)])
    assert found.state == "held"
    (found,) = margins(behind, ahead, [Margin("answers", "全部", 0.3)])
    assert found.state == "broken"
    (_, hard) = margins(behind, ahead, MARGINS)
    assert hard.state == "unmeasured"


def test_numbers_in_words() -> None:
    assert told(paired([0.5] * 12, [1] * 12, range(12))) == "0.500 → 1.000，+0.500（95%区间 +0.500～+0.500）"
    assert "只有1份报告，没有区间" in told(paired([0], [1], ["a"]))
    assert (signed(-0.0001), signed(-0.25), signed(None)) == ("0.000", "−0.250", "—")


def test_gates_name_each_metric_once_per_suite_and_group() -> None:
    limits = [(gate.suite, gate.metric) for gate in GATES.limits]
    steady = [(gate.suite, gate.metric, gate.kinds) for gate in GATES.steady]
    assert len(set(limits)) == len(limits) and len(set(steady)) == len(steady)
    assert all(gate.at_least is not None or gate.at_most is not None for gate in GATES.limits)
    assert isinstance(GATES.steady[0], Steady)


def test_what_only_means_something_within_one_system_is_no_gate_between_two() -> None:
    base = [marked(f"q{n}", stood=1.0) for n in range(REPORTS)]
    new = [marked(f"q{n}", stood=0.0) for n in range(REPORTS)]
    assert [check.metric for check in compare(scored(*base), scored(*new)).broken] == ["stood"]
    assert compare(scored(*base, system="plain-chain"), scored(*new)).exit_code == 0


def test_the_verdict_is_shown_once() -> None:
    run = scored(marked("q0", right=1.0))
    assert [row.metric for row in compare(run, run).rows] == ["good"]
