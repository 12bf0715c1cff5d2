"""Which reports a user wants summarised: an id, the words of a title, or a request over many.

In: what was typed (ids, titles, or words such as 2022年各县卫健局存在的共性问题) and the filter options. Out: the
reports, what of them is to be put together, and what of the request cannot be met. One report is
summarised, several are put together; a request that fits nothing says what there is instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.cards import Card
from corpus.errors import InputError, NotFound
from corpus.report import Filter, Genre, SectionKind
from service.question import Question
from service.scope import describe

MOST_LISTED = 8  # reports listed where several fit
ID = re.compile(r"[0-9a-f]{4,12}")
KINDS = (
    (SectionKind.PROBLEMS, re.compile(r"问题|不足|短板|困难|难点|堵点|薄弱")),
    (SectionKind.NEXT_STEPS, re.compile(r"打算|下一?步|下一阶段|计划安排|工作安排|措施|举措|任务|对策|建议")),
    (SectionKind.ACHIEVEMENTS, re.compile(r"成效|成绩|做法|经验|进展|完成情况")),
    (SectionKind.HIGHLIGHTS, re.compile(r"亮点|创新")),
)
USUAL = (SectionKind.PROBLEMS, SectionKind.NEXT_STEPS)
EACH = re.compile(r"[各全几每](?:个)?([县区市旗州省][县区市旗州省、（）()]*)")
LEVELS = "县区市旗州省"
APART = frozenset({Genre.ARTICLE, Genre.NEWS})  # written by no bureau about its work
MARKS = re.compile(r"[《》〈〉“”\"'\s]")

Understand = Callable[[str], Question]
FullId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be summarised; ``kinds`` are put together where there are several reports."""

    cards: tuple[Card, ...]
    kinds: tuple[SectionKind, ...] = USUAL
    asked: str = ""
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    gaps: tuple[str, ...] = ()
    apart: tuple[Card, ...] = ()  # left out: articles and news, places of another level (各县)

    @property
    def single(self) -> bool:
        """Whether one report is to be summarised for itself."""
        return len(self.cards) == 1 and not self.asked


def resolve(
    targets: Sequence[str], wanted: Filter, cards: Sequence[Card], full_id: FullId, understand: Understand
) -> Request:
    """Read what was typed.

    Args:
        targets: ids, titles, or one request in words.
        wanted: places, years and genres of the options.
        cards: all reports of the library.
        full_id: completes the beginning of an id; raises where none fits.
        understand: reads a question.

    Raises:
        NotFound: nothing fits; the message says what there is.
        InputError: nothing was asked for, or several reports fit one title.
    """
    if not cards:
        raise NotFound("资料库是空的", remedy="请先用 wenheng ingest 文件或文件夹 入库")
    if not targets and wanted == Filter():
        raise InputError(
            "没有说要摘要哪份报告",
            remedy="请写报告编号、标题，或用 --place、--year 选择；编号见 wenheng reports",
        )
    within = tuple(card for card in cards if _fits(card, wanted))
    if not within:
        raise NotFound(
            f"没有符合条件的报告{_conditions(wanted)}", remedy=f"请改用库中现有的：{describe(cards)}"
        )
    if not targets:
        return _of_options(within, wanted)
    named = [_named(target, within, full_id) for target in targets]
    if all(len(found) == 1 for found in named):
        chosen = tuple(dict.fromkeys(card for found in named for card in found))
        return Request(chosen, places=wanted.places, years=wanted.years)
    if len(targets) == 1:
        return _of_words(targets[0], named[0], within, wanted, understand)
    for target, found in zip(targets, named, strict=True):
        if len(found) != 1:
            raise _unclear(target, found)
    raise AssertionError("some target is unclear")


def _fits(card: Card, wanted: Filter) -> bool:
    return (
        (not wanted.places or card.place in wanted.places)
        and (not wanted.years or card.year in wanted.years)
        and (not wanted.genres or card.genre in wanted.genres)
    )


def _conditions(wanted: Filter) -> str:
    told = [*wanted.places, *(f"{year}年" for year in wanted.years), *(g.label for g in wanted.genres)]
    return f"（{'、'.join(told)}）" if told else ""


def _of_options(within: Sequence[Card], wanted: Filter) -> Request:
    request = Request(tuple(within), places=wanted.places, years=wanted.years)
    return request if request.single else _bureaus(request, wanted.genres)


