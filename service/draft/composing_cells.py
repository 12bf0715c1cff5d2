"""What a cell of the input says, made fit to stand in a sentence (单元格入句).

In: cells as offices fill them: whole sentences, fragments, lists with 1. or ；, two lines, half-width commas. Out:
clauses without closing marks and without the labels of a list, and the few turns of phrase that fit any of them
(由…负责, …前完成, 目标是…). Nothing is added that the cell does not say, and no figure is touched.
"""

from __future__ import annotations

import re

from corpus.sentences import sentences

LONGEST_NAME = 24  # characters of a problem's title that is named in a sentence without quotation marks

_FIGURE = re.compile(r"[0-9０-９〇零一二三四五六七八九十百千万亿两]")
_ENDS = "。；;，,、：:. \t　"
_LABEL = re.compile(
    r"(?:^|(?<=[；;。：:\n　 ]))\s*(?:(?:\d[.．、](?=\d\d周?岁|\d{4}年)|\d{1,2}[.．、](?!\d))|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,2})[）)]|[①-⑳⑴-⒇]|[一二三四五六七八九十]{1,2}[、是]|[-—•·*]{1,2}(?=\s*[\u3400-\u9fff“]))\s*"
)
_FULL = str.maketrans(",;:?!()", "，；：？！（）")
_HALF = re.compile(r"(?<=[\u3400-\u9fff”）》%])\s*[,;:?!()]\s*|[,;:?!()]\s*(?=[\u3400-\u9fff“（《])")
# Verbs that tasks and measures begin with, behind at most an adverb.
_VERBS = """
    加强 加大 加快 加速 推进 推动 推行 推广 完善 健全 建立 建设 建成 构建 组建 创建
    打造 开展 实施 落实 执行 强化 优化 深化 细化 量化 净化 规范 提升 提高 扩大 拓展
    拓宽 增加 增设 增配 新增 新建 新设 改建 改造 扩建 迁建 续建 修缮 维修 更新 更换
    补齐 补足 补充 配备 配齐 配置 添置 购置 采购 装备 培养 培训 轮训 招聘 招录 引进
    聘用 聘请 返聘 选派 选拔 选聘 选送 定向 派驻 派出 下派 下沉 组织 统筹 协调 对接
    争取 申报 申请 筹措 安排 拨付 结清 清理 清偿 出台 制定 制订 修订 编制 签订 签约
    签署 印发 召开 举办 设立 开设 开通 开发 上线 接入 联通 打通 整合 合并 共享 升级
    启动 启用 探索 试点 试行 巩固 保持 稳定 稳步 压缩 压减 降低 减少 控制 缩短 防控
    防范 预防 筛查 排查 检查 督查 督导 督促 考核 评估 评价 监测 监督 查处 整治 整改
    治理 处置 处理 审核 核对 核实 核查 公开 公示 通报 宣传 宣讲 普及 引导 鼓励 支持
    帮扶 帮助 扶持 奖励 补贴 补助 保障 确保 实现 达到 完成 做好 做实 做强 做细 抓好
    抓实 抓紧 用好 管好 办好 建好 建强 发挥 发展 利用 运用 使用 采取 采用 借助 依托
    通过 围绕 按照 根据 结合 按 坚持 遵循 借鉴 学习 参加 参与 承办 承接 承担 负责 牵头
    联合 会同 配合 邀请 委托 纳入 列入 把 对 为 向 从 在 以 与 由 到 集中 定期
    按期 按月 按季 按时 及时 尽快 年内 全年 常态化 全力 全面 全程 持续 继续 进一步
    逐步 逐年 逐项 深入 积极 主动 大力 着力 切实 认真 严格 科学 合理 有序 不断 充分
    广泛 统一 同步 联动 动态 实行 实地 收集 收治 开放 开工 竣工 投用 转化 落地 解决
    化解 消除 回访 随访 上门 巡诊 义诊 接种 免费 发放 投放 投入 储备 演练 救治 转诊
    会诊 读片 讲授 授课 录入 上传 归档 建档 更改 调整 调配 调动 盘活 租用 扩招 订单
    结对 对口 远程 轮换 轮岗 抓 招 引 购 补 增 减 压 降 控 建议 力争 争创 创新
    推出 推选 挂牌 签 拟 计划 逐村 逐户 逐人 逐院 逐个 逐县 改革 修建 选定 派遣 送教
    送医 管住 赴外 分批 分级 分步 分类 分片 每年组织 每季度组织 每月组织 外派 外聘 回引
    兑现 落细 压实 严查 严控 严打 理顺 摸清 摸排 厘清 明确 划定 划转 腾退
"""
_VERB = re.compile("|".join(sorted(_VERBS.split(), key=len, reverse=True)))
# 县医院选派…, 各乡镇卫生院开展…, 人事股负责…: who does it stands first.
_ACTOR = re.compile(
    r"(?:由|[各全]|每[个家所名支]|[县区市乡镇村局院站]|乡镇|疾控|医共体|医联体|卫生院|财政|人社|教育|医保|民政)[^，。；]{0,14}?(?:局|院|所|室|站|中心|共体|股|科|办|部门|单位|机构|专家|医生|医师|护士|人员|干部|团队|乡镇|[县区市])"
)
# A clause with a subject of its own (市第二人民医院转型为…, 参保率达到…) and not a phrase that ends in a noun.
_CLAUSE = re.compile(
    r"^[^，；]{2,16}?(?:封顶|竣工|开工|投用|投入使用|达标|到位|上线|启用|(?:达到|提高到|控制在|降到|降至|转型|"
    + "|".join(sorted((verb for verb in _VERBS.split() if len(verb) > 1), key=len, reverse=True))
    + r")[^，；]{3,})"
)
_OFTEN = re.compile(r"每(?:个?[天日周月年]|半年|季度?)")
_THING = re.compile(r"(?:目录|制度|机制|办法|方案|平台|系统|清单|体系|标准|产权|模式|政策)$")
_AHEAD = re.compile(r"(?:将|拟|计划|要|打算|准备)(?=[\u3400-\u9fff])")
_PURPOSE = re.compile(
    r"(?:以|从而|为了?)?(?:确保|保证|方便|便于|满足|力争|实现|达到|解决|缓解|提高|提升|增强|减轻|改善|便利)"
)
_PROPOSED = re.compile(r"建议|提议|请求|恳请|希望")
_LISTED = re.compile(r"首先|一方面")
_PROJECT = re.compile(r"(?:工程|行动|项目|计划)$")
_WORK = re.compile(
    r"(?:建设|改造|更新|迁建|新建|扩建|改建|培训|轮训|整治|整改|筛查|排查|试点|创建|申报|验收|改革|互认|覆盖|管理|监测|处置|评审|升级"
    r"|对接|互通|互联|签约|服务|考核|养老|接种|宣传|普及|共享|帮扶|合作|招聘|引进|培养|清算|结算|下沉|派驻|推广|规范化|扩面|提标|提标扩面|提质|增效|轮驻|转型|清零|监测预警|整合|攻坚|倍增|宣讲|义诊|巡诊|讲座|体检|会商|演练|监督|检查|抽查|评估|帮带)$"
)
_BECAUSE = re.compile(
    r"^(?:主要)?(?:原因|成因)(?:主要)?(?:是|在于|为|有|：|:)?|^(?:主要)?(?:是)?(?:由于|因为)|^主要是"
)
_DONE = re.compile(r"完成|到位|建成|投用|开工|达标|启用|上线|结束|验收|启动|见效|竣工")
_BEFORE = re.compile(r"(?:以前|之前|前|内|以内|期间)$")
_DAY = re.compile(r"(?:[底末]|[日号])$")
_SPAN = re.compile(r"(?:[年月季]|半年|季度|[上中下]旬|年度|年初|[月年]中)$")
_BY = re.compile(r"负责|牵头|配合|落实|承办|组织实施|分工|主办|协办|参与")
_DEED = re.compile(r"[对为把将在与向从每]")  # 对4处地块每月一查 is done, and no level that is reached
_AIM = re.compile(r"^(?:工作)?(?:目标|指标|预期(?:目标|成效)?)(?:值)?(?:是|为|：|:)\s*")
_ENSURE = re.compile(r"^(?:确保|力争|争取|保证|努力)")


