"""A text made of a few lines, for tests of the rules: parsed as a file of the user's would be.

In: the body, and the place and year of a report that does not exist. Out: a report, or the text that rules read.
"""

from __future__ import annotations

import hashlib

from corpus.aliases import Aliases
from corpus.parse import parse
from corpus.report import RawDocument, Report
from service.proof.text import Text

PLACE, YEAR = "沁溪县", 2023


def report_of(body: str, place: str = PLACE, year: int = YEAR, title: str = "工作总结") -> Report:
    """The report of a place and year with this body."""
    whole = f"{place}卫生健康局{year}年{title}\n\n{body}\n"
    sha = hashlib.sha256(whole.encode()).hexdigest()
    return parse(RawDocument("稿件.txt", sha, len(whole), "txt", whole))[0]


def text_of(body: str, place: str = PLACE, year: int = YEAR, title: str = "工作总结") -> Text:
    """The same as the rules read it."""
    return Text(report_of(body, place, year, title), Aliases.load(None))
