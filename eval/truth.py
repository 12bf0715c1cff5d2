"""What truth.json says of the sample corpus (虚构样例的标准答案), as values that suites compare with.

In: the shipped samples. Out: figures and documents, each with the sha256 of its file, so that the suites name samples
as they name every other file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from corpus.samples import SAMPLES

TEN_THOUSAND = {"万": Decimal(10**4), "亿": Decimal(10**8)}
COUNTIES = {"山区县": "青岭县", "湖区县": "云泽县", "工业县": "铜埠县"}  # as the city's report calls them


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of a document; ``value`` is None where it is masked, multiplied out otherwise."""

    place: str
    year: int
    period: str
    indicator: str
    value: Decimal | None
    unit: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A report of the samples: the ``piece``-th of its file."""

    sha256: str
    file: str
    piece: int
    title: str
    place: str
    year: int
    period: str
    genre: str
    problems: tuple[str, ...]
    next_steps: tuple[str, ...]
    figures: tuple[Fact, ...]

    @property
    def id(self) -> str:
        """青岭县-2023-annual."""
        return f"{self.place}-{self.year}-{self.genre}-{self.sha256[:4]}{self.piece}"


@cache
def samples() -> tuple[Sample, ...]:
    """All reports of the samples; a copy of another one has no figures."""
    truth: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    figures: dict[tuple[str, int], list[Fact]] = {}
    for row in truth["figures"]:
        figures.setdefault((row["file"], row["piece"]), []).append(_fact(row))
    documents = truth["documents"]
    hashes = {one["file"]: _hash(one["file"]) for one in documents}
    return tuple(
        Sample(
            sha256=hashes[one["file"]],
            file=one["file"],
            piece=one["piece"],
            title=one["title"],
            place=one["place"],
            year=one["year"],
            period=one["period"],
            genre=one["genre"],
            problems=tuple(one["problems"]),
            next_steps=tuple(one["next_steps"]),
            figures=tuple(figures.get((one["file"], one["piece"]), ())),
        )
        for one in documents
    )


def _hash(file: str) -> str:
    return hashlib.sha256((SAMPLES / file).read_bytes()).hexdigest()


def _fact(row: dict[str, Any]) -> Fact:
    unit, factor = row["unit"], Decimal(1)
    if unit and unit[0] in TEN_THOUSAND:
        unit, factor = unit[1:], TEN_THOUSAND[unit[0]]
    value = None if row["value"] is None else Decimal(row["value"]) * factor
    return Fact(
        row["place"], row["year"], row["period"], row["indicator"], value, unit, row["kind"], row["text"]
    )
