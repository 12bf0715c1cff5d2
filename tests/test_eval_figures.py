from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.report import Figure, FigureKind, Metadata, Report, Span
from corpus.tracked import Edit, TrackedText
from eval.figures import Judged, Score, Share, faults, judge, ledger_codes, main, scores
from eval.labels import Labelled, LabelledFigure
from eval.units import agree, labelled, produced

RAW = "　青梧县全年建成村卫生室23所，投入约1.5万元，签约率达到８１%，居第2名。"


def at(words: str, text: str = RAW) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def label(words: str, value: str | None, unit: str, *cores: str, **more: Any) -> LabelledFigure:
    low, high = at(words)
    found = tuple(at(core) for core in cores)
    number = None if value is None else Decimal(value)
    return LabelledFigure(low, high, number, unit, found, periods=("2021",), **more)


LABELS = (
    label("23所", "23", "所", "村卫生室", phrase=at("建成村卫生室")),
    label("1.5万元", "1.5", "万元", "投入", qualifier="约"),
    label("８１%", "81", "%", "签约率"),
    label("第2名", "2", "名", "签约率", kind=FigureKind.RANK),
)
SENTENCE = Labelled("x-1", "dev", "0" * 64, "r1", 1, len(RAW), LABELS)


def cleaned() -> TrackedText:
    """The raw text without its first space and with plain digits: both move or change offsets."""
    text = TrackedText.from_raw(RAW)
    wide = RAW.index("８１")
    return text.edit([Edit(0, 1, "", "space"), Edit(wide, wide + 2, "81", "width")])


def figure(words: str, value: str | None, unit: str, indicator: str, **more: Any) -> Figure:
    text = cleaned().text
    low, high = at(words, text)
    number = None if value is None else Decimal(value)
    return Figure(indicator, number, unit, Span(low, high), Span(0, len(text)), text=words, **more)


FIGURES = (
    figure("23所", "23", "所", "建成村卫生室"),
    figure("1.5万元", "1.5", "元", "投入", factor=Decimal(10000), qualifier="约"),
    figure("81%", "81", "%", "签约率"),
    figure("2名", "2", "位", "签约率", kind=FigureKind.RANK),
)


def report(*figures: Figure) -> Report:
    text = cleaned()
    about = Metadata("青梧县2021年工作总结")
    return Report("r1", "0" * 64, "a.txt", 1, text.text, text.origin, about, figures=figures)


def scored(*figures: Figure, sentence: Labelled = SENTENCE, code: str | None = "2021") -> Score:
    return scores([judge(sentence, [report(*figures)], lambda report, figure: code)])[-1]


def swapped(index: int, **change: Any) -> tuple[Figure, ...]:
    return (*FIGURES[:index], replace(FIGURES[index], **change), *FIGURES[index + 1 :])


def test_all_right() -> None:
    found = scored(*FIGURES)
    assert found.precision == found.recall == Share(4, 4)
    assert found.indicator == found.period == found.kind == found.qualifier == Share(4, 4)
    assert found.sentences == 1


@pytest.mark.parametrize(
    ("index", "change"),
    [
        (0, {"value": Decimal(24)}),
        (0, {"value": Decimal("2.3")}),
        (0, {"unit": "个"}),
        (0, {"upper": Decimal(30)}),
        (0, {"value": None, "masked": True}),
        (0, {"suspect": True}),
        (1, {"factor": Decimal(1)}),
        (1, {"factor": Decimal(10**8)}),
        (1, {"unit": ""}),
        (2, {"unit": "个百分点"}),
        (2, {"unit": "‰"}),
    ],
)
def test_a_false_value_or_unit_is_missed_and_made_up(index: int, change: dict[str, Any]) -> None:
    found = scored(*swapped(index, **change))
    assert found.precision == found.recall == Share(3, 4)


def test_a_dropped_figure_costs_recall_and_an_invented_one_precision() -> None:
    assert scored(*FIGURES[1:]).recall == Share(3, 4)
    assert scored(*FIGURES[1:]).precision == Share(3, 3)
    more = figure("全年", "1", "年", "全年")
    assert scored(*FIGURES, more).precision == Share(4, 5)
    assert scored(*FIGURES, more).recall == Share(4, 4)


