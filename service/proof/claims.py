"""Strong claims without a figure or a source: 全省第一, 大幅提升, 率先, 全覆盖.

In: a text, and the sentences that are known (library, input). Out: findings. A claim of rank needs a source or
somebody who awarded it; one of degree or of completeness needs a figure in its sentence or in the next one.
Plans, goals and problems claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from corpus.numeral_roles import Role
from corpus.numerals import numbers
from corpus.report import SectionKind
from service.proof.plans import AHEAD
from service.proof.rules import Finding, Rule, Severity
from service.proof.spots import Spot, excerpt
from service.proof.text import Line, Text

_FIELD = "(?:全国|全省|全市|全区|全县|全州|国内|省内|市内|区域内|同类|同行业|兄弟县|县域内)"
_RANK = re.compile(
    rf"{_FIELD}[^，。；、“”]{{0,6}}?(?:第一(?!批|次|届|期|时间|阶段|医院|人民|书记|轮)|首位|前列|前茅|领先|首家|首创|唯一|率先|一流|最[高好优快早])"
    r"|(?:居|位列|走在)[^，。；、]{0,8}(?:前列|前茅|首位|第[一二三](?!批))|名列前茅|率先(?=完成|实现|建成|推行|开展|启动|通过|达到)"
    r"|填补[^，。；]{0,10}空白|史无前例|前所未有"
)
_DEGREE = re.compile(
    r"(?<![不未])(?:大幅度?|显著|明显|极大地?|大大)(?:得到)?(?:的)?(?:提升|提高|改善|增强|下降|降低|减少|减轻|优化|缓解|好转|增长|上升|缩短|增加|加强|改观)"
    r"|(?:提升|提高|改善|增强|下降|降低|减少|好转|增长)(?:十分|非常|较为)?(?:明显|显著)"
)
_WHOLE = re.compile(
    r"(?:实现|达到|做到)了?[^，。；]{0,12}全覆盖|(?:100%|百分之百|百分百)[^，。；]{0,3}(?:覆盖|到位|达标|完成)"
    r"|零(?:事故|投诉|差错|感染|死亡|上访|违纪)"
)
_AWARDED = re.compile(
    r"《[^》]+》|表彰|授予|荣获|获得|获评|被[^，。；]{1,16}[评命确]|评为|通报|排名|考核|评比|验收|评估|统计|据"
)
_BACK = frozenset({SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS, SectionKind.OVERVIEW, SectionKind.OTHER})
_SHARED = 8  # characters around a claim that a source must share with it


def check(text: Text, known: Iterable[str] = ()) -> Iterator[Finding]:
    """All findings on claims.

    Args:
        text: the text.
        known: sentences of the library and the input.
    """
    if text.is_plan:
        return
    sources = "\n".join(known)
    lines = text.sentences
    for number, line in enumerate(lines):
        if line.kind not in _BACK or line.heading or AHEAD.search(line.text):
            continue
        following = lines[number + 1] if number + 1 < len(lines) else None
        found = _claimed(line, following)
        if found and not _is_known(line.text, found[0], sources):
            start = line.span.start
            spot = Spot(start + found[0].start(), found[0][0])
            yield Finding(Rule.CLAIM, found[1], excerpt(text, line, spot), (text.cite(line),))


def _claimed(line: Line, following: Line | None) -> tuple[re.Match[str], Severity] | None:
    """The first claim of a sentence that nothing in it bears out."""
    rank = _RANK.search(line.text)
    if rank and not _AWARDED.search(line.text):
        return rank, Severity.MEDIUM
    near = line.text + (following.text if following and following.path == line.path else "")
    for pattern in (_DEGREE, _WHOLE):
        found = pattern.search(line.text)
        if found and not _measured(near.replace(found[0], "")):
            return found, Severity.LOW
    return None


def _measured(text: str) -> bool:
    return any(n.role in (Role.QUANTITY, Role.RANK) and n.value is not None for n in numbers(text))


def _is_known(sentence: str, claim: re.Match[str], sources: str) -> bool:
    """Whether a source makes the same claim in the same words."""
    start = max(0, claim.start() - _SHARED)
    return sentence[start : claim.end()] in sources
