"""What a number is called: the words around it, and what the clauses before it spoke of.

In: the words before and behind a group of numbers. Out: their indicator. Office prose names a thing once
and leaves it out afterwards (新开工安居房30套，基本建成12套), so a bare rate, a bare verb or a word of
change takes its subject from what was read before; a ； forgets it. A number without any name takes that of
the heading, where this says of one thing that it rises or falls (新发职业病下降 › 全年31例).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

import rjieba

from corpus import indicators
from corpus.figure_kinds import LESSENED, without_change
from corpus.figure_words import (
    AGED,
    ALL,
    AMONG,
    AVERAGE,
    BASE,
    CARED,
    COMPLETED,
    DURATIONS,
    DWELLS,
    EACH,
    ELSE,
    FOR_WHOM,
    HEALED,
    LEANS,
    LONE,
    MODIFIES,
    NOTHING,
    OF_PROJECT,
    OTHERS,
    PAID,
    PER_HEAD,
    PERSONS,
    REPORTED,
    SAVED,
    SERVED,
    SET,
    SHARES,
    SPENDS,
    SUBSIDY,
    SUFFERS,
    SUMS,
    TAKEN,
    TASK,
    VERBAL,
    counted,
    is_thing,
)
from corpus.indicators import HOLE
from corpus.numeral_roles import Role
from corpus.numerals import Number
from corpus.places import find_places

_EXAMPLES = re.compile(r"等[ ]?$")
_JOINED = re.compile(r"[、和及与]")
_SCOPE = re.compile(r"(?:从|由|在|到)?(?:世界|全球|全国|全省|全市|全县|全区|县域|同类|同行业)+$")
_PLACE = re.compile(r"[一-鿿]{2,4}[县市区]")
_MARKS = re.compile(r"^[ \x00]*[、，,；;：:]")


@dataclass(slots=True)
class Context:
    """The names that later clauses lean on."""

    title: str = ""  # the heading above
    subject: tuple[str, ...] = ()
    people: Decimal | None = None  # how many people the subject counts: 在管高血压患者15210人
    topic: str = ""  # the first indicator since the last ；
    pending: str = ""  # the clause before, where it has no number
    waited: str = ""  # its words
    thing: str = ""  # the same where it is a thing, not an action or a circumstance
    share: str = ""  # 占总投资3亿元的25%: what the 25 % is, while the 3亿元 is read
    among: bool = False  # behind 其中甲3例、乙2例: what follows speaks of the whole again
    parent: str = ""  # what the bracket that is being read speaks of
    noun: str = ""  # the counted noun of the name that was given last
    told: list[str] = field(default_factory=list)  # the names since the last ；
    measured: dict[str, str] = field(default_factory=dict)  # of them the last of each unit
    sums: bool = False  # the group that is being read is 累计
    task: bool = False  # that name is of how much of a task is done

    def forget(self) -> None:
        """A ；: what follows speaks of something else."""
        self.subject, self.people, self.topic, self.among = (), None, "", False
        self.told.clear()
        self.measured.clear()

    def wait(self, words: str) -> None:
        """Keep a clause without a number for the next."""
        phrase = indicators.before(words)
        self.waited = words
        self.pending = phrase if len(phrase) >= 2 else ""
        self.thing = self.pending if is_thing(words, phrase) else ""

    def done(self) -> None:
        """The end of a clause with numbers: the next does not lean on the clause before it."""
        self.pending = self.waited = self.thing = ""

    def keep(self, names: tuple[str, ...], left: str, last: Number | None = None) -> None:
        """Keep the names of a group for what leans on them; 完成任务的102% leaves the subject as it was."""
        unit = last.unit if last else ""
        self.told.extend(names)
        self.measured[unit] = names[-1]
        if any(names) and not BASE.match(left) and not self.task:
            self.subject = (self.share,) if self.share else names
            self.people = last.value * last.factor if last and last.value and unit in PERSONS else None
            self.share = ""
            self.topic = self.topic or ("" if self.among else names[0])

    def names(self, left: str, right: str, group: list[Number], leads: bool) -> tuple[str, ...]:
        """A name for each number of a group; ``leads`` where it is the first of its clause."""
        self.noun, self.task = "", False
        words = without_change(left)
        several = indicators.split(words, len(group)) or self._carried(left, words, len(group))
        if several is None:
            return (self._one(left, words, right, group, leads),) * len(group)
        if counted(group[-1]):
            self.noun = indicators.behind(right, group[-1].unit)
            return tuple(name if name.endswith(self.noun) else name + self.noun for name in several)
        return several

    def _carried(self, left: str, words: str, count: int) -> tuple[str, ...] | None:
        """分别比2007年增加…: a list of values under the names of the list before."""
        if count < 2 or indicators.before(words):
            return None
        if len(self.subject) == count:
            return self.subject
        apart = "分别" in left and len(self.told) >= count  # 总收入、医疗收入…，分别增长12%、10%
        return tuple(self.told[-count:]) if apart else None

    def _one(self, left: str, words: str, right: str, group: list[Number], leads: bool) -> str:
        first, last = group[0], group[-1]
        name = self._before(words, right, first)
        subject = self.subject[-1] if self.subject else ""
        if last.unit not in SHARES:  # 占总投资3.42亿元的25%: the whole, not the share
            self.share = indicators.with_subject(subject, name) if re.match("占.", name) else ""
            name = name.removeprefix("占").removesuffix("占") if len(name) > 1 else name
        if name == "年度":
            name = indicators.behind(right) or name
        if not name and subject and SAVED.search(left):  # 决算投资4795万元，比概算节约65万元
            return f"{subject}节约额"
        if not name and subject and (words != left or first.role is Role.RANK):
            return self.topic if self.among and self.topic else subject
        alone = not left.strip(f" {HOLE}")
        if (len(name) < 2 and ELSE.match(left)) or (not name and alone and SUFFERS.match(right)):
            return indicators.behind(right) or indicators.before(right)  # 7人被聘为导师, 另有9人签约
        if not name and SUMS.search(left) and AVERAGE.search(subject):
            return AVERAGE.sub("", subject)
        dwells = DWELLS.match(right) if last.unit == "人" and not name else None
        if dwells:  # 18万人散居在三个乡镇
            return f"{dwells['verb']}人口"
        self.noun = self._noun(name, right, last)
        if self._of_them(name, last):
            return indicators.with_subject(_people(subject), name)
        whole = self._whole(name, left, subject, leads, last.unit)
        return self._finished(whole, left, right, last)

    def _of_them(self, name: str, last: Number) -> bool:
        """Whether so many of the people told before are managed or cured: 在管高血压患者15210人，规范管理10495人.

        More than there are, they are others: 新发病人14例，系统管理31人.
        """
        if self.people is None or self.noun or last.unit not in PERSONS or not CARED.fullmatch(name):
            return False
        return last.value is not None and last.value * last.factor <= self.people

    def _before(self, words: str, right: str, first: Number) -> str:
        """The name in the words before a number, its word of change aside."""
        if first.role is Role.RANK:
            words = _SCOPE.sub("", words)
        name = indicators.before(words)
        lessened = LESSENED.match(name)
        if lessened and not indicators.behind(right):
            name = name[lessened.end() :]
        told = words.rstrip(f" {HOLE}").endswith("的") and SET.fullmatch(name)
        return "" if told or name in NOTHING else name

    def _whole(self, name: str, left: str, subject: str, leads: bool, unit: str) -> str:
        """The name with what it leaves out: its subject, its project, the clause before."""
        self.task = bool(subject and TASK.fullmatch(name))
        if self.task or EACH.fullmatch(name):
            return subject + name
        if PER_HEAD.fullmatch(name) and (subject or self.pending):
            if subject:
                return name + PER_HEAD.sub("", subject)
            topic = indicators.topic_of(self.pending)
            return name + topic if topic else self.pending + name
        if name in OF_PROJECT and leads and self.thing and not self.topic and not self.noun:
            return self.thing + name
        if name in ALL and not self.noun:
            whole = indicators.without_verb(self.measured.get(unit, "")) or indicators.enlarged(self.title)
            if whole:
                return whole + name
        if self.parent and not self.topic and 0 < len(name) <= 4:
            return self.parent + name
        if _PLACE.fullmatch(name) and not self.noun and find_places(name):
            return name + (_unplaced(self.measured.get(unit, "")) or indicators.moving(self.title))
        if name in VERBAL and not self.noun:
            about = indicators.without_verb(subject or self.pending)
            return about if name in about else about + name
        if SUBSIDY.fullmatch(name) and leads and self.pending:
            return indicators.without_verb(self.pending) + name
        if OTHERS.match(name):
            return self.topic + name
        if HEALED.fullmatch(name) and subject.endswith("成功治疗"):
            return f"{subject.removesuffix('成功治疗')}治疗成功率"
        if LEANS.match(name) or BASE.match(left) or indicators.is_rate(name):
            return TAKEN.sub("", indicators.with_subject(subject, name))
        if 0 < len(self.thing) <= 20 and leads and 0 < len(name) <= 2 and not self.noun:
            return self.thing + name
        return name

    def _finished(self, name: str, left: str, right: str, last: Number) -> str:
        """The name with the noun that is counted, or the best that can be said without one."""
        subject = self.subject[-1] if self.subject else ""
        if len(name) == 1 and name not in LONE:
            name = ""
        if last.written_unit.endswith("人口") and not self.noun:
            return name.removesuffix("人口") + "人口"
        if self.noun and name in SPENDS:
            return self.noun + name
        served = SERVED.match(right.replace(HOLE, "").lstrip().removeprefix(self.noun)) if self.noun else None
        if (
            served and not name and FOR_WHOM.search(left)
        ):  # 为4371名农村居民开展了健康体检 counts who was served
            return f"{self.noun}{served['done']}"
        if self.noun and not name.endswith(self.noun):
            return (self._governed(name, left) if counted(last) else name) + self.noun
        if name or subject:
            return name or self._leant(subject, left, last)
        about = indicators.without_verb(self.pending) if last.unit in SHARES else self.pending
        found = "" if _MARKS.match(right) else indicators.before(right)
        if found in VERBAL:
            return indicators.without_verb(self.pending) + found
        return found or indicators.moving(self.waited) or about or self._headed(last)

    def _leant(self, subject: str, left: str, last: Number) -> str:
        """What a number without a name of its own tells of the subject before."""
        if counted(last) and COMPLETED.search(left):  # 22项任务完成20项
            return subject if subject.endswith("完成") else f"{subject}完成"
        if last.unit == "分" and AVERAGE.search(left):
            return f"{subject}平均得分"
        return indicators.without_new(subject) if self.sums else subject

    def _headed(self, number: Number) -> str:
        """What the heading tells of, for a number that is only told: 全年31例 under 新发职业病下降."""
        name = indicators.moving(self.title) if number.unit else ""
        return name if indicators.is_share(name) == (number.unit in SHARES) else ""

    def _governed(self, name: str, left: str) -> str:
        """What stands before a counted noun without its examples: 改造甲村、乙村3个卫生院 → 改造."""
        listed = "、" in name and _is_noun(name)
        if listed or _EXAMPLES.search(left):
            return indicators.verb_before(_JOINED.split(name)[0]) if len(self.noun) < 4 else ""
        return indicators.last_verb(name)

    def _noun(self, name: str, right: str, last: Number) -> str:
        """What stands behind the number and is counted, paid for or shared."""
        share = last.unit == "%" and (not name or name.endswith(("覆盖", "惠及")))
        paid = last.unit == "元" and PAID.match(right)
        if last.unit in DURATIONS and not name:
            return indicators.before(right)
        if not (counted(last) or share or paid or MODIFIES.match(right)):
            return ""
        noun = indicators.behind(right, last.unit)
        if noun == right and AMONG.fullmatch(noun):
            noun = noun.removesuffix("中")
        task = last.unit != "项" and TASK.fullmatch(noun)  # 22项任务 counts them
        return noun if len(noun) > 1 and not task else ""


def _people(subject: str) -> str:
    """Who is counted: 65岁及以上 are 老年人, 肺结核报告 tells of 肺结核."""
    return REPORTED.sub("", f"{subject}老年人" if AGED.search(subject) else subject) or subject


def _unplaced(name: str) -> str:
    """A name without the place that it begins with: 澄河县参保率 → 参保率."""
    places = find_places(name)
    return name[places[0].span.end :] if places and not places[0].span.start else name


def _is_noun(phrase: str) -> bool:
    """Whether a phrase ends with a noun: 甲镇、乙镇 does, 甲镇、乙镇各组建 does not."""
    return rjieba.tag(phrase)[-1][1][:1] in ("n", "l", "j", "i")
