"""What Chinese office text is made of: character classes and the shapes of lines.

In: characters or lines. Out: yes or no. Every repair asks the same questions (is this a Chinese
character, a heading label, a date line), so the answers live here once.
"""

from __future__ import annotations

import re

HAN = "\u3400-\u4dbf\u4e00-\u9fff〇\U00020000-\U0003134f"
"""Body of a regular-expression class that matches one Chinese character (汉字)."""

NUMERALS = "一二三四五六七八九十百零〇"
WIDE_MARKS = "，。、；：？！（）《》〈〉“”‘’【】〔〕「」『』…％"
ENDS = "。！？；：!?;:…"
"""Characters that end a clause; a line that ends in one is complete."""

CLOSERS = "”’）)》】〕」』]"
OPENERS = "“‘（(《【〔「『["

_HAN = re.compile(f"[{HAN}]")

HEADING_LABEL = re.compile(
    rf"(?:第[{NUMERALS}\d]{{1,4}}[章节条编篇项款部]"
    rf"|[{NUMERALS}]{{1,4}}[、.．]"
    rf"|[（(][{NUMERALS}\d]{{1,4}}[)）]"
    r"|\d{1,3}(?:[、．)）]|\.(?!\d))"
    r"|[①-⑳⑴-⒇⒈-⒛]"
    rf"|[{NUMERALS}]{{1,2}}是|[{NUMERALS}]要(?![求点素闻])"
    r"|—|–|[-•●◆■□★▲※]\s?"
    r"|[【〔\[]"
    rf"|篇[{NUMERALS}\d]|附件|附[:：]|注[:：]|抄送|主题词|建议[:：])"
)
"""Start of a line that opens something of its own: heading, list item, attribute, note."""

TOP_LABEL = re.compile(rf"[{NUMERALS}]{{1,3}}、|[（(][{NUMERALS}]{{1,3}}[)）]")
"""The labels 一、 and （一）, which office prose never has in the middle of a sentence."""

DATE_LINE = re.compile(
    r"\s*(?:(?:19|20)\d\d\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?(?:印发)?"
    rf"|[{NUMERALS}○]{{4}}年[{NUMERALS}]{{1,2}}月(?:[{NUMERALS}]{{1,3}}日)?"
    r"|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2})\s*"
)

_ADDRESSEE = re.compile(
    r"[^。；;！？]{1,60}(?:局|委|会|府|位|院|办|部|厅|室|处|科|站|心|代表|同志|们|领导)[：:]\s*"
)
_ATTRIBUTE = re.compile(r"[^，。；,;]{1,10}[：:][^。；;]{0,40}")


def is_han(char: str) -> bool:
    """Whether ``char`` is one Chinese character."""
    return bool(_HAN.fullmatch(char))


def stands_alone(line: str) -> bool:
    """Whether ``line`` starts something new: it carries a label, or is a date or an addressee."""
    return bool(HEADING_LABEL.match(line) or DATE_LINE.fullmatch(line) or _ADDRESSEE.fullmatch(line))


def is_attribute(line: str) -> bool:
    """Whether ``line`` is a short "name: value" such as 分管领导：某某."""
    return bool(_ATTRIBUTE.fullmatch(line))


def is_finished(line: str) -> bool:
    """Whether ``line`` ends a clause, closing quotes and brackets aside."""
    bare = line.rstrip()
    while bare and bare[-1] in CLOSERS:
        bare = bare[:-1]
    return bool(bare) and bare[-1] in ENDS


def ends_open(line: str) -> bool:
    """Whether ``line`` stops at a comma or right after an opening mark."""
    return line.rstrip().endswith(("，", ",", "、", *OPENERS))


def is_cjk(char: str) -> bool:
    """Whether ``char`` is a Chinese character or a full-width mark."""
    return is_han(char) or char in WIDE_MARKS