def clauses(cell: str) -> tuple[str, ...]:
    """The statements of a cell, each without its label and closing mark.

    A statement ends where a sentence or a line does; short pieces between ； stay together.
    """
    text = _wide(cell.replace("\r\n", "\n").replace("\r", "\n"))
    found = (_unlabelled(span.of(text)) for span in sentences(text))
    return tuple(one for one in found if one)


def flow(cell: str) -> str:
    """A cell as one run of clauses with ； between its statements."""
    return "；".join(clauses(cell))


def name(title: str) -> str:
    """What a problem is called in a sentence: 乡村医生后继乏人; “…” where it is long or has commas.

    A figure never comes to stand between quotation marks, where it would be a name and lead to no source.
    """
    text = re.sub(r"(?:的)?(?:主要|突出)?问题$", "", flow(title)) or flow(title)
    if len(text) <= LONGEST_NAME and not re.search(r"[，；：。、“”？！]", text):
        return text
    parts = re.split(r"[，；：。？！]", text)
    first = next((part for part in parts if 4 <= len(part) <= LONGEST_NAME and not _FIGURE.search(part)), "")
    if first and not re.search(r"[“”（）]", first):
        return f"“{first}”" if "、" in first else first
    short = text if len(text) <= 2 * LONGEST_NAME else f"{text[: 2 * LONGEST_NAME - 2]}……"
    if _FIGURE.search(text):
        return text
    return f"“{short.replace('“', '‘').replace('”', '’')}”"


