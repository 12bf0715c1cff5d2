"""What a report promised: each next step with its measurable aims, targets of its goals, and pledges.

In: a report with its card and its rows of the ledger. Out: :class:`Promise` in order. A next step is one
promise; where it runs over more than four sentences (government reports), each of its sentences that
can be checked is one: it names a figure, a time or something to be built. Of the goals each sentence
with a target counts, and elsewhere a sentence that pledges (力争年内建成).

An :class:`Aim` is a clause of a promise with what it is about (``subject``), the level it sets
(``target``), the month it is due and what is to be reached (开工, 投用 …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import rjieba

from corpus.cards import Card
from corpus.ledger import Row
from corpus.numeral_roles import Role
from corpus.numerals import numbers
from corpus.report import FigureKind, Report, SectionKind, Span
from corpus.sentences import sentences
from service.cited import Citation
from service.points.points import Point, points
from service.points.unlabelled import LABEL, bare, title_of
from service.terms import content

LEAST_NAMED = 4  # characters of nouns that tell a matter without its verbs
MOST_SENTENCES = 4  # a longer next step is checked sentence by sentence
PLEDGE = re.compile(
    r"(?:力争|确保|预计|计划|争取|将于|拟于?)[^。；，,]{0,24}?(?:年内|年底|[上下]半年|明年|\d{1,2}月|建成|投用|投入使用|完工|交付|完成)"
)
DATED = re.compile(r"年内|年底|年末|\d{1,2}月|[一二三四]季度|[上下]半年")
# What a work reaches: the verb by which its end is told.
REACHED = re.compile(
    r"开工|动工|封顶|竣工|完工|投用|投入使用|投入运行|启用|建成|交付|开诊|开通|运行|上线|联网|验收|印发|出台|挂牌|销号|搬迁"
    r"|兑现|发放|到位|到岗|迁移|覆盖|清零|归零"
)
_YEARS = re.compile(r"十[一二三四五六]五|今后[三五十]年|未来[三五十]年|20\d\d年?[-—－~至]\s*20\d\d|远景")
# What stands in front of tasks and promises nothing.
_PREAMBLE = re.compile(
    r"总体要求|指导思想|形势|综合分析|展望|之年|将?召开.{0,12}大会|把握好|重点做好|必须着力"
)
_CLAUSE = re.compile(r"[，,；;。！？\n]")
_TIME = re.compile(
    r"(?:到|至|在)?(?:20\d\d年|今年|明年)?(?:年内|年底前?|年末|[上下]半年|[一二三四]季度|\d{1,2}月(?:\d{1,2}日)?(?:底|初|中旬|上旬|下旬)?)"
    r"(?:之?前|以前|内|起)?|20\d\d年(?:底|末)?前?|今年|明年|全年"
)
# Verbs of doing that say nothing of the matter; what is left of a clause is its subject.
_DOING = re.compile(
    r"设立|建立|建成|建好|建设|新建|补建|改建|开设|开办|开展|开工|动工|启用|启动|投用|投入使用|推进|推动|推行|推广|完成|实施"
    r"|组建|组织|补齐|补足|扩大|扩到|增加|新增|增至|达到|提高|提升|压缩|压减|控制|降低|降到|减到|解决|落实|保障|确保|力争|争取"
    r"|加强|加快|强化|深化|完善|健全|优化|规范|做好|抓好|办好|试办|继续|持续|进一步|不断|全面|积极|大力|深入|稳步|着力|切实|努力"
    r"|封顶|竣工|完工|交付|重新|出台|印发|制定|购置|配备|配置|招聘|引进|培训|培养|申报|支持|鼓励|引导|促进|保持|坚持|实现"
    r"|覆盖|清零|攻坚|预期|目标|要求|项目$|以上|以内|以下|左右|不少于|不低于|不超过|每个|全部|首批|剩余|最后|确定"
)
# Figures that describe a work and are no level to be reached.
_DESCRIBES = re.compile(r"总投资|概算|设床位|建筑面积|占地|规划床位|首批|编制床位|协议|服务到")
# Units of conditions (海拔800米以下, 缺药48小时内) and not of levels.
_CONDITIONS = frozenset({"天", "岁", "小时", "年", "米", "公里", "个月", "周", "工作日", "个工作日"})
_LEVEL = re.compile(
    r"达到?|[到至]|新增|建成|不少于|不低于|控制在"
)  # 三家医院 is a level only behind one of these
# 各设1处, 每县至少1所: a level for each of several cannot be held against a sum.
_EACH = re.compile(r"各|每(?![千万百人年月\d])")
# Words that go with any matter.
_ANY = frozenset(
    [
        "增长",
        "强度",
        "速度",
        "标准",
        "水平",
        "规模",
        "比例",
        "比重",
        "投资",
        "经济",
        "社会",
        "发展",
        "民生",
        "政府",
        "资金",
        "质量",
        "数量",
        "情况",
    ]
)
_AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT)


@dataclass(frozen=True, slots=True)
class Aim:
    """A clause of a promise. ``due`` is the last month in which it is kept, 0 where none is told."""

    span: Span
    text: str
    subject: str
    targets: tuple[Row, ...] = ()
    due: int = 0
    reached: str = ""

    @property
    def measured(self) -> bool:
        """Whether it says by what it is kept: a level, a time, a step."""
        return bool(self.targets or self.reached or self.due)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise; ``aims[0]`` says what it is about. ``also`` cites where else it was made."""

    card: Card
    span: Span
    text: str
    title: str
    path: tuple[str, ...]
    aims: tuple[Aim, ...]
    also: tuple[Citation, ...] = ()

    @property
    def body(self) -> str:
        """What it says without its label, on one line."""
        return bare(self.text)

    @property
    def citation(self) -> Citation:
        """Where it stands."""
        return Citation.at(self.card, self.span, self.text, self.path)


