"""The noun phrase that a figure belongs to (指标名), by rules on the words around the number.

In: the stretch of a clause before or behind a number, as text. Out: the phrase, stripped of
connectives, adverbs, dates, light verbs and copulas (全县常住人口签约 → 常住人口签约). There is no
parser in here: office prose puts the indicator directly before the number (肺癌筛查500人) or
directly behind its classifier (12支签约团队), and what stands in between is a closed list.
"""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

HOLE = "\x00"  # stands for a bracketed insertion that is read on its own

_QUOTES = str.maketrans("", "", f"()[]“”\"'‘’「」《》 \u3000\u00a0\t\n{HOLE}")
_PLACES = "全[县市区省国州镇乡]|我[县市区省国局委镇院]|本[县市区院]|本地区|各地(?=.)"
_LEADING = re.compile(
    rf"^(?:(?:[、，,:：;；。.\-+]|和(?!谐)|及(?!时)|与|且|并|而|但)+|以及|其中包括|其中|此外|同时|另外|另有|目前|至目前|截至目前|截止目前|到目前为止|至今|"
    rf"今年以来|年内|年初(?=拿出|推出|启动|组织|出台|招聘|选派|投入|购置|发放|开工|新增|签订|筹措)|全年|上半年|下半年|去年|今年|上年|{_PLACES}|累计|共计|合计|总计|共(?=[^享同产建性])|已经|已(?!婚)|先后|"
    rf"我们|我[局委办院所]|之前|仍有|仍然?|另有|另(?=.{{2}})|通过(?=.{{4}})|分别|均(?![次衡等值价匀])|还|也|又|再(?!生|贷|就|保|次)|新近|现在|拟(?=[^定])|让|最后(?=.{{2}})|是在?(?=.{{4}})|安排(?=.{{0,8}}(?:赤字|支出|收入)$)|预计|力争|确保|争取|努力|实际(?=完成|到位)|年(?=均|累计)|原有|现有|设有|拥有|共有|计有|"
    rf"[一二三四五六七八九十]+[是、](?![一二三四五六七八九十]级)|\([一二三四五六七八九十0-9]+\)|[①-⑳]|[0-9]+[、.]|标准(?=[^化])|原则上|"
    rf"继续|进一步|按照(?=.)|按(?=.)|比(?=[市上省县全去控])|对于|对(?=[^外口])|将(?=.)|把(?=.)|由(?=.)|为(?=.)|在(?![岗册管校编职建训治读产])(?=.{{4}})|以(?=.{{6}})|要(?![求素点闻件领害塞])(?=.{{2}})|要求(?=.{{3}})|"
    rf"使(?!用)|的(?=.)|其(?![他它余])|给予|予以|明确|加之|积极|认真|深入|大力|全面(?!两孩)|扎实|切实|持续|不断|稳步|有效(?=.{{3}})|有(?=[^关效机螺].)|实现(?=.{{2}})|做到(?=.{{2}})|完成(?!比|率|情)|开展(?!率)好?|提供|"
    rf"进行(?=.{{2}})|达到(?=.)|落实好?(?=.{{4}})|做好(?=.{{3}})|保持(?=.{{4}})|从(?!事)|能够|可以|每年(?=.{{4}}))"
)
_TRAILING = re.compile(
    r"(?:[、，,:：;；。\-]+|分别|逐步|大幅度?|明显|进一步|稳步|统一|(?<!增长)预期|现在|相当于|(?:连续|近)[一二两三四五六七八九十0-9]{1,2}年|[一二两三四五六七八九十0-9]{1,2}年前|最后|(?<=[率准标幅值度量])[拟设]?定|每(?=$)|不到|连续|平均|(?<![人户年次日床平])均|各|都|共计|合计|总计|累计|(?<!公)共|总(?=$)|(?<![签履预条节公制])约|已经|已|仅|只有|就|即|也|等|"
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
# Of these, what is as often a noun: 护工慰问和生活补助标准.
_NOMINAL = frozenset(
    [
        "补助",
        "补贴",
        "补偿",
        "奖励",
        "救助",
        "管理",
        "检查",
        "筛查",
        "随访",
        "检测",
        "监测",
        "接种",
        "报告",
        "培训",
        "发展",
        "帮扶",
    ]
)
# Behind a preposition or a light verb a new phrase begins.
_FOLLOWED = re.compile(r"(?:要|应)?按照|由(?=每[人户])")
_LIGHT = frozenset(("完成", "开展", "进行", "提供", "实施"))
_BOUNDARY = re.compile(
    r"(?<![针应面绝相校核反])(?<!中央)对(?![口接象照比策应外])(?![^，,]{0,12}贡献率)|将(?!来|军|达|超|近|有|高达|突破)(?=.{2})|把(?!关|握|脉)|分别[与为]?|原则上|为(?=[全我各][县市区省国村镇])|"
    r"(?:根据|据)[^，,]{0,16}(?:显示|统计)|[0-9A-Za-z*×]+规格的?|(?:增加|减少|提高|提升|下降|降低|增长|扩大|改善|加快)、|完成(?!比|率|情|任|目)了?|(?<!工作)开展了?|进行了?|提供了?|实施了?"
)
_COUNTED_STOP = re.compile(
    r"[、，,:：;；。！？!?]|进行|开展|实施|提供|享受|参加|接受|纳入|予以|给予|达到|存在|在(?![编职岗管校])|(?<![针应面核校])对(?![口象])|为|以[^上下及]|分别|作为|继续|于(?!都)|高(?![血危级等中校考龄新标层技速铁水素品质压温风端])|低(?![保收碳温压])|(?<!合)并|被|已|全部|均|都|"
    r"正在|能够|将|从(?!业)|(?<!自)由|(?<!定)向(?!导)|用于|免费(?!医学|师范|生)|平均|[月日年人户]均|全面(?!两孩)|(?<=.)因(?![素病子])|累计|只(?=[有来剩能])|有$|实行|实现|按|不|未|到(?![岗位])|提升(?!培训|工程|项目|行动|计划)|上升|提高|组成|组建|成立|完成|通过|"
    r"获|得到|投入|参与|负责|深入|前往|逐|需|占|其中|增加|增长|下降|降低|减少|降(?!幅)|(?<!提)升(?![级幅])|增(?![速值幅])|上升|不|成为|可以|(?<![技功职产性智效])能(?![力源耗])|的|全覆盖|无死角|要求$|成功|列入|建成|开工|赴|脱贫|出席|制定|迎|有效|同时|受益$|大幅|顺利|如期|明显|取得|配备了?|配齐|得到|(?<=.)(?:发放|拨付|兑现|减免|通报)|主体(?=封顶|完工|竣工|工程)|封顶|竣工|[授揭挂]牌|就(?![业医诊学餐近])"
)
_ONLY = re.compile(r"的?[仅只]?占$")
_AND = re.compile("以及|[和与及]")
# What is counted by these is named by the head behind its clause; 人 and 户 are nouns themselves.
_THINGS = frozenset(["项", "件", "种", "条", "部"])
_CLAUSE_OF = re.compile(r"(?P<clause>[^，,、：:；;。的0-9]{2,16})的(?P<noun>[^，,、：:；;。的0-9]{2,14})")
_VERBS = (
    "初步|成功|进一步|继续|予以|给予|积极|全面|不断|持续|扎实|严格|大力|深入|稳步|切实|组建|成立|建立|设立|设置|发放|印制|印发|印刷|"
    "制作|制定|签订|抽调|选派|派出|召开|举办|举行|投入|新增|新建|补建|改建|扩建|改造|维修|建成|建设|购置|配备|配齐|培训|培养|聘请|"
    "引进|招聘|招录|完善|健全|整合|创建|申报|安排|发现|检出|采集|整治|拆除|更新|追加|拨付|筹措|落实|安置|慰问|表彰|开通|"
    "开设|解决|推荐|储备|形成|记住|推进|推行|推动|实施|开展|组织|加强|强化|加大|提高|提升|改善|优化|降低|下调|上调|调整|"
    "统一|并|和|深化|改革(?=完善|创新)|统筹|扩大|实行|健全|新开工|开工|启动|争取|促进|获评|获得"
)
_VERBS_AT = re.compile(rf"^(?:(?:{_VERBS})了?)+(?=.{{2}})")
_ENLARGES = re.compile(r"(?:进一步|继续|持续|稳步)?(?:扩大|增加|增设|扩增|扩充|发展|新增)(?=.{2,12}$)")
_NEW = re.compile(r"新(?=建档|签|报告|招|聘|培|购|开办|登记|注册|认定|纳入)")
_MARKED = re.compile(r"[、，,:：；;。和与及]")
_VERBS_END = re.compile(
    r"(?:基本)?(?:建立|建成|完成|形成|开工|竣工|投产|投用|建设|改造)$|(?:建设)?(?:力度|步伐)$"
)
# What a heading or a clause says to rise or fall: 新发职业病[下降], 村医队伍[止跌回升], 空白村[清零攻坚].
_MOVES = re.compile(
    r"(?:总体|稳步|稳中|明显|显著|大幅度?|持续|逐[年步月]|连续|继续|进一步|有所|不断|快速|较快|双|止跌|止降)*"
    r"(?:下降|上升|回升|回落|减少|增加|增长|提高|提升|降低|缩短|清零|达标|翻番|减半|有[升降增减])"
    r"(?:攻坚战?|行动|工程|目标)?$"
)
_VAGUE = re.compile(r"(?:能力|水平|质量|效率|效能|体系|机制|服务|管理|工作|建设|环境|意识|作用|力度|基础)$")
_RATE = re.compile(r"(?:率|比率|比例|占比|比重|覆盖面|标准|均值)$")
_COUNT_WORD = re.compile(r"(?:总?人数|总?数量|总?户数|总?例数|人次数?|总数|总量)$")
_OWN_SUM = re.compile(r"(?:概算)?总?投资$")
_ANY_STEM = re.compile(r"完成|达标|合格|覆盖|到位|执行|核准|报销|有效|优良|及时|占")
_POPULATION = re.compile(r"(?:人|人群|人员|者|患者|儿童|妇女|居民|人口|全县|全市|全区|家庭|的|机构|医院)$")
_MEASURE_AT = re.compile(r"人均|年均|平均")
_LIST = re.compile(r"[、和及与]")
_ALONE = frozenset(["赤字率", "失业率", "城镇化率", "负债率", "出生率", "死亡率"])  # complete as they are
_OWN_MEASURE = re.compile(r"[量率耗额值比数度费价]$")  # 能耗, 用水量: complete without what the last shares
_MEASURED = re.compile(
    r"(?:排放总?|消费|使用|发电|用电|货运|客运|销售|交易|生产)量|增加值|总?产值|总额|排放$"
)
_MEASURES = re.compile(r"[率量额值比度费价数]$|收入|投资|面积|成本|标准")
_PER = re.compile(r"^(?:单位|人均|每[一-鿿])")
_LIMIT = 26  # characters of an indicator
_PERSON = re.compile(r"[人者员生师户童妇女民工兵军医士友亲眷属]$")
_NOUN = 22  # characters of a counted noun
_LONGEST = 10  # characters of what is stripped from the end of a phrase at once
_SEEN = 160  # characters beside a number that are looked at


def before(text: str) -> str:
    """The indicator in the words before a number."""
    phrase = _ASPECT.sub("", _FOLLOWED.sub("", text[-_SEEN:].translate(_QUOTES)))
    for cut in _BOUNDARY.finditer(phrase):
        rest = phrase[cut.end() :]
        if cut[0] not in _LIGHT or (len(rest) > 1 and cut.start() > 4):
            phrase = HOLE * cut.end() + rest
    phrase = _ONLY.sub("占", _strip(phrase.lstrip(HOLE)))
    if len(phrase) > _LIMIT:
        phrase = _strip(_shorten(phrase))
    return phrase


def _strip(phrase: str) -> str:
    size = -1
    while len(phrase) != size:
        size = len(phrase)
        end = max(0, size - _LONGEST)
        if not _NEEDED.search(phrase, end):
            found = _TRAILING.search(phrase, end)
            phrase = phrase[: found.start()] if found else phrase
        found = _LEADING.match(phrase)
        phrase = phrase[found.end() :] if found else phrase
    return phrase


def _shorten(phrase: str) -> str:
    """What follows a list of examples (甲、乙等…), or the first verb that is near enough; else the last words."""
    examples = phrase.rfind("等")
    if 4 <= len(phrase) - examples - 1 <= _LIMIT and examples > 0:
        return phrase[examples + 1 :]
    for found in _STRONG.finditer(phrase):
        if 4 <= len(phrase) - found.start() <= _LIMIT and found[0] not in _NOMINAL:
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


def behind(text: str, unit: str = "") -> str:
    """The counted noun directly behind a classifier: 12支[家庭医生签约服务团队]."""
    words = text[:_SEEN].translate(_QUOTES)
    words = words.removeprefix("的").removeprefix("属于")
    standard = words.startswith("标准") and not words.startswith("标准化")
    if standard:  # 每月45元标准发放生活补贴
        words = _VERBS_AT.sub("", words[2:])
    stop = _COUNTED_STOP.search(words)
    phrase = words[: stop.start()] if stop else words
    if unit in _THINGS:
        phrase = _head(words, phrase)
    elif unit == "人":
        phrase = _person(words, phrase)
    joint = _AND.search(phrase)
    if joint and (len(phrase) > _NOUN or not joint.start() or not 2 <= len(phrase) - joint.end() <= 12):
        phrase = phrase[: joint.start()]
    if standard and len(phrase) < 2:
        return "标准"
    return phrase if len(phrase) <= _NOUN else ""


def _head(words: str, phrase: str) -> str:
    """The noun behind its clause: 16项部门实施的[审批事项], 23名[符合条件的退役军人]."""
    found = _CLAUSE_OF.match(words)
    if found is None:
        return phrase
    stop = _COUNTED_STOP.search(found["noun"])
    noun = found["noun"][: stop.start()] if stop else found["noun"]
    if len(noun) < 2:
        return phrase
    return noun if phrase != found["clause"] else phrase + noun if _acts(phrase) else phrase


def _person(words: str, phrase: str) -> str:
    """Who is counted: 61名预产期在汛期的[孕妇], 126名[人员]身份和工龄."""
    if phrase.startswith("人员"):
        return "人员"
    found = None if _PERSON.search(phrase) else _CLAUSE_OF.match(words)
    if found is None:
        return phrase
    stop = _COUNTED_STOP.search(found["noun"])
    noun = found["noun"][: stop.start()] if stop else found["noun"]
    return noun if len(noun) > 1 and _PERSON.search(noun) else phrase


def first_noun(words: str) -> str:
    """The noun that words begin with, where another name follows: [床位]使用率, [省份]本级接待费."""
    tagged = rjieba.tag(words.strip())
    noun = tagged[0] if len(tagged) > 1 else ("", "")
    return noun[0] if noun[1][:1] == "n" and len(noun[0]) > 1 and not _MEASURES.search(noun[0]) else ""


def _acts(phrase: str) -> bool:
    """Whether a phrase begins with a verb."""
    return bool(phrase) and rjieba.tag(phrase)[0][1].startswith("v")


def without_verb(phrase: str) -> str:
    """What a phrase is about: 发放救助金 → 救助金, 新开工安居工程 → 安居工程, 保障房基本建成 → 保障房."""
    rest = _VERBS_AT.sub("", phrase)
    rest = rest if len(rest) >= 2 else phrase
    return _VERBS_END.sub("", rest) or rest


def verb_before(phrase: str) -> str:
    """The verb that a phrase begins with: 维修改造王村 → 维修改造."""
    found = _VERBS_AT.match(phrase)
    return found[0] if found else ""


def last_verb(phrase: str) -> str:
    """抽调专家组建 → 组建: of a chain of verbs the last governs; any other phrase stays as it is."""
    found = list(_STRONG.finditer(phrase))
    if not found or found[0].start() or found[-1].end() != len(phrase):
        return phrase
    start = len(phrase)
    for verb in reversed(found):  # 慰问帮扶 is one
        if verb.end() != start:
            break
        start = verb.start()
    return phrase[start:]


def moving(phrase: str) -> str:
    """What a heading or clause says to rise or fall: 新发职业病下降 → 新发职业病; else ""."""
    found = _MOVES.search(phrase)
    name = before(phrase[: found.start()]) if found and not _MARKED.search(phrase) else ""
    return "" if len(name) < 2 or _VAGUE.search(name) else name


def enlarged(heading: str) -> str:
    """What a heading says to enlarge: 扩大家庭病床 → 家庭病床; else ""."""
    found = _ENLARGES.match(heading)
    name = heading[found.end() :] if found and not _MARKED.search(heading) else ""
    return "" if _VAGUE.search(name) else name


def without_new(phrase: str) -> str:
    """What 累计 sums up: 新建档 → 建档, 新签约 → 签约; 新增床位 stays, its sum is no stock of beds."""
    return phrase[1:] if _NEW.match(phrase) else phrase


def topic_of(clause: str) -> str:
    """What a clause speaks of: 新增托位优先放在宿舍区周边 → 托位; "" where it begins with another verb."""
    rest = clause.removeprefix("新增").removeprefix("新建")
    kept = ""
    for word, tag in rjieba.tag(rest):
        if tag[0] not in "nl":
            break
        kept += word
    return kept if len(kept) > 1 and kept != rest else ""


def is_rate(name: str) -> bool:
    """Whether the phrase is a bare rate (签约率, 完成比率) that needs its subject."""
    return bool(_RATE.search(name)) and len(name) <= 5


def is_share(name: str) -> bool:
    """Whether a name is of a rate or a share, with its subject or without."""
    return bool(_RATE.search(name))


def with_subject(subject: str, name: str) -> str:
    """常住人口签约 + 签约率 → 常住人口签约率; 检出患者 + 在管 → 患者在管.

    A rate whose own stem (疫苗接种) is not among the subject's words stays alone: a wrong subject
    is worse than none.
    """
    if not subject or name in subject:
        return subject if subject and _RATE.search(name) else name
    if name in _ALONE:
        return name
    rate = _RATE.search(name)
    base = (_COUNT_WORD if rate else _OWN_SUM).sub("", subject) or subject
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
    if count < 2:
        return None
    parts = [part for part in _LIST.split(_strip(text[-_SEEN:].translate(_QUOTES))) if part]
    if len(parts) != count:
        return None
    heads, last = parts[:-1], parts[-1]
    tail = _tail(heads[-1], last)
    lead = _lead(parts[0])
    named = [head if _RATE.search(head) or not tail else head + tail for head in heads]
    rest = [*named[1:], last]
    return (named[0], *(lead + name for name in rest))


def _tail(head: str, last: str) -> str:
    """What the last part of a list shares with those before it."""
    if head[-2:] == last[-2:] or _OWN_MEASURE.search(head):
        return ""  # 城镇居民人均收入和农村居民人均收入: each is complete
    measure = _MEASURE_AT.search(last) or _MEASURED.search(last)
    if measure and measure.start() > 1:
        return last[measure.start() :]
    words = _words(last)
    size = max(1, len(_words(head)[-1:]))
    return "".join(words[size:])


def _lead(first: str) -> str:
    """What the first part shares with those behind it: 65岁以上老年人[高血压], [糖尿病]管理率."""
    words = _words(first)
    lead = "".join(words[:-1])
    shared = lead and (_PER.match(lead) or (_POPULATION.search(lead) and lead != "居民"))
    return lead if shared else ""
