"""Cuts text into sentences, the units that answers cite.

In: cleaned text and a range of it. Out: spans in order, without overlaps, that cover every character
but white space. Nothing is changed, so a citation can quote a span as it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from corpus.report import Span

SHORT = 20  # a piece before "；" shorter than this stays with what follows
_CLOSERS = "”’」』）)】〕》\"'"
_BRACKET = re.compile(r"[（(][^（）()\n]{1,120}[）)]")
_QUOTE = re.compile(r"“[^“”\n]{1,120}”")


def sentences(
    text: str, span: Span | None = None, *, breaks: Iterable[int] = (), rows: Iterable[Span] = ()
) -> tuple[Span, ...]:
    """Spans of the sentences within ``span`` (the whole text by default).

    A sentence ends behind 。！？ and behind a long piece with ；, with the quotes and brackets that
    close there, and at every line break; never inside a bracket of up to 120 characters, nor at a ；
    inside a quotation (其中患者38人（甲类12人；乙类26人）). ``breaks`` are offsets where one ends in any case, such as
    the beginning of a section; a table row of ``rows`` stays one sentence, since a cell without its
    neighbours says nothing.
    """
    whole = span or Span(0, len(text))
    cuts = sorted({b for b in breaks if whole.start < b < whole.end})
    found: list[Span] = []
    start = whole.start
    for end in [*cuts, whole.end]:
        found += _between(text, start, end)
        start = end
    return _with_rows(found, rows)


def _with_rows(found: list[Span], rows: Iterable[Span]) -> tuple[Span, ...]:
    """The sentences with those of one table row joined."""
    kept = sorted(row for row in rows if row.end > row.start)
    starts = [row.start for row in kept]
    joined: list[Span] = []
    last = -1
    for span in found:
        row = bisect_right(starts, span.start) - 1
        inside = row >= 0 and span.start < kept[row].end
        if inside and row == last:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
        last = row if inside else -1
    return tuple(joined)


def _between(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    at = start
    held = _held(text, start, end)
    for index in range(start, end):
        if index < at or index in held or not _ends(text, index, at, end):
            continue
        stop = index + 1
        while stop < end and text[stop] in _CLOSERS and text[index] != "\n":
            stop += 1
        _add(found, text, at, stop)
        at = stop
    _add(found, text, at, end)
    return found


def _held(text: str, start: int, end: int) -> frozenset[int]:
    """Offsets at which no sentence ends, since a bracket or a quotation goes on."""
    inside = {i for m in _BRACKET.finditer(text, start, end) for i in range(m.start(), m.end() - 2)}
    quoted = (i for m in _QUOTE.finditer(text, start, end) for i in range(*m.span()) if text[i] in "；;")
    return frozenset((*inside, *quoted))


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    """Append the range without white space at its ends; lone marks join the sentence before."""
    part = text[start:end]
    inner = part.strip()
    if not inner:
        return
    low = start + len(part) - len(part.lstrip())
    high = low + len(inner)
    if found and not any(c.isalnum() for c in inner) and "\n" not in text[found[-1].end : low]:
        found[-1] = Span(found[-1].start, high)
    else:
        found.append(Span(low, high))


def _ends(text: str, index: int, start: int, end: int) -> bool:
    """Whether a sentence that began at ``start`` ends behind the character ``index``."""
    char = text[index]
    before, after = text[index - 1 : index] if index > start else "", text[index + 1 : min(index + 2, end)]
    if char in "\n\r\u2028\u2029":
        return True
    if char in "。！？!":
        return not (before.isdigit() and after.isdigit())
    if char == "?":  # in the middle of a line it stands for a lost character
        return not after or after.isspace() or after in _CLOSERS
    if char in "；;":
        return len(text[start:index].strip()) >= SHORT
    if char == "." and after == "[":  # between two entries of a list of references
        return True
    if char == "." and before.isascii() and before.isalpha():  # papers scraped to text lose their spaces
        glued = before.islower() and after.isascii() and after.isupper()
        return glued or (after == " " and text[index + 2 : index + 3].isupper())
    return False
