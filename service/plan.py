"""What will be answered, decided by code before the model writes a word.

In: evidence. Out: a :class:`Plan`: a refusal with its reason, sentences that code has finished, or
the lines that the model is to phrase with the figures that it must state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.cards import Card
from corpus.numerals import numbers, same_quantity
from corpus.report import Figure, FigureKind, Report, SectionKind
from service import arithmetic, compose
from service.check import NEGATION
from service.cited import Citation, Sentence
from service.evidence import Evidence, View, by_report, find
from service.lines import Line
from service.listing import QUOTED, section_list
from service.match import Fit, Target, clause_of, rank, targets
from service.premises import contradiction, not_done_yet, other_body
from service.question import Ask, Operation, Question, QuestionKind
from service.scope import describe, own_year, part_year

# Thresholds were chosen on the dev half of eval/cases/ask-dev.jsonl.
LEAST_FIGURE = 0.62  # a figure whose surroundings hold less of the asked words is no answer
LEAST_FIGURE_NEAR, NEAR = 0.52, 0.887  # the same where the embedding model finds the sentence near
LEAST_LINE = 0.55  # the same for a statement without figure
LEAST_OPERAND = 0.5
LEAST_SIBLING = 0.4
LEAST_COMPARED = 0.5
LEAST_GATHER = 0.62
LEAST_GATHERED = 0.6
SURE = 0.8
SURE_LINE = 0.6
CLOSE = 0.97  # further figures this near to the best belong to the answer
MOST_LINES = 3
SEVERAL = re.compile(r"分别|各[是为有自]|各多少")
ADVICE = re.compile(r"(?:工作)?(?:建议|对策)[:：]")
ENUMERATES = re.compile(r"[^，。；]{1,20}(?:、[^，。；]{1,20}){1,}")
BULLET = re.compile(
    r"\s*(?:[—－-]{1,2}|[一二三四五六七八九十]+是|[①-⑳]|[（(]?\d{1,2}[)）.．、]|[（(][一二三四五六七八九十]+[)）])"
)
CAUSES = (
    "由于",
    "因为",
    "原因",
    "受",
    "导致",
    "致使",
    "造成",
    "制约",
    "使得",
    "没有",
    "不足",
    "缺",
    "难",
    "影响",
    "加之",
    "因",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision. ``lines`` not empty: the model phrases them; else ``sentences`` are the answer."""

    status: str  # "answered" | "partial" | "refused"
    sentences: tuple[Sentence, ...] = ()
    lines: tuple[Line, ...] = ()
    required: tuple[Figure, ...] = ()
    reason: str = ""


Open = Callable[[str], Report]


def plan(evidence: Evidence, view: View, report: Open) -> Plan:
    """Decide how ``evidence.question`` is answered."""
    if evidence.refusal:
        return Plan("refused", reason=evidence.refusal)
    question = evidence.question
    makers: dict[QuestionKind, Callable[[], Plan | None]] = {
        QuestionKind.COMPARE: lambda: _compare(evidence, view),
        QuestionKind.GATHER: lambda: _gather(evidence),
        QuestionKind.LIST: lambda: _list(evidence, report),
        QuestionKind.COMPUTE: lambda: _compute(evidence),
        QuestionKind.WHY: lambda: _why(evidence),
        QuestionKind.CHECK: lambda: _check(evidence),
    }
    maker: Callable[[], Plan | None] | None = makers.get(question.kind)
    made = maker() if maker else None
    chosen = made or _fact(evidence)
    if question.claims and question.kind is not QuestionKind.CHECK and chosen.status != "refused":
        chosen = _premise(evidence, chosen)
    if chosen.status != "refused" and question.kind not in (QuestionKind.COMPARE, QuestionKind.GATHER):
        chosen = _verbal_premise(evidence, chosen)
    if evidence.scope.missing and chosen.status != "refused":
        said = {sentence.text for sentence in chosen.sentences}
        notes = tuple(Sentence(note, (), "stated") for note in evidence.scope.missing if note not in said)
        status = "partial" if question.kind is QuestionKind.COMPARE else chosen.status
        chosen = replace(chosen, status=status, sentences=(*notes, *chosen.sentences))
    return chosen


