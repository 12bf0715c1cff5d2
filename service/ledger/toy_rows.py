"""Rows of a ledger made from a sentence each, for tests and benchmarks: no report, no parser.

In: ``row("甲县", 2022, "全县家庭医生签约率达到45%。", "45%")``. Out: the row of that figure, its indicator being the
words before it. Everything else can be set by name.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from typing import Any

from corpus.ledger import Row
from corpus.report import FigureKind, SectionKind, Span
from corpus.when import of_year, read_when

_FIGURE = re.compile(r"(?P<value>[0-9.]+)(?P<scale>万亿|亿|万)?(?P<unit>.*)")
_FACTORS = {None: 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_WORDS = re.compile(r"[^，。；、0-9]+$")
_VERBS = re.compile(r"(?:达到?|为|有|共|增长|增加|提高|下降|减少|约|超过|由|从)+$|^全[县区市]")


def row(place: str, year: int, sentence: str, text: str, **changes: Any) -> Row:
    """The row of the figure ``text`` in a sentence of the annual report of a place.

    Args:
        place: whose report it is.
        year: the year that the report is about.
        sentence: the whole sentence.
        text: the figure as it stands in there, with its unit.
        changes: fields that differ; ``period`` is read as that of a figure (上半年, 今年5月).
    """
    found = _FIGURE.fullmatch(text.removesuffix("以上").removesuffix("左右"))
    assert found is not None, text
    factor = Decimal(_FACTORS[found["scale"]])
    at = sentence.index(text)
    words = _WORDS.search(sentence[:at])
    name = _VERBS.sub("", _VERBS.sub("", words[0])) if words else ""
    period = changes.pop("period", "")
    title = changes.pop("title", f"{place}卫生健康局{year}年工作总结")
    report_id = changes.pop("report_id", hashlib.sha256(title.encode()).hexdigest()[:12])
    base = changes.pop("at", 0)
    own = read_when(period, year=year, period=None) if period else of_year(year)
    fields: dict[str, Any] = {
        "id": f"{report_id}:{base + at}",
        "report_id": report_id,
        "title": title,
        "place": place,
        "report_place": place,
        "issuer": None,
        "year": year,
        "indicator": name,
        "name": name,
        "value": Decimal(found["value"]) * factor,
        "upper": None,
        "unit": found["unit"],
        "factor": factor,
        "text": text,
        "qualifier": "",
        "when": own,
        "as_of": None,
        "kind": FigureKind.ACTUAL,
        "masked": False,
        "suspect": False,
        "corrected": False,
        "original": "",
        "span": Span(base + at, base + at + len(text)),
        "sentence": Span(base, base + len(sentence)),
        "quote": sentence,
        "path": ("一、工作完成情况",),
        "section": SectionKind.ACHIEVEMENTS,
    }
    return Row(**fields | {"indicator": changes.get("name", name)} | changes)
