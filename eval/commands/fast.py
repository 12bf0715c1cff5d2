"""``wenheng eval fast``: did a change of the code break anything? Under three minutes, without the language model.

In: the samples, the scores of the last accepted state (``eval/recorded/samples-*.scores.json``) and the recorded outputs of
the whole product (``eval/recorded/outputs``). Out: a line a suite, what turned bad, the gates. The quoting product runs live, since all
but phrasing is code; recorded outputs are scored again, so that a fault of a metric shows, too. A gate fails where it
held in the recorded state; one that was broken there already is told, not counted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from rich.box import SIMPLE
from rich.table import Table

from corpus.errors import NotFound
from eval.commands.run import Choice, opened, setup_of, tasks_of
from eval.comparing import GATE_FAILED, Check, Comparison, compare
from eval.comparison_table import OUTCOMES
from eval.reporting import terms
from eval.reporting.recorded import RECORDED, SUFFIX, read, write
from eval.runs import perform, read_run
from eval.scored import Scored, group, load_scored, score_run
from eval.suites import SUITES, Suite, Where
from eval.systems import System
from eval.where import REPORTS
from service import screen
from service.commands.output import HELP
from service.faults import guarded

if TYPE_CHECKING:
    from service.cli import Context

LIVE = "quoting"
OUTPUTS = RECORDED / "outputs"
WHERE = Where(REPORTS)
SHOWN = 8  # items that turned bad, of each suite


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a suite: ``broken`` gates that held before, ``known`` ones that did not."""

    name: str
    base: Scored
    new: Scored
    comparison: Comparison
    broken: tuple[Check, ...]
    known: tuple[Check, ...]


@click.command(context_settings=HELP)
@click.option("--record", is_flag=True, help="把这一次的分数记为今后比较的基准")
@click.pass_obj
@guarded
def fast(context: Context, record: bool) -> None:
    """快速检查：在随附的样例上跑一遍（不用语言模型），与记录的分数比较，并给记录的回答重新评分。

    退出码：0 门槛都过，100 有原来能过的门槛没过。
    """
    with (
        TemporaryDirectory(prefix="eval-") as folder,
        opened(LIVE, setup_of(context.settings, (), None, ("", "", "none"))) as system,
    ):
        live = [measured(suite, system, Path(folder)) for suite in SUITES.values()]
    if record:
        for one in (*live, *(load_scored(path, WHERE) for path in outputs())):
            screen.out.print(f"已记录 {write(one, 'samples').name}", markup=False)
        return
    found = [*compared_live(live), *compared_recorded()]
    screen.out.print(table(found))
    for line in notes(found):
        screen.out.print(line, markup=False, highlight=False, soft_wrap=True)
    sys.exit(GATE_FAILED if any(one.broken for one in found) else 0)


def measured(suite: Suite, system: System, folder: Path) -> Scored:
    """One suite on the samples, live."""
    tasks = tasks_of(suite, WHERE, Choice())
    out = folder / f"{suite.name}.jsonl"
    with screen.step_progress(suite.name) as progress:
        done = 0

        def after(*_: object) -> None:
            nonlocal done
            done += 1
            progress(done, len(tasks))

        perform(suite, tasks, system, out, after=after)
    return score_run(read_run(out), suite, tasks)


def compared_live(live: Sequence[Scored]) -> Iterator[Found]:
    """Each suite against its recorded scores.

    Raises:
        NotFound: there are none.
    """
    for new in live:
        path = RECORDED / f"samples-{new.meta.suite}-{LIVE}{SUFFIX}"
        if not path.is_file():
            raise NotFound("没有记录的分数", where=str(path), remedy="请先运行 wenheng eval fast --record")
        yield judged(terms.suite(new.meta.suite), read(path).scored, new)


def compared_recorded() -> Iterator[Found]:
    """The recorded outputs of the product, scored now, against the scores that they had."""
    for path in outputs():
        scored = load_scored(path, WHERE)
        base = read(RECORDED / f"{path.stem}{SUFFIX}").scored
        yield judged(f"{terms.suite(scored.meta.suite)}（记录的回答）", base, scored)


def outputs() -> tuple[Path, ...]:
    """The runs of the whole product that are kept, outputs and all."""
    return tuple(sorted(OUTPUTS.glob("samples-*-product.jsonl")))


def judged(name: str, base: Scored, new: Scored) -> Found:
    """Compare; a gate that the base breaks as well is known."""
    comparison = compare(base, new)
    before = {(check.name, check.metric) for check in compare(base, base).broken}
    broken = tuple(check for check in comparison.broken if (check.name, check.metric) not in before)
    known = tuple(check for check in comparison.broken if (check.name, check.metric) in before)
    return Found(name, base, new, comparison, broken, known)


def table(found: Sequence[Found]) -> Table:
    """A row a suite."""
    shown = Table(title="快速检查（虚构样例）", box=SIMPLE)
    shown.add_column("评测")
    for head in ("题数", "原来合格", "现在合格", "结论", "门槛"):
        shown.add_column(head, justify="right")
    for one in found:
        before, now = group("", one.base.items), group("", one.new.items)
        gates = f"{len(one.broken)}道新破" if one.broken else "通过"
        outcome = OUTCOMES[one.comparison.outcome]
        shown.add_row(one.name, str(now.n), str(before.good), str(now.good), outcome, gates)
    return shown


def notes(found: Sequence[Found]) -> Iterator[str]:
    """What turned bad, and the gates that do not hold."""
    for one in found:
        for turned in one.comparison.turned_bad[:SHOWN]:
            yield f"{one.name}　变差　{turned.id}　{turned.asked}　{'；'.join(turned.reasons)}"
        for check in one.broken:
            yield f"{one.name}　门槛未过　{check.name}　{check.told}"
        for check in one.known:
            yield f"{one.name}　原来就没过　{check.name}　{check.told}"
