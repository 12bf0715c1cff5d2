"""Cuts away what the web page put around a document (page chrome 网页杂项).

In: the whole file as text, after the characters were repaired, and its format. Out: the document
alone; every cut is an edit of kind "chrome", so it is logged and offsets still lead to the raw file.

Why rules per line: document-sharing and official sites differ, but each puts a head of short lines
(上传人 … 点击查看更多) before the first paragraph and a tail (展开阅读全文 … 相关资源) behind the last
one. So only lines that *are* a marker count, never prose that mentions one, and a tail is cut only
where no document follows. A document without markers comes back unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.tracked import Edit, TrackedText

KIND = "chrome"
HEAD_LINES = 60  # a head longer than this was never seen
WEAK_REACH = 2  # other lines between a marker and a line that is chrome only beside one
PROSE = 40  # characters from which a line with a sentence end counts as prose

# A line that only the head of a page has.
_HEAD = re.compile(
    r"""^[\s|｜>»*\-]*(?:
      上传(?:人|者|时间|用户)\s*[:：] | 文档编号\s*[:：] | 点击查看更多 | 下载\s+相关\s+举报
    | 资源描述$ | (?:文档|资源)(?:简介|介绍|描述|预览)\s*[:：]?$
    | 第\s*\d+\s*页\s*/\s*共\s*\d+\s*页$ | \S{0,80}_第\s*\d+\s*页$
    | (?:您)?(?:现在)?(?:的|所在)?(?:当前)?位置\s*[:：] | (?:浏览|阅读|点击)(?:次数|量|数)\s*[:：]
    | 版权(?:说明|声明|提示)\s*[:：] | 本文档由用户(?:提供|上传)
    | 欢迎(?:来到|访问|光临).{0,20}网 | 购物车\s*[(（] | 股权代码
    | 字[号体](?:大小)?\s*[:：]\s*[\[【]?\s*[大小] | 【(?:打印|收藏|关闭)
    )""",
    re.VERBOSE,
)
# Words of which a line of the head has two: 发布时间：… 来源：… 浏览次数：…
_HEAD_WORDS = re.compile(
    r"(?:发布|发表|更新)(?:时间|日期)\s*[:：]|来源\s*[:：]|(?:浏览|阅读|点击)(?:次数|量|数)?\s*[:：]|字[号体]\s*[:：]"
)
# A line that a head may hold beside its markers, and a document too: it goes only with a head.
_HEAD_WEAK = re.compile(
    r"""^\s*(?:
      (?:发布|发表|更新|上传)?(?:时间|日期)\s*[:：]\s*\d{4}[-/.年]\d
    | (?:(?:文章|信息)?来源|作者|编辑)\s*[:：].{0,30}$
    | \S{2,80}\.(?:docx?|pdf|pptx?|wps|xlsx?)\s*$ | [\d\-/.:\s]{1,20}$
    )""",
    re.VERBOSE,
)
_FILE_NAME = re.compile(r"^\s*\S{2,80}\.(?:docx?|pdf|pptx?|wps|xlsx?)\s*$")
# A line that begins the tail of a page.
_TAIL = re.compile(
    r"""^[\s|｜>»*【\[\-]*(?:
      展开(?:阅读)?全文 | 相关热词搜索 | 推荐访问\s*[:：] | 猜你喜欢 | 您(?:可能|也许)(?:还)?感?(?:兴趣|喜欢)
    | (?:相关|热门|推荐)(?:资源|搜索|推荐|文章|阅读|链接|文档|新闻|信息)\s*[】\]]?\s*(?:[:：].*)?$
    | 最新(?:文档|文章|资讯|上传|资源)\s*[】\]]?\s*[:：]?$ | 温馨提[示醒]\s*[:：]?$
    | (?:网友|发表|我要|全部|最新|用户)?评论\s*(?:[(（]\s*\d+\s*条?\s*[)）])?\s*$
    | \d+\s*/\s*\d+\s*提交评论 | 提交评论 | [上下]一[篇条]\s*[:：]
    | 当前位置\s*[:：] | copyright\b | ©|Ⓒ | 版权所有 | 免责声明\s*[:：]?
    | \S{0,8}备案(?:号|编号|序号)\s*[:：]?\S | \S{0,6}ICP备 | \S{0,6}公网安备 | 网站标识码
    | 扫一扫(?:在)?手机 | 扫描二维码 | (?:打印|关闭)(?:本页|窗口|页面)
    | 主办(?:单位)?\s*[:：].*(?:承办|维护|备案|技术支持) | 网站(?:地图|声明|首页)\s
    | 本站(?:为|所有|仅|是|不) | 本作品是中华人民共和国的$ | public\s+domain
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# A line that is chrome wherever it stands.
_LINE = re.compile(
    r"""^\s*(?:
      点击查看更多\s*[>》＞]* | 展开(?:阅读)?全文 | [上下]一页 | 首页\s+上一页.*
    | 上一页(?:\s*[|｜]?\s*\d*)*\s*下一页 | 分享(?:到|至)\s*[:：]?.{0,40}
    | 第\s*\d+\s*页\s*/\s*共\s*\d+\s*页 | 共\s*\d+\s*页\s*第\s*\d+\s*页
    | \S{0,80}\.(?:docx?|pdf|pptx?|wps)_第\s*\d+\s*页 | [—–\-－]\s*\d{1,4}\s*[—–\-－]
    | 未经许可.{0,12}不得转载.{0,10} | \[?bookmark:\s*\w+\]?
    | (?:更多)?(?:精品|免费)?(?:范文|文章|资料)请?(?:关注|访问|点击).{0,30}
    )\s*$""",
    re.VERBOSE,
)
# Chrome inside a line: it never belongs to a sentence.
_INLINE = re.compile(
    r"\[bookmark:\s*\w+\]|点击查看更多\s*[>》＞]{1,3}|展开阅读全文|上传人\s*[:：]\s*\S+\s+文档编号\s*[:：]\s*\d+"
)
_HOTLINE = re.compile(r"[48]00[-－—\s]?\d{3}[-－—\s]?\d{4}")
_HOTLINE_WORDS = re.compile(r"咨询|热线|客服|订阅|投稿|欢迎")
_BOILERPLATE = re.compile(
    r"本站|本网|网站|用户上传|上传用户|上传者|会员|下载|版权|侵权|解压|WinRAR|转载|著作权|公有领域|维基|备案|收益归"
)
_TITLE = re.compile(
    r"总结|报告|计划|要点|汇报|方案|规划|纲要|意见|通知|打算|安排|情况|材料|讲话|经验|做法|范文"
    r"|[(（]\s*(?:合集|共|精选|通用)?\s*\d+\s*篇"
)
_SENTENCE = re.compile(r"[。；！？;]")
_NAV_WORD = re.compile(r"^[\w一-鿿]{2,8}$")
_NAV_SEPARATOR = re.compile(r"[\s|｜>»·]+")
_TAIL_WINDOW = 25  # lines after a tail marker in which documents may go on
_TAIL_PROSE = 300  # characters of prose after a marker that prove that the document goes on


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # without the line break
    stop: int  # with it
    text: str


def strip_chrome(t: TrackedText, format: str) -> TrackedText:
    """The document without head, tail and stray lines of the page that it was copied from.

    ``format`` is that of :class:`corpus.report.RawDocument`; bars of navigation words are looked for
    only where pages are saved as text or html, since a table row of a docx looks the same.
    """
    lines = tuple(_lines(t.text))
    web = format in {"txt", "html", "md"}
    low, head_drops = _head(lines, web)
    high = _tail(lines, low)
    drops = set(head_drops)
    drops.update(i for i in range(low, high) if _is_stray(lines[i], web))
    drops.update(range(high, len(lines)))
    edits = [Edit(lines[i].start, lines[i].stop, "", KIND, _note(i, low, high)) for i in sorted(drops)]
    for index, line in enumerate(lines):
        if index not in drops:
            edits += [
                Edit(line.start + m.start(), line.start + m.end(), "", KIND, "行内")
                for m in _INLINE.finditer(line.text)
            ]
    return t.edit(_merged(edits)) if edits else t


def _note(index: int, low: int, high: int) -> str:
    return "页首" if index < low else "页尾" if index >= high else "页内"


def _lines(text: str) -> Iterator[_Line]:
    for match in re.finditer(r"([^\n\r]*)(\r\n|\n|\r|\Z)", text):
        if match.end() > match.start():
            yield _Line(match.start(), match.end(1), match.end(), match.group(1))


def _merged(edits: list[Edit]) -> list[Edit]:
    """Neighbouring cuts as one, so that the log has one line a block."""
    merged: list[Edit] = []
    for edit in edits:
        last = merged[-1] if merged else None
        if last and last.end == edit.start and last.note == edit.note:
            merged[-1] = Edit(last.start, edit.end, "", KIND, edit.note)
        else:
            merged.append(edit)
    return merged


def _is_prose(line: str) -> bool:
    return len(line.strip()) >= PROSE and bool(_SENTENCE.search(line)) and not _BOILERPLATE.search(line)


def _is_navigation(line: str) -> bool:
    """Four or more short words side by side: a menu."""
    words = [w for w in _NAV_SEPARATOR.split(line.strip()) if w]
    return len(words) >= 4 and all(_NAV_WORD.match(w) for w in words) and not any(w.isdigit() for w in words)


def _is_hotline(line: str) -> bool:
    """A site's own telephone line, not a sentence that mentions one."""
    short = len(line) < PROSE or bool(_HOTLINE_WORDS.search(line[:40]))
    return short and bool(_HOTLINE.search(line)) and "。" not in line


def _is_stray(line: _Line, web: bool) -> bool:
    text = line.text
    if not text.strip() or (_is_prose(text) and not _is_hotline(text)):
        return False
    return bool(_LINE.match(text)) or (web and _is_hotline(text))


def _head(lines: tuple[_Line, ...], web: bool) -> tuple[int, list[int]]:
    """Index of the first line of the document, and the lines before it that go."""
    last = -1
    first = next((i for i, line in enumerate(lines) if line.text.strip()), -1)
    if web and first >= 0 and _FILE_NAME.match(lines[first].text):
        last = first
    for index, line in enumerate(lines[:HEAD_LINES]):
        near = last >= 0 and _filled_between(lines, last, index) <= WEAK_REACH
        if _is_head(line.text) or (web and _is_hotline(line.text)) or (near and _is_weak(line.text, web)):
            last = index
        elif _is_prose(line.text):
            break
    drops = [i for i in range(last + 1) if not _kept_title(lines, i, last)]
    return last + 1, drops


def _is_head(text: str) -> bool:
    return bool(_HEAD.match(text)) or len(_HEAD_WORDS.findall(text)) >= 2


def _is_weak(text: str, web: bool) -> bool:
    return bool(text.strip()) and (bool(_HEAD_WEAK.match(text)) or (web and _is_navigation(text)))


def _filled_between(lines: tuple[_Line, ...], low: int, high: int) -> int:
    return sum(1 for line in lines[low + 1 : high] if line.text.strip())


def _kept_title(lines: tuple[_Line, ...], index: int, last: int) -> bool:
    """Whether a line of the head is the document's own title, which the body does not repeat."""
    text = lines[index].text.strip()
    if (
        not 6 <= len(text) <= 60
        or _is_head(text)
        or _HEAD_WEAK.match(text)
        or _is_hotline(text)
        or _is_navigation(text)
    ):
        return False
    if not _TITLE.search(text) or "资源描述" in text:
        return False
    following = "".join("".join(line.text.split()) for line in lines[last + 1 : last + 6])
    return "".join(text.split()) not in following[:200]


def _tail(lines: tuple[_Line, ...], low: int) -> int:
    """Index of the first line of the tail (the number of lines where there is none)."""
    seen_body = False
    for index in range(low, len(lines)):
        text = lines[index].text
        if seen_body and _TAIL.match(text) and not _is_prose(text) and not _goes_on(lines, index + 1):
            return index
        seen_body = seen_body or len(text.strip()) >= 20
    return len(lines)


def _goes_on(lines: tuple[_Line, ...], start: int) -> bool:
    """Whether a document continues after a marker: enough prose that is no site boilerplate."""
    window = lines[start : start + _TAIL_WINDOW]
    return sum(len(line.text) for line in window if _is_prose(line.text)) >= _TAIL_PROSE
