"""How well a sentence, or one figure in it, fits what is asked.

In: what is asked (:class:`~service.question.Ask`), sentences with their context, rarity weights and,
where there are any, similarities of the embedding model. Out: scores between 0 and 1. Words in the
sentence itself count in full, words that only its headings or the sentence before hold count less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.report import Figure, FigureKind, SectionKind
from service.arithmetic import PEOPLE
from service.lines import Line, clause_at
from service.question import Ask
from service.terms import Weights, coverage, credit

IN_HEADINGS, IN_BEFORE, IN_PASSAGE = 0.8, 0.6, 0.4
DENSE_FLOOR, DENSE_SPAN = 0.78, 0.13  # e5 cosines of unrelated and of answering sentences
LEXICAL_SHARE = 0.65

# Measure words that name the same thing in office prose.
SAME_UNITS = (
    frozenset({"人", "名", "位", "个", "例"}),
    frozenset({"次", "场", "场次", "人次", "家次", "期", "轮", "堂", "回"}),
    frozenset({"人次", "人"}),
    frozenset({"元", "万元", "亿元", "块"}),
    frozenset({"份", "张", "本", "册"}),
    frozenset({"个", "块", "张", "面", "件", "枚", "套"}),
    frozenset({"家", "所", "个", "处", "间"}),
    frozenset({"支", "个", "队"}),
    frozenset({"项", "个", "条", "种", "类"}),
    frozenset({"户", "家"}),
    frozenset({"个百分点", "百分点"}),
    frozenset({"小时", "个小时"}),
    frozenset({"平方米", "公顷", "亩", "平方公里"}),
    frozenset({"%", "‰", "/万", "/10万"}),
)
# Words that reports use for one another; each is tried for the other.
SYNONYMS = (
    ("医生", "医师"), ("比率", "率"), ("比例", "率"), ("占比", "率"), ("比重", "率"), ("招聘", "招录"), ("聘请", "聘"), ("花费", "投入"),
    ("投资", "投入"), ("资金", "经费"), ("补贴", "补助"), ("海报", "宣传海报"), ("贫困户", "贫困人口"), ("老人", "老年人"), ("孕妇", "孕产妇"),
    ("打疫苗", "疫苗接种"), ("体检", "健康体检"), ("排名", "位居"), ("排第", "第"), ("名次", "位居"), ("病床", "床位"), ("医护", "医务人员"),
    ("高血压病人", "高血压患者"), ("糖尿病病人", "糖尿病患者"), ("病人", "患者"), ("开工", "开工建设"), ("签约医生", "签约家庭医生"), ("村医", "乡村医生"),
    ("乡村医生", "村医"), ("人手不足", "人员匮乏"), ("缺人", "人员短缺"), ("造价", "投资"), ("总造价", "总投资"), ("面积", "建筑面积"), ("免费", "免"),
    ("减免", "减"), ("党员人数", "党员"), ("增长", "提高"), ("下降", "降低"), ("组建", "成立"), ("成立", "组建"), ("建立", "成立"), ("发放", "印发"), ("印刷", "印制"),
    ("头一回", "首次"), ("看病", "就医"), ("看病", "就诊"), ("头一回 看病", "首诊"), ("生 娃", "出生"), ("娃", "新生儿"), ("娃", "儿童"), ("白送", "免费"),
    ("送 药", "送药"), ("贴", "补助"), ("补", "补助"), ("掏", "缴纳"), ("盖", "新建"), ("翻修", "改造"), ("翻修", "维修"), ("修", "新建"), ("老百姓", "群众"), ("网上 买药", "网上 采购 药品"),
    ("买药", "采购"), ("公卫", "公共卫生"), ("一对 新人", "每对"), ("精神病人", "精神障碍患者"), ("精神障碍患者", "精神疾病患者"), ("义诊 送 药", "义诊 送医送药"), ("干满", "工作满"), ("药", "药品"), ("拨", "拨付"),
    ("居民", "人口"), ("群众", "居民"), ("国考", "绩效考核"), ("名次", "位"), ("上一年", "年度"), ("紧缺", "匮乏"), ("紧缺", "短缺"), ("紧缺", "不足"), ("流失", "外流"),
    ("人员紧缺", "人员不足"), ("印制", "印刷"), ("收入", "可支配收入"), ("寿命", "预期寿命"), ("群众满意", "满意"), ("核酸采样点", "采样点"), ("检查点", "采样点"), ("未接种", "未种"), ("计生", "计划生育"),
)  # fmt: skip
FROM = re.compile(r"[由从][^，。；\d]{0,12}$")
TO = re.compile(r"[^，。；\d]{1,12}[到至为]")
SERVING = re.compile(r"(?:医生|医师|药师|护士|专家|医务人员|医护人员|团队|志愿者)$")
SERVED = re.compile(r"(?:签约|服务|惠及|受益|居民|群众|人口|村民|老人|老年人|儿童|患者|病人)$")
# Part of the people that a figure is of → how a question names it.
GROUPS = tuple(
    (word, re.compile(asked))
    for word, asked in (
        ("贫困", "[贫困穷扶]|脱贫|建档立卡"), ("建档立卡", "[贫困穷扶]|脱贫|建档立卡"), ("残疾", "残"), ("重点人群", "重点"),
        ("计生特殊", "计生|特殊"), ("流动人口", "流动"), ("低保", "低保"), ("特困", "特困|五保"),
    )
)  # fmt: skip
BEFORE = re.compile(r"原来|原先|原有|年初|上年|去年|之前|以前|过去")
AIM = re.compile(r"目标|力争|计划|打算|年底|要求|[将拟]")


@dataclass(frozen=True, slots=True)
class Fit:
    """A sentence with its score; ``words`` is the weighted share of the asked words found."""

    line: Line
    score: float
    words: float
    dense: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of a sentence that fits an ask; ``score`` counts the words around the figure itself."""

    line: Line
    figure: Figure
    ask: Ask
    score: float


