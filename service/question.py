"""What is asked: places, years, period, genre, section, kind of answer, expected units.

In: the words of a question, the places that the library knows, and the question before (for
follow-ups). Out: a frozen :class:`Question` whose fields become hard filters. No model is used: what
a filter is must be the same every time and explainable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import rjieba

from corpus.errors import BadQuestion
from corpus.report import Genre, SectionKind
from service.terms import content, grams

LONGEST_QUESTION = 2000  # characters; a question longer than this is a pasted document


class QuestionKind(StrEnum):
    """Which kind of answer is wanted."""

    FACT = "fact"  # a figure or a plain statement
    LIST = "list"  # all members of something
    WHY = "why"  # causes
    COMPARE = "compare"  # two or more places, years or reports side by side
    COMPUTE = "compute"  # a sum, difference, share or quotient of stated figures
    GATHER = "gather"  # over all reports
    CHECK = "check"  # is this claim right?
    PRIVATE = "private"  # personal data


class Operation(StrEnum):
    """What code is to compute from stated figures."""

    NONE = ""
    SUM = "sum"
    DIFFERENCE = "difference"
    SHARE = "share"
    QUOTIENT = "quotient"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    ``topic`` is the content that must be found in evidence (places, years and question words taken
    out); ``asks`` are the parts of the topic that each want a value of their own; ``units`` are the
    measure words that an answer must carry ("" = any).
    """

    text: str
    kind: QuestionKind
    topic: str
    asks: tuple[Ask, ...]
    places: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()  # places named that no report is about
    years: tuple[int, ...] = ()
    periods: tuple[str, ...] = ()
    genres: tuple[Genre, ...] = ()
    sections: tuple[SectionKind, ...] = ()
    operation: Operation = Operation.NONE
    operands: tuple[Ask, ...] = ()  # what a computation takes, in order
    claims: tuple[str, ...] = ()  # figures that the question itself asserts, as written
    members: int = 0  # "十大任务" has 10; 0 = not told
    follows: bool = False  # places, years or topic were taken over from the question before


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing wanted: its words and the unit that the value must have ("" = any)."""

    topic: str
    unit: str = ""
    quantity: bool = False  # a figure is wanted, not a statement
    counted: str = ""  # what is counted: the words behind 多少间, 几位


YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*年?度?")
YEARS = re.compile(r"((?:19|20)\d{2})年?[到至\-—－～~]((?:19|20)\d{2})年?")
EACH = re.compile(r"分别|各[是为有年]|每年|历年|逐年")
SHORT_YEAR = re.compile(r"(?<!\d)([012]\d)年(?!来|内|前|后|以上|以来)")
PERIOD = re.compile(
    r"上半年|下半年|全年(?!(?:工作)?(?:任务|目标|计划|指标))|前?[一二三四]季度|第[一二三四]季度"
)
MEASURE = (
    "个百分点|个小时|个月|个工作日|百分点|人次|家次|户次|剂次|台次|例次|万元|亿元|元|平方米|平方公里|公顷|公里|公斤|千瓦|分钟|人|名|位|户|个|项|次|份|张|间|所|家|支|条|种|类|例|套|册|场|辆|台|件|对|批|轮|"
    "处|座|亩|吨|斤|头|只|小时|天|年|月|日|分|块|岁|点|级|本|对|片|级|篇|万|亿|期|节|堂|口|盒|瓶|里|米|升|吨|度|株|剂|倍|周"
)
HOW_MANY = re.compile(rf"(?:(?:排名|排|名列|位列|位居|列)?第|有)?(?:多少|几)\s*({MEASURE})?")
RATE = re.compile(r"率|比例|比重|占比|百分之几|百分比")
CLAIM = re.compile(
    rf"(?<![\d.])(第?\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(%|％|‰|个百分点|(?:万|亿|余)*(?:{MEASURE}))?"
)

PRIVATE = re.compile(
    r"(?:患者|病人|贫困户|孕妇|产妇|感染者)[^，。]{0,8}(?:叫什么|姓名|名字|姓什么)|手机号?|电话号码|联系电话|电话是|的电话|联系方式|身份证|住址|家庭地址|住在哪|银行卡|银行账号|微信号|邮箱|邮件地址"
)
MASKED = re.compile(r"〔[^〕]{2,12}已隐去〕")  # what the mask left of a number in the question itself
NOT_PRIVATE = re.compile(r"电话(?:调查|随访|会议|热线|咨询)|工作手机|手机(?:APP|应用)|热线")
WHY = re.compile(
    r"是?为了(?:解决)?(?:什么|啥)|目的是?什么|为什么|为何|原因|怎么会|何以|由于什么|因为什么|什么因素|成因|症结|缘故"
)
GATHER = re.compile(
    r"哪些(?:地方|地区|县区?|县市区?|市县|区县|单位|报告|县市|地)|哪几(?:个|份|地|县|家)(?:地方|地区|县|报告|市)?|各地|各县|各区|各市|各报告|所有报告|"
    r"全部报告|几份报告|多少份报告|有哪几份|都有哪些(?:县|地)|语料(?:中|里|库)|库里|所有(?:县|地区|地方)|各个(?:县|地)"
)
COMPARE = re.compile(
    r"(?:和|与|跟|同|、|比|还是)[^。？]*(?:哪个|哪家|哪里|哪地|谁)(?:[^。？]*)(?:高|低|多|少|大|小|长|短|早|晚|快|好)|相比|比较|对比|"
    r"(?:差距|相差|差多少|差几|高多少|低多少|多多少|少多少|高几|高出多少|多出多少)|有什么(?:不同|区别|差异)|异同|分别是多少|哪个更|谁更|更高|更多|更低|更少"
)
SUM = re.compile(r"合计|一共|总共|总计|加起来|共计|之和|总和|共有多少|总数|合起来")
DIFFERENCE = re.compile(
    r"相差|差多少|差几|还差|还剩|剩余|缺口|还有多少(?:没|未|尚)|(?:没有|未|尚未)\w{2,6}的?(?:有|是|还有)?多少|多少[^，。？]{0,8}(?:没有|尚未|未)|不[是在][^，。？]{2,12}的有?(?:多少|几)|除[去了]?[^，。？]{2,12}外|其余|高多少|低多少|多多少|少多少|多出|高出多少|之差|净增|增加了多少|减少了多少|比[^。？]*(?:多|少|高|低)(?:了|出)?(?:多少|几)"
)
SHARE = re.compile(
    r"占(?:[^。？，]{0,20})(?:比例|比重|多少|百分之几|百分比|几成|几分之几)|占比|所占|百分之几|成功率是多少|比例是多少"
)
QUOTIENT = re.compile(
    r"平均(?:每|多少|一)|人均(?:多少|约)|每(?:人|户|个|所|间|支|次|场|村|家|套|箱|名)(?:平均|约|大约|合)?(?:多少|几)|均摊|折合每"
)
# Reports state these themselves (比上年提高5.5个百分点); there is nothing to compute.
STATED_CHANGE = re.compile(
    r"[比较同](?:上一?年|去年|前一年|上年同期|同期|往年|年初|全[省国市]|[省市]级?平均)|同比|环比|[高低]于(?:全[省国市]|[省市]级?平均)"
)
CHECK = re.compile(
    r"(?:对吗|对不对|是吗|是不是|是否|属实吗|正确吗|准确吗|真的吗|没错吧|吧)[？?。]?$|是否(?:属实|正确|达到|超过|完成)|是不是"
)
LIST = re.compile(
    r"哪[0-9一二三四五六七八九十]+(?:个|项|类|种|条|家|所|方面)|哪些|哪几|有什么|是什么工程|列出|列举|包括什么|包含什么|什么措施|什么问题|什么做法|什么打算|哪\w{0,2}方面|都有谁|分别是(?:什么|谁|哪)|内容是什么|"
    r"(?:问题|不足|困难|打算|措施|建议|做法|成效|亮点|任务|举措)(?:是什么|有什么|呢|如何|怎样)|是哪|几个什么"
)

# Words that shape a question and are no part of what it is about.
SHAPE = re.compile(
    r"今年|去年|上半年|下半年|全年|现在|目前|这回|这次|那次|花了?|对吗|对不对|是吗|是不是|是否|属实吗?|正确吗|准确吗|真的吗|没错吧|比一比|相比(?:较)?|比较一下|比较|对比|哪一?个|哪一?家|哪边|谁|更[多少高低大小]|"
    r"(?<![提降减增])[多少高低大小差](?:出|了)?(?:多少|几)|相差|差距|差多少|(?:[，,]|比)?哪里|加起来|合起来|合计|一共|总共|总计|共计|之和|总和|"
    r"还有多少|还剩|还差|各自|各是|各有|各为|分别|哪些地方|哪些地区|哪些县市区|哪些县区|哪些县|哪些报告|哪些单位|哪几个地方|哪几份报告|"
    r"各地|各县|各区|各市|所有报告|全部报告|有几份报告|语料(?:库)?(?:中|里)?|提到(?:了|过)?|谈到(?:了|过)?|写到(?:了|过)?|讲到(?:了|过)?|涉及(?:了|到)?|列为|列入|"
    r"有什么(?:不同|区别|差异)|什么时候|哪一年|哪一天|是怎么做(?:到)?的|做了哪些|有哪些|哪几(?:个|项|类|方面)?|哪[一二三四五六七八九十]+(?:个|项|类)?方面|在?哪些方面|"
    r"原因(?:是什么|有哪些|何在)?|为什么|为何|是什么|什么样|怎么样|如何|既然|听说|据说|我记得|请问|百分之几|几成|占比|占(?=.{0,12}(?:比例|比重|多少|几成))|的?(?:比例|比重)是?多少|平均每?(?:一)?"
)
# Nouns that name a measure without "多少人".
IMPLIED_UNITS = (
    (re.compile(r"人次(?:数)?"), "人次"),
    (re.compile(r"人数|多少人|几人"), "人"),
    (re.compile(r"户数"), "户"),
    (re.compile(r"次数|场次"), "次"),
    (re.compile(r"面积"), "平方米"),
    (re.compile(r"金额|资金|经费|投资额?|总投资|投入|造价|费用|补助(?:标准|款)?(?=是|为|有)"), "元"),
)

SECTION_WORDS = (
    (
        SectionKind.PROBLEMS,
        re.compile(
            r"(?<!解决)(?<!针对)(?<!发现)(?:存在|面临|遇到)(?:着|的|了)?(?:哪些|什么|主要|突出|几个|多少个?)*(?:问题|不足|困难|短板|痛点|难点|堵点|薄弱)|(?:问题|不足|困难|短板)(?:和不足|及建议|与建议)?(?:有哪些|是什么|有什么|都有)|"
            r"(?<!解决)(?<!针对)(?<!发现)(?:哪些|哪几(?:个|项|条|方面)|什么|主要|突出)(?:的)?(?:问题|不足|困难|短板|薄弱环节)"
        ),
    ),
    (
        SectionKind.NEXT_STEPS,
        re.compile(
            r"下一步|下一阶段|下半年(?:的)?(?:工作)?(?:打算|计划|安排)|工作打算|今后(?:的)?(?:打算|工作)|工作规划|下步"
        ),
    ),
    (SectionKind.HIGHLIGHTS, re.compile(r"亮点|创新性工作|创新工作")),
)
GENRE_WORDS = (
    (Genre.HALF_YEAR, re.compile(r"半年(?:工作)?(?:总结|报告|小结)")),
    (Genre.ANNUAL, re.compile(r"(?:年度|全年|年终)(?:工作)?(?:总结|报告)")),
    (Genre.KEY_POINTS, re.compile(r"工作要点")),
    (Genre.SELF_REVIEW, re.compile(r"自评")),
    (Genre.ARTICLE, re.compile(r"论文|文章|综述")),
)
FOLLOWS = re.compile(
    r"^(?:那么?|它|其|该|这个|这些|上述|还有|另外|同期|前一年|后一年|上一年|去年|再|换成|如果是)|(?:它的|该县|该市|该区|该地|这个县|上面|刚才)|呢[？?]?$"
)
# Short names of provinces and of the cities that are most often named without 市.
PROVINCES = frozenset(
    [
        "北京",
        "天津",
        "上海",
        "重庆",
        "河北",
        "山西",
        "辽宁",
        "吉林",
        "江苏",
        "浙江",
        "安徽",
        "福建",
        "江西",
        "山东",
        "河南",
        "湖北",
        "湖南",
        "广东",
        "海南",
        "四川",
        "贵州",
        "云南",
        "陕西",
        "甘肃",
        "青海",
        "台湾",
        "广西",
        "西藏",
        "宁夏",
        "新疆",
        "香港",
        "澳门",
        "广州",
        "深圳",
        "杭州",
        "南京",
        "武汉",
        "成都",
        "西安",
        "青岛",
        "济南",
        "郑州",
        "长沙",
        "沈阳",
        "大连",
        "苏州",
        "厦门",
        "合肥",
        "福州",
        "南昌",
        "昆明",
        "贵阳",
        "兰州",
        "太原",
        "南宁",
        "长春",
    ]
)
NO_REGION = re.compile(
    r"(?:本|我|全|该|某|各|哪个?|哪些|几个|其他|其它|此|两|三|外|县|区|市|省|城|乡|社|山|园|景|病|辖|院|牧|林|库|灾|疫|地|小|片|战|贫困|示范|先进|试点|城市|"
    r"隔离|服务|专|开发|工业|一个|多个|周边|邻|下辖|城镇|卫生|园林|农村|牧区|老|新|郊|核心|功能|监管|多少个?|重点|先行|引领|活力|发展|新城|领先|省直|部分)$"
)
RIVAL = re.compile(r"[、，,和与跟及同]|以及|还有|比")


def understand(
    text: str, known: Sequence[str], *, before: Question | None = None, longest: int = LONGEST_QUESTION
) -> Question:
    """Read a question.

    Args:
        text: the user's words.
        known: names of the places that reports of the library are about.
        before: the question before in the same chat; what this one leaves out is taken over.
        longest: most characters that are accepted.

    Raises:
        BadQuestion: nothing but white space, or longer than ``longest`` characters.
    """
    words = " ".join(text.split())
    if not re.search(r"[\w\u3400-\u9fff]", words):
        raise BadQuestion("问题是空的", remedy="请输入要问的内容，例如：2023年某县家庭医生签约率是多少？")
    if len(words) > longest:
        raise BadQuestion(
            f"问题有{len(words)}个字，超过上限{longest}个字",
            remedy="请只写要问的内容；需要分析整篇文字时，请先用 ingest 入库",
        )
    places, rest = _take_places(words, known)
    strangers = tuple(p for p in _strangers(rest) if p not in places)
    years, rest = _take_years(rest)
    kind, operation = _kind(words, len(places), len(strangers), len(years))
    claims = () if kind is QuestionKind.COMPUTE else _claims(rest)
    for claim in claims:
        rest = rest.replace(claim, " ", 1)
    shaped = (
        SHAPE.sub(lambda m: "，" if m[0] in "，" else " ", rest) if kind is not QuestionKind.COMPUTE else rest
    )
    sections = tuple(section for section, pattern in SECTION_WORDS if pattern.search(words))[:1]
    if kind is QuestionKind.FACT and sections and not HOW_MANY.search(rest):
        kind = QuestionKind.LIST
    question = Question(
        text=words,
        kind=kind,
        topic=_topic(shaped),
        asks=_asks(rest if kind is QuestionKind.COMPARE else shaped, kind),
        members=_members(words),
        places=places,
        strangers=strangers,
        years=years,
        periods=tuple(dict.fromkeys(PERIOD.findall(words))),
        genres=tuple(genre for genre, pattern in GENRE_WORDS if pattern.search(words)),
        sections=sections,
        operation=operation,
        operands=_operands(rest, operation),
        claims=claims,
    )
    return _inherit(question, before) if before else question


def short_name(place: str) -> str:
    """襄垣县 → 襄垣; names of two characters stay whole."""
    stem = re.sub(r"(?:自治县|县|区|市|州|旗|省)$", "", place)
    return stem if len(stem) >= 2 else place


def _take_places(text: str, known: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Known places in order of mention, and the text without them."""
    found: list[tuple[int, str]] = []
    for place in sorted(known, key=len, reverse=True):
        for name in dict.fromkeys((place, short_name(place))):
            at = text.find(name)
            if at >= 0:
                found.append((at, place))
                text = text.replace(name, "　" * len(name))
    return tuple(place for _, place in sorted(dict.fromkeys(found))), text


