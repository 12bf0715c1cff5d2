"""A fault seeded into each stage makes ``compare`` exit 100, a neutral change makes it exit 0.

On the samples, with live retrieval and a model that copies its evidence: run, score, compare, as the commands do.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from corpus.readers import read
from corpus.samples import SAMPLES
from eval.cases import CASE, Case, Gold, Kind, Value
from eval.comparing import Comparison, compare
from eval.runs import perform
from eval.scored import Scored, load_scored
from eval.suites import SUITES
from eval.suites.contract import Where
from eval.systems import Setup
from eval.systems.ablated import believe, unlocked
from eval.systems.product import Product, open_desk
from eval.truth import Fact, Sample, samples
from service import compose, phrase
from service.desk import Desk
from service.lines import Line
from service.match import Fit, rank
from service.memo import deltas
from service.stages import PRODUCT, Stages
from service.terms import Weights

ROW = re.compile(r"^\[(\d+)\]（.*?）(.*)$", re.MULTILINE)


class Reader:
    """A model that writes its evidence down, sentence by sentence; ``twist`` is what it makes of one."""

    def __init__(self, twist: Callable[[str], str] = str) -> None:
        self.twist = twist

    def stream(
        self, messages: Sequence[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        evidence, _, question = messages[-1][1].partition("【问题】")
        rows = ROW.findall(evidence)
        yield (
            "".join(f"{self.twist(said.rstrip('。；;'))}[{n}]。" for n, said in rows)
            or f"{question}是88.8%[1]。"
        )


def falsified(text: str) -> str:
    """One digit more in each figure."""
    return re.sub(r"\d+(?=[.\d]*[%万人次个所])", lambda m: str(int(m[0]) + 1), text)


def at_random(
    topic: str, lines: Sequence[Line], weights: Weights, dense: Mapping[Line, float] | None = None
) -> tuple[Fit, ...]:
    """All sentences with their scores dealt out blindly."""
    fits = list(rank(topic, lines, weights, dense))
    scores = [fit.score for fit in fits]
    random.Random(topic).shuffle(fits)
    return tuple(replace(fit, score=score) for fit, score in zip(fits, scores, strict=True))


def asked() -> Iterator[tuple[Sample, Fact, Gold]]:
    """Figures of the annual reports that stand once in their file under a name of their own."""
    for sample in samples():
        text = read(SAMPLES / sample.file).text
        names = [fact.indicator for fact in sample.figures]
        for fact in sample.figures if sample.genre == "annual" else ():
            own = (fact.kind, fact.period, fact.place) == ("actual", "全年", sample.place)
            if own and fact.value and names.count(fact.indicator) == 1 and text.count(fact.text) == 1:
                at = text.index(fact.text)
                yield sample, fact, Gold(sample.sha256, at, at + len(fact.text))


def numbers() -> Iterator[Case]:
    """澄河县2023年某项是多少？ Five of each report."""
    taken: dict[str, int] = {}
    for sample, fact, gold in asked():
        taken[sample.id] = taken.get(sample.id, 0) + 1
        if taken[sample.id] <= 5 and fact.value is not None:
            yield Case(
                f"n-{sample.id}-{taken[sample.id]}", Kind.NUMBER, f"{sample.place}{sample.year}年{fact.indicator}是多少？",
                "own", "answer", gold=(gold,), values=(Value(fact.value, fact.unit),),
            )  # fmt: skip


def comparisons() -> Iterator[Case]:
    """Two counties in one year, by the place that is ahead; six of each year."""
    taken: dict[int, int] = {}
    for (one, fact, gold), (two, other, other_gold) in combinations(asked(), 2):
        same = (fact.indicator, fact.unit, one.year) == (other.indicator, other.unit, two.year)
        if not same or one.place == two.place or fact.value == other.value or taken.get(one.year, 0) == 6:
            continue
        taken[one.year] = taken.get(one.year, 0) + 1
        high, low = sorted(((fact, one), (other, two)), key=lambda pair: pair[0].value or Decimal(0))[::-1]
        short = tuple(sample.place.removesuffix("县") for _, sample in (high, low))
        yield Case(
            f"c-{one.year}-{taken[one.year]}", Kind.COMPARE,
            f"{one.year}年{one.place}和{two.place}的{fact.indicator}哪个更高，相差多少？",
            "own", "answer", gold=(gold, replace(other_gold, fact=2)), higher=(short[0], short[1]),
        )  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """The samples, taken in, with cases that the product gets right: faults are seeded into what works."""

    setup: Setup
    where: Where
    folder: Path

    def run(self, suite: str, *, stages: Stages = PRODUCT, model: Reader | None = None) -> Scored:
        """Run a suite on the product with other stages or another model, and score what was written."""
        desk = open_desk(replace(self.setup, chat=model or Reader()), stages=stages)
        out = self.folder / f"{len(list(self.folder.iterdir()))}.jsonl"
        where = Where(self.where.reports) if suite == "memos" else self.where  # memos have gold of their own
        try:
            tasks = [task for task in SUITES[suite].cases(where) if not task.absent]
            perform(SUITES[suite], tasks, Product("product", desk), out)
        finally:
            desk.close()
        return load_scored(out, where)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Bench:
    folder = tmp_path_factory.mktemp("seeded")
    with open_desk(folder / "home") as desk:
        assert not desk.ingest([SAMPLES]).failures
        setup = Setup(folder / "home", embedder=desk.embedder)
    (folder / "runs").mkdir()
    proposed = [*numbers(), *comparisons()]
    every = Bench(setup, Where((SAMPLES,), _written(folder / "proposed.jsonl", proposed)), folder / "runs")
    right = {one.task.id for one in every.run("answers").items if one.score.good}
    cases = [case for case in proposed if case.id in right]
    assert len(cases) > 30
    return replace(every, where=Where((SAMPLES,), _written(folder / "cases.jsonl", cases)))


def _written(path: Path, cases: Sequence[Case]) -> Path:
    path.write_text("".join(f"{CASE.dump_json(case).decode()}\n" for case in cases), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def base(bench: Bench) -> Callable[[str], Scored]:
    known: dict[str, Scored] = {}

    def of(suite: str) -> Scored:
        if suite not in known:
            known[suite] = bench.run(suite)
        return known[suite]

    return of


def broken(found: Comparison) -> set[str]:
    assert found.exit_code == 100, found.checks
    return {check.metric for check in found.broken}


@pytest.mark.parametrize("suite", ["answers", "retrieval", "memos"])
def test_a_second_run_of_the_same_passes(bench: Bench, base: Callable[[str], Scored], suite: str) -> None:
    found = compare(base(suite), bench.run(suite))
    assert found.exit_code == 0 and found.outcome == "equal", found.checks


@pytest.mark.parametrize(
    ("stages", "model"),
    [
        (Stages(lock=unlocked), Reader()),  # the model keeps to its evidence anyway
        (PRODUCT, Reader(lambda text: text.replace("，", "、", 1))),  # another style
    ],
    ids=["no-lock", "style"],
)
def test_a_neutral_change_passes(
    bench: Bench, base: Callable[[str], Scored], stages: Stages, model: Reader
) -> None:
    found = compare(base("answers"), bench.run("answers", stages=stages, model=model))
    assert found.exit_code == 0 and found.outcome in ("equal", "inconclusive"), found.checks


def test_a_random_retriever_fails(bench: Bench, base: Callable[[str], Scored]) -> None:
    stages = Stages(rank=at_random)
    assert broken(compare(base("retrieval"), bench.run("retrieval", stages=stages))) >= {"recall@5", "packed"}
    assert "good" in broken(compare(base("answers"), bench.run("answers", stages=stages)))


def test_a_prompt_without_evidence_fails(
    bench: Bench, base: Callable[[str], Scored], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check holds back what the model makes up and quotes the source: right, but no longer phrased."""
    monkeypatch.setattr(phrase, "evidence_block", lambda lines: "")
    assert "stood" in broken(compare(base("answers"), bench.run("answers")))


