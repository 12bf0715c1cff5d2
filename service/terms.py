"""Content terms of a question or a sentence, and how much of one stands in the other.

Chinese has no spaces and office prose paraphrases little, so overlap is counted in character
bigrams weighted by rarity; word tags (rjieba) only cut off what names nothing. In: text. Out:
bigram sets, weights and a coverage between 0 and 1.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import rjieba

HAN = r"\u3400-\u9fff"
RUN = re.compile(rf"[{HAN}]+|[A-Za-z]+|\d+(?:\.\d+)?")

# Word classes that ask, point or bind but name nothing: pronoun, particle, modal, conjunction,
# preposition, punctuation.
EMPTY_TAGS = frozenset({"r", "y", "x", "c", "p", "u", "uj", "ul", "uv", "uz", "ud", "ug", "e", "o"})
# 三家, 两个, 几类: they count what the words beside them name.
COUNTED = re.compile(r"[一二两三四五六七八九十几]+[个家所项类名种位支次份]")
EMPTY_WORDS = frozenset(
    [
        "请问",
        "请",
        "告诉",
        "告诉我",
        "列出",
        "列举",
        "说明",
        "介绍",
        "一下",
        "说",
        "报告",
        "文中",
        "材料",
        "根据",
        "依据",
        "提到",
        "说到",
        "写到",
        "写明",
        "钱",
        "大概",
        "大约",
        "差不多",
        "左右",
        "拢共",
        "里头",
        "底下",
        "那场",
        "那次",
        "那个",
        "那些",
        "这事",
        "这个",
        "老是",
        "到底",
        "究竟",
        "如今",
        "最晚",
        "最早",
        "最多",
        "最少",
        "多少",
        "几",
        "几个",
        "几人",
        "几名",
        "几次",
        "几所",
        "几家",
        "几项",
        "几类",
        "分别",
        "各是",
        "各有",
        "是",
        "有",
        "没有",
        "有没有",
        "是否",
        "是不是",
        "对",
        "对吗",
        "吗",
        "呢",
        "一共",
        "总共",
        "共计",
        "合计",
        "共",
        "全部",
        "所有",
        "主要",
        "具体",
        "情况",
        "内容",
        "方面",
        "包括",
        "其中",
        "以及",
        "还有",
        "关于",
        "对于",
        "当地",
        "全县",
        "全区",
        "全市",
        "本县",
        "我县",
        "我区",
        "我市",
        "该",
        "县",
        "区",
        "市",
        "目前",
        "至今",
        "现在",
        "已经",
        "已",
        "进行",
        "开展",
        "实现",
        "提出",
        "采取",
        "做",
        "用",
        "了",
        "的",
        "在",
        "达到",
        "达",
        "为",
        "到",
        "被",
        "把",
        "将",
        "就",
        "都",
        "也",
        "又",
        "并",
        "个",
        "名",
        "次",
        "多",
        "会",
        "要",
        "想",
        "知道",
        "什么",
        "哪些",
        "哪个",
        "怎么",
        "怎样",
        "如何",
        "时候",
        "怎么样",
        "为什么",
        "为何",
        "原因",
        "缘故",
        "多大",
        "多高",
        "多长",
        "多久",
        "数量",
        "次数",
        "户数",
        "金额",
        "总数",
        "场次",
        "数目",
        "人数",
        "数字",
        "数值",
        "数据",
        "规模",
        "比",
        "相比",
        "相差",
        "差",
        "差距",
        "高",
        "低",
        "更",
        "最",
        "哪",
        "谁",
        "地方",
        "年",
        "月",
        "日",
        "年度",
        "当年",
        "全年",
        "工作",
        "不少",
        "至少",
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Rarity of character bigrams over a body of texts; unseen ones get the greatest weight."""

    table: dict[str, float]
    unseen: float

    def of(self, gram: str) -> float:
        """Weight of one bigram, > 0."""
        return self.table.get(gram, self.unseen)

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Weights:
        """Inverse document frequency, log((n + 1) / (df + 0.5)), at least 0.3."""
        counts: Counter[str] = Counter()
        size = 0
        for text in texts:
            size += 1
            counts.update(grams(text))
        table = {gram: max(0.3, math.log((size + 1) / (n + 0.5))) for gram, n in counts.items()}
        return cls(table, math.log((size + 1) / 0.5))


