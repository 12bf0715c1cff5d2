"""What no command that reads one text can use: a missing file, an id of nothing, a folder, an empty or broken file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from service.cli import Context
from service.commands.audit import audit
from service.commands.check import check

if TYPE_CHECKING:
    import click
    from click.testing import Result

    from service.desk import Desk

Run = Callable[..., "Result"]


@pytest.fixture(params=[check, audit], ids=["check", "audit"])
def run(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_desk: Callable[[Path], Desk],
) -> Run:
    """Each of the commands, over a library that is empty."""
    command: click.Command = request.param
    home = tmp_path / "home"
    monkeypatch.setattr(Context, "desk", lambda self: open_desk(home))

    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(command, [str(word) for word in words], obj=Context(home))

    return invoke


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("没有的稿件.docx", ("没有的稿件.docx", "找不到文件")),
        ("ffffffffffff", ("ffffffffffff", "没有这个文件", "wenheng reports")),
        ("", ("没有",)),
    ],
)
def test_what_is_not_there_is_named(
    run: Run, one_sentence: Callable[..., str], name: str, pieces: tuple[str, ...]
) -> None:
    one_sentence(run(name), 2, *pieces)


def test_a_folder_is_refused(run: Run, one_sentence: Callable[..., str], tmp_path: Path) -> None:
    one_sentence(run(tmp_path), 2, "文件夹")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空白.txt", b""),
        ("空白.txt", " \n\n　\n".encode()),
        ("坏的.docx", b"PK\x03\x04 broken"),
    ],
)
def test_a_file_that_holds_no_text_is_refused(
    run: Run, one_sentence: Callable[..., str], tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    one_sentence(run(path), 2, name)
