"""Reads what a report says about itself: title, place, issuer, year, period, genre, number, date.

In: cleaned text and its sections, the file's name, the compilation's label. Out: :class:`Metadata`,
each field with where it was read; None where the page does not tell, since a wrong year or county
in a filter is worse than none.

The place is the one that the report is *about*: its title or signature, else the name that the body
says most among those of the level that it calls its own (我县, 全区). Superior bodies that only issued
orders, and hospitals of other cities, are mentioned but not meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from corpus.closing import ORGANISATION, closing_start
from corpus.dating import read_date, read_number, read_period, read_year
from corpus.places import Place, bare_names, find_places, full_name
from corpus.report import Field, Genre, Metadata, Section, Span
from corpus.title import Title, is_article, read_genre, read_title

NATION = "全国"
_NATIONAL = re.compile(r"国务院|中华人民共和国|全国人民代表大会")
_OWN_LEVEL = re.compile(r"(?:我|全|本)([县区市州旗])(?!域|级|外|直|际|民)")
_NAMED_BODY = re.compile(r"^(?:卫生|卫健|卫计|计生|疾控|委|政府|人民政府|各|现有|深入|紧|坚持|党|医疗|全)")
_INSTITUTION = re.compile(
    r"^(?:市|县|省|区)?[一-鿿]{0,8}(?:学院|学校|大学|集团|公司|医院|同志|专家|教授|附属|银行)"
)
_HEADER_ISSUER = re.compile(
    rf"(?:【(?:制定机关|发文机关|发布机关)】|(?:发文机关|报送单位|填报单位)[:：])\s*(?P<name>{ORGANISATION})"
)
_TITLE_ISSUER = re.compile(
    rf"^(?P<name>{ORGANISATION})(?=关于|20\d\d|二〇|[\d一-鿿]{{0,6}}(?:年|工作|上半年))"
)
_LINE_ISSUER = re.compile(rf"^[ \t　]*(?P<name>{ORGANISATION})[ \t　]*(?:\n|$)", re.MULTILINE)
_STATED = re.compile(
    r"(?:^|[。\n])(?P<name>[一-鿿]{2,4}[县区市旗](?:卫生健康局|卫健局|卫生和计划生育局|卫计局|卫生局|卫健委|卫计委))"
)
_GENRE_WORDS = {Genre.OTHER: "材料", Genre.BRIEFING: "情况汇报"}


def read_metadata(
    text: str,
    sections: Sequence[Section],
    *,
    file_name: str = "",
    title_hint: str = "",
    number_in_file: int = 1,
) -> Metadata:
    """What the page tells of one report.

    A report without a title gets one of its place, year and genre (see :func:`has_own_title`); where
    even the place is unknown, the name of the file with ``number_in_file`` serves.
    """
    title = read_title(text, title_hint)
    words = title.words if title else ""
    genre = read_genre(words, text, sections)
    date, number = read_date(text), read_number(text)
    place, issuer = _place_and_issuer(text, title)
    year = read_year(text, title, genre, date, number)
    period = read_period(text, title, genre, year, date)
    if genre is Genre.ANNUAL and period and period.value in {"上半年", "第一季度", "第二季度"}:
        genre = Genre.HALF_YEAR if period.value == "上半年" else Genre.BRIEFING
    if not place and not year and not title:
        place, year = _from_file(file_name, place, year)
    name = words or _composed(place, year, genre, file_name, number_in_file)
    return Metadata(name, place, issuer, year, period, genre, number, date)


def has_own_title(text: str, title_hint: str = "") -> bool:
    """Whether the report carries a title of its own; else its title was composed."""
    return read_title(text, title_hint) is not None


def _composed(place: Field | None, year: Field | None, genre: Genre, file_name: str, number: int) -> str:
    kind = _GENRE_WORDS.get(genre, genre.label)
    when = f"{year.value}年" if year else ""
    if place or year:
        return f"{place.value if place else ''}{when}{kind}".replace("年年度", "年度")
    return f"{PurePath(file_name).stem or '未命名文件'}（第{number}篇）"


def _from_file(file_name: str, place: Field | None, year: Field | None) -> tuple[Field | None, Field | None]:
    """Place and year of the file's name, for a text that tells neither."""
    stem = PurePath(file_name).stem
    named = [p.name for p in find_places(stem) if not p.is_province]
    years = re.findall(r"(?<!\d)(20[0-4]\d)(?=年)", stem)
    return (
        place or (Field(named[0], "file name") if named else None),
        year or (Field(years[0], "file name") if len(set(years)) == 1 else None),
    )