def _strangers(text: str) -> tuple[str, ...]:
    """Names of places in ``text`` that look like a county, district, city or province."""
    found = []
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


def _take_years(text: str) -> tuple[tuple[int, ...], str]:
    """Years named with four or two digits, and the text without them."""
    years = [int(year) for year in YEAR.findall(text)]
    spread = YEARS.search(text) if EACH.search(text) else None
    if spread and 0 < int(spread[2]) - int(spread[1]) < 10:
        years += range(int(spread[1]), int(spread[2]) + 1)
        years.sort()
    text = YEAR.sub(" ", text)
    years += [2000 + int(year) for year in SHORT_YEAR.findall(text)]
    return tuple(dict.fromkeys(years)), SHORT_YEAR.sub(" ", text)


def _kind(text: str, places: int, strangers: int, years: int) -> tuple[QuestionKind, Operation]:
    """The kind of answer, and the arithmetic that it needs."""
    open_text = MASKED.sub("", text)
    if PRIVATE.search(open_text) and not NOT_PRIVATE.search(open_text):
        return QuestionKind.PRIVATE, Operation.NONE
    operation = _operation(text)
    if operation is Operation.SUM and not SEVERAL.search(text):
        operation = Operation.NONE  # "一共惠及多少人次" asks for one stated figure
    compares = bool(COMPARE.search(text)) or operation is Operation.DIFFERENCE
    several = places > 1 or years > 1 or (places + strangers > 1 and compares)
    if several and compares:
        return QuestionKind.COMPARE, Operation.DIFFERENCE
    if places + strangers <= 1 and LIST.search(text):  # 2024年总结提出的2025年打算有哪些
        several = False
    if several:
        return QuestionKind.COMPARE, operation
    if GATHER.search(text) and not places:
        return QuestionKind.GATHER, Operation.NONE
    if CHECK.search(text):
        return QuestionKind.CHECK, Operation.NONE
    if WHY.search(text):
        return QuestionKind.WHY, Operation.NONE
    if operation is not Operation.NONE:
        return QuestionKind.COMPUTE, operation
    if LIST.search(text):
        return QuestionKind.LIST, Operation.NONE
    return QuestionKind.FACT, Operation.NONE