def test_a_right_value_elsewhere_is_no_match_and_one_figure_answers_one_label() -> None:
    elsewhere = replace(FIGURES[0], span=FIGURES[3].span)
    assert scored(elsewhere, *FIGURES[1:]).recall == Share(3, 4)
    assert scored(*FIGURES, FIGURES[0]).precision == Share(4, 5)


def test_a_sentence_without_figures_punishes_what_is_found_in_it() -> None:
    empty = replace(SENTENCE, figures=())
    assert scored(*FIGURES, sentence=empty).precision == Share(0, 4)
    assert scored(sentence=empty).recall == Share(0, 0)


def test_figures_of_other_sentences_do_not_count() -> None:
    low, high = at("签约率达到８１%，")
    short = replace(SENTENCE, start=low, end=high, figures=LABELS[2:3])
    found = scored(*FIGURES, sentence=short)
    assert found.precision == found.recall == Share(1, 1)


def test_an_optional_label_counts_neither_way() -> None:
    optional = replace(SENTENCE, figures=(replace(LABELS[0], optional=True), *LABELS[1:]))
    for figures in (FIGURES, FIGURES[1:], swapped(0, value=Decimal(24))):
        found = scored(*figures, sentence=optional)
        assert found.precision == found.recall == Share(3, 3)


@pytest.mark.parametrize(
    ("indicator", "right"),
    [
        ("建成村卫生室", True),
        ("村卫生室", True),
        ("“村 卫生室”", True),
        ("卫生室", False),  # a word of the name is lacking
        ("", False),
        ("青梧县全年建成村卫生室", False),  # six of eleven characters are in the phrase
        ("新建成村卫生室", True),  # six of seven
    ],
)
def test_an_indicator_holds_its_words_and_does_not_run_on(indicator: str, right: bool) -> None:
    assert scored(*swapped(0, indicator=indicator)).indicator == Share(3 + right, 4)


def test_period_kind_and_qualifier_are_judged_of_matches_only() -> None:
    assert scored(*FIGURES, code="2020").period == Share(0, 4)
    assert scored(*FIGURES, code=None).period == Share(0, 4)
    assert scored(*FIGURES[:1], code="2021-01~12").period == Share(1, 1)
    assert scored(*swapped(0, kind=FigureKind.TARGET)).kind == Share(3, 4)
    assert scored(*swapped(1, qualifier="不少于")).qualifier == Share(3, 4)
    assert scored(*swapped(1, qualifier="左右")).qualifier == Share(4, 4)


def test_a_planned_change_is_a_target_or_a_difference() -> None:
    changed = replace(LABELS[2], kind=FigureKind.DIFFERENCE)
    for planned, right in ((True, 4), (False, 3)):
        sentence = replace(SENTENCE, figures=(*LABELS[:2], replace(changed, planned=planned), LABELS[3]))
        assert scored(*swapped(2, kind=FigureKind.TARGET), sentence=sentence).kind == Share(right, 4)
        assert scored(*swapped(2, kind=FigureKind.DIFFERENCE), sentence=sentence).kind == Share(4, 4)
        assert scored(*FIGURES, sentence=sentence).kind == Share(3, 4)


def test_the_period_is_the_ledgers() -> None:
    dated = replace(FIGURES[1], period="2018年上半年")
    made = report(FIGURES[0], dated)
    codes = ledger_codes([made])
    assert [codes(made, one) for one in made.figures] == [None, "2018-H1"]


