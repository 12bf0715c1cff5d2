"""What the user changed of an outline outlives a change of the input."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from service.draft import drafting
from service.draft.drafting import Asked, outlined
from service.draft.drafts import Draft, Outline
from service.draft.known import NOTHING
from service.draft.outline import outline, outline_of, outline_text
from service.draft.reshaping import reshaped
from service.draft.source import as_source
from service.draft.toy_draft import PROBLEMS, TASKS, toy_input, toy_outline

GIVEN = toy_input()
BASE = toy_outline(GIVEN)
NEW = toy_input((("基层人手少", "每院平均8人", "招不到人"), *PROBLEMS), TASKS)


def shaped(accepted: Outline) -> Outline:
    return reshaped(toy_outline(NEW), NEW, BASE, Draft(GIVEN, accepted))


def headings(outline: Outline, part: int = 0) -> list[str]:
    return [step.heading for step in outline.parts[part].steps]


def test_an_outline_that_was_not_changed_is_made_anew() -> None:
    assert shaped(BASE) == toy_outline(NEW)


def test_titles_headings_and_order_stay_and_a_new_row_comes_in() -> None:
    first, *rest = BASE.parts
    one, two, three = first.steps
    part = replace(first, title="突出问题", steps=(three, replace(one, heading="药师少"), two))
    made = shaped(replace(BASE, title="新的标题", parts=(part, *rest)))
    assert made.title == "新的标题" and [p.title for p in made.parts] == [
        "突出问题",
        "下一步工作打算",
        "任务分工",
    ]
    assert headings(made) == ["基层人手少", "急救半径偏大", "药师少", "慢性病随访不及时"]
    assert {step.key for step in made.steps} == {step.key for step in toy_outline(NEW).steps}
    assert headings(made, 1) == [task[0] for task in TASKS]


def test_steps_that_were_taken_out_stay_out() -> None:
    first, second, table = BASE.parts
    accepted = replace(BASE, parts=(first, replace(second, steps=second.steps[1:])))
    made = shaped(accepted)
    assert headings(made, 1) == ["建随访提醒平台", "增设急救站"] and len(made.parts) == 2
    assert table.steps[0].table is not None


def test_a_row_that_is_gone_takes_its_step_with_it() -> None:
    first, *rest = BASE.parts
    accepted = replace(BASE, parts=(replace(first, steps=tuple(reversed(first.steps))), *rest))
    less = toy_input(PROBLEMS[1:], TASKS)
    made = reshaped(toy_outline(less), less, BASE, Draft(GIVEN, accepted))
    assert headings(made) == ["急救半径偏大", "慢性病随访不及时"]


def test_parts_and_steps_stay_where_the_user_moved_them() -> None:
    first, second, table = BASE.parts
    moved = replace(second, steps=(second.steps[0], first.steps[2], *second.steps[1:]))
    made = shaped(replace(BASE, parts=(moved, table, replace(first, steps=first.steps[:2]))))
    assert [part.key for part in made.parts] == ["2", "3", "1"]
    assert headings(made) == ["招聘药师", "急救半径偏大", "建随访提醒平台", "增设急救站"]
    assert headings(made, 2) == ["基层人手少", "乡镇卫生院药师不足", "慢性病随访不及时"]


@pytest.mark.parametrize("touched", [False, True])
def test_what_an_older_program_left_out_was_not_taken_out_by_the_user(
    touched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = outline(NEW, as_source(NEW), NOTHING)
    old = outline(GIVEN, as_source(GIVEN), NOTHING)
    older = replace(old, parts=old.parts[:1])
    if touched:
        older = outline_of(outline_text(old).replace(old.parts[1].title, "明年打算"), old)
    assert older.shaped is touched
    stored = SimpleNamespace(input="")  # of another input
    found = SimpleNamespace(draft=Draft(GIVEN, older), stored=stored)
    monkeypatch.setattr(drafting, "found", lambda drafts, given: found)
    desk = SimpleNamespace(library=SimpleNamespace(drafts=None))
    made = outlined(desk, NEW, NOTHING, Asked()).outline  # type: ignore[arg-type]
    assert len(made.parts) == len(whole.parts)
    assert made.parts[1].title == ("明年打算" if touched else whole.parts[1].title)
