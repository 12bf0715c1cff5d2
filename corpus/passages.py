"""Cuts a report into passages, the units that a search finds.

In: cleaned text, its sections and sentences. Out: :class:`Passage` of whole sentences, 100 to 400
characters each, with the headings above them.

A passage never mixes two sections, since a 问题 next to a 成效 would be found for either. Exceptions,
all inside one parent and filed under the parent's headings: siblings that are too small to stand
alone, a lead-in with its first 一是, and a problem with its own 建议, which only make sense together.
A heading that has nothing but sub-sections is no passage; it is in their paths.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.outline import has_advice
from corpus.report import Passage, Section, SectionKind, Span

LEAST, MOST = 100, 400
MOST_PACKED = 250  # characters of items that are packed since one of them is small
MOST_WITH_ADVICE = 700
ITEM_LEVEL = 6


@dataclass(frozen=True, slots=True)
class _Node:
    """A section with its place in the tree; index 0 is the report itself."""

    path: tuple[str, ...]
    kind: SectionKind
    span: Span
    heading: Span
    parent: int
    level: int
    leaf: bool


@dataclass(frozen=True, slots=True)
class _Block:
    """Neighbouring sentences of one node; ``limit`` is how long a passage of it may be."""

    node: int
    units: tuple[Span, ...]
    limit: int = MOST

    @property
    def size(self) -> int:
        return self.units[-1].end - self.units[0].start


def cut(
    report_id: str,
    text: str,
    sections: Sequence[Section],
    spans: Sequence[Span],
) -> tuple[Passage, ...]:
    """Passages of one report in order; ``spans`` are its sentences (a table row is one).

    A sentence longer than MOST stays whole.
    """
    nodes = _tree(text, sections)
    whole = _advised(text, nodes)
    blocks = [b for b in _blocks(spans, nodes, whole) if not _only_heading(text, b, nodes)]
    fresh = frozenset(
        s.start for s in spans if text[max(0, s.start - 20) : s.start].rstrip(" \t　")[-1:] in ("", "\n")
    )
    passages: list[Passage] = []
    opening = sections[0].span.start if sections else 0
    for block in _packed(blocks, nodes):
        for piece in _pieces(block, fresh):
            node, span = nodes[block.node], Span(piece[0].start, piece[-1].end)
            name = f"{report_id}-{len(passages) + 1:04d}"
            kind = SectionKind.OVERVIEW if not block.node and span.start < opening else node.kind
            passages.append(Passage(name, report_id, span, span.of(text), node.path, kind))
    return tuple(passages)


def _tree(text: str, sections: Sequence[Section]) -> list[_Node]:
    whole = Span(0, len(text))
    nodes = [_Node((), SectionKind.OTHER, whole, Span(0, 0), 0, 0, not sections)]
    chain: list[int] = []
    for index, section in enumerate(sections, start=1):
        while chain and nodes[chain[-1]].span.end <= section.span.start:
            chain.pop()
        leaf = index == len(sections) or sections[index].span.start >= section.span.end
        parent = chain[-1] if chain else 0
        nodes.append(
            _Node(section.path, section.kind, section.span, section.heading, parent, section.level, leaf)
        )
        chain.append(index)
    return nodes


def _advised(text: str, nodes: Sequence[_Node]) -> set[int]:
    """Problem sections with a 建议 of their own: the innermost ones above the 一是 items."""
    found = {
        i
        for i, node in enumerate(nodes)
        if i
        and node.kind is SectionKind.PROBLEMS
        and node.level < ITEM_LEVEL
        and has_advice(node.span.of(text))
    }
    return {i for i in found if not any(nodes[j].parent == i for j in found)}


def _blocks(units: Sequence[Span], nodes: Sequence[_Node], whole: set[int]) -> list[_Block]:
    """Runs of sentences with the same owner, the whole section for a problem with its 建议."""
    starts = [node.span.start for node in nodes[1:]]
    gathered: list[tuple[int, list[Span]]] = []
    for unit in units:
        owner = bisect_right(starts, unit.start)
        while owner and unit.start >= nodes[owner].span.end:
            owner = nodes[owner].parent
        above = owner
        while above and above not in whole:
            above = nodes[above].parent
        owner = above or owner
        if gathered and gathered[-1][0] == owner:
            gathered[-1][1].append(unit)
        else:
            gathered.append((owner, [unit]))
    return [_Block(o, tuple(found), MOST_WITH_ADVICE if o in whole else MOST) for o, found in gathered]


def _only_heading(text: str, block: _Block, nodes: Sequence[_Node]) -> bool:
    """Whether the block is the heading of a section whose text stands in its sub-sections."""
    node = nodes[block.node]
    rest = text[node.heading.end : block.units[-1].end].strip(" \n\t　。：:；;，,")
    return bool(block.node) and not node.leaf and block.units[0].start >= node.heading.start and not rest


def _packed(blocks: Sequence[_Block], nodes: Sequence[_Node]) -> list[_Block]:
    """Blocks with neighbours joined that are too small to be found for themselves."""
    packed: list[_Block] = []
    open_parent = -1  # the parent of the siblings that the last block packs
    for block in blocks:
        last = packed[-1] if packed else None
        joined = last and block.units[-1].end - last.units[0].start <= MOST and block.limit == MOST
        node = nodes[block.node]
        small = block.size < LEAST and node.leaf and block.node != 0
        if last and joined and _leads_in(last, block, nodes):
            packed[-1] = _Block(last.node, last.units + block.units)
            open_parent = last.node
        elif last and joined and small and node.parent == open_parent and last.size < LEAST:
            packed[-1] = _Block(node.parent, last.units + block.units)
        elif last and joined and _are_mates(last, block, nodes):
            packed[-1] = _Block(node.parent, last.units + block.units)
            open_parent = node.parent
        else:
            packed.append(block)
            open_parent = node.parent if small else -1
    return packed


def _leads_in(last: _Block, block: _Block, nodes: Sequence[_Node]) -> bool:
    """Whether ``last`` is a short sentence that only announces the 一是 item of ``block``."""
    item = nodes[block.node]
    return last.size < LEAST and last.node != 0 and item.parent == last.node and item.level >= ITEM_LEVEL


def _are_mates(last: _Block, block: _Block, nodes: Sequence[_Node]) -> bool:
    """Whether two 一是 items of one paragraph belong together since one of them is too small."""
    item, before = nodes[block.node], nodes[last.node]
    beside = item.parent in (last.node, before.parent) and last.node != 0
    small = min(last.size, block.size) < LEAST and item.leaf and last.limit == MOST
    whole = block.units[-1].end - last.units[0].start
    inside = last.node == item.parent or before.level >= ITEM_LEVEL
    return small and beside and inside and item.level >= ITEM_LEVEL and whole <= MOST_PACKED


def _pieces(block: _Block, fresh: frozenset[int]) -> list[tuple[Span, ...]]:
    """The sentences of one block in even parts of at most its limit.

    A part ends with a paragraph where that is possible; ``fresh`` are the starts of lines.
    """
    if block.size <= block.limit or len(block.units) == 1:
        return [block.units]
    target = block.size / -(-block.size // block.limit)
    parts: list[list[Span]] = [[]]
    for index, unit in enumerate(block.units):
        part = parts[-1]
        size = part[-1].end - part[0].start if part else 0
        full = part and unit.end - part[0].start > block.limit
        early = unit.start in fresh and size >= max(LEAST, target * 0.6)
        late = size >= target * 0.9 and not _ends_soon(block, index, part, fresh)
        if part and (full or early or late):
            parts.append([])
        parts[-1].append(unit)
    return [tuple(part) for part in _balanced(parts, block.limit)]


def _ends_soon(block: _Block, index: int, part: Sequence[Span], fresh: frozenset[int]) -> bool:
    """Whether the paragraph that the unit at ``index`` goes on with ends within the limit."""
    after = next((i for i in range(index, len(block.units)) if block.units[i].start in fresh), None)
    if after is None or after == index or not part:
        return False
    return block.units[after - 1].end - part[0].start <= block.limit


def _balanced(parts: list[list[Span]], limit: int) -> list[list[Span]]:
    """No short last part: it joins the part before, or takes sentences from it."""
    if len(parts) < 2 or parts[-1][-1].end - parts[-1][0].start >= LEAST:
        return parts
    before, last = parts[-2], parts[-1]
    if last[-1].end - before[0].start <= limit:
        return [*parts[:-2], before + last]
    while len(before) > 1 and last[-1].end - last[0].start < LEAST:
        if last[-1].end - before[-1].start > limit:
            break
        last.insert(0, before.pop())
    return parts
