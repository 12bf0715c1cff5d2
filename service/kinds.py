"""Which kind of answer a question wants, and which arithmetic it needs.

In: the words of a question and how many places and years it names. Out: a kind and an operation. The
patterns are tried in a fixed order, from what must be refused to what is merely likely.
"""

from __future__ import annotations

import re

from service.question import Operation, QuestionKind

PRIVATE = re.compile(
    r"(?:患者|病人|孩子|老人|贫困户|孕妇|产妇|感染者)[^，。]{0,8}(?:叫什么|叫啥|姓名|名字|姓什么|姓啥)|家(?:住|在)哪|住(?:在)?哪(?:个|里|儿|村)|手机号?|电话号码|联系电话|电话是|的电话|联系方式|身份证|住址|家庭地址|住在哪|银行卡|银行账号|微信号|邮箱|邮件地址"
)
MASKED = re.compile(r"〔[^〕]{2,12}已隐去〕")  # what the mask left of a number in the question itself
NOT_PRIVATE = re.compile(r"电话(?:调查|随访|会议|热线|咨询)|工作手机|手机(?:APP|应用)|热线")
WHY = re.compile(
    r"为啥|图个?啥|图什么|咋(?:会|就|老|总|回事)|怎么(?:老是|总是|就)|(?:毛病|症结|问题|根子)出在|卡在哪|是?为了(?:解决)?(?:什么|啥)|目的是?什么|为什么|为何|原因|怎么会|何以|由于什么|因为什么|什么因素|成因|症结|缘故"
)
GATHER = re.compile(
    r"哪些(?:地方|地区|县区?|县市区?|市县|区县|单位|报告|县市|地)|哪几(?:个|份|地|县|家)(?:地方|地区|县|报告|市)?|各地|各县|各区|各市|各报告|所有报告|"
    r"全部报告|几份报告|多少份报告|有哪几份|都有哪些(?:县|地)|语料(?:中|里|库)|库里|所有(?:县|地区|地方)|各个(?:县|地)"
)
COMPARE = re.compile(
    r"(?:和|与|跟|同|、|比|还是)[^。？]*(?:哪个|哪家|哪里|哪地|哪边|哪头|哪[期批次项类种]|谁)(?:[^。？]*)(?:高|低|多|少|大|小|长|短|早|晚|快|好|贵|值钱|便宜)|相比|比较|对比|"
    r"(?:差距|相差|差多少|差几|高多少|低多少|多多少|少多少|多几|少几|高几|高出多少|多出多少)|有什么(?:不同|区别|差异)|异同|分别是多少|哪个更|谁更|更高|更多|更低|更少"
)
SUM = re.compile(
    r"加一块|加在一[块起]|加到一[块起]|合在一[块起]|拢共|合计|一共|总共|总计|加起来|共计|之和|总和|共有多少|总数|合起来"
)
# Said of several named things, so that what is not (两类合起来还有多少没有救治) is still to be added.
ADDED = re.compile(
    r"(?:加在?一[块起]|加到一[块起]|合在一[块起]|合计|加起来|合起来|之和|总和)(?!.*(?:差|多出|[多少高低](?:多少|几)))"
)
DIFFERENCE = re.compile(
    r"相差|差多少|差几|还差|还剩|剩余|缺口|还有多少(?:没|未|尚)|(?:没有?|未|尚未)\w{2,8}的?(?:有|是|还有|还剩)?多少|[刨扣减去除][去掉开除][^，。？]{1,12}还?(?:有|剩|是)?(?:多少|几)|多少[^，。？]{0,8}(?:没有|尚未|未)|不[是在][^，。？]{2,12}的有?(?:多少|几)|除[去了]?[^，。？]{2,12}外|其余|高多少|低多少|多多少|少多少|[多少]几[个名人项家所种户张次场例支位]|多出|高出多少|之差|净增|增加了多少|减少了多少|比[^。？]*(?:多|少|高|低)(?:了|出)?(?:多少|几)"
)
SHARE = re.compile(
    r"占(?:[^。？，]{0,20})(?:比例|比重|多少|百分之几|百分比|几成|几分之几)|占比|所占|百分之几|成功率是多少|比例是多少"
)
QUOTIENT = re.compile(
    r"平均(?:每|多少|一)|均下来|人均[^，。？]{0,4}(?:多少|几|约)|每(?:人|户|个|所|间|支|次|场|村|家|套|箱|名)(?:平均|约|大约|合)?(?:多少|几)|均摊|折合每"
)
# Reports state these themselves (比上年提高5.5个百分点); there is nothing to compute.
STATED_CHANGE = re.compile(
    r"[比较同](?:上一?年|去年|前一年|上年同期|同期|往年|年初|全[省国市]|[省市]级?平均)|同比|环比|[高低]于(?:全[省国市]|[省市]级?平均)"
)
CHECK = re.compile(
    r"(?:对吗|对不对|是吗|是不是|是否|属实吗|正确吗|准确吗|真的吗|没错吧|吧)[？?。]?$|是否(?:属实|正确|达到|超过|完成)|是不是"
)
LIST = re.compile(
    r"哪[“\"「]?[0-9一二三四五六七八九十]+[^\s，。？]{0,3}[”\"」]|哪[0-9一二三四五六七八九十]+(?:个|项|类|种|条|件|家|所|方面)|哪些|哪几|有什么|是什么工程|列出|列举|包括什么|包含什么|什么措施|什么问题|什么做法|什么打算|哪\w{0,2}方面|都有谁|分别是(?:什么|谁|哪)|内容是什么|"
    r"(?:问题|不足|困难|打算|措施|建议|做法|成效|亮点|任务|举措)(?:是什么|有什么|呢|如何|怎样)|是哪|几个什么"
)
SEVERAL = re.compile(
    r"[两二三四五六七八九十几各]+\s*(?:家|个|项|类|种|所|级|档|地|方面|批|次|部分)|加起来|合起来|之和|总和|分别|各自|和|、|与|及"
)


ASKS_DATE = re.compile(r"几月|几号|哪天|哪一天|哪年|哪一年|何时|什么时候|啥时候|哪个月|多会儿")


def kind_of(text: str, places: int, strangers: int, years: int) -> tuple[QuestionKind, Operation]:
    """The kind of answer, and the arithmetic that it needs."""
    open_text = MASKED.sub("", text)
    if PRIVATE.search(open_text) and not NOT_PRIVATE.search(open_text):
        return QuestionKind.PRIVATE, Operation.NONE
    operation = _operation(text)
    if operation is Operation.SUM and years < 2 and not SEVERAL.search(text):
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
    if LIST.search(text) and not ASKS_DATE.search(text):
        return QuestionKind.LIST, Operation.NONE
    return QuestionKind.FACT, Operation.NONE


def _operation(text: str) -> Operation:
    if STATED_CHANGE.search(text):
        return Operation.NONE
    for pattern, operation in (
        (QUOTIENT, Operation.QUOTIENT),
        (SHARE, Operation.SHARE),
        (ADDED, Operation.SUM),
        (DIFFERENCE, Operation.DIFFERENCE),
        (SUM, Operation.SUM),
    ):
        if pattern.search(text):
            return operation
    return Operation.NONE