def test_check_off_fails(bench: Bench) -> None:
    """With the check a model that falsifies figures is caught, and the source quoted instead."""
    held = bench.run("answers", model=Reader(falsified))
    loose = bench.run("answers", model=Reader(falsified), stages=Stages(judge=believe))
    assert compare(held, held).exit_code == 0
    assert broken(compare(held, loose)) >= {"good", "stray_figures", "numeric", "citation_recall"}


def test_deltas_with_the_wrong_sign_fail_in_memos(
    bench: Bench, base: Callable[[str], Scored], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OVER_TIME", "ACROSS"):
        words = getattr(deltas, name)
        monkeypatch.setattr(deltas, name, replace(words, rate=words.rate[::-1], amount=words.amount[::-1]))
    assert broken(compare(base("memos"), bench.run("memos"))) >= {"good", "deltas"}


def test_deltas_with_the_wrong_sign_are_wrong_in_answers(
    bench: Bench, base: Callable[[str], Scored], monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = compose.base
    monkeypatch.setattr(compose, "base", lambda figure: -(straight(figure) or 0))
    found = compare(base("answers"), bench.run("answers"))
    turned = [one for one in found.turned_bad if one.kind == "compare"]
    assert turned and all("高于" in one.reasons[0] for one in turned)
    assert len(turned) == sum(one.task.kind == "compare" for one in base("answers").items)


def test_places_of_citations_that_moved_fail(bench: Bench, base: Callable[[str], Scored]) -> None:
    """A citation that opens elsewhere than at its quote breaks a hard gate, be it one of hundreds."""
    before = base("answers")
    at = next(n for n, one in enumerate(before.items) if one.item["cited"])
    one = before.items[at]
    moved = {**one.item, "cited": [{**one.item["cited"][0], "opens": False}, *one.item["cited"][1:]]}
    score = SUITES["answers"].score(one.task, moved)
    items = (*before.items[:at], replace(one, item=moved, score=score), *before.items[at + 1 :])
    assert broken(compare(before, replace(before, items=items))) == {"opened"}
