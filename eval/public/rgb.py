"""RGB (Chinese): noise, refusal, integration and counterfactual documents, scored officially and strictly.

In: ``zh.json`` (or ``zh_refine.json``) for noise and refusal, ``zh_int.json`` for integration, ``zh_fact.json`` for
counterfactual. Out: one task a question with the documents that the published procedure picks (5 documents, the
share ``noise`` of them useless, the same seed). A system reads these documents and no others.

Official: the answer is a substring of the text, so 70 counts as found in 170; at noise 1 a right answer from memory
counts as well. Strict: digits end where the answer ends, the false answer of the documents must not be given, and
refusing means to refuse.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from eval.metrics import contains
from eval.public.files import checked, read_data, unique
from eval.public.texts import prediction, refused
from eval.suites.contract import Output, Score, Task, Where

if TYPE_CHECKING:
    from eval.systems import System

WHAT = " RGB "
TASKS = ("noise", "refusal", "integration", "counterfactual")
SEED, PASSAGES = 2333, 5  # of the published procedure
# What the published prompt tells a model to say, and what its scoring looks for.
TOO_LITTLE, FALSE_FACTS = "信息不足", "事实性错误"
NOISE = {
    "noise": Decimal("0.6"),
    "integration": Decimal("0.4"),
    "counterfactual": Decimal(0),
    "refusal": Decimal(1),
}

Answer = str | tuple[str, ...]  # alternatives, one of which is enough


@checked_dataclass(frozen=True, slots=True)
class _Plain:
    id: int | str
    query: str
    answer: str | tuple[Answer, ...]
    positive: tuple[str, ...]
    negative: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True)
class _Integration:
    id: int | str
    query: str
    answer: str | tuple[Answer, ...]
    positive: tuple[tuple[str, ...], ...]
    negative: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True)
class _Counterfactual:
    id: int | str
    query: str
    answer: str | tuple[Answer, ...]
    fakeanswer: str
    positive: tuple[str, ...]
    positive_wrong: tuple[str, ...]
    negative: tuple[str, ...]


PLAIN, INTEGRATION, FACT = TypeAdapter(_Plain), TypeAdapter(_Integration), TypeAdapter(_Counterfactual)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which documents; every group of ``answers`` must be told, one of each is enough."""

    answers: tuple[tuple[str, ...], ...]
    fake: str = ""


# -- the documents of a question ---------------------------------------------------------------------------


def plain_documents(positive: Sequence[str], negative: Sequence[str], noise: Decimal) -> list[str]:
    """Useful and useless documents in the share wanted, filled up from the other side where one is short."""
    useless = math.ceil(PASSAGES * noise)
    useful = PASSAGES - useless
    if noise == 1:
        useful, useless = 0, PASSAGES
    elif useless > len(negative):
        useless, useful = len(negative), PASSAGES - len(negative)
    elif useful > len(positive):
        useful, useless = len(positive), PASSAGES - len(positive)
    return _shuffled([*positive[:useful], *negative[:useless]], random.Random(SEED))


def integration_documents(
    positive: Sequence[Sequence[str]], negative: Sequence[str], noise: Decimal
) -> list[str]:
    """One document of each part of the answer at least, further ones in turn, then useless ones."""
    dice = random.Random(SEED)
    parts = [_shuffled(part, dice) for part in positive]
    useful = PASSAGES - math.ceil(PASSAGES * noise)
    documents = [part[0] for part in parts]
    later = (part[n] for n in range(1, max(map(len, parts))) for part in parts if len(part) > n)
    for document in later:
        if len(documents) >= useful:
            break
        documents.append(document)
    return _shuffled([*documents, *negative[: max(0, PASSAGES - len(documents))]], dice)


def counterfactual_documents(wrong: Sequence[str], negative: Sequence[str], noise: Decimal) -> list[str]:
    """Falsified documents, and useless ones in the share wanted."""
    dice = random.Random(SEED)
    useless = math.ceil(PASSAGES * noise)
    chosen = dice.sample(range(len(wrong)), min(len(wrong), PASSAGES - useless))
    return _shuffled([*(wrong[n] for n in chosen), *negative[:useless]], dice)


def _shuffled(texts: Sequence[str], dice: random.Random) -> list[str]:
    copy = list(texts)
    dice.shuffle(copy)
    return copy


# -- scoring -----------------------------------------------------------------------------------------------


