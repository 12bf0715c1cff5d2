"""Where a document goes: the screen, JSON, a file; what is refused before any work is done."""

from __future__ import annotations

import errno
import json
from io import StringIO
from pathlib import Path
from typing import Any

import click
import docx
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from corpus.errors import InputError, StorageFull
from service.cited import Citation, Sentence
from service.commands.output import deliver, outputs
from service.papers import files_out
from service.papers.document import Document, Paragraph
from service.papers.markdown import markdown
from service.papers.provenance import checked
from service.papers.screen import Page, show
from service.papers.toy_document import cite, toy_document, toy_report

CALLS: list[str] = []


@click.command()
@click.argument("name")
@outputs
def make(name: str, out: Path | None, as_json: bool, force: bool) -> None:
    """A command that makes a document."""
    CALLS.append(name)
    document = toy_document()
    if name == "false":
        told = Sentence("签约率99.9%", (cite(2022, "巡诊1051次。"),), "computed")
        document = Document("memo", "对比", (Paragraph((told,)),))
    deliver(document, out, as_json, force=force, open_report=toy_report)


def run(*words: str | Path) -> Result:
    CALLS.clear()
    return CliRunner().invoke(make, list(map(str, words)))


# -- the three forms --------------------------------------------------------------------------------


def test_without_options_it_is_shown() -> None:
    result = run("true")
    assert result.exit_code == 0
    for piece in (
        "一、指标变化",
        "（一）主要指标",
        "缺",
        "1015次（人工更正）[6]",
        "资料来源",
        "[1] 《雾岭县",
    ):
        assert piece in result.output
    assert "本文不完整" in result.output


def test_json_is_one_object() -> None:
    told = json.loads(run("true", "--json").stdout)
    assert told["title"] == "雾岭县2021—2022年工作情况对比"
    assert [block["type"] for block in told["blocks"]][:2] == ["heading", "paragraph"]
    assert told["sources"][0]["quote"].startswith("全县家庭医生签约率")


@pytest.mark.parametrize("suffix", [".docx", ".json", ".md", ".DOCX"])
def test_the_suffix_names_the_form(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"对比{suffix}"
    result = run("true", "-o", path)
    assert result.exit_code == 0, result.output
    assert "已写入" in result.output and "本文不完整" in result.output
    assert "一、指标变化" not in result.output
    if suffix.lower() == ".docx":
        assert docx.Document(str(path)).paragraphs[0].text == "雾岭县2021—2022年工作情况对比"
    elif suffix == ".json":
        assert json.loads(path.read_text(encoding="utf-8"))["kind"] == "memo"
    else:
        assert path.read_text(encoding="utf-8").startswith("# 雾岭县2021—2022年工作情况对比")


def test_a_file_and_json_together(tmp_path: Path) -> None:
    result = run("true", "-o", tmp_path / "a.docx", "--json")
    assert json.loads(result.stdout)["kind"] == "memo"
    assert (tmp_path / "a.docx").exists()


@pytest.mark.parametrize("options", [(), ("--json",), ("-o", "OUT")])
def test_a_numeral_without_a_source_goes_nowhere(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "a.docx"
    result = run("false", *(str(path) if word == "OUT" else word for word in options))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "99.9%" in result.stderr and "请" in result.stderr
    assert not path.exists()


# -- paths ------------------------------------------------------------------------------------------


def test_a_bad_path_is_refused_before_the_work(tmp_path: Path) -> None:
    there = tmp_path / "a.docx"
    there.write_text("旧的")
    for path, piece in (
        (tmp_path / "a.pdf", "扩展名"),
        (tmp_path / "a", "没有扩展名"),
        (tmp_path / "没有" / "a.docx", "文件夹不存在"),
        (there, "已经存在"),
    ):
        result = run("true", "-o", path)
        assert result.exit_code == 2
        assert piece in result.stderr and "请" in result.stderr
        assert CALLS == []
    assert there.read_text() == "旧的"


def test_force_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("旧的")
    path.chmod(0o640)
    assert run("true", "-o", path, "--force").exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "lock", [".~lock.工作对比备忘录.docx#", "~$对比备忘录.docx", "~$工作对比备忘录.docx"]
)
def test_a_file_that_is_open_elsewhere(tmp_path: Path, lock: str) -> None:
    path = tmp_path / "工作对比备忘录.docx"
    (tmp_path / lock).write_text("")
    with pytest.raises(InputError, match="打开") as caught:
        files_out.writable(path, (".docx",), force=False)
    assert lock in caught.value.remedy
    files_out.writable(path, (".docx",), force=True)


@pytest.mark.parametrize(
    ("number", "error", "piece"),
    [
        (errno.ENOSPC, StorageFull, "磁盘空间不足"),
        (errno.EACCES, InputError, "权限"),
        (errno.EIO, InputError, "写不进去"),
    ],
)
def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], piece: str
) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise OSError(number, "失败")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(error, match=piece):
        files_out.write(path, b"new", (".docx",), force=True)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.docx"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.docx").mkdir()
    with pytest.raises(InputError, match="文件夹"):
        files_out.writable(tmp_path / "a.docx", (".docx",), force=True)


# -- screen and Markdown ----------------------------------------------------------------------------


def shown(width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    show(checked(toy_document()), console)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_screen_shows_charts_as_bars_and_gaps_as_gaps() -> None:
    lines = shown().splitlines()
    bars = [line for line in lines if "█" in line]
    assert [line.split()[0] for line in bars] == ["2021年", "2022年", "2022年", "2021年", "2022年"]
    assert bars[-1].count("█") == 30 and bars[-2].count("█") == 21
    assert any(line.split() == ["2021年", "缺"] for line in lines)


def test_a_document_can_be_shown_piece_by_piece() -> None:
    whole = toy_document()
    console = Console(file=StringIO(), width=100, highlight=False)
    page = Page(console)
    page.title(checked(whole))
    for block in whole.blocks:
        page.add(checked(Document(whole.kind, "", (block,), whole.places, whole.years)))
    page.sources()
    assert console.file.getvalue() == shown()  # type: ignore[attr-defined]


def test_personal_data_is_not_shown() -> None:
    quote = "巡诊1051次，电话13912345678。"
    told = Sentence(quote, (Citation("r", "总结", 0, len(quote), quote),), "quoted")
    sound = checked(Document("memo", "对比", (Paragraph((told,)),)))
    console = Console(file=StringIO(), width=100)
    show(sound, console)
    for text in (console.file.getvalue(), markdown(sound)):  # type: ignore[attr-defined]
        assert "13912345678" not in text and "手机号已隐去" in text


def test_markdown_has_tables_links_and_no_accidental_format() -> None:
    text = markdown(checked(toy_document()))
    assert "| 家庭医生签约率 | 61.5%[\\[2\\]](#source-2) | 66.2%[\\[1\\]](#source-1) |" in text
    assert '<a id="source-1"></a>' in text
    assert "> 本文不完整" in text
    starred = Document("memo", "对比*重点*|其他", ())
    assert markdown(checked(starred)) == "# 对比\\*重点\\*\\|其他\n"
