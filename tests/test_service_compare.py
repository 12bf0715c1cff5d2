"""``wenheng compare``: what a user types, what comes out, and one sentence for each mistake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.errors import EngineFailed
from service.commands.compare import compare
from service.desk import Desk


class Context:
    """What the command asks of ``service.cli.Context``: a desk that stays open, with or without a model."""

    def __init__(self, desk: Desk) -> None:
        self.desk_of_tests = desk
        self.with_models = 0

    @contextmanager
    def desk_with_models(self) -> Iterator[Desk]:
        self.with_models += 1
        yield self.desk_of_tests


@pytest.fixture
def run(bureau: Desk) -> Callable[..., Result]:
    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(compare, [str(word) for word in words], obj=Context(bureau))

    return invoke


def test_a_memo_on_the_screen(run: Callable[..., Result]) -> None:
    found = run("--place", "澄河县", "--years", "2021..2022", "--no-narrative")
    assert found.exit_code == 0, found.output
    assert "澄河县2021—2022年工作对比" in found.output and "家庭医生签约率" in found.output


def test_a_memo_as_json(run: Callable[..., Result]) -> None:
    found = run("--places", "澄河县,栗坪县", "--year", "2022", "--no-narrative", "--json")
    memo = json.loads(found.output)
    assert memo["kind"] == "memo" and memo["places"] == ["澄河县", "栗坪县"] and not memo["partial"]
    assert all(source["quote"] for source in memo["sources"])


@pytest.mark.parametrize("suffix", ["docx", "json", "md"])
def test_a_memo_as_a_file(run: Callable[..., Result], tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"memo.{suffix}"
    found = run("--place", "澄河", "--no-narrative", "-o", out)
    assert found.exit_code == 0, found.output
    assert out.stat().st_size > 1000
    again = run("--place", "澄河", "--no-narrative", "-o", out)
    assert again.exit_code == 2 and "错误" in again.stderr


def test_two_reports(run: Callable[..., Result], bureau: Desk) -> None:
    one, other = (c.id for c in bureau.cards() if c.place in ("雁塘区", "栗坪县"))
    found = run(one, other[:8], "--no-narrative")
    assert found.exit_code == 0, found.output
    assert "时段不同" in found.output and "年份不同" not in found.output


def test_a_model_that_is_not_there_is_told_and_the_memo_comes(
    run: Callable[..., Result], bureau: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise EngineFailed("语言模型没有启动", remedy="请重试")

    monkeypatch.setattr(bureau, "model", fail)
    found = run("--place", "澄河县", "--indicator", "家庭医生签约率")
    assert found.exit_code == 0 and "61.3%" in found.output
    assert "主要发现按原样写出" in found.stderr


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (("--place", "乌有县"), ("没有“乌有县”的报告", "澄河县")),
        (("--place", "澄河县", "--years", "2010..2011"), ("没有澄河县2010—2011年的报告", "2021、2022")),
        (("--place", "澄河县", "--years", "去年"), ("看不懂年份“去年”", "2021..2024")),
        (("--place", "栗坪县"), ("无从比较", "--places")),
        (("--place", "澄河县", "--indicator", "火星登陆"), ("没有指标“火星登陆”", "wenheng figures")),
        (("ffffffff", "eeeeeeee"), ("ffffffff",)),
        ((), ("没有说明比较哪些地区", "澄河县")),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    run: Callable[..., Result],
    one_sentence: Callable[..., str],
    words: tuple[str, ...],
    pieces: tuple[str, ...],
) -> None:
    one_sentence(run(*words, "--no-narrative"), 2, *pieces)


def test_reports_and_places_do_not_go_together(
    run: Callable[..., Result], bureau: Desk, one_sentence: Callable[..., str]
) -> None:
    one_sentence(run(bureau.cards()[0].id, "--place", "澄河县"), 2, "不能同时给出")


def test_one_report_alone(run: Callable[..., Result], bureau: Desk, one_sentence: Callable[..., str]) -> None:
    one_sentence(run(bureau.cards()[0].id), 2, "只有一份报告", "wenheng reports")


@pytest.mark.model
def test_the_embedded_model_joins_findings_or_leaves_them(bureau: Desk) -> None:
    from service.memo.columns import Request
    from service.memo.memo import memo
    from service.memo.sources import of_desk
    from service.models.chat import open_chat
    from service.papers.provenance import checked
    from service.settings import load

    chat = open_chat(load())
    try:
        found = memo(Request(("澄河县",), (2021, 2022), (), ("家庭医生签约率",)), of_desk(bureau, chat))
    finally:
        chat.close()
    checked(found.document, bureau.report, terms=found.terms)
    said = "".join(sentence.text for sentence in found.document.sentences)
    assert "61.3%" in said and "66.8%" in said and "5.5个百分点" in said
