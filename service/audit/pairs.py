"""Two values of one indicator in a sentence, an earlier and a later one, with what is claimed of the change.

In: a sentence as a chain of figures. Out: :class:`Pair` (由A增加到B; B，上年为A; B，比上年的A增加C) with
its :class:`Claim` figures (增长12%, 净增2400万元, 提高2.5个百分点, 翻两番), in order of the text. Only the
words between neighbouring figures count: what interposes a name of its own begins something new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.report import FigureKind
from service.audit.reading import Mention, Told, same_unit

UP, DOWN = 1, -1
_UPS = (
    "净增长|净增加|净增|增长|增加|增至|上升|提高|提升|上涨|扩大|回升|上浮|攀升|新增|增幅|涨幅|升幅|升至|升到|升|增|高出|多出|高|多|发展|"
    "拓展|扩展|延长|跃升|攀升至|递增|达"
)
_DOWNS = "净减少|净减|减少|下降|降低|回落|缩短|压缩|下滑|缩减|收窄|压减|削减|缩小|下调|递减|走低|降幅|减幅|降至|降到|减至|减到|降|减|低|少|缩"
_VERB = re.compile(rf"(?P<up>{_UPS})|(?P<down>{_DOWNS})")
_YEARS = r"(?:(?:19|20)[0-9]{2}[ ]?年(?:[末底]|度)?|去年|上年|前年|上一年度?|上年度)"
_SPANS = (
    r"(?:[0-9]{1,2}(?:-[0-9]{1,2})?月(?:份|底|末)?|上半年|下半年|全年|年[末底]|第?[一二三四]季度|同期|同月)"
)
_THEN = rf"(?:{_YEARS}[ ]?(?:的|{_SPANS})*|同期)"
_ORIGIN = re.compile(
    rf"(?:[由从]|自(?![然己治]))(?!业|事)(?:{_THEN}|年初|首月|期初|最初|原来|过去|[^，,。；;、：:0-9]{{0,8}}?)(?:的)?$"
)
_TURN = re.compile(
    rf"^[^，,。；;、0-9（(]{{0,4}}?(?:(?P<up>{_UPS})|(?P<down>{_DOWNS})|变)?(?P<to>[到至为成])?(?P<by>了)?"
    rf"(?:(?:{_YEARS}|目前|现在|今年|{_SPANS})(?:末|底)?的?)*(?:约|近)?$"
)
_OUT_OF = re.compile(rf"(?:比|较)(?:{_THEN}|{_YEARS})的?(?:约|近)?$")
_BESIDE = re.compile(
    rf"^[，,、（( ]*(?:而|其中)?(?P<when>{_THEN}|{_YEARS})(?:的|同期)*(?P<words>[^，,。；;、：:0-9比较]{{0,10}}?)(?:仅?[为是]|达到?|有|共)?(?:约|近)?$"
)
_AGAINST = re.compile(
    rf"^[，,、（( ]*(?:均|都|也)?(?:[^，,。；;：:0-9]{{0,6}})?(?:比|较|与|和|同)(?P<when>{_THEN}|{_YEARS})(?P<words>[^，,。；;、：:0-9]{{0,8}}?)(?:约|近)?$"
)
_CLAIM = re.compile(
    r"^[份人个]?[，,、（( ]*(?:的|相比|相较|而言)*[，, ]*(?:(?:同比|环比|实际|净(?![增减])|共|又|则|均|有所|分别|累计)|"
    rf"(?:比|较|与|同){_THEN}(?:相比)?|(?:人数|数量|总量|总数|数|发病数|发病率|比例|规模|金额|总额))*[，,]?"
    rf"(?:(?P<up>{_UPS.removesuffix('|达')})|(?P<down>{_DOWNS})|(?P<turn>实?现?(?=翻))|(?P<is>是|为|相当于))"
    r"(?P<rest>翻?(?:了|达到|达|约|近|到|至|为|幅度|超过|超|将近|共|幅|过去的|原来的|上年的|去年的|的)*)$"
)
_TURNED = re.compile(r"^[，,、 ]*(?:实现|已经?)?翻了?$")
_DOUBLED = re.compile(r"^[^，,。；;]{0,4}[，,]?(?:实现了?|基本实现)?翻番")
_FULL = re.compile(r"全年|(?<![上下半])年度")
_PART = re.compile(r"上半年|季度|(?:1[ ]?-[ ]?)?[0-9]{1,2}月(?!以来)|前[一二三四五六七八九十]个月")
_MONTHS = re.compile(r"([0-9]{1,2})[ ]?月?[ ]?[-至到][ ]?([0-9]{1,2})[ ]?月")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that is said to be the change: ``verb`` as written; ``to`` says 到, ``whole`` 是…的 (of 倍)."""

    figure: Mention
    verb: str
    direction: int  # UP, DOWN or 0
    to: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """``old`` and ``new`` value of one indicator; ``verb`` between them where it is 由…到…."""

    told: Told
    old: Mention
    new: Mention
    claims: tuple[Claim, ...] = ()
    verb: str = ""
    direction: int = 0
    by: bool = False  # 由A增加了B
    when_old: str = ""
    doubled: bool = False  # 翻番 without a number


def pairs(told: Told) -> tuple[Pair, ...]:
    """All pairs of a sentence."""
    found: list[Pair] = []
    at = 0
    chain = told.mentions
    while at < len(chain) - 1:
        pair, used = _from_to(told, at) or _compared(told, at) or (None, 1)
        if pair is not None:
            found.append(pair)
        at += used
    return tuple(found)


