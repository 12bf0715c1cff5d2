from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from corpus.errors import UnreadableFile
from corpus.readers import Limits, guard, sandbox

HTML = "<html><body><p>青石县卫生健康工作总结。</p></body></html>".encode()


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Run this program in place of the child."""
    run = subprocess.run

    def replaced(_command: Sequence[str], **options: object) -> object:
        return run([sys.executable, "-c", program], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", replaced)


def refused(limits: Limits = guard.DEFAULT) -> str:
    with pytest.raises(UnreadableFile) as caught:
        sandbox.parse("html", HTML, "甲.html", limits)
    assert caught.value.where == "甲.html" and caught.value.remedy
    return str(caught.value)


def test_answer_comes_back() -> None:
    parsed = sandbox.parse("html", HTML, "甲.html", guard.DEFAULT)
    assert parsed.text == "青石县卫生健康工作总结。\n" and parsed.blocks[0].span.end == 12


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import os; os.kill(os.getpid(), 11)",
        "import sys; sys.exit(3)",
        "print('{\"text\": ')",
        "pass",
    ],
)
def test_a_child_that_dies_is_named(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    stand_in(monkeypatch, program)
    assert "异常退出" in refused()


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "import time; time.sleep(600)")
    assert "超过时限" in refused(Limits(seconds=1))


def test_a_child_that_spends_its_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)")
    assert "超过时限" in refused()


def test_memory_is_bounded() -> None:
    with pytest.raises(UnreadableFile, match=r"内存|异常退出|解析失败"):
        sandbox.parse("html", b"<p>" + b"<b>x" * 4_000_000, "甲.html", Limits(memory=300 * 2**20))


def test_processor_time_is_bounded() -> None:
    page = "<div>" * 60_000 + "甲" * 99 + "</div>" * 60_000
    with pytest.raises(UnreadableFile, match="时限"):
        sandbox.parse("html", page.encode(), "甲.html", Limits(cpu_seconds=1))


def test_too_much_text_is_named() -> None:
    assert "超过上限 5" in refused(Limits(characters=5))


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENHENG_SECRET", "geheim")
    assert "WENHENG_SECRET" not in sandbox._environment()


@pytest.fixture(scope="module", params=["docx", "pdf"])
def whole(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    """A good document of each binary kind, to be damaged."""
    made = io.BytesIO()
    if request.param == "docx":
        document = docx.Document()
        document.add_paragraph("Qingshi County 2021")
        document.save(made)
    else:
        canvas = Canvas(made, pageCompression=0)
        canvas.drawString(72, 700, "Qingshi County 2021")
        canvas.save()
    return request.param, made.getvalue()


@given(st.data())
@settings(deadline=None, max_examples=12)
def test_any_damage_is_read_over_or_named(whole: tuple[str, bytes], data: st.DataObject) -> None:
    kind, good = whole
    at = data.draw(st.integers(0, len(good) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=40))
    try:
        parsed = sandbox.parse(kind, good[:at] + junk + good[at + len(junk) :], "坏文件", guard.DEFAULT)
    except UnreadableFile as error:
        assert error.where == "坏文件" and error.remedy
    else:
        assert isinstance(parsed.text, str)


def test_modules_beside_the_documents_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "selectolax.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert sandbox.parse("html", HTML, "甲.html", guard.DEFAULT).text
