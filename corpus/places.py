"""Finds names of places (县, 区, 市, 州, 旗, 省) in text and questions.

In: text, and names that are known already. Out: names with where they stand.

Why no gazetteer: offices merge and rename districts, and fictional or masked names (某县) occur too.
The word segmenter knows the real names and sees the border of an unknown one; a list of common
words that only look like places (试点县, 社区, 全市) keeps those out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import rjieba

from corpus.report import Span

SUFFIXES = "县区市州旗省盟"
_NAME = re.compile(rf"[一-鿿]{{1,11}}[{SUFFIXES}]")
_MASKED = re.compile(r"(?:某某|某|[*＊×ＸXx]{1,3})[县区市州旗省](?![级域里])")
# Parts of speech that the first half of an unknown name may have: 青禾(nr) + 县.
_STEM_TAGS = frozenset({"ns", "nr", "nz", "nrt", "nrfg", "n", "ng", "g", "x", "nt", "j"})
# What stands before the suffix in words that are no names: 试点县, 辖区, 城市, 各州.
_COMMON_WORDS = """
我 本 全 各 该 某 贵 两 几 多 每 外 跨 异 同 邻 他 兄弟 周边 所在 上级 下级 一个 哪个 那个 这个
社 地 小 园 城 辖 病 片 灾 校 院 厂 景 郊 牧 林 矿 库 特 专 战 疫 街 乡 镇 村 县 市 区 省 州 山
超 门 上 股 集 菜 夜 早 楼 都 大 强 新 老 东 西 南 北 中 分 主城 中心城 建成 市辖
示范 试点 试验 实验 先进 先行 开发 保护 工业 功能 风景 旅游 经济 贫困 脱贫 自治 高新 服务 候诊 诊疗
隔离 污染 缓冲 清洁 沉陷 棚户 住宅 生活 办公 产业 集聚 度假 休闲 监测 生态 文明 卫生 健康 农业 人口
园林 模范 百强 十强 省级 市级 县级 地级 国家级 直辖 计划单列 促进 建设 创建 重点 革命老 边境 民族
沿海 牧业 产粮 教育 体育 文化 法治 平安 公共 等候 接种 观察 留观 领先 引领 活力 发展 加工 接待 管理
责任 网格 防控 封控 管控 风险 工矿 安置 代表 领导 单位 部门 国家 有关 相关 政府 医院 中心 人民 群众 患者
"""
_COMMON = tuple(_COMMON_WORDS.split())
# Words that begin with a suffix character and follow a bare name: 凤阳|县域, 石门|市有.
_LED = re.compile(r"^[县区市州旗](?!场|民|级|间|长|直|价|面|容|辖|区|际)")
_LED_FOR_SURE = re.compile(r"^[县区市州旗](?:委|政府|人民|卫|疾控|医|中医|有|的)")
# The segmenter glues a year to the name behind it (2021|年青|禾|县), so it sees the parts alone.
_PARTS = re.compile(r"(?<=\d年)(?!度|底|初|末|以|前|后)|(?<=\d月)|(?<=^那)(?=[一-鿿]{2,4}[县区市州旗])")
_LEADING = re.compile(
    r"^(?:[和与及在对从由比按是的为到把将让年月日度号那]|请问|比较|对比|关于|以及|还有)+(?=[一-鿿]{2,}[县区市州旗])"
)
_PROVINCE = re.compile(
    r"(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    r"|陕西|甘肃|青海|台湾)省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区"
)
_MUNICIPALITY = re.compile(r"(?:北京|天津|上海|重庆)市")
_NUMERALS = "一二三四五六七八九十百千万几两数"
_CONNECTIVES = "和与及在到对从由按将向往至赴给为是的了令让以并各"


@dataclass(frozen=True, slots=True)
class Place:
    """A name and where it stands."""

    name: str
    span: Span

    @property
    def suffix(self) -> str:
        """县, 区, 市, 州, 旗, 省 or 盟."""
        return self.name[-1]

    @property
    def is_province(self) -> bool:
        """Whether it is of the first level: it issues orders; county reports are not about it."""
        return bool(_PROVINCE.fullmatch(self.name) or _MUNICIPALITY.fullmatch(self.name))


def places_in(text: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the places in ``text``, each once, in order.

    ``known`` are full names (襄垣县); with them the bare name (襄垣) is found too.
    """
    return tuple(dict.fromkeys(place.name for place in find_places(text, known)))


def find_places(text: str, known: Iterable[str] = ()) -> tuple[Place, ...]:
    """Every mention of a place, in order, without overlaps; arguments as of :func:`places_in`."""
    mentions = [*_known(text, known), *_masked(text), *_segmented(text)]
    kept: list[Place] = []
    for place in sorted(mentions, key=lambda p: (p.span.start, -p.span.end)):
        if not kept or place.span.start >= kept[-1].span.end:
            kept.append(place)
    return tuple(kept)


