"""Sentences of passages with their report, headings and the words before."""

from __future__ import annotations

from collections.abc import Callable

from corpus.report import FigureKind, SectionKind
from service.desk import Desk
from service.lines import Line, lines_of


def all_lines(desk: Desk) -> tuple[Line, ...]:
    return lines_of(desk.library.passages(), desk.card_table())


def test_every_line_opens_at_its_place_in_the_report(bureau: Desk) -> None:
    found = all_lines(bureau)
    assert len(found) > 60
    for one in found:
        assert bureau.report(one.report_id).text[one.span.start : one.span.end] == one.text


def test_figures_of_a_line_count_in_the_line(bureau: Desk) -> None:
    found = [one for one in all_lines(bureau) if one.figures]
    assert found
    for one in found:
        for figure in one.figures:
            assert one.text[figure.span.start : figure.span.end] == figure.text


def test_a_line_knows_its_section_its_headings_and_the_sentence_before(bureau: Desk) -> None:
    cause = next(one for one in all_lines(bureau) if "待遇偏低" in one.text)
    assert cause.kind is SectionKind.PROBLEMS
    assert "后继乏人" in cause.headings
    assert cause.before.startswith("1.乡村医生后继乏人")
    assert cause.card.place == "澄河县"


def test_lines_of_unknown_reports_are_left_out(bureau: Desk) -> None:
    known = bureau.card_table()
    gone = next(iter(known))
    rest = lines_of(bureau.library.passages(), {i: c for i, c in known.items() if i != gone})
    assert rest and gone not in {one.report_id for one in rest}


def test_years_named_in_a_sentence(line: Callable[..., Line]) -> None:
    assert line("到2019年底已建成，2020年投入使用。").years == {2019, 2020}
    assert line("“十三五”期间完成投资。").years == set(range(2016, 2021))
    assert line("本年完成投资20195万元。").years == frozenset()


def test_the_same_place_in_the_same_report_is_the_same_line(line: Callable[..., Line]) -> None:
    assert line("签约率为66.8%。") == line("签约率为66.8%。")
    assert line("签约率为66.8%。") != line("签约率为72.1%。", place="栗坪县")
    assert len({line("签约率为66.8%。"), line("签约率为66.8%。", year=2021)}) == 1


def test_what_the_library_knows_of_a_figure_goes_with_its_line(bureau: Desk) -> None:
    """A figure under 下一步打算 is a target there, though its sentence alone does not tell."""
    view = bureau.view
    cards = bureau.card_table()
    known = view.figures(tuple(cards))
    found = lines_of(bureau.library.passages(), cards, known)
    for line in found:
        for figure in line.figures:
            assert figure.span.of(line.text) == figure.text
    aims = [f for line in found for f in line.figures if f.kind is FigureKind.TARGET]
    alone = [f for line in lines_of(bureau.library.passages(), cards) for f in line.figures]
    assert len(aims) > sum(f.kind is FigureKind.TARGET for f in alone)
