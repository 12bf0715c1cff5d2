r"""Plain text and Markdown: bytes → text, in this process.

Out: the decoded text exactly as it stands (CRLF kept, only the byte-order mark dropped), so that
raw offsets count in it. Order of trial: byte-order mark, UTF-8, UTF-16 without mark, GB18030 (also
GBK and GB2312), then charset-normalizer among the other encodings of Chinese. What does not decode
is an error with the byte position, never a silent replacement.
"""

from __future__ import annotations

import codecs
import re

from corpus.errors import UnreadableFile
from corpus.readers.parsed import Parsed
from corpus.report import Block, BlockKind, Span

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHERS = ["gb18030", "big5", "big5hkscs", "euc_tw", "utf_16_le", "utf_16_be", "hz", "utf_7"]
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
_HEADING = re.compile(r"^(#{1,6})[ \t]+\S.*$", re.M)
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.M | re.S)
_SAMPLE = 200_000


def parse(data: bytes, where: str, *, markdown: bool = False) -> Parsed:
    """Decode; Markdown also yields a block for every ``#`` heading."""
    text, encoding = decode(data, where)
    if markdown:
        return Parsed(text, _headings(text), encoding)
    return Parsed(text, (), encoding)


def decode(data: bytes, where: str) -> tuple[str, str]:
    """The text and the name of its encoding.

    Raises:
        UnreadableFile: binary content, or bytes that fit no encoding of Chinese text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, where, len(mark)), encoding
    text, encoding = _decode_unmarked(data, where)
    if len(_CONTROL.findall(text)) > max(2, len(text) // 200):
        raise _binary(where)
    return text, encoding


def _decode_unmarked(data: bytes, where: str) -> tuple[str, str]:
    """Try the encodings in their order of likelihood."""
    sample = data[:_SAMPLE]
    if b"\0" in sample:
        return _decode_wide(data, where)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _is_common_chinese(sample):
            return text, encoding
    for encoding in ("utf-8", "gb18030"):
        if _is_nearly(sample, encoding):
            return _strictly(data, encoding, where, 0), encoding
    from charset_normalizer import from_bytes  # rarely needed, and every child would pay for it

    best = from_bytes(data, cp_isolation=_OTHERS).best()
    if best is None or not _holds_words(str(best)):
        return _strictly(data, "utf-8", where, 0), "utf-8"
    return str(best), best.encoding


def _decode_wide(data: bytes, where: str) -> tuple[str, str]:
    """UTF-16 without a mark: zero bytes of ASCII characters stand at one parity only."""
    sample = data[: _SAMPLE // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _binary(where) from error
    if min(even, odd) > max(even, odd) // 10 or not _holds_words(text):
        raise _binary(where)
    return text, encoding


def _holds_words(text: str) -> bool:
    """Whether most of it is Chinese, Latin letters, digits and common punctuation."""
    sample = text[:5000]
    fit = sum(
        c.isascii() or "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or c > "\uff00" for c in sample
    )
    return bool(sample) and fit >= 0.9 * len(sample)


def _is_common_chinese(sample: bytes) -> bool:
    """Whether it reads as GB2312 level-1 characters, as opposed to Big5 that happens to decode.

    The 3,755 characters of level 1 make up more than 95 % of running simplified text.
    """
    text = sample.decode("gb18030", "ignore")
    wide = [c for c in text if c > "\x7f"]
    if not wide:
        return True
    codes = [c.encode("gb18030") for c in wide[:5000]]
    common = sum(
        len(b) == 2 and (0xB0 <= b[0] <= 0xD7 or 0xA1 <= b[0] <= 0xA3) and b[1] >= 0xA1 for b in codes
    )
    return common >= 0.7 * len(codes)


def _is_nearly(sample: bytes, encoding: str) -> bool:
    """Whether all but a few bytes decode: such a file is damaged, not in another encoding."""
    text = sample.decode(encoding, "replace")
    wide = sum(c > "\x7f" for c in text)
    bad = text.count("\ufffd")
    return wide > 0 and bad <= 0.05 * wide and (encoding == "utf-8" or _is_common_chinese(sample))


def _strictly(data: bytes, encoding: str, where: str, skipped: int) -> str:
    """Decode or name the byte where it fails, counted in the file."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"第 {error.start + skipped + 1} 个字节处无法按 {encoding} 解码",
            where=where,
            remedy="文件可能已损坏或编码混杂，请用记事本打开检查，另存为 UTF-8 后重试",
        ) from error


def _binary(where: str) -> UnreadableFile:
    """The message for what is no text at all."""
    return UnreadableFile(
        "内容不是文本（二进制数据）", where=where, remedy="请确认文件类型，另存为 docx、pdf、html 或 txt"
    )


def _headings(text: str) -> tuple[Block, ...]:
    """Blocks of the ``#`` headings outside fenced code."""
    fenced = [m.span() for m in _FENCE.finditer(text)]
    return tuple(
        Block(BlockKind.HEADING, Span(m.start(), m.end()), len(m[1]))
        for m in _HEADING.finditer(text)
        if not any(low <= m.start() < high for low, high in fenced)
    )