def has_figure(text: str) -> bool:
    """Whether a text has a numeral, so that it must not be put between quotation marks."""
    return bool(_FIGURE.search(text))


def ahead(title: str, measure: str = "") -> str:
    """A task as what will be done: 将与市卫校签订协议; 将推广适宜技术，县中医院每季度培训一期.

    The measure says it where 将 can stand in front of it; else the title does, with the measure behind it. The words
    say 将 or 拟 in any case: nothing planned is told as done.
    """
    named, how = flow(title), flow(measure)
    leads = _AHEAD.match(how) or begins_with_verb(how) or how.startswith("将")
    if how and leads and not (named and _PURPOSE.match(how)):
        return _planned(how)
    if _LISTED.match(how):
        return f"将采取以下措施：{how}"
    if not how or not named:
        return _planned(named or how)
    return f"{_planned(named)}{'：' if '；' in how else '，'}{how}"


def _planned(text: str) -> str:
    if text.startswith("要") and begins_with_verb(text[1:]):
        return f"将{text[1:]}"
    if (
        not text
        or _PROPOSED.match(text)
        or (_AHEAD.match(text) and begins_with_verb(_AHEAD.sub("", text, count=1)))
    ):
        return text
    if _LISTED.match(text):
        return f"将采取以下措施：{text}"
    if begins_with_verb(text):
        return f"将{text}"
    if text.startswith("将"):  # 将6个卫生院接入系统: this 将 takes an object and tells no time
        return f"拟{text}"
    first = re.split(r"[，；]", text)[0]
    if _PROJECT.search(first):
        return f"将实施{text}"
    if _WORK.search(first):
        return f"将推进{text}"
    actor = _ACTOR.match(text)
    if actor and (_VERB.match(text, actor.end()) or _OFTEN.match(text, actor.end())):
        return f"{actor[0]}将{text[actor.end() :]}"
    if _OFTEN.match(text):
        return f"拟{text}"
    if _CLAUSE.match(text) and not _THING.search(first):
        return f"将推动{text}"
    return f"拟采取的措施是{text}"


