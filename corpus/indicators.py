"""The noun phrase that a figure belongs to (指标名), by rules on the words around the number.

In: the stretch of a clause before or behind a number, as text. Out: the phrase, stripped of
connectives, adverbs, dates, light verbs and copulas (全县常住人口签约 → 常住人口签约). There is no
parser in here: office prose puts the indicator directly before the number (肺癌筛查500人) or
directly behind its classifier (12支家庭医生签约服务团队), and what stands in between is a closed list.
"""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

HOLE = "\x00"  # stands for a bracketed insertion that is read on its own

_QUOTES = str.maketrans("", "", f"()[]“”\"'‘’「」《》 \u3000\u00a0\t\n{HOLE}")
_PLACES = "全[县市区省国州镇乡]|我[县市区省国局委镇院]|本[县市区院]|本地区"
_LEADING = re.compile(
    rf"^(?:(?:[、，,:：;；。.\-+]|和(?!谐)|及(?!时)|与|且|并|而)+|以及|其中包括|其中|此外|同时|另外|另有|目前|至目前|截至目前|截止目前|到目前为止|至今|"
    rf"今年以来|年内|全年|上半年|下半年|去年|今年|上年|{_PLACES}|累计|共计|合计|总计|共(?=[^享同产建性])|已经|已(?!婚)|先后|"
    rf"我们|我[局委办院所]|之前|仍有|仍然?|另有|另(?=.{{2}})|通过(?=.{{4}})|分别|均(?!次)|还|也|又|新近|预计|力争|确保|争取|努力|实际(?=完成|到位)|年(?=均|累计)|原有|现有|设有|拥有|共有|计有|"
    rf"[一二三四五六七八九十]+[是、](?![一二三四五六七八九十]级)|\([一二三四五六七八九十0-9]+\)|[①-⑳]|[0-9]+[、.]|标准(?=[^化])|原则上|"
    rf"继续|进一步|按照(?=.)|按(?=.)|比(?=[市上省县全去控])|对于|对(?=.)|将(?=.)|把(?=.)|由(?=.)|为(?=.)|在(?![岗册管校编职建训治读产])(?=.{{4}})|以(?=.{{6}})|要(?!求)(?=.{{3}})|"
    rf"使(?!用)|的(?=.)|其(?![他它余])|给予|予以|明确|加之|积极|认真|深入|大力|全面(?!两孩)|扎实|切实|持续|不断|稳步|有效(?=.{{3}})|有(?=[^关效机螺].)|实现(?=.{{2}})|做到(?=.{{2}})|完成(?!比|率|情)|开展(?!率)|提供|"
    rf"进行(?=.{{2}})|达到(?=.)|落实(?=.{{4}})|保持(?=.{{4}})|从(?!事)|能够|可以|每年(?=.{{4}}))"
)
_TRAILING = re.compile(
    r"(?:[、，,:：;；。\-]+|分别|平均|(?<![人户年次日床平])均|各|都|共计|合计|总计|累计|(?<!公)共|总(?=$)|(?<![签履预条节公制])约|已经|已|仅|只有|就|即|也|等|"
    r"高达|多达|到达|达到了|达到|达成|(?<![到发传])达|分布|成为|(?<![行作])为|(?<![但于凡])是|(?<![没享所拥])有|到|至|(?<![自])由|自|从|的|了|着|过|在|以|按|按照|对|将|把|可|(?<![产功效职智])能|能够|可以|要|应|须|并|和|(?<![惠普以])及|与|含|包括|再|拟|一直|持续|始终|基本(?=$)|削减|压减|缩减|"
    r"保持|控制|稳定|维持|拉大|提高|提升|增加|增长|扩大|上升|下降|降低|降|升|增|减少|减|压缩|缩短|回落|发展|跃升|跌|涨|突破|"
    r"超过|超|逾|接近|将近|近|又|定为|不少于|不低于|不超过|不高于|至少|至多|最高|最多|最低|高于|低于|少于|不足|大约|左右|大概|"
    r"需|具有|实现|年均|平均每[年月]|给予|予以|提供|进行|其中|同比|环比|继续|≥|≤|>|<|=)$"
)
# What keeps its last word: 减税115亿元 is no 减 of something.
_NEEDED = re.compile(r"(?:新增|减税|降费|净增|自增)$")
# The 了 of a verb that stays in the phrase: 印刷了海报 → 印刷海报.
_ASPECT = re.compile(
    r"(?<=印刷|制作|印制|建立|制定|发放|开展|印发|配备|提升|落实|组建|召开|配发|建成|成立|举办|购置|解决|聘请|设立)了"
)
_STRONG = re.compile(
    r"组建|成立|建立|设立|设置|发放|印制|印发|印刷|签订|抽调|选派|派出|召开|举办|投入|投资|新增|新建|改建|改造|建成|建设|购置|"
    r"配备|培训|培养|培养带教|聘请|引进|招聘|招录|选录|接诊|检查|筛查|随访|管理|签约|救治|补助|补偿|补贴|奖励|救助|查处|"
    r"办理|受理|审查|审核|争取|完善|评选|创建|申报|安排|发现|检出|报告|采集|抽检|检测|监测|接种|发送|整治|拆除|更新|"
    r"减少|追加|拨付|筹措|筹资|落实|安置|慰问|帮扶|表彰|收缴|发展|认证|取缔|督导|指导|开通|开设|转诊|转移|解决|推荐|储备|制作|免收"
)
# Behind a preposition or a light verb a new phrase begins.
_FOLLOWED = re.compile(r"(?:要|应)?按照|由(?=每[人户])")
_LIGHT = frozenset(("完成", "开展", "进行", "提供", "实施"))
_BOUNDARY = re.compile(
    r"(?<![针应面绝相校核反])对(?![口接象照比策应])|将(?!来|军)|把(?!关|握|脉)|分别[与为]?|为(?=[全我各][县市区省国村镇])|"
    r"(?:根据|据)[^，,]{0,16}(?:显示|统计)|完成(?!比|率|情|任|目)了?|(?<!工作)开展了?|进行了?|提供了?|实施了?"
)
_COUNTED_STOP = re.compile(
    r"[、，,:：;；。！？!?]|进行|开展|实施|提供|享受|参加|接受|纳入|予以|给予|达到|存在|在(?![编职岗管校])|(?<![针应面核校])对(?![口象])|为|以[^上下及]|分别|作为|继续|于(?!都)|高(?![血危级等中校考龄新])|低(?!保|收)|(?<!合)并|被|已|全部|均|都|"
    r"正在|能够|将|从(?!业)|(?<!自)由|(?<!定)向(?!导)|用于|免费(?!医学|师范|生)|平均|[月日年人户]均|全面(?!两孩)|(?<=.)因(?![素病子])|累计|只(?=[有来剩能])|有$|实行|实现|按|不|未|和|与|(?<![惠普以])及|到(?![岗位])|提升|上升|提高|组成|组建|成立|完成|通过|"
    r"获|得到|投入|参与|负责|深入|前往|逐|需|占|其中|增加|增长|下降|降低|减少|降(?!幅)|升(?![级幅])|增(?![速值幅])|上升|不|成为|可以|(?<![技功职产性智效])能(?![力源耗])|的|全覆盖|无死角|要求$|成功|列入|建成|开工|赴|脱贫|出席|制定|迎|有效|同时|受益$"
)
_RATE = re.compile(r"(?:率|比率|比例|占比|比重|覆盖面|标准|均值)$")
_COUNT_WORD = re.compile(r"(?:总?人数|总?数量|总?户数|总?例数|人次数?|总数|总量)$")
_OWN_SUM = re.compile(r"(?:概算)?总?投资$")
_ANY_STEM = re.compile(r"完成|达标|合格|覆盖|到位|执行|核准|报销|有效|优良|及时|占")
_POPULATION = re.compile(r"(?:人|人群|人员|者|患者|儿童|妇女|居民|人口|全县|全市|全区|家庭|的|机构|医院)$")
_MEASURE_AT = re.compile(r"人均|年均|平均")
_LIST = re.compile(r"[、和及与]")
_LIMIT = 26  # characters of an indicator
_SEEN = 160  # characters beside a number that are looked at


