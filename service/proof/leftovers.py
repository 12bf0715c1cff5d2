"""What must not leave the house: gaps, empty headings, personal data.

In: a text. Out: findings. Personal data are masked when a file is read; what stands in the text is the mask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.privacy import ADDRESS, CARD, EMAIL, IDENTITY, MESSENGER, MOBILE, PHONE
from service.proof.rules import Finding, Rule, Severity
from service.proof.spots import Spot, by_sentence
from service.proof.text import Text

_GAP = re.compile(
    r"【[^【】\n]{0,4}待[补填定核][^【】\n]{0,60}】|[（(]待[补填定核][^（）()\n]{0,20}[）)]|(?<![A-Za-z0-9])[xX×]{2,}(?![A-Za-z0-9])"
    r"|_{3,}|(?<=[一-鿿])[（(][ 　]{0,6}[）)]|《[ 　]*》|TODO|TBD|[？?]{3,}|\*{2,}"
)
_MASKS = (MOBILE, IDENTITY, CARD, PHONE, EMAIL, ADDRESS, MESSENGER)
_MASK = re.compile("|".join(map(re.escape, _MASKS)))
_GRAVE = (MOBILE, IDENTITY, CARD, ADDRESS)


def check(text: Text) -> Iterator[Finding]:
    """All findings on what was left in the text."""
    gaps = (Spot(m.start(), m[0]) for m in _GAP.finditer(text.text) if not text.damaged(*m.span()))
    yield from by_sentence(text, Rule.PLACEHOLDER, gaps, Severity.HIGH)
    yield from _empty(text)
    masks = [Spot(m.start(), m[0]) for m in _MASK.finditer(text.text)]
    yield from by_sentence(text, Rule.PERSONAL, (s for s in masks if s.bad in _GRAVE), Severity.HIGH)
    yield from by_sentence(text, Rule.PERSONAL, (s for s in masks if s.bad not in _GRAVE), Severity.LOW)


def _empty(text: Text) -> Iterator[Finding]:
    """Headings with nothing below them, neither text nor headings."""
    sections = text.report.sections
    for number, section in enumerate(sections):
        below = number + 1 < len(sections) and section.span.holds(sections[number + 1].span)
        body = text.text[section.heading.end : section.span.end].strip()
        if _GAP.search(section.title):
            continue
        alone = text.text[section.heading.start - 1 : section.heading.start] in ("\n", "")
        if (
            section.label
            and section.level <= 2
            and alone
            and not below
            and not body
            and len(section.title) <= 20
        ):
            yield Finding(
                Rule.EMPTY_SECTION, Severity.MEDIUM, f"“{section.title}”下面没有内容",
                (text.cite_at(section.heading.start),),
            )  # fmt: skip
