"""The rules of a proofreading (校对规则): what each looks for, and how grave what it finds is.

In: nothing. Out: the closed list of rules with the names that users see, in groups that can be chosen
(``--only``, ``--skip``), and :class:`Finding`. The language rules are those of GB/T 15834 (标点符号用法),
GB/T 15835 (出版物上数字用法) and GB/T 9704 (党政机关公文格式) that office texts break most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from corpus.errors import NotFound
from service.audit.findings import Severity
from service.cited import Citation, Derived

__all__ = ["ABOUT", "About", "Finding", "Group", "Rule", "Severity", "chosen"]


class Group(StrEnum):
    """What a rule is about."""

    NUMERALS = "numerals"
    MARKS = "marks"
    LABELS = "labels"
    WORDS = "words"
    SOURCES = "sources"
    LINKAGE = "linkage"
    RECYCLED = "recycled"
    LEFTOVERS = "leftovers"

    @property
    def label(self) -> str:
        """The name that users see."""
        return _GROUPS[self]


_GROUPS = {
    Group.NUMERALS: "数字用法",
    Group.MARKS: "标点用法",
    Group.LABELS: "层次序号",
    Group.WORDS: "用词",
    Group.SOURCES: "数字和断言的出处",
    Group.LINKAGE: "问题与任务",
    Group.RECYCLED: "沿用旧文",
    Group.LEFTOVERS: "遗留",
}


class Rule(StrEnum):
    """What a proofreading looks for."""

    RANGE_UNIT = "range-unit"
    YEAR_RANGE = "year-range"
    SHORT_YEAR = "short-year"
    DATE_FORM = "date-form"
    LEADING_DOT = "leading-dot"
    MIXED_NUMERAL = "mixed-numeral"
    WIDE_DIGITS = "wide-digits"
    APPROXIMATE = "approximate"
    DOUBLE_APPROXIMATE = "double-approximate"
    TIMES = "times"
    DOCUMENT_NUMBER = "document-number"
    HALF_WIDTH = "half-width"
    BOOK_TITLE = "book-title"
    UNPAIRED = "unpaired"
    BEFORE_ETC = "before-etc"
    TITLE_COMMA = "title-comma"
    DOUBLED_MARK = "doubled-mark"
    LABEL_FORM = "label-form"
    LABEL_SPACE = "label-space"
    LABEL_SKIP = "label-skip"
    HEADING_STOP = "heading-stop"
    SELF = "self"
    SELF_MIXED = "self-mixed"
    UNIT_MIXED = "unit-mixed"
    PLAN_DONE = "plan-done"
    TARGET_DONE = "target-done"
    ARITHMETIC = "arithmetic"
    FIGURE_CONFLICT = "figure-conflict"
    FIGURE_STALE = "figure-stale"
    FIGURE_BORROWED = "figure-borrowed"
    FIGURE_OTHER = "figure-other"
    FIGURE_UNSOURCED = "figure-unsourced"
    CLAIM = "claim"
    PROBLEM_OPEN = "problem-open"
    TASK_LOOSE = "task-loose"
    COPIED_OWN = "copied-own"
    COPIED_OTHER = "copied-other"
    PLACEHOLDER = "placeholder"
    EMPTY_SECTION = "empty-section"
    PERSONAL = "personal"

    @property
    def about(self) -> About:
        """Its name, group and explanation."""
        return ABOUT[self]


@dataclass(frozen=True, slots=True)
class About:
    """One rule as users see it. ``advice`` is the suggestion where none can be worked out; it holds no figure.

    ``form`` says that it is a matter of form: what it finds is told in one row, with all its sentences.
    """

    group: Group
    name: str
    tells: str
    advice: str
    form: bool = False


_N, _M, _L, _W = Group.NUMERALS, Group.MARKS, Group.LABELS, Group.WORDS
_S, _K, _R, _O = Group.SOURCES, Group.LINKAGE, Group.RECYCLED, Group.LEFTOVERS

ABOUT = {
    Rule.RANGE_UNIT: About(_N, "范围两端缺单位", "百分号和“万”“亿”在范围的两端都要写：15%～30%", "请在范围的前一个数后补上同样的单位", True),
    Rule.YEAR_RANGE: About(_N, "起止年份写法", "起止年份用四位数和一字线：2016—2020年", "起止年份都写全，中间用“—”", True),
    Rule.SHORT_YEAR: About(_N, "年份写法不全", "年份不写成两位：2017年，不写17年", "请写全年份", True),
    Rule.DATE_FORM: About(_N, "日期写法", "月、日不编虚位（9月1日，不写09月01日），成文日期用阿拉伯数字", "月、日前不加零，成文日期用阿拉伯数字", True),
    Rule.LEADING_DOT: About(_N, "小数点前缺零", "小于一的小数要写出小数点前的零：0.5%", "请在小数点前补上零", True),
    Rule.MIXED_NUMERAL: About(_N, "数字与汉字混写", "阿拉伯数字只与“万”“亿”连用：300人，不写3百人", "请全部写成阿拉伯数字，或全部写成汉字", True),
    Rule.WIDE_DIGITS: About(_N, "全角数字", "阿拉伯数字用半角：2018，不写２０１８", "请改为半角数字", True),
    Rule.APPROXIMATE: About(_N, "概数用了顿号", "相邻的两个数连用表示概数，中间没有顿号：二三米", "表示概数时请删去顿号", True),
    Rule.DOUBLE_APPROXIMATE: About(_N, "约数重复", "“约”“近”“超过”与“左右”“余”“以上”不能同时用在一个数上", "请只留一个表示约数的词", True),
    Rule.TIMES: About(_N, "倍、番用法不当", "减少不说倍；翻一番是两倍，“翻”后面不跟倍和百分数，番数是整数", "请改用百分比、分数，或写出变化前后的数"),
    Rule.DOCUMENT_NUMBER: About(_M, "发文字号写法", "年份用六角括号，序号不加“第”、不编虚位：〔2023〕5号", "年份请用括号〔〕，序号前不加“第”，不补零", True),
    Rule.HALF_WIDTH: About(_M, "中文里的半角标点", "中文里的逗号、冒号、分号、括号、引号用全角", "请改为全角标点", True),
    Rule.BOOK_TITLE: About(_M, "书名号套用", "书名号里面再用书名号时，里面一层用单书名号：《〈…〉…》", "里面请用单书名号〈〉", True),
    Rule.UNPAIRED: About(_M, "标点不成对", "括号、引号、书名号要成对", "请补上缺的符号，或删去多余的符号", True),
    Rule.BEFORE_ETC: About(_M, "“等”前有顿号", "“等”前面不用顿号", "请删去“等”前面的顿号", True),
    Rule.TITLE_COMMA: About(_M, "并列书名号、引号之间的顿号", "并列的书名号之间、引号之间通常不用顿号（GB/T 15834）", "请删去中间的顿号", True),
    Rule.DOUBLED_MARK: About(_M, "标点重复", "两个点号连在一起", "请删去多余的标点", True),
    Rule.LABEL_FORM: About(_L, "序号后的标点", "“一、”“（一）”“1.”“（1）”：带括号的序号后面没有标点，“1”后面用点不用顿号", "请按公文的序号格式书写，序号后不加别的标点", True),
    Rule.LABEL_SPACE: About(_L, "序号后有空格", "序号后面不空格", "请删去序号后的空格", True),
    Rule.LABEL_SKIP: About(_L, "层次跳级", "层次依次用“一、”“（一）”“1.”“（1）”，不跳级", "请按层次顺序改用序号", True),
    Rule.HEADING_STOP: About(_L, "标题末尾有句号", "独占一行的标题末尾不用句号", "请删去标题末尾的标点", True),
    Rule.SELF: About(_W, "个人口吻", "以单位名义行文，不用“本人”“笔者”“我个人”", "请改为单位名称或“我局”“我们”", True),
    Rule.SELF_MIXED: About(_W, "自称不一致", "全文自称一致：“我局”与“我委”、“我县”与“我区”不混用", "请按发文单位统一自称", True),
    Rule.UNIT_MIXED: About(_W, "同一指标单位不同", "同一指标在全文用同一个单位：不时而人、时而人次", "请统一单位；若口径不同，请写明"),
    Rule.PLAN_DONE: About(_W, "打算写成已办", "下一步打算里说“已”“完成了”，没有“将”“拟”“力争”", "还没有办的，请用“将”“拟”“力争”；已经办成的，请移到工作情况里"),
    Rule.TARGET_DONE: About(_W, "目标写成实绩", "输入表或往年报告里的目标值，文中当作已经达到的数", "请核对是目标还是实绩；是目标的，写明“力争”“目标”"),
    Rule.ARITHMETIC: About(_S, "数值之间不符", "占比、合计、增减、增幅、前后说法不符，与数值核对相同", "请核对有关的数"),
    Rule.FIGURE_CONFLICT: About(_S, "与已知的数不同", "同一地方、同一指标、同一时段，输入表或库中的报告是另一个数", "请核对以哪个数为准"),
    Rule.FIGURE_STALE: About(_S, "疑为上年的数", "当年的数与往年报告里同一指标的数完全相同", "请核对是否沿用了往年的数"),
    Rule.FIGURE_BORROWED: About(_S, "疑为外地的数", "与另一地方的报告里同一指标的数完全相同", "请核对是否沿用了外地的数"),
    Rule.FIGURE_OTHER: About(_S, "数同而说法不同", "库中或输入表里有同样的数，指标的说法不同", "请核对指标名称", True),
    Rule.FIGURE_UNSOURCED: About(_S, "数字没有出处", "输入表和库中的报告里都没有这个数，也不能由文中的数算出", "请注明来源，或把数据填入输入表、把来源文件入库", True),
    Rule.CLAIM: About(_S, "断言没有依据", "“全省第一”“大幅提升”“率先”等说法，前后没有数字，也没有出处", "请补上数字或出处，否则改得平实一些"),
    Rule.PROBLEM_OPEN: About(_K, "问题没有对应的任务", "存在的问题在下一步打算里没有找到对应的任务", "没有找到对应的任务，请核对"),
    Rule.TASK_LOOSE: About(_K, "任务没有对应的问题", "下一步的任务没有找到它要解决的问题", "没有找到对应的问题，请核对"),
    Rule.COPIED_OWN: About(_R, "沿用往年的句子", "与本地方往年的报告有连续的相同文字", "请按当年的情况改写"),
    Rule.COPIED_OTHER: About(_R, "与外地报告雷同", "与其他地方的报告有连续的相同文字", "请改写；确属引用的，请注明"),
    Rule.PLACEHOLDER: About(_O, "待补的内容", "留有【待补】、××、空括号等占位", "请补全后再用"),
    Rule.EMPTY_SECTION: About(_O, "空标题", "标题下面没有内容", "请补写内容，或删去这个标题"),
    Rule.PERSONAL: About(_O, "个人信息", "文中有手机号、身份证号、住址等；本结果里已隐去", "请删去或隐去个人信息"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    ``message`` says it in the words of the text; the first of ``citations`` is the sentence of the text that
    was checked, further ones are what it was held against. ``derived`` is what code computed. A
    ``suggestion`` of "" stands for the advice of the rule.
    """

    rule: Rule
    severity: Severity
    message: str
    citations: tuple[Citation, ...]
    derived: tuple[Derived, ...] = ()
    suggestion: str = ""


def chosen(only: Iterable[str] = (), skip: Iterable[str] = ()) -> frozenset[Rule]:
    """The rules to apply: ids or names of rules or groups, as the listing shows them.

    Raises:
        NotFound: there is no rule or group of this name.
    """
    wanted = {rule for name in only for rule in _named(name)} or set(Rule)
    return frozenset(wanted - {rule for name in skip for rule in _named(name)})


def _named(name: str) -> tuple[Rule, ...]:
    plain = name.strip()
    found = tuple(
        rule
        for rule, about in ABOUT.items()
        if plain in (rule.value, about.name, about.group.value, about.group.label)
    )
    if not found:
        raise NotFound(f"没有“{plain}”这条规则", remedy="请用 wenheng check --rules 查看规则的名称")
    return found
