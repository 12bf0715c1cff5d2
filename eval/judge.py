"""An optional judge: a large model over an endpoint reads answers (评判). It decides no gate.

In: a question, what a right answer holds, the evidence and one or two answers. Out: a verdict, or none where the
model said something else in the two orders that it is asked in: whether an answer is right is asked with the options
exchanged, which of two is better with the answers exchanged. Small models do not judge (0.50 on sentences of
UHGEval), and large ones only as well as they agree with people: :func:`agreement` tells that from labels, and
without labels a judge is not calibrated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

import prompts
from corpus.errors import InputError
from corpus.privacy import mask_plain
from eval.metrics import wilson
from eval.records import filled_lines, validated
from service.phrase import Chat

Choice = Literal["base", "new", "tie"]
RIGHT, WRONG = "回答正确", "回答不正确"
ANSWER, PAIR = "judge_answer", "judge_pair"
MAX_TOKENS = 8
LEAST_LABELS, LEAST_AGREEMENT = (
    30,
    0.8,
)  # a judge counts as calibrated from here; the lower end of the interval
MOST_EVIDENCE = 4000  # characters
_LETTER = re.compile(r"^\W*([ABC])(?![A-Za-z])")
_FLOATING = re.compile(r"(?:^|[-:@/])(?:latest|default|auto)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a judge is told of an item: ``reference`` says what a right answer holds."""

    question: str
    reference: str
    evidence: tuple[str, ...]

    @property
    def fields(self) -> dict[str, str]:
        """The variables that both prompts share, without personal data."""
        evidence = "\n".join(f"- {line}" for line in self.evidence)[:MOST_EVIDENCE] or "（无）"
        told = {"question": self.question, "reference": self.reference, "evidence": evidence}
        return {name: mask_plain(text) for name, text in told.items()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said in the first and in the second order, and what both together mean; None: they disagree."""

    said: tuple[str, str]
    verdict: Choice | bool | None


class Judge:
    """A model behind an endpoint, by its exact name.

    Raises:
        InputError: no name, or one that means another model tomorrow.
    """

    def __init__(self, chat: Chat, model: str) -> None:
        if not model.strip() or _FLOATING.search(model.strip()):
            raise InputError(
                f"评判模型的名称 {model!r} 没有固定版本，结果无法重现",
                where="--model",
                remedy="请写出带版本的全名，不用 latest、default、auto",
            )
        self._chat, self.model = chat, model.strip()

    def signature(self, name: str) -> str:
        """Prompt and model: verdicts of another signature are other verdicts."""
        return f"{prompts.load(name).signature} {self.model}"

    def rate(self, asked: Asked, answer: str) -> Verdict:
        """Whether an answer is right; asked twice, with the options exchanged.

        Raises:
            EndpointError: the endpoint timed out, refused, answered nonsense or broke off.
        """
        given = asked.fields | {"answer": mask_plain(answer)}
        first = self._letter(ANSWER, given | {"first": RIGHT, "second": WRONG})
        second = self._letter(ANSWER, given | {"first": WRONG, "second": RIGHT})
        told = ({"A": True, "B": False}.get(first), {"A": False, "B": True}.get(second))
        return Verdict((first, second), told[0] if told[0] == told[1] else None)

    def prefer(self, asked: Asked, base: str, new: str) -> Verdict:
        """Which of two answers is better; asked twice, with the answers exchanged.

        Raises:
            EndpointError: as :meth:`rate`.
        """
        one, other = mask_plain(base), mask_plain(new)
        first = self._letter(PAIR, asked.fields | {"one": one, "other": other})
        second = self._letter(PAIR, asked.fields | {"one": other, "other": one})
        names: Mapping[str, tuple[Choice, Choice]]
        names = {"A": ("base", "new"), "B": ("new", "base"), "C": ("tie", "tie")}
        told = (names[first][0] if first else None, names[second][1] if second else None)
        return Verdict((first, second), told[0] if told[0] == told[1] else None)

    def _letter(self, name: str, given: Mapping[str, str]) -> str:
        """The letter that a reply begins with; "" where it is none."""
        messages = prompts.load(name).messages(**given)
        reply = "".join(self._chat.stream(messages, max_tokens=MAX_TOKENS))
        found = _LETTER.match(reply.strip())
        return found[1] if found else ""


# -- calibration -------------------------------------------------------------------------------------------


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Label:
    """What a person says of an item: ``right`` of one answer, ``better`` of two."""

    id: str
    right: bool | None = None
    better: Choice | None = None
    note: str = ""

    @property
    def verdict(self) -> Choice | bool | None:
        """What the judge should say."""
        return self.right if self.right is not None else self.better


LABEL = TypeAdapter(Label)


def read_labels(path: Path) -> dict[str, Label]:
    """Labels of a file by id, one JSON object a line: {"id": …, "right": true} or {"id": …, "better": "new"}.

    Raises:
        InputError: the file cannot be read, a line is no label, or an id occurs twice.
    """
    found: dict[str, Label] = {}
    try:
        lines = list(filled_lines(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("标注文件读不出来", where=str(path), remedy="请用 UTF-8 的 .jsonl 文件") from error
    for where, line in lines:
        remedy = (
            '每行写成 {"id": 题号, "right": true 或 false}，两份比较时写 "better": "base"、"new" 或 "tie"'
        )
        label = validated(LABEL, line, what="评判标注", where=where, remedy=remedy)
        if label.verdict is None or (label.right is not None and label.better is not None):
            raise InputError("right 和 better 要写一个，且只写一个", where=where, remedy=remedy)
        if label.id in found:
            raise InputError(f"标注编号 {label.id!r} 重复", where=where, remedy="请删去一行")
        found[label.id] = label
    return found


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the judge says what people say, over the labelled items on which it says anything.

    ``undecided`` labelled items got no verdict. ``kappa`` is Cohen's, None where all labels and verdicts are one
    and the same; ``low`` and ``high`` are the 95 % interval of the share.
    """

    labelled: int
    agreed: int
    undecided: int
    kappa: float | None
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """Agreed of decided."""
        decided = self.labelled - self.undecided
        return self.agreed / decided if decided else None

    @property
    def calibrated(self) -> bool:
        """Whether there are enough labels, and enough agreement with them."""
        return self.labelled - self.undecided >= LEAST_LABELS and self.low >= LEAST_AGREEMENT


def agreement(pairs: Iterable[tuple[object, object | None]]) -> Agreement:
    """From (what people say, what the judge says or None)."""
    every = list(pairs)
    decided = [(label, said) for label, said in every if said is not None]
    agreed = sum(label == said for label, said in decided)
    low, high = wilson(agreed, len(decided))
    return Agreement(len(every), agreed, len(every) - len(decided), _kappa(decided), low, high)


def _kappa(pairs: Sequence[tuple[object, object]]) -> float | None:
    """Cohen's kappa: agreement beyond what the shares of the verdicts give by chance."""
    size = len(pairs)
    kinds = {value for pair in pairs for value in pair}
    if not size or len(kinds) < 2:
        return None
    labels, said = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    chance = sum(labels.count(kind) * said.count(kind) for kind in kinds) / size**2
    observed = sum(one == other for one, other in pairs) / size
    return (observed - chance) / (1 - chance)


# -- what a judge is told of an item -----------------------------------------------------------------------


def answer_text(output: Mapping[str, Any] | None) -> str:
    """The answer of a recorded item; what crashed says nothing."""
    return str(output.get("text") or output.get("reason") or "") if output else "（没有回答）"


def quotes(*outputs: Mapping[str, Any] | None) -> tuple[str, ...]:
    """What the answers cite, each quote once, in order."""
    cited = (
        str(citation["quote"])
        for output in outputs
        for sentence in (output or {}).get("sentences", ())
        for citation in sentence["citations"]
    )
    return tuple(dict.fromkeys(cited))
