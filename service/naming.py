"""Which places and years a question names.

In: the words of a question and the places that the library knows. Out: known places, strangers (names
of places that no report is about, to be refused by name instead of answered from elsewhere), years,
and the text without what was taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import rjieba

YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*年?度?")
YEARS = re.compile(r"((?:19|20)\d{2})年?[到至\-—－～~]((?:19|20)\d{2})年?")
EACH = re.compile(r"分别|各[是为有年]|每年|历年|逐年|一共|总共|共计|合计|累计|加起来|之和|总和")
SHORT_YEAR = re.compile(r"(?<!\d)([012]\d)年(?!来|内|前|后|以上|以来)")
# Short names of provinces and of the cities that are most often named without 市.
PROVINCES = frozenset({
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北",
    "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
    "广州", "深圳", "杭州", "南京", "武汉", "成都", "西安", "青岛", "济南", "郑州", "长沙", "沈阳", "大连", "苏州", "厦门", "合肥",
    "福州", "南昌", "昆明", "贵阳", "兰州", "太原", "南宁", "长春",
})  # fmt: skip
NO_REGION = re.compile(
    r"(?:本|我|全|该|某|各|哪个?|哪些|几个|其他|其它|此|两|三|外|县|区|市|省|城|乡|社|山|园|景|病|辖|院|牧|林|库|灾|疫|地|小|片|战|贫困|示范|先进|试点|城市|"
    r"隔离|服务|专|开发|工业|一个|多个|周边|邻|下辖|城镇|卫生|园林|农村|牧区|老|新|郊|核心|功能|监管|多少个?|重点|先行|引领|活力|发展|新城|领先|省直|部分)$"
)


# A name at the head of a clause, which the tagger may cut in pieces (瓜州县 → 瓜, 州县).
REGION = re.compile(r"^\s*([\u4e00-\u9fff]{2,3}[县旗])(?![级里城域直委内政医人疾乡外区长])")


def short_name(place: str) -> str:
    """襄垣县 → 襄垣; names of two characters stay whole."""
    stem = re.sub(r"(?:自治县|县|区|市|州|旗|省)$", "", place)
    return stem if len(stem) >= 2 else place


def take_places(text: str, known: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Known places in order of mention, and the text without them."""
    found: list[tuple[int, str]] = []
    for place in sorted(known, key=len, reverse=True):
        for name in dict.fromkeys((place, short_name(place))):
            at = text.find(name)
            if at >= 0:
                found.append((at, place))
                text = text.replace(name, "　" * len(name))
    return tuple(place for _, place in sorted(dict.fromkeys(found))), text


def strangers_of(text: str) -> tuple[str, ...]:
    """Names of places in ``text`` that look like a county, district, city or province."""
    found = [m[1] for m in REGION.finditer(text) if not NO_REGION.search(m[1][:-1])]
    words = rjieba.tag(text)
    for index, (word, tag) in enumerate(words):
        name = word
        if (
            tag == "ns"
            and index + 1 < len(words)
            and words[index + 1][0] in ("县", "区", "市", "州", "旗", "省")
        ):
            name = word + words[index + 1][0]
        named = name in PROVINCES or (len(name) > 2 and name[-1] in "县区市州旗省")
        if tag == "ns" and named and name not in ("中国", "全国"):
            found.append(name)
        elif (
            len(word) >= 3
            and word[-1] in "县旗"
            and not NO_REGION.search(word[:-1])
            and tag in ("n", "nr", "nz", "ns")
        ):
            found.append(word)
    return tuple(dict.fromkeys(found))


def take_years(text: str) -> tuple[tuple[int, ...], str]:
    """Years named with four or two digits, and the text without them."""
    years = [int(year) for year in YEAR.findall(text)]
    spread = YEARS.search(text) if EACH.search(text) else None
    if spread and 0 < int(spread[2]) - int(spread[1]) < 10:
        years += range(int(spread[1]), int(spread[2]) + 1)
        years.sort()
    text = YEAR.sub(" ", text)
    years += [2000 + int(year) for year in SHORT_YEAR.findall(text)]
    return tuple(dict.fromkeys(years)), SHORT_YEAR.sub(" ", text)
