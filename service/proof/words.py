"""Who speaks, and in which unit one thing is counted.

In: a text with its rows of the ledger. Out: findings on 本人 and 笔者, on 我局 beside 我委, and on one indicator
told in 人 here and 人次 there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from corpus.ledger import Row
from corpus.report import FigureKind, Genre
from service.proof.rules import Finding, Rule, Severity
from service.proof.spots import Spot, by_sentence
from service.proof.text import Text

_SELF = re.compile(
    r"(?:(?<=[。；，、：\n“])|(?<=现将)|^)本人(?!或|及|和|与|身份|自愿|申请|签|同意|户口|名下|不愿|有|提供|持|意愿|承担|要求|信息|未|须|需|应)"
    r"|(?<!执)笔者|我个人|(?<![自本])我本人|就我而言"
)
_PERSONAL = frozenset({Genre.ARTICLE, Genre.NEWS, Genre.OTHER})
_OFFICE = re.compile(r"(?<![自忘])我(?P<what>局|委|院|中心|办|站|厅)(?![们长])")
_AREA = re.compile(r"(?<![自忘])我(?P<what>县|区|市|旗|州|省|镇|乡)(?![们长级])")
_LEAST = 4  # characters of a name that says what is counted
_CLASHES = (frozenset({"人", "人次"}), frozenset({"例", "人次"}), frozenset({"次", "人次"}))


def check(text: Text) -> Iterator[Finding]:
    """All findings on words."""
    if text.report.metadata.genre not in _PERSONAL:
        spots = (Spot(m.start(), m[0]) for m in _SELF.finditer(text.text))
        yield from by_sentence(text, Rule.SELF, spots)
    yield from by_sentence(text, Rule.SELF_MIXED, _offices(text))
    yield from by_sentence(text, Rule.SELF_MIXED, _areas(text))
    yield from _units(text)


def _offices(text: Text) -> Iterator[Spot]:
    """我委 in the text of a 局: what is said less often."""
    found = list(_OFFICE.finditer(text.text))
    counts = Counter(m["what"] for m in found)
    if len(counts) < 2:
        return
    usual = counts.most_common(1)[0][0]
    for mention in found:
        if mention["what"] != usual:
            yield Spot(mention.start(), mention[0], f"我{usual}")


def _areas(text: Text) -> Iterator[Spot]:
    """我区 in the text of a county. A county may speak of its province, not of another county as its own."""
    found = list(_AREA.finditer(text.text))
    own = text.place[-1:] if text.place[-1:] in "县区市旗" else ""
    counts = Counter(m["what"] for m in found if m["what"] in "县区市旗")
    usual = own if own in counts else counts.most_common(1)[0][0] if counts else ""
    for mention in found:
        if mention["what"] in "县区旗" and mention["what"] != usual and usual:
            yield Spot(mention.start(), mention[0], f"我{usual}")


def _units(text: Text) -> Iterator[Finding]:
    """One indicator in two units that do not compare."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in text.rows:
        if len(row.name) >= _LEAST and row.value is not None and row.kind is FigureKind.ACTUAL:
            groups[row.name].append(row)
    for name, rows in groups.items():
        first = rows[0]
        others = (r for r in rows if r.sentence != first.sentence)
        other = next((r for r in others if frozenset({r.unit, first.unit}) in _CLASHES), None)
        if other is None:
            continue
        one, two = text.cite_at(first.span.start), text.cite_at(other.span.start)
        yield Finding(
            Rule.UNIT_MIXED, Severity.LOW, f"{name}一处说{first.text}，一处说{other.text}",
            tuple(dict.fromkeys((one, two))),
        )  # fmt: skip
