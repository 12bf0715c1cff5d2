"""Runs → one offline HTML page (评测报告): overview with plots, every item, two runs side by side.

In: scored runs and the shelf with the reports that they cite. Out: the text of one file that asks the network
for nothing. Everything that comes from a report, a question or a model passes through autoescape, and the
page's own policy (CSP) lets no script run but its own, which is named there by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from eval.reporting import terms
from eval.reporting.changes import WORDS, changes
from eval.reporting.entries import Entry, entries
from eval.reporting.judged import Run, by_suite
from eval.reporting.overview import overview
from eval.reporting.shelf import Shelf

HERE = Path(__file__).parent
TITLE = "评测报告"
# Control characters that HTML forbids, and those that turn the direction of writing (CVE-2021-42574).
UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def page(runs: Sequence[Run], shelf: Shelf, title: str = TITLE) -> str:
    """The page over runs of one or several suites; two of the same suite are compared, the first is the base.

    Args:
        runs: scored runs, each with a name of its own within its suite.
        shelf: opens cited reports; of what is not on it only the quote is shown.
        title: heading of the page.
    """
    style, script = (_own(name) for name in ("report.css", "report.js"))
    groups = by_suite(runs)
    listed = [entry for group in groups for entry in entries(group, shelf)]
    listed.sort(
        key=lambda entry: entry.change.order if entry.change else 0
    )  # differences first, in all suites
    return _template().render(
        title=title,
        policy=policy(style, script),
        style=style,
        script=script,
        overviews=[overview(group, shelf) for group in groups],
        changes=[found for group in groups if (found := changes(group, listed)) is not None],
        entries=listed,
        names=list(dict.fromkeys(run.name for run in runs)),
        filters=filters(listed),
        terms=terms,
    )


def filters(listed: Sequence[Entry]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the items can be filtered by: (field, label, (value, word) …); a field with one value is left out."""
    changed = {entry.change.kind for entry in listed if entry.change}
    fields = [
        ("suite", "评测", [(one, terms.suite(one)) for one in _values(entry.suite for entry in listed)]),
        ("kind", "类别", [(one, terms.kind(one)) for one in _values(entry.kind for entry in listed)]),
        ("split", "分组", [(one, one) for one in _values(entry.split for entry in listed)]),
        ("cluster", "报告", sorted({(entry.cluster, entry.report) for entry in listed if entry.cluster})),
        ("verdict", "结果", [("bad", "有错"), ("good", "全对"), ("none", "未能评分")]),
        ("change", "变化", [(kind, word) for kind, word in WORDS.items() if kind in changed]),
    ]
    return [field for field in fields if len(field[2]) > 1]


def _values(found: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(found) if value]


def _own(name: str) -> Markup:
    """A file of ours, which may stand in the page as it is."""
    return Markup((HERE / name).read_text("utf-8"))


def policy(style: str, script: str) -> str:
    """What a browser may do with the page: show this style, run this script, fetch nothing."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    return environment.get_template("report.html.j2")


def _safe(value: Any) -> Any:
    """What every {{ }} passes through before it is escaped; markup of our own stays as it is."""
    return UNSAFE.sub("", value) if isinstance(value, str) and not isinstance(value, Markup) else value
