r"""Repairs below the level of language: entities, invisible characters, line ends, spaces, radicals.

In: the raw text of a file. Out: the same text in plain code points, each change logged. Everything
later may then rely on "\n" as the only line end and on " " as the only space.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from corpus.radicals import unify
from corpus.repair_kinds import RepairKind
from corpus.rewrite import rewrite
from corpus.tracked import Edit, TrackedText

_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z]{2,20}\d?);")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f\u0080-\u0084\u0086-\u009f\u00ad\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff]+"
)
_LINE_END = re.compile("\r\n?|[\u000b\u000c\u0085\u2028\u2029]")
_ODD_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u3164]")
_FIELD = re.compile(
    r"\[bookmark: ?[^\]\n]{1,40}\]|\bHYPERLINK \"[^\"\n]{0,300}\"(?: ?\\[a-z])*"
    r"|\bPAGE +\\\* *(?:MERGEFORMAT|Arabic)|\bTOC +\\[a-z][^\n]{0,40}?\\u\b|\{ *PAGE[^}\n]{0,40}\}"
)


def _plain(match: re.Match[str]) -> str:
    plain = html.unescape(match.group())
    return match.group() if plain.startswith("&") and len(plain) > 1 else plain


def _substitute(
    t: TrackedText, pattern: re.Pattern[str], after: Callable[[re.Match[str]], str], kind: RepairKind
) -> TrackedText:
    edits = [
        Edit(m.start(), m.end(), new, kind)
        for m in pattern.finditer(t.text)
        if (new := after(m)) != m.group()
    ]
    return t.edit(edits) if edits else t


def repair_codepoints(t: TrackedText) -> TrackedText:
    """All repairs of this module, in the order in which they uncover each other."""
    t = _substitute(t, _ENTITY, _plain, RepairKind.ENTITY)
    t = _substitute(t, _INVISIBLE, lambda m: "", RepairKind.INVISIBLE)
    t = _substitute(t, _LINE_END, lambda m: "\n", RepairKind.LINE_END)
    t = rewrite(t, _ODD_SPACE.sub(" ", t.text), RepairKind.ODD_SPACE)
    t = _substitute(t, _FIELD, lambda m: "", RepairKind.FIELD_CODE)
    return rewrite(t, unify(t.text), RepairKind.RADICAL)
