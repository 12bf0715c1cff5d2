"""Traditional → simplified Chinese (繁体转简体), where the document or a line of it is traditional.

In: text. Out: text of the same length in simplified characters. OpenCC converts with its phrases;
on top of it this module decides what is traditional at all (a simplified report may quote one name in
traditional characters, and keeps it), turns 著 into 着 in verbs, and keeps names that OpenCC breaks.
"""

from __future__ import annotations

import re
from functools import lru_cache

import opencc

from corpus.repair_kinds import RepairKind
from corpus.rewrite import SENTENCES, rewrite
from corpus.tracked import TrackedText

_LEAST = 4  # traditional characters below which nothing is decided
_SHARE_TEXT = 0.5  # traditional among all tell-tale characters, whole text
_SHARE_LINE = 0.8  # the same for one line of a text that is not traditional as a whole

# 乾 stays in names (乾安县, 乾县, 乾陵, 乾隆 …), 於 in the town 於潜.
_KEPT = re.compile("乾(?=[縣县安陵州隆坤務务元清潭])|於(?=[潛潜])")
# 著 is kept in words about writing and fame; everywhere else (着力, 沿着, 意味着) it is 着.
_WRITING = re.compile("(?<=[顯显卓昭名原專专巨論论編编譯译合拙遺遗土])著|著(?=[名作述稱称者書书錄录])")
_QUOTES = str.maketrans("「」『』", "“”‘’")


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


@lru_cache(maxsize=16384)
def _side(char: str) -> int:
    """1 for a character that only traditional text has, -1 for one that only simplified text has."""
    if char < "\u3400":
        return 0
    if _converter("t2s").convert(char) != char:
        return 1
    return -1 if _converter("s2t").convert(char) != char else 0


def _is_traditional(text: str, share: float) -> bool:
    sides = [side for char in text if (side := _side(char))]
    traditional = sides.count(1)
    return traditional >= _LEAST and traditional >= share * len(sides)


def to_simplified_always(text: str) -> str:
    """``text`` in simplified characters, whatever it is; the length never changes."""
    plain: str = _converter("t2s").convert(text)
    if len(plain) != len(text):  # a phrase of another length: fall back to single characters
        plain = "".join(_converter("t2s").convert(char) for char in text)
    chars = list(plain)
    for match in re.finditer("著", text):
        chars[match.start()] = "着"
    for pattern in (_KEPT, _WRITING):
        for match in pattern.finditer(text):
            chars[match.start()] = match.group()
    return "".join(chars).translate(_QUOTES)


def to_simplified(text: str) -> str:
    """``text`` with its traditional parts simplified; the length never changes."""
    if _is_traditional(text, _SHARE_TEXT):
        return to_simplified_always(text)
    lines = text.split("\n")
    return "\n".join(
        to_simplified_always(line) if _is_traditional(line, _SHARE_LINE) else line for line in lines
    )


def simplify(t: TrackedText) -> TrackedText:
    """Apply :func:`to_simplified`, logged by the sentence."""
    return rewrite(t, to_simplified(t.text), RepairKind.TRADITIONAL, SENTENCES)