def before(text: str) -> str:
    """The indicator in the words before a number."""
    phrase = _ASPECT.sub("", _FOLLOWED.sub("", text[-_SEEN:].translate(_QUOTES)))
    for cut in _BOUNDARY.finditer(phrase):
        rest = phrase[cut.end() :]
        if cut[0] not in _LIGHT or (len(rest) > 1 and cut.start() > 4):
            phrase = HOLE * cut.end() + rest
    phrase = _strip(phrase.lstrip(HOLE))
    if len(phrase) > _LIMIT:
        phrase = _strip(_shorten(phrase))
    return phrase


def _strip(phrase: str) -> str:
    changed = True
    while changed:
        size = len(phrase)
        if not _NEEDED.search(phrase):
            phrase = _TRAILING.sub("", phrase)
        phrase = _LEADING.sub("", phrase)
        changed = len(phrase) != size
    return phrase


def _shorten(phrase: str) -> str:
    """The first verb that is near enough and what follows it, else the last words."""
    for found in _STRONG.finditer(phrase):
        if 4 <= len(phrase) - found.start() <= _LIMIT:
            return phrase[found.start() :]
    kept = ""
    for word in reversed(_words(phrase)):
        if len(kept) + len(word) > _LIMIT:
            break
        kept = word + kept
    return kept or phrase[-_LIMIT:]


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(rjieba.cut(text))