MEMBERS = re.compile(r"([二三四五六七八九十])(?:大|个?方面|项|条|个|区|种)?")


def _members(text: str) -> int:
    """How many members the list has, when the question counts them: 九大行动, 四区, 十个方面."""
    told = [m for m in MEMBERS.finditer(text) if m[0] != m[1]]
    return "一二三四五六七八九十".index(told[0][1]) + 1 if told else 0


def _operation(text: str) -> Operation:
    if STATED_CHANGE.search(text):
        return Operation.NONE
    for pattern, operation in (
        (QUOTIENT, Operation.QUOTIENT),
        (SHARE, Operation.SHARE),
        (DIFFERENCE, Operation.DIFFERENCE),
        (SUM, Operation.SUM),
    ):
        if pattern.search(text):
            return operation
    return Operation.NONE


def _topic(text: str) -> str:
    """Content words; alternatives (甲或者乙) are parted by ｜."""
    bare = SHAPE.sub(" ", HOW_MANY.sub(" ", text))
    for _, pattern in SECTION_WORDS:
        bare = pattern.sub(" ", bare)
    return "｜".join(filter(None, (content(part) for part in re.split(r"或者?", bare))))


def _unit(text: str) -> str:
    """The measure word that a value must carry, "" where any will do."""
    wanted = HOW_MANY.search(text)
    if wanted and "第" in wanted[0]:
        return "位"
    if wanted and wanted[1]:
        return wanted[1]
    if RATE.search(text):
        return "%"
    return next((unit for pattern, unit in IMPLIED_UNITS if pattern.search(text)), "")


