"""Old Word (.doc, rtf) → docx by LibreOffice, where it is installed.

In: the bytes. Out: the bytes of a docx, for :mod:`docx_reader`. Without LibreOffice the user is
told what to do. Each run has a profile of its own, so that an open LibreOffice is not disturbed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from corpus.errors import UnreadableFile
from corpus.readers.guard import Limits

_RESAVE = "请用 Word 或 WPS 打开，另存为 .docx 后重试"


def to_docx(data: bytes, where: str, limits: Limits) -> bytes:
    """Convert.

    Raises:
        UnreadableFile: no LibreOffice, or it failed, or took too long.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise UnreadableFile(
            "旧版 Word 文档（.doc）需要 LibreOffice 才能读取",
            where=where,
            remedy="请另存为 .docx，或安装 LibreOffice 后重试",
        )
    with tempfile.TemporaryDirectory(prefix="wenheng-office-") as folder:
        source = Path(folder, "source.doc")
        source.write_bytes(data)
        _run(program, Path(folder), source, where, limits)
        made = Path(folder, "source.docx")
        if not made.is_file() or not made.stat().st_size:
            raise UnreadableFile("LibreOffice 没能转换这个文件，可能已损坏", where=where, remedy=_RESAVE)
        return made.read_bytes()


def _run(program: str, folder: Path, source: Path, where: str, limits: Limits) -> None:
    """Run LibreOffice to its end; on a time-out end it with all its children."""
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "docx",
        "--outdir",
        str(folder),
        str(source),
    ]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=folder, start_new_session=True
    )
    try:
        process.wait(limits.seconds)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(
            f"LibreOffice 转换超过 {limits.seconds} 秒，已中止", where=where, remedy=_RESAVE
        ) from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