def lone_claims(told: Told) -> Iterator[tuple[Mention, Claim]]:
    """A value and the change claimed of it, without the value before (签约5000人，同比增长12%)."""
    for value, figure in zip(told.mentions, told.mentions[1:], strict=False):
        claim = claim_of(figure)
        if claim is not None and claim_of(value) is None:
            yield _changed(told, value, figure), claim


def _changed(told: Told, value: Mention, change: Mention) -> Mention:
    """What a change is told of: behind 甲31例，其中乙19例、丙12例，比上年减少6例 it is 甲 that changed."""
    name = change.figure.indicator
    same = [m for m in told.mentions[: value.number] if m.figure.indicator == name and claim_of(m) is None]
    return same[-1] if same and value.figure.indicator != name else value


def year_of(mention: Mention, words: str = "") -> int | None:
    """The year that the words or the figure's period name."""
    found = _YEAR.search(words) or _YEAR.search(mention.figure.period)
    return int(found[0]) if found else None


def is_part_of_year(words: str) -> bool:
    """Whether a time expression names less than a year."""
    return bool(_PART.search(words))


def is_whole_year(words: str) -> bool:
    """Whether a time expression names a whole year in so many words."""
    return bool(_FULL.search(words))


def months_of(words: str) -> tuple[int, int] | None:
    """First and last month of a span of months that a time expression names (1-6月, 上半年)."""
    found = _MONTHS.search(words)
    if found:
        return int(found[1]), int(found[2])
    return (1, 6) if "上半年" in words else (7, 12) if "下半年" in words else None


def _comparable(one: Mention, other: Mention) -> bool:
    if FigureKind.RANK in (one.figure.kind, other.figure.kind):
        return False
    counts = {"人", "人次", "户", "户次", "家", "家次"}
    return same_unit(one, other) or ({one.unit, other.unit} <= counts)


def _from_to(told: Told, at: int) -> tuple[Pair, int] | None:
    """由A增加到B, and 由A减少了B."""
    chain = told.mentions
    old, new = chain[at], chain[at + 1]
    turn = _TURN.match(new.before)
    origin = _ORIGIN.search(old.before) or (turn and turn["to"] and _OUT_OF.search(old.before))
    if not turn or not origin or not same_unit(old, new) or not _comparable(old, new):
        return None
    by = bool(turn["by"]) and not turn["to"]
    ends = re.search(r"[至到]$", (turn["up"] or turn["down"] or ""))
    if not (turn["to"] or by or ends):
        return None
    claims, used = _claims(chain, at + 2)
    direction = UP if turn["up"] else DOWN if turn["down"] else 0
    doubled = bool(_DOUBLED.match(new.after)) and not claims
    verb = turn["up"] or turn["down"] or ""
    pair = Pair(told, old, new, claims, verb, direction, by, old.before[-14:], doubled)
    return pair, 2 + used


def _compared(told: Told, at: int) -> tuple[Pair, int] | None:
    """B，上年为A，增长C; B，增长C，上年为A; B，比上年的A增加C."""
    chain = told.mentions
    new = chain[at]
    early, used = _claims(chain, at + 1)
    here = at + 1 + used
    if here >= len(chain) or new.value is None:
        return None
    old = chain[here]
    beside, against = _BESIDE.match(old.before), _AGAINST.match(old.before)
    found = beside or against
    if not found or not _comparable(new, old) or (against and _VERB.search(against["words"])):
        return None
    if beside and not _same_subject(beside["words"], new):
        return None
    late, more = _claims(chain, here + 1)
    if against and not (
        late
        or re.match(r"^[ ]?[份人]?(?:的)?(?:有所)?(?:增|减|上升|下降|提高|降|多|少|高|低|相比)", old.after)
    ):
        return None
    if _later(old, new, found["when"]):
        old, new = new, old
    doubled = bool(_DOUBLED.match(old.after)) and not (early or late)
    pair = Pair(told, old, new, (*early, *late), when_old=found["when"], doubled=doubled)
    return pair, 1 + used + more + 1


def _later(old: Mention, new: Mention, words: str) -> bool:
    """Whether the second value is of a later year than the first."""
    first, second = year_of(new), year_of(old, words)
    return bool(first and second and second > first)


def _same_subject(words: str, new: Mention) -> bool:
    """Whether the words between 上年 and its value name nothing new."""
    words = re.sub(r"[为是达到共有的约近仅]", "", words)
    return not words or any(
        words[i : i + 2] in new.figure.indicator + new.before for i in range(max(1, len(words) - 1))
    )


def _claims(chain: Sequence[Mention], at: int) -> tuple[tuple[Claim, ...], int]:
    """The claims that follow directly from index ``at`` on, and how many figures they are."""
    found = []
    while at < len(chain) and (claim := claim_of(chain[at])) is not None:
        found.append(claim)
        at += 1
    return tuple(found), len(found)


def claim_of(figure: Mention) -> Claim | None:
    """A figure read as a change (同比增长12%, 净增2400万元); None where its words say nothing of the kind."""
    if figure.unit == "番":
        return Claim(figure, "翻", UP) if _TURNED.match(figure.before) else None
    found = _CLAIM.match(figure.before)
    if not found:
        return None
    rest = found["rest"] or ""
    verb = found["up"] or found["down"] or found["is"] or ""
    to = (bool(re.search(r"[到至]", rest)) and "达到" not in rest) or verb.endswith(("到", "至"))
    if found["is"] and figure.unit != "倍":
        return None
    direction = UP if found["up"] else DOWN if found["down"] else 0
    return Claim(figure, verb, direction, to, bool(found["is"]) or to)