def begins_with_verb(text: str) -> bool:
    """Whether 将 can stand in front of a text."""
    return bool(_VERB.match(text)) and not (_ACTOR.match(text) and not text.startswith("由"))


def because(cell: str) -> str:
    """The cause of a problem: 主要原因是…, whether the cell says 由于, 因为, 原因是 or nothing of the kind."""
    text = flow(cell)
    lead = _BECAUSE.match(text)
    rest = text[lead.end() :].lstrip("，：: ") if lead else text
    if not rest:
        return ""
    if re.match(r"首先|一方面", rest):
        return f"主要原因有：{rest}"
    return f"{'' if rest.startswith('主要') else '主要'}原因是{rest}"


def by(office: str) -> str:
    """Who is responsible: 由人事股负责; 由人事股牵头，财务股配合."""
    text = flow(office)
    named = re.sub(
        r"(牵头|责任|主责|主办|配合|协办|协同|参与)(?:单位|部门|股室|科室)?(?:为|是|：|:)\s*([^；，]+)",
        _role,
        text,
    )
    named = named.replace("；", "，")
    if named.startswith("由"):
        return named if _BY.search(named) else f"{named}负责"
    return f"由{named}" if _BY.search(named) else f"由{named}负责"


def _role(found: re.Match[str]) -> str:
    role = {"责任": "负责", "主责": "负责", "主办": "牵头", "协办": "配合", "协同": "配合"}.get(
        found[1], found[1]
    )
    return f"{found[2].strip()}{role}"


def units(office: str) -> tuple[str, ...]:
    """The single units that a cell names: 人事股牵头，财务股配合 are 人事股 and 财务股."""
    named = re.sub(
        r"(?:牵头|责任|主责|主办|配合|协办|协同|参与)(?:单位|部门|股室|科室)?(?:为|是|：|:)|^由",
        "",
        flow(office),
    )
    parts = (
        re.sub(r"(?:共同|分别)?(?:负责|牵头|配合|落实|承办|参与|协办)$", "", p)
        for p in re.split(r"[、，；]", named)
    )
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def until(deadline: str) -> str:
    """When it is to be done: 2023年9月底前完成; 全年推进; 完成时限为每季度一次."""
    text = flow(deadline)
    if _DONE.search(text):
        return text
    if text.endswith("起"):
        return f"{'' if text.startswith(('自', '从')) else '自'}{text}实施"
    if _BEFORE.search(text):
        return f"{text}完成"
    if _DAY.search(text):
        return f"{text}前完成"
    if re.fullmatch(r"(?:\d{4}年)?(?:全年|常年|长期|持续|每年|常态化)", text):
        return f"{text}推进"
    if re.search(r"推进|坚持|开展|进行|持续", text):
        return text
    if _SPAN.search(text):
        return f"{text}完成"
    return f"完成时限为{text}"


def by_day(deadline: str) -> str:
    """2023年9月底前, where a deadline is one that can stand in front of what is to be done; else ""."""
    text = flow(deadline)
    if _DONE.search(text) or not (_BEFORE.search(text) or _DAY.search(text)):
        return ""
    return text if _BEFORE.search(text) else f"{text}前"


def aim(target: str, *, set_before: bool = False) -> str:
    """The target: 目标是培养30名; 确保签约率达到75%; 做到对4处地块每月一查.

    One that was ``set_before`` is always called 年度目标, so that nobody reads it as reached.
    """
    text = _AIM.sub("", flow(target))
    if set_before:
        return f"年度目标是{text}"
    if _ENSURE.match(text):
        return text
    return f"做到{text}" if _DEED.match(text) else f"目标是{text}"


def _unlabelled(text: str) -> str:
    """A statement on one line without labels (its paragraph may be the 一是 of a section) and closing marks."""
    bare = _LABEL.sub("", text.strip())
    return " ".join(bare.split()).strip(_ENDS)


def _wide(text: str) -> str:
    """Half-width marks beside Chinese characters in full width, as Chinese text has them."""
    return _HALF.sub(lambda found: found[0].strip().translate(_FULL), text)
