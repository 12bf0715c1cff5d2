"""The document of a draft: open steps, gaps, what a heading says already, the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from service.cited import Sentence
from service.draft.assembling import document, gaps_of, without_heading
from service.draft.drafts import Draft, Written, from_json, to_json
from service.draft.inputs import Basic, DraftInput, Kind, Problem, Task
from service.draft.outline import outline
from service.draft.source import as_source
from service.draft.writing import write
from service.papers.document import Document, Heading, Paragraph, Table
from service.papers.provenance import Fault, checked, faults

PROBLEMS = (
    Problem("问题1", "65岁以上老年人体检率低", "体检率只有58%", "", "问题!第2行"),
    Problem("问题2", "设备老化", "", "没有专项资金", "问题!第3行"),
)
TASKS = (
    Task("任务1", "集中体检", ("问题1",), "", "基层股", "2023年9月底前", date(2023, 9, 30), "70%以上", at="任务!第2行"),
    Task("任务2", "更新设备", ("问题2", "问题1"), "", "", "", None, "", at="任务!第3行"),
)  # fmt: skip


def draft_of(kind: Kind = Kind.PROBLEMS, *, whole: bool = True) -> Draft:
    year = 2023 if kind is Kind.PLAN else 2022
    basic = Basic("栗坪县卫生健康局", "栗坪县", year, kind, at="基本信息!第2行")
    given = DraftInput(basic, (), PROBLEMS, TASKS, "input.xlsx")
    draft = Draft(given, outline(given, as_source(given)))
    return replace(draft, written=tuple(write(draft, None))) if whole else draft


def paragraphs(made: Document) -> list[str]:
    return ["。".join(s.text for s in b.sentences) for b in made.blocks if isinstance(b, Paragraph)]


def wrong(draft: Draft) -> tuple[Fault, ...]:
    own = as_source(draft.given).report
    return faults(document(draft), {own.id: own}.__getitem__)


def test_a_draft_is_a_checked_document() -> None:
    for kind in Kind:
        made = document(draft_of(kind))
        own = as_source(draft_of(kind).given).report
        assert checked(made, {own.id: own}.__getitem__).document is made
        assert made.kind == "draft" and made.places == ("栗坪县",)
        assert made.title.startswith("栗坪县卫生健康局202")


def test_a_false_figure_does_not_pass_the_gate() -> None:
    draft = draft_of()
    key = draft.outline.steps[0].key
    forged = tuple(
        replace(w, sentences=tuple(replace(s, text=s.text.replace("58", "85")) for s in w.sentences))
        if w.key == key
        else w
        for w in draft.written
    )
    assert [fault.numeral for fault in wrong(replace(draft, written=forged))] == ["85%"]


def test_a_heading_is_not_said_again() -> None:
    made = document(draft_of())
    assert [b.text for b in made.blocks if isinstance(b, Heading)][:2] == [
        "存在的主要问题",
        "65岁以上老年人体检率低",
    ]
    assert paragraphs(made)[1] == "体检率只有58%。【待补：原因】"
    said = (Sentence("设备老化。", (), "quoted"), Sentence("甲", (), "quoted"))
    assert without_heading(said, "设备老化") == said[1:]
    assert without_heading(said, "设备") == said
    assert without_heading(said, "") == said


def test_what_is_open_says_so_and_the_draft_is_partial() -> None:
    draft = draft_of(whole=False)
    made = document(draft)
    assert "【待补：尚未起草】。【待补：原因】" in paragraphs(made)
    assert made.partial and "设备老化：尚未起草" in made.gaps and "设备老化：缺表现" in made.gaps
    assert wrong(draft) == ()


def test_a_whole_draft_without_gaps_is_not_partial() -> None:
    draft = draft_of()
    given = replace(
        draft.given,
        problems=tuple(replace(p, shows="占58%", cause="人手少") for p in PROBLEMS),
        tasks=(TASKS[0],),
    )
    made = Draft(given, outline(given, as_source(given)))
    made = replace(made, written=tuple(write(made, None)))
    assert tuple(gaps_of(made)) == () and not document(made).partial


def test_hand_written_text_stands_below_its_heading() -> None:
    draft = draft_of()
    own = Written(draft.written[0].key, (Sentence("体检车没有下乡", (), "stated"),), by_hand=True)
    made = document(replace(draft, written=(own, *draft.written[1:])))
    assert paragraphs(made)[1] == "体检车没有下乡。【待补：原因】"


def test_a_plan_shows_its_table_and_tells_each_gap_once() -> None:
    made = document(draft_of(Kind.PLAN))
    (table,) = (block for block in made.blocks if isinstance(block, Table))
    assert [cell.status for cell in table.rows[1]] == ["", "", "missing", "missing", "missing"]
    assert "【待补：责任单位" not in " ".join(paragraphs(made))
    assert [gap for gap in made.gaps if gap.startswith("更新设备")] == [
        "更新设备：缺责任单位、完成时限、目标"
    ]
    assert [(b.text, b.level) for b in made.blocks if isinstance(b, Heading)][2:5] == [
        ("着力解决65岁以上老年人体检率低问题", 2),
        ("集中体检", 3),
        ("更新设备", 3),
    ]


def test_the_document_is_the_same_after_the_store() -> None:
    draft = draft_of(Kind.PLAN)
    assert document(from_json(to_json(draft))) == document(draft)
