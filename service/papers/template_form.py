"""What a user's own Word template is (模板): placeholders in a .docx, each of which Wenheng knows.

In: a file. Out: a :class:`Form` that can be filled, or an error that names what is wrong with it and what to do: no docx,
with macros, broken, too large, without placeholders, with unknown or incomplete ones. The same checks stand before
every door. Filling is the business of :mod:`service.papers.template`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from lxml import etree

from corpus.errors import InputError, UnreadableFile
from corpus.files import shown
from corpus.readers import container, guard
from service.papers.docx_template import own_text, paragraphs
from service.papers.docx_xml import Element

SUFFIX = ".docx"
LIMITS = guard.Limits(size=20 * 2**20, unpacked=64 * 2**20)
MOST_XML = 4 * 2**20  # bytes of one part with placeholders: hundreds of pages
WORDS = {
    "标题": "文稿标题",
    "单位": "署名的单位",
    "地区": "文稿写的地区",
    "年度": "文稿写的年度，如 2023",
    "日期": "成文日期，如 2023年1月5日",
    "红头": "发文机关标志",
    "发文字号": "发文字号，如 青卫发〔2023〕12号",
    "签发人": "签发人的姓名，多个用顿号隔开；只有上行文才写",
    "主送机关": "主送机关，不带冒号",
    "附件": "附件名称，多个用分号隔开",
    "抄送": "版记中的抄送机关",
    "印发机关": "版记中的印发机关",
    "印发日期": "版记中的印发日期，没有另给时同成文日期",
}
PARTS = {
    "正文": "全部正文，含各级标题和表",
    "问题": "“问题”部分，不含这部分的标题",
    "打算": "“打算、任务、目标”等部分",
    "分工表": "任务分工表",
}
PLACE = re.compile(r"\{\{(.*?)\}\}", re.S)
ODD = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_FULL = re.compile("[｛{]｛|｛[｛{]")
_HEADERS = (RT.HEADER, RT.FOOTER)
_RESAVE = "请用 Word 或 WPS 打开后另存为 docx"


@dataclass(frozen=True, slots=True)
class Form:
    """A template that can be filled: its file name, its bytes, and the placeholders in it."""

    name: str
    data: bytes
    names: frozenset[str]


def load(path: Path, name: str = "") -> Form:
    """Read and check a template; done before the first sentence is written.

    Args:
        path: where it lies.
        name: what its sender calls it, where that is another name than the path's; messages use it.

    Raises:
        UnreadableFile: no docx, broken, with macros, too large.
        InputError: it has no placeholders, unknown ones, or some that are not complete.
    """
    where = name or shown(path)
    suffix = Path(where).suffix.lower()
    if suffix in (".docm", ".dotm"):
        raise UnreadableFile("带宏的模板不予使用", where=where, remedy="请另存为不带宏的 docx")
    if suffix != SUFFIX:
        raise UnreadableFile(
            f"模板不能是“{suffix or '没有扩展名'}”的文件", where=where, remedy="请另存为 docx"
        )
    try:
        data = guard.load(path, LIMITS)
        container.check(data, LIMITS)
        _check_parts(data)
        names = _names(opened(data))
    except UnreadableFile as error:
        raise UnreadableFile(error.message, where=where, remedy=error.remedy) from error
    except InputError as error:
        raise InputError(error.message, where=f"{where}{error.where}", remedy=error.remedy) from error
    return Form(name or path.name, data, names)


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


def opened(data: bytes) -> Any:
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
                if name in PARTS and (where or line.strip() != PLACE.search(line)[0]):  # type: ignore[index]
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
    if ODD.search(PLACE.sub("", line)):
        raise InputError(
            "占位符没有写完整，或用了不支持的写法",
            where=f"的“{line.strip()[:30]}”",
            remedy="请写成 {{标题}} 这样",
        )
    yield from (" ".join(found[1].split()) for found in PLACE.finditer(line))


def _known() -> str:
    return "可用的有：" + "、".join(f"{{{{{name}}}}}" for name in (*WORDS, *PARTS))
