"""The measures of drafts: computed by hand on a small draft of a place that does not exist, and seen to fail when the
draft is falsified. The labels: in their form, without the words of the reports, in their places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from rich.console import Console

from corpus.errors import InputError, NotFound
from eval.drafts import Score, faults, main, score, table, to_json
from eval.drafts_cases import (
    Case,
    Point,
    files,
    hidden,
    input_of,
    lay_out,
    load_cases,
    load_pairs,
    load_points,
)
from eval.drafts_contradictions import contradictions
from eval.drafts_metrics import POINT, copies, links, made, missing, numerals, rows_told, says, unanswered
from eval.drafts_run import Cost, Counting, Drafted, drafted
from eval.drafts_text import grams, lacking, overlap, prose, rarity, windows
from service.cited import Citation, Derived, Operand, Sentence
from service.draft.copying import copied
from service.draft.drafts import Draft, Outline
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.source import as_source
from service.models.chat import FakeChat
from service.papers.document import Cell, Document, Heading, Paragraph, Table

GIVEN = DraftInput(
    Basic("栗坪县卫生健康局", "栗坪县", 2022, Kind.PROBLEMS, at="基本信息"),
    (Indicator("规范管理率", "%", None, Amount(Decimal("58.4"), "58.4"), Amount(Decimal(70), "70"), at="指标1"),),
    (
        Problem("问题1", "乡村医生后继乏人", "60岁以上的有173名，占41.99%", "待遇偏低，没有编制", "问题1"),
        Problem("问题2", "慢性病随访滞后", "高血压患者规范管理率只有58.4%", "依靠手工登记", "问题2"),
    ),
    (
        Task("任务1", "定向培养医学生", ("问题1",), "与卫校签订协议", "人事股", "2023年9月底前", None, "培养30名", "", "任务1"),
        Task("任务2", "建设提醒平台", ("问题2",), "把随访登记接入县级平台", "基层卫生股", "", None, "覆盖11家卫生院", "", "任务2"),
    ),
    "栗坪县.yaml",
)  # fmt: skip
SOURCE = as_source(GIVEN)
HIDDEN = "乡村医生60岁以上的173名，占41.99%。高血压患者规范管理率58.4%。明年培养30名。"


def said(text: str, *rows: str, status: str = "phrased") -> Sentence:
    return Sentence(text, tuple(SOURCE.cite(row) for row in rows), status)


def draft() -> Document:
    """A draft without a fault."""
    return Document(
        "draft",
        "栗坪县存在问题和下一步打算",
        (
            Heading("存在的主要问题"),
            Paragraph(
                (
                    said("一是乡村医生后继乏人，60岁以上的有173名，占41.99%。", "问题1"),
                    said("主要原因是待遇偏低，没有编制。", "问题1"),
                )
            ),
            Paragraph(
                (
                    said("二是慢性病随访滞后，高血压患者规范管理率只有58.4%。", "问题2"),
                    said("主要原因是依靠手工登记。", "问题2"),
                )
            ),
            Heading("下一步工作打算"),
            Paragraph(
                (
                    said("针对乡村医生后继乏人问题，定向培养医学生，与卫校签订协议。", "任务1", "问题1"),
                    said("由人事股负责，2023年9月底前完成，培养30名。", "任务1"),
                )
            ),
            Paragraph(
                (
                    said(
                        "针对慢性病随访滞后问题，建设提醒平台，将把随访登记接入县级平台。", "任务2", "问题2"
                    ),
                    said("由基层卫生股负责，覆盖11家卫生院。", "任务2"),
                )
            ),
        ),
        ("栗坪县",),
        (2022, 2023),
    )


def changed(old: str, new: str) -> Document:
    """The draft with one piece of text changed; it must be there."""
    hits = 0
    blocks = []
    for block in draft().blocks:
        if isinstance(block, Paragraph):
            sentences = []
            for sentence in block.sentences:
                hits += old in sentence.text
                sentences.append(replace(sentence, text=sentence.text.replace(old, new)))
            block = replace(block, sentences=tuple(sentences))
        blocks.append(block)
    assert hits == 1
    return replace(draft(), blocks=tuple(blocks))


def without(number: int) -> Document:
    """The draft without one of its blocks."""
    blocks = draft().blocks
    return replace(draft(), blocks=blocks[:number] + blocks[number + 1 :])


def kinds(document: Document) -> list[str]:
    return [fault.kind for fault in contradictions(document, GIVEN, HIDDEN, ("青岭县",))]


# -- words and figures ------------------------------------------------------------------------------


def test_pairs_of_a_text_do_not_reach_over_marks_and_particles() -> None:
    assert grams("医生的待遇，低") == {"医生", "待遇"}


def test_overlap_by_hand() -> None:
    assert overlap("乡村医生", "乡村的医生", {}) == pytest.approx(2 / 3)
    weights = {"乡村": 1.0, "村医": 2.0, "医生": 1.0}
    assert overlap("乡村医生", "乡村的医生", weights) == 0.5
    assert overlap("", "医生", {}) == 1.0


def test_what_every_text_says_tells_less() -> None:
    weights = rarity(["医生不足", "医生老化", "设备老化"])
    assert weights["医生"] == weights["老化"] < weights["设备"]


def test_figures_lack_when_value_or_unit_differs() -> None:
    assert lacking("173名，占41.99%", "有173人，占41.99％") == ()
    assert lacking("173名，占41.99%", "有173所，占41.9%") == ("173名", "41.99%")
    assert lacking("1.3万亿斤", "13000亿斤") == ()


def test_windows_hold_headings_and_rows_of_tables() -> None:
    table = Table("分工表", ("任务", "单位"), ((Cell("培养医学生"), Cell("人事股")),))
    last = list(windows(replace(draft(), blocks=(*draft().blocks, table)), 1))[-1]
    assert last.heads == ("下一步工作打算", "分工表")
    assert last.text == "任务：培养医学生；单位：人事股"
    assert len(list(windows(draft(), 1))) == 8 and len(list(windows(draft(), 6))) == 4


# -- rows, links, points ----------------------------------------------------------------------------


def test_a_whole_draft_has_no_fault() -> None:
    document = draft()
    assert [(row.row, row.right) for row in rows_told(document, GIVEN)] == [
        ("问题1", True), ("问题2", True), ("任务1", True), ("任务2", True)
    ]  # fmt: skip
    assert all(link.named for link in links(document, GIVEN)) and len(links(document, GIVEN)) == 2
    assert all(one.sourced for one in numerals(document))
    assert kinds(document) == []
    assert copies(document, GIVEN, (HIDDEN,))[0] == 0


def test_a_dropped_task_is_missing_and_its_problem_unanswered() -> None:
    document = without(4)
    assert [row.row for row in rows_told(document, GIVEN) if not row.right] == ["任务1"]
    assert unanswered(links(document, GIVEN)) == ("问题1",)


def test_a_dropped_problem_is_missing_although_its_task_names_it() -> None:
    (lost,) = [row for row in rows_told(without(1), GIVEN) if not row.right]
    assert lost.row == "问题1" and "41.99%" in lost.lost


def test_a_row_lacks_the_figure_that_was_falsified() -> None:
    (lost,) = [row for row in rows_told(changed("173名", "137名"), GIVEN) if not row.right]
    assert (lost.row, lost.lost) == ("问题1", ("173名",))


def test_a_row_lacks_a_cell_whose_words_are_gone() -> None:
    lost = rows_told(changed("主要原因是依靠手工登记。", "要高度重视。"), GIVEN)[1]
    assert not lost.right or lost.words < 0.8


def test_a_task_that_names_no_problem_or_another_is_not_linked() -> None:
    bare = links(changed("针对乡村医生后继乏人问题，", ""), GIVEN)
    assert [(link.task, link.named) for link in bare] == [("任务1", False), ("任务2", True)]
    assert unanswered(bare) == ("问题1",)
    numbered = links(changed("针对乡村医生后继乏人问题，", "针对问题一，"), GIVEN)
    assert all(link.named for link in numbered)
    wrong = links(changed("针对乡村医生后继乏人问题，", "针对问题二，"), GIVEN)
    assert not wrong[0].named


def test_points_want_every_figure_and_most_words() -> None:
    keys = [
        ("1", "问题1", "173名 乡村医生 后继乏人|青黄不接"),
        ("2", "问题1", "174名 乡村医生"),
        ("3", "问题2", "药师 编制外 聘用"),
        ("4", "任务2", "2023 9月 人事股"),
    ]
    found = made(draft(), keys)
    assert [one.right for one in found] == [True, False, False, True]
    assert found[1].lost == ("174名",)


def test_says_by_hand() -> None:
    # two words of four characters weigh 2 each, one of two weighs √2; 重点专科 has 重点 and 专科, two pairs of three
    assert says("乡村医生 重点专科", "乡村医生，重点和专科") == pytest.approx((2 + 2 * 2 / 3) / 4)
    assert says("编制|名额 乡村医生", "没有名额") == pytest.approx(2**0.5 / (2**0.5 + 2))
    assert missing("173名 编制", "没有编制") == ("173名",)


def test_the_threshold_of_points_agrees_with_a_reader() -> None:
    """A wrong yes would flatter a draft; a wrong no is allowed once in forty."""
    keys = {point.id: point.key for point in load_points()}
    pairs = load_pairs()
    verdicts = [
        (says(keys[pair.point], pair.text) >= POINT and not missing(keys[pair.point], pair.text), pair.told)
        for pair in pairs
    ]
    assert len(pairs) >= 40 and sum(told for _, told in verdicts) >= 15
    assert not [1 for said, told in verdicts if said and not told]
    assert sum(told and not said for said, told in verdicts) * 40 <= len(pairs)


# -- numerals ---------------------------------------------------------------------------------------


def test_a_numeral_needs_the_source_of_its_own_sentence() -> None:
    document = changed("覆盖11家卫生院", "覆盖58.4%的卫生院")  # stands in the draft, but of another row
    assert [one.text for one in numerals(document) if not one.sourced] == ["58.4%"]
    years = [
        one for one in numerals(changed("覆盖11家卫生院", "2023年覆盖11家卫生院")) if one.text == "2023年"
    ]
    assert years and all(one.sourced for one in years)


def test_a_computed_figure_has_its_source_and_a_cell_that_of_its_row() -> None:
    cited = SOURCE.cite("指标1")
    gap = Derived("11.6个百分点", Decimal("11.6"), "difference", (Operand(Decimal(70), "70%", cited),))
    told = Sentence("提高11.6个百分点。", (cited,), "computed", (), (gap,))
    rows = (
        (Cell("1"), Cell("培养30名", (SOURCE.cite("任务1"),))),
        (Cell("2"), Cell("培养40名", (SOURCE.cite("任务1"),))),
    )
    document = Document("draft", "草稿", (Paragraph((told,)), Table("分工", ("序号", "目标"), rows)))
    assert [(one.text, one.sourced) for one in numerals(document)] == [
        ("11.6个百分点", True), ("30名", True), ("40名", False)
    ]  # fmt: skip


# -- contradictions ---------------------------------------------------------------------------------


def test_two_swapped_figures_are_seen() -> None:
    row = Task("任务1", "淘汰产能", (), "", "", "", None, "钢铁20万吨、水泥40万吨", "", "任务1")
    other = replace(GIVEN, problems=(), tasks=(row,))
    cite = as_source(other).cite("任务1")

    def faults(text: str) -> list[str]:
        document = Document("draft", "草稿", (Paragraph((Sentence(text, (cite,), "phrased"),)),))
        return [fault.kind for fault in contradictions(document, other, "")]

    assert faults("淘汰钢铁产能20万吨，淘汰水泥40万吨。") == []
    assert faults("淘汰钢铁40万吨、水泥20万吨。") == ["swapped", "swapped"]


def cited_by(quote: str, place: str = "栗坪县") -> Callable[[str], list[str]]:
    """The faults of a sentence that rests on this quotation."""
    cite = Citation("r", "报告", 0, len(quote), quote, place, 2022)

    def faults(text: str) -> list[str]:
        document = Document("draft", "草稿", (Paragraph((Sentence(text, (cite,), "phrased"),)),))
        return [fault.kind for fault in contradictions(document, GIVEN, HIDDEN, ("青岭县", "栗坪县"))]

    return faults


def test_two_swapped_places_are_seen() -> None:
    faults = cited_by("栗坪县签约率72.3%，青岭县签约率65%")
    assert faults("青岭县签约率65%，栗坪县72.3%。") == []
    assert faults("青岭县签约率72.3%，栗坪县65%。").count("place") == 2
    assert kinds(changed("一是乡村医生", "一是青岭县乡村医生")) == ["place"]


def test_a_wrong_direction_is_seen() -> None:
    faults = cited_by("门诊人次比上年增长8.2%")
    assert faults("门诊人次增长8.2%。") == []
    assert faults("门诊人次下降8.2%。") == ["direction"]
    assert faults("门诊人次变动8.2%。") == []


def test_a_target_above_the_value_is_no_fall() -> None:
    ok = Paragraph((said("规范管理率由58.4%提高到70%。", "指标1"),))
    bad = Paragraph((said("规范管理率由58.4%降低到70%。", "指标1"),))
    assert kinds(replace(draft(), blocks=(ok,))) == []
    assert kinds(replace(draft(), blocks=(bad,))) == ["direction"]


def test_planned_told_as_done_is_seen() -> None:
    assert kinds(changed("将把随访登记接入", "已把随访登记接入")) == ["done"]
    assert kinds(changed("建设提醒平台，", "建成了提醒平台，")) == ["done"]
    assert kinds(changed("二是慢性病随访滞后", "二是慢性病随访已滞后")) == []  # a problem may have come about


def test_an_office_of_another_task_or_of_all_tasks_is_seen() -> None:
    assert kinds(changed("由人事股负责", "由基层卫生股负责")) == ["office"]
    safeguard = said("各项任务由人事股按分工负责。", "任务1")
    document = replace(draft(), blocks=(*draft().blocks, Paragraph((safeguard,))))
    assert kinds(document) == ["office"]


def test_a_denial_that_is_lost_is_seen() -> None:
    assert kinds(changed("待遇偏低，没有编制", "待遇偏低，有编制")) == ["denial"]
    assert kinds(changed("待遇偏低，没有编制", "待遇偏低，缺少编制")) == []


def test_another_value_of_the_same_indicator_than_the_office_told_is_seen() -> None:
    assert kinds(changed("高血压患者规范管理率只有58.4%", "高血压患者规范管理率只有48.5%")) == ["figure"]


# -- copying ----------------------------------------------------------------------------------------


def test_copied_runs_by_hand() -> None:
    own = "各镇要把随访登记全部接入县里的平台，按月通报。"  # 13 letters run on from 把
    assert [run.text for run in copied("本局把随访登记全部接入县里的平台", [own])] == [
        "把随访登记全部接入县里的平台"
    ]
    assert copied("本局把随访登记全部接入县的平台", [own]) == ()


def test_copies_leave_out_cells_and_count_the_rest() -> None:
    past = "由基层卫生股牵头，年内把提醒功能推广到所有的村卫生室和乡镇卫生院。"
    document = changed("覆盖11家卫生院", "年内把提醒功能推广到所有的村卫生室，覆盖11家卫生院")
    percent, runs = copies(document, GIVEN, (past,))
    assert [run.text for run in runs] == ["年内把提醒功能推广到所有的村卫生室"]
    letters = sum(c.isalnum() or c in "%‰" for c in prose(document))
    assert percent == (Decimal(1700) / letters).quantize(Decimal("0.1"))
    assert copies(document, GIVEN, (past,), ("年内把提醒功能推广到所有的村卫生室",))[1] == ()


@settings(deadline=None, max_examples=60)
@drawn(st.text("甲乙丙丁戊己庚辛0123%，。", max_size=60), st.text("甲乙丙丁戊己庚辛0123%，。", max_size=30))
def test_what_is_quoted_whole_overlaps_whole(text: str, more: str) -> None:
    assert overlap(text, f"{more}\n{text}", {}) == 1.0
    assert lacking(text, f"{more}\n{text}") == ()


# -- scores -----------------------------------------------------------------------------------------


def scored(document: Document, refused: str = "") -> Score:
    case = Case("1", "a" * 64, 0, 9, ())
    points = (Point("1-1", "1", "a" * 64, 0, 9, "问题1", "173名 乡村医生 后继乏人"),)
    steps = (Cost("1.1", 2.5, 40, True, ()), Cost("1.2", 4.0, 60, False, ("没有写完一句话",)))
    whole = Draft(GIVEN, Outline(Kind.PROBLEMS, document.title, ()))
    return score(Drafted(case, GIVEN, whole, document, HIDDEN, (), (), refused, steps, 1.2), points)


def test_a_score_holds_only_when_every_measure_does() -> None:
    assert scored(draft()).holds
    assert not scored(draft(), "一处数字没有出处").holds
    assert not scored(without(4)).holds
    assert not scored(changed("173名", "137名")).holds
    assert not scored(changed("将把随访登记接入", "已把随访登记接入")).holds


def test_the_table_and_the_faults_tell_what_is_wrong() -> None:
    good, bad = scored(draft()), scored(changed("173名", "137名"), "一处数字没有出处")
    shown = Console(width=220, record=True, file=StringIO())
    shown.print(table([good, bad]))
    text = shown.export_text()
    assert "未过关" in text and "1/2" in text and "合计" in text and "13.0" in text
    told = "\n".join(faults(bad))
    for piece in (
        "数字无出处　137名",
        "问题1　没有写全",
        "要点 1-1",
        "模型之误　没有写完一句话",
    ):
        assert piece in told, piece
    assert not [line for line in faults(good) if "模型之误" not in line]
    (plain,) = json.loads(json.dumps(to_json([good]), ensure_ascii=False))
    assert plain["holds"] is True and plain["copied"] == "0.0" and plain["steps"][0]["tokens"] == 40


def test_tokens_are_the_pieces_of_the_chat() -> None:
    counting = Counting(FakeChat(["将定向培养医学生。"]))
    assert "".join(counting.stream([("user", "写")], max_tokens=50)) == "将定向培养医学生。"
    assert counting.tokens > 0 and counting.first is not None


def test_an_unknown_case_ends_with_a_message(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--reports", str(tmp_path), "--only", "1999"])
    assert result.exit_code == 2 and "1999" in result.stderr and "004" in result.stderr


# -- labels -----------------------------------------------------------------------------------------


def test_labels_are_sound_and_every_row_of_an_input_has_a_point() -> None:
    points = load_points()
    for case in load_cases():
        given = input_of(case)
        names = {f"问题{n}" for n in range(1, len(given.problems) + 1)}
        names |= {f"任务{n}" for n in range(1, len(given.tasks) + 1)}
        keyed = {point.row for point in points if point.case == case.id}
        background = (
            {row for row in names if row.startswith("问题")} if given.basic.kind is Kind.PLAN else set()
        )
        assert names - background <= keyed, case.id
        assert not given.warnings


def test_a_label_out_of_its_stretch_or_a_wrong_case_is_refused(tmp_path: Path) -> None:
    case = '{"id": "1", "sha256": "a", "start": 5, "end": 9, "seen": []}'
    (tmp_path / "drafts-cases.jsonl").write_text(case)
    point = '{"id": "1-1", "case": "1", "sha256": "a", "start": 4, "end": 8, "row": "问题1", "key": "编制"}'
    (tmp_path / "drafts-points.jsonl").write_text(point)
    with pytest.raises(InputError, match="1-1"):
        load_points(tmp_path)
    with pytest.raises(NotFound, match="可用：1"):
        load_cases(tmp_path, ["2"])


@pytest.mark.real
def test_the_hidden_stretch_is_nowhere_in_what_the_draft_may_see(real_reports: Path, tmp_path: Path) -> None:
    """A run of 40 characters of the hidden text in a file would be the section, or half of it, said again; the national
    reports of earlier years do repeat whole phrases of the creed.
    """
    for case in load_cases():
        if case.sha256 not in case.seen:
            continue
        paths = files(real_reports, (case.sha256, *case.seen))
        secret = hidden(case, paths)
        assert len(secret) > 600
        for shown in lay_out(case, paths, tmp_path / case.id):
            assert not copied(secret, [shown.read_text(encoding="utf-8")], longest=40), (case.id, shown.name)


@pytest.mark.real
def test_inputs_are_in_words_of_their_own(real_reports: Path) -> None:
    """No cell repeats more than twelve characters of the section that it lists."""
    for case in load_cases():
        secret = hidden(case, files(real_reports, (case.sha256,)))
        given = input_of(case)
        for row in (*given.problems, *given.tasks):
            for cell in (
                row.title,
                *((row.shows, row.cause) if isinstance(row, Problem) else (row.measure, row.target)),
            ):
                assert not copied(cell, [secret]), (case.id, cell)


@pytest.mark.real
def test_gold_points_stand_where_they_say(real_reports: Path) -> None:
    """Every figure of a key stands in the stretch that it is from, and most of its words have a pair there."""
    from corpus.readers import read

    cases = {case.id: case for case in load_cases()}
    paths = files(real_reports, {case.sha256 for case in cases.values()})
    texts = {digest: read(path).text for digest, path in paths.items()}
    for point in load_points():
        stretch = texts[point.sha256][point.start : point.end]
        for term in point.key.split():
            assert term in ("4种|四种",) or not missing(term.split("|")[0], stretch), (point.id, term)


@pytest.mark.real
@pytest.mark.parametrize("name", ["004", "2014"])
def test_a_real_draft_passes_and_each_falsification_of_it_is_seen(real_reports: Path, name: str) -> None:
    """Every number falsified, every 将 made 已: none goes by unseen."""
    (case,) = load_cases(only=[name])
    one = drafted(case, files(real_reports, (case.sha256, *case.seen)), None)
    points = load_points()
    assert score(one, points).holds

    def seen(block: int, sentence: int, text: str) -> bool:
        whole = one.document.blocks[block]
        assert isinstance(whole, Paragraph)
        told = list(whole.sentences)
        told[sentence] = replace(told[sentence], text=text)
        blocks = list(one.document.blocks)
        blocks[block] = replace(whole, sentences=tuple(told))
        return not score(replace(one, document=replace(one.document, blocks=tuple(blocks))), points).holds

    tried = 0
    for at, block in enumerate(one.document.blocks):
        for n, sentence in enumerate(block.sentences if isinstance(block, Paragraph) else ()):
            if sentence.status == "stated" or not sentence.citations:
                continue
            for found in re.finditer(r"(?<![\d.])\d+(?=%|名|所|个|万|户|年内)", sentence.text):
                wrong = str(int(found[0]) + 1000)
                assert seen(at, n, sentence.text[: found.start()] + wrong + sentence.text[found.end() :]), (
                    found
                )
                tried += 1
            if "任务" in {c.path[0] for c in sentence.citations[:1] if c.path} and "将" in sentence.text:
                assert seen(at, n, sentence.text.replace("将", "已", 1)), sentence.text
                tried += 1
    assert tried >= 8
