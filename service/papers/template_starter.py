"""A template to begin with (示例模板): the official layout with each placeholder in its place, and explained.

In: nothing. Out: a .docx that the office opens, changes and hands back as its own template. It is set like a draft with
all official parts, whose words are then exchanged for placeholders; what each of them means stands in a Word comment
on it. Comments of a template never reach what is made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from docx.oxml.ns import qn

from service.papers import comments, docx_official, docx_package
from service.papers.docx_page import section
from service.papers.docx_styles import BODY, TITLE
from service.papers.docx_xml import Element, node, paragraph, run
from service.papers.official import Official
from service.papers.template_form import PARTS, PLACE, WORDS

NAME = "示例模板.docx"
_SAMPLE = Official(
    office="某某县卫生健康局",
    day=date(2023, 1, 5),
    head="某某县卫生健康局文件",
    number="某卫发〔2023〕12号",
    signer="某某某、某某某",  # room for two names beside 发文字号
    addressee="某某市卫生健康委员会",
    attachments=("任务分工表",),
    copies="某某县人民政府办公室",
    printer="某某县卫生健康局办公室",
    printed=date(2023, 1, 6),
)
_WORDS = {  # as a draft with the sample would say it → what stands there in the template; the longer ones first
    "某某县卫生健康局办公室": "印发机关",
    "某某县人民政府办公室": "抄送",
    "某某市卫生健康委员会": "主送机关",
    "某某县卫生健康局文件": "红头",
    "某某县卫生健康局": "单位",
    "某卫发〔2023〕12号": "发文字号",
    "2023年1月5日": "日期",
    "2023年1月6日": "印发日期",
    "任务分工表": "附件",
    "某某某　某某某": "签发人",
}
_MORE = {  # what a comment says besides the meaning of its placeholder
    "红头": (
        "这是文衡的示例模板。双花括号里的名称由文衡填入，字体、字号、位置随模板，都可以改；其余文字、图片、页眉原样保留。",
        "没有给出的内容写成“【待补：名称】”。用不着的，请把那一行整个删去。",
        "批注只说明模板怎么用，不会进入成稿；看过可以全部删除。",
    ),
    "签发人": ("不是上行文，请连同前面的“签发人：”一起删去",),
    "标题": (
        "也可以自己写题目，用 {{地区}}（" + WORDS["地区"] + "）和 {{年度}}（" + WORDS["年度"] + "）填入变化的部分，"
        "如 {{地区}}{{年度}}年卫生健康工作计划",
    ),
    "正文": (
        "要单独成段，文字用这一段的格式；标题用“一级标题”“二级标题”等样式，改样式即可改它们的格式",
        "也可以不用它，把各部分放在自己写的标题下面，各自单独成段："
        + "；".join(f"{{{{{name}}}}} 是{PARTS[name]}" for name in PARTS if name != "正文"),
    ),
}  # fmt: skip


def starter() -> bytes:
    """The bytes of the template."""
    word, footers = docx_package.blank((*docx_official.STYLES, *comments.STYLES), whole_numbers=True)
    title = paragraph(TITLE, run("{{标题}}"))
    docx_official.below_rule(title)
    parts = _SAMPLE.written()
    before = (*docx_official.front(parts), title, *docx_official.addressee(parts))
    after = (*docx_official.end(parts), *docx_official.closing(parts))
    body = [*before, paragraph(BODY, run("{{正文}}")), *after]
    _exchange(body)
    notes = _explained(body)
    docx_package.put(word, (*body, section(footers=footers)))
    root = word.part._comments_part.element
    for note in notes:
        root.append(note)
    return docx_package.packed(word, NAME.removesuffix(".docx"))


def _exchange(elements: Iterable[Element]) -> None:
    """Placeholders instead of the words of the sample."""
    for element in elements:
        for text in element.iter(qn("w:t")):
            for words, name in _WORDS.items():
                text.text = text.text.replace(words, f"{{{{{name}}}}}")


def _explained(elements: Iterable[Element]) -> list[Element]:
    """Set the mark of a comment on every run with placeholders; the comments."""
    made: list[Element] = []
    for element in elements:
        for one in list(element.iter(qn("w:r"))):
            names = [found[1] for found in PLACE.finditer("".join(t.text for t in one.iter(qn("w:t"))))]
            if not names:
                continue
            lines = [line for name in names for line in (f"{name}：{_meaning(name)}", *_MORE.get(name, ()))]
            identity = {"w:id": len(made)}
            made.append(comments.comment(identity, lines))
            one.addprevious(node("w:commentRangeStart", identity))
            reference = node("w:r", None, node("w:commentReference", identity))
            one.addnext(node("w:commentRangeEnd", identity))
            one.getnext().addnext(reference)
    return made


def _meaning(name: str) -> str:
    return (WORDS | PARTS)[name]
