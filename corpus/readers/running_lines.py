"""Running headers, footers and page numbers of a paged text (页眉、页脚、页码).

In: the lines of every page. Out: for every page the indexes of the lines that are no content.
A line counts as running when it stands among the first or last two lines of at least three pages
and is the same but for its page number. "- 3 -" and "第3页 共9页" at an edge are page numbers on
any page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_EDGE = 2  # lines from the top or bottom of a page
_ENOUGH = 3  # pages
_SHORT = 40  # characters; a longer line with digits is content that happens to repeat
_PAGE_NUMBER = re.compile(
    r"[-—–－―·•~\s]+\d{1,4}[-—–－―·•~\s]+|第\s*\d{1,4}\s*页[\s,，/]*(共\s*\d{1,4}\s*页)?"
)
_BARE = re.compile(r"\d{1,4}")


def find(pages: Sequence[Sequence[str]]) -> tuple[frozenset[int], ...]:
    """Indexes of the running lines of each page."""
    edges = [_edges(page) for page in pages]
    counts = Counter(
        key for page, at in zip(pages, edges, strict=True) for key in {_key(page[i]) for i in at}
    )
    return tuple(
        frozenset(
            i for i in at if counts[_key(page[i])] >= _ENOUGH or _PAGE_NUMBER.fullmatch(page[i].strip())
        )
        for page, at in zip(pages, edges, strict=True)
    )


def _edges(page: Sequence[str]) -> list[int]:
    """Indexes of the first and last lines that hold anything."""
    filled = [i for i, line in enumerate(page) if line.strip()]
    return sorted({*filled[:_EDGE], *filled[-_EDGE:]})


def _key(line: str) -> str:
    """The line without its page number: only a number at its end or beginning, or in 第…页, may differ."""
    text = re.sub(r"\s+", "", line)
    if len(text) > _SHORT:
        return text
    if _BARE.fullmatch(text):
        return "#"
    text = re.sub(r"第\d{1,4}页", "第#页", text)
    return re.sub(r"(?<=[^\d.,，、（(])\d{1,4}$", "#", text) if _may_end_in_page(text) else text


def _may_end_in_page(text: str) -> bool:
    """Whether a number at the end stands apart from the words, as in "工作总结-3" or "工作总结|3"."""
    return bool(re.search(r"[-—–－―·•|/~]\d{1,4}$", text))
