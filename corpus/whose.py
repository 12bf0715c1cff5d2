"""Whose value a figure is: the report's own place, or another that its clause or heading names (归属).

In: the sentence of a figure, where the figure stands in it, the headings above, the report's place. Out:
that place (澄河县), a wider or narrower scope (全省, 全镇), or None where the value is the report's own.
A county's report that says 全省死亡率为… tells the province's value; to take it for the county's would
be wrong in every comparison. A scope counts where a clause begins with it (after 其中, 今年, 支持 …), and
holds until the sentence names another; 比全省高1.2个百分点 and 全省第二名 tell of the county itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.places import find_places

_RANKS = {
    "国": 5,
    "省": 4,
    "市": 3,
    "州": 3,
    "盟": 3,
    "地": 3,
    "县": 2,
    "区": 2,
    "旗": 2,
    "镇": 1,
    "乡": 1,
    "村": 0,
}
_SCOPE = re.compile(
    r"(?:全|我|本)([国省市州盟县区旗镇乡村])(?![级直外内委局辖医民])|(?P<kind>(?:山|湖|库|牧|林|城|工业|农业|贫困|平原)(?:区县|区|县))(?=[^，,。；;、]{2,12}[率比数])"
)
_PRAISE = re.compile(
    r"^(?:[^，,。；]{0,4}(?:先进|优秀|示范|试点|推广|通报|表彰|第[一二三四五六七八九十\d]|排名|排位|前列|前[一二三四五六七八九十\d]|首[位家个批]|率先|领先|倒数|唯一)"
    r"|统一|范围|卫生(?:城|县)|文明|人大|政协|劳模|百强|高考|[\d一二三四五六七八九十]+[个]?(?:县|区|市|省))"
)
_AVERAGE = r"(?:的?(?:平均|总体)?(?:水平|值|数|标准)?)"
_BESIDE = re.compile(
    rf"(?P<scope>全[国省市州]){_AVERAGE}[(（](?:为|是)?$|(?P<named>全[国省市州]){_AVERAGE}的$"
)
_ANY = re.compile(f"[{''.join(_RANKS)}]")
_AND = ("、", "和", "及", "与")
# 市第一医院 in a city's report is the city's own.
_OWN_BODY = re.compile(
    r"^[\s　]*([市县区旗省])(?:级|直|人民医院|中医|第[一二三四五六七]|妇幼|疾控|卫|财政|政府|委)"
)
# 三县 and 各县 together are the city.
_TOGETHER = re.compile(
    r"^[\s　]*(?:年内|年底|全年)?(?:[两二三四五六七八九十]|\d{1,2}|各)个?(?:县区|县市区|[县区市旗])(?!级|[一-鿿]{1,3}[县区市旗])"
)
# Only such words make a wider place the subject: 全省死亡率, not 全国示范基地.
_STATISTIC = re.compile(r"率|比重|占比|比例|平均|人均|水平|人口|总|累计|共|病例|死亡|发病|报告")
_GROUP = re.compile(r"[两二三四五六七八九十][县区市](?=..)")
_AREAS = re.compile(r"(?:宿舍|家属|厂|矿|营|库|仓储|物流|片)区$")
_CLAUSE = re.compile(r"[，,：:；;。！？!?、\t|\n]")
# What may stand between the beginning of a clause and the place that it is about.
_LEAD = re.compile(
    r"^[\s　]*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.]|[一二三四五六七八九十]是|其中|而|但|同期|目前|至今|此外|另外|截[至止]到?|到|据|根据|统计|"
    r"(?:19|20)?\d{2}年(?:度|底|末|初)?|\d{1,2}月(?:份|底|末)?|\d{1,2}日|今年(?:以来)?|去年|上年|全年|年内|年末|年底|上半年|下半年|"
    r"支持|指导|督促|推动|帮助|推进|协助|对口支援|对|使|在|[两二三四五六七八九十]?[县区市]|[\s　“”])*$"
)
_BODY = re.compile(
    r"^(?:市|县|区|省)?[一-鿿]{0,6}?(?:医院|卫生院|疾控|保健院|中心|学院|大学|公司|集团|委|局|政府|厅|财政|党)"
)


def whose(own: str | None, sentence: str, at: int, headings: Sequence[str] = ()) -> str | None:
    """The place or scope that the figure at offset ``at`` of ``sentence`` is about; None: the report's own."""
    left = sentence[:at]
    beside = _BESIDE.search(left)
    if beside:
        return _scoped(own, beside["scope"] or beside["named"])
    for start in reversed(_starts(sentence)):
        if start < at:
            found = _marked(own, sentence, start, at)
            if found is not None:
                return found or None
    return _headed(own, headings)


