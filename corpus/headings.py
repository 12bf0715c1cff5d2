"""Where a heading ends, whether it is one, and what kind of section it opens.

In: text behind a label. Out: the end of the title, a yes or no, a :class:`SectionKind`.

Why heuristics: in a scraped report the heading often runs into its first sentence without any mark
(…窗口建设按照县里要求…), so its end is found from what office headings end with (工作, 情况, 机制 …)
and numbered statements (1.投入260万元…) are told from headings by what headings never hold.
"""

from __future__ import annotations

import re

from corpus.report import SectionKind

LONGEST = 45  # characters of a heading in a running line
LONGEST_LINE = 60  # characters of a heading that has a line of its own
LONGEST_CLAUSE = 30  # characters kept where no end can be found
LEAST_RUN_IN = 24  # a first sentence longer than this may be a heading and its sentence in one

_STOP = re.compile(r"[。；;：:！!？\n]")
_CLAUSE = re.compile(r"[，,、；;：:。！!\n]")
_COMMA = re.compile(r"[，,；;。：:\n]")
_GAP = re.compile(r"[ \t　]+")
_NOUN = (
    r"(?:工作|活动|情况|体系|机制|制度|政策|建设|服务|能力|能[?？]|优势|改革|管理|要求|措施|水平|质量|成效|成绩"
    r"|问题|不足|困难|打算|计划|规划|任务|重点|目标|行动|工程|项目|流程|模范|力度|亮点|做法|经验|安排|特色|短板)"
)
_NOUNS = re.compile(_NOUN)
_GOES_ON = re.compile(rf"{_NOUN}|[的和与及、，,或”’》）)〉』」：:]")
# What a sentence begins with that follows its heading without a mark.
_CUE = re.compile(
    r"[?？]?(?:按照|根据|依托|今年|近年|上半年|目前|截[至止]|围绕|坚持|充分|加快|统筹|积极|通过|为|以|各|在|[一-鿿]{2,3}[县区市][一-鿿])"
)
_WORD_TITLES = re.compile(r"(?:结语|结论|小结|引言|前言)(?=\S{8})")
_SUBTITLED = re.compile(r"[^：:。；，,]{2,14}[：:](?!一是)[^：:。；\n]{2,20}")  # 职业健康：从“罚”到“帮”
_FIRST_ITEM = re.compile(r"(?P<title>[^一]{4,30})一是(?=[^\n]*二是)")  # 存在的问题一是…二是…
_FACT = re.compile(
    r"了|我[局县区市院委省]|[已均约共]|\d{2,}(?!\+)|\d+(?:\.\d+)?\s*[%％‰万亿人名个元户次份例所家张项支对台]"
    r"|截[至止]|自\d|\d+月|、\d"
)

# What a title says for sure, whatever section it stands in.
_CERTAIN = (
    (
        SectionKind.PROBLEMS,
        re.compile(
            r"存在.{0,6}(?:问题|不足|困难|短板|差距|难点|痛点)|问题(?:与|和|及)|主要(?:问题|困难)|不足(?:之处)?$"
        ),
    ),
    (
        SectionKind.NEXT_STEPS,
        re.compile(
            r"^下一?(?:步|阶段)|下一?步.{0,4}(?:工作|打算|计划|规划|安排|措施|思路|重点)|打算"
            r"|^20\d\d年.{0,6}(?:思路|安排|重点|任务|措施|计划|举措)(?:清单)?$|20\d\d年.{0,4}(?:着力|将|力争|继续|要)"
        ),
    ),
)
# What a title says where the section above it says nothing.
_LIKELY = (
    (SectionKind.HIGHLIGHTS, re.compile(r"亮点|创新(?:性)?(?:工作|做法|举措)|特色(?:工作|做法|亮点)")),
    (
        SectionKind.PROBLEMS,
        re.compile(
            r"^(?:问题|不足|困难|短板|差距)|(?:问题|不足|困难|短板)(?:和|与|及|$)|薄弱环节|制约因素|正视.{0,4}不足"
            r"|欠账|没(?:有)?办成"
        ),
    ),
    (
        SectionKind.ACHIEVEMENTS,
        re.compile(
            r"(?:完成|进展|开展|落实|执行|实施|推进|工作|贯彻|运行|履职|自评)情况|成效|成绩|成就|做法|进展"
            r"|主要经验|工作经验|回顾|常规工作|取得|主要工作|所做的?工作|工作实绩|荣誉|总结$"
        ),
    ),
    (
        SectionKind.GOALS,
        re.compile(
            r"^(?:总体|主要|发展|工作|年度|预期|奋斗)?目标(?:$|任务|指标|要求|[和与及])|[和与及]目标$|目标任务$|远景目标"
            r"|总体(?:要求|思路)|指导思想|工作思路|基本原则|(?:发展|预期)指标"
        ),
    ),
    (
        SectionKind.SAFEGUARDS,
        re.compile(
            r"保障(?:措施|机制|举措)|(?:组织|要素|条件|政策|实施|与|和)保障$|^(?:强化|加强)?保障$"
            r"|组织(?:领导|实施)|加强领导|工作要求"
        ),
    ),
    (
        SectionKind.NEXT_STEPS,
        re.compile(
            r"计划|规划|(?:工作|年度?|任务|进度|推进|项目)安排|部署|要点|任务(?:$|[和与及]|清单|分工|要求)"
            r"|今后|明年|下半年|(?:主要|具体)?措施$|对策|建议"
            r"|20\d\d年.{0,8}(?:重点)?工作$|工作重点|重点工作$"
        ),
    ),
    (SectionKind.OVERVIEW, re.compile(r"基本(?:情况|概况|现状)|概况|简介|引言|背景|前言|现状|文章属性")),
)
# A task that removes a problem is no problem: 补齐短板, 解决突出问题.
_REMEDY = re.compile(
    r"(?:补[上齐足强]|解决|破解|化解|攻坚|整改|针对|聚焦|着力).{0,14}(?:问题|短板|困难|不足)$"
)


