"""CJK radicals that stand for characters: U+2E80-2EFF, U+2F00-2FDF, U+F900-FAFF → unified ideographs.

PDF fonts often map 工 to the radical ⼯ (U+2F2F) or 风 to ⻛ (U+2EDB): it looks right and is never found.
In: text. Out: text of the same length. The supplement follows the Unicode Character Database
(EquivalentUnifiedIdeograph, U+2E81-2EF3; U+2E80 has no equivalent); Kangxi radicals and compatibility
ideographs have singleton decompositions, so NFKC of that one character is enough.
"""

from __future__ import annotations

import re
import unicodedata

# First code point of a row → the equivalents in order; a space stands for an unassigned one.
_ROWS = {
    0x2E81: "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣",
    0x2E90: "尢𡯂巳幺彑𫜹忄心扌攵 旡日月歺母",
    0x2EA0: "民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹",
    0x2EB0: "纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹",
    0x2EC0: "艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑",
    0x2ED0: "钅長镸长门𨸏阝雨青韦页风飞食𩙿飠",
    0x2EE0: "饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜",
    0x2EF0: "龙龜亀龟",
}

SUPPLEMENT = {
    chr(first + i): char for first, row in _ROWS.items() for i, char in enumerate(row) if char != " "
}

_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def _unified(match: re.Match[str]) -> str:
    char = match.group()
    plain = SUPPLEMENT.get(char) or unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def unify(text: str) -> str:
    """``text`` with every radical and compatibility ideograph replaced by its unified ideograph."""
    return _RADICAL.sub(_unified, text)