def full_name(bare: str, suffix: str) -> str:
    """蒙阴, 县 → 蒙阴县 where the segmenter's dictionary has that place, else ""."""
    name = bare + suffix
    return name if len(bare) >= 2 and rjieba.has_word(name) else ""


def bare_names(text: str) -> tuple[Place, ...]:
    """Geographic words without a suffix (蒙阴), as candidates for :func:`full_name`."""
    found, start = [], 0
    for word, tag in rjieba.tag(text):
        if tag == "ns" and 2 <= len(word) <= 4 and word[-1] not in SUFFIXES:
            found.append(Place(word, Span(start, start + len(word))))
        start += len(word)
    return tuple(found)


def _known(text: str, names: Iterable[str]) -> Iterator[Place]:
    for name in names:
        stem = name[:-1] if len(name) > 2 and name[-1] in SUFFIXES else name
        for match in re.finditer(re.escape(stem) + f"{re.escape(name[len(stem) :])}?", text):
            yield Place(name, Span(match.start(), match.end()))


def _masked(text: str) -> Iterator[Place]:
    for match in _MASKED.finditer(text):
        yield Place(f"某{match[0][-1]}", Span(match.start(), match.end()))


def _segmented(text: str) -> Iterator[Place]:
    words = [word for part in _PARTS.split(text) for word in rjieba.tag(part)]
    start = 0
    for index, (word, tag) in enumerate(words):
        before = words[index - 1] if index else ("", "")
        name, reach = "", 0  # reach: how far the name ends behind the start of this word
        if word in SUFFIXES:
            name, reach = _joined(words, index), 1
        elif len(word) >= 2 and word[-1] in SUFFIXES and _is_name(word, tag):
            name, reach = word, len(word)
            if len(word) == 2 and _is_half(before[0]):
                name = before[0] + word
            elif word == "和县" and len(before[0]) > 1:  # 镇级医院和县疾控机构
                name = ""
        elif _LED.match(word) and _is_led(before, word):
            name, reach = before[0] + word[0], 1
        name = _bared(name)
        if name:
            yield Place(name, Span(start + reach - len(name), start + reach))
        start += len(word)


def _is_led(before: tuple[str, str], word: str) -> bool:
    """Whether the word before 县域, 市委 … is a name: 凤阳."""
    stem, tag = before
    if len(stem) < 2 or stem[-1] in SUFFIXES or not _is_name(stem + word[0], "nz"):
        return False
    sure = tag in {"ns", "nr"} or bool(_LED_FOR_SURE.match(word) and tag in {"n", "nz"})
    return sure or bool(full_name(stem, word[0]))


def _bared(word: str) -> str:
    """An unknown name without what the segmenter glued to its front: 年|云溪县."""
    return word if rjieba.has_word(word) else _LEADING.sub("", word)


def _is_half(word: str) -> bool:
    """Whether a lone character before 陵县 is the first half of an unknown name (平陵县)."""
    return len(word) == 1 and "一" <= word <= "鿿" and word not in _CONNECTIVES + _NUMERALS + SUFFIXES


def _joined(words: list[tuple[str, str]], index: int) -> str:
    """The name that ends with the lone suffix word at ``index``: 青禾 + 县, 永兴 + 坪 + 县."""
    stem = ""
    for word, tag in reversed(words[max(0, index - 2) : index]):
        if tag not in _STEM_TAGS or not re.fullmatch(r"[一-鿿]{1,4}", word):
            break
        if stem and tag not in {"ns", "nr"}:
            break
        stem = word + stem
        if len(stem) >= 2 and tag == "n":
            break
    name = stem + words[index][0]
    return name if len(stem) >= 2 and _is_name(name, "nz") else ""


def _is_name(word: str, tag: str) -> bool:
    """Whether a word that ends in a suffix names one place."""
    stem = word[:-1]
    if word[-1] == "省" or word.endswith("自治区"):
        return bool(_PROVINCE.fullmatch(word))
    if not _NAME.fullmatch(word) or stem[0] in "我本全各该某每" or stem[-1] in "地级":
        return False
    if stem[-1] == "城":  # 聊城市 is a place, 文明城市 and 新城区 are not
        return tag == "ns" and len(stem) == 2 and stem != "新城"
    if len(stem) == 1:
        return tag == "ns" and word[-1] == "县" and stem not in _COMMON and stem not in _NUMERALS
    if tag == "ns" and rjieba.has_word(word) and stem not in _COMMON:
        return True
    if stem[0] in SUFFIXES or any(stem == c or (len(c) >= 2 and stem.endswith(c)) for c in _COMMON):
        return False
    return (
        tag in _STEM_TAGS
        and stem[-1] not in "社园辖病片灾校院厂郊牧矿库县市区省州镇乡的了"
        and not any(c in stem[1:] for c in "和与及")
        and not all(c in _NUMERALS for c in stem)
    )
