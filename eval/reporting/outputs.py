"""What a system gave, as the page shows it: parts with marks, the sources that the marks name, evidence.

In: the ``output`` of an item: an answer (``wenheng ask --json``), a document (summary, memo, draft), a list of
found passages, or any other JSON. Out: a frozen :class:`Output` without personal data. Texts are data from
reports: they stay plain strings here, and the page escapes them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eval.reporting.judged import Expected
from eval.reporting.shelf import Context, Shelf
from service.papers.presenting import masked

LONGEST = 20_000  # characters of an output of unknown form that are shown
DIGITS = re.compile(r"\d(?:[-\s]*\d){6,}")  # runs that a hash of a case may name (see eval.metrics.forbidden)
HIDDEN = "〔个人信息已隐去〕"
Mask = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence, a cell or a heading: its words, how they came about, the numbers of its sources."""

    text: str
    status: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an output: a heading, sentences, or a table with a header."""

    heading: str = ""
    lines: tuple[Text, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Text, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quote; ``figure`` where it is a figure that the sentence on it states."""

    text: str
    figure: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source: where it is from, and the quote in its surroundings."""

    number: int
    where: str
    before: str
    pieces: tuple[Piece, ...]
    after: str
    opens: bool | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """An output ready to be shown; ``status`` is "" where the form of the output has none."""

    status: str = ""
    parts: tuple[Part, ...] = ()
    sources: tuple[Source, ...] = ()
    evidence: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    raw: str = ""
    sourced: str = "引用的来源"  # what the sources are


@dataclass(slots=True)
class _Sources:
    """Numbers citations in order of first use, as answers and documents do."""

    shelf: Shelf
    mask: Mask
    found: dict[tuple[Any, ...], int] = field(default_factory=dict)
    citations: list[Mapping[str, Any]] = field(default_factory=list)
    figures: list[list[str]] = field(default_factory=list)

    def number(self, citation: Mapping[str, Any], figures: Iterable[str] = ()) -> int:
        """The mark [n] of a citation; ``figures`` of the sentence are marked in its quote."""
        key = tuple(str(citation.get(name)) for name in ("report_id", "start", "end", "quote"))
        if key not in self.found:
            self.found[key] = len(self.citations) + 1
            self.citations.append(citation)
            self.figures.append([])
        number = self.found[key]
        self.figures[number - 1] += figures
        return number

    def all(self) -> tuple[Source, ...]:
        """The sources in order."""
        several = zip(self.citations, self.figures, strict=True)
        return tuple(
            source(n, citation, self.shelf.around(citation), self.mask, figures)
            for n, (citation, figures) in enumerate(several, 1)
        )


def source(
    number: int, citation: Mapping[str, Any], context: Context, mask: Mask, figures: Sequence[str] = ()
) -> Source:
    """A citation as it is shown."""
    year = f"{citation['year']}年" if citation.get("year") else ""
    told = (citation.get("title"), citation.get("place"), year, " › ".join(citation.get("path") or ()))
    where = " · ".join(str(mask(one)) for one in told if one) or str(citation.get("report_id") or "来源不详")
    pieces = split(mask(context.quote), [mask(figure) for figure in figures])
    return Source(number, where, mask(context.before), pieces, mask(context.after), context.opens)


def split(quote: str, figures: Sequence[str]) -> tuple[Piece, ...]:
    """The quote cut at the figures, longest first; joined again the pieces are the quote."""
    known = sorted({figure for figure in figures if figure.strip()}, key=len, reverse=True)
    if not known:
        return (Piece(quote),)
    cut = re.split(f"({'|'.join(map(re.escape, known))})", quote)
    return tuple(Piece(text, at % 2 == 1) for at, text in enumerate(cut) if text)


def shown(output: Any, shelf: Shelf, expected: Expected, cited: Sequence[Mapping[str, Any]] = ()) -> Output:
    """An output as the page shows it, without what is private; ``cited`` is where the run saw its citations lead."""

    def mask(value: Any) -> Any:
        return clean(value, expected.secrets)

    if not isinstance(output, Mapping):
        return Output(raw=_raw(output, mask)) if output is not None else Output()
    if isinstance(output.get("document"), Mapping):
        output = output["document"]
    if isinstance(output.get("sentences"), list) and "status" in output:
        return _answer(output, shelf, mask)
    if isinstance(output.get("blocks"), list):
        return _document(output, shelf, mask, cited)
    if isinstance(output.get("found"), list):
        packed = _found(output.get("packed") or (), shelf, mask)
        return Output(sources=packed, evidence=_found(output["found"], shelf, mask), sourced="放入提示的依据")
    if isinstance(output.get("rows"), list):
        return Output(parts=(_grid(output["rows"], mask),))
    return Output(raw=_raw(output, mask))


def clean(value: Any, secrets: frozenset[str] = frozenset()) -> Any:
    """A JSON value without personal data, control characters, and digits that a case names by their hash."""
    if isinstance(value, str):
        plain = str(masked(value))
        return DIGITS.sub(lambda run: HIDDEN if _secret(run[0], secrets) else run[0], plain)
    if isinstance(value, Mapping):
        return {str(key): clean(one, secrets) for key, one in value.items()}
    return [clean(one, secrets) for one in value] if isinstance(value, list | tuple) else value


def _secret(run: str, secrets: frozenset[str]) -> bool:
    digits = re.sub(r"\D", "", run)
    return hashlib.sha256(digits.encode()).hexdigest() in secrets


def _answer(output: Mapping[str, Any], shelf: Shelf, mask: Mask) -> Output:
    sources = _Sources(shelf, mask)
    lines = []
    for sentence in output["sentences"]:
        figures = [str(figure) for figure in sentence.get("figures") or ()]
        marks = tuple(sources.number(citation, figures) for citation in sentence.get("citations") or ())
        lines.append(Text(mask(sentence["text"]), str(sentence.get("status") or ""), marks))
    said = mask(str(output.get("reason") or output.get("text") or ""))
    if not lines and said:
        lines.append(Text(said))
    counted = (("dropped", "删去没有依据的句子{}句"), ("repaired", "改正{}处"))
    notes = [words.format(output[name]) for name, words in counted if output.get(name)]
    notes += [f"由 {output['signature']} 生成"] if output.get("signature") else []
    evidence = _evidence(output.get("evidence") or (), shelf, mask)
    return Output(str(output["status"]), (Part(lines=tuple(lines)),), sources.all(), evidence, tuple(notes))


def _evidence(citations: Sequence[Mapping[str, Any]], shelf: Shelf, mask: Mask) -> tuple[Source, ...]:
    """Found passages: their own words, without surroundings, so that a page of hundreds of items stays light."""
    found = []
    for number, citation in enumerate(citations, 1):
        context = shelf.around(citation)
        found.append(source(number, citation, Context("", context.quote, "", context.opens), mask))
    return tuple(found)


def _found(stretches: Sequence[Mapping[str, Any]], shelf: Shelf, mask: Mask) -> tuple[Source, ...]:
    """What retrieval gave, best first; offsets are raw ones."""
    found = []
    for number, one in enumerate(stretches, 1):
        place = shelf.found(str(one["report_id"]), int(one["start"]), int(one["end"]))
        told = {**one, "title": place[0].metadata.title} if place else one
        context = place[1] if place else Context("", f"{one['start']}–{one['end']}", "", None)
        found.append(source(number, told, context, mask))
    return tuple(found)


def _grid(rows: Sequence[Mapping[str, Any]], mask: Mask) -> Part:
    """Objects of one form as a table."""
    header = tuple(dict.fromkeys(str(name) for row in rows for name in row))
    cells = ([row.get(name) for name in header] for row in rows)
    shown = tuple(tuple(Text("" if c is None else str(mask(c))) for c in row) for row in cells)
    return Part(header=header, rows=shown)


def _document(
    output: Mapping[str, Any], shelf: Shelf, mask: Mask, cited: Sequence[Mapping[str, Any]]
) -> Output:
    parts = tuple(_part(block, mask) for block in output["blocks"])
    citations = output.get("sources") or ()
    traced = {n for n, one in enumerate(cited) if one.get("opens") and len(cited) == len(citations)}
    sources = tuple(
        source(n + 1, one, _opened(shelf.around(one), n in traced), mask) for n, one in enumerate(citations)
    )
    notes = tuple(f"缺：{mask(gap)}" for gap in output.get("gaps") or ())
    title = Part(heading=mask(str(output.get("title") or "")))
    return Output("gaps" if output.get("partial") else "", (title, *parts), sources, notes=notes)


def _opened(context: Context, traced: bool) -> Context:
    """A citation that opened when it was made: the run saw another text than is at hand (a draft's library has
    lost the stretch that is hidden from it), which is no fault.
    """
    return replace(context, opens=None) if traced and context.opens is False else context


def _part(block: Mapping[str, Any], mask: Mask) -> Part:
    """A block of a document; of a chart the values stand in the table that it was drawn from."""
    if block["type"] == "heading":
        return Part(heading=mask(block["text"]))
    if block["type"] == "paragraph":
        return Part(lines=tuple(_text(sentence, mask) for sentence in block["sentences"]))
    if block["type"] == "table":
        rows = tuple(tuple(_text(cell, mask) for cell in row) for row in block["rows"])
        notes = tuple(_text(note, mask) for note in block.get("notes") or ())
        return Part(mask(block.get("caption") or ""), notes, tuple(map(mask, block["header"])), rows)
    return Part(heading=mask(f"图：{block.get('caption') or ''}"))


def _text(sentence: Mapping[str, Any], mask: Mask) -> Text:
    marks = tuple(int(number) for number in sentence.get("sources") or ())
    return Text(mask(sentence["text"]), str(sentence.get("status") or ""), marks)


def _raw(output: Any, mask: Mask) -> str:
    return json.dumps(mask(output), ensure_ascii=False, indent=1)[:LONGEST]