def without(name: str, place: str) -> str:
    """An indicator without the place that it is of: 青岭县县域内住院率, 常住人口三县青岭县."""
    rest = re.sub(rf"[两二三四五六七八九十]?[县区市]?{re.escape(place)}$", "", name)
    rest = rest.removeprefix(place).removeprefix("的")
    return rest if len(rest) >= 2 and rest[0] not in "、和及与" else name


@lru_cache(maxsize=64)
def _starts(sentence: str) -> tuple[int, ...]:
    """Where its clauses begin."""
    return (0, *(mark.end() for mark in _CLAUSE.finditer(sentence)))


def _marked(own: str | None, sentence: str, start: int, at: int) -> str | None:
    """The place at the beginning of a clause: "" the report's own, None where it names none."""
    end = next((s for s in _starts(sentence) if s > start), len(sentence))
    clause = sentence[start:end]
    if not _ANY.search(clause):
        return None
    if _TOGETHER.match(clause):
        return ""
    inside = _OWN_BODY.match(clause)
    if inside and _RANKS[inside[1]] == _rank(own):
        return ""
    for scope in _SCOPE.finditer(clause):
        if start + scope.end() > at or not _LEAD.match(clause[: scope.start()]):
            continue
        if _PRAISE.match(clause[scope.end() :]):
            continue
        found = scope["kind"] or _scoped(own, scope[0]) or ""
        if _rank(found) <= _rank(own) or _STATISTIC.search(clause[scope.end() :]):
            return found
    for name, low, high in _named(clause):
        if (start + high > at and clause[high : high + 1] not in "：:") or not _LEAD.match(clause[:low]):
            continue
        if name == own:
            return ""
        if _listed(sentence, start + low, start + high):
            continue
        if _rank(name) < _rank(own) or (_STATISTIC.search(clause[high:]) and not _BODY.match(clause[high:])):
            return name
    return None


def _listed(sentence: str, low: int, high: int) -> bool:
    """Whether a place is one of several: 漳县、岷县创建…"""
    if sentence[high : high + 1] in _AND and _named(sentence[high + 1 : high + 9]):
        return True
    if not low or sentence[low - 1] not in _AND:
        return False
    return any(
        end >= len(sentence[max(0, low - 9) : low - 1])
        for _, _, end in _named(sentence[max(0, low - 9) : low - 1])
    )


def _scoped(own: str | None, scope: str) -> str | None:
    """全省 in a county's report is another's; 全县 and 我县 are its own."""
    rank = _RANKS.get(scope[-1], 0)
    if scope[0] in "我本" and rank <= 3:
        return None
    if own == "全国":
        return None if rank == 5 else scope
    if rank == _rank(own) or (own is None and rank <= 3):
        return None
    if own is not None and own.startswith("某") and rank == 2:
        return None
    return f"全{scope[-1]}"


def _rank(place: str | None) -> int:
    if not place:
        return 2
    return 5 if place == "全国" else _RANKS.get(place[-1], 2)


@lru_cache(maxsize=4096)
def _named(clause: str) -> tuple[tuple[str, int, int], ...]:
    """Places named in a clause."""
    found = []
    for place in find_places(clause):
        group = _GROUP.match(place.name)  # 三县青岭县 of a table with two header rows
        low = place.span.start + (group.end() if group else 0)
        if not _AREAS.search(place.name):
            found.append((clause[low : place.span.end] if group else place.name, low, place.span.end))
    return tuple(found)


def _headed(own: str | None, headings: Sequence[str]) -> str | None:
    """A heading that names one lower place alone: 支持青岭县消除空白村."""
    if not headings or not own or _rank(own) < 3:
        return None
    names = {name for name, _, _ in _named(headings[-1]) if _rank(name) < _rank(own)}
    return names.pop() if len(names) == 1 else None