def refuse(evidence: Evidence, about: str = "") -> Plan:
    """No evidence holds the answer: say what was looked for and what there is."""
    question = evidence.question
    place = "、".join(question.places) or "现有语料"
    years = "、".join(f"{y}年" for y in question.years)
    what = about or question.topic.replace(" ", "") or question.text
    have = describe(evidence.scope.cards)
    return Plan(
        "refused", reason=f"{place}{years}的报告中没有找到“{what}”的内容，不作推测。可查的报告：{have}"
    )


def _fact(evidence: Evidence) -> Plan:
    question = evidence.question
    if not any(ask.quantity for ask in question.asks):
        return _statement(evidence)
    lines = [fit.line for fit in evidence.fits[:24]]
    found: list[Target] = []
    lacking: list[str] = []
    for ask in question.asks:
        got = _targets_for(ask, lines, evidence, found)
        if not got:
            lacking.append(ask.topic.replace(" ", ""))
        found.extend(got)
    if not found:
        return refuse(evidence)
    masked = [t for t in found if t.figure.masked]
    if masked and len(masked) == len(found):
        line = masked[0].line
        return Plan(
            "refused",
            reason=f"{compose.label(line)}的报告把这个数字隐去了（原文为“{masked[0].figure.text}”），无法回答",
        )
    doubtful = [t for t in found if t.figure.suspect]
    if doubtful and len(doubtful) == len(found):
        line = doubtful[0].line
        return Plan(
            "refused",
            reason=f"{compose.label(line)}的报告中这个数字书写有误（“{doubtful[0].figure.text}”），不能采用",
        )
    rival = _disagreeing(found[0], lines, evidence)
    if rival:
        return Plan("partial", compose.disagreement((found[0], *rival)), reason="报告中的说法不一致")
    if others := _other_years(found, lines, evidence):
        parts = sorted((found[0], *others), key=lambda t: t.line.card.year or 0)
        return Plan("answered", compose.side_by_side(parts, with_difference=False)[: len(parts)])
    chosen = tuple(dict.fromkeys(t.line for t in found))
    required = tuple(t.figure for t in found if t.figure.value is not None)
    status = "partial" if lacking else "answered"
    reason = f"没有找到：{'、'.join(lacking)}" if lacking else ""
    return Plan(status, lines=chosen[:MOST_LINES], required=required, reason=reason)


def _targets_for(
    ask: Ask, lines: Sequence[Line], evidence: Evidence, before: Sequence[Target]
) -> list[Target]:
    """The figure that answers ``ask`` and its equals in the same sentence; [] when none is good enough."""
    if before and len(ask.topic) <= 6:
        near = _next_to(ask, before[-1], evidence)
        if near:
            return [near]
    if before:
        ask = Ask(f"{before[0].ask.topic} {ask.topic}", ask.unit, True)
    pool = _timely(targets(ask, lines, evidence.weights), evidence)
    if not pool:
        return []
    best = pool[0]
    if not _good(best, evidence):
        return []
    if not SEVERAL.search(best.line.text) and not SEVERAL.search(evidence.question.text):
        return [best]
    same = [t for t in pool if t.line == best.line and t.score >= CLOSE * best.score]
    return sorted(same, key=lambda t: t.figure.span.start)


def _good(target: Target, evidence: Evidence) -> bool:
    """Whether a figure fits well enough to be an answer, by its words or by words and meaning."""
    dense = next((fit.dense for fit in evidence.fits if fit.line == target.line), 0.0)
    return target.score >= LEAST_FIGURE or (target.score >= LEAST_FIGURE_NEAR and dense >= NEAR)


def _timely(pool: Sequence[Target], evidence: Evidence) -> list[Target]:
    """Figures of the asked year; a sentence that speaks only of another year is no answer."""
    asked, periods = set(evidence.question.years), evidence.question.periods
    kept = []
    for target in pool:
        line = target.line
        wanted = asked or ({line.card.year} if line.card.year else set())
        other = bool(line.years and wanted and not wanted & line.years)
        if other and asked:
            continue
        share = (0.9 if other else 1.0) * (1.0 if periods else part_year(line.card.period))
        kept.append(replace(target, score=target.score * share))
    return sorted(kept, key=lambda t: -t.score)


