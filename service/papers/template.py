"""A user's own Word template with {{占位符}}, filled with a checked document (模板).

In: a template as :mod:`service.papers.template_form` has read it, and a checked document with its official parts. Out: the
same file with the names replaced; its styles, headers and pictures stay, its comments (批注), which are notes to who
edits the template, go. Nothing in a template is run: each placeholder is a known name and nothing else, which is
checked before anything is written and once more in Jinja's sandbox. A part that was not given is filled with 【待补：…】,
never with nothing; :func:`preview` tells beforehand which those are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree
from markupsafe import Markup, escape

from corpus.errors import InputError
from service.cited import Sentence
from service.papers.document import Block, Document, Heading, Paragraph, Table
from service.papers.docx_body import Body, Plain
from service.papers.docx_styles import LEVELS
from service.papers.docx_template import Dressing, alone, own_text, paragraphs, width_at
from service.papers.docx_xml import Element
from service.papers.files_out import write
from service.papers.official import Official, day_text
from service.papers.presenting import Labels, clean
from service.papers.provenance import Checked
from service.papers.template_form import ODD, PARTS, PLACE, SUFFIX, WORDS, Form, opened

_PROBLEMS = re.compile("问题|不足|困难")
_PLANS = re.compile("打算|下一步|任务|目标|进度|安排|保障|计划|措施")
_COMMENT_MARKS = tuple(qn(f"w:{tag}") for tag in ("commentRangeStart", "commentRangeEnd", "commentReference"))
_SAFE = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)


def save(
    checked: Checked,
    form: Form,
    path: Path,
    *,
    official: Official | None = None,
    place: str = "",
    year: int | None = None,
    force: bool = False,
) -> None:
    """Fill a template and write it to ``path``.

    Args:
        checked: the document.
        form: the template.
        path: ends in .docx; an existing file stays unless ``force`` is set.
        official: the official parts.
        place: what 地区 says; "" for the first place of the document.
        year: what 年度 says.
        force: overwrite.

    Raises:
        InputError: the path cannot be written, or the template cannot be filled.
        StorageFull: no space is left.
    """
    data = fill(checked, form, official=official, place=place, year=year)
    write(path, data, (SUFFIX,), force=force)


def fill(
    checked: Checked,
    form: Form,
    *,
    official: Official | None = None,
    place: str = "",
    year: int | None = None,
) -> bytes:
    """The bytes of the filled template."""
    document = checked.document
    word = opened(form.data)
    said = _words(document, (official or Official()).written(), place, year)
    context: dict[str, Markup] = {name: _text(value, name) for name, value in said.items()}
    _forget_comments(word)
    _forget_properties(word, document)
    stream = BytesIO()
    samples = list(_place_parts(word))
    word.save(stream)
    filled = DocxTemplate(BytesIO(stream.getvalue()))
    filled.init_docx()
    for key, name, sample in samples:
        blocks, labels = _part(name, document, form.names)
        host = filled.docx.part
        elements = _elements(replace(document, blocks=blocks), labels, word, sample, host)
        context[key] = Markup("".join(map(_xml, elements)))
    try:
        filled.render(context, _Locked(autoescape=True, undefined=StrictUndefined))
    except TemplateError as error:
        raise InputError(
            f"模板填不进去（{type(error).__name__}）", where=form.name, remedy="请检查其中的 {{占位符}}"
        ) from error
    made = BytesIO()
    filled.save(made)
    return made.getvalue()


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder of a template: what it means and what will stand there, "" where that is still missing."""

    name: str
    meaning: str
    text: str


def preview(
    document: Document,
    form: Form,
    *,
    official: Official | None = None,
    place: str = "",
    year: int | None = None,
) -> tuple[Slot, ...]:
    """What a template would be filled with, in the order of the list of placeholders; of parts, how long they are."""
    said = _words(document, (official or Official()).written(), place, year)
    for name in PARTS:
        said[name] = _extent(_blocks(name, document, form.names)[0])
    return tuple(
        Slot(name, meaning, clean(said[name]))
        for name, meaning in (WORDS | PARTS).items()
        if name in form.names
    )


def _extent(blocks: Iterable[Block]) -> str:
    """How much a part holds: 3个标题，12段，1张表."""
    kinds = {"个标题": Heading, "段": Paragraph, "张表": Table}
    found = list(blocks)
    counts = {word: sum(isinstance(block, kind) for block in found) for word, kind in kinds.items()}
    return "，".join(f"{count}{word}" for word, count in counts.items() if count)


class _Locked(SandboxedEnvironment):
    """Jinja that knows names and nothing else: no attributes, calls, filters, loops or conditions."""

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        """Compile a source if all of it is text and names."""
        for one in self.parse(source).find_all(nodes.Node):
            if not isinstance(one, _SAFE):
                raise TemplateError(f"{type(one).__name__} in a template")
        return super().from_string(source, *args, **kwargs)


# -- filling ----------------------------------------------------------------------------------------


