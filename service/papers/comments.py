"""Word comments that carry the sources (批注): one on each sentence and cell that says something from a source.

In: the sentences and cells of a checked document with how they came about. Out: their runs, between the marks of the
comment that belongs to them, and the part comments.xml. A comment says how the sentence was written, quotes each
source with title, place, year and path, and gives the formula of each computed figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from service.cited import Citation, Derived, Sentence
from service.papers.document import Cell, of_sentence
from service.papers.docx_styles import SONG, Style
from service.papers.docx_xml import Element, node, paragraph, run
from service.papers.presenting import GAP, Piece, clean, source_lines

TEXT = "CommentText"
STYLES = (Style(TEXT, "批注文字", SONG, 20, 0, "left", grid=False),)
AUTHOR, INITIALS = "文衡", "衡"
BY_STATUS = {
    "phrased": "由模型表述，数字和事实已与来源核对",
    "quoted": "来源的原话",
    "computed": "由程序按来源写成",
    "stated": "由程序写成",
}
MISSING = "待补：输入表和库中都没有，请补上后删去这个标记"


class Comments:
    """Sets sentences and cells with comments, and keeps the comments for the part of the file.

    ``origins`` says in words how a sentence came about (由程序组成 …); where it says nothing, its status does.
    """

    marked = False

    def __init__(self, origins: Iterable[tuple[Sentence, str]]) -> None:
        self._origins = {_key(sentence): told for sentence, told in origins}
        self._made: list[Element] = []
        self._last: tuple[Citation, ...] = ()

    def sentence(self, piece: Piece, sentence: Sentence) -> list[Element]:
        """The runs of a sentence; one without a source has a comment only where something is missing in it."""
        told = self._origins.get(_key(sentence)) or BY_STATUS.get(sentence.status, "")
        runs = highlighted(piece.text + piece.end)
        return self._commented(runs, told, of_sentence(sentence), sentence.derived, sentence.text)

    def cell(self, piece: Piece, cell: Cell, *shape: Element) -> list[Element]:
        """The runs of a cell; cells of one row that stand side by side and share their source share a comment."""
        runs = highlighted(piece.text, *shape)
        if cell.sources == self._last and not cell.derived and not GAP.search(cell.text):
            return runs
        self._last = cell.sources
        return self._commented(runs, "", cell.sources, cell.derived, cell.text)

    def _commented(
        self,
        runs: list[Element],
        told: str,
        sources: tuple[Citation, ...],
        derived: tuple[Derived, ...],
        text: str,
    ) -> list[Element]:
        gap = bool(GAP.search(text))
        if not (sources or derived or gap) or not runs:
            return runs
        lines = [*([MISSING] if gap else []), *([told] if told and (sources or derived) else [])]
        lines += [*_sources(sources), *_formulas(derived)]
        identity = {"w:id": len(self._made)}
        self._made.append(comment(identity, lines))
        reference = node("w:r", None, node("w:commentReference", identity))
        return [node("w:commentRangeStart", identity), *runs, node("w:commentRangeEnd", identity), reference]

    def keep(self, word: Any) -> None:
        """Put the comments into the package of a python-docx document."""
        if not self._made:
            return
        root = word.part._comments_part.element
        for comment in self._made:
            root.append(comment)


def _key(sentence: Sentence) -> tuple[str, tuple[Citation, ...]]:
    """What makes two sentences the same: their sources, and their text without its end."""
    return clean(sentence.text).rstrip("。；;！？!? "), of_sentence(sentence)


def highlighted(text: str, *shape: Element) -> list[Element]:
    """Runs of a text in which what is still missing (【待补：…】) is marked in yellow."""
    made: list[Element] = []
    at = 0
    for gap in GAP.finditer(text):
        if text[at : gap.start()]:
            made.append(_run(text[at : gap.start()], shape))
        made.append(_run(gap[0], (*shape, node("w:highlight", {"w:val": "yellow"}))))
        at = gap.end()
    if text[at:] or not made:
        made.append(_run(text[at:], shape))
    return made


def _run(text: str, shape: Sequence[Element]) -> Element:
    """A run with its own copies of the properties."""
    return run(text, *map(deepcopy, shape))


def _sources(sources: tuple[Citation, ...]) -> Iterator[str]:
    for index, citation in enumerate(sources, 1):
        where, quote = source_lines(citation)
        yield f"来源{index if len(sources) > 1 else ''}：{where}：{quote}"


def _formulas(derived: tuple[Derived, ...]) -> Iterator[str]:
    for one in derived:
        parts = "、".join(clean(o.text) for o in one.operands if o.text)
        yield f"计算：{clean(one.formula or one.text)}" + (
            f"（依据{parts}）" if parts and not one.formula else ""
        )


def comment(identity: Mapping[str, str | int], lines: Sequence[str]) -> Element:
    """One comment, a paragraph for each of its lines; ``identity`` is its ``w:id``."""
    first, *more = lines
    reference = node("w:r", None, node("w:annotationRef"))
    return node(
        "w:comment",
        {**identity, "w:author": AUTHOR, "w:initials": INITIALS},
        paragraph(TEXT, reference, run(first)),
        *(paragraph(TEXT, run(line)) for line in more),
    )
