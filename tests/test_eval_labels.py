from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError, NotFound
from corpus.report import FigureKind
from eval.labels import LABELS, Split, load, parse, sources
from eval.times import days, same_time

TEXT = "青梧县卫生健康局2021年工作总结\n\n全县新建村卫生室23所，投入资金1.5万元。\n"


def sentence(of: dict[str, Any] | None = None, **change: Any) -> dict[str, Any]:
    """A right label, with changes to its figure and to the sentence."""
    figure = {
        "start": 26,
        "end": 29,
        "value": "23",
        "unit": "所",
        "indicator": [[23, 26]],
        "periods": ["2021"],
    }
    whole = {"id": "x-1", "split": "dev", "sha256": "0" * 64, "report": "r", "start": 19, "end": 40}
    return whole | {"figures": [figure | (of or {})]} | change


def test_a_label_is_read_as_it_stands() -> None:
    label = parse(json.dumps(sentence({"kind": "target", "upper": "30", "phrase": [21, 26]})))
    figure = label.figures[0]
    assert (figure.value, figure.upper, figure.unit) == (Decimal(23), Decimal(30), "所")
    assert figure.kind is FigureKind.TARGET
    assert figure.indicator == ((23, 26),) and figure.phrase == (21, 26)
    assert not (figure.masked or figure.suspect or figure.optional)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"of": {"colour": "red"}}, "figures.0.colour"),
        ({"colour": "red"}, "colour"),
        ({"of": {"kind": "wish"}}, "figures.0.kind"),
        ({"split": "test"}, "split"),
        ({"of": {"value": "12.3.4"}}, "figures.0.value"),
        ({"start": 30}, "数值位置 26-29 不在句子里"),
        ({"end": 19}, "句子位置 19-19 无效"),
        ({"of": {"start": 29}}, "数值位置 29-29 不在句子里"),
        ({"of": {"indicator": [[26, 26]]}}, "指标位置 26-26 无效"),
        ({"of": {"phrase": [30, 20]}}, "指标位置 30-20 无效"),
        ({"of": {"value": None}}, "遮盖"),
        ({"of": {"masked": True}}, "遮盖"),
        ({"of": {"upper": "23"}}, "上限 23"),
        ({"of": {"periods": ["2021-13"]}}, "'2021-13'"),
        ({"of": {"periods": ["去年"]}}, "'去年'"),
        ({"of": {"periods": ["2021-06~03"]}}, "'2021-06~03'"),
    ],
)
def test_a_bad_label_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(json.dumps(sentence(**change)), where="a.jsonl 第3行")
    assert message in caught.value.message
    assert "a.jsonl 第3行" in caught.value.where and caught.value.remedy


def test_a_line_that_is_no_json_is_refused() -> None:
    with pytest.raises(InputError, match="第1行"):
        parse("{", where="第1行")