def promises(report: Report, card: Card, rows: Sequence[Row]) -> tuple[Promise, ...]:
    """All promises of a report, in order."""
    make = _Maker(report, card, rows)
    steps = [p for p in points(report, card, SectionKind.NEXT_STEPS) if not _PREAMBLE.search(p.title)]
    found = [promise for point in steps if not later(point.path) for promise in make.of_step(point)]
    for point in points(report, card, SectionKind.GOALS):
        if later(point.path):
            continue
        found += [make.of_span(span, point.path) for span in point.sentences if make.aimed(span)]
    taken = [promise.span for promise in found]
    found += [p for p in make.pledges() if not any(span.holds(p.span) for span in taken)]
    return tuple(sorted(found, key=lambda promise: promise.span))


def later(path: Sequence[str]) -> bool:
    """Whether a heading sets its tasks for several years (“十三五”时期主要目标)."""
    return any(_YEARS.search(heading) for heading in path)


class _Maker:
    """Makes promises of stretches of one report."""

    def __init__(self, report: Report, card: Card, rows: Sequence[Row]) -> None:
        self.report, self.card, self.text = report, card, report.text
        self._targets = [r for r in rows if r.kind in _AIMS and not r.former]

    def of_step(self, point: Point) -> Iterator[Promise]:
        """A next step as one promise, or each of its sentences that can be checked."""
        if len(point.sentences) <= MOST_SENTENCES:
            yield self.of_span(point.span, point.path, point.title)
            return
        for sentence in point.sentences:
            words = sentence.of(self.text)
            if self.aimed(sentence) or (DATED.search(words) and REACHED.search(words)):
                yield self.of_span(sentence, point.path)

    def pledges(self) -> Iterator[Promise]:
        """Sentences that pledge, outside of next steps and goals."""
        ahead = (SectionKind.NEXT_STEPS, SectionKind.GOALS, SectionKind.SAFEGUARDS)
        for section in self.report.sections:
            below = [s for s in self.report.sections if s is not section and section.span.holds(s.span)]
            if section.kind in ahead or below:
                continue
            for sentence in sentences(self.text, Span(section.heading.start, section.span.end)):
                found = PLEDGE.search(sentence.of(self.text))
                if found:
                    start = sentence.start + found.start()
                    yield self.of_span(sentence, section.path, only=start)

    def aimed(self, span: Span) -> bool:
        """Whether a stretch sets a level."""
        return bool(self._levels(span))

    def of_span(self, span: Span, path: tuple[str, ...], title: str = "", only: int = -1) -> Promise:
        """The promise of a stretch; with ``only`` the clause at that offset and what is before it."""
        text = span.of(self.text)
        aims = [self._aim(part) for part in self._clauses(span)]
        if only >= 0:
            aims = [aim for aim in aims if aim.span.end > only] or aims[-1:]
        head = aims[0]
        if not head.subject:  # 年内全部投用: what is meant stands in the title or in the heading
            subject = subject_of(title or (path[-1] if path else "")) or subject_of(text)
            head = replace(head, subject=subject)
        rest = [replace(a, subject=a.subject or head.subject) for a in aims[1:] if a.measured]
        return Promise(self.card, span, text, title or title_of(text), path, (head, *rest))

    def _clauses(self, span: Span) -> Iterator[Span]:
        start = span.start
        for mark in [*(m.start() for m in _CLAUSE.finditer(self.text, span.start, span.end)), span.end]:
            if LABEL.sub("", self.text[start:mark]).strip():
                yield Span(start, mark)
            start = mark + 1

    def _aim(self, span: Span) -> Aim:
        text = LABEL.sub("", span.of(self.text)).strip()
        reached = REACHED.search(text)
        return Aim(
            span, text, subject_of(text), self._levels(span), due_month(text), reached[0] if reached else ""
        )

    def _levels(self, span: Span) -> tuple[Row, ...]:
        """Targets in a stretch that set a level to be reached."""
        return tuple(
            row
            for row in self._targets
            if span.holds(row.span)
            and row.value is not None
            and not _DESCRIBES.search(f"{row.indicator}{_clause_before(self.text, row.span)}")
            and row.unit not in _CONDITIONS
            and not _EACH.search(_clause_before(self.text, row.span))
            and (re.search(r"\d", row.text) or _LEVEL.search(_clause_before(self.text, row.span)))
        )


