"""The model's part: phrase an answer from chosen sentences, under the number lock.

In: a question and at most a few evidence sentences. Out: text deltas while it streams, then checked
sentences; a failed sentence is repaired once, else dropped and counted. Which source supports a
sentence is decided by code, whatever mark the model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import prompts
from corpus.numerals import numbers, same_quantity
from corpus.privacy import mask_plain
from corpus.report import Figure
from service.arithmetic import compact
from service.check import check, plain
from service.cited import Citation, Sentence
from service.compose import label
from service.lines import Line
from service.terms import Weights
from service.unsaid import until_recited

LONGEST_LINE = 320  # characters of one evidence sentence in the prompt
MOST_TOKENS = 160
SENTENCE_END = re.compile(r"(?<=[。！？!?\n])")
LOOSE_MARK = re.compile(r"\[\s*(\d{1,2})\s*\]")
TRAILING_MARKS = re.compile(r"([。！？!?])((?:\[\d{1,2}\])+)")


class Chat(Protocol):
    """What phrasing needs of the chat client."""

    def stream(
        self, messages: list[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """The reply piece by piece."""
        ...


@dataclass(frozen=True, slots=True)
class Phrased:
    """Checked sentences of one attempt, with the faults of those that did not stand.

    ``dropped`` counts the latter; ``complete`` tells whether the rest states all that is required.
    """

    sentences: tuple[Sentence, ...]
    faults: tuple[str, ...]
    dropped: int = 0
    complete: bool = True


def evidence_block(lines: Sequence[Line]) -> str:
    """The evidence as the model sees it: label, place, year, nearest heading, sentence."""
    rows = []
    for n, line in enumerate(lines, 1):
        heading = line.path[-1] if line.path else ""
        where = label(line) + (f"，{heading[:30]}" if heading and heading not in line.text else "")
        rows.append(f"[{n}]（{where}）{shorten(line.text)}")
    return mask_plain("\n".join(rows))


def shorten(text: str) -> str:
    """A sentence with its white space folded, cut at ``LONGEST_LINE`` characters."""
    folded = " ".join(text.split())
    return folded if len(folded) <= LONGEST_LINE else folded[:LONGEST_LINE] + "……"


def number_lock(lines: Sequence[Line], question: str) -> str:
    """GBNF grammar under which only digits of the evidence and the question can be written."""
    text = evidence_block(lines) + question
    runs = set(re.findall(r"\d+(?:\.\d+)*", text)) | {str(n) for n in range(1, len(lines) + 1)}
    allowed = " | ".join(f'"{run}"' for run in sorted(runs, key=lambda r: (-len(r), r)))
    return f"root ::= nd* (num nd+)* num?\nnd ::= [^0-9０-９]\nnum ::= {allowed}\n"


Lock = Callable[[Sequence[Line], str], str | None]  # evidence and question → a grammar, or none


def attempt(
    chat: Chat, question: str, lines: Sequence[Line], *, fault: str = "", lock: Lock = number_lock
) -> Iterator[str]:
    """Stream one attempt; ``fault`` asks for a repair of the one before, ``lock`` gives the grammar."""
    evidence = evidence_block(lines)
    asked = mask_plain(question)
    if fault:
        messages = prompts.load("repair").messages(evidence=evidence, question=asked, fault=fault)
    else:
        messages = prompts.load("answer").messages(evidence=evidence, question=asked)
    written = chat.stream(messages, max_tokens=MOST_TOKENS, grammar=lock(lines, asked))
    yield from until_recited(written, messages)


def split_sentences(text: str) -> tuple[str, ...]:
    """Sentences of a model's text; marks that follow a full stop go with their sentence."""
    moved = TRAILING_MARKS.sub(r"\2\1", LOOSE_MARK.sub(r"[\1]", text))
    return tuple(s.strip() for s in SENTENCE_END.split(moved) if plain(s).strip("。！？!? \n"))


def judge(
    text: str,
    question: str,
    lines: Sequence[Line],
    weights: Weights,
    places: Sequence[str],
    required: Sequence[Figure],
) -> Phrased:
    """Check every sentence of ``text``; ``required`` figures must all be stated."""
    kept: list[Sentence] = []
    faults: list[str] = []
    dropped = 0
    for raw in split_sentences(text):
        verdict = check(raw, lines, weights, also=question, places=places)
        if not verdict.ok:
            faults.extend(verdict.faults)
            dropped += 1
            continue
        bare = plain(raw).rstrip("。；;")
        cited = tuple(Citation.of(line) for line in verdict.supports)
        stated = tuple(n.whole.of(bare) for n in numbers(bare) if n.role in ("quantity", "rank"))
        kept.append(Sentence(bare, cited, "phrased", stated))
    if not kept and not faults:
        faults.append("没有写出答案")
    said = " ".join(s.text for s in kept)
    missing = [f"没有写出“{compact(f)}”" for f in required if not states(said, f)]
    complete = bool(kept) and not missing
    return Phrased(tuple(_distinct(kept)), tuple(dict.fromkeys(faults + missing)), dropped, complete)


def states(text: str, figure: Figure) -> bool:
    """Whether ``text`` holds this figure with its unit."""
    wanted = numbers(figure.text)
    if any(same_quantity(n, w) for n in numbers(text) for w in wanted):
        return True
    # A cell of a table or 一所 has no unit of its own; 6人 must not be found in 16人 or 6人次.
    written = re.escape(compact(figure))
    return re.search(rf"(?<![\d.]){written}(?!\.?\d|次)", "".join(text.split())) is not None


def _distinct(sentences: Sequence[Sentence]) -> list[Sentence]:
    seen: dict[str, Sentence] = {}
    for sentence in sentences:
        seen.setdefault(re.sub(r"\W", "", sentence.text), sentence)
    return list(seen.values())