def write(folder: Path, *sentences: dict[str, Any], split: str = "dev") -> None:
    lines = [json.dumps(one) for one in sentences]
    (folder / f"figures-{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_an_id_stands_once_and_a_half_holds_its_own(tmp_path: Path) -> None:
    write(tmp_path, sentence(), sentence(id="x-2"))
    assert [one.id for one in load("dev", tmp_path)] == ["x-1", "x-2"]
    write(tmp_path, sentence(), sentence())
    with pytest.raises(InputError, match="'x-1' 重复"):
        load("dev", tmp_path)
    write(tmp_path, sentence(), split="held")
    with pytest.raises(InputError, match="属于 'dev'"):
        load("held", tmp_path)
    with pytest.raises(NotFound, match="没有找到标注文件"):
        load("dev", tmp_path / "nowhere")


def test_an_absent_source_stops_instead_of_scoring_a_part(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    with pytest.raises(NotFound, match=r"缺少标注所指的 1 个文件（sha256 000000000000）"):
        sources(tmp_path, ["0" * 64])
    with pytest.raises(NotFound, match="没有这个文件夹"):
        sources(tmp_path / "nowhere", [])


def test_sources_are_found_by_their_bytes(tmp_path: Path) -> None:
    from hashlib import sha256

    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "any name.txt").write_text(TEXT, encoding="utf-8")
    digest = sha256(TEXT.encode()).hexdigest()
    found = sources(tmp_path, [digest])
    assert [report.metadata.title for report in found[digest]] == ["青梧县卫生健康局2021年工作总结"]


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2017", (2017, 1, 1), (2017, 12, 31)),
        ("2018-H2", (2018, 7, 1), (2018, 12, 31)),
        ("2018-Q1", (2018, 1, 1), (2018, 3, 31)),
        ("2020-02", (2020, 2, 1), (2020, 2, 29)),
        ("2018-01~05", (2018, 1, 1), (2018, 5, 31)),
        ("2016~2020", (2016, 1, 1), (2020, 12, 31)),
        ("2018-11~2019-02", (2018, 11, 1), (2019, 2, 28)),
        ("2018-03-14", (2018, 3, 14), (2018, 3, 14)),
        ("2018-03-14~2018-04-02", (2018, 3, 14), (2018, 4, 2)),
    ],
)
def test_codes_are_days(code: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert days(code) == (date(*first), date(*last))


def test_two_ways_of_writing_a_period_are_one() -> None:
    assert same_time(["2018-01~12"], "2018") and same_time(["2018-01~06"], "2018-H1")
    assert same_time(["2017", "2018"], "2018")
    assert not same_time(["2018"], "2018-H1") and not same_time(["2016~2020"], "2020")
    assert same_time(["?", "2018"], None) and not same_time(["2018"], None)
    assert not same_time(["?"], "2018")


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_any_two_days_in_order_are_a_period(one: date, other: date) -> None:
    low, high = sorted((one, other))
    assert days(f"{low.isoformat()}~{high.isoformat()}") == (low, high)
    assert days(f"{low:%Y-%m}~{high:%Y-%m}")[0].day == 1


# -- the labels that ship with the project -----------------------------------------------------------


def test_the_labels_are_two_halves_of_at_least_300_sentences() -> None:
    halves = [load(split) for split in get_args(Split)]
    assert [len(half) for half in halves] == [158, 159]
    assert not {one.id for one in halves[0]} & {one.id for one in halves[1]}
    places = [(one.sha256, one.start) for half in halves for one in half]
    assert len(set(places)) == len(places)
    assert len({one.report for half in halves for one in half}) == 17


def test_the_labels_hold_no_text() -> None:
    def strings(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for each in value.values() for text in strings(each)]
        if isinstance(value, list):
            return [text for each in value for text in strings(each)]
        return [value] if isinstance(value, str) else []

    own_words = {*LABELS.glob("drafts-*.jsonl")}  # held against the reports in test_eval_drafts
    for file in {*LABELS.glob("*.jsonl")} - own_words:
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            names = {record.pop("name", "")} - {""}
            found = [text for text in strings(record) if not text.isascii()]
            assert all(len(text) <= 4 for text in found), (file.name, record, found)
            assert all(len(name) <= 24 for name in names)


@pytest.mark.real
@pytest.mark.parametrize("split", get_args(Split))
def test_every_span_lies_in_its_file_and_on_a_number(
    split: Split, real_reports: Path, as_numbers: Callable[[str], bool]
) -> None:
    labels = load(split)
    files = sources(real_reports, {one.sha256 for one in labels})
    for one in labels:
        for figure in one.figures:
            inside = [
                r.text[slice(*r.origin.clean_span(figure.start, figure.end))] for r in files[one.sha256]
            ]
            assert any(as_numbers(text) for text in inside), (one.id, figure.start)


@pytest.fixture
def as_numbers() -> Callable[[str], bool]:
    return lambda text: any(c.isdecimal() or c in "一二三四五六七八九十百千万亿两*" for c in text)
