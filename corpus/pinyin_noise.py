"""Pinyin noise (夹杂拼音) and the lost bytes that come with it.

In: the text of a page such as "衛(wèi)生". Out: "衛生", each deletion logged. Pages of this kind were
annotated on the level of GBK bytes, so that the annotation sometimes hit the second byte of one
character and the first of the next:

    勇擔當、   = D3C2 93FA AE94 A1A2      C2 93 is 聯, so "(lián)" was put in its place:
    D3 [C2 93 → (lián)] FA AE 94 A1 A2    read on: FA AE is no character, 94 A1 is 敗, …

The bytes on both sides of such a hole are known: the lead byte of the first lost character (the
annotated character must have that reading and begin with the last byte of 勇), the last byte of the
second, and, by moving the following pairs back by one, the run after it. A lost character is put in only
if exactly one known word fits those bytes; else the place stays as it is and counts as damaged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import rjieba

from corpus.han import HAN
from corpus.pinyin_syllables import LETTERS, READINGS, bare, is_toned
from corpus.repair_kinds import RepairKind
from corpus.simplify import to_simplified_always
from corpus.tracked import Edit, TrackedText

_NOISE = re.compile(rf"(?<=([{HAN}]))[(（]([{LETTERS}]{{1,8}})(?:[)）]|(?=\n|\Z))")
_TAIL = re.compile(rf"(?<=([{HAN}]))([{LETTERS}]{{1,8}})[)）]")
_HOLE = re.compile(rf"(?<=([{HAN}]))\?[(（]?([{LETTERS}]{{1,8}})[)）]")
_HALF = re.compile(rf"(?<=[{HAN}])\?(\?[@-~])(?=[{HAN}])")

_LONGEST_RUN = 60  # characters; a shifted run ends at the next single-byte letter
_WORDY = 0.3  # share of characters in words of two and more that a restored run must reach
_FULL_QUESTION_MARK = 0xBF  # second byte of ？ (A3BF), which became "?" where it matched by accident
_BYTES = range(0x40, 0xFF)


@dataclass(frozen=True, slots=True)
class _Hole:
    """A place where an annotation swallowed bytes: 勇?lián)."""

    before: str  # the character whose last byte was taken
    start: int
    end: int
    leads: frozenset[int]  # possible lead bytes of the first lost character


@dataclass(frozen=True, slots=True)
class _Filling:
    """What a hole and the shifted run after it really were."""

    lost: str
    end: int  # where the shifted run ends
    run: str


def _gbk(char: str) -> bytes:
    try:
        return char.encode("gbk")
    except UnicodeEncodeError:
        return b""


def _char(*pair: int) -> str:
    try:
        return bytes(pair).decode("gbk")
    except UnicodeDecodeError:
        return ""


def _is_noise(char: str, syllable: str) -> bool:
    return is_toned(syllable) or READINGS.get(char) == syllable


def _noise(text: str) -> list[Edit]:
    edits = [
        Edit(m.start(), m.end(), "", RepairKind.PINYIN)
        for m in _NOISE.finditer(text)
        if _is_noise(m[1], m[2])
    ]
    edits += [
        Edit(m.start(), m.end(), "", RepairKind.PINYIN)
        for m in _TAIL.finditer(text)
        if is_toned(m[2]) and READINGS.get(m[1]) == bare(m[2])
    ]
    return edits


def _readings(text: str) -> dict[str, str]:
    """The table of readings and what the page itself tells by its intact annotations."""
    told = {m[1]: bare(m[2]) for m in _NOISE.finditer(text) if is_toned(m[2])}
    return READINGS | told


def _holes(text: str, readings: dict[str, str]) -> list[_Hole]:
    holes = []
    for match in _HOLE.finditer(text):
        taken = _gbk(match[1])[1:]
        if not taken or not is_toned(match[2]):
            continue
        said = bare(match[2])
        codes = (_gbk(char) for char, reading in readings.items() if reading == said)
        leads = frozenset(code[1] for code in codes if len(code) == 2 and code[:1] == taken)
        holes.append(_Hole(match[1], match.start(), match.end(), leads))
    return holes


def _wordiness(text: str) -> float:
    words = rjieba.cut(to_simplified_always(text), False)
    return sum(len(word) for word in words if len(word) > 1) / max(1, len(text))


def _is_word(text: str) -> bool:
    return bool(rjieba.has_word(to_simplified_always(text)))


def _shifted_run(text: str, start: int) -> tuple[int, bytes]:
    """End and bytes of the run that begins at ``start`` and ends with one single-byte letter."""
    data = b""
    for at in range(start, min(len(text), start + _LONGEST_RUN)):
        code = _gbk(text[at])
        data += code
        if len(code) == 1:
            resynced = 0x40 <= code[0] < 0x7F and at > start + 1
            return (at + 1, data) if resynced else (start, b"")
        if not code:
            break
    return (start, b"")


@lru_cache(maxsize=1024)
def _words_between(lead: int, tail: int) -> tuple[str, ...]:
    """Known words of two characters lead+a, b+tail, where a+b is none (else it would stand there)."""
    pairs = (
        first + second
        for a in _BYTES
        if (first := _char(lead, a))
        for b in range(0x81, 0xFF)
        if not _char(a, b) and (second := _char(b, tail))
    )
    return tuple(sorted({pair for pair in pairs if _is_word(pair)}))


def _fill(text: str, hole: _Hole) -> _Filling | None:
    end, data = _shifted_run(text, hole.end)
    if not data or len(hole.leads) != 1:
        return None
    try:
        run = data[1:].decode("gbk")
    except UnicodeDecodeError:
        return None
    if _wordiness(run) < max(_WORDY, _wordiness(text[hole.end : end])):
        return None
    (lead,) = hole.leads
    fitting = _words_between(lead, data[0])
    return _Filling(fitting[0] if len(fitting) == 1 else "?", end, run)


def _fill_holes(text: str) -> list[Edit]:
    """Fill the holes that their bytes determine, then their twins: same neighbours on both sides."""
    edits: list[Edit] = []
    twins: dict[tuple[str, str], str] = {}
    open_holes: list[_Hole] = []
    for hole in _holes(text, _readings(text)):
        filling = _fill(text, hole)
        if filling is None:
            open_holes.append(hole)
            continue
        note = f"按字节错位还原，首字节{next(iter(hole.leads)):02X}"
        edits.append(Edit(hole.start, filling.end, filling.lost + filling.run, RepairKind.GBK_SHIFT, note))
        if filling.lost != "?":
            key = text[hole.start - 1 : hole.end]
            twins[(key, filling.run[:3])] = filling.lost
    for hole in open_holes:
        end = hole.end + (text[hole.end : hole.end + 1] == "?")
        lost = twins.get((text[hole.start - 1 : hole.end], text[end : end + 3]))
        if lost:
            note = "与同页另一处字节还原结果一致"
            edits.append(Edit(hole.start, end, lost, RepairKind.GBK_SHIFT, note))
    return edits


def _half_lost(text: str) -> list[Edit]:
    """The second half of "??h": ？ (A3BF) matched across two characters; the second is BF + h."""
    edits = []
    for match in _HALF.finditer(text):
        second = _char(_FULL_QUESTION_MARK, ord(match[1][1]))
        if second:
            note = "按字节还原，前一字未能还原"
            edits.append(Edit(match.start(1), match.end(1), second, RepairKind.GBK_SHIFT, note))
    return edits


def remove_pinyin(t: TrackedText) -> TrackedText:
    """Delete annotations and restore what their bytes prove.

    Only a page that carries annotations is searched for half-lost characters: elsewhere "??h" says
    nothing about bytes.
    """
    noise = _noise(t.text)
    filled = _fill_holes(t.text)
    edits = noise + filled
    if edits:
        edits += _half_lost(t.text)
    return t.edit(_apart(edits)) if edits else t


def _apart(edits: list[Edit]) -> list[Edit]:
    """The edits without those that overlap an earlier one."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def orphans(text: str) -> list[tuple[int, int]]:
    """Ranges that stay damaged: a hole and the shifted run after it that could not be filled."""
    found = []
    for match in _HOLE.finditer(text):
        if is_toned(match[2]):
            end, data = _shifted_run(text, match.end())
            end = end if data else match.end() + (text[match.end() : match.end() + 1] == "?")
            found.append((match.start(), end))
    return found
