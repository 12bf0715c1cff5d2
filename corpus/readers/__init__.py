"""Bytes → RawDocument: one module a format.

In: the path of a file. Out: its text as one string in which all raw offsets count, with what the
format itself knows (headings, list items, table rows).

    guard    size, kind by magic bytes, limits
    text     txt, md: decoded in this process
    sandbox  everything else: one child process a file, so that a hostile file cannot harm the caller
    child    what runs in it: docx_reader (+ numbering), pdf (+ running_lines), html (+ article)
    office   .doc → docx by LibreOffice, where it is installed
    tables   cells with spans → one line a row, each value with its header
    parsed   what a format module returns
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from corpus.errors import UnreadableFile
from corpus.readers import guard, office, sandbox, text
from corpus.readers.guard import DEFAULT, SUFFIXES, Limits
from corpus.readers.parsed import Parsed
from corpus.report import RawDocument

__all__ = ["DEFAULT", "SUFFIXES", "Limits", "read"]


def read(path: Path, *, limits: Limits = DEFAULT) -> RawDocument:
    """Read one file.

    Raises:
        UnreadableFile: missing, forbidden, too large, empty, broken, encrypted, scanned, hostile, or
            of a kind that is not read; the message names the file and what to do.
    """
    where = guard.display(path)
    data = guard.load(path, limits)
    kind, warnings = guard.kind_of(path, data)
    parsed = _parse(kind, data, where, limits)
    if not parsed.text.strip("\0 \t\r\n\u3000\ufeff\u200b\xa0"):
        raise UnreadableFile("文件里没有文字", where=where, remedy="请确认文件内容后重试")
    return RawDocument(
        name=guard.display(Path(path.name)),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        format=kind,
        text=parsed.text,
        blocks=parsed.blocks,
        encoding=parsed.encoding,
        warnings=(*warnings, *parsed.warnings),
    )


def _parse(kind: str, data: bytes, where: str, limits: Limits) -> Parsed:
    """Hand the bytes to the module of their kind."""
    if kind in ("txt", "md"):
        return text.parse(data, where, markdown=kind == "md")
    if kind == "doc":
        return sandbox.parse("docx", office.to_docx(data, where, limits), where, limits)
    return sandbox.parse(kind, data, where, limits)
