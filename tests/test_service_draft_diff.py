"""What changed between two versions: by step and sentence, with the figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.draft.diff import OPEN, changes, diff, spans
from service.draft.drafts import Draft, Written
from service.draft.inputs import DraftInput
from service.draft.toy_draft import PROBLEMS, TASKS, toy_input, toy_outline

GIVEN = toy_input()


def drafted(given: DraftInput = GIVEN, **texts: str) -> Draft:
    """A draft of the facts; ``texts`` replaces steps by key with _ for a dot."""
    outline = toy_outline(given)
    written = []
    for step in (s for s in outline.steps if s.table is None):
        text = texts.get(f"s{step.key.replace('.', '_')}")
        sentences = step.facts if text is None else (replace(step.facts[0], text=text),)
        written.append(Written(step.key, sentences))
    return Draft(given, outline, tuple(written))


def test_the_same_is_the_same() -> None:
    found = diff(drafted(), drafted())
    assert (found.changed, found.titles, found.same) == ((), (), 7)


def test_a_changed_sentence_names_its_figures() -> None:
    found = diff(drafted(s2_1="将公开招聘药师6名。"), drafted(s2_1="将公开招聘药师8名，定向培养2名。"))
    (step,) = found.changed
    (change,) = step.changes
    assert (step.before, step.after, step.title, change.kind) == ("2.1", "2.1", "招聘药师", "changed")
    assert (change.gone, change.come) == (("6名",), ("8名", "2名"))


def test_another_way_to_write_a_figure_is_no_other_figure() -> None:
    (change,) = changes(["服务1.5万人次，下降3%。"], ["服务15000人次，下降了3%。"])
    assert change.kind == "changed" and not change.gone and not change.come


def test_a_new_row_in_front_does_not_make_the_others_new() -> None:
    after = toy_input((("基层人手少", "每院平均8人", "招不到人"), *PROBLEMS), TASKS[:2])
    found = diff(drafted(), drafted(after))
    told = [(step.before, step.after, {c.kind for c in step.changes}) for step in found.changed]
    assert told == [("", "1.1", {"added"}), ("3.1", "3.1", {"removed"}), ("2.3", "", {"removed"})]
    assert found.same == 5


def test_added_removed_and_open() -> None:
    before, after = drafted(), drafted()
    after = replace(after, written=tuple(w for w in after.written if w.key != "1.2"))
    (step,) = diff(before, after).changed
    assert [c.kind for c in step.changes] == ["removed", "removed", "removed", "added"]
    assert step.changes[-1].after == OPEN
    found = changes(["甲县新建急救站。", "随访靠手工登记。"], ["随访靠手工登记。", "药师只有六名在岗。"])
    assert [(c.kind, c.before or c.after) for c in found] == [
        ("removed", "甲县新建急救站。"),
        ("added", "药师只有六名在岗。"),
    ]


def test_titles_gaps_and_hands() -> None:
    before, after = drafted(), drafted()
    part = replace(after.outline.parts[1], title="2023年工作安排")
    step = replace(after.outline.parts[0].steps[0], heading="药师少", gaps=("责任单位",))
    first = replace(after.outline.parts[0], steps=(step, *after.outline.parts[0].steps[1:]))
    outline = replace(after.outline, title="新的标题", parts=(first, part, after.outline.parts[2]))
    written = (replace(after.written[0], by_hand=True), *after.written[1:])
    found = diff(before, replace(after, outline=outline, written=written))
    assert {(t.before, t.after) for t in found.titles} == {
        (before.outline.title, "新的标题"),
        ("下一步工作打算", "2023年工作安排"),
        ("乡镇卫生院药师不足", "药师少"),
    }
    (changed,) = found.changed
    assert changed.by_hand and changed.changes[0].after == "【待补：责任单位】"
    assert found.to_json()["steps"][0]["changes"][0]["kind"] == "added"


def test_a_row_of_a_table_that_changed() -> None:
    tasks = ((*TASKS[0][:4], "2023年10月底前"), *TASKS[1:])
    found = diff(drafted(), drafted(toy_input(PROBLEMS, tasks)))
    assert [(s.after, [c.come for c in s.changes]) for s in found.changed] == [
        ("2.1", [("2023年10月底",)]),
        ("3.1", [("2023年10月底",)]),
    ]


LINES = st.lists(
    st.text(alphabet="药师随访急救站平台卫生院0123456789%名个。", min_size=1, max_size=12), max_size=6
)


@settings(deadline=None, max_examples=60)
@given(before=LINES, after=LINES)
def test_no_sentence_is_lost_on_the_way(before: list[str], after: list[str]) -> None:
    found = changes(before, after)
    kept = list(before)
    for change in found:
        if change.before:
            kept.remove(change.before)
    gone = [c.before for c in found if c.before]
    come = [c.after for c in found if c.after]
    assert sorted(kept + come) == sorted(after) and sorted(kept + gone) == sorted(before)
    for change in found:
        pieces = spans(change.before, change.after)
        assert "".join(text for kind, text in pieces if kind != "come") == change.before
        assert "".join(text for kind, text in pieces if kind != "gone") == change.after


@pytest.mark.parametrize("swap", [False, True])
def test_a_version_may_have_more_or_less_steps(swap: bool) -> None:
    sides = [drafted(), drafted(toy_input(PROBLEMS[:1], TASKS[:1]))]
    found = diff(*(reversed(sides) if swap else sides))
    there = [step.before if swap else step.after for step in found.changed]
    assert there.count("") == 4 and found.same == 2
