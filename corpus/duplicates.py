"""Which reports are copies of each other (重复报告).

In: candidates, which are the texts of reports with what the comparison needs. Out: one
:class:`Duplicate` for each report that repeats another one. Pure.

Reports of two years or of two counties share up to nine tenths of their text and differ in the
figures, so copies are looked for only within one place *and* year; where place or year is unknown,
only exact copies count, or near ones within one file (a scraped page that repeats itself). A near
copy must also state the same numbers: two versions of a report that disagree are both kept, so
that the reader sees the disagreement. Measured on scraped compilations, true near copies lie
above 0.95 and different reports below 0.15; the limit of 0.8 leaves room on both sides.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from corpus.report import Report

NEAR = 0.8  # Jaccard similarity of character 5-grams from which on two texts are near copies
_GRAM = 5
_CROWD = 24  # groups above this size are searched by MinHash; smaller ones pair by pair (exact, cheaper)

_FOLDED = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report as the comparison sees it; ``told`` counts the metadata fields that its page tells."""

    id: str
    source: str  # hash of the file
    name: str  # name of the file, for a stable order
    ordinal: int
    place: str | None
    year: int | None
    period: str | None
    text: str
    damages: int = 0
    told: int = 0

    @classmethod
    def of(cls, report: Report) -> Candidate:
        """The candidate of a parsed report."""
        m = report.metadata
        told = sum(f is not None for f in (m.place, m.issuer, m.year, m.period, m.number, m.date))
        return cls(
            report.id,
            report.source_sha256,
            report.source_name,
            report.ordinal,
            m.place.value if m.place else None,
            m.year_number,
            m.period.value if m.period else None,
            report.text,
            len(report.damages),
            told,
        )


@dataclass(frozen=True, slots=True)
class Duplicate:
    """``report_id`` repeats ``kept_id``; ``kind`` is "exact", "near" or "user" (merged by hand)."""

    report_id: str
    kept_id: str
    kind: str
    similarity: float


def fold(text: str) -> str:
    """The text without white space and punctuation, in lower case."""
    return _FOLDED.sub("", text.lower())


@lru_cache(maxsize=64)
def text_key(text: str) -> str:
    """Hash under which all copies of a text meet, whatever their spaces and punctuation."""
    return hashlib.sha256(fold(text).encode()).hexdigest()[:24]


def find_duplicates(
    candidates: Iterable[Candidate],
    *,
    apart: Iterable[tuple[str, str]] = (),
    together: Mapping[str, str] | None = None,
) -> tuple[Duplicate, ...]:
    """The copies among ``candidates``, each with the report that is kept instead of it.

    Of several copies the one with the fewest damages is kept, then the one with the most metadata,
    then the first by file name and place in the file.

    Args:
        candidates: reports of any places and years, each id once.
        apart: pairs of ids that the user took apart; they are never merged.
        together: id → id of the report that the user merged it into.
    """
    together = together or {}
    separated = {frozenset(pair) for pair in apart}
    ordered = sorted(candidates, key=lambda c: (c.damages, -c.told, c.name, c.ordinal, c.id))
    groups: dict[tuple[str | None, int | None], list[Candidate]] = defaultdict(list)
    for candidate in ordered:
        if candidate.id not in together:
            groups[candidate.place, candidate.year].append(candidate)
    found = {d.report_id: d for group in groups.values() for d in _copies(group, separated)}
    home = {c.id: (c.place, c.year) for c in ordered}
    for report_id, host_id in together.items():
        if report_id in home and home.get(host_id) == home[report_id]:
            found[report_id] = Duplicate(report_id, host_id, "user", 1.0)
    return tuple(_settled(d, found) for d in found.values())


def _copies(group: Sequence[Candidate], separated: Set[frozenset[str]]) -> Iterator[Duplicate]:
    """Copies within one place and year; the best candidate comes first."""
    likely = _likely(group)
    kept: list[Candidate] = []
    for candidate in group:
        for host in kept:
            pair = frozenset((candidate.id, host.id))
            if pair in separated or (likely is not None and pair not in likely):
                continue
            match = _compare(candidate, host)
            if match:
                yield Duplicate(candidate.id, host.id, *match)
                break
        else:
            kept.append(candidate)


def _settled(duplicate: Duplicate, found: Mapping[str, Duplicate]) -> Duplicate:
    """The duplicate with the report at the end of its chain as the kept one."""
    host, seen = duplicate.kept_id, {duplicate.report_id}
    while host in found and host not in seen:
        seen.add(host)
        host = found[host].kept_id
    return Duplicate(duplicate.report_id, host, duplicate.kind, duplicate.similarity)


def _compare(a: Candidate, b: Candidate) -> tuple[str, float] | None:
    """("exact" | "near", similarity) when two reports of one place and year are copies."""
    if text_key(a.text) == text_key(b.text):
        return ("exact", 1.0)
    told = a.place is not None and a.year is not None
    if not told and a.source != b.source:
        return None
    if a.period and b.period and a.period != b.period:
        return None
    short, long = sorted((len(fold(a.text)), len(fold(b.text))))
    if short < NEAR * long or not _same_numbers(a.text, b.text):
        return None
    similarity = jaccard(a.text, b.text)
    return ("near", round(similarity, 4)) if similarity >= NEAR else None


def _same_numbers(a: str, b: str) -> bool:
    """Whether at most 5 % of the numbers (or two, as a date may change) stand in one text only."""
    left, right = set(_NUMBER.findall(a)), set(_NUMBER.findall(b))
    return len(left ^ right) <= max(2.0, 0.05 * len(left | right))


def jaccard(a: str, b: str) -> float:
    """Share of common character 5-grams of the folded texts, 0 … 1."""
    left, right = _grams(a), _grams(b)
    return len(left & right) / len(left | right) if left or right else 1.0


@lru_cache(maxsize=64)
def _grams(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(folded[i : i + _GRAM] for i in range(max(1, len(folded) - _GRAM + 1)))


def _likely(candidates: Sequence[Candidate]) -> set[frozenset[str]] | None:
    """Pairs worth comparing by MinHash; None when there are so few that all pairs are compared."""
    if len(candidates) <= _CROWD:
        return None
    from datasketch import MinHash, MinHashLSH  # imports scipy, one second: only for crowds

    forest = MinHashLSH(threshold=NEAR - 0.2, num_perm=128)
    pairs: set[frozenset[str]] = set()
    for candidate in candidates:
        signature = MinHash(num_perm=128)
        signature.update_batch([gram.encode() for gram in _grams(candidate.text)])
        pairs.update(frozenset((candidate.id, other)) for other in forest.query(signature))
        forest.insert(candidate.id, signature)
    return pairs