def _place_and_issuer(text: str, title: Title | None) -> tuple[Field | None, Field | None]:
    issuer = _issuer(text, title)
    place = _place_of(title.words if title else "", "title", title.span if title else None)
    if not place and issuer:
        place = _place_of(issuer.value, issuer.how, issuer.span)
    place = place or _body_place(text)
    if issuer and place and re.match(r"[县区市州旗](?=卫|人民政府)", issuer.value):
        issuer = Field(place.value + issuer.value[1:], issuer.how, issuer.span)  # 区卫健局 → 青禾区卫健局
    return place, issuer


def _place_of(words: str, how: str, span: Span | None) -> Field | None:
    """The most specific place that a title or a name of a body holds."""
    if _NATIONAL.search(words):
        found = _NATIONAL.search(words)
        at = Span(span.start + found.start(), span.start + found.end()) if span and found else None
        return Field(NATION, how, at)
    places = [
        p
        for p in find_places(words)
        if not p.name.startswith("某") or "级" not in words[p.span.end : p.span.end + 1]
    ]
    if not places:
        return None
    best = min(places, key=lambda p: (_rank(p), p.span.start))
    at = Span(span.start + best.span.start, span.start + best.span.end) if span else None
    return Field(best.name, how, at)


def _rank(place: Place) -> int:
    """0 for a county or district, 1 for a city, 2 for a province."""
    return 2 if place.is_province else 0 if place.suffix in "县区旗" else 1


def _issuer(text: str, title: Title | None) -> Field | None:
    """The body that issued the report: header, signature, title, or a line above the text."""
    header = _HEADER_ISSUER.search(text, 0, 1200)
    if header:
        return Field(header["name"], "header", Span(*header.span("name")))
    low = closing_start(text)
    signature = list(_LINE_ISSUER.finditer(text, low)) if low < len(text) else []
    if signature:
        return Field(signature[-1]["name"], "signature", Span(*signature[-1].span("name")))
    named = _TITLE_ISSUER.match(title.words) if title and not is_article(text) else None
    if named and title:
        at = Span(title.span.start, title.span.start + named.end()) if title.span else None
        return Field(named["name"], "title", at)
    state = title.words.find("国务院") if title else -1
    if title and state >= 0:
        start = title.span.start + state if title.span else 0
        return Field("国务院", "title", Span(start, start + 3) if title.span else None)
    line = _LINE_ISSUER.search(text, 0, min(len(text), 200))
    return Field(line["name"], "header", Span(*line.span("name"))) if line else None


def _body_place(text: str) -> Field | None:
    """The place that the body says most, of the level that it calls its own."""
    levels = Counter(m[1] for m in _OWN_LEVEL.finditer(text))
    places = [p for p in find_places(text) if not p.is_province and not p.name.startswith("某")]
    if levels:
        own = levels.most_common(1)[0][0]
        places = [p for p in places if p.suffix == own or (own == "县" and p.suffix == "旗")]
        places = places or _bare_places(text, own)
    votes: Counter[str] = Counter()
    for place in places:
        after = text[place.span.end : place.span.end + 8]
        votes[place.name] += 3 if _NAMED_BODY.match(after) else 2
        if place.span.start == 0 or text[place.span.start - 1] in "\n《":
            votes[place.name] += 2
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < 4 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    name = ranked[0][0]
    return Field(name, "body", next(p.span for p in places if p.name == name))


def _bare_places(text: str, suffix: str) -> list[Place]:
    """蒙阴 … 我县: a bare name that the dictionary knows with the suffix, not part of an institution."""
    found = []
    for bare in bare_names(text):
        name = full_name(bare.name, suffix)
        if name and not _INSTITUTION.match(text[bare.span.end : bare.span.end + 12]):
            found.append(Place(name, bare.span))
    return found
