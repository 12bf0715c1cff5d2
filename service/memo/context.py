"""Whether a short name means the same thing in every column (同名异义).

In: an aligned line. Out: whether its name is too bare to carry its meaning (投资, 到岗, 60岁以上 are said of
many things) while its sentences have too little else in common. Thresholds were read off the sample
corpus, where 到岗 of village doctors and of nurses share 0.10 of their words, 出院 of two hospitals 0.45.
"""

from __future__ import annotations

import re
from itertools import pairwise

from corpus.ledger import Row
from service.memo.aligning import Line
from service.terms import content, grams

BARE = 3  # characters that alone name no indicator
LEAST_OF_ONE_PLACE, LEAST_OF_SEVERAL = 0.3, 0.45
_TRIMMINGS = re.compile(r"[0-9.]+|周?岁及?以[上下]|岁|其中|新增|(?:占比|占|比例|率|人数|数)$")
_NUMERAL = re.compile(r"[0-9.,，%‰]+")


def bare(name: str) -> bool:
    """Whether a name says too little by itself."""
    return len(_TRIMMINGS.sub("", name)) <= BARE


def loose(line: Line) -> bool:
    """Whether a bare name may mean different things in the columns of a line."""
    if len(line.found) < 2 or not bare(line.measure.name):
        return False
    rows = [slot.row for slot in line.found]
    least = LEAST_OF_ONE_PLACE if len({row.place for row in rows}) == 1 else LEAST_OF_SEVERAL
    return any(_common(one, other) < least for one, other in pairwise(rows))


def _common(one: Row, other: Row) -> float:
    """Share of the words around the poorer of two figures that the other has too."""
    first, second = _words(one), _words(other)
    return len(first & second) / max(1, min(len(first), len(second)))


def _words(row: Row) -> frozenset[str]:
    text = _NUMERAL.sub(" ", " ".join((*row.path[-2:], row.quote)))
    for known in (row.name, row.indicator, row.place or ""):
        text = text.replace(known, " ") if known else text
    return grams(content(text))