def _asks(text: str, kind: QuestionKind) -> tuple[Ask, ...]:
    """Split "彩超检查多少人、完成比率" into its two wants; a part without a want leans on the others."""
    if kind in (QuestionKind.COMPARE, QuestionKind.GATHER, QuestionKind.CHECK, QuestionKind.COMPUTE):
        unit = "%" if "百分点" in _unit(text) else _unit(text)
        asks_figure = bool(
            HOW_MANY.search(text) or RATE.search(text) or (unit and kind is not QuestionKind.GATHER)
        )
        return (Ask(_topic(text), unit, asks_figure),)
    asks: list[Ask] = []
    for part in PART.split(text):
        topic = _topic(part)
        wants = HOW_MANY.search(part)
        if wants or (topic and RATE.search(part)):
            counted = _topic(part[wants.end() :]) if wants and wants[1] else ""
            asks.append(Ask(topic, _unit(part), True, counted))
        elif topic:
            asks.append(Ask(topic, _unit(part)))
    return _joined([ask for ask in asks if ask.topic])


PART = re.compile(
    r"[，,；;。？?]|、(?=[^、]*(?:多少|几|率|比例))|(?:以及|和|及|与)(?=[^、，和及与]*(?:多少|几[^个]))"
)
OPERAND_CUT = re.compile(
    r"还有多少(?:没有|未|没|尚未)?|还没有|没有|尚未|未(?=[到拨完救接])|不[是在]|不属于|除去|除了|其余|其中|加上|减去|除以|"
    r"和|与|跟|、|以及|及|占|比(?![例率重较])|里|[，,；;。？?]"
)
PER = re.compile(r"(?:平均)?每(?:一)?(个|名|人|支|所|户|间|家|场|次|份|套|只|箱|村|天|年|月)?")


