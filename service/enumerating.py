"""Lists: all members in order, quoted by code.

In: evidence for a list question, and the reports. Out: a plan with the members in order: the section
that is the list, else bulleted lines, else the sentence that enumerates with what follows it. Not
for the model, since it drops members.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.cards import Card
from corpus.report import Report, SectionKind, Span
from service import compose
from service.cited import Citation, Sentence
from service.decision import LEAST_LINE, Open, Plan, refuse
from service.evidence import Evidence, View
from service.lines import Line
from service.listing import THING, Item, Listing, section_list
from service.match import Fit, topic_variants
from service.meaning import nearest
from service.points.points import Point, points
from service.points.unlabelled import bare
from service.terms import coverage

ENTITIES = re.compile(r"哪几?[个家所名种座支位]")
LEAST_NAMED = 0.75  # share of words that the heading of a list of things must hold
CLEARLY = 1.0  # odds by meaning from which a sentence goes before any heading
BETTER = 0.25  # share of words by which a sentence beats a heading
ENUMERATES = re.compile(r"[^，。；]{1,20}(?:、[^，。；]{1,20}){1,}")
BULLET = re.compile(
    r"\s*(?:[—－-]{1,2}|[一二三四五六七八九十]+是|[①-⑳]|[（(]?\d{1,2}[)）.．、]|[（(][一二三四五六七八九十]+[)）])"
)


def list_members(evidence: Evidence, report: Open, view: View) -> Plan | None:
    """The members that a section lists, else the lines or the sentence that do."""
    question = evidence.question
    if told := _things(evidence, view):
        return told
    sentences: list[Sentence] = []
    for card in _nearest_reports(evidence):
        if card.id in evidence.scope.strict_years:
            continue  # a report of another year: its lists are not those of the asked year
        listing = _of_kind(evidence, card, report(card.id))
        listing = listing or section_list(question, report(card.id), evidence.weights)
        if listing is None:
            continue
        if not question.sections and not question.members and _better_said(evidence, listing.heading):
            continue
        head = f"{compose.name_of(card)}报告“{listing.heading.strip('。')}”部分列出{len(listing.items)}项"
        sentences.append(Sentence(head, (), "stated"))
        for n, item in enumerate(listing.items, 1):
            citation = Citation.at(card, item.span, item.span.of(listing.report.text), item.path)
            sentences.append(Sentence(f"{n}. {item.text}", (citation,), "quoted"))
    if sentences:
        return Plan("answered", tuple(sentences))
    if question.sections:
        lines = tuple(fit.line for fit in sorted(evidence.fits, key=lambda f: f.line.span.start))
        if lines:
            return Plan("answered", compose.quotes(lines[:20]))
    return _run(evidence)


def _of_kind(evidence: Evidence, card: Card, report: Report) -> Listing | None:
    """The problems or next steps of a report, told apart also where they share a section."""
    kind = next(iter(evidence.question.sections), None)
    if kind not in (SectionKind.PROBLEMS, SectionKind.NEXT_STEPS):
        return None
    found = points(report, card, kind)
    if len(found) < 2:
        return None
    return Listing(report, kind.label, tuple(_item(point, report) for point in found if point.sentences))


def _item(point: Point, report: Report) -> Item:
    """What a point says first, with its title where that is not the beginning, and all that it quotes."""
    first, *more = (bare(span.of(report.text)).strip("。；;，,、") for span in point.sentences)
    told, last = first, point.sentences[0]
    if len(first) <= len(point.title) + 4 and more:
        told, last = f"{first}：{more[0]}", point.sentences[1]
    elif point.title[:6] not in first:
        told = f"{point.title}：{first}"
    return Item(report, Span(point.span.start, last.end), told, point.path)


def _better_said(evidence: Evidence, heading: str) -> bool:
    """Whether a sentence holds clearly more of the asked words than the heading of a list does."""
    if not ENTITIES.search(evidence.question.text):
        return False
    variants = topic_variants(evidence.question.topic)
    share = max(coverage(wording, heading, evidence.weights) for wording in variants)
    return share < LEAST_NAMED or (bool(evidence.fits) and evidence.fits[0].words > share + BETTER)


def _things(evidence: Evidence, view: View) -> Plan | None:
    """哪几个卫生院, 哪四个服务中心: the sentence that names them, where one is clearly meant."""
    text = evidence.question.text
    if evidence.question.sections or not (ENTITIES.search(text) or THING.search(text)):
        return None
    near = nearest(evidence, view)
    if not near or near[0].odds < CLEARLY:
        return None
    return Plan("answered", compose.quotes(_continued((near[0].line,), evidence.fits)))


def _nearest_reports(evidence: Evidence) -> tuple[Card, ...]:
    """The reports that a list may come from: all of a named place, else those that fit best."""
    scope, fits = evidence.scope, evidence.fits
    if evidence.question.places or len(scope.cards) == 1 or not fits:
        return scope.cards
    near = {fit.line.report_id for fit in fits if fit.score >= 0.9 * fits[0].score}
    return tuple(card for card in scope.cards if card.id in near)


def _run(evidence: Evidence) -> Plan | None:
    """Bulleted lines that share the topic; else the sentence that enumerates, with what follows it."""
    fits = evidence.fits
    if not fits or fits[0].score < LEAST_LINE:
        return refuse(evidence)
    bullets = _bullets(fits)
    if len(bullets) >= 3:
        return Plan("answered", compose.quotes(bullets[:20]))
    claims = evidence.question.claims
    best = max(
        fits,
        key=lambda fit: (
            fit.score
            + 0.12 * bool(ENUMERATES.search(fit.line.text))
            + 0.15 * any(claim in fit.line.text for claim in claims)
        ),
    )
    followers = [
        fit.line for fit in fits
        if fit.line.passage.id == best.line.passage.id
        and fit.line.span.start > best.line.span.start
        and fit.score >= 0.75 * best.score
    ]  # fmt: skip
    chosen = _continued((best.line, *sorted(followers, key=lambda line: line.span.start)), fits)
    return Plan("answered", compose.quotes(chosen[:8]))


def _continued(chosen: Sequence[Line], fits: Sequence[Fit]) -> tuple[Line, ...]:
    """Lines with what follows them as long as the text goes on behind ； or ：."""
    found: list[Line] = []
    ordered = sorted(
        {fit.line for fit in fits} | set(chosen), key=lambda line: (line.report_id, line.span.start)
    )
    for line in chosen:
        found.append(line)
        for after in ordered[ordered.index(line) + 1 :]:
            if after.passage.id != line.passage.id or not found[-1].text.rstrip().endswith(
                ("；", ";", "：", ":")
            ):
                break
            found.append(after)
    return tuple(dict.fromkeys(found))


def _bullets(fits: Sequence[Fit]) -> list[Line]:
    """Lines of one report that start with the same kind of bullet and hold most of the topic."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for fit in fits:
        mark = BULLET.match(fit.line.text)
        if mark and fit.words >= 0.55:
            kind = re.sub(r"[一二三四五六七八九十\d]+", "0", mark[0].strip())
            groups.setdefault((fit.line.report_id, kind), []).append(fit.line)
    best = max(groups.values(), key=len, default=[])
    return sorted(best, key=lambda line: line.span.start)