def line_fit(topic: str, line: Line, weights: Weights) -> float:
    """Share of ``topic`` in the sentence (full), its headings, the sentence before and the passage."""
    places = (
        (1.0, line.text), (IN_HEADINGS, line.headings), (IN_BEFORE, line.before), (IN_PASSAGE, line.passage.text),
    )  # fmt: skip
    return credit(topic, places, weights)


def rank(
    topic: str, lines: Sequence[Line], weights: Weights, dense: Mapping[Line, float] | None = None
) -> tuple[Fit, ...]:
    """All ``lines`` with their fit for ``topic``, best first; ties keep reading order."""
    variants = topic_variants(topic)
    fits = []
    for line in lines:
        words = max((line_fit(wording, line, weights) for wording in variants), default=0.0)
        cosine = dense.get(line, 0.0) if dense else 0.0
        near = min(1.0, max(0.0, (cosine - DENSE_FLOOR) / DENSE_SPAN))
        score = LEXICAL_SHARE * words + (1 - LEXICAL_SHARE) * near if dense and line in dense else words * 0.8
        fits.append(Fit(line, score, words, cosine))
    return tuple(sorted(fits, key=lambda fit: -fit.score))


def topic_variants(topic: str) -> tuple[str, ...]:
    """The alternatives of ``topic`` (parted by ｜), each also with synonyms exchanged, one or all."""
    wordings: list[str] = []
    for part in topic.split("｜"):
        swaps = [(word, other) for word, other in SYNONYMS if word in part and other not in part]
        together = part
        for word, other in swaps:
            together = together.replace(word, other)
        wordings += [part, *(part.replace(word, other) for word, other in swaps), together]
    return tuple(dict.fromkeys(w for w in wordings if w.strip()))


def topic_share(topic: str, text: str, weights: Weights) -> float:
    """Weighted share of a topic that stands in ``text``, in the wording of which most does."""
    return max((coverage(wording, text, weights) for wording in topic_variants(topic)), default=0.0)


