"""What is checked in a zip container before its XML is parsed (docx is such a container).

In: the bytes. Out: nothing, or an error: a zip bomb, a broken archive, a spreadsheet, a DOCTYPE
(entities could read files or grow without end).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from corpus.errors import UnreadableFile
from corpus.readers.guard import Limits

_SUSPICIOUS = 8 * 2**20  # unpacked bytes below which no ratio is looked at
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I)
_RESAVE = "请用 Word 或 WPS 打开后另存为 docx"
_OTHER = {
    "xl/workbook.xml": "Excel 表格",
    "ppt/presentation.xml": "PowerPoint 幻灯片",
    "content.xml": "OpenDocument 文档",
    "META-INF/container.xml": "EPUB 电子书",
    "OFD.xml": "OFD 版式文件",
}


def check(data: bytes, limits: Limits) -> None:
    """Refuse containers that are no docx, or could harm the parser.

    Raises:
        UnreadableFile: without ``where``; the caller knows the file.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            check_sizes(archive.infolist(), len(data), limits)
            _check_kind(archive)
            check_parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile("docx 已损坏，无法解压", remedy="请重新下载，或" + _RESAVE[1:]) from error


def check_sizes(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    """Refuse zip bombs by what the directory declares; reading never goes beyond that."""
    unpacked = sum(entry.file_size for entry in entries)
    bomb = unpacked > _SUSPICIOUS and unpacked > limits.ratio * packed
    if bomb or unpacked > limits.unpacked or len(entries) > limits.entries:
        raise UnreadableFile(
            f"疑似压缩炸弹：{packed / 2**20:.2f} MB 解压后有 {unpacked / 2**20:.0f} MB"
            f"、{len(entries)} 个部件",
            remedy="请确认来源；若文件可信，请用 Word 打开后另存，或去掉图片",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile("压缩包已加密", remedy="请取消密码后另存")


def _check_kind(archive: zipfile.ZipFile) -> None:
    """Refuse archives without the parts of a Word document, by name where it can be told."""
    names = set(archive.namelist())
    if "[Content_Types].xml" in names and any(n.startswith("word/") for n in names):
        return
    for part, kind in _OTHER.items():
        if part in names:
            raise UnreadableFile(f"内容是 {kind}，不是 Word 文档", remedy="请另存为 docx 或 pdf 后重试")
    raise UnreadableFile(
        "内容是普通压缩包或残缺的文档，不是 docx", remedy="若是压缩包请先解压；若是文档，" + _RESAVE
    )


def check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse DOCTYPE in any XML part; UTF-16 parts have a zero byte beside every ASCII character."""
    for entry in archive.infolist():
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        part = archive.read(entry)
        if _DOCTYPE.search(part) or (b"\0" in part[:64] and _DOCTYPE.search(part.replace(b"\0", b""))):
            raise UnreadableFile(
                f"文档部件 {entry.filename!r} 含有 DOCTYPE 或实体声明，可能是恶意文件", remedy=_RESAVE
            )
