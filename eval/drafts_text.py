"""A draft as its reader sees it: stretches of sentences under their headings, their words and their figures.

In: a document. Out: windows of sentences that stand together, and how much of a key they say. Nothing of the
drafting code is used: what decides whether a row was told must not be what told it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from eval.quantities import Quantity, clean, quantities, same_unit
from service.cited import Sentence
from service.papers.document import Cell, Document, Heading, Paragraph, Table

GAP = re.compile(r"【待补[^】]*】")
_RUN = re.compile(r"[\u3400-\u9fffA-Za-z0-9]+")
_WEAK = re.compile(r"[的了和与及等]")  # parts words, says nothing itself


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences that stand together (or a row of a table, without sentences) and the headings above them."""

    heads: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...] = ()

    @property
    def whole(self) -> str:
        """Headings and text."""
        return "\n".join((*self.heads, self.text))


def windows(document: Document, size: int) -> Iterator[Window]:
    """All runs of at most ``size`` sentences of one paragraph, and every row of a table."""
    heads: list[tuple[int, str]] = []
    for block in document.blocks:
        if isinstance(block, Heading):
            heads = [
                *((level, text) for level, text in heads if level < block.level),
                (block.level, block.text),
            ]
            continue
        above = tuple(text for _, text in heads)
        if isinstance(block, Paragraph):
            for start in range(max(1, len(block.sentences) - size + 1)):
                run = block.sentences[start : start + size]
                yield Window(above, joined(run), run)
        elif isinstance(block, Table):
            for row in block.rows:
                yield Window((*above, block.caption), _row(block.header, row))


def joined(sentences: Iterable[Sentence]) -> str:
    """Sentences as they are shown: each with its full stop."""
    return "".join(s.text if s.text.endswith(tuple("。！？；】")) else f"{s.text}。" for s in sentences)


def _row(header: tuple[str, ...], row: tuple[Cell, ...]) -> str:
    return "；".join(f"{head}：{cell.text}" for head, cell in zip(header, row, strict=False) if cell.text)


def prose(document: Document) -> str:
    """All that the draft says; gaps are not said."""
    return GAP.sub("", page(document))


def page(document: Document) -> str:
    """The draft as text, headings and tables included, a block a line."""
    lines = [document.title]
    for block in document.blocks:
        if isinstance(block, Heading):
            lines.append(block.text)
        elif isinstance(block, Paragraph):
            lines.append(joined(block.sentences))
        elif isinstance(block, Table):
            lines += [_row(block.header, row) for row in block.rows]
    return "\n".join(lines)


# -- words ------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters inside words; marks and the weakest particles part words."""
    runs = (run for part in _RUN.findall(clean(text)) for run in _WEAK.split(part))
    return frozenset(run[i : i + 2] for run in runs for i in range(len(run) - 1))


def rarity(texts: Iterable[str]) -> Mapping[str, float]:
    """How much a pair tells: the logarithm of how few of the texts hold it; what none holds is not in it."""
    sets = [grams(text) for text in texts]
    counted = Counter(pair for pairs in sets for pair in pairs)
    return {pair: math.log(1 + len(sets) / many) for pair, many in counted.items()}


def overlap(key: str, text: str, weights: Mapping[str, float]) -> float:
    """Share of a key's pairs, by weight, that a text holds; 1 where the key has none."""
    own, there = grams(key), grams(text)
    worth = {pair: weights.get(pair, 1.0) for pair in own}
    total = sum(worth.values())
    return sum(weight for pair, weight in worth.items() if pair in there) / total if total else 1.0


# -- figures ----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def figures(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text; gaps are not read."""
    return quantities(clean(GAP.sub("", text)))


def holds(found: Iterable[Quantity], wanted: Quantity) -> bool:
    """Whether a figure is among others; one without a unit may have any."""
    return any(
        one.value == wanted.value and (not wanted.unit or same_unit(one.unit, wanted.unit)) for one in found
    )


def lacking(key: str, text: str) -> tuple[str, ...]:
    """The figures of a key that a text does not state, as written."""
    said = figures(text)
    plain = clean(key)
    return tuple(plain[q.start : q.end] for q in figures(key) if not holds(said, q))
