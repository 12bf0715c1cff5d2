"""What is checked before any parser sees a byte: access, size, and the true kind of the file.

In: a path. Out: its bytes and its kind ("docx", "pdf", "html", "txt", "md", "doc"). The kind comes
from the content; the suffix decides only between kinds of plain text. A file whose suffix lies is
read as what it is, with a warning.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UnreadableFile

KIND_OF_SUFFIX = {
    ".docx": "docx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".txt": "txt",
    ".md": "md",
    ".doc": "doc",
}
SUFFIXES = frozenset(KIND_OF_SUFFIX)  # what ingest looks for in a folder, in lower case


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may cost. Sizes in bytes, times in seconds."""

    size: int = 50 * 2**20  # of the file
    seconds: int = 120  # wall clock of the child process
    cpu_seconds: int = 90
    memory: int = 2 * 2**30  # address space of the child process
    pages: int = 1000  # of a PDF
    entries: int = 5000  # in a zip container
    unpacked: int = 256 * 2**20  # all entries of a zip container
    ratio: int = 200  # unpacked : packed; XML of real documents stays below 60
    characters: int = 20_000_000  # of extracted text


DEFAULT = Limits()

# Magic bytes of what people hand in by mistake (first match wins).
_FOREIGN = (
    (b"\x89PNG", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"II*\0", "TIFF 图片"),
    (b"MM\0*", "TIFF 图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"\x7fELF", "可执行程序"),
    (b"MZ\x90", "可执行程序"),
    (b"OggS", "音频文件"),
    (b"ID3", "音频文件"),
    (b"SQLite format 3\0", "数据库文件"),
)
_HTML = re.compile(rb"<(!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.I)
_TEXT_KINDS = ("txt", "md", "html")


def display(path: Path) -> str:
    """The path as text that can be shown and stored, also where its bytes are no UTF-8.

    Archives packed on Chinese Windows leave file names in GBK.
    """
    raw = os.fsencode(path)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def load(path: Path, limits: Limits) -> bytes:
    """All bytes of a regular file within the size limit.

    Raises:
        UnreadableFile: naming the path and the reason.
    """
    where = display(path)
    try:
        _check_regular(path.stat().st_mode, where)
        with path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            _check_regular(status.st_mode, where)
            if status.st_size > limits.size:
                raise _too_large(where, status.st_size, limits)
            data = _all_of(file.fileno(), limits.size)
    except FileNotFoundError as error:
        raise UnreadableFile("找不到文件", where=where, remedy="请确认它没有被移动或删除") from error
    except PermissionError as error:
        raise UnreadableFile("没有读取权限", where=where, remedy="请修改文件权限后重试") from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"读取失败（{error}）", where=where, remedy="请检查磁盘后重试") from error
    if not data:
        raise UnreadableFile("文件是空的（0 字节）", where=where, remedy="请确认文件已完整保存或下载")
    if len(data) > limits.size:
        raise _too_large(where, len(data), limits)
    if len(data) != status.st_size:
        raise UnreadableFile("读取时文件正在变化", where=where, remedy="请等它写完后重试")
    return data


def _check_regular(mode: int, where: str) -> None:
    """Refuse folders, pipes and devices: opening a pipe would wait for ever."""
    if stat.S_ISDIR(mode):
        raise UnreadableFile("这是文件夹，不是文件", where=where, remedy="请给出其中的文件")
    if not stat.S_ISREG(mode):
        raise UnreadableFile("这不是普通文件（管道或设备）", where=where, remedy="请先另存为普通文件")


def _too_large(where: str, size: int, limits: Limits) -> UnreadableFile:
    """The message for a file over the limit."""
    message = f"文件有 {size / 2**20:.1f} MB，超过上限 {limits.size / 2**20:g} MB"
    return UnreadableFile(message, where=where, remedy="请拆分文件，或去掉其中的图片后重试")


def _all_of(descriptor: int, limit: int) -> bytes:
    """Read to the end, or one byte past the limit."""
    pieces: list[bytes] = []
    left = limit + 1
    while left > 0 and (piece := os.read(descriptor, min(left, 2**20))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def kind_of(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Kind of the content, and a warning where the suffix says otherwise.

    Raises:
        UnreadableFile: of a kind that is not read.
    """
    where, suffix = display(path), path.suffix.lower()
    claimed = KIND_OF_SUFFIX.get(suffix, "")
    found = _container_kind(data, where) or _text_kind(data, claimed, where, suffix)
    if found == claimed:
        return found, ()
    shown = suffix or "（无）"
    return found, (f"后缀是 {shown}，内容是 {found}，已按 {found} 读取；建议改后缀为 .{found}",)


def _container_kind(data: bytes, where: str) -> str:
    """Kind told by magic bytes, "" for what may be plain text."""
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            raise UnreadableFile(
                f"内容是{name}，不是文档", where=where, remedy="请另存为 docx、pdf、html 或 txt 后重试"
            )
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "docx"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(data, where)
    if data.startswith(b"{\\rtf"):
        return "doc"
    return ""


def _ole_kind(data: bytes, where: str) -> str:
    """Old Word, or one of the other things that live in the same container."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableFile(
            "文档已加密", where=where, remedy="请在 Word 或 WPS 中输入密码打开，取消密码后另存"
        )
    if "WordDocument".encode("utf-16-le") in data:
        return "doc"
    raise UnreadableFile(
        "内容是旧版 Office 文件，但不是 Word 文档", where=where, remedy="请另存为 docx 或 pdf 后重试"
    )


def _text_kind(data: bytes, claimed: str, where: str, suffix: str) -> str:
    """Kind of what has no magic bytes: the claimed text kind, or HTML under a false suffix."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"")
    if _HTML.match(head) or (claimed not in ("txt", "md") and _HTML.search(head)):
        return "html"
    if claimed in _TEXT_KINDS:
        return claimed
    if head[:200].lower().startswith(b"mime-version:"):
        raise UnreadableFile("内容是单个文件网页（mht）", where=where, remedy="请另存为 docx 或 html")
    if b"Word.Document" in head or b"schemas.microsoft.com/office/word/2003" in head:
        raise UnreadableFile("内容是 Word 2003 XML", where=where, remedy="请用 Word 打开后另存为 docx")
    if claimed:
        raise UnreadableFile(
            f"内容不是有效的 {claimed} 文件，可能已损坏或后缀有误",
            where=where,
            remedy="请重新下载或重新另存；若是纯文本，请改后缀为 .txt",
        )
    known = "、".join(sorted(SUFFIXES))
    raise UnreadableFile(
        f"不支持后缀 {suffix or '（无）'}", where=where, remedy=f"支持 {known}；请另存为其中一种"
    )