def _words(document: Document, parts: Official, place: str, year: int | None) -> dict[str, str]:
    """What the placeholders within a line say, for each of :data:`WORDS`; "" for what was not given."""
    return {
        "标题": document.title,
        "单位": parts.office,
        "地区": place or next(iter(document.places), ""),
        "年度": str(year or ""),
        "日期": day_text(parts.day),
        "红头": parts.head,
        "发文字号": parts.number,
        "签发人": parts.signer,
        "主送机关": parts.addressee,
        "附件": "；".join(parts.attachments),
        "抄送": parts.copies,
        "印发机关": parts.printer,
        "印发日期": day_text(parts.printed),
    }


def _text(value: str, name: str) -> Markup:
    """A value as XML text; its braces as references, so that they stay braces whatever reads them next."""
    plain = clean(value) or f"【待补：{name}】"
    return Markup(str(escape(plain)).replace("{", "&#123;").replace("}", "&#125;"))


def _forget_properties(word: Any, document: Document) -> None:
    """The title in place of the template's; no placeholder stays in the properties of the file."""
    about = word.core_properties
    for name in ("author", "comments", "identifier", "language", "subject"):
        if ODD.search(getattr(about, name)):
            setattr(about, name, "")
    about.title = clean(document.title)[:255].replace("{", "｛").replace("}", "｝")


def _forget_comments(word: Any) -> None:
    """Without the comments of the template; they stand in the body only."""
    for mark in list(word.element.body.iter(*_COMMENT_MARKS)):
        run = mark.getparent()
        run.remove(mark)
        if run.tag == qn("w:r") and all(child.tag == qn("w:rPr") for child in run):
            run.getparent().remove(run)
    for key, relation in list(word.part.rels.items()):
        if relation.reltype.rpartition("/")[2].startswith("comments"):
            del word.part.rels[key]


def _place_parts(word: Any) -> Iterator[tuple[str, str, Element]]:
    """Give each placeholder of a part a name of its own, in the form that takes its whole paragraph."""
    for index, one in enumerate(list(paragraphs(word.element.body))):
        found = PLACE.search(own_text(one))
        name = " ".join(found[1].split()) if found else ""
        if name in PARTS:
            key = f"part{index}"
            alone(one, f"{{{{p {key} }}}}")
            yield key, name, one


def _elements(document: Document, labels: Labels, word: Any, sample: Element, host: Any) -> list[Element]:
    """A part of the document in the styles of the template; one that is not there as a gap."""
    dressing = Dressing(word.part._styles_part.element, sample)
    made = list(Body(document, host, {}, Plain(), labels).upright(width_at(sample, word.sections[-1])))
    for level, style in enumerate(LEVELS):
        if dressing.numbered(level):
            _unlabel(made, style)
    return dressing.dressed(made)


def _xml(element: Element) -> str:
    """An element as text; the braces in it stay braces whatever reads them next."""
    text: str = etree.tostring(element, encoding="unicode")
    return text.replace("{", "&#123;").replace("}", "&#125;")


def _unlabel(elements: Iterable[Element], style: str) -> None:
    """Take the labels (一、) from headings that number themselves."""
    label = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+\.|（\d+）)")
    for element in elements:
        if element.tag.endswith("}p") and element.pPr.pStyle.val == style:
            first = next(element.iter("{*}t"))
            first.text = label.sub("", first.text or "")


def _part(name: str, document: Document, names: Collection[str]) -> tuple[tuple[Block, ...], Labels]:
    """The blocks of a part, a gap where there are none, and where the labels of its headings begin."""
    blocks, labels = _blocks(name, document, names)
    gap = Paragraph((Sentence(f"【待补：{name}】", (), "stated"),))
    return blocks or (gap,), labels


def _blocks(name: str, document: Document, names: Collection[str]) -> tuple[tuple[Block, ...], Labels]:
    """The blocks of a part, and where the labels of its headings begin; ``names`` are all of the template."""
    labels, blocks = Labels(), document.blocks
    if name == "分工表":
        blocks = tuple(filter(_assigns, document.blocks))
    elif name != "正文":
        wanted = _PROBLEMS if name == "问题" else _PLANS
        sections = [s for s in _sections(document.blocks) if _is(s[0], wanted, name)]
        if "分工表" in names:  # it has its own place in the template
            sections = [tuple(b for b in s if not _assigns(b)) for s in sections]
            sections = [s for s in sections if len(s) > 1]
        blocks = tuple(block for section in sections for block in section)
        if len(sections) == 1:  # the template has a heading of its own for it
            blocks, labels = blocks[1:], Labels([1])
    return blocks, labels


def _assigns(block: Block) -> bool:
    """Whether a block is the table of the tasks (分工表)."""
    return isinstance(block, Table) and "责任单位" in block.header


def _is(heading: Block, wanted: re.Pattern[str], name: str) -> bool:
    if not isinstance(heading, Heading) or not wanted.search(heading.text):
        return False
    return name == "问题" or not _PROBLEMS.search(heading.text)


def _sections(blocks: Iterable[Block]) -> list[tuple[Block, ...]]:
    """The blocks from one heading of the first level to the next."""
    found: list[list[Block]] = []
    for block in blocks:
        if not found or (isinstance(block, Heading) and block.level == 1):
            found.append([])
        found[-1].append(block)
    return [tuple(section) for section in found]