def official(question: Question, said: str) -> tuple[int, ...]:
    """The published labels: (-1,) where the text says that it knows too little, else 1 for each answer told."""
    text = said.lower().replace(" ", "")
    if TOO_LITTLE in text:
        return (-1,)
    return tuple(int(any(one.lower() in text for one in group)) for group in question.answers)


def right(labels: Sequence[int]) -> bool:
    """The published verdict on labels."""
    return 0 not in labels and 1 in labels


def strict(question: Question, said: str, *, declined: bool) -> bool:
    """Every answer stands there as a whole, the false one does not, and nothing was declined."""
    told = all(any(contains(said, one) for one in group) for group in question.answers)
    misled = bool(question.fake) and contains(said, question.fake)
    return told and not misled and not declined


# -- the suite ---------------------------------------------------------------------------------------------


class Rgb:
    """One of the four tasks at one share of useless documents."""

    def __init__(self, task: str, noise: Decimal | None = None) -> None:
        self.task = task
        self.noise = NOISE[task] if noise is None or task == "refusal" else noise
        self.name = f"rgb-{task}" + (f"-{self.noise}" if task != "refusal" else "")

    def cases(self, where: Where) -> tuple[Task, ...]:
        """A task for each question of the user's file."""
        tasks = tuple(self._task(record) for record in read_data(where.cases))
        assert where.cases is not None  # read_data refuses None
        unique((task.id for task in tasks), where.cases)
        return tasks

    def _task(self, record: tuple[str, Any]) -> Task:
        fake = ""
        if self.task == "integration":
            whole = checked(INTEGRATION, record, WHAT)
            asked, documents = whole.query, integration_documents(whole.positive, whole.negative, self.noise)
            id_, answer = whole.id, whole.answer
        elif self.task == "counterfactual":
            false = checked(FACT, record, WHAT)
            documents = counterfactual_documents(false.positive_wrong, false.negative, self.noise)
            asked, id_, answer, fake = false.query, false.id, false.answer, false.fakeanswer
        else:
            plain = checked(PLAIN, record, WHAT)
            asked, documents = plain.query, plain_documents(plain.positive, plain.negative, self.noise)
            id_, answer = plain.id, plain.answer
        gold = Question(_groups(answer), fake)
        asks = {"question": asked, "history": [], "documents": documents}
        return Task(str(id_), self.task, str(id_), "public", asks, gold)

    def run(self, task: Task, system: System) -> Output:
        """Let the system read the documents of the question.

        Raises:
            Unsupported: it cannot be given documents.
        """
        from eval.public.reading import Reader
        from eval.systems import Unsupported

        if not isinstance(system, Reader):
            raise Unsupported(f"系统 {system.name} 不能另给材料", remedy="请用 wenheng eval public 运行")
        return {"output": system.read(task.asks["question"], task.asks["documents"])}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Official and strict verdicts; the strict one counts."""
        question: Question = task.gold
        output = item["output"] or {}
        declined = refused(output)
        said = prediction(output)
        # A refusal in the system's own words is the published phrase for the official scoring.
        labels = official(question, f"{TOO_LITTLE}。{said}" if declined else said)
        declined = declined or -1 in labels
        if self.task == "refusal":
            good = declined and not item["error"]
            told = {"official": float(declined or right(labels)), "strict": float(good)}
            return Score(task.id, told, good, () if good else (f"没有拒答：{said[:60]}",))
        good = strict(question, said, declined=declined)
        values: dict[str, float | None] = {"official": float(right(labels)), "strict": float(good)}
        values["refused"] = float(declined)
        counts: dict[str, tuple[int, int]] = {}
        if self.task == "counterfactual":
            found = FALSE_FACTS in said
            values |= {"detected": float(found), "misled": float(contains(said, question.fake))}
            values["corrected"] = float(0 not in labels) if found else None
            counts["corrected"] = (int(found and 0 not in labels), int(found))
        due = "；".join("/".join(group) for group in question.answers)
        return Score(task.id, values, good, () if good else (f"应答 {due}",), counts)


def _groups(answer: str | tuple[Answer, ...]) -> tuple[tuple[str, ...], ...]:
    """One answer, several that must all be told, and alternatives for one of them."""
    every = (answer,) if isinstance(answer, str) else answer
    return tuple((one,) if isinstance(one, str) else one for one in every)
