"""Writes docs/quality.md: how good the product is, beside every baseline and without each of its parts.

In: the runs recorded in ``eval/recorded``. Out: the page. Nothing on it is written by hand but the prose of its
template, so that no figure can go stale: a test compares the page with the runs. What was not run is said to be
missing; a claim that does not hold is printed as such.

    python -m eval.reporting.quality [--check]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.errors import InputError
from eval.comparing import Pair, difference
from eval.gates import GOOD, MARGINS, Margin
from eval.reporting.english import CORPORA, KINDS, MEASURES, SUITES, SYSTEMS
from eval.reporting.judged import interval, share
from eval.reporting.recorded import RECORDED, Recorded, read_all
from eval.scored import Group, Scored, group, groups
from eval.statistics import Difference
from eval.systems import ABLATIONS, BASELINES
from service.faults import guarded

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quality.md"
PRODUCT, CHAIN = "product", "plain-chain"
CLAIMS = ("all answerable kinds together", "the hard kinds", "refusals")  # in the order of MARGINS
FALSE_REFUSALS = 0.03
MEASURED = "—"


@dataclass(frozen=True, slots=True)
class Runs:
    """The recorded runs of one corpus."""

    corpus: str
    runs: tuple[Scored, ...]

    def find(self, suite: str, system: str) -> Scored | None:
        """A run, None where it was not recorded."""
        wanted = (suite, system)
        return next((run for run in self.runs if (run.meta.suite, run.meta.system) == wanted), None)

    @property
    def suites(self) -> tuple[str, ...]:
        """The suites in the order in which they are told."""
        known = {run.meta.suite for run in self.runs}
        return tuple(name for name in SUITES if name in known)

    def systems(self, suite: str, names: Iterable[str]) -> list[Scored]:
        """The runs of a suite by these systems, in their order."""
        return [run for name in names if (run := self.find(suite, name)) is not None]


def corpora(recorded: Sequence[Recorded]) -> list[Runs]:
    """The runs by corpus: the samples first, since anyone can repeat those."""
    return [
        Runs(name, runs)
        for name in CORPORA
        if (runs := tuple(one.scored for one in recorded if one.corpus == name))
    ]


# -- pairs and how they are written --------------------------------------------------------------------


def common(base: Scored, new: Scored, kinds: Sequence[str] = ()) -> tuple[Pair, ...]:
    """The items that both runs hold, in the same wording; of some kinds where these are named."""
    ours = {one.task.id: one for one in base.items}
    both = [(ours[one.task.id], one) for one in new.items if one.task.id in ours]
    return tuple(
        (one, other)
        for one, other in both
        if one.item["case"] == other.item["case"] and (not kinds or other.task.kind in kinds)
    )


def percent(value: float | None) -> str:
    """85.3 %"""
    return MEASURED if value is None else f"{value * 100:.1f} %"


def points(value: float | None) -> str:
    """+12.5, −3.0, 0.0: percentage points."""
    if value is None:
        return MEASURED
    sign = "" if abs(value) < 0.0005 else "+" if value > 0 else "−"
    return f"{sign}{abs(value) * 100:.1f}"


def shared(found: Group) -> str:
    """85.3 % [80.1, 89.4] of 150"""
    low, high = interval(found)
    if share(found) is None:
        return MEASURED
    return f"{percent(share(found))} [{low * 100:.1f}, {high * 100:.1f}]"


def apart(found: Difference) -> str:
    """+12.5 [+8.0, +17.1]; an interval over few reports is marked."""
    if found.value is None:
        return MEASURED
    if found.low is None or found.high is None:
        return points(found.value)
    return (
        f"{points(found.value)} [{points(found.low)}, {points(found.high)}]{'*' if found.indicative else ''}"
    )


# -- tables --------------------------------------------------------------------------------------------


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is left-aligned, the others right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def claims(runs: Runs) -> str:
    """What the project promises against the plain chain, and whether it holds."""
    rows = [_claim(runs, margin, name) for margin, name in zip(MARGINS, CLAIMS, strict=True)]
    rows.append(_false_refusals(runs))
    header = ("Claim", "Questions", "Product", "Plain chain", "Ahead by (points)", "Wanted", "Holds")
    return table(header, rows)


def _claim(runs: Runs, margin: Margin, name: str) -> list[str]:
    wanted = f"≥ {margin.points * 100:.0f}"
    product, chain = (runs.find(margin.suite, system) for system in (PRODUCT, CHAIN))
    if product is None or chain is None:
        return [name, MEASURED, MEASURED, MEASURED, MEASURED, wanted, "not recorded"]
    pairs = common(chain, product, margin.kinds)
    found = difference(pairs, GOOD)
    holds = "not recorded" if found.value is None else _yes(found.value >= margin.points - 1e-9)
    counted = (str(found.items), percent(found.new), percent(found.base), apart(found))
    return [name, *counted, wanted, holds]


def _false_refusals(runs: Runs) -> list[str]:
    name, wanted = "false refusals of the product", f"≤ {FALSE_REFUSALS:.0%}"
    product, chain = (runs.find("answers", system) for system in (PRODUCT, CHAIN))
    if product is None:
        return [name, *[MEASURED] * 4, wanted, "not recorded"]
    whole = group("", product.items)
    mine = whole.means.get("false_refusal")
    other = group("", chain.items).means.get("false_refusal") if chain else None
    holds = "not recorded" if mine is None else _yes(mine <= FALSE_REFUSALS + 1e-9)
    counted = str(whole.measured.get("false_refusal", 0))
    return [name, counted, percent(mine), percent(other), MEASURED, wanted, holds]


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


def systems(runs: Runs, suite: str) -> str:
    """The product and all baselines on one suite, with how far the product is ahead of each."""
    found = runs.systems(suite, (PRODUCT, *BASELINES))
    names = measures(found)
    header = ("System", "Items", "Good [95 %]", "Product ahead by", *(MEASURES.get(n, n) for n in names))
    return table(header, [_system(runs, suite, run, names) for run in found])


def _system(runs: Runs, suite: str, run: Scored, names: Sequence[str]) -> list[str]:
    whole = group("", run.items)
    product = runs.find(suite, PRODUCT)
    ahead = MEASURED
    if product is not None and run is not product:
        ahead = apart(difference(common(run, product), GOOD))
    cells = [_measure(whole, name) for name in names]
    return [SYSTEMS.get(run.meta.system, run.meta.system), str(whole.n), shared(whole), ahead, *cells]


def measures(found: Sequence[Scored]) -> list[str]:
    """The measures of a suite that were taken of any system and that the page has a name for, in its order."""
    means = [group("", run.items).means for run in found]
    return [name for name in MEASURES if any(one.get(name) is not None for one in means)]


def _measure(whole: Group, name: str) -> str:
    value = whole.means.get(name)
    return (
        MEASURED
        if value is None
        else f"{value:.3f}"
        if name not in ("first_token_s", "total_s")
        else f"{value:.1f}"
    )


def kinds(runs: Runs, suite: str) -> str:
    """The product beside the plain chain, kind by kind; "" where the suite has one kind only."""
    product, chain = (runs.find(suite, system) for system in (PRODUCT, CHAIN))
    if product is None:
        return ""
    found = list(groups(product)[:-1])
    if len(found) < 2:
        return ""
    beside = {one.name: one for one in groups(chain)[:-1]} if chain else {}
    rows = [
        [
            KINDS.get(one.name, one.name),
            str(one.n),
            shared(one),
            shared(beside[one.name]) if one.name in beside else MEASURED,
        ]
        for one in found
    ]
    return table(("Kind", "Items", "Product [95 %]", "Plain chain [95 %]"), rows)


def ablations(runs: Runs) -> str:
    """What each part is worth: the product less the product without it, suite by suite; "" without any."""
    rows = []
    for suite in runs.suites:
        product = runs.find(suite, PRODUCT)
        if product is None:
            continue
        for run in runs.systems(suite, ABLATIONS):
            pairs = common(run, product)
            found = difference(pairs, GOOD)
            shares = (percent(found.new), percent(found.base), apart(found))
            rows.append([SYSTEMS[run.meta.system], SUITES[suite], str(found.items), *shares])
    header = ("Without", "Suite", "Items", "Whole product", "Without the part", "The part is worth")
    return table(header, rows) if rows else ""


def reports(runs: Runs, suite: str) -> str:
    """Each report, where there are too few for an interval to mean much; "" where there are enough."""
    product = runs.find(suite, PRODUCT)
    if product is None:
        return ""
    found = groups(product, "report")[:-1]
    if not 1 < len(found) < 10:
        return ""
    return table(("Report", "Items", "Good"), [[one.name, str(one.n), percent(share(one))] for one in found])


def made(recorded: Sequence[Recorded]) -> str:
    """The whole page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # Markdown; all that comes in is numbers and names of ours
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = environment.get_template("quality.md.j2")
    tables = {
        "claims": claims,
        "systems": systems,
        "kinds": kinds,
        "ablations": ablations,
        "reports": reports,
    }
    return page.render(
        corpora=corpora(recorded), CORPORA=CORPORA, SUITES=SUITES, signature=signature, **tables
    )


def signature(runs: Runs) -> list[tuple[str, str]]:
    """What made the product's runs: (name, value) of each part of their signatures, once."""
    found: dict[tuple[str, str], None] = {}
    for run in runs.runs:
        if run.meta.system == PRODUCT:
            found |= {(name, _flat(value)): None for name, value in run.meta.signature.items() if value}
    return list(found)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@click.command(help="由 eval/recorded 里的评测记录写出 docs/quality.md。")
@click.option("--check", is_flag=True, help="只检查页面与记录是否一致")
@click.option("--recorded", "folder", type=click.Path(path_type=Path), default=RECORDED, help="评测记录")
@click.option("--page", type=click.Path(path_type=Path), default=PAGE, help="写到哪里")
@guarded
def main(check: bool, folder: Path, page: Path) -> None:
    """Command line."""
    text = made(read_all(folder))
    if not check:
        page.write_text(text, encoding="utf-8")
    elif not page.is_file() or page.read_text(encoding="utf-8") != text:
        raise InputError(
            "页面与评测记录不一致", where=str(page), remedy="请运行 python -m eval.reporting.quality"
        )


if __name__ == "__main__":
    main()
