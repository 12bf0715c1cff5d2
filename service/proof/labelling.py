"""Labels of the outline (GB/T 9704): 一、 （一） 1. （1）, nothing behind them, no level left out.

In: a text with its outline. Out: findings on the form of labels, on skipped levels and on headings with a
full stop. Only what begins a line is a label here; a list that runs on in a paragraph has its own habits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from corpus.labels import FIRST, FOURTH, SECOND, THIRD
from corpus.repair_kinds import RepairKind
from corpus.report import Section
from service.proof.rules import Finding, Rule
from service.proof.spots import Spot, by_sentence
from service.proof.text import Text

_AT_LINE = re.compile(
    r"(?m)^[ 　]*(?P<label>(?P<first>[一二三四五六七八九十]{1,3})(?P<mark>[.．，,:：])(?=\S)"
    r"|[（(](?P<second>[一二三四五六七八九十]{1,3})[）)](?P<after>[、，.．])"
    r"|(?P<third>\d{1,2})(?P<comma>[、，])(?=[一-鿿“《])"
    r"|[（(](?P<fourth>\d{1,2})[）)](?P<behind>[、，.．]))"
)
_FORMS = (
    (FIRST, re.compile(r"^[一二三四五六七八九十]{1,3}、")),
    (SECOND, re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]")),
    (THIRD, re.compile(r"^\d{1,2}[.．、]")),
    (FOURTH, re.compile(r"^[（(]\d{1,2}[）)]")),
)
_STOPS = ("。", "；", ";", "，", ",")
_LONGEST = 40  # characters of a heading that stands alone


def check(text: Text) -> Iterator[Finding]:
    """All findings on labels."""
    yield from by_sentence(text, Rule.LABEL_FORM, _forms(text))
    yield from by_sentence(text, Rule.LABEL_SPACE, _spaces(text))
    yield from by_sentence(text, Rule.LABEL_SKIP, _skips(text))
    yield from by_sentence(text, Rule.HEADING_STOP, _stops(text))


def _forms(text: Text) -> Iterator[Spot]:
    for found in _AT_LINE.finditer(text.text):
        if text.damaged(*found.span()):
            continue
        if found["first"]:
            good = f"{found['first']}、"
        elif found["third"]:
            good = f"{found['third']}."
        else:
            good = f"（{found['second'] or found['fourth']}）"
        yield Spot(found.start("label"), found["label"], good)


def _spaces(text: Text) -> Iterator[Spot]:
    """Spaces behind a label: those that the reader took out, by its log, and those that are left."""
    removed = {
        text.report.origin.clean_span(repair.start, repair.end + 1)[0]
        for repair in text.report.repairs
        if repair.kind in (RepairKind.STRAY_SPACE, RepairKind.ODD_SPACE) and not repair.before.strip()
    }
    for section in text.report.sections:
        if not section.label or _rank(section) is None:
            continue
        end = section.heading.start + len(section.label)
        if end in removed or text.text[end : end + 1] == " ":
            yield Spot(section.heading.start, section.label)


def _rank(section: Section) -> int | None:
    return next((rank for rank, form in _FORMS if form.match(section.label)), None)


def _skips(text: Text) -> Iterator[Spot]:
    """The first child whose label is two or more steps below that of its parent; once for each such step."""
    open_: list[Section] = []
    told: set[tuple[int, int]] = set()
    for section in text.report.sections:
        while open_ and not open_[-1].span.holds(section.span):
            open_.pop()
        rank = _rank(section)
        above = next((s for s in reversed(open_) if _rank(s) is not None), None)
        if rank is not None and above is not None:
            step = (_rank(above) or 0, rank)
            if rank > step[0] + 1 and step not in told:
                told.add(step)
                yield Spot(section.heading.start, f"{above.label}”下面直接用“{section.label}")
        open_.append(section)


def _stops(text: Text) -> Iterator[Spot]:
    """Headings with a text of their own below them; the items of a list of single sentences keep their 。"""
    labelled = [s for s in text.report.sections if s.label and _rank(s) is not None and s.title]
    empty = Counter(s.path[:-1] for s in labelled if not _below(text, s))
    lists = {
        path for path, count in Counter(s.path[:-1] for s in labelled).items() if 2 * empty[path] >= count
    }
    for section in labelled:
        low = text.text.rfind("\n", 0, section.heading.start) + 1
        if section.path[:-1] in lists:
            continue
        line = text.text[low : text.text.find("\n", section.heading.end)].rstrip()
        rest = line[section.heading.end - low :]
        if line.startswith(section.label) and rest in _STOPS and len(line) <= _LONGEST:
            yield Spot(low, line, line[: -len(rest)])


def _below(text: Text, section: Section) -> bool:
    """Whether something stands below the line of a heading."""
    end = text.text.find("\n", section.heading.end, section.span.end)
    return end >= 0 and bool(text.text[end : section.span.end].strip())
