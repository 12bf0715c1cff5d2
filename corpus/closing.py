"""Finds the closing matter of a report: signature, date, contacts, 抄送 (落款), references.

In: cleaned text. Out: the offset where it begins. It belongs to no section, so that the last task of
a plan does not end with the name of the bureau.
"""

from __future__ import annotations

import re

REACH = 400  # the closing matter lies within so many characters of the end
_DAY = r"[\d一二三四五六七八九十]{1,3}"
DATE = rf"(?:20\d\d|二[〇○零]\S{{2}})\s*年\s*{_DAY}\s*月\s*{_DAY}\s*日"
ORGANISATION = (
    r"[一-鿿*×]{2,28}(?:局|委员会|卫健委|卫计委|计生委|政府|办公室|指挥部|中心|医院|卫生院"
    r"|领导小组|工作组|协会|站)"
)
_CONTACT = (
    r"(?:分管领导|主管领导|起\s*草\s*人|撰\s*稿|联\s*系\s*人|联系电话|电\s*话|审\s*核|签\s*发"
    r"|填报人|报送单位|抄送|抄报|主送|主题词)\s*[:：]"
)
_LINE = re.compile(
    rf"""^\s*(?:
      {DATE}\s*(?:印发)?\s* | {ORGANISATION}\s*(?:{DATE})?\s*(?:印发)?\s*
    | {_CONTACT}.{{0,60}} | (?:省|市|县|区)[一-鿿]{{1,8}}(?:办|办公室)\s*
    | [（(][^（）()\n]{{2,60}}[）)]\s* | 附件?\s*[:：\d].{{0,60}}
    )$""",
    re.VERBOSE,
)
# A signature with its date, and at most three short notes of any kind below (此件公开发布, 注：…).
_SIGNED = re.compile(
    rf"(?:^|(?<=\n))[ \t　]*(?P<name>{ORGANISATION})[ \t　]*\n\s*{DATE}[ \t　]*"
    r"(?:\n\s*[^\n]{1,60}){0,3}\s*\Z"
)
_REFERENCES = re.compile(r"[\[【]?参考文献[\]】:：\n]")
_INLINE = re.compile(rf"(?<=[。！；\s])({ORGANISATION}\s*{DATE})\s*$")


def references_start(text: str) -> int:
    """Offset of a list of references, the length of ``text`` where there is none."""
    found = _REFERENCES.search(text, len(text) * 2 // 3)
    return found.start() if found else len(text)


def closing_start(text: str) -> int:
    """Offset of the closing matter, the length of ``text`` where there is none."""
    references = references_start(text)
    if references < len(text):
        return references
    low = max(0, len(text) - REACH)
    signed = _SIGNED.search(text, low)
    inline = _INLINE.search(text, low)
    best = signed.start("name") if signed else inline.start(1) if inline else len(text)
    end = best if signed else len(text)
    while end > low:
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end]
        if line.strip():
            if start == 0 or not _LINE.match(line):
                break
            best = min(best, start)
        end = start - 1
    return best
