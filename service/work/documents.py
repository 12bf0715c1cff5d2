"""What jobs do that make a document: summaries, memos, reviews, coverage, exports (成文任务).

In: a desk in the owner's name and a payload that a route or a page has checked. Out: the result, plain JSON; the files that
it names in the job's folder; and there, too, what was made as it was made, so that a page that is opened later shows and
exports it again (:mod:`service.work.stored`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.errors import EndpointError, InputError, ModelError
from corpus.report import Filter, Genre, Report
from service import making, telling
from service.desk import Desk
from service.making import Made
from service.memo.columns import Request
from service.models.cutting import Stopped
from service.papers import answers, files_out
from service.papers.markdown import markdown
from service.papers.presenting import clean, masked
from service.papers.provenance import Checked, checked
from service.proof.rules import chosen
from service.remedies import sentence
from service.summary.scope import Request as Scope
from service.summary.summary import Length, Part, assembled, piece
from service.work import stored
from service.work.following import Stop, Tell, Words, go_on
from service.work.job import Progress
from service.work.texts import input_of, report_of, reports_of

Payload = Mapping[str, Any]

DOCUMENT = "document"  # names of what is stored in the folder of a job
CHECK, AUDIT, COVERAGE = "check", "audit", "coverage"
TEXTS, ABOVE = "texts", "above"
NAMES = {CHECK: "校对结果", AUDIT: "核对结果", COVERAGE: "对照结果"}  # of files


# -- summaries and memos ----------------------------------------------------------------------------


def summary(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """A summary of one report, or what several have in common."""
    wanted = Filter(
        places=tuple(payload["places"]),
        years=tuple(payload["years"]),
        genres=tuple(Genre(name) for name in payload["genres"]),
    )
    scope = making.scope(desk, payload["reports"], wanted, payload.get("within", ()))
    follow = Words(tell, stop, Progress(0, 1, "正在读报告"), writing="正在写")
    length, phrased = Length(payload["length"]), bool(payload["model"])
    if scope.single:
        made = _in_parts(desk, scope, length, phrased, follow)
    else:
        made = making.summary(desk, scope, length, phrased=phrased, on_text=follow.piece)
    go_on(stop)
    return _kept(desk, made, payload, "总结")


def _in_parts(desk: Desk, scope: Scope, length: Length, phrased: bool, follow: Words) -> Made:
    """The summary of one report; its parts are shown as they are ready."""
    card, done = scope.cards[0], list[Part]()
    for part in making.summary_parts(desk, card, length, phrased=phrased, on_text=follow.piece):
        follow.ready(checked(piece(card, part), desk.report), "正在写")
        done.append(part)
    return Made(assembled(card, done), desk.report)


def memo(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """A comparison of places, years or reports: as code makes it first, then with its findings joined by the model."""
    request = Request(
        tuple(payload["places"]),
        tuple(payload["years"]),
        tuple(payload["reports"]),
        tuple(payload["indicators"]),
    )
    follow = Words(tell, stop, Progress(0, 1, "正在对齐指标"))
    made = making.memo(desk, request)
    notes: tuple[str, ...] = ()
    if payload["narrative"]:
        follow.ready(made.checked(), "语言模型正在串联主要发现")
        made, notes = _narrated(desk, request, made, follow)
    return _kept(desk, made, payload, "对比备忘录") | {"notes": list(notes)}


def _narrated(desk: Desk, request: Request, plain: Made, follow: Words) -> tuple[Made, tuple[str, ...]]:
    """The memo with its findings joined, or as it was and why. Who stops the model keeps what is there."""
    try:
        return making.memo(desk, request, desk.model(), on_text=follow.piece), ()
    except (ModelError, EndpointError) as error:
        return plain, (f"语言模型没有参加，主要发现按原样写出。{sentence(error)}",)
    except Stopped:
        return plain, ("已停下；主要发现没有经语言模型串联",)


# -- reviews and coverage ---------------------------------------------------------------------------


def audit(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """What proofreading and recomputing find in a text, with the places in it; where the payload names a superior's text
    (``above``), what it answers of that too. ``at`` is the one text of a file that is meant, without it all are.
    """
    folder = Path(payload["folder"])
    total = 2 + bool(payload.get(ABOVE))
    tell(Progress(0, total, "正在读稿件"))
    every = _texts(desk, payload["text"], folder, TEXTS)
    at = payload.get("at")
    reports = every if at is None else every[at : at + 1]
    named = tuple(desk.report(name) for name in payload["against"])
    table = payload["input"]
    given = input_of(desk, table, folder) if table else None
    go_on(stop)
    made: dict[str, Made] = {}
    if CHECK in payload["checks"]:
        tell(Progress(0, total, "正在校对"))
        rules = chosen(payload["only"], payload["skip"])
        made[CHECK] = making.check(desk, reports, rules, named=named, given=given)
        go_on(stop)
    if AUDIT in payload["checks"]:
        tell(Progress(1, total, "正在核对"))
        made[AUDIT] = making.audit(desk, reports)
        go_on(stop)
    result = _reviewed(desk, made, payload)
    if payload.get(ABOVE):
        tell(Progress(2, total, "正在对照上级要点"))
        result = _with_coverage(desk, result, reports[0], payload)
        go_on(stop)
    return result | {"texts": [_text(one) for one in reports], "titles": [_title(one) for one in every]}


def _texts(desk: Desk, source: Mapping[str, Any], folder: Path, name: str) -> tuple[Report, ...]:
    """The texts of a source; those that no library has are stored, since their file goes with the end of the job."""
    found = reports_of(desk, source, folder)
    if not source.get("report"):
        stored.keep_texts(folder, name, found)
    return found


def _reviewed(desk: Desk, made: Mapping[str, Made], payload: Payload) -> dict[str, Any]:
    result: dict[str, Any] = {"files": [], "told": [], "remarks": [], "documents": {}}
    for name, one in made.items():
        kept = _kept(desk, one, payload, NAMES[name], name)
        result["documents"][name] = kept["document"]
        for field in ("files", "told", "remarks"):
            result[field] += kept[field]
    result["remarks"].sort(key=lambda one: (one["report_id"], one["start"], one["end"]))
    return result


def _with_coverage(desk: Desk, result: dict[str, Any], own: Report, payload: Payload) -> dict[str, Any]:
    """What the text answers of its superior's; that there is nothing to hold against it undoes no review."""
    try:
        above = _texts(desk, payload[ABOVE], Path(payload["folder"]), ABOVE)[0]
        kept = _kept(desk, making.cover(desk, own, above), payload, NAMES[COVERAGE], COVERAGE)
    except InputError as error:
        return result | {"not_covered": telling.told(error)}
    documents = result["documents"] | {COVERAGE: kept["document"]}
    return result | {"documents": documents, "files": [*result["files"], *kept["files"]]}


