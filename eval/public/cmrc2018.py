"""CMRC 2018: questions about encyclopedia passages, for retrieval and short answers.

In: the published file in one of its three forms (the organisers' list, SQuAD style, one question a line). Out:
one task a question. All passages together are the corpus, a file each; a system must find the passage (and in it
the answer) among them, then answer. Exact match and F1 are the published ones; a system that answers in whole
sentences with sources cannot reach them, so ``holds`` says beside them whether the answer is in what it wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from eval.public.files import Record, checked, read_data, unique
from eval.public.texts import exact, f1, holds, prediction, refused
from eval.suites.contract import Output, Score, Task, Where

if TYPE_CHECKING:
    from eval.systems import System

WHAT = " CMRC 2018 "
DEPTH = 10  # stretches that are retrieved
NAME_LENGTH = 16  # hexadecimal digits of a file name


@checked_dataclass(frozen=True, slots=True)
class _Asked:
    """A question of the organisers' list."""

    query_id: str
    query_text: str
    answers: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True)
class _Context:
    """A passage of the organisers' list."""

    context_id: str
    context_text: str
    qas: tuple[_Asked, ...]
    title: str = ""


@checked_dataclass(frozen=True, slots=True)
class _SquadAnswer:
    text: str


@checked_dataclass(frozen=True, slots=True)
class _SquadAsked:
    id: str
    question: str
    answers: tuple[_SquadAnswer, ...]


@checked_dataclass(frozen=True, slots=True)
class _Paragraph:
    context: str
    qas: tuple[_SquadAsked, ...]


@checked_dataclass(frozen=True, slots=True)
class _Article:
    paragraphs: tuple[_Paragraph, ...]
    title: str = ""


@checked_dataclass(frozen=True, slots=True)
class _Squad:
    data: tuple[_Article, ...]


@checked_dataclass(frozen=True, slots=True)
class _Texts:
    text: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True)
class _Row:
    id: str
    context: str
    question: str
    answers: _Texts


LIST, SQUAD, ROW = TypeAdapter(_Context), TypeAdapter(_Squad), TypeAdapter(_Row)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the passage that answers it; ``spans`` are where its answers stand in the file."""

    id: str
    text: str
    answers: tuple[str, ...]
    document: Document
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A passage as the file that is taken in."""

    title: str
    context: str

    @property
    def content(self) -> str:
        """What is written to the file."""
        return f"{self.title}\n\n{self.context}\n" if self.title else f"{self.context}\n"

    @property
    def sha256(self) -> str:
        """Hash of the file, by which retrieval results are told."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def name(self) -> str:
        """Name of the file."""
        return f"{self.sha256[:NAME_LENGTH]}.txt"


def read_questions(path: Path | None) -> tuple[Question, ...]:
    """All questions of a file.

    Raises:
        NotFound, InputError: as :func:`eval.public.files.read_data`; also where it is of another format.
    """
    found = tuple(question for record in read_data(path) for question in _questions(record))
    unique((question.id for question in found), path or Path())
    return found


def _questions(record: Record) -> Iterator[Question]:
    _, value = record
    if isinstance(value, dict) and "data" in value:
        for article in checked(SQUAD, record, WHAT).data:
            for paragraph in article.paragraphs:
                document = Document(article.title.strip(), paragraph.context.strip())
                for asked in paragraph.qas:
                    texts = tuple(answer.text for answer in asked.answers)
                    yield _question(asked.id, asked.question, texts, document)
    elif isinstance(value, dict) and "context_text" in value:
        context = checked(LIST, record, WHAT)
        document = Document(context.title.strip(), context.context_text.strip())
        for one in context.qas:
            yield _question(one.query_id, one.query_text, one.answers, document)
    else:
        row = checked(ROW, record, WHAT)
        yield _question(row.id, row.question, row.answers.text, Document("", row.context.strip()))


def _question(id_: str, text: str, answers: tuple[str, ...], document: Document) -> Question:
    told = tuple(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    starts = ((document.content.find(answer), answer) for answer in told)
    spans = tuple((start, start + len(answer)) for start, answer in starts if start >= 0)
    return Question(id_.strip(), text.strip(), told, document, spans)


class Cmrc2018:
    """The suite."""

    name = "cmrc2018"

    def cases(self, where: Where) -> tuple[Task, ...]:
        """A task for each question of the user's file."""
        return tuple(
            Task(
                one.id,
                "short",
                one.document.sha256[:12],
                "public",
                {"question": one.text, "history": []},
                one,
            )
            for one in read_questions(where.cases)
        )

    def run(self, task: Task, system: System) -> Output:
        """Retrieve where the system can, and ask where it can; one of them it must.

        Raises:
            Unsupported: the system can do neither.
        """
        from eval.systems import Unsupported

        question = task.asks["question"]
        output: Output = {}
        lacks: list[Unsupported] = []
        try:
            found = system.retrieve(question, DEPTH)
            output["retrieved"] = [{"sha256": f.sha256, "start": f.start, "end": f.end} for f in found]
        except Unsupported as error:
            lacks.append(error)
        try:
            output["answer"] = system.ask(question)
        except Unsupported as error:
            lacks.append(error)
        if len(lacks) == 2:
            raise lacks[1]
        return {"output": output}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Retrieval and answer; None for what the system does not do, or what the data cannot tell."""
        question: Question = task.gold
        output = item["output"] or {}
        values = _retrieval(question, output.get("retrieved"))
        answer = output.get("answer")
        if answer is None:
            crashed = 0.0 if item["error"] else None
            return Score(task.id, values | dict.fromkeys(("em", "f1", "holds", "refused"), crashed), None)
        said = "" if refused(answer) else prediction(answer)
        values |= {
            "em": exact(question.answers, said),
            "f1": f1(question.answers, said),
            "holds": holds(question.answers, said),
            "refused": float(refused(answer)),
        }
        right = bool(values["holds"])
        reasons = () if right else (f"没有写出 {'／'.join(question.answers)}",)
        return Score(task.id, values, right, reasons)


def _retrieval(question: Question, retrieved: Any) -> dict[str, float | None]:
    """Whether the passage and the answer are among the first 1, 5 and 10 stretches."""
    ranks = (1, 5, DEPTH)
    if retrieved is None:
        return {}
    passage = [found["sha256"] == question.document.sha256 for found in retrieved]
    answer = [
        hit and any(found["start"] < end and start < found["end"] for start, end in question.spans)
        for hit, found in zip(passage, retrieved, strict=True)
    ]
    values: dict[str, float | None] = {f"passage@{k}": float(any(passage[:k])) for k in ranks}
    values |= {f"answer@{k}": float(any(answer[:k])) if question.spans else None for k in ranks}
    return values
