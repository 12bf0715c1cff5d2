"""Personal data (个人信息): found and masked before a report is kept, and in everything shown or sent.

In: a tracked text, or any plain string. Out: the same with 〔手机号已隐去〕 and the like in place of mobile
numbers, identity numbers, bank cards, telephone numbers, e-mail and home addresses, and messenger names.
A number is personal only by its form (mobile, identity number with a valid check digit) or by the word
before it (电话, 身份证 …): document numbers, amounts, filing numbers and hotlines such as 12345 stay.
The log of a mask never holds what was masked, nor do earlier entries of the log at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, Repair, TrackedText

MOBILE = "〔手机号已隐去〕"
IDENTITY = "〔身份证号已隐去〕"
CARD = "〔银行卡号已隐去〕"
PHONE = "〔电话已隐去〕"
EMAIL = "〔邮箱已隐去〕"
ADDRESS = "〔住址已隐去〕"
MESSENGER = "〔联系方式已隐去〕"

_D = r"[0-9０-９]"
_SEP = r"[ \u00a0\u3000.·—–-]?"
_AMOUNT = r"(?! ?(?:元|万|亿|人|户|份|个|次|件|吨|亩|%|％|平方|公里|千米|斤|[.．]\d))"
_NOT_IN_NUMBER = r"(?<![0-9０-９A-Za-z.．])"

_MOBILE = re.compile(
    rf"{_NOT_IN_NUMBER}(?:[+＋]?86{_SEP})?[1１][3-9３-９]{_D}{_SEP}{_D}{{4}}{_SEP}{_D}{{4}}(?![0-9０-９A-Za-z]){_AMOUNT}"
)
_NUMBERED = re.compile(r"(?:编号|文号|备案|证号|批号|代码|序号|流水号|单号|案号)[^\d，。；\n]{0,6}$")
_IDENTITY = re.compile(
    rf"{_NOT_IN_NUMBER}[1-9１-９]{_D}{{5}}{_SEP}(?:1[89]|20|１[８９]|２０){_D}{{2}}{_D}{{4}}{_SEP}{_D}{{3}}[0-9０-９XxＸｘ]"
    r"(?![0-9０-９A-Za-z])"
)
_IDENTITY_TOLD = re.compile(
    r"(?:身份证|公民身份|证件号|身份号)[^\d\n０-９]{0,12}((?:[0-9０-９][ -]?){14}[0-9０-９](?:[ -]?(?:[0-9０-９][ -]?){2}[0-9０-９XxＸｘ])?)"
    r"(?![0-9０-９])"
)
_CARD_TOLD = re.compile(
    r"(?:银行卡|卡号|账号|帐号|账户|帐户|一卡通|开户)[^\d\n０-９]{0,16}((?:[0-9０-９][ -]?){12,18}[0-9０-９])(?![0-9０-９])"
)
_PHONE_TOLD = re.compile(
    r"(?:电话|手机|联系方式|联系人|传真|座机|热线|咨询|订阅|客服|致电|拨打|Tel|TEL|Fax|Phone)"
    r"(?:号码|号)?(?:[(（][^)）\n]{0,8}[)）])?[ ]*(?:[：:.是为][ ]*(?:[\u4e00-\u9fff]{2,4}[ ，,：:]*)?)?[(（]?"
    rf"((?:[+＋]?86[ -]?)?[(（]?[0-9０-９](?:[ —–)）-]{{0,2}}[0-9０-９]){{6,12}})(?![0-9０-９]){_AMOUNT}"
)
_NEXT_PHONE = re.compile(
    r"[、/，, 或]{1,3}([(（]?[0-9０-９](?:[ —–)）-]?[0-9０-９]){6,12})(?![0-9０-９年月日]|[.．]\d)"
)
_LANDLINE = re.compile(
    rf"{_NOT_IN_NUMBER}[(（]?0[1-9]\d{{1,2}}[)）]?[ ]?[-—–][ ]?[2-8]\d{{6,7}}(?:[-转]\d{{1,5}})?(?!\d)"
    rf"|{_NOT_IN_NUMBER}[48]00[- ]\d{{3}}[- ]?\d{{4}}(?!\d)"
)
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ADDRESS = re.compile(
    r"(?:家庭住址|家庭地址|居住地址|现住址|现居住地|户籍地址|户籍所在地|户口所在地|常住地址|住址)"
    r"(?:[ ]*[：:为是][ ]*|[ ]+)([^，。；！？,;!?\n〔(（]{2,60})"
)
_HOME = re.compile(
    r"家住([^，。；！？,;!?\n〔(（]{2,40}?\d+(?:号楼|号院|号|组|室|单元|栋|幢)[^，。；！？,;!?\n的〔(（]{0,12})"
)
_MESSENGER = re.compile(r"(?:微信号?|[Qq]{2}号?|微信|抖音号)[ ]*[：:][ ]*([A-Za-z0-9_-]{5,20})")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the check digit of identity numbers (GB 11643-1999)."""


