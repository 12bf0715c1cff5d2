"""The document of a draft: its sections with what was written, what is still open as 【待补：…】 (成稿).

In: a draft, whole or under way. Out: a :class:`~service.papers.document.Document` of kind "draft", for the gate of
:mod:`service.papers.provenance` and for every way out. Text that a heading says already is not said again below it; a
tasks stand under the heading of their group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from corpus.numerals import numbers
from service.cited import Citation, Sentence
from service.draft.composing_cells import flow, has_figure
from service.draft.drafts import Draft, Part, Step
from service.draft.inputs import Kind
from service.draft.outline import TASKS
from service.draft.source import as_source
from service.papers.document import Block, Document, Heading, Paragraph, Table
from service.papers.presenting import han
from service.summary.rephrase_check import CLAUSES

LEAST_SHOWN, MOST_SHOWN = 4, 24  # characters of a clause that names a step without a heading


def document(draft: Draft) -> Document:
    """The draft as a document; ``gaps`` say what it lacks, in words."""
    basic = draft.given.basic
    gaps = tuple(gaps_of(draft))
    signatures = (written.signature for written in draft.written)
    return Document(
        kind="draft",
        title=draft.outline.title,
        blocks=tuple(block for part in draft.outline.parts for block in _part(draft, part)),
        places=(basic.place,),
        years=tuple(sorted({basic.past - 1, basic.past, basic.past + 1, basic.year})),
        partial=bool(gaps),
        gaps=gaps,
        signature=" ".join(dict.fromkeys(filter(None, signatures))),
    )


def gaps_of(draft: Draft) -> Iterator[str]:
    """What the input leaves open and what is not written yet, in reading order.

    No quotation marks: what stands in them is a name, and a figure in it would not be held to its source.
    """
    for part in draft.outline.parts:
        for step in part.steps:
            where = _where(step, part)
            if step.gaps:
                lacks = f"缺{'、'.join(step.gaps)}"
                yield lacks if step.gaps == (where,) else f"{where}：{lacks}"
            if step.table is not None:
                yield from _open_cells(step.table)
            elif step.facts and draft.of(step.key) is None:
                yield f"{where}：尚未起草"


def _where(step: Step, part: Part) -> str:
    """What a step is about: its heading, else the first clause of its text, else its section."""
    return step.heading or (_short(step.facts[0].text) if step.facts else "") or part.title


def _short(text: str) -> str:
    """The first clause of a text, if it can stand for it."""
    first = CLAUSES.split(text)[0]
    return first if LEAST_SHOWN <= len(first) <= MOST_SHOWN and not has_figure(first) else ""


def _open_cells(table: Table) -> Iterator[str]:
    """The cells of a table that nothing is known for, by row."""
    for first, *cells in table.rows:
        lacks = [
            label for label, cell in zip(table.header[1:], cells, strict=True) if cell.status == "missing"
        ]
        if lacks:
            yield f"{_short(first.text) or first.text}：缺{'、'.join(lacks)}"


def text_of(draft: Draft, step: Step) -> tuple[Sentence, ...]:
    """What stands below the heading of a step: its sentences, then its gaps."""
    written = draft.of(step.key)
    gaps = (_open(draft, step, "；".join(step.gaps)),) if step.gaps else ()
    if written is not None:
        return (*without_heading(written.sentences, step.heading), *gaps)
    unwritten = step.facts and step.table is None
    return (_open(draft, step, "尚未起草"), *gaps) if unwritten else gaps


def without_heading(sentences: tuple[Sentence, ...], heading: str) -> tuple[Sentence, ...]:
    """Sentences without a first one that only says the heading again."""
    same = sentences and heading and _letters(sentences[0].text) == _letters(heading)
    return sentences[1:] if same else sentences


def _open(draft: Draft, step: Step, gap: str) -> Sentence:
    """A gap; one that names a numeral (65岁以上老年人) rests on the rows of its step, and so does the heading above."""
    cited: tuple[Citation, ...] = ()
    if numbers(gap + step.heading):
        source = as_source(draft.given)
        cited = tuple(source.cite(row) for row in step.rows)
    return Sentence(f"【待补：{gap}】", cited, "stated")


def _part(draft: Draft, part: Part) -> Iterator[Block]:
    yield Heading(part.title)
    if part.lead:
        yield Paragraph(part.lead)
    for group, found in groupby(part.steps, key=lambda step: step.group):
        if group:
            yield Heading(group, 2)
        steps = list(found)
        labels = _labels(draft, steps)
        for step in steps:
            if step.heading:
                yield Heading(step.heading, 3 if group else 2)
            if text := text_of(draft, step):
                yield Paragraph((replace(text[0], text=labels.get(step.key, "") + text[0].text), *text[1:]))
            if step.table is not None:
                yield step.table


def _labels(draft: Draft, steps: Sequence[Step]) -> dict[str, str]:
    """一是, 二是 by key: problems and tasks without headings, where there are several."""
    listed = {row.at for row in draft.given.problems} | {row.at for row in draft.given.tasks}
    bare = [s.key for s in steps if not s.heading and s.table is None and s.rows and s.rows[0] in listed]
    items = [key for key in bare if draft.outline.kind is not Kind.PLAN or key.startswith(f"{TASKS}.")]
    return {key: f"{han(n)}是" for n, key in enumerate(items, 1)} if len(items) > 1 else {}


def _letters(text: str) -> str:
    return "".join(char for char in flow(text) if char.isalnum())