def _next_to(ask: Ask, earlier: Target, evidence: Evidence) -> Target | None:
    """The first figure behind ``earlier`` in its sentence that has the unit of ``ask``."""
    behind = [
        t
        for t in targets(ask, [earlier.line], evidence.weights)
        if t.figure.span.start > earlier.figure.span.start and t.score > 0
    ]
    return min(behind, key=lambda t: t.figure.span.start, default=None)


def _statement(evidence: Evidence) -> Plan:
    fits = evidence.fits
    if not fits or fits[0].score < LEAST_LINE:
        return refuse(evidence)
    best = fits[0]
    chosen = [f.line for f in fits[:MOST_LINES] if f.score >= 0.9 * best.score]
    return Plan("answered", lines=tuple(chosen))


def _other_years(found: Sequence[Target], lines: Sequence[Line], evidence: Evidence) -> list[Target]:
    """The same figure in other years of the same place, when the question names no year."""
    best = found[0]
    if evidence.question.years or len(found) > 1 or not best.line.card.place:
        return []
    by_year = {best.line.card.year: best}
    for target in targets(best.ask, lines, evidence.weights):
        card = target.line.card
        fits = target.score >= CLOSE * best.score and arithmetic.base(target.figure) is not None
        if fits and card.place == best.line.card.place and card.year:
            by_year.setdefault(card.year, target)
    return [target for target in by_year.values() if target is not best]


def _disagreeing(best: Target, lines: Sequence[Line], evidence: Evidence) -> tuple[Target, ...]:
    """Figures of the same indicator, unit and kind in the same scope with another value."""
    if best.score < SURE or not best.figure.indicator or best.figure.kind is not FigureKind.ACTUAL:
        return ()
    card = best.line.card
    rivals = []
    for target in targets(best.ask, lines, evidence.weights):
        figure = target.figure
        same_thing = (
            figure.indicator == best.figure.indicator
            and figure.unit == best.figure.unit
            and figure.kind is best.figure.kind
            and figure.period == best.figure.period
        )
        same_report = (target.line.card.place, target.line.card.year) == (card.place, card.year)
        if same_thing and same_report and target.line != best.line and target.score >= CLOSE * best.score:
            mine, theirs = arithmetic.base(best.figure), arithmetic.base(figure)
            if mine is not None and theirs is not None and mine != theirs:
                rivals.append(target)
    return tuple(rivals[:2])


def _compare(evidence: Evidence, view: View) -> Plan | None:
    """One target per place (or per year), then the difference in code."""
    question = evidence.question
    pools: list[list[Target]] = []
    texts: list[Line] = []
    notes: list[Sentence] = []
    for single in _singles(question):
        part = find(single, view)
        if part.refusal:
            notes.append(Sentence(part.refusal, (), "stated"))
            continue
        lines = [fit.line for fit in part.fits[:24]]
        ask = next((a for a in single.asks if a.quantity), Ask(single.topic, "", True))
        pool = [t for t in _timely(targets(ask, lines, part.weights), part) if t.figure.value is not None]
        # 减少76.5公顷 is no 有螺面积: what is compared are the values themselves.
        pool = [t for t in pool if t.figure.kind is not FigureKind.DIFFERENCE] or pool
        if pool and pool[0].score >= LEAST_COMPARED:
            pools.append([t for t in pool if t.score >= max(LEAST_COMPARED, 0.75 * pool[0].score)][:12])
        elif part.fits and part.fits[0].score >= LEAST_LINE:
            texts.append(part.fits[0].line)
        else:
            notes.append(Sentence(refuse(part).reason, (), "stated"))
    parts = _one_measure(pools)
    if not parts and not texts:
        return Plan("refused", reason="；".join(n.text for n in notes) or "没有可比较的内容")
    wants_difference = question.operation is Operation.DIFFERENCE or len(parts) == 2
    sentences = compose.side_by_side(parts, with_difference=wants_difference) if parts else ()
    sentences += tuple(compose.quote(line) for line in texts)
    return Plan(
        "partial" if notes else "answered", (*sentences, *notes), reason="；".join(n.text for n in notes)
    )