@lru_cache(maxsize=4096)
def content(text: str) -> str:
    """The content words of ``text``, one space between two."""
    kept = (word for word, tag in rjieba.tag(text) if tag not in EMPTY_TAGS and word not in EMPTY_WORDS)
    return " ".join(word for word in kept if word.strip() and not COUNTED.fullmatch(word))


@lru_cache(maxsize=65536)
def grams(text: str) -> frozenset[str]:
    """Bigrams inside runs of Han characters; whole Latin words and numbers; lone characters."""
    found: set[str] = set()
    for run in RUN.findall(text):
        if run[0].isascii():
            found.add(run.lower())
        elif len(run) == 1:
            found.add(run)
        else:
            found.update(run[i : i + 2] for i in range(len(run) - 1))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a topic: its bigrams, and its weight (rarity; long words a little more)."""

    grams: frozenset[str]
    weight: float


@lru_cache(maxsize=4096)
def words(topic: str, weights: Weights) -> tuple[Word, ...]:
    """The words of a topic as :func:`content` separates them."""
    found = []
    for part in dict.fromkeys(topic.split()):
        parts = grams(part)
        if parts:
            rarity = max(weights.of(g) for g in parts) * _naming(part)
            found.append(Word(parts, rarity * (1 + 0.25 * (len(parts) - 1)) * (0.5 if len(part) == 1 else 1)))
    return tuple(found)


# How much a word tells what is asked about, by the first letter of its class: nouns and names all,
# verbs half (people say 盖 for 建设), times, numbers, adverbs and adjectives little.
NAMING = {"v": 0.45, "t": 0.3, "m": 0.3, "a": 0.35, "d": 0.25, "f": 0.3, "q": 0.2, "z": 0.3, "k": 0.3}


@lru_cache(maxsize=16384)
def _naming(word: str) -> float:
    """Share of full weight that a word gets for its class."""
    tags = [tag for _, tag in rjieba.tag(word)]
    if len(tags) != 1 or tags[0] in ("vn", "an"):
        return 0.9
    return NAMING.get(tags[0][:1], 1.0)


@lru_cache(maxsize=16384)
def is_verb(word: str) -> bool:
    """Whether a word of :func:`content` is one that only says what is done: 签约, not 培训, which is a noun, too."""
    return [tag for _, tag in rjieba.tag(word)] == ["v"]


def held(wanted: frozenset[str], text: str) -> frozenset[str]:
    """The members of ``wanted`` that stand in ``text``; a lone character counts anywhere."""
    present = grams(text)
    return frozenset(g for g in wanted if g in present or (len(g) == 1 and g in text))


def credit(topic: str, places: Sequence[tuple[float, str]], weights: Weights) -> float:
    """Weighted share of a topic's words found, 0 to 1.

    ``places`` are (worth, text) in falling worth; each bigram counts with the worth of the first place
    that holds it, a word with the mean of its bigrams.
    """
    wanted = words(topic, weights)
    total = math.fsum(word.weight for word in wanted)
    if not total:
        return 0.0
    worth: dict[str, float] = {}
    left = frozenset(g for word in wanted for g in word.grams)
    for value, text in places:
        here = held(left, text)
        worth.update(dict.fromkeys(here, value))
        left -= here
    gained = math.fsum(
        word.weight * math.fsum(worth.get(g, 0.0) for g in word.grams) / len(word.grams) for word in wanted
    )
    return min(1.0, gained / total)


def coverage(topic: str, text: str, weights: Weights) -> float:
    """Weighted share of the words of ``topic`` that stand in ``text``, 0 to 1."""
    return credit(topic, ((1.0, text),), weights)