def kind_of(title: str, inherited: SectionKind | None, minor: bool = False) -> SectionKind:
    """The kind of a section by its own title and by that of the section around it.

    存在的问题 and 下一步打算 speak for themselves; other words (任务, 情况) are ambiguous, yield to the
    kind that the section above has, and say nothing in a ``minor`` heading (1. and below).
    """
    remedy = bool(_REMEDY.search(title))
    for kind, pattern in _CERTAIN:
        if pattern.search(title) and not (remedy and kind is SectionKind.PROBLEMS):
            return kind
    if inherited not in (None, SectionKind.OTHER, SectionKind.OVERVIEW):
        return inherited
    for kind, pattern in () if minor else _LIKELY:
        if pattern.search(title) and not (remedy and kind is SectionKind.PROBLEMS):
            return kind
    return inherited or SectionKind.OTHER


def title_end(text: str, start: int, limit: int) -> int:
    """Offset behind the title that begins at ``start``; the next label stands at ``limit``.

    The title excludes the mark behind it (。 or ：). Where nothing shows the end, the first clause
    is the title.
    """
    line = text.find("\n", start, limit)
    part = text[start : limit if line < 0 else line].rstrip()
    item = _FIRST_ITEM.match(part)
    if item and not _STOP.search(item["title"]):
        return start + len(item["title"].rstrip("，, "))
    bare = part.rstrip("。；;：:，, ")
    told = _SUBTITLED.fullmatch(bare) and not _FACT.search(bare)
    own_line = bare == part and len(bare) <= LONGEST_LINE and (told or not _STOP.search(bare))
    if own_line or (len(bare) <= LEAST_RUN_IN and not _STOP.search(bare)):
        return start + len(bare)
    gap = _GAP.search(part, 4, LONGEST)
    if gap and not _COMMA.search(part[: gap.start()]):
        return start + gap.start()
    stop = _STOP.search(part)
    first = stop.start() if stop else len(bare)
    if 2 <= first <= LONGEST:
        run_in = _run_in_end(part) if first > LEAST_RUN_IN else 0
        listed = len(_COMMA.findall(part[:first])) > 2  # a statement, not a heading
        return start + (run_in or (_clause_end(part) if listed else first))
    return start + (_run_in_end(part) or _noun_end(part) or _clause_end(part))


def item_end(text: str, start: int, limit: int) -> int:
    """The same for the title of a 一是 item: a short first sentence, else its first clause."""
    part = text[start:limit]
    stop = _STOP.search(part)
    if stop and 2 <= stop.start() <= LONGEST_CLAUSE:
        return start + stop.start()
    return start + _clause_end(part)


def is_title(title: str) -> bool:
    """Whether the text behind a numbered label reads like a heading and not like a statement."""
    bare = re.sub(r"[“\"‘《][^”\"’》]{0,20}[”\"’》]", "", title)
    return 2 <= len(title) <= LONGEST and not _FACT.search(bare) and len(_CLAUSE.findall(bare)) <= 3


def opens_section(title: str) -> bool:
    """Whether a bare line ends like a heading (…成效, …规划)."""
    return bool(re.search(rf"{_NOUN}$", title))


def _first_clause(part: str) -> str:
    comma = _COMMA.search(part)
    return part[: min(comma.start() if comma else LONGEST, LONGEST)]


def _run_in_end(part: str) -> int:
    """End of a title that runs into its sentence, where the text itself shows it.

    Either the sentence repeats the title's first words (推进防控工作防控工作是…), or a closing noun is
    followed by what sentences begin with (…建设按照…).
    """
    word = _WORD_TITLES.match(part)
    if word:
        return word.end()
    clause = _first_clause(part)
    for match in _NOUNS.finditer(clause):
        if match.end() >= 4 and _CUE.match(part, match.end()):
            return match.end()
    repeated = re.match(r"(?P<first>(?P<verb>[一-鿿]{4}).{1,30}?)(?:充分|进一步)?(?P=verb)", clause)
    if repeated:
        return repeated.end("first")
    doubled = re.match(r".{0,26}?(?P<words>[一-鿿]{4,12})(?=(?P=words))", clause)
    return doubled.end() if doubled else 0


def _noun_end(part: str) -> int:
    """End of a title behind a closing noun that is not inside a compound, in a long first clause."""
    if len(_first_clause(part)) <= LEAST_RUN_IN:
        return 0
    for match in _NOUNS.finditer(_first_clause(part)):
        if match.end() >= 6 and not _GOES_ON.match(part, match.end()):
            return match.end()
    return 0


def _clause_end(part: str) -> int:
    """End of the first clause, at most LONGEST_CLAUSE characters, never inside quotes or a number."""
    end = len(part.rstrip()) or 1
    for stop in _COMMA.finditer(part, 4):
        if part.count("“", 0, stop.start()) <= part.count("”", 0, stop.start()):
            end = stop.start()
            break
    if end <= LONGEST_CLAUSE:
        return end
    return len(re.sub(r"[\s\d.]+[万亿]?$", "", part[:LONGEST_CLAUSE])) or LONGEST_CLAUSE