def _singles(question: Question) -> list[Question]:
    """The question for each place and year alone."""
    plain = replace(question, kind=QuestionKind.FACT, operation=Operation.NONE)
    if len(question.places) + len(question.strangers) > 1:
        return [_of_place(plain, p) for p in question.places] + [
            replace(plain, places=(), strangers=(s,)) for s in question.strangers
        ]
    if len(question.years) > 1:
        return [replace(plain, years=(y,)) for y in question.years]
    return [plain]


def _of_place(question: Question, place: str) -> Question:
    """The question for one known place; names of other places are no part of what is looked for."""

    def without(topic: str) -> str:
        return " ".join(word for word in topic.split() if word not in question.strangers)

    asks = tuple(replace(ask, topic=without(ask.topic)) for ask in question.asks)
    own = [own_year(question, p) for p in question.places]
    year = own[question.places.index(place)]
    years = (year,) if year and None not in own else question.years
    topic = without(question.topic)
    return replace(question, places=(place,), strangers=(), years=years, topic=topic, asks=asks)


def _one_measure(pools: Sequence[Sequence[Target]]) -> list[Target]:
    """One figure from each pool, of one unit of measure where there is such a choice, the best such."""
    if not pools:
        return []
    chosen = [pool[0] for pool in pools]
    if all(arithmetic.comparable(chosen[0].figure, t.figure) for t in chosen[1:]):
        return chosen
    best = 0.0
    for anchor in pools[0]:
        matching = [[t for t in pool if arithmetic.comparable(anchor.figure, t.figure)] for pool in pools[1:]]
        if all(matching):
            row = [anchor, *(pool[0] for pool in matching)]
            worth = sum(t.score for t in row)
            if worth > best:
                best, chosen = worth, row
    return chosen


def _gather(evidence: Evidence) -> Plan:
    """The best sentence of every report that holds the topic."""
    sentences: list[Sentence] = []
    ask = next((a for a in evidence.question.asks if a.quantity), None)
    quoted = QUOTED.findall(evidence.question.text)
    for every in by_report(evidence.fits).values():
        # What the question puts in quotation marks must stand there literally.
        fits = [fit for fit in every if all(phrase in fit.line.text for phrase in quoted)]
        if not fits:
            continue
        best = fits[0]
        line = best.line
        if ask:
            pool = targets(ask, [f.line for f in fits[:12]], evidence.weights)
            if not pool or pool[0].score < LEAST_GATHER:
                continue
            line = pool[0].line
        elif best.score < LEAST_GATHERED:
            continue
        sentences.append(compose.quote(line))
    if not sentences:
        return refuse(evidence)
    head = Sentence(
        f"语料中有{len(sentences)}份报告写到“{evidence.question.topic.replace(' ', '')}”", (), "stated"
    )
    return Plan("answered", (head, *sentences))


def _list(evidence: Evidence, report: Open) -> Plan | None:
    question = evidence.question
    sentences: list[Sentence] = []
    for card in _nearest_reports(evidence):
        if card.id in evidence.scope.strict_years:
            continue  # a report of another year: its lists are not those of the asked year
        listing = section_list(question, report(card.id), evidence.weights)
        if listing is None:
            continue
        name = f"{card.place or f'《{card.title}》'}{f'{card.year}年' if card.year else ''}"
        sentences.append(
            Sentence(f"{name}报告“{listing.heading.strip('。')}”部分列出{len(listing.items)}项", (), "stated")
        )
        for n, item in enumerate(listing.items, 1):
            citation = Citation(
                card.id, card.title, item.span.start, item.span.end,
                listing.report.text[item.span.start : item.span.end], card.place or "", card.year, item.path,
            )  # fmt: skip
            sentences.append(Sentence(f"{n}. {item.text}", (citation,), "quoted"))
    if sentences:
        return Plan("answered", tuple(sentences))
    if question.sections:
        lines = tuple(fit.line for fit in sorted(evidence.fits, key=lambda f: f.line.span.start))
        if lines:
            return Plan("answered", tuple(compose.quote(line) for line in lines[:20]))
    return _run(evidence)


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
        return Plan("answered", tuple(compose.quote(line) for line in bullets[:20]))
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
    if len(chosen) == 1 and len(best.line.text) <= 90:
        return Plan("answered", lines=chosen)
    return Plan("answered", tuple(compose.quote(line) for line in chosen[:8]))


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


