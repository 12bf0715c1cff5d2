"""docs/quality.md: made from recorded runs alone, true to them, and without a word of any report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.errors import InputError
from eval.gates import MARGINS
from eval.reporting import toy
from eval.reporting.english import KINDS, SUITES, SYSTEMS
from eval.reporting.quality import CLAIMS, PAGE, Runs, claims, corpora, kinds, made, main, percent, points
from eval.reporting.recorded import RECORDED, Recorded, read, read_all, sheet, write
from eval.scored import Scored
from eval.suites import SUITES as ALL_SUITES
from eval.suites.contract import Score
from eval.systems import ABLATIONS, BASELINES

PRODUCT, CHAIN = toy.product(), toy.chain()


def line(table: str, begins: str) -> list[str]:
    """The cells of the row of a Markdown table that begins so."""
    (found,) = [row for row in table.splitlines() if row.startswith(f"| {begins}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_a_claim_is_measured_over_the_items_that_both_runs_hold() -> None:
    table = claims(Runs("samples", (PRODUCT, CHAIN)))
    name, items, product, chain, ahead, wanted, holds = line(table, CLAIMS[0])
    assert (name, items, product, chain) == (CLAIMS[0], "4", "100.0 %", "25.0 %")
    assert (ahead, wanted, holds) == ("+75.0", "≥ 20", "yes")
    assert line(table, CLAIMS[1])[1:5] == ["1", "100.0 %", "0.0 %", "+100.0"]  # the computed one


def test_a_claim_that_does_not_hold_is_printed_as_such() -> None:
    better = toy.renamed(PRODUCT, system="plain-chain")
    worse = toy.renamed(CHAIN, system="product")
    assert line(claims(Runs("samples", (worse, better))), CLAIMS[0])[-3:] == ["−75.0", "≥ 20", "**no**"]


def test_what_was_not_run_is_not_claimed() -> None:
    table = claims(Runs("samples", (PRODUCT,)))
    assert line(table, CLAIMS[0])[-1] == "not recorded"
    assert line(table, CLAIMS[2])[-1] == "not recorded"


@pytest.mark.parametrize(("refused", "holds"), [(0, "yes"), (1, "**no**")])
def test_false_refusals_are_held_against_three_percent(refused: int, holds: str) -> None:
    items = tuple(
        replace(one, score=Score(one.task.id, {"false_refusal": float(n < refused)}, n >= refused))
        for n, one in enumerate(PRODUCT.items)
    )
    table = claims(Runs("samples", (replace(PRODUCT, items=items), CHAIN)))
    row = line(table, "false refusals")
    assert row[1:3] == ["5", percent(refused / 5)] and row[-1] == holds


def test_items_that_were_asked_in_other_words_are_not_paired() -> None:
    changed = replace(PRODUCT, items=tuple(replace(o, item={**o.item, "case": "x"}) for o in PRODUCT.items))
    assert line(claims(Runs("samples", (changed, CHAIN))), CLAIMS[0])[1:] == [
        "0",
        "—",
        "—",
        "—",
        "≥ 20",
        "not recorded",
    ]


def test_the_page_tells_baselines_kinds_and_what_each_part_is_worth() -> None:
    without = toy.renamed(CHAIN, system="no-check")
    page = made([Recorded("samples", run) for run in (PRODUCT, CHAIN, without)])
    assert line(page, "plain LangChain chain")[1:4] == ["4", "25.0 % [4.6, 69.9]", "+75.0"]
    assert line(page, "the check of answers")[1:] == ["Answers", "4", "100.0 %", "25.0 %", "+75.0"]
    assert line(page, "number")[1:] == ["2", "100.0 % [34.2, 100.0]", "50.0 % [9.5, 90.5]"]
    assert "Made by: model toy-1b; model_hash 000000000000; prompts answer v1." in page
    assert toy.PHONE not in page and "澄河" not in page and "缺：" not in page


def test_without_runs_the_page_says_so() -> None:
    assert "No run is recorded yet." in made([])


def test_corpora_stand_in_their_order() -> None:
    found = corpora([Recorded("real", PRODUCT), Recorded("samples", CHAIN)])
    assert [one.corpus for one in found] == ["samples", "real"]
    assert kinds(found[0], "answers") == ""  # no product to show


def test_every_suite_system_and_kind_has_an_english_name() -> None:
    from eval.cases import Kind

    assert set(SUITES) == set(ALL_SUITES)
    assert {"product", *BASELINES, *ABLATIONS} == set(SYSTEMS)
    assert set(KINDS) == {kind.value for kind in Kind}
    assert len(CLAIMS) == len(MARGINS)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.125, "+12.5"), (-0.03, "−3.0"), (0.0, "0.0"), (-0.0001, "0.0"), (None, "—")],
)
def test_points(share: float | None, text: str) -> None:
    assert points(share) == text


# -- the files of scores -------------------------------------------------------------------------------


def test_scores_come_back_as_they_were(tmp_path: Path) -> None:
    path = write(CHAIN, "real", tmp_path)
    assert path.name == "real-answers-plain-chain.scores.json"
    back = read(path)
    assert back.corpus == "real" and back.scored.meta == CHAIN.meta
    told = [(one.task.id, one.task.kind, one.score.good, one.score.counts) for one in back.scored.items]
    assert told == [(one.task.id, one.task.kind, one.score.good, one.score.counts) for one in CHAIN.items]
    assert [bool(one.item["error"]) for one in back.scored.items] == [False, False, True, False]


def test_scores_hold_no_text(tmp_path: Path) -> None:
    written = write(CHAIN, "real", tmp_path).read_text("utf-8")
    for text in ("澄河", "团队", "签约", "EndpointError", toy.PHONE, "缺"):
        assert text not in written
    assert {"question", "output", "reasons", "asks"}.isdisjoint(json.loads(written)["items"][0])


@pytest.mark.parametrize(
    "broken", ["{", "[]", '{"corpus": "real", "meta": {}, "items": []}', '{"corpus": "x"}']
)
def test_a_broken_file_of_scores_is_told(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "x.scores.json"
    path.write_text(broken)
    with pytest.raises(InputError, match="不是评分记录"):
        read(path)


def test_unknown_fields_are_refused(tmp_path: Path) -> None:
    whole = sheet(CHAIN, "real")
    whole["items"][0]["output"] = "text"
    path = tmp_path / "x.scores.json"
    path.write_text(json.dumps(whole))
    with pytest.raises(InputError, match="不是评分记录"):
        read(path)


def test_two_runs_of_one_system_are_refused(tmp_path: Path) -> None:
    write(CHAIN, "real", tmp_path).rename(tmp_path / "a.scores.json")
    write(CHAIN, "real", tmp_path)
    with pytest.raises(InputError, match="请只留一份"):
        read_all(tmp_path)


def test_the_command_writes_and_checks(tmp_path: Path) -> None:
    run: Scored
    for run in (PRODUCT, CHAIN):
        write(run, "samples", tmp_path)
    options = ["--recorded", str(tmp_path), "--page", str(tmp_path / "quality.md")]
    stale = CliRunner().invoke(main, [*options, "--check"])
    assert stale.exit_code == 2 and "不一致" in stale.output
    assert CliRunner().invoke(main, options).exit_code == 0
    assert CliRunner().invoke(main, [*options, "--check"]).exit_code == 0


def test_the_page_of_the_project_fits_its_recorded_runs() -> None:
    recorded = read_all() if RECORDED.is_dir() else ()
    assert PAGE.is_file() == bool(recorded)
    if recorded:
        assert PAGE.read_text("utf-8") == made(recorded), "python -m eval.reporting.quality"