def behind(text: str) -> str:
    """The counted noun directly behind a classifier: 12支[家庭医生签约服务团队]."""
    phrase = text[:_SEEN].translate(_QUOTES)
    phrase = phrase.removeprefix("的").removeprefix("属于")
    stop = _COUNTED_STOP.search(phrase)
    phrase = phrase[: stop.start()] if stop else phrase
    if phrase.startswith("标准") and not phrase.startswith("标准化"):
        phrase = phrase[2:] or phrase
    return phrase if len(phrase) <= 22 else ""


def is_rate(name: str) -> bool:
    """Whether the phrase is a bare rate (签约率, 完成比率) that needs its subject."""
    return bool(_RATE.search(name)) and len(name) <= 5


def with_subject(subject: str, name: str) -> str:
    """常住人口签约 + 签约率 → 常住人口签约率; 检出患者 + 在管 → 患者在管.

    A rate whose own stem (疫苗接种) is not among the subject's words stays alone: a wrong subject
    is worse than none.
    """
    if not subject or name in subject:
        return subject if subject and _RATE.search(name) else name
    rate = _RATE.search(name)
    base = _COUNT_WORD.sub("", subject) if rate else _OWN_SUM.sub("", subject)
    for size in range(min(len(base), len(name)), 1, -1):
        if base.endswith(name[:size]):
            return base + name[size:]
    if rate:
        stem = name[: rate.start()]
        if len(stem) >= 2 and stem in base:
            return base[: base.rindex(stem)] + name
        return base + name if not stem or _ANY_STEM.match(stem) else name
    if name.startswith("未"):  # 患者救治 + 未救治
        base = base.removesuffix(name[1:])
    lead = _STRONG.match(base)
    if lead and len(base) - lead.end() >= 2:
        base = base[lead.end() :]
    return base + name


def split(text: str, count: int) -> tuple[str, ...] | None:
    """The indicators of a list of ``count`` values: 甲、乙系统管理率 → 甲系统管理率, 乙系统管理率.

    None where the words do not name as many things as there are values.
    """
    parts = [part for part in _LIST.split(_strip(text[-_SEEN:].translate(_QUOTES))) if part]
    if len(parts) != count or count < 2:
        return None
    heads, last = parts[:-1], parts[-1]
    tail = _tail(heads[-1], last)
    lead = _lead(parts[0])
    named = [head if _RATE.search(head) or not tail else head + tail for head in heads]
    rest = [*named[1:], last]
    return (named[0], *(lead + name for name in rest))


def _tail(head: str, last: str) -> str:
    """What the last part of a list shares with those before it."""
    if head[-2:] == last[-2:]:  # 城镇居民人均收入和农村居民人均收入: each is complete
        return ""
    measure = _MEASURE_AT.search(last)
    if measure and measure.start() > 1:
        return last[measure.start() :]
    words = _words(last)
    size = max(1, len(_words(head)[-1:]))
    return "".join(words[size:])


def _lead(first: str) -> str:
    """What the first part shares with those behind it: 65岁以上老年人[高血压], [糖尿病]管理率."""
    words = _words(first)
    lead = "".join(words[:-1])
    return lead if lead and _POPULATION.search(lead) else ""
