"""Shorter sentences that stay true: cut at clause borders, in the source's own words.

In: a sentence of a report and about how long it may be. Out: a contiguous part of it that stands alone.
Only a frame in front (为…, 在…下) and clauses at the end are left out, and never one that turns what is
kept (但…, 虽然…, a condition, the plan 拟 in front of its tasks). Where no cut is safe, all of it stays.
"""

from __future__ import annotations

import re

BORDER = re.compile(r"[，,；;。！？]")
OPENERS, CLOSERS = "（(“‘《〈【〔「『[", "）)”’》〉】〕」』]"
SLACK = 1.6  # times ``most`` that a cut may grow to where it must not end earlier
LEAST = 6  # characters that say something

# In front of the statement, without adding to it.
FRAME = re.compile(
    r"^(?:为了?(?!期|主)[^，]{2,}|(?:按照|根据|依照|依据|围绕|随着|遵循)[^，]{2,}|在[^，]{2,}(?:下|中|[之基]上|基础上|背景下)|以[^，]{2,}为[^，]{1,12})[，,]$"
)
# A clause that begins so turns, bounds or completes the one in front of it.
TURNING = re.compile(
    r"^(?:但|然而|却|不过|只是|可是|而(?!且)|除|仅|尚|其余|否则|反而|相反|均|还未|还没|未|没有|无法|不含|不包括|扣除|预计|拟|计划|待"
    r"|可|应|须|需|都|由|被|全部|唯有|经常|常常|往往|需要|必须|则|就|才|即|凭|所以|因此|从而(?!提)|导致|造成|致使)"
)
# A clause that begins or ends so is not yet a statement.
OPEN = re.compile(
    r"^(?:除|对于|关于|针对|为|按照|根据|围绕|通过|经|在[^，]*(?:下|中|上|时|方面|前|后)[，,]?$|截[至止]|自|从|当|与|同|以|将[^，]{0,12}等)"
    r"|(?:按照|根据|结合|依照|针对|采取|利用|通过)[^，]*(?:形式|方式|措施|要求|部署|安排|精神|实际|标准|原则|情况)[，,]$"
    r"|(?:方面|期间|以来|包括|如下|即|有|是|为|等|及|与|和|对|在|的|之一|来看|而言|来说|之际|同时|其中|此外|目前|今年|全年|年|月|日|底)[，,]$"
)
# A condition or cause, and what must be kept with it.
PREMISE = re.compile(
    r"^(?:虽|尽管|即使|不仅|不但|不只|不光|既|因|由于|如果|如|若|只有|只要|无论|不论|随着|鉴于)"
)
OUTCOME = re.compile(
    r"^(?:但|却|而且|也|又|还|更|所以|因此|导致|造成|致使|使|影响|则|就|才|都|均|仍|从而|难以|容易|极易)"
)
LABEL = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}[是要]|[（(]?[一二三四五六七八九十\d]{1,2}[）)、.．](?!\d)|[①-⑳])\s*"
)
ENUMERATION = re.compile(
    r"(?:[一二三四五六七八九十]|其[一二三四])(?:是|要)|[①-⑩]|[（(][0-9一二三四五六七八九十][)）]"
)
BLANK = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
ENDS = "。；;，,：:、！!？? \t\n　"


def tidy(text: str) -> str:
    """A text on one line; white space is kept between Latin words only."""
    return " ".join(BLANK.sub("", text).split())


def cut(text: str, most: int, core: re.Pattern[str] | None = None) -> str:
    """At most about ``most`` characters of a sentence, whole clauses, without a mark at the end.

    Where a clause fits ``core``, the first such clause is kept at any length.
    """
    line = tidy(text).rstrip(ENDS)
    if len(line) <= most:
        return line
    clauses = split(line)
    while len(clauses) > 1 and FRAME.match(clauses[0]) and not re.search(r"\d", clauses[0]):
        clauses = clauses[1:]
    least = next((n for n, clause in enumerate(clauses, 1) if core and core.search(clause)), 1)
    kept = "".join(clauses[: _count(clauses, most, least)])
    return kept.rstrip(ENDS)


def split(line: str) -> list[str]:
    """Clauses with their marks; a bracket or a quotation is not cut."""
    found: list[str] = []
    start = depth = 0
    for at, char in enumerate(line):
        if char in OPENERS:
            depth += 1
        elif char in CLOSERS:
            depth = max(0, depth - 1)
        elif depth == 0 and BORDER.match(char) and not _in_number(line, at):
            found.append(line[start : at + 1])
            start = at + 1
    if start < len(line):
        found.append(line[start:])
    return found


def _in_number(line: str, at: int) -> bool:
    """Whether a comma parts thousands (18,420)."""
    return line[at] == "," and line[at - 1 : at].isdigit() and line[at + 1 : at + 2].isdigit()


def _count(clauses: list[str], most: int, least: int) -> int:
    """How many clauses are kept, ``least`` at any rate: those that fit, back or on to a safe end; all where
    there is none near.
    """
    ends: list[int] = []
    length = 0
    for clause in clauses:
        length += len(clause)
        ends.append(length)
    safe = [n for n in range(least, len(clauses) + 1) if _safe(clauses, n) and ends[n - 1] >= LEAST]
    fitting = [n for n in safe if ends[n - 1] <= most + 1]  # the mark at the end goes
    if fitting:
        return fitting[-1]
    near = [n for n in safe if ends[n - 1] <= max(most * SLACK, ends[least - 1])]
    return near[0] if near else len(clauses)


def _safe(clauses: list[str], count: int) -> bool:
    """Whether the first ``count`` clauses say by themselves what they say in the sentence."""
    if count == len(clauses):
        return True
    last, following = clauses[count - 1], clauses[count]
    if "一方面" in last.replace("另一方面", ""):
        return False
    premise = any(PREMISE.search(LABEL.sub("", clause)) for clause in clauses[:count])
    if premise and not any(OUTCOME.match(clause) for clause in clauses[1:count]):
        return False
    if TURNING.match(following) or OPEN.search(LABEL.sub("", last)):
        return False
    kept = "".join(clauses[:count])
    announced = "：" in kept or not ENUMERATION.search(kept)  # 三个短板：一是…，二是…
    return not (announced and ENUMERATION.match(following))