@dataclass(frozen=True, slots=True)
class _Find:
    start: int
    end: int
    mask: str


def _digits(text: str) -> str:
    return "".join(str(int(c)) if c.isdigit() else c.upper() for c in text if c.isalnum()).replace("Ｘ", "X")


def _is_identity(text: str) -> bool:
    """Whether 18 digits hold a possible birthday and a valid check digit."""
    digits = _digits(text)
    month, day = int(digits[10:12]), int(digits[12:14])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def _phones(text: str) -> list[_Find]:
    """Numbers told by a word before them, and further numbers of the same list."""
    found = []
    for match in _PHONE_TOLD.finditer(text):
        start, end = match.span(1)
        while True:
            digits = len(_digits(text[start:end]))
            if 7 <= digits <= 13:
                mobile = re.fullmatch(r"(?:86)?1[3-9]\d{9}", _digits(text[start:end]))
                found.append(_Find(start, end, MOBILE if mobile else PHONE))
            following = _NEXT_PHONE.match(text, end)
            if not following:
                break
            start, end = following.span(1)
    return found


def _spans(pattern: re.Pattern[str], mask: str, group: int = 0) -> Callable[[str], list[_Find]]:
    return lambda text: [_Find(*m.span(group), mask) for m in pattern.finditer(text)]


def _mobiles(text: str) -> list[_Find]:
    """Mobile numbers by their form, unless the word before says that it is another kind of number."""
    return [
        _Find(*m.span(), MOBILE)
        for m in _MOBILE.finditer(text)
        if not _NUMBERED.search(text[max(0, m.start() - 12) : m.start()])
    ]


_FINDERS: tuple[Callable[[str], list[_Find]], ...] = (
    _spans(_EMAIL, EMAIL),
    _spans(_IDENTITY_TOLD, IDENTITY, 1),
    lambda text: [_Find(*m.span(), IDENTITY) for m in _IDENTITY.finditer(text) if _is_identity(m.group())],
    _spans(_CARD_TOLD, CARD, 1),
    _spans(_ADDRESS, ADDRESS, 1),
    _spans(_HOME, ADDRESS, 1),
    _spans(_MESSENGER, MESSENGER, 1),
    _mobiles,
    _phones,
    _spans(_LANDLINE, PHONE),
)


def _find(text: str) -> list[_Find]:
    """Everything personal, in order; of two overlapping finds the earlier finder's counts."""
    found: list[_Find] = []
    for finder in _FINDERS:
        for new in finder(text):
            end = new.start + len(text[new.start : new.end].rstrip(" -—–"))
            fresh = _Find(new.start, end, new.mask)
            if all(fresh.end <= old.start or old.end <= fresh.start for old in found):
                found.append(fresh)
    return sorted(found, key=lambda find: find.start)


def _scrub(repair: Repair, hidden: list[tuple[int, int]]) -> Repair:
    """``repair`` without its wording where it touches something masked."""
    if repair.kind != RepairKind.PRIVACY and any(a < repair.end and repair.start < b for a, b in hidden):
        return replace(repair, before="", after="")
    return repair


def mask(t: TrackedText) -> tuple[TrackedText, int]:
    """``t`` with personal data masked, and how many pieces were masked."""
    found = _find(t.text)
    if not found:
        return t, 0
    masked = t.edit(Edit(f.start, f.end, f.mask, RepairKind.PRIVACY, secret=True) for f in found)
    hidden = [t.origin.raw_span(f.start, f.end) for f in found]
    repairs = tuple(_scrub(repair, hidden) for repair in masked.repairs)
    return TrackedText(masked.text, masked.origin, repairs), len(found)


def mask_plain(text: str) -> str:
    """``text`` with personal data masked: for logs, questions and anything shown or sent."""
    pieces, at = [], 0
    for find in _find(text):
        pieces += [text[at : find.start], find.mask]
        at = find.end
    return "".join(pieces) + text[at:]
