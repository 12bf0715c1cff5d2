"""Words for the full-text index and for its queries.

In: a text or a question. Out: terms. Full text search needs words, and Chinese writes none apart:
rjieba cuts, with a dictionary of county health terms (``domain_words.txt``) added, and every long
word also yields the words and the pairs of characters in it, so that 家庭医生签约 is found by 签约
and by a text that writes 家庭医生的签约. Numbers stay whole and lose separators and the percent sign, so that
1,436 = 1436 and 98.93 finds 98.93%; letters are folded to lower case and half width.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import rjieba

_DICTIONARY = Path(__file__).with_name("domain_words.txt")

# Full-width digits and letters → half width; nothing else is touched (NFKC would change ① and ㎡).
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_PART = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<word>[a-z]+\d*)"
    r"|(?P<cjk>[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
)
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")

# Function words, one character each: never indexed, since they stand in every passage.
_EMPTY = frozenset("的了和与及等在为是对将把被由以于从向到其该并而或之也都就又所")

# Words that make a question but do not tell what it is about.
_ASKING_WORDS = """
    什么 哪些 哪个 哪几 哪里 哪 多少 几 几个 几人 几次 几项 多大 多高 多长 怎么 怎样 如何 为什么 为何
    是否 有没有 是不是 请问 请 告诉 告诉我 我 你 您 我们 一下 吗 呢 吧 啊 有 没有 做 做了 介绍 列出 列举
    说明 简述 分别 各 各是 指出 根据 关于 情况 方面 内容 年 月 日 个 人 次 项 名 户 元 年度 当年
    这 那 它 他 她 它们 一共 总共 共
"""
_ASKING = frozenset(_ASKING_WORDS.split())


@lru_cache(maxsize=1)
def _cutter() -> rjieba.Jieba:
    """The segmenter with our words; takes 0.1 s, hence on first use."""
    cutter = rjieba.Jieba()
    for line in _DICTIONARY.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        for word in line.split():
            cutter.add_word(word, max(cutter.suggest_freq(word), 3), None)
    return cutter


def _parts(word: str) -> list[str]:
    """The word, then the shorter words and the character pairs in it, each once."""
    if len(word) < 3:
        return [word]
    pairs = (word[i : i + 2] for i in range(len(word) - 1))
    return list(dict.fromkeys((word, *_cutter().cut_for_search(word), *pairs)))


def index_terms(text: str) -> tuple[str, ...]:
    """All terms of ``text`` in order, with repetitions (BM25 counts them)."""
    terms: list[str] = []
    for part in _PART.finditer(text.translate(_HALF_WIDTH).lower()):
        if part.lastgroup == "cjk":
            for word in _cutter().cut(part.group()):
                if word not in _EMPTY:
                    terms += _parts(word)
        elif part.lastgroup == "number":
            terms.append(_THOUSANDS.sub("", part.group()).replace(",", "."))
        else:
            terms.append(part.group())
    return tuple(terms)


def query_terms(text: str) -> tuple[str, ...]:
    """The distinct terms of a question that say what it is about, in order.

    Question words and bare units are left out; when nothing else is left, they are all that the
    question has, and stay.
    """
    terms: list[str] = []
    for part in _PART.finditer(text.translate(_HALF_WIDTH).lower()):
        if part.lastgroup != "cjk":
            terms += index_terms(part.group())
            continue
        for word in _cutter().cut(part.group()):
            if word not in _EMPTY and word not in _ASKING:
                terms += _parts(word)
    return tuple(dict.fromkeys(terms)) or tuple(dict.fromkeys(index_terms(text)))
