"""Reads a report's own title and its kind of document (文种).

In: cleaned text, its sections, and what the compilation or the file called it. Out: the title's span
and words, and the :class:`Genre`.

Why not simply the first line: it may be the addressee, the number of the document, a heading, or a
title that runs into the text without a mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.report import Genre, Section, SectionKind, Span

LOOK = 12  # lines in which a title stands
LONGEST = 70  # characters of a title
_ENDINGS = (
    r"(?:工作总结|总结|工作报告|报告|计划|要点|汇报材料|汇报|方案|规划|纲要|打算|安排|思路|部署|情况|材料|讲话|意见|通知|简报"
    r"|做法|经验|成效|新突破|思考|研究|分析|探讨|实践|探索|体会|对策|启示|进展|回顾|综述|自评|通报|办法|建议)"
)
_TITLE_LINE = re.compile(rf"^.{{2,}}{_ENDINGS}(?:[（(][^（）()]{{1,12}}[）)])?$")
_RUN_IN = re.compile(
    rf"^(?P<title>.{{4,{LONGEST}}}?{_ENDINGS})(?=根据|按照|今年|近年|为|近期|现将|今天|各位|同志|[一二三四五六七八九十]、|\d{{4}}年)"
)
_EXCLAIMED = re.compile(rf"^(?P<title>[^，。；]{{4,40}}?{_ENDINGS})[！!]")
_ARTICLE = re.compile(r"[\[【]?(?:摘\s*要|关键词|参考文献|文献标识码|中图分类号|文章编号)[\]】:：]")
_JOURNAL_HEAD = re.compile(
    rf"(?:\d{{4}}\.\d{{2}}\.\d{{3}}|^)(?P<title>[一-鿿][^\[【\n]{{6,60}}{_ENDINGS})(?=[^\[【\n]{{0,60}}[\[【]摘)"
)
_NO_TITLE = re.compile(
    r"[。；？！]$|^[（(【\[]?[一二三四五六七八九十\d]+[、.．）)】\]]|[:：]$|^【|^文章属性|^正文$|〔\d{4}〕|^附"
)
_NEWS = (
    "启动仪式",
    "出席",
    "致辞",
    "主持",
    "记者",
    "授牌",
    "讲话",
    "承办",
    "在会上",
    "会上",
    "举行",
    "揭牌",
    "热烈欢迎",
)
_BY_TITLE = (
    (Genre.SELF_REVIEW, r"自评|自查"),
    (Genre.KEY_POINTS, r"要点"),
    (Genre.ANNUAL, r"总结|政府工作报告|工作报告$|进展情况|完成情况|亮点|回顾"),
    (Genre.BRIEFING, r"汇报|情况的?报告|报告$|情况说明|通报|简报|落实情况|工作情况"),
    (Genre.PLAN, r"计划|规划|纲要|打算|方案|安排|部署|思路"),
    (Genre.ARTICLE, r"思考|研究|探讨|综述|对策|启示|体会|经验|做法"),
    (Genre.NEWS, r"启动|举行|召开|开展.{0,20}活动$|揭牌|调研"),
)


@dataclass(frozen=True, slots=True)
class Title:
    """The title's words; ``span`` is None where they do not stand in the text as they are."""

    words: str
    span: Span | None


def read_title(text: str, hint: str = "") -> Title | None:
    """The title that the report itself carries, None where it has none.

    ``hint`` is the label of the compilation; it only restores characters that the title lost.
    """
    article = _JOURNAL_HEAD.search(text, 0, 400) if is_article(text) else None
    if article:
        return Title(article["title"], Span(*article.span("title")))
    for start, line in _first_lines(text):
        bare = line.strip(' \t　*#"“”')
        at = start + line.index(bare) if bare else start
        match = _RUN_IN.match(bare) or _EXCLAIMED.match(bare)
        if len(bare) <= LONGEST and _TITLE_LINE.match(bare) and not _NO_TITLE.search(bare):
            return Title(_restored(bare, hint), Span(at, at + len(bare)))
        if match and not _NO_TITLE.search(match["title"]):
            words = match["title"]
            return Title(_restored(words, hint), Span(at, at + len(words)))
        if len(bare) > LONGEST:
            return None
    return None


def _first_lines(text: str) -> list[tuple[int, str]]:
    """The first lines that hold text, with their offsets."""
    found: list[tuple[int, str]] = []
    start = 0
    while start < len(text) and len(found) < LOOK:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if text[start:end].strip():
            found.append((start, text[start:end]))
        start = end + 1
    return found


def _restored(words: str, hint: str) -> str:
    """The hint in place of a title that differs from it by lost characters (?) alone."""
    if "?" in words and re.fullmatch(re.escape(words).replace(r"\?", "."), hint):
        return hint
    return words


def is_article(text: str) -> bool:
    """Whether the text is a paper: at least two of 摘要, 关键词, 参考文献, 文献标识码 …"""
    return len({m[0] for m in _ARTICLE.finditer(text)}) >= 2


def read_genre(title: str, text: str, sections: Sequence[Section]) -> Genre:
    """Kind of document; ANNUAL stands for any 总结 until its period is known."""
    if is_article(text):
        return Genre.ARTICLE
    if re.search(r"(?:进行|开展)[^。]{0,4}自评|自评[^。]{0,8}(?:情况)?(?:现|如下)", text[:400]):
        return Genre.SELF_REVIEW
    for genre, pattern in _BY_TITLE:
        if re.search(pattern, title):
            return genre
    return _by_content(text, sections)


def _by_content(text: str, sections: Sequence[Section]) -> Genre:
    """Genre of a text without a telling title, from what its sections are for."""
    if not sections and sum(word in text for word in _NEWS) >= 4:
        return Genre.NEWS
    kinds = {s.kind for s in sections if s.level <= 2}
    done = bool(kinds & {SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS})
    whole_year = re.search(r"截[止至](?:到)?(?:20\d\d年?)?(?:1[12]月|年)底|全年", text)
    if done and kinds & {SectionKind.PROBLEMS, SectionKind.NEXT_STEPS}:
        return Genre.ANNUAL if whole_year else Genre.BRIEFING
    if kinds and kinds <= {SectionKind.NEXT_STEPS, SectionKind.GOALS, SectionKind.SAFEGUARDS}:
        return Genre.PLAN
    return Genre.BRIEFING if done or re.search(r"使.{0,20}取得|成效|扎实", text) else Genre.OTHER