SEVERAL = re.compile(
    r"[两二三四五六七八九十几各]+\s*(?:家|个|项|类|种|所|级|地|方面|批|次|部分)|加起来|合起来|之和|总和|分别|各自|和|、|与|及"
)


def _operands(text: str, operation: Operation) -> tuple[Ask, ...]:
    """The things that are added, compared or divided; "平均每个团队签约多少人" → 签约(人), 团队."""
    if operation is Operation.NONE:
        return ()
    unit = next((m[1] for m in HOW_MANY.finditer(text) if m[1]), "")
    if operation is Operation.QUOTIENT and (per := PER.search(text)):
        behind = rjieba.tag(text[per.end() :])
        noun = behind[0][0] if behind and behind[0][1].startswith("n") else ""
        rest = _topic(text[: per.start()] + " " + text[per.end() + len(noun) :])
        counted = Ask(content(noun), "" if noun else per[1], True) if noun else Ask(rest, per[1] or "", True)
        return tuple(ask for ask in (Ask(rest, unit, True), counted) if ask.topic)
    parts = [_topic(part) for part in OPERAND_CUT.split(text)]
    return tuple(
        Ask(part, "" if operation is Operation.SHARE else unit, True) for part in parts if grams(part)
    )


def _joined(asks: list[Ask]) -> tuple[Ask, ...]:
    """A part that wants nothing ("孕产妇、儿童系统管理率") belongs to the next one that does."""
    found: list[Ask] = []
    loose = ""
    for ask in asks:
        if ask.quantity:
            found.append(replace(ask, topic=f"{loose} {ask.topic}".strip()))
            loose = ""
        else:
            loose = f"{loose} {ask.topic}".strip()
    if loose and not found:
        return (Ask(loose),)
    return tuple(found)


