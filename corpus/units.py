"""Units of measure (计量单位、量词): what may stand behind a number, and what it is called.

In: a text and the offset behind a number. Out: the longest unit that starts there, under its
canonical name, or None. Two written forms get one name only when they can be compared without any
calculation of meaning: 名 and 位 are 人, ㎡ is 平方米, 六成 is 60%; but 人, 人次 and 户 stay apart.

A classifier is also the first character of many words (家 of 家庭, 人 of 人才, 项 of 项目), so each
has a guard: characters which, when they follow, mean that no unit stands there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit found in a text: ``factor`` turns the written unit into the canonical one."""

    name: str
    written: str
    end: int
    factor: Decimal = Decimal(1)


ONE, TEN = Decimal(1), Decimal(10)

# Written forms that are not their own canonical name.
ALIASES: dict[str, tuple[str, Decimal]] = {
    "名": ("人", ONE),
    "位": ("人", ONE),
    "人口": ("人", ONE),
    "块钱": ("元", ONE),
    "人民币": ("元", ONE),
    "成": ("%", TEN),
    "百分点": ("个百分点", ONE),
    "个多百分点": ("个百分点", ONE),
    "个多小时": ("小时", ONE),
    "个多月": ("个月", ONE),
    "个点": ("个点", ONE),
    "㎡": ("平方米", ONE),
    "平米": ("平方米", ONE),
    "m2": ("平方米", ONE),
    "m²": ("平方米", ONE),
    "立方": ("立方米", ONE),
    "m3": ("立方米", ONE),
    "千米": ("公里", ONE),
    "km": ("公里", ONE),
    "千克": ("公斤", ONE),
    "kg": ("公斤", ONE),
    "KG": ("公斤", ONE),
    "g": ("克", ONE),
    "mg": ("毫克", ONE),
    "ml": ("毫升", ONE),
    "mL": ("毫升", ONE),
    "L": ("升", ONE),
    "cm": ("厘米", ONE),
    "mm": ("毫米", ONE),
    "m": ("米", ONE),
    "个小时": ("小时", ONE),
    "个钟头": ("小时", ONE),
    "kW": ("千瓦", ONE),
    "个工作日": ("工作日", ONE),
    "个人": ("人", ONE),
    "个月": ("个月", ONE),
    "周岁": ("岁", ONE),
    "场次": ("场", ONE),
}

# Units of measure: they belong to the number whatever word follows them.
_MEASURES = """
    % ‰ 个百分点 元 美元 欧元 港元 平方米 立方米 平方公里 公里 米 厘米 毫米 公顷 亩 吨 公斤 斤 克 毫克 升 毫升
    小时 分钟 千瓦 千瓦时 工作日 个月 天 倍 岁 分 年 番 个点 ℃ mmHg mmol/L GB 学时 课时 公顷次 亩次 架次
"""
MEASURES = frozenset(_MEASURES.split())

# Classifiers (量词), each with a pattern that must not follow: there it is the head of another word.
# Guards hold only what is likelier than "number + classifier + noun": 12家乡镇卫生院 is 12 家.
_PLAIN = """
    人次 人份 户次 家次 间 张 册 台次 辆 辆次 栋 幢 处次 件 项次 批次 例次 头 羽 套次 篇 块 枚 瓶 盒 袋 箱 桶
    剂 剂次 针次 堂 轮 班次 大类 大项 品种 株 棵 页 艘 架 句 字 步 趟 标准箱 重量箱
"""
CLASSIFIERS: dict[str, str] = {
    "人": "[才民事社力群]",
    "户": "[籍口外主]",
    "名": "[额次录]",
    "位": "[于列居置]",
    "个": "[性别]",
    "家": "[庭长级园]",
    "所": "[有属需谓]",
    "份": "[额量]",
    "本": "[级科次年月身]",
    "套": "餐",
    "台": "[账阶胞风]",
    "部": "[门分署委队长级位]",
    "座": "谈",
    "处": "[理置方罚于级]",
    "项": "目(?!标)",
    "条": "[例件款]",
    "场": "[所地景面长]",
    "次": "[数性要日]",
    "批": "[准复示]",
    "例": "[如会]",
    "对": "[比照口象接于策]",
    "支": "[出持付撑部]",
    "只": "[有要是能]",
    "期": "[间末初]",
    "幅": "度",
    "面": "[对向临积]",
    "片": "区",
    "包": "[括含干]",
    "针": "[对灸]",
    "管": "[理控护辖]",
    "床": "[位旁]",
    "节": "[约点日能育]",
    "讲": "[话解座]",
    "班": "子",
    "门": "[诊类急槛户]",
    "种": "[植类子粮]",
    "类": "似",
    "层": "[级面次]",
    "起": "[到草点付来]",
    "宗": "[旨教]",
    "单": "[位独元个据病]",
    "根": "[据本治]",
    "口": "[腔径岸头服]",
    "眼": "[科底]",
    "组": "[织建成长合]",
    "站": "点",
    "通": "[过知报道行畅用信讯勤气电]",
    "周": "[岁年边]",
    **dict.fromkeys(_PLAIN.split(), ""),
}

# A guard for measures that are also first characters.
_MEASURE_GUARDS = {
    "元": "[旦素首]",
    "米": "面",
    "分": "[之别级类院队期管批布析组值数]",
    "天": "[津然]",
    "年": "[度级龄轻产]",
    "升": "级",
    "克": "服",
    "人口": "[普较]",
    "个人": "[民才账员]",
    "成": "[立功为员本果效]",
    **dict.fromkeys(("m", "g", "L", "cm", "mm", "kg", "mg", "km", "m2", "m3"), "[A-Za-z0-9]"),
}

# What a quantity may be counted per: 元/人·年, 吨/天.
_PER = "人次|人年|人|年|月|天|日|次|户|床日|床|对|例|亩|份|平方米|吨|公里|小时|个|名|家|所|村|kg|h|L|d"


def _pattern() -> re.Pattern[str]:
    guards = {**dict.fromkeys(MEASURES | ALIASES.keys(), ""), **_MEASURE_GUARDS, **CLASSIFIERS}
    forms = [
        re.escape(form) + (f"(?!{guard})" if guard else "")
        for form, guard in sorted(guards.items(), key=lambda item: -len(item[0]))
    ]
    return re.compile(
        rf"[ \u3000\t]{{0,2}}(?:(?P<share>/\s?(?:10万|百万|万|千|百))(?![0-9])"
        rf"|(?P<unit>{'|'.join(forms)})(?P<per>(?:\s?[/·]\s?(?:{_PER})(?![A-Za-z])){{1,2}})?)"
    )


_UNIT = _pattern()


def match_unit(text: str, at: int) -> Unit | None:
    """The longest unit that starts at offset ``at`` (behind at most two spaces)."""
    found = _UNIT.match(text, at)
    if found is None:
        return None
    if found["share"]:
        written = found["share"].replace(" ", "")
        return Unit(written, written, found.end())
    name, factor = ALIASES.get(found["unit"], (found["unit"], ONE))
    per = (found["per"] or "").replace(" ", "")
    return Unit(name + per, found["unit"] + per, found.end(), factor)
