"""A user's own Word template with {{占位符}}, filled with a checked document (模板).

In: a .docx in which names stand between double braces, and a checked document with its official parts. Out: the same file
with the names replaced; its styles, headers and pictures stay. Nothing in a template is run: each placeholder is one
of the names below and nothing else, which is checked before anything is written and once more in Jinja's sandbox.
A part that was not given is filled with 【待补：…】, never with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree
from markupsafe import Markup, escape

from corpus.errors import InputError, UnreadableFile
from corpus.files import shown
from corpus.readers import container, guard
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

SUFFIXES = (".docx",)
LIMITS = guard.Limits(size=20 * 2**20, unpacked=64 * 2**20)
MOST_XML = 4 * 2**20  # bytes of one part with placeholders: hundreds of pages
WORDS = {
    "标题": "文稿标题",
    "单位": "署名的单位",
    "地区": "地区",
    "年度": "文稿写的年度，如 2023",
    "日期": "成文日期，如 2023年1月5日",
    "红头": "发文机关标志",
    "发文字号": "如 青卫发〔2023〕12号",
    "主送机关": "主送机关，不带冒号",
    "附件": "附件名称，多个用分号隔开",
    "抄送": "抄送机关",
    "印发机关": "印发机关",
    "印发日期": "印发日期",
}
PARTS = {
    "正文": "全部正文，含各级标题和表",
    "问题": "“问题”部分，不含这部分的标题",
    "打算": "“打算、任务、目标”等部分",
    "分工表": "任务分工表",
}
_PROBLEMS = re.compile("问题|不足|困难")
_PLANS = re.compile("打算|下一步|任务|目标|进度|安排|保障|计划|措施")
_HEADERS = (RT.HEADER, RT.FOOTER)
_PLACE = re.compile(r"\{\{(.*?)\}\}", re.S)
_ODD = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_FULL = re.compile("[｛{]｛|｛[｛{]")
_RESAVE = "请用 Word 或 WPS 打开后另存为 docx"
_SAFE = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)


@dataclass(frozen=True, slots=True)
class Form:
    """A template that can be filled: its file name, its bytes, and the placeholders in it."""

    name: str
    data: bytes
    names: frozenset[str]


def load(path: Path) -> Form:
    """Read and check a template; done before the first sentence is written.

    Raises:
        UnreadableFile: no docx, broken, with macros, too large.
        InputError: it has no placeholders, unknown ones, or some that are not complete.
    """
    where = shown(path)
    if path.suffix.lower() in (".docm", ".dotm"):
        raise UnreadableFile("带宏的模板不予使用", where=where, remedy="请另存为不带宏的 docx")
    if path.suffix.lower() != ".docx":
        raise UnreadableFile(
            f"模板不能是“{path.suffix or '没有扩展名'}”的文件", where=where, remedy="请另存为 docx"
        )
    data = guard.load(path, LIMITS)
    try:
        container.check(data, LIMITS)
        _check_parts(data)
        names = _names(_opened(data))
    except UnreadableFile as error:
        raise UnreadableFile(error.message, where=where, remedy=error.remedy) from error
    except InputError as error:
        raise InputError(error.message, where=f"{where}{error.where}", remedy=error.remedy) from error
    return Form(path.name, data, names)


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
    write(path, data, SUFFIXES, force=force)


def fill(
    checked: Checked,
    form: Form,
    *,
    official: Official | None = None,
    place: str = "",
    year: int | None = None,
) -> bytes:
    """The bytes of the filled template."""
    document, parts = checked.document, (official or Official()).written()
    word = _opened(form.data)
    context: dict[str, Markup] = {name: _text(value, name) for name, value in _words(document, parts).items()}
    context["地区"] = _text(place or next(iter(document.places), ""), "地区")
    context["年度"] = _text(str(year or ""), "年度")
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


class _Locked(SandboxedEnvironment):
    """Jinja that knows names and nothing else: no attributes, calls, filters, loops or conditions."""

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        """Compile a source if all of it is text and names."""
        for one in self.parse(source).find_all(nodes.Node):
            if not isinstance(one, _SAFE):
                raise TemplateError(f"{type(one).__name__} in a template")
        return super().from_string(source, *args, **kwargs)


# -- reading ----------------------------------------------------------------------------------------


def _check_parts(data: bytes) -> None:
    """Refuse macros and parts that are too long to search."""
    with ZipFile(BytesIO(data)) as package:
        for entry in package.infolist():
            if entry.filename.lower().endswith("vbaproject.bin"):
                raise UnreadableFile("带宏的模板不予使用", remedy="请另存为不带宏的 docx")
            searched = re.match(r"word/(document|header|footer|footnotes)\d*\.xml", entry.filename)
            if searched and entry.file_size > MOST_XML:
                raise UnreadableFile(
                    f"模板的正文有 {entry.file_size / 2**20:.0f} MB，超过上限 {MOST_XML / 2**20:g} MB",
                    remedy="模板只需版式和占位符，请删去其中的内容",
                )


def _opened(data: bytes) -> Any:
    """The template as a python-docx document."""
    try:
        word = docx.Document(BytesIO(data))
        if word.element.body is None or word.part._styles_part is None:
            raise ValueError("no body")
    except (OpcError, KeyError, ValueError, AttributeError, TypeError, etree.XMLSyntaxError) as error:
        raise UnreadableFile("模板已损坏，或不是普通的 Word 文档", remedy=_RESAVE) from error
    return word


def _roots(word: Any) -> Iterator[tuple[str, Element]]:
    """Where placeholders may stand: the body, headers and footers."""
    yield "", word.element.body
    for relation in word.part.rels.values():
        if not relation.is_external and relation.reltype in _HEADERS:
            yield "页眉页脚", parse_xml(relation.target_part.blob)


def _names(word: Any) -> frozenset[str]:
    """The placeholders of a template.

    Raises:
        InputError: there is none, one is unknown or not complete, or a part stands within a line.
    """
    found: dict[str, None] = {}
    text = ""
    for where, root in _roots(word):
        for one in paragraphs(root):
            line = own_text(one)
            text += line
            for name in _of_line(line):
                found.setdefault(name)
                if name in PARTS and (where or line.strip() != _PLACE.search(line)[0]):  # type: ignore[index]
                    raise InputError(
                        f"{{{{{name}}}}}要在正文中单独成段，同一段里不能有别的文字",
                        where=f"的“{line.strip()[:30]}”",
                        remedy="请把它单独放在一段",
                    )
    unknown = [name for name in found if name not in WORDS and name not in PARTS]
    if unknown:
        told = "、".join(f"{{{{{name[:20]}}}}}" for name in unknown[:5])
        raise InputError(f"模板里有不认识的占位符{told}", remedy=_known())
    if not found:
        hint = "花括号要用半角的 {{ }}。" if _FULL.search(text) else ""
        raise InputError("模板里没有占位符，无从填写", remedy=f"{hint}{_known()}")
    return frozenset(found)


def _of_line(line: str) -> Iterator[str]:
    """The names in a line, which must hold no other sign of Jinja."""
    if _ODD.search(_PLACE.sub("", line)):
        raise InputError(
            "占位符没有写完整，或用了不支持的写法",
            where=f"的“{line.strip()[:30]}”",
            remedy="请写成 {{标题}} 这样",
        )
    yield from (" ".join(found[1].split()) for found in _PLACE.finditer(line))


def _known() -> str:
    return "可用的有：" + "、".join(f"{{{{{name}}}}}" for name in (*WORDS, *PARTS))


# -- filling ----------------------------------------------------------------------------------------


def _words(document: Document, parts: Official) -> dict[str, str]:
    """What the placeholders within a line say."""
    return {
        "标题": document.title,
        "单位": parts.office,
        "日期": day_text(parts.day),
        "红头": parts.head,
        "发文字号": parts.number,
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
        if _ODD.search(getattr(about, name)):
            setattr(about, name, "")
    about.title = clean(document.title)[:255].replace("{", "｛").replace("}", "｝")


def _place_parts(word: Any) -> Iterator[tuple[str, str, Element]]:
    """Give each placeholder of a part a name of its own, in the form that takes its whole paragraph."""
    for index, one in enumerate(list(paragraphs(word.element.body))):
        found = _PLACE.search(own_text(one))
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
    """The blocks of a part, and where the labels of its headings begin."""
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
    gap = Paragraph((Sentence(f"【待补：{name}】", (), "stated"),))
    return blocks or (gap,), labels


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
