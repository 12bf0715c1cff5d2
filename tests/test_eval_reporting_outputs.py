"""What systems give, made ready to be shown: answers, documents, found passages, tables, anything else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import NotFound
from corpus.report import Report
from corpus.samples import SAMPLES
from eval.cases import Gold
from eval.reporting import terms, toy
from eval.reporting.command import report
from eval.reporting.judged import Expected, expectation
from eval.reporting.outputs import Text, clean, shown, split
from eval.reporting.plots import SHARES, Dot, Group, differences_axis, key, plot
from eval.reporting.shelf import Shelf, samples, shelf
from eval.runs import perform
from eval.suites.asking import ANSWERS
from eval.suites.contract import Where
from service.papers.toy_document import toy_document, toy_report

SHELF = toy.toy_shelf()
NONE = Expected()


def test_a_document_is_shown_with_headings_tables_and_numbered_sources() -> None:
    document = toy_document()
    reports = Shelf(reports=[toy_report("toy-2021"), toy_report("toy-2022")])
    made = shown(document.to_json(), reports, NONE)
    assert made.parts[0].heading == document.title
    assert len(made.sources) == len(document.sources)
    assert all(source.opens for source in made.sources)
    grid = next(part for part in made.parts if part.header)
    assert any(cell.marks for row in grid.rows for cell in row)
    assert shown({"document": document.to_json(), "copied": "1.0"}, reports, NONE) == made


def test_a_citation_that_opened_for_the_run_is_not_called_closed() -> None:
    document = toy_document().to_json()
    moved = [one | {"start": one["start"] + 1, "end": one["end"] + 1} for one in document["sources"]]
    reports = Shelf(reports=[toy_report("toy-2021"), toy_report("toy-2022")])
    closed = shown(document | {"sources": moved}, reports, NONE)
    assert {source.opens for source in closed.sources} == {False}
    seen = shown(document | {"sources": moved}, reports, NONE, [{"opens": True}] * len(moved))
    assert {source.opens for source in seen.sources} == {None}


def test_a_citation_used_twice_has_one_number() -> None:
    one = toy.answer("团队86个", toy.TEAMS, "86个")
    one["sentences"].append(one["sentences"][0] | {"figures": ["71.5%"]})
    made = shown(one, SHELF, NONE)
    assert [line.marks for line in made.parts[0].lines] == [(1,), (1,)]
    assert [piece.text for piece in made.sources[0].pieces if piece.figure] == ["86个", "71.5%"]


def test_a_baseline_without_sentences_shows_its_text() -> None:
    made = shown({"status": "answered", "text": "不知道。", "sentences": []}, SHELF, NONE)
    assert made.parts[0].lines == (Text("不知道。"),)


def test_found_passages_are_opened_by_raw_offsets() -> None:
    start = toy.TEXT.index(toy.TEAMS)
    one = {"report_id": "toy-2023", "sha256": toy.SHA256, "start": start, "end": start + len(toy.TEAMS)}
    made = shown({"found": [one], "packed": []}, SHELF, NONE)
    assert made.evidence[0].pieces[0].text == toy.TEAMS and "澄河县" in made.evidence[0].where
    unknown = shown({"found": [one | {"report_id": "other"}]}, SHELF, NONE)
    assert unknown.evidence[0].opens is None


def test_rows_are_a_table_and_anything_else_is_json() -> None:
    made = shown({"rows": [{"name": "签约率", "value": "71.5"}, {"name": "团队", "unit": None}]}, SHELF, NONE)
    assert made.parts[0].header == ("name", "value", "unit")
    assert [cell.text for cell in made.parts[0].rows[1]] == ["团队", "", ""]
    assert "矛盾" in shown({"说明": "矛盾"}, SHELF, NONE).raw
    assert shown(["a"], SHELF, NONE).raw == '[\n "a"\n]'
    assert shown(None, SHELF, NONE).raw == ""


def test_a_gold_span_opens_in_its_report() -> None:
    start = toy.TEXT.index("投入资金")
    place = SHELF.gold(Gold(toy.SHA256, start, start + 4))
    assert place is not None and place[1].quote == "投入资金" and place[1].before.endswith("23所，")
    assert SHELF.gold(Gold("f" * 64, 0, 4)) is None
    assert SHELF.gold(Gold(toy.SHA256, 0, 10**6)) is None


def test_a_cluster_is_named_after_its_file() -> None:
    assert SHELF.named(toy.SHA256[:12]) == "澄河县.txt"
    assert SHELF.named("a" * 12) == "a" * 12 and SHELF.named("澄河县") == "澄河县"


def test_the_samples_are_at_hand_without_a_library() -> None:
    with shelf() as at_hand:
        report = samples()[0]
        cited = {"report_id": report.id, "start": 5, "end": 12, "quote": report.text[5:12]}
        assert at_hand.around(cited).opens and at_hand.named(report.source_sha256[:12]) == report.source_name
    assert len(samples()) > len(list(SAMPLES.glob("*卫生健康局*")))


def test_a_data_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有资料库"), shelf(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


@given(st.text(max_size=40), st.lists(st.text(max_size=4), max_size=4))
@settings(deadline=None)
def test_a_quote_cut_at_its_figures_is_whole_when_joined(quote: str, figures: list[str]) -> None:
    pieces = split(quote, figures)
    assert "".join(piece.text for piece in pieces) == quote
    assert all(piece.text in figures for piece in pieces if piece.figure)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@settings(deadline=None)
def test_clean_keeps_the_form_of_what_has_nothing_to_hide(value: object) -> None:
    assert clean(clean(value)) == clean(value)
    json.dumps(clean(value)).encode("utf-8")


def test_clean_reaches_into_tuples_and_mappings() -> None:
    found = clean({"a": (f"电话{toy.PHONE}",), "b": [{"c": f"手机 {toy.PHONE}"}]})
    assert toy.PHONE not in str(found)


def test_what_a_case_asks_for_names_no_secret() -> None:
    told = expectation(toy.CASES["p-1"])
    assert told.lines == ("应拒答", "不应出现：个人信息（只存哈希值）") and told.secrets
    assert expectation({"any": "gold"}) == NONE


# -- plots and words -----------------------------------------------------------------------------------


def test_a_plot_puts_dots_where_their_values_are() -> None:
    made = str(plot([Group("数值", (Dot(0.5, 0.25, 0.75, "x"),))], SHARES, "图"))
    middle = SHARES.at(0.5)
    assert f'cx="{middle:.1f}"' in made
    assert f'x1="{SHARES.at(0.25):.1f}" x2="{SHARES.at(0.75):.1f}"' in made
    assert SHARES.at(0.0) < SHARES.at(0.25) < middle < SHARES.at(1.0) == SHARES.at(7.0)


def test_a_plot_escapes_names_and_tells_what_was_not_scored() -> None:
    made = str(plot([Group("<b>", (Dot(None, 0, 0, "没有"),))], SHARES, '"<i>'))
    assert "<b>" not in made and "&lt;b&gt;" in made and "<i>" not in made and "未能评分" in made


@pytest.mark.parametrize(("most", "edge"), [(0.0, 0.1), (0.1, 0.1), (0.11, 0.2), (0.4, 0.5), (0.9, 1.0)])
def test_the_axis_of_differences_holds_all_intervals(most: float, edge: float) -> None:
    axis = differences_axis([Group("a", (Dot(0, -most, 0, ""),))])
    assert (axis.low, axis.high) == (-edge, edge) and axis.written(0.0) == "0" and axis.written(0.05) == "+5"


def test_forty_two_series_look_different() -> None:
    looks = str(key([str(n) for n in range(42)])).split('<span class="key">')[1:]
    assert len({look.rsplit("</svg>", 1)[0] for look in looks}) == 42


def test_unknown_names_stay_and_long_requests_are_cut() -> None:
    assert (terms.system("mine"), terms.kind(""), terms.measure("x")) == ("mine", "未分类", "x")
    assert (
        terms.brief({"places": ["澄河县"], "history": [], "input": "长" * 99})
        == f"地区：澄河县；输入：{'长' * 80}…"
    )
    assert [terms.written(value) for value in (None, 1.0, 0.8534, 0.0)] == ["—", "1", "0.853", "0"]


def test_the_samples_are_read_only_when_nothing_else_has_a_report() -> None:
    asked = []
    at_hand = Shelf(reports=(toy.toy_report(),), more=lambda: asked.append(1) or ())  # type: ignore[func-returns-value]
    assert at_hand.around(toy.cite(toy.TEAMS)).opens and at_hand.named(toy.SHA256[:12]) == "澄河县.txt"
    assert not asked
    assert at_hand.report("other") is None and at_hand.report("another") is None and asked == [1]


# -- the command ---------------------------------------------------------------------------------------


def test_the_command_tells_what_is_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(report, [str(tmp_path / "no.jsonl"), "-o", str(tmp_path / "r.html")])
    assert result.exit_code == 2 and "没有这份评测结果" in result.output
    assert not list(tmp_path.iterdir())


class Quoting:
    """A system that quotes one sentence of a sample, whatever it is asked."""

    name = "bm25"

    def signature(self) -> dict[str, str]:
        return {"model": ""}

    def report(self, report_id: str) -> Report:
        return samples()[0]

    def ask(self, question: str, history: list[str]) -> dict[str, Any]:
        found = samples()[0]
        cited = {"report_id": found.id, "title": found.metadata.title, "start": 20, "end": 40}
        cited["quote"] = found.text[20:40]
        sentence = {"text": "答", "status": "quoted", "citations": [cited], "figures": []}
        return {
            "status": "answered",
            "text": "答[1]。",
            "sentences": [sentence],
            "evidence": [],
            "reason": "",
        }


def test_a_run_file_becomes_a_page(tmp_path: Path) -> None:
    file = next(path for path in sorted(SAMPLES.iterdir()) if path.suffix == ".txt")
    gold = {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "start": 0, "end": 5}
    case = {"id": "x-1", "kind": "number", "question": "青岭县有几所？", "split": "dev", "expect": "answer"}
    cases, run, out = (tmp_path / name for name in ("cases.jsonl", "run.jsonl", "r.html"))
    cases.write_text(json.dumps(case | {"gold": [gold], "values": [{"value": 3}]}), encoding="utf-8")
    where = Where((SAMPLES,), cases)
    perform(ANSWERS, ANSWERS.cases(where), Quoting(), run)  # type: ignore[arg-type]
    result = CliRunner().invoke(report, [str(run), "-o", str(out), "--cases", str(cases)])
    assert result.exit_code == 0 and "r.html" in result.output and "r.junit.xml" in result.output
    page = out.read_text("utf-8")
    assert "青岭县有几所？" in page and file.name in page and samples()[0].text[20:40] in page
    again = CliRunner().invoke(report, [str(run), "-o", str(out), "--cases", str(cases)])
    assert again.exit_code == 2 and "已经存在" in again.output
