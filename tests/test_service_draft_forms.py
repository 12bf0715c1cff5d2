"""Forms: cells as they were typed, whatever is wrong with them; what they say; what is kept of them for whom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus.errors import InputError, NotFound
from service.desk import Desk
from service.draft import forms
from service.draft.fields import BASIC
from service.draft.forms import Forms, placed
from service.draft.inputs import Kind
from service.ui.draft import offered
from service.ui.draft_outline import lines_of, planned


def filled(desk: Desk) -> forms.Form:
    return offered(desk, Kind.PLAN, "澄河县", 2023, "")


def test_a_form_of_the_library_says_what_the_library_offers_and_keeps_its_sources(bureau: Desk) -> None:
    form = filled(bureau)
    read = form.read(bureau.report)
    assert read.given is not None and not read.faults
    assert any(row.citations for row in read.given.indicators) and any(
        p.citations for p in read.given.problems
    )
    again = forms.of_input(read.given)
    twice = again.read(bureau.report)
    assert (
        twice.given is not None and twice.given.sha256 == read.given.sha256
    )  # nothing is lost on the way back


def test_a_fault_stands_at_its_field_and_what_was_typed_stays(bureau: Desk) -> None:
    form = filled(bureau)
    form.rows["指标"][1]["本年值"] = "3O%"
    form.rows["任务"][0]["针对问题"] = "问题99"
    form.basic["年度"] = "二〇二三"
    read = form.read(bureau.report)
    assert read.given is None
    found = {(f.sheet, f.row, f.column): f.told for f in map(placed, read.faults)}
    assert "不是数值" in found["指标", 1, "本年值"] and "问题99" in found["任务", 0, "针对问题"]
    assert "不是年份" in found[BASIC, 0, "年度"]
    assert form.rows["指标"][1]["本年值"] == "3O%"


def test_blank_rows_do_not_shift_the_places_of_faults(bureau: Desk) -> None:
    form = filled(bureau)
    form.rows["指标"].insert(0, forms.blank("指标"))
    form.rows["指标"][2]["本年值"] = "三O"
    (fault,) = map(placed, form.read(bureau.report).faults)
    assert (fault.sheet, fault.row, fault.column) == ("指标", 2, "本年值")


@pytest.mark.parametrize("suffix", [".yaml", ".json", ".xlsx"])
def test_a_file_with_faults_becomes_a_form(bureau: Desk, tmp_path: Path, suffix: str) -> None:
    from service.draft.input_files import write_input
    from service.draft.prefill_sources import Prefilled

    given = filled(bureau).read(bureau.report).given
    assert given is not None
    path = tmp_path / f"输入{suffix}"
    write_input(Prefilled(given, tuple(forms.filled(given))), path)
    if suffix != ".xlsx":
        text = path.read_text("utf-8")
        path.write_text(re.sub(r'(本年值"?: "?)[\d.]+', r"\g<1>66.B", text, count=1), "utf-8")
    form = forms.of_file(path)
    read = form.read(bureau.report)
    if suffix == ".xlsx":
        assert read.given is not None and read.given.sha256 == given.sha256
    else:
        assert read.given is None and any("66.B" in fault for fault in read.faults)


def test_nothing_of_another_person_can_be_opened(tmp_path: Path) -> None:
    mine, theirs = Forms.of(tmp_path, "甲"), Forms.of(tmp_path, "乙")
    form = mine.save(forms.empty())
    assert [one.id for one in mine.list()] == [form.id] and not theirs.list()
    for name in (form.id, f"../{mine.folder.name}/{form.id}", "..", "", "x" * 16):
        with pytest.raises(NotFound):
            theirs.load(name)
        with pytest.raises(NotFound):
            theirs.remove(name)
    mine.remove(form.id)
    assert not mine.list()


def test_a_kept_form_is_the_same_and_a_damaged_one_is_left_out(tmp_path: Path, bureau: Desk) -> None:
    kept = Forms.of(tmp_path, "甲")
    form = filled(bureau)
    form.typed["2.1"] = "没有存的话"
    form.draft = "0a1b2c3d4e5f"
    kept.save(form)
    assert kept.load(form.id) == form and kept.of_draft("0a1b2c3d4e5f") == form
    assert kept.of_draft("ffffffffffff") is None
    (kept.folder / ("0" * 16 + ".json")).write_text("{", encoding="utf-8")
    assert [one.id for one in kept.list()] == [form.id]


def test_there_are_only_so_many_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_FORMS", 2)
    kept = Forms.of(tmp_path, "甲")
    first = kept.save(forms.empty())
    kept.save(forms.empty())
    with pytest.raises(InputError, match="2份"):
        kept.save(forms.empty())
    kept.save(first)  # one that is there may change


# -- outlines ---------------------------------------------------------------------------------------


def test_an_edited_outline_is_read_like_one_from_a_file(bureau: Desk) -> None:
    form = filled(bureau)
    _, plan, told = planned(bureau, form)
    lines = lines_of(plan.outline, plan.whole)
    assert not told and lines.text().startswith("标题：")
    lines.title = "标题里有 # 号\n和换行"
    out = lines.parts[1].steps[0]
    out.on = False
    lines.parts[0].title = "新的  # 标题"
    form.outline = lines.text()
    _, changed, told = planned(bureau, form)
    assert not told
    assert out.key not in {step.key for step in changed.outline.steps}
    assert changed.outline.parts[0].title == "新的 ＃ 标题" and "＃" in changed.outline.title
    back = lines_of(changed.outline, changed.whole)
    assert [(s.key, s.on) for p in back.parts for s in p.steps if s.key == out.key] == [(out.key, False)]


def test_an_outline_that_does_not_fit_any_more_gives_way(bureau: Desk) -> None:
    form = filled(bureau)
    form.outline = "标题：旧的\n[9] 没有的部分\n  [9.9] 没有的步骤\n"
    _, plan, told = planned(bureau, form)
    assert "9" in told and plan.outline == plan.whole


def test_a_form_with_faults_has_no_outline(bureau: Desk) -> None:
    form = filled(bureau)
    form.basic["单位"] = ""
    with pytest.raises(InputError, match="1处要改"):
        planned(bureau, form)
