"""What stays damaged after all repairs: it is shown as damaged and yields no figures.

In: repaired text. Out: spans of "?" in place of characters, U+FFFD and private-use characters, orphaned
pinyin with the shifted run after it, and text decoded with the wrong character set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.han import CLOSERS, is_cjk, is_han
from corpus.pinyin_noise import orphans
from corpus.punctuation import asks
from corpus.report import Span

_MARKS = re.compile(r"\?+")
_LOST = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]+")
_FAMOUS = re.compile("(?:锟斤拷?|斤拷|烫烫|屯屯|锘)+[锟斤拷烫屯]*")
_LATIN = re.compile("[À-ÿŒœŠšŽžƒ][\u0080-¿À-ÿŒœŠšŽžƒ‚„…†‡ˆ‰‹‘’“”•–—˜™›€]{2,}")
# Characters that UTF-8 text turns into when it is read as GBK; a run is tried only where two of them stand.
_TYPICAL = "锛銆鐨鍖鍏浜涓鈥绗鏂鎴璇缁闂鍙鐢鍗骞鏈鍚鐤鎯鍦"
_TYPICAL_CHAR = re.compile(f"[{_TYPICAL}]")
_RUN = re.compile("[\u20ac-\uffe5]{4,}")
_URL = re.compile(r"\S*(?:://|www\.)\S*$")

_DENSE = 5  # unexplained "?" next to Chinese characters in one text: then each one is a lost character


def _is_genuine(text: str, start: int, end: int, dense: bool) -> bool:
    """Whether the "?" at ``start`` is a question mark that the author wrote."""
    if end - start > 1:
        return False
    left, right = text[start - 1 : start], text[end : end + 1]
    if _URL.search(text[max(0, start - 80) : start]):
        return True
    if left and left.isascii() and left.isalpha():
        return not (right.isascii() and right.islower())
    if not left or left.isspace():
        return not (right and is_cjk(right))
    closes = right in ("", "\n", " ", *CLOSERS)
    return asks(text[max(0, start - 80) : start]) and (closes or not dense)


def _questions(text: str) -> Iterator[tuple[int, int]]:
    marks = [m.span() for m in _MARKS.finditer(text)]
    inside = [
        start
        for start, end in marks
        if is_han(text[start - 1 : start]) and text[end : end + 1] not in ("", "\n", *CLOSERS)
    ]
    dense = sum(not asks(text[max(0, start - 80) : start]) for start in inside) >= _DENSE
    return (span for span in marks if not _is_genuine(text, *span, dense))


def _misread(text: str) -> Iterator[tuple[int, int]]:
    """Runs that become Chinese when their GBK bytes are read as UTF-8."""
    for match in _RUN.finditer(text):
        if len(_TYPICAL_CHAR.findall(match.group())) < 2:
            continue
        data = match.group().encode("gb18030", "ignore")
        plain = data.decode("utf-8", "replace")
        good = sum(is_cjk(char) for char in plain)
        if good >= 2 and good >= 2 * plain.count("\ufffd"):
            yield match.span()


def find_damages(text: str) -> tuple[Span, ...]:
    """Damaged spans of ``text`` in order; spans that touch are one."""
    ranges = [m.span() for pattern in (_LOST, _FAMOUS, _LATIN) for m in pattern.finditer(text)]
    ranges += [*_questions(text), *orphans(text), *_misread(text)]
    merged: list[Span] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Span(start, end))
    return tuple(merged)
