"""What a question is about once the words that only shape it are taken out, and the unit it expects.

In: words of a question. Out: its content words (the topic that evidence must hold) and the measure
word that a value must carry. The patterns of measures and of sections are shared with the stages
that split a question.
"""

from __future__ import annotations

import re

from corpus.report import SectionKind
from service.terms import content

MEASURE = (
    "个百分点|个小时|个月|个工作日|百分点|人次|家次|户次|剂次|台次|例次|万元|亿元|元|平方米|平方公里|公顷|公里|公斤|千瓦|分钟|人|名|位|户|个|项|次|份|张|间|所|家|支|条|种|类|例|套|册|场|辆|台|件|对|批|轮|"
    "处|座|亩|吨|斤|头|只|小时|天|年|月|日|分|块|岁|点|级|本|对|片|级|篇|万|亿|期|节|堂|口|盒|瓶|里|米|升|吨|度|株|剂|倍|周"
)
COUNTED = "人|户|例|台|剂|家次|份|名|位|次|张|个|件|所|公里|平方米|亩|吨"  # 多少万人次: scaled measures other than money
HOW_MANY = re.compile(
    rf"(?:(?:排名|排|名列|位列|位居|列)?第|有)?(?:多少|几)\s*(?:[万亿](?={COUNTED}))?({MEASURE})?"
)
RATE = re.compile(r"率|比例|比重|占比|百分之几|百分比")
# Words that shape a question and are no part of what it is about.
SHAPE = re.compile(
    r"今年|去年|上半年|前[一二三四五六七八九十\d]{1,2}个?月|\d{1,2}月?[-—~至到]\d{1,2}月|几月几[号日]|几[号日]|哪[天年月]|何时|啥时候|多会儿|上半年|下半年|全年|现在|目前|这回|这次|那次|花了?|对吗|对不对|是吗|是不是|是否|属实吗?|正确吗|准确吗|真的吗|没错吧|比一比|相比(?:较)?|比较一下|比较|对比|哪一?个(?:县市|县|区|市|地方|地区)(?:更|要)?[多少高低大小]|哪一?个|哪一?家|哪边|哪头|哪[期批次](?!都)|谁|加(?:在|到)?一[块起]|合在一[块起]|拢共|均下来|花钱(?=[多少])|值钱|划算|跑得勤|更[多少高低大小]|"
    r"(?<![提降减增])[多少高低大小差](?:出|了)?(?:多少|几)|相差|差距|差多少|(?:[，,]|比)?哪里|加起来|合起来|合计|一共|总共|总计|共计|之和|总和|"
    r"还有多少|还剩|还差|各自|各是|各有|各为|分别|哪些地方|哪些地区|哪些县市区|哪些县区|哪些县|哪些报告|哪些单位|哪几个地方|哪几份报告|"
    r"各地|各县|各区|各市|所有报告|全部报告|有几份报告|语料(?:库)?(?:中|里)?|提到(?:了|过)?|谈到(?:了|过)?|写到(?:了|过)?|讲到(?:了|过)?|涉及(?:了|到)?|列为|列入|"
    r"有什么(?:不同|区别|差异)|什么时候|哪一年|哪一天|是怎么做(?:到)?的|做了哪些|有哪些|哪几(?:个|项|类|方面)?|哪[一二三四五六七八九十]+(?:个|项|类)?方面|在?哪些方面|"
    r"原因(?:是什么|有哪些|何在)?|为什么|为何|是什么|什么样|怎么样|如何|既然|听说|据说|我记得|请问|是?因?为(?:什么|何|啥)|没能|百分之几|几成|占比|占(?=.{0,12}(?:比例|比重|多少|几成))|的?(?:比例|比重)是?多少|平均每?(?:一)?"
)
PERSONS = (
    "群众|患者|病人|医生|医师|护士|专家|职工|老人|老年人|孩子|儿童|学生|党员|干部|村民|居民|人口|村医|毕业生"
)
# Nouns that name a measure without "多少人".
IMPLIED_UNITS = (
    (re.compile(rf"(?:多少|几)(?:{PERSONS})"), "人"),
    (re.compile(r"多少钱|几块钱|钱数|多少[^，。？]{0,12}的钱|的钱(?=[，,。？]|$)"), "元"),
    (re.compile(r"人次(?:数)?"), "人次"),
    (re.compile(r"人数|多少人|几人"), "人"),
    (re.compile(r"户数"), "户"),
    (re.compile(r"次数|场次"), "次"),
    (re.compile(r"面积"), "平方米"),
    (re.compile(r"金额|资金|经费|投资额?|总投资|投入|造价|费用|补助(?:标准|款)?(?=是|为|有)"), "元"),
)
SCALES = ("万", "亿")  # 多多少万 names no measure
SECTION_WORDS = (
    (
        SectionKind.PROBLEMS,
        re.compile(
            r"(?<!解决)(?<!针对)(?<!发现)(?:存在|面临|遇到)(?:着|的|了)?(?:哪些|什么|主要|突出|几个|多少个?)*(?:问题|不足|困难|短板|痛点|难点|堵点|薄弱)|(?:问题|不足|困难|短板)(?:和不足|及建议|与建议)?(?:有哪些|是什么|有什么|都有)|的(?:差距|问题|不足|短板)(?:有|在)?哪[几些]|"
            r"(?<!解决)(?<!针对)(?<!发现)(?:哪些|哪几(?:个|项|条|方面)|什么|主要|突出)(?:的)?(?:问题|不足|困难|短板|薄弱环节)"
        ),
    ),
    (
        SectionKind.NEXT_STEPS,
        re.compile(
            r"下一步|下一阶段|下半年(?:的)?(?:工作)?(?:有(?:什么|哪些))?(?:工作)?(?:打算|计划|安排)|有(?:什么|哪些)(?:工作)?打算|工作打算|今后(?:的)?(?:打算|工作)|工作规划|下步"
        ),
    ),
    (SectionKind.HIGHLIGHTS, re.compile(r"亮点|创新性工作|创新工作")),
)


def topic_of(text: str) -> str:
    """Content words; alternatives (甲或者乙) are parted by ｜."""
    bare = SHAPE.sub(" ", HOW_MANY.sub(" ", text))
    for _, pattern in SECTION_WORDS:
        bare = pattern.sub(" ", bare)
    return "｜".join(filter(None, (content(part) for part in re.split(r"或者?", bare))))


def unit_of(text: str) -> str:
    """The measure word that a value must carry, "" where any will do."""
    wanted = HOW_MANY.search(text)
    if wanted and "第" in wanted[0]:
        return "位"
    if wanted and wanted[1] and wanted[1] not in SCALES:
        return wanted[1]
    if RATE.search(text):
        return "%"
    return next((unit for pattern, unit in IMPLIED_UNITS if pattern.search(text)), "")
