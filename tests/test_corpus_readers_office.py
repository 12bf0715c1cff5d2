from __future__ import annotations

from pathlib import Path

import docx
import pytest

from corpus.errors import UnreadableFile
from corpus.readers import Limits, read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "WordDocument".encode("utf-16-le")
CONVERTS = """#!/bin/sh
while [ "$1" != --outdir ]; do shift; done
cp "{made}" "$2/source.docx"
"""


def old_word(tmp_path: Path, data: bytes = OLE) -> Path:
    path = tmp_path / "old.doc"
    path.write_bytes(data)
    return path


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a stand-in for LibreOffice first on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "soffice").write_text(script)
    (folder / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(path, limits=limits or Limits())
    assert caught.value.where.endswith(path.name)
    return str(caught.value)


def test_without_libreoffice_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = refused(old_word(tmp_path))
    assert "另存为 .docx" in message and "安装 LibreOffice" in message


@pytest.mark.parametrize("data", [OLE, b"{\\rtf1\\ansi x}"])
def test_converted_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    document = docx.Document()
    document.add_paragraph("青石县工作总结。")
    document.save(str(tmp_path / "made.docx"))
    program(tmp_path, monkeypatch, CONVERTS.format(made=tmp_path / "made.docx"))
    found = read(old_word(tmp_path, data))
    assert (found.text, found.format, found.size) == ("青石县工作总结。\n", "doc", len(data))


def test_failed_conversion_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "#!/bin/sh\nexit 1\n")
    assert "没能转换" in refused(old_word(tmp_path))


def test_conversion_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "#!/bin/sh\nsleep 600\n")
    assert "已中止" in refused(old_word(tmp_path), Limits(seconds=1))