@pytest.mark.parametrize(
    ("value", "unit", "product", "same"),
    [
        ("1.5", "万人", {"value": "15000", "unit": "人"}, True),
        ("1.5", "万人", {"value": "1.5", "unit": "人", "factor": 10000}, True),
        ("1.5", "万人", {"value": "1.5", "unit": "人次", "factor": 10000}, False),
        ("2.9", "亿", {"value": "2.9", "unit": "", "factor": 10**8}, True),
        ("2.9", "亿", {"value": "2.9", "unit": "人", "factor": 10**8}, True),
        ("2.9", "亿", {"value": "2.9", "unit": "户", "factor": 10**8}, False),
        ("1.3", "万亿斤", {"value": "1.3", "unit": "斤", "factor": 10**12}, True),
        ("3", "千万元", {"value": "30000000", "unit": "元"}, True),
        ("12", "名", {"value": "12", "unit": "人"}, True),
        ("12", "个", {"value": "12", "unit": ""}, False),
        ("12", "", {"value": "12", "unit": "个"}, True),
        ("12", "", {"value": "12", "unit": "人"}, False),
        ("0.2", "个点", {"value": "0.2", "unit": "个百分点"}, False),
        ("2", "个百分点", {"value": "2", "unit": "%"}, False),
        ("12.5", "1/10万", {"value": "12.5", "unit": "/10万"}, True),
        ("6", "%", {"value": "0.6", "unit": "%", "factor": 10}, True),
    ],
)
def test_units(value: str, unit: str, product: dict[str, Any], same: bool) -> None:
    one = LabelledFigure(0, 1, Decimal(value), unit, ())
    made = Figure(
        "",
        Decimal(product["value"]),
        product["unit"],
        Span(0, 1),
        Span(0, 1),
        factor=Decimal(product.get("factor", 1)),
    )
    assert agree(labelled(one), produced(made)) is same


def judged(*figures: Figure) -> tuple[Judged, dict[str, tuple[Report, ...]]]:
    made = report(*figures)
    return judge(SENTENCE, [made], lambda report, figure: "2020"), {SENTENCE.sha256: (made,)}


def test_faults_are_told_with_their_sentence() -> None:
    one, files = judged(*swapped(0, value=Decimal(24))[:3])
    lines = list(faults([one], files))
    assert lines[0].startswith("x-1 青梧县全年建成村卫生室23所")
    assert "    漏：23所" in lines and "    漏：2名" in lines and "    多：23所　24所" in lines
    assert "    81%　时间“”，应为 2021" in lines


# -- the command ------------------------------------------------------------------------------------

TEXT = "青梧县卫生健康局2021年工作总结\n\n一、工作完成情况\n全县建成村卫生室23所，投入资金56万元。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report and its labels, the second with a value that the text does not state."""
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    low, high = at("全县建成村卫生室23所，投入资金56万元。", TEXT)
    figures = [
        {"value": "23", "unit": "所", "indicator": [at("村卫生室", TEXT)], "periods": ["2021"]},
        {"value": "65", "unit": "万元", "indicator": [at("资金", TEXT)], "periods": ["2021"]},
    ]
    for one, words in zip(figures, ("23所", "56万元"), strict=True):
        one["start"], one["end"] = at(words, TEXT)
    line = {"id": "x-1", "split": "dev", "report": "r", "start": low, "end": high, "figures": figures}
    line["sha256"] = sha256(TEXT.encode()).hexdigest()
    for split in ("dev", "held"):
        lines = json.dumps(line | {"split": split}, ensure_ascii=False) + "\n"
        (tmp_path / f"figures-{split}.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: str) -> tuple[int, str]:
    words = ["--reports", str(folder), "--labels", str(folder), *options]
    result = CliRunner().invoke(main, words)
    return result.exit_code, result.output


def test_the_command_prints_scores(folder: Path) -> None:
    code, output = run(folder, "--json")
    assert code == 0
    total = json.loads(output)[-1]
    assert total["precision"] == total["recall"] == {"right": 1, "total": 2}
    assert total["period"] == {"right": 1, "total": 1}
    assert run(folder, "--split", "held", "--json") == (code, output)
    assert "50.0% (1/2)" in run(folder)[1]


def test_faults_are_shown_of_the_open_half_only(folder: Path) -> None:
    assert "漏：65万元" in run(folder, "--errors")[1]
    code, output = run(folder, "--errors", "--split", "held")
    assert code == 2 and "'held'" in output and "漏" not in output


def test_a_missing_file_is_one_sentence(folder: Path) -> None:
    (folder / "a.txt").unlink()
    code, output = run(folder)
    assert code == 2 and "缺少标注所指的 1 个文件" in output and "请用 --reports" in output


@pytest.mark.real
def test_values_and_units_of_the_open_half(real_reports: Path) -> None:
    result = CliRunner().invoke(main, ["--reports", str(real_reports), "--json"])
    total = json.loads(result.output)[-1]
    assert total["sentences"] == 158
    assert total["precision"]["right"] / total["precision"]["total"] >= 0.98
    assert total["recall"]["right"] / total["recall"]["total"] >= 0.95