def _claims(text: str) -> tuple[str, ...]:
    """Figures with a unit that the question asserts ("签约率只有50%，为什么")."""
    found = []
    for match in CLAIM.finditer(text):
        if match[2] and not re.match(r"[月日]", match[2]) and not re.search(r"以上$|岁", match[0]):
            found.append(match[0])
    return tuple(found)


CATEGORY = re.compile(r"(?:级|医院|中心|卫生院|院|局|站|所|率|癌|病|人群|人口|镇|乡)$")


def _is_fragment(question: Question, lean: bool) -> bool:
    """A few words (那县级呢？)  that stand in for a part of the question before."""
    count = len(question.topic.replace("｜", " ").split())
    asks = any(ask.quantity for ask in question.asks)
    return 0 < count <= 3 and not question.sections and (lean or asks) and question.kind is QuestionKind.FACT


def _exchanged(before: str, now: str) -> str:
    """The earlier topic with the words of the new one in place of their like (市级 → 县级)."""
    fresh = now.split()
    ends = {m[0] for word in fresh if (m := CATEGORY.search(word))}
    if ends & {"医院", "中心", "卫生院", "院", "局", "站", "所"}:
        ends |= {"医院", "中心", "卫生院", "院", "局", "站", "所"}
    if ends & {"人群", "人口"}:
        ends |= {"人群", "人口"}
    kept = [w for w in before.split() if w not in fresh and not ((m := CATEGORY.search(w)) and m[0] in ends)]
    return " ".join((*fresh, *kept))