def _bureaus(request: Request, genres: Sequence[Genre]) -> Request:
    """Without articles and news, unless their genre was asked for or there is nothing else."""
    kept = tuple(card for card in request.cards if card.genre not in APART)
    if genres or not kept:
        return request
    left = tuple(card for card in request.cards if card.genre in APART)
    return replace(request, cards=kept, apart=request.apart + left)


def _unclear(target: str, found: Sequence[Card]) -> NotFound | InputError:
    if not found:
        return NotFound("没有这份报告", where=target, remedy="用 wenheng reports 查看全部报告的编号和标题")
    listed = "；".join(f"{card.id} {card.title}" for card in found[:MOST_LISTED])
    more = " 等" if len(found) > MOST_LISTED else ""
    return InputError(f"有{len(found)}份报告符合", where=target, remedy=f"请用编号指明一份：{listed}{more}")


# -- one report ---------------------------------------------------------------------------------------


def _named(target: str, cards: Sequence[Card], full_id: FullId) -> tuple[Card, ...]:
    """The reports that an id or the words of a title name."""
    text = target.strip()
    if ID.fullmatch(text.lower()) and not re.fullmatch(r"(?:19|20)\d\d", text):
        known = full_id(text)
        return tuple(card for card in cards if card.id == known)
    bare = MARKS.sub("", text)
    if not bare:
        return ()
    exact = tuple(card for card in cards if MARKS.sub("", card.title) == bare)
    if exact:
        return exact
    whole = tuple(card for card in cards if bare in MARKS.sub("", card.title))
    words = text.split()
    return whole or tuple(
        card for card in cards if len(words) > 1 and all(_told(card, word) for word in words)
    )


def _told(card: Card, word: str) -> bool:
    """Whether a word stands in a title or tells place, year, period or genre."""
    about = (
        card.title,
        card.place or "",
        f"{card.year}年" if card.year else "",
        card.period or "",
        card.genre.label,
    )
    return any(word in text for text in about)


# -- many reports -------------------------------------------------------------------------------------


def _of_words(
    text: str, found: Sequence[Card], within: Sequence[Card], wanted: Filter, understand: Understand
) -> Request:
    """A request in words: which places, years and genres, and which kind of section."""
    kinds = tuple(kind for kind, words in KINDS if words.search(text))
    question = understand(text)
    if not kinds and len(found) > 1:
        raise _unclear(text, found)
    if question.strangers:
        names = "、".join(question.strangers)
        raise NotFound(f"没有{names}的报告", where=text, remedy=f"请改用库中现有的：{describe(within)}")
    if not kinds and not (question.places or question.years or question.genres):
        raise _unclear(text, ())
    asked = _asked(question, within, text)
    cards = _of_level(asked, question, text)
    missing = [f"没有{place}的报告" for place in question.places if not any(c.place == place for c in cards)]
    missing += [f"没有{year}年的报告" for year in question.years if not any(c.year == year for c in cards)]
    request = Request(
        cards,
        kinds or USUAL,
        text if kinds else "",
        tuple(dict.fromkeys((*wanted.places, *question.places))),
        tuple(dict.fromkeys((*wanted.years, *question.years))),
        tuple(missing),
        tuple(card for card in asked if card not in cards),
    )
    return _bureaus(request, (*wanted.genres, *question.genres))


def _asked(question: Question, cards: Sequence[Card], text: str) -> tuple[Card, ...]:
    """The reports of the asked places, years, periods and genres."""
    kept = tuple(
        card
        for card in cards
        if (not question.places or card.place in question.places)
        and (not question.years or card.year in question.years)
        and (not question.periods or _in_period(card, question.periods))
        and (not question.genres or card.genre in question.genres)
    )
    if not kept:
        raise NotFound("没有符合条件的报告", where=text, remedy=f"请改用库中现有的：{describe(cards)}")
    return kept


def _of_level(cards: tuple[Card, ...], question: Question, text: str) -> tuple[Card, ...]:
    """Those of counties where all counties (各县) are asked for, and so on."""
    each = EACH.search(text)
    if each is None or question.places:
        return cards
    levels = tuple(c for c in each[1] if c in LEVELS)
    kept = tuple(card for card in cards if (card.place or "").endswith(levels))
    if not kept:
        raise NotFound(
            f"没有{'、'.join(levels)}一级的报告", where=text, remedy=f"请换一级，或改用：{describe(cards)}"
        )
    return kept


def _in_period(card: Card, periods: Sequence[str]) -> bool:
    part = card.period is not None and card.period.endswith(("半年", "季度"))
    return card.period in periods or ("全年" in periods and not part)