def subject_of(text: str) -> str:
    """The words of a clause that name its matter: no verbs of doing, times or numbers."""
    flat = " ".join(text.split())
    for number in reversed(numbers(flat)):
        if number.role is Role.QUANTITY:
            flat = f"{flat[: number.whole.start]} {flat[number.whole.end :]}"
    flat = _DOING.sub(" ", _TIME.sub(" ", flat))
    words: list[str] = []
    end = -1
    for word in content(flat).split():
        start = flat.find(word, max(end, 0))
        if words and start == end and 1 in (len(word), len(words[-1])):
            words[-1] += word  # 康复楼 is cut in two
        else:
            words.append(word)
        end = start + len(word)
    words = [word for word in words if word not in _ANY]
    words = [word for word in words if len(word) > 1] or words
    named = [word for word in words if not all(tag == "v" for _, tag in rjieba.tag(word))]
    return " ".join(named if len("".join(named)) >= LEAST_NAMED else words)


def due_month(text: str) -> int:
    """The month up to which something is due: 8月底前 is 8, 上半年 is 6, 年内 is 12; 0 for none."""
    months = [int(m) for m in re.findall(r"(?<!\d)(\d{1,2})月", text) if 1 <= int(m) <= 12]
    if months:
        return months[-1]
    quarter = re.search(r"([一二三四])季度", text)
    if quarter:
        return 3 * ("一二三四".index(quarter[1]) + 1)
    if "上半年" in text:
        return 6
    return 12 if re.search(r"年内|年底|年末|下半年", text) else 0


def _clause_before(text: str, span: Span) -> str:
    """The clause in front of a figure."""
    return re.split(r"[，,；;。：:\n]", text[max(0, span.start - 30) : span.start])[-1]
