"""``wenheng audit`` on reports of the library, on drafts, and on what cannot be audited."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import docx
import pytest
from click.testing import CliRunner

from service.cli import Context
from service.commands.audit import audit

if TYPE_CHECKING:
    from click.testing import Result

    from service.desk import Desk

PLANTED = Path(__file__).parent / "planted"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Path:
    """A library with the two reports of 白露县, of which the second misquotes the first."""
    made = tmp_path_factory.mktemp("audit")
    files = made / "文件"
    files.mkdir()
    for name in ("last_year-1-before.txt", "last_year-1.txt"):
        shutil.copy(PLANTED / name, files / name)
    with open_desk(made / "home") as desk:
        assert not desk.ingest([files]).failures
    return made / "home"


@pytest.fixture
def run(home: Path) -> Callable[..., Result]:
    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(audit, [str(word) for word in words], obj=Context(home))

    return invoke


def id_of(home: Path, open_desk: Callable[[Path], Desk], year: int) -> str:
    with open_desk(home) as desk:
        return next(card.id for card in desk.cards() if card.year == year)


def test_a_report_of_the_library_is_held_against_the_year_before(
    run: Callable[..., Result], home: Path, open_desk: Callable[[Path], Desk]
) -> None:
    told = run(id_of(home, open_desk, 2023), "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["kind"] == "audit"
    quotes = "".join(source["quote"] for source in document["sources"])
    assert "12.8万人" in quotes and "13.2万人" in quotes
    assert {source["year"] for source in document["sources"]} == {2022, 2023}


def test_a_draft_that_is_not_in_the_library_is_held_against_it_too(run: Callable[..., Result]) -> None:
    told = run(PLANTED / "last_year-1.txt", "--json")
    assert "13.2万人" in told.stdout and told.exit_code == 0


def test_a_clean_report_is_said_to_be_clean_and_what_was_read_is_counted(
    run: Callable[..., Result], home: Path, open_desk: Callable[[Path], Desk]
) -> None:
    told = run(id_of(home, open_desk, 2022))
    assert told.exit_code == 0
    assert "没有发现问题" in told.stdout and "核对的内容" in told.stdout
    assert "发现0处问题" in told.stdout.replace("\n", "")


def test_the_word_file_holds_the_findings_and_both_sentences(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    out = tmp_path / "核对.docx"
    told = run(PLANTED / "repeated-1.txt", "-o", out)
    assert told.exit_code == 0, told.output
    document = docx.Document(str(out))
    text = "\n".join(p.text for p in document.paragraphs)
    cells = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "同一指标前后不同" in cells
    assert "重点人群签约率达到76%" in text and "重点人群签约率为81%" in text


def test_a_word_draft_is_read(run: Callable[..., Result], tmp_path: Path) -> None:
    draft = docx.Document()
    for line in (PLANTED / "points-2.txt").read_text(encoding="utf-8").splitlines():
        draft.add_paragraph(line)
    draft.save(str(tmp_path / "稿件.docx"))
    told = run(tmp_path / "稿件.docx", "--json")
    assert told.exit_code == 0 and "比率之差应称百分点" in told.stdout


def test_a_file_with_several_reports_is_audited_report_by_report(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    parts = [(PLANTED / name).read_text(encoding="utf-8") for name in ("share-1.txt", "rank-1.txt")]
    path = tmp_path / "工作总结（合集2篇）.txt"
    path.write_text("工作总结（合集2篇）\n\n篇一：" + parts[0] + "\n\n篇二：" + parts[1], encoding="utf-8")
    told = run(path, "--json")
    assert told.exit_code == 0, told.output
    assert "占比与所列数不符" in told.stdout and "位次超出参评个数" in told.stdout


def test_a_report_without_figures_says_so(run: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "讲话.txt"
    path.write_text(
        "在全县卫生健康工作会议上的讲话\n\n要坚持人民至上，抓好各项工作落实。\n", encoding="utf-8"
    )
    told = run(path)
    assert told.exit_code == 0 and "没有读到数值" in told.stdout


def test_a_suspect_value_is_a_finding_of_its_own(run: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "稿件.txt"
    path.write_text("沁溪县卫生健康局2023年工作总结\n\n投资1.372.98万元，签约率3O%。\n", encoding="utf-8")
    told = run(path, "--json")
    assert told.exit_code == 0, told.output
    assert "1.372.98" in told.stdout and "3O%" in told.stdout
    assert told.stdout.count("数字写法疑误") >= 2