def _why(evidence: Evidence) -> Plan | None:
    """The sentence on the matter and the sentences near it that give causes."""
    fits = evidence.fits
    if not fits or fits[0].score < LEAST_LINE:
        return refuse(evidence)
    best = fits[0].line
    near = [f.line for f in fits if f.line.passage.id == best.passage.id or f.line.path == best.path]
    stated = best.kind is SectionKind.PROBLEMS
    causes = [
        line for line in near if line == best or (_close(line, best) and (stated or _gives_cause(line)))
    ]
    ordered = sorted(dict.fromkeys(causes), key=lambda line: line.span.start)
    chosen = [line for line in ordered if not ADVICE.match(line.text)][:6] or ordered[:4]
    return Plan("answered", tuple(compose.quote(line) for line in chosen))


def _close(line: Line, best: Line) -> bool:
    return -250 < line.span.start - best.span.start < 400


def _gives_cause(line: Line) -> bool:
    return any(word in line.text for word in CAUSES)


def _check(evidence: Evidence) -> Plan | None:
    question = evidence.question
    for claim in question.claims:
        if _stated_of_the_rest(claim, evidence):
            continue
        stated = numbers(claim)
        ask = Ask(question.topic, stated[0].written_unit if stated else "", True)
        pool = _timely(targets(ask, [f.line for f in evidence.fits[:24]], evidence.weights), evidence)
        if not pool or pool[0].score < LEAST_FIGURE:
            continue
        right = [t for t in pool if t.score >= 0.9 * pool[0].score and _same(claim, t.figure)]
        if right:
            return Plan("answered", (compose.confirmation(claim, right[0]), compose.quote(right[0].line)))
        return Plan("answered", (compose.correction(claim, pool[0]), compose.quote(pool[0].line)))
    return None


def _stated_of_the_rest(claim: str, evidence: Evidence) -> bool:
    """Whether 没有救治的12人 is what the report says of those who were not (未救治的12人)."""
    return bool(NEGATION.search(evidence.question.text)) and any(
        _same(claim, figure) and NEGATION.search(clause_of(fit.line, figure))
        for fit in evidence.fits[:12]
        for figure in fit.line.figures
    )


def _same(claim: str, figure: Figure) -> bool:
    return any(same_quantity(a, b) for a in numbers(claim) for b in numbers(figure.text))


def _premise(evidence: Evidence, chosen: Plan) -> Plan:
    """Correct an asserted figure before answering."""
    checked = _check(evidence)
    if checked is None or not checked.sentences[0].text.startswith("问题中"):
        return chosen
    if chosen.lines:
        return Plan(chosen.status, checked.sentences)
    return replace(chosen, sentences=(checked.sentences[0], *chosen.sentences))


def _verbal_premise(evidence: Evidence, chosen: Plan) -> Plan:
    """Correct an asserted grade, rank or direction."""
    fit = evidence.fits[0]
    line = chosen.lines[0] if chosen.lines else fit.line
    if (not chosen.lines and fit.score < SURE_LINE) or any(s.status == "computed" for s in chosen.sentences):
        return chosen
    found = contradiction(evidence.question.text, line.text)
    if evidence.question.kind is QuestionKind.CHECK:
        found = found or other_body(evidence.question.text, line.text)
        if found is None and (word := not_done_yet(evidence.question.text, line.text)):
            found = evidence.question.text.rstrip("？?"), f"{word}……"
    if found is None:
        return chosen
    text = f"问题中的“{found[0]}”与报告不符，{compose.label(line)}的报告写的是“{found[1]}”"
    head = Sentence(text, (Citation.of(line),), "computed")
    rest = chosen.sentences or tuple(compose.quote(one) for one in chosen.lines)
    return replace(chosen, sentences=(head, *rest), lines=(), required=())


