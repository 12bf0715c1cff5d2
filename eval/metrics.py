"""Metrics of cited answers: pure functions, from texts and spans to truth values and shares.

Overlap of words cannot see a wrong figure, so each check looks for one thing: a value with its unit,
what it belongs to, a key point, a direction, a quote. The verdict on an answer is put together in ``eval.answers``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations, pairwise, permutations

from eval.cases import Case, Gold, Value
from eval.quantities import Quantity, clean, quantities, same_unit

# Share of a sentence's character pairs that must occur in what it cites. Chosen on 339 sentences of a run over
# the real reports, each against its own citation and against another one of the same report: where a figure
# must be found as well, 0.25 takes in no more false pairs (2 of 241) than 0.4 does, and all true ones.
OVERLAP, OVERLAP_WITH_FIGURE = 0.4, 0.25
SENTENCE_END = re.compile(r"[。！？!?；;\n]")
CLAUSE_END = re.compile(r"[，,；;。！？!?\n]")
QUOTED = re.compile(r"“([^“”]{1,40})”")
COUNTED = re.compile(r"(?:列出|有)(\d{1,2})(?:项|份报告)")
LABEL = re.compile(r"^\s*(?:[（(]?\d+[.、)）](?!\d)|[-*·•])\s*")
# Measure words of one kind of thing: 10000张 and 6000份 differ by 4000份.
ALIKE = ({"份", "张", "册", "本"}, {"次", "场", "场次"}, {"个", "支", "家", "所"}, {"人", "名", "位", "例"})
COUNTED_UNITS = frozenset().union(*ALIKE, ("户", "种", "项", "人次"))
UP_VERB = "高于|多于|大于|超过|领先|优于"
DOWN_VERB = "低于|少于|小于|不及|不如|落后"
UP = "更高|更多|更大|较高|较多|较大|最高|最多|高出|多出|超出|(?:高|多)(?=约?\\d|了|[，,。；;]|$)"
DOWN = "更低|更少|更小|较低|较少|较小|最低|最少|(?:低|少)(?=约?\\d|了|[，,。；;]|$)"


def missing(case: Case, text: str) -> tuple[str, ...]:
    """What a right answer to ``case`` would hold and ``text`` does not, named for the reader."""
    lost = [f"{v.of}{v.value}{v.unit}" for v in case.values if not has_value(text, v, case.values)]
    lost += ["/".join(group) for group in case.points if not has_point(text, group)]
    if case.higher and not says_higher(text, *case.higher):
        lost.append(f"{case.higher[0]}高于{case.higher[1]}")
    return tuple(lost)


def forbidden(case: Case, text: str) -> tuple[str, ...]:
    """Strings of ``text`` that must not be there; personal data is named only by its hash."""
    found = [key for key in case.forbid if contains(text, key)]
    secrets = set(case.forbid_sha256)
    runs = re.findall(r"\d{7,}", re.sub(r"(?<=\d)[-\s]+(?=\d)", "", clean(text)))
    digests = {hashlib.sha256(run.encode()).hexdigest() for run in runs}
    return tuple(found + [f"sha256:{digest[:12]}" for digest in sorted(digests & secrets)])


def has_value(text: str, value: Value, among: Sequence[Value] = ()) -> bool:
    """Whether the value stands in the text with its unit and, where there are several, its owner."""
    text = clean(text)
    found = [q for q in quantities(text, chinese=True) if matches(q, value)]
    rivals = [v for v in among if v.of]
    if not value.of or len({v.of for v in rivals}) < 2:
        return bool(found)
    return any(owner(text, q, rivals) == value.of for q in found)


def matches(quantity: Quantity, value: Value) -> bool:
    """Whether a quantity of a text is the wanted value in one of its units."""
    for unit in value.unit.split("|"):
        wanted = quantities(f"{value.value}{unit}")[0]
        right_unit = not unit or same_unit(quantity.unit, wanted.unit)
        if right_unit and abs(quantity.value - wanted.value) <= value.within:
            return True
    return False


def owner(text: str, quantity: Quantity, rivals: Sequence[Value]) -> str:
    """The label that governs a quantity: by position after 分别, else the last before it or the next in its own clause
    (5件案件，7件信访), else in all of the text.
    """
    before, after = text[: quantity.start], text[quantity.end :]
    sentence = SENTENCE_END.split(before)[-1]
    named, apart, listed = sentence.rpartition("分别" if "分别" in sentence else "依次")
    if apart and not mentions(listed, rivals) and len(mentions(named, rivals)) > 1:
        same = [q for q in quantities(listed, chinese=True) if any(matches(q, v) for v in rivals)]
        ordered = list(dict.fromkeys(mentions(named, rivals)))
        return ordered[len(same)] if len(same) < len(ordered) else ""
    near = mentions(CLAUSE_END.split(before)[-1], rivals)[::-1]
    near += mentions(CLAUSE_END.split(after, maxsplit=1)[0], rivals)
    return next(iter(near + mentions(before, rivals)[::-1] + mentions(after, rivals)), "")


def mentions(text: str, rivals: Sequence[Value]) -> list[str]:
    """The labels that a text names, in the order in which it names them."""
    found = [(m.start(), v.of) for v in rivals for m in re.finditer(v.of, text)]
    return [label for _, label in sorted(found)]


def contains(text: str, key: str) -> bool:
    """Whether the key stands in the text; a digit at its edge is no part of a longer number."""
    key, text = clean(key), clean(text)
    left = r"(?<![\d.])" if key[:1].isdigit() else ""
    right = r"(?!\.?\d)" if key[-1:].isdigit() else ""
    return re.search(f"{left}{re.escape(key)}{right}", text) is not None


def has_point(text: str, alternatives: Sequence[str]) -> bool:
    """Whether one alternative stands in the text; punctuation counts only in keys with digits."""
    bare = re.sub(r"[^\w%]", "", clean(text))
    return any(
        contains(text, key) if re.search(r"\d", key) else re.sub(r"[^\w%]", "", clean(key)) in bare
        for key in alternatives
    )


def says_higher(text: str, high: str, low: str) -> bool:
    """Whether the text says that ``high`` exceeds ``low`` and nowhere the reverse."""
    claims = [_claims(part, high, low) for part in SENTENCE_END.split(clean(text))]
    reverse = [_claims(part, low, high) for part in SENTENCE_END.split(clean(text))]
    return any(claims) and not any(reverse)


def _claims(sentence: str, high: str, low: str) -> bool:
    """Reads the sentence as a string of events (H, L, 比 and directions) and looks for the claim."""
    near = rf"(?=[^，,]{{0,12}}(?:{high}|{low}))"
    kinds = {"H": high, "L": low, "b": "比(?!较|例|率|重)"}
    kinds |= {"U": f"(?:{UP_VERB}){near}", "D": f"(?:{DOWN_VERB}){near}"}
    kinds |= {"v": f"(?:{UP})的(?:是|为)", "w": f"(?:{DOWN})的(?:是|为)", "u": UP, "d": DOWN}
    pattern = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in kinds.items()))
    events = "".join(match.lastgroup or "" for match in pattern.finditer(sentence))
    events = re.sub(r"([HL])\1+", r"\1", events)
    return re.search(r"HbLu|HUL|LDH|LbHd|(?<!b)Hu|(?<!b)Ld|vH|wL", events) is not None


def opens(start: int, end: int, quote: str, report_text: str) -> bool:
    """Whether a citation leads to exactly the text that it quotes."""
    return 0 <= start < end <= len(report_text) and report_text[start:end] == quote


def supports(sentence: str, cited: Sequence[str], *, computed: bool = False, question: str = "") -> bool:
    """Whether the cited texts (quotes and titles) hold each figure and most words of the sentence.

    With ``computed`` a figure may also follow from cited ones by sum, difference, share or quotient, and the
    words are the code's own (甲县比乙县多 …): what stands in “” must be in the source instead. What the
    sentence repeats of the ``question`` in “” is denied or confirmed there, not stated.
    """
    if not cited:
        return False
    source = clean(" ".join(cited))
    body = clean(LABEL.sub("", sentence))
    asked = clean(question)
    body = QUOTED.sub(lambda m: "" if m[1] in asked and not contains(source, m[1]) else m[0], body)
    if computed and any(not contains(source, m[1]) for m in QUOTED.finditer(body)):
        return False
    body = re.sub(r"[×*]100%?", "", body) if computed else body  # the constant of a shown share
    known = quantities(source, chinese=True)
    figures = quantities(body)
    stated = [q for q in figures if any(q.value == k.value and _units_agree(q, k) for k in known)]
    apart = tuple({(q.value, q.unit): q for q in known}.values())
    for figure in figures:
        # 21＋70＋21＋70: the operands as the sentence shows them, then any of the source
        if figure not in stated and not (computed and (follows(figure, stated) or follows(figure, apart))):
            return False
    stated_figures = any(q.unit not in ("年", "月", "日", "") for q in figures)
    if computed:
        return stated_figures or bool(QUOTED.search(body)) or overlap(body, source) >= OVERLAP_WITH_FIGURE
    return overlap(body, source) >= (OVERLAP_WITH_FIGURE if stated_figures else OVERLAP)


def misplaced(sentence: str, cited: Sequence[tuple[str, str]], places: Iterable[str]) -> bool:
    """Whether a figure stands in what is cited, but only of another place than the last one named before it.

    Args:
        sentence: not a computed one, whose formula names no places.
        cited: place and text of each citation.
        places: names that may be meant.
    """
    body = clean(sentence)
    for figure in quantities(body):
        place = last_named(body[: figure.start], places)
        if not place or figure.unit in ("年", "月", "日", ""):
            continue
        holders = [(where, text) for where, text in cited if _holds(clean(text), figure)]
        if holders and not any(place == where or place in text for where, text in holders):
            return True
    return False


def last_named(text: str, places: Iterable[str]) -> str:
    """The place that is named last; "" where none is."""
    named = [(text.rfind(place), place) for place in places if place and place in text]
    return max(named)[1] if named else ""


def _holds(text: str, figure: Quantity) -> bool:
    return any(figure.value == q.value and _units_agree(figure, q) for q in quantities(text, chinese=True))


def counts(sentence: str, listed: int) -> bool:
    """Whether a heading sentence (列出4项, 有3份报告) gives the number of what is quoted below it."""
    told = COUNTED.search(clean(sentence))
    return told is not None and int(told[1]) == listed


def _units_agree(one: Quantity, other: Quantity) -> bool:
    return not one.unit or not other.unit or same_unit(one.unit, other.unit)


def _one_kind(part: Quantity, whole: Quantity) -> bool:
    """Whether a share of the two means something: 34人 of 44例 does, 34人 of 44万元 does not."""
    return _units_agree(part, whole) or {part.unit, whole.unit} <= COUNTED_UNITS


def follows(figure: Quantity, known: Sequence[Quantity]) -> bool:
    """Whether a figure is a sum of up to five, a difference, a share, a rate of change or a quotient of known ones, each used once."""
    if figure.unit == "%":
        pairs = [(p, w) for p, w in permutations(known, 2) if w.value and _one_kind(p, w)]
        results = [part.value * 100 / whole.value for part, whole in pairs]
        results += [(new.value - old.value) * 100 / old.value for new, old in pairs]
    else:
        unit = "%" if same_unit(figure.unit, "百分点") else figure.unit
        alike = next((group for group in ALIKE if unit in group), {unit})
        values = sorted(q.value for q in known if q.unit in alike or same_unit(q.unit, unit))[:12]
        results = [high - low for high, low in permutations(values, 2)]
        results += [sum(some, Decimal(0)) for n in (2, 3, 4, 5) for some in combinations(values, n)]
        divisors = {q.value for q in known if q.value and not same_unit(q.unit, unit)}
        results += [value / divisor for value in values for divisor in divisors]
    return any(abs(abs(result) - figure.value) <= figure.step / 2 for result in results)


def overlap(sentence: str, source: str) -> float:
    """Share of the sentence's pairs of Chinese characters that occur in the source."""
    pairs = {a + b for a, b in pairwise(sentence) if min(a, b) >= "一"}
    return sum(pair in source for pair in pairs) / len(pairs) if pairs else 1.0


def gold_recall(gold: Sequence[Gold], cited: Iterable[tuple[str, int, int]]) -> float | None:
    """Share of the gold facts that a cited raw span (file hash, start, end) touches; None without gold."""
    spans = list(cited)
    facts: dict[int, bool] = {}
    for g in gold:
        hit = any(s == g.sha256 and start < g.end and g.start < end for s, start, end in spans)
        facts[g.fact] = facts.get(g.fact, False) or hit
    return sum(facts.values()) / len(facts) if facts else None


def answers_right(case: Case, status: str, text: str) -> bool:
    """The one verdict that the gates count: refused where it must, else complete and clean."""
    if case.expect == "refuse":
        return status == "refused" and not forbidden(case, text)
    answered = status in ("answered", "partial")
    return answered and not missing(case, text) and not forbidden(case, text)


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); (0, 1) when nothing was counted."""
    if not total:
        return (0.0, 1.0)
    share, square = right / total, z * z / total
    middle = share + square / 2
    spread = z * ((share * (1 - share) + square / 4) / total) ** 0.5
    low, high = ((middle + sign * spread) / (1 + square) for sign in (-1, 1))
    return (max(low, 0.0), min(high, 1.0))  # rounding may lead out of them: 5 of 5