def targets(ask: Ask, lines: Sequence[Line], weights: Weights) -> tuple[Target, ...]:
    """Figures of ``lines`` whose unit fits, best first."""
    variants = topic_variants(ask.topic)
    found = [
        Target(
            line,
            figure,
            ask,
            max((_figure_fit(w, line, figure, weights) for w in variants), default=0.0)
            * _scale_fit(ask, figure)
            * _counted_fit(ask, line, figure, weights)
            * _served_fit(ask, figure)
            * _group_fit(ask, figure)
            * _aim_fit(ask, line, figure)
            * _now_fit(ask, line, figure),
        )
        for line in lines
        for figure in line.figures
        if unit_fits(ask.unit, figure)
    ]
    return tuple(sorted(found, key=lambda t: -t.score))


def unit_fits(asked: str, figure: Figure) -> bool:
    """Whether a figure can answer "多少<asked>"; an unnamed unit fits any."""
    if not asked or figure.unit == asked or figure.text.endswith(asked):
        return True
    if figure.unit.startswith(f"{asked}/"):  # 190元/对
        return True
    if asked in ("年", "月", "日", "点"):
        return figure.unit == asked
    return any(
        asked in group and (figure.unit in group or figure.text.endswith(tuple(group)))
        for group in SAME_UNITS
    )


def _scale_fit(ask: Ask, figure: Figure) -> float:
    """How well the measure fits: 多少万元 is hardly answered by 8元, 多少人次 rather by 人次 than by 场."""
    if ask.unit in ("万元", "亿元") and figure.factor == 1:
        return 0.8
    exact = not ask.unit or figure.unit == ask.unit or figure.text.endswith(ask.unit)
    return 1.0 if exact or figure.factor != 1 or {figure.unit, ask.unit} <= PEOPLE else 0.93


def _aim_fit(ask: Ask, line: Line, figure: Figure) -> float:
    """What was reached goes before what is aimed at, unless an aim is asked for."""
    aim = figure.kind is FigureKind.TARGET or line.kind in (SectionKind.NEXT_STEPS, SectionKind.GOALS)
    return 0.96 if aim and not AIM.search(ask.topic) else 1.0


def _counted_fit(ask: Ask, line: Line, figure: Figure, weights: Weights) -> float:
    """几位专家 is answered by 7位专家 rather than by 400余人 in the same sentence."""
    if not ask.counted:
        return 1.0
    near = f"{figure.indicator} {line.text[figure.span.start : figure.span.end + 12]}"
    return 0.85 + 0.15 * topic_share(ask.counted, near, weights)


def _served_fit(ask: Ask, figure: Figure) -> float:
    """家庭医生签约多少人 means those who are served (常住人口签约183131人), not those who serve (签约家庭医生291人)."""
    last = next(iter((ask.counted or ask.topic).split()[-1:]), "")
    served = SERVED.search(last) or (ask.counted and not SERVING.search(last))
    return 0.8 if served and figure.unit in PEOPLE and SERVING.search(figure.indicator) else 1.0


def _group_fit(ask: Ask, figure: Figure) -> float:
    """贫困人口签约 is a part of 签约: the whole is meant, unless the part is named."""
    narrow = any(word in figure.indicator and not asked.search(ask.topic) for word, asked in GROUPS)
    return 0.94 if narrow else 1.0


def _now_fit(ask: Ask, line: Line, figure: Figure) -> float:
    """Of 由26分钟缩短到18分钟 the second is meant, unless what was before is asked for."""
    former = FROM.search(line.text[: figure.span.start]) and TO.match(line.text[figure.span.end :])
    return 0.93 if former and not BEFORE.search(ask.topic) else 1.0


def clause_of(line: Line, figure: Figure) -> str:
    """The stretch between punctuation marks in which the figure stands."""
    return clause_at(line.text, figure.span).of(line.text)


def _figure_fit(topic: str, line: Line, figure: Figure, weights: Weights) -> float:
    """Words near the figure count most: its own noun phrase, its clause, then the rest."""
    places = (
        (1.0, figure.indicator),
        (0.95, clause_of(line, figure)),
        (0.8, line.text[: figure.span.start]),
        (0.7, line.headings),
        (0.6, line.text),
        (0.55, line.before),
        (0.35, line.passage.text),
    )
    return credit(topic, places, weights)