def _compute(evidence: Evidence) -> Plan | None:
    """Find the operands, compute in code, show the formula."""
    question = evidence.question
    if question.operation is Operation.DIFFERENCE and _rest_is_stated(evidence):
        return None
    operands = _operands(question, evidence)
    if len(operands) < 2:
        return None
    figures = [t.figure for t in operands]
    result = {
        Operation.SUM: lambda: arithmetic.total(figures),
        Operation.DIFFERENCE: lambda: arithmetic.difference(figures[0], figures[1]),
        Operation.SHARE: lambda: arithmetic.share(figures[0], figures[1]),
        Operation.QUOTIENT: lambda: arithmetic.per(figures[0], figures[1]),
    }[question.operation]()
    if result is None:
        return None
    if question.operation is Operation.DIFFERENCE:
        return Plan("answered", compose.gap(result, operands))
    words = {
        Operation.SUM: "合计",
        Operation.SHARE: "占比约",
        Operation.QUOTIENT: "平均约",
    }
    return Plan("answered", compose.computed(result, operands, words[question.operation]))


def _rest_is_stated(evidence: Evidence) -> bool:
    """Whether 还有多少没有… need not be computed, since a report states the figure of what is not."""
    ask = next((a for a in evidence.question.asks if a.quantity), None)
    if ask is None or not NEGATION.search(evidence.question.text):
        return False
    pool = targets(ask, [fit.line for fit in evidence.fits[:24]], evidence.weights)
    best = pool[0] if pool else None
    return (
        best is not None
        and best.score >= LEAST_FIGURE
        and bool(NEGATION.search(clause_of(best.line, best.figure)))
    )


def _operands(question: Question, evidence: Evidence) -> list[Target]:
    lines = [fit.line for fit in evidence.fits[:24]]
    found: list[Target] = []
    for ask in question.operands:
        pool = _operand_pool(ask, question, lines, evidence, found)
        fresh = [t for t in pool if all((t.line, t.figure.span) != (o.line, o.figure.span) for o in found)]
        if fresh:
            found.append(fresh[0])
    if len(found) >= 2 or question.operation not in (Operation.SUM, Operation.DIFFERENCE):
        return found
    return _siblings(question, evidence, lines) or found


def _operand_pool(
    ask: Ask, question: Question, lines: Sequence[Line], evidence: Evidence, found: Sequence[Target]
) -> list[Target]:
    """Figures for one operand; it may share its last word with the last operand (A、B和C的补偿)."""
    unit = found[0].figure.unit if found and question.operation is not Operation.QUOTIENT else ask.unit
    last = question.operands[-1].topic.split()
    tail = last[-1:] if len(last) > 1 else []
    whole = Ask(" ".join(dict.fromkeys([*ask.topic.split(), *tail])), unit, True)
    fits = rank(ask.topic, lines, evidence.weights)[:12]
    near = [t.line for t in found] + [fit.line for fit in fits]
    own = {
        (t.line, t.figure.span): t.score for t in targets(Ask(ask.topic, unit, True), near, evidence.weights)
    }
    pool = [
        replace(t, score=t.score + (0.15 if found and t.line == found[0].line else 0))
        for t in _timely(targets(whole, list(dict.fromkeys(near)), evidence.weights), evidence)
        if own[t.line, t.figure.span] >= LEAST_OPERAND
        and arithmetic.base(t.figure) is not None
        and (question.operation is not Operation.SHARE or t.figure.unit not in arithmetic.RATES)
    ]
    return sorted(pool, key=lambda t: -t.score)


def _siblings(question: Question, evidence: Evidence, lines: Sequence[Line]) -> list[Target]:
    """Without named operands: the figures of one unit in the sentence that fits best."""
    ask = next((a for a in question.asks if a.quantity), Ask(question.topic, "", True))
    pool = _timely(targets(ask, lines, evidence.weights), evidence)
    if not pool or pool[0].score < LEAST_SIBLING:
        return []
    best = pool[0]
    same = [
        t for t in pool
        if t.line == best.line and arithmetic.comparable(t.figure, best.figure) and t.score >= 0.6 * best.score
    ]  # fmt: skip
    ordered = sorted(same, key=lambda t: t.figure.span.start)
    return ordered if question.operation is Operation.SUM else ordered[:2]
