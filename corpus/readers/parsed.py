"""What a format module makes of the bytes: one text, and what each stretch of it is.

In: lines in reading order. Out: :class:`Parsed`, whose block spans count in its text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from corpus.report import Block, BlockKind, Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """Text, blocks, encoding and warnings of one file."""

    text: str
    blocks: tuple[Block, ...] = ()
    encoding: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, heading, list item or table row; ``text`` may hold soft line breaks."""

    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0


def join(lines: Iterable[Line], *, warnings: Iterable[str] = (), encoding: str = "") -> Parsed:
    """Put the lines under one another; empty ones are left out."""
    texts: list[str] = []
    blocks: list[Block] = []
    at = 0
    for line in (replace(line, text=line.text.strip(" \t\r\n")) for line in lines):
        if line.text:
            blocks.append(Block(line.kind, Span(at, at + len(line.text)), line.level))
            texts.append(line.text)
            at += len(line.text) + 1
    body = "\n".join(texts)
    return Parsed(body + "\n" if body else "", tuple(blocks), encoding, tuple(warnings))
