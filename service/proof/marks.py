"""Marks (GB/T 15834): document numbers, half-width marks, titles, pairs, 顿号.

In: a text. Out: findings. Half-width marks are repaired when a file is read, so they are taken from its log
of repairs; what the repairs leave alone is looked for in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.han import HAN
from corpus.repair_kinds import RepairKind
from service.proof.rules import Finding, Rule
from service.proof.spots import Spot, by_sentence, spotted
from service.proof.text import Text

_NUMBERED = re.compile(
    rf"(?<=[{HAN}])[〔\[［【（(〈](?P<year>(?:19|20)\d\d)[〕\]］】）)〉][ ]?第?[ ]?(?P<n>\d{{1,4}})[ ]?号"
)
_UNBRACKETED = re.compile(r"(?<=[发函办字呈])(?P<year>20[012]\d)[ ]?(?P<n>\d{1,3})号")
_NESTED = re.compile(r"《[^《》\n]{0,60}《[^《》\n]{1,60}》[^《》\n]{0,60}》")
_ETC = re.compile(r"、等(?=[，。；、）]|[多各其]|[^级于到待候高次额同价距效分第边号腰身闲速温量外])")
# A row of quotations or titles and nothing else; with a plain word in it (“甲”、“乙”、丙) the 、 stay.
_ROW = re.compile(
    r"(?<![、”》])(?:(?:“[^“”\n]{1,16}”)(?:、“[^“”\n]{1,16}”)+|(?:《[^《》\n]{1,60}》)(?:、《[^《》\n]{1,60}》)+)(?![、（(])"
)
_DOUBLED = re.compile(r"[，、；：]{2,}|。{2}(?!。)|[，、；：]。|。[，、；]|，；|；，")
_PAIRS = ("（）", "《》", "〔〕", "【】", "“”")
_LIST_LABEL = re.compile(
    r"(?:^|(?<=[\s。；;：，、！？]))(?:[一二三四五六七八九十]{1,3}|\d{1,2}|[a-zA-Z])[）)]"
)
_HALF = re.compile(rf"(?<=[{HAN}])[,;!?](?=[{HAN}])|(?<=[{HAN}])[,;:](?=[{HAN}0-9])")


def check(text: Text) -> Iterator[Finding]:
    """All findings on marks."""
    for pattern in (_NUMBERED, _UNBRACKETED):
        yield from spotted(text, Rule.DOCUMENT_NUMBER, pattern, _numbered)
    yield from by_sentence(text, Rule.HALF_WIDTH, _half_width(text))
    yield from spotted(text, Rule.BOOK_TITLE, _NESTED, _inner)
    yield from by_sentence(text, Rule.UNPAIRED, _unpaired(text))
    yield from spotted(text, Rule.BEFORE_ETC, _ETC, lambda m: m[0][1:])
    yield from spotted(text, Rule.TITLE_COMMA, _ROW, _without)
    yield from spotted(text, Rule.DOUBLED_MARK, _DOUBLED)


def _numbered(found: re.Match[str]) -> str:
    return f"〔{found['year']}〕{int(found['n'])}号"


def _inner(found: re.Match[str]) -> str:
    inside = found[0][1:-1].replace("《", "〈").replace("》", "〉")
    return f"《{inside}》"


def _without(found: re.Match[str]) -> str:
    return found[0].replace("”、“", "”“").replace("》、《", "》《")


def _half_width(text: Text) -> Iterator[Spot]:
    report = text.report
    for repair in report.repairs:
        if repair.kind == RepairKind.PUNCTUATION:
            low, high = report.origin.clean_span(repair.start, repair.end)
            if low < high:
                yield Spot(low, repair.before, repair.after)
    for found in _HALF.finditer(text.text):
        yield Spot(found.start(), found[0])


def _unpaired(text: Text) -> Iterator[Spot]:
    """Halves of pairs, paragraph by paragraph; quotations may run over several, each opened anew."""
    for line in text.lines:
        for pair in _PAIRS:
            at = _odd(text.text, line.start, line.end, pair)
            if at >= 0 and not text.damaged(line.start, line.end):
                start = max(line.start, at - 6)
                yield Spot(at, text.text[start : min(line.end, at + 10)])


def _odd(text: str, start: int, end: int, pair: str) -> int:
    """Offset of the first half without its other one in a paragraph; -1 where all are paired."""
    opened: list[int] = []
    for at in range(start, end):
        char = text[at]
        if char == pair[0]:
            opened.append(at)
        elif char == pair[1]:
            if not opened:
                label = any(m.end() - 1 == at for m in _LIST_LABEL.finditer(text, max(start, at - 4), at + 1))
                if label:
                    continue
                return at
            opened.pop()
    if opened and pair == "“”" and "”" not in text[opened[0] : end]:
        following = text[end : end + 400]
        if "”" in following and following.find("”") < (following + "“").find("“", 1):
            return -1
    return opened[0] if opened else -1