def _inherit(question: Question, before: Question) -> Question:
    """Fill what a follow-up leaves out from the question before."""
    lean = bool(FOLLOWS.search(question.text)) or not grams(question.topic)
    # A new place with nothing else asks the same thing of another place.
    if (question.places or question.strangers) and (grams(question.topic) or not lean):
        return question
    changes: dict[str, object] = {}
    if not question.places and not question.strangers and question.kind is not QuestionKind.GATHER:
        changes["places"] = before.places
    if not question.years and lean and before.years:
        changes["years"] = before.years
    if _is_fragment(question, lean):
        topic = _exchanged(before.topic, question.topic)
        asks = question.asks if any(a.quantity for a in question.asks) else before.asks
        changes |= {
            "topic": topic,
            "asks": tuple(
                replace(
                    ask, topic=_exchanged(before.topic, ask.topic if ask in question.asks else question.topic)
                )
                for ask in asks
            )
            or (Ask(topic),),
            "kind": before.kind if question.kind is QuestionKind.FACT else question.kind,
        }
    if not grams(question.topic) and not question.sections:
        changes |= {
            "topic": before.topic,
            "asks": before.asks,
            "sections": before.sections,
            "kind": before.kind if question.kind is QuestionKind.FACT else question.kind,
            "operation": before.operation,
        }
    return replace(question, **changes, follows=bool(changes)) if changes else question  # type: ignore[arg-type]