def _text(report: Report) -> dict[str, Any]:
    """A text that was read, for a page that shows the remarks beside it."""
    return {"report_id": report.id, "title": _title(report), "text": report.text}


def _title(report: Report) -> str:
    return clean(report.metadata.title)


def coverage(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """What a plan answers of its superior's key points."""
    folder = Path(payload["folder"])
    tell(Progress(0, 1, "正在读双方文稿"))
    own, above = (report_of(desk, payload[side], folder) for side in ("text", "against"))
    go_on(stop)
    tell(Progress(0, 1, "正在逐项对照"))
    made = making.cover(desk, own, above)
    return _kept(desk, made, payload, NAMES[COVERAGE]) | {"texts": [_text(own), _text(above)]}


# -- exports ----------------------------------------------------------------------------------------


def export(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """An answer, or a conversation, as a Word file."""
    tell(Progress(0, 1, "正在核对出处"))
    turns: Sequence[Any] = payload["turns"]
    if payload["conversation"]:
        every = desk.session(payload["conversation"]).turns
        turns = [every[number - 1] for number in turns if number <= len(every)] if turns else every
    made = answers.document(turns, desk.report)
    return _kept(desk, Made(made, desk.report), payload, "问答记录")


def _kept(desk: Desk, made: Made, payload: Payload, name: str, stored_as: str = DOCUMENT) -> dict[str, Any]:
    """The checked document as a result, as files in the job's folder, and as what it can be shown from again."""
    sound, folder = made.checked(), Path(payload["folder"])
    stored.keep(desk, made, folder, stored_as)
    return {
        "document": masked(made.document.to_json()),
        "told": list(made.told),
        "remarks": masked([remark.to_json() for remark in made.remarks]),
        "files": _files(sound, folder, name),
    }


def _files(sound: Checked, folder: Path, name: str) -> list[str]:
    from service.papers import export as word  # python-docx is slow to load

    word.save(sound, folder / f"{name}.docx", force=True)
    files_out.write(folder / f"{name}.md", markdown(sound).encode(), (".md",), force=True)
    return [f"{name}.docx", f"{name}.md"]
