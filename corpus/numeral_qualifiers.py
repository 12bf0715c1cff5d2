"""Words that bound a number (限定词): 约, 近, 不少于, 以上 …

In: a flattened text and where a number stands in it. Out: the qualifier under its canonical name, ""
where there is none. At most one counts: a word before the number is stronger than one behind it.
"""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"(?P<least>不少于|不得少于|不小于)|(?P<floor>不低于|不得低于|≥|>=)|(?P<ceiling>不超过|不得超过|不高于|不得高于|不大于|≤|<=)"
    r"|(?P<min>至少|最少|最低)|(?P<max>至多|最多|最高)|(?P<short>不足|不到)|(?P<over>(?<!不)超过|突破|多达|(?<!不)高于|(?<!不)大于|逾|>|(?<![A-Za-z彩])超)"
    r"|(?P<under>(?<!不)低于|(?<!不)少于|(?<!不)小于|<)|(?P<near>将近|接近|(?<![最附临靠相邻])近)|(?P<about>大约|大概|(?<![签履预条节公制解违邀大])约)"
)
_BEFORE_NAMES = {
    "least": "不少于",
    "floor": "不低于",
    "ceiling": "不超过",
    "min": "至少",
    "max": "至多",
    "short": "不足",
    "over": "超",
    "under": "低于",
    "near": "近",
    "about": "约",
}
_LEAST = re.compile(r"(至少|至多|最多)[^，,。；;0-9]{1,40}$")
_AFTER = re.compile(
    r"[ ]?(?:(?:及)?(以上|以下|以内)|(之内)|(左右)|(上下)(?![联级游])"
    r"|(?<=[时天年月钟日])(内)(?![科容部外镜地涵])"
    r"|(?<=[年倍月成])(多)(?![次种个项家名]))"
)


def qualifier(flat: str, start: int, end: int, vague: str) -> str:
    """The qualifier of the number at ``start``; ``end`` is behind its unit, ``vague`` 余, 多 or ""."""
    left = start - 1 if start and flat[start - 1] == " " else start
    for found in _BEFORE.finditer(flat, max(0, left - 5), left):
        if found.end() == left and found.lastgroup:
            return _BEFORE_NAMES[found.lastgroup]
    verb = _LEAST.search(flat, max(0, left - 42), left)
    if verb:  # 至少聘请9名
        return "至多" if verb[1] in ("至多", "最多") else "至少"
    after = _AFTER.match(flat, end)
    if after:
        word = next(group for group in after.groups() if group)
        return {"之内": "以内", "内": "以内", "上下": "左右"}.get(word, word)
    return vague
