"""Personal data (个人信息): found and masked before a report is kept, and in everything shown or sent.

In: a tracked text, or any plain string. Out: the same with 〔手机号已隐去〕 and the like in place of mobile
numbers, identity numbers, bank cards, telephone numbers, e-mail and home addresses, and messenger names.
A number is personal only by its form (mobile, identity number with a valid check digit) or by the word
before it (电话, 身份证 …): document numbers, amounts, filing numbers and hotlines such as 12345 stay.
The log of a mask never holds what was masked, nor do earlier entries of the log at the same place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from corpus.han import HAN
from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, Repair, TrackedText

MOBILE = "〔手机号已隐去〕"
IDENTITY = "〔身份证号已隐去〕"
CARD = "〔银行卡号已隐去〕"
PHONE = "〔电话已隐去〕"
EMAIL = "〔邮箱已隐去〕"
ADDRESS = "〔住址已隐去〕"
MESSENGER = "〔联系方式已隐去〕"

# Full-width digits and signs are read as ASCII; the table keeps the length, so offsets hold.
_ASCII = str.maketrans("０１２３４５６７８９＋－Ｘｘ＠．", "0123456789+-Xx@.")

_SEP = r"[ .·—–-]?"
_START = r"(?<![0-9A-Za-z.])"
_STOP = r"(?![0-9A-Za-z])"
_NO_AMOUNT = r"(?! ?(?:元|万|亿|人|户|份|个|次|件|吨|亩|%|％|平方|公里|千米|斤|\.\d))"
_CLAUSE = r"[^，。；！？,;!?\n〔(（]"

_MOBILE = re.compile(rf"{_START}(?:\+?86{_SEP})?1[3-9]\d{_SEP}\d{{4}}{_SEP}\d{{4}}{_STOP}{_NO_AMOUNT}")
_NUMBERED = re.compile(r"(?:编号|文号|备案|证号|批号|代码|序号|流水号|单号|案号)[^\d，。；\n]{0,6}$")
_IDENTITY = re.compile(rf"{_START}[1-9]\d{{5}}{_SEP}(?:18|19|20)\d\d[01]\d[0-3]\d{_SEP}\d{{3}}[\dXx]{_STOP}")
_IDENTITY_TOLD = re.compile(
    r"(?:身份证|公民身份|证件号|身份号)[^\d\n]{0,12}"
    r"((?:\d[ -]?){14}\d(?:[ -]?(?:\d[ -]?){2}[\dXx])?)(?!\d)"
)
_CARD_TOLD = re.compile(
    r"(?:银行卡|卡号|账号|帐号|账户|帐户|一卡通|开户)[^\d\n]{0,16}((?:\d[ -]?){12,18}\d)(?!\d)"
)
_PHONE_WORD = r"(?:电话|手机|联系方式|联系人|传真|座机|热线|咨询|订阅|客服|致电|拨打|Tel|TEL|Fax|Phone)"
_PHONE_TOLD = re.compile(
    rf"{_PHONE_WORD}(?:号码|号)?(?:[(（][^)）\n]{{0,8}}[)）])?[ ]*"
    rf"(?:[：:.是为][ ]*(?:[{HAN}]{{2,4}}[ ，,：:]*)?)?[(（]?"
    rf"((?:\+?86[ -]?)?[(（]?\d(?:[ —–)）-]{{0,2}}\d){{6,12}})(?!\d){_NO_AMOUNT}"
)
_NEXT_PHONE = re.compile(r"[、/，, 或]{1,3}([(（]?\d(?:[ —–)）-]?\d){6,12})(?![\d年月日]|\.\d)")
_LANDLINE = re.compile(
    rf"{_START}[(（]?0[1-9]\d{{1,2}}[)）]?[ ]?[-—–][ ]?[2-8]\d{{6,7}}(?:[-转]\d{{1,5}})?(?!\d)"
    rf"|{_START}[48]00[- ]\d{{3}}[- ]?\d{{4}}(?!\d)"
)
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ADDRESS = re.compile(
    r"(?:(?:家庭|居住|常住|户籍)地址|家庭住址|现居住地|(?:户籍|户口)所在地|现?住址)"
    rf"(?:[ ]*[：:为是][ ]*|[ ]+)({_CLAUSE}{{2,60}})"
)
_HOME = re.compile(
    rf"家住({_CLAUSE}{{2,40}}?\d+(?:号楼|号院|号|组|室|单元|栋|幢)[^，。；！？,;!?\n的〔(（]{{0,12}})"
)
_MESSENGER = re.compile(r"(?:微信号?|[Qq]{2}号?|抖音号)[ ]*[：:][ ]*([A-Za-z0-9_-]{5,20})")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the check digit of identity numbers (GB 11643-1999)."""


@dataclass(frozen=True, slots=True)
class _Find:
    start: int
    end: int
    mask: str


def _digits(text: str) -> str:
    return "".join(char.upper() for char in text if char.isascii() and char.isalnum())


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
    plain = text.translate(_ASCII)
    taken = bytearray(len(text))
    for finder in _FINDERS:
        for new in finder(plain):
            if not any(taken[new.start : new.end]):
                found.append(new)
                taken[new.start : new.end] = b"\1" * (new.end - new.start)
    return sorted(found, key=lambda find: find.start)


def _scrub(repair: Repair, hidden: list[tuple[int, int]]) -> Repair:
    """``repair`` without its wording where it touches something masked (``hidden`` ascends)."""
    at = bisect_left(hidden, (repair.end, 0)) - 1
    if at >= 0 and hidden[at][1] > repair.start and repair.kind != RepairKind.PRIVACY:
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
