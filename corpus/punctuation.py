"""Half-width marks in Chinese text → full-width (半角标点): ，；：？！（）“”.

In: the text of one report. Out: text of the same length. Decimals, thousands (1,234), times (8:30),
ratios (1:2), URLs, references and English stay as they are: a mark changes only next to a Chinese
character or a full-width mark.
"""

from __future__ import annotations

import re

from corpus.han import is_cjk, is_han
from corpus.repair_kinds import RepairKind
from corpus.rewrite import rewrite
from corpus.tracked import TrackedText

_WIDE = {",": "，", ";": "；", ":": "：", "!": "！"}
_FOREIGN = re.compile(r"(?:https?://|www\.)[\w./?=&%#:~+-]+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+", re.ASCII)
_WORD = re.compile(r"[0-9A-Za-z.+-]*")
_LINE = re.compile(r"[^\n]+")
_CLAUSE = re.compile(r"[^，。；！？,;!?\n]*$")
_ASKS = re.compile(r"吗|呢|么|什么|怎|如何|为何|何[以处时]|哪|几[个时年成]|多少|是否|能否|可否|谁|啥|岂|难道")
_REACH = 200  # characters of a bracket that are looked at
_LEAST_STOP = 6  # Chinese characters before a "." at a line end that is a full stop


def asks(before: str) -> bool:
    """Whether the clause at the end of ``before`` is a question, so that "?" after it is genuine."""
    clause = _CLAUSE.search(before[-60:])
    return bool(clause and _ASKS.search(clause.group()))


def _between_chinese(chars: list[str], at: int) -> bool:
    """Whether the words on both sides of ``at`` stand in Chinese text: 配置CT,4月."""
    before, after = "".join(chars[max(0, at - 12) : at]), "".join(chars[at + 1 : at + 13])
    left, right = _WORD.match(before[::-1]), _WORD.match(after)
    ends = (before[::-1][left.end() :][:1] if left else "", after[right.end() :][:1] if right else "")
    return all(end and is_han(end) for end in ends)


def _marks(chars: list[str], foreign: set[int]) -> None:
    """Commas, colons, semicolons and exclamation marks between Chinese neighbours."""
    for i, char in enumerate(chars):
        if char not in _WIDE or i in foreign:
            continue
        left = chars[i - 1] if i else ""
        right = chars[i + 1] if i + 1 < len(chars) else ""
        if left.isdigit() and right.isdigit():
            continue
        chinese = (left and is_cjk(left)) or (right and is_cjk(right)) or _between_chinese(chars, i)
        between_figures = left in ("%", "％") and right.isdigit() and char in ",;"
        if chinese or between_figures:
            chars[i] = _WIDE[char]


def _brackets(chars: list[str], foreign: set[int]) -> None:
    """Pairs of brackets that hold or touch Chinese text, and the odd half of a mixed pair."""
    stack: list[int] = []
    for i, char in enumerate(chars):
        if i in foreign:
            continue
        if char in "(（":
            stack.append(i)
        elif char in ")）" and stack:
            start = stack.pop()
            around = [chars[start - 1]] if start else []
            around += chars[i + 1 : i + 2]
            inside = chars[start + 1 : min(i, start + _REACH)]
            mixed = {chars[start], char} not in ({"(", ")"}, {"（", "）"})
            if mixed or any(map(is_cjk, inside)) or (inside and any(map(is_cjk, around))):
                chars[start], chars[i] = "（", "）"


def _quotes(chars: list[str], foreign: set[int]) -> None:
    """Straight quotes around Chinese text, where they pair up within the line."""
    at = [i for i, char in enumerate(chars) if char == '"' and i not in foreign]
    if len(at) % 2:
        return
    for start, end in zip(at[::2], at[1::2], strict=True):
        if any(map(is_han, chars[start + 1 : end])):
            chars[start], chars[end] = "“", "”"


def _ends(chars: list[str]) -> None:
    """A genuine question mark, and a dot that is the full stop of a line."""
    line = "".join(chars)
    for i, char in enumerate(chars):
        single = char == "?" and chars[i - 1 : i] != ["?"] and chars[i + 1 : i + 2] != ["?"]
        if single and i and is_cjk(chars[i - 1]) and asks(line[max(0, i - 60) : i]):
            chars[i] = "？"
    if line.endswith(".") and len(chars) > _LEAST_STOP and all(map(is_han, chars[-1 - _LEAST_STOP : -1])):
        chars[-1] = "。"


def widen(line: str) -> str:
    """One line with its half-width marks made full-width; the length never changes."""
    chars = list(line)
    foreign = {i for m in _FOREIGN.finditer(line) for i in range(*m.span())}
    _brackets(chars, foreign)
    _marks(chars, foreign)
    _quotes(chars, foreign)
    _ends(chars)
    return "".join(chars)


def widen_marks(t: TrackedText) -> TrackedText:
    """Apply :func:`widen` to every line."""
    new = _LINE.sub(lambda m: widen(m.group()), t.text)
    return rewrite(t, new, RepairKind.PUNCTUATION)
