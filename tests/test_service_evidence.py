"""Question → evidence: filters first, then the sentences that can answer, best first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from corpus.report import Filter, Passage, SectionKind
from service.desk import Desk
from service.evidence import PRIVATE_REFUSAL, SHOWN, by_report, find
from service.terms import Weights


class Closed:
    """A view that may not be asked for anything but the rarity of words."""

    def weights(self) -> Weights:
        return Weights.learn(["签约率"])

    def cards(self) -> Sequence[object]:
        raise AssertionError

    mentions = passages = search = similarities = cards


class Large:
    """The view of a library whose scopes are too large to be read whole."""

    def __init__(self, desk: Desk) -> None:
        self.view = desk.view
        self.asked: list[Filter] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.view, name)

    def passages(self, scope: Filter) -> Sequence[Passage]:
        raise AssertionError("read whole")

    def search(self, query: str, scope: Filter, k: int) -> Sequence[Passage]:
        self.asked.append(scope)
        return self.view.search(query, scope, k)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("澄河县2022年家庭医生签约率是多少", "家庭医生签约率为66.8%"),
        ("澄河县2021年家庭医生签约率是多少", "家庭医生签约率为61.3%"),
        ("雁塘区罚款多少", "罚款23.5万元"),
        ("栗坪县妇幼保健院迁建项目总投资多少", "总投资1.26亿元"),
        ("苍麓市建设多少条健康步道", "健康步道12条"),
    ],
)
def test_the_sentence_that_answers_comes_first(bureau: Desk, question: str, text: str) -> None:
    found = find(bureau.understand(question), bureau.view)
    assert not found.refusal
    assert text in found.lines[0].text
    assert len(found.lines) <= SHOWN
    shown = set(found.lines)  # weak sentences are left out, the order is that of the fits
    assert [fit.line for fit in found.fits[:SHOWN] if fit.line in shown] == list(found.lines)


def test_no_evidence_comes_from_outside_the_filters(bureau: Desk) -> None:
    found = find(bureau.understand("澄河县2021年的签约率、讲座和体检各是多少"), bureau.view)
    assert {(fit.line.card.place, fit.line.card.year) for fit in found.fits} == {("澄河县", 2021)}


def test_sections_are_hard_filters(bureau: Desk) -> None:
    found = find(bureau.understand("澄河县2022年存在哪些问题"), bureau.view)
    assert {fit.line.kind for fit in found.fits} == {SectionKind.PROBLEMS}


def test_a_section_that_a_report_lacks_is_said(bureau: Desk) -> None:
    found = find(bureau.understand("苍麓市存在哪些问题"), bureau.view)
    assert "苍麓市" in found.refusal and SectionKind.PROBLEMS.label in found.refusal
    assert found.lines == ()


def test_only_sentences_on_the_asked_year_count_in_a_report_of_another_year(bureau: Desk) -> None:
    found = find(bureau.understand("栗坪县2023年妇幼保健院什么时候投入使用"), bureau.view)
    assert found.fits and all("2023" in fit.line.text for fit in found.fits)


def test_personal_data_is_refused_before_anything_is_searched(bureau: Desk) -> None:
    found = find(bureau.understand("雁塘区值班员的手机号是多少"), Closed())
    assert found.refusal == PRIVATE_REFUSAL and found.fits == ()


def test_the_masked_number_is_nowhere(bureau: Desk) -> None:
    found = find(bureau.understand("雁塘区办公室值班员联系人"), bureau.view)
    assert "13900001234" not in " ".join(fit.line.passage.text for fit in found.fits)


def test_a_large_scope_is_searched_inside_the_filter(bureau: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.evidence.WHOLE_SCOPE", 0)
    view = Large(bureau)
    found = find(bureau.understand("澄河县2022年家庭医生签约率是多少"), view)
    assert "66.8%" in found.lines[0].text
    (scope,) = view.asked
    assert {bureau.report(i).metadata.year_number for i in scope.report_ids} == {2022}


def test_similarities_are_cosines_of_each_text(bureau: Desk) -> None:
    texts = ["家庭医生签约率", "救护车11辆", "家庭医生签约率"]
    values = bureau.view.similarities("家庭医生签约率", texts)
    assert values.shape == (3,) and values[0] == values[2] > values[1]
    assert np.isclose(values[0], 1.0, atol=1e-3)


def test_fits_are_grouped_by_report_in_order(bureau: Desk) -> None:
    found = find(bureau.understand("各地的家庭医生签约率"), bureau.view)
    groups = by_report(found.fits)
    assert sum(len(group) for group in groups.values()) == len(found.fits)
    for report, group in groups.items():
        assert {fit.line.report_id for fit in group} == {report}
        assert [f for f in found.fits if f.line.report_id == report] == group
