"""Puts the stages together: one file → its reports.

In: the :class:`RawDocument` that a reader made. Out: one :class:`Report` a document in the file, with
metadata, sections, figures and passages, and with a map back to the raw text.

The order matters: characters first, so that markers are legible; page chrome before splitting, so
that a tail is in no piece; personal data before anything is kept; figures last, on final offsets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.chrome import strip_chrome
from corpus.closing import references_start
from corpus.figures import read_figures
from corpus.metadata import has_own_title, read_metadata
from corpus.orders import drop_orders
from corpus.outline import outline, with_genre
from corpus.passages import cut
from corpus.privacy import mask
from corpus.repair import find_damages, repair_characters, repair_text
from corpus.report import Block, BlockKind, Metadata, Passage, RawDocument, Report, Section, Span
from corpus.running_heads import strip_running_heads
from corpus.sentences import sentences
from corpus.split import Piece, split
from corpus.stretches import by_sections
from corpus.title import read_title
from corpus.tracked import OffsetMap, TrackedText

Mend = Callable[[TrackedText], TrackedText]
Cut = Callable[[str, str, Sequence[Section], Sequence[Span]], tuple[Passage, ...]]


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages that can be exchanged: the two steps of the repair, and how passages are cut."""

    characters: Mend = repair_characters
    lines: Mend = repair_text
    cut: Cut = cut


PRODUCT = Stages()


def parse(document: RawDocument, *, stages: Stages = PRODUCT) -> tuple[Report, ...]:
    """The reports of one file, in order; a file without a compilation holds one."""
    whole = strip_chrome(stages.characters(TrackedText.from_raw(document.text)), document.format)
    return tuple(_report(document, piece, stages) for piece in split(whole))


def report_id(sha256: str, ordinal: int) -> str:
    """Id of the ``ordinal``-th document (from 1) of the file with this hash."""
    return hashlib.sha256(f"{sha256}:{ordinal}".encode()).hexdigest()[:12]


def sentence_spans(text: str, sections: Sequence[Section], rows: Iterable[Span] = ()) -> tuple[Span, ...]:
    """Sentences of a report; none reaches over the border of a section, or out of the title."""
    borders = [offset for s in sections for offset in (s.span.start, s.span.end)]
    title = read_title(text)
    if title and title.span:
        borders.append(title.span.end)
    return sentences(text, breaks=borders, rows=rows)


def _report(document: RawDocument, piece: Piece, stages: Stages) -> Report:
    told, orders = drop_orders(stages.lines(strip_running_heads(piece.text)))
    tracked, masked = mask(told)
    text = tracked.text
    blocks = _placed(document.blocks, tracked.origin)
    sections = outline(text, blocks)
    metadata = read_metadata(
        text, sections, file_name=document.name, title_hint=piece.title, number_in_file=piece.number
    )
    sections = with_genre(sections, metadata.genre)
    spans = sentence_spans(text, sections, (b.span for b in blocks if b.kind is BlockKind.TABLE_ROW))
    damages = find_damages(text)
    period = _period(metadata)
    parts = by_sections(len(text), sections, metadata, period)
    name = report_id(document.sha256, piece.number)
    return Report(
        id=name,
        source_sha256=document.sha256,
        source_name=document.name,
        ordinal=piece.number,
        text=text,
        origin=tracked.origin,
        metadata=metadata,
        sections=sections,
        passages=stages.cut(name, text, sections, _quotable(text, spans)),
        figures=read_figures(text, spans, damages, period, parts),
        repairs=tracked.repairs,
        damages=damages,
        masked=masked,
        warnings=(*document.warnings, *piece.warnings, *_warnings(text, piece, metadata, orders)),
    )


def _quotable(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The sentences that a search may find: a list of references tells nothing of the place."""
    end = references_start(text)
    return tuple(s for s in spans if s.start < end)


def _placed(blocks: Iterable[Block], origin: OffsetMap) -> tuple[Block, ...]:
    """The reader's blocks with spans in the cleaned text; those that were cut away are left out."""
    placed = []
    for block in blocks:
        start, end = origin.clean_span(block.span.start, block.span.end)
        if start < end:
            placed.append(Block(block.kind, Span(start, end), block.level))
    return tuple(placed)


def _period(metadata: Metadata) -> str:
    """The report's own period for figures that name none: 2018年上半年, 2017年."""
    year = f"{metadata.year.value}年" if metadata.year else ""
    period = metadata.period.value if metadata.period else ""
    return year + ("" if period == "全年" else period)


def _warnings(text: str, piece: Piece, metadata: Metadata, orders: int) -> tuple[str, ...]:
    if not text.strip():
        return ("去掉网页杂项后没有正文",)
    found = []
    if orders:
        found.append(f"文中有{orders}句写给程序的指令，已去掉，见修复记录；请核对文件来源")
    if not has_own_title(text, piece.title):
        found.append(f"原文没有标题，暂拟为“{metadata.title}”，可用 wenheng edit 修改")
    if not metadata.place:
        found.append("未能确定所属地区，可用 wenheng edit 补充")
    return tuple(found)
