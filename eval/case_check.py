"""Holds a case against its source (核对评测题): does the gold stand where the case says?

In: a case and the raw texts of its files. Out: what is wrong, in words. A span must lie in its file; a figure, a key
point of an answer that is read off rather than computed must stand in one of the spans; what must not occur must not
be asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from eval.cases import Case, Kind, Value
from eval.metrics import contains, forbidden, matches
from eval.quantities import clean, quantities

# A sum, a difference, a count of reports, a correction or a translation of damaged characters stands in no source.
READ_OFF = (Kind.NUMBER, Kind.FOLLOW_UP, Kind.TIME_SENSITIVE, Kind.CONTRADICTORY)


def checked(case: Case, texts: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with a case; nothing where its files are not there."""
    if not case.files <= texts.keys():
        return
    for gold in case.gold:
        if gold.end > len(texts[gold.sha256]):
            yield f"位置 {gold.start}-{gold.end} 超出文件 {gold.sha256[:12]}"
            return
    told = "\n".join(texts[gold.sha256][gold.start : gold.end] for gold in case.gold)
    if case.expect == "answer" and not told.strip():
        yield "依据位置上没有文字"
    if case.kind in READ_OFF:
        for value in case.values:
            if not stands(value, told):
                yield f"依据里没有 {value.value}{value.unit}"
    wanted = "；".join(
        [f"{v.value}{v.unit.split('|')[0]}" for v in case.values] + [g[0] for g in case.points]
    )
    for key in forbidden(case, wanted):
        yield f"要求的内容里有不应出现的 {key}"


def stands(value: Value, told: str) -> bool:
    """Whether a value stands in a text; where the unit stands apart (a table, a broken line) the number will do."""
    text = clean(unicodedata.normalize("NFKC", told))
    if any(matches(quantity, value) for quantity in quantities(text, chinese=True)):
        return True
    return contains("".join(text.split()), f"{value.value}")
