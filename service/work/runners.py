"""What each kind of job does: summaries, memos, reviews, coverage, drafts and their files, exports (任务的做法).

In: a desk in the owner's name and a payload that a route has checked. Out: the result, plain JSON, and the files that it
names in the job's folder. Each runner asks the same rooms as the command line does; it only reads its payload, tells how
far it is, and ends when it is told to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.errors import EndpointError, ModelError
from corpus.report import Filter, Genre, Report
from service import making
from service.accounts.caller import Role
from service.desk import Desk
from service.draft import telling, versions
from service.draft.drafting import Asked, offered, taken_up, written
from service.draft.handing import REVIEW, Target, day_of, hand_out, official
from service.draft.session import Done, Work, left, work_of
from service.making import Made
from service.memo.columns import Request
from service.models.cutting import Stopped
from service.papers import answers, files_out
from service.papers.markdown import markdown
from service.papers.presenting import clean, masked
from service.papers.provenance import Checked
from service.phrase import Chat
from service.proof.rules import chosen
from service.summary.summary import Length
from service.work.job import INPUTS, Progress
from service.work.jobs import Jobs
from service.work.texts import input_of, report_of, reports_of

Payload = Mapping[str, Any]
Tell = Callable[[Progress], None]
Stop = Callable[[], bool]

CLEAN = "成稿.docx"
BEGUN = "begun"  # in the folder of a drafting job: what was to be written again is open already


def register(jobs: Jobs) -> None:
    """Make all kinds known; each can be taken up again after a restart."""
    for kind, runner in (
        ("summary", summary),
        ("memo", memo),
        ("audit", audit),
        ("coverage", coverage),
        ("export", export),
    ):
        jobs.register(kind, runner, resumable=True)
    jobs.register("draft", draft, resumable=True, needed=Role.WRITER)
    jobs.register("draft-files", draft_files, resumable=True, needed=Role.WRITER)


# -- documents --------------------------------------------------------------------------------------


def summary(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """A summary of one report, or what several have in common."""
    wanted = Filter(
        places=tuple(payload["places"]),
        years=tuple(payload["years"]),
        genres=tuple(Genre(name) for name in payload["genres"]),
    )
    scope = making.scope(desk, payload["reports"], wanted)
    follow = _Words(tell, stop, Progress(0, 1, "正在读报告"))
    made = making.summary(
        desk, scope, Length(payload["length"]), phrased=payload["model"], on_text=follow.piece
    )
    return _kept(made, payload, "总结")


def memo(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """A comparison of places, years or reports."""
    request = Request(
        tuple(payload["places"]),
        tuple(payload["years"]),
        tuple(payload["reports"]),
        tuple(payload["indicators"]),
    )
    follow = _Words(tell, stop, Progress(0, 1, "正在对齐指标"))
    chat, why = _chat(desk) if payload["narrative"] else (None, ())
    made = making.memo(desk, request, chat, on_text=follow.piece)
    return _kept(made, payload, "对比备忘录") | {"notes": list(why)}


def _chat(desk: Desk) -> tuple[Chat | None, tuple[str, ...]]:
    """The model, or none and why."""
    try:
        return desk.model(), ()
    except (ModelError, EndpointError) as error:
        return None, (f"语言模型没有参加，主要发现按原样写出。{error}",)


def audit(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """What proofreading and recomputing find in a text, with the places in it."""
    folder = Path(payload["folder"])
    tell(Progress(0, 2, "正在读稿件"))
    reports = reports_of(desk, payload["text"], folder)
    named = tuple(desk.report(name) for name in payload["against"])
    table = payload["input"]
    given = input_of(desk, table, folder) if table else None
    _go_on(stop)
    result: dict[str, Any] = {"files": [], "told": [], "remarks": [], "documents": {}}
    for at, (name, label) in enumerate((("check", "校对"), ("audit", "核对"))):
        if name not in payload["checks"]:
            continue
        tell(Progress(at, 2, f"正在{label}"))
        made = (
            making.check(desk, reports, chosen(payload["only"], payload["skip"]), named=named, given=given)
            if name == "check"
            else making.audit(desk, reports)
        )
        kept = _kept(made, payload, f"{label}结果")
        result["documents"][name] = kept["document"]
        for field in ("files", "told", "remarks"):
            result[field] += kept[field]
        _go_on(stop)
    result["remarks"].sort(key=lambda one: (one["report_id"], one["start"], one["end"]))
    return result | {"texts": [_text(report) for report in reports]}


def _text(report: Report) -> dict[str, Any]:
    """A text that was read, for a page that shows the remarks beside it."""
    return {"report_id": report.id, "title": clean(report.metadata.title), "text": report.text}


def coverage(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """What a plan answers of its superior's key points."""
    folder = Path(payload["folder"])
    tell(Progress(0, 1, "正在读双方文稿"))
    own, above = (report_of(desk, payload[side], folder) for side in ("text", "against"))
    _go_on(stop)
    tell(Progress(0, 1, "正在逐项对照"))
    made = making.cover(desk, own, above)
    return _kept(made, payload, "对照结果") | {"texts": [_text(own), _text(above)]}


def export(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """An answer, or a conversation, as a Word file."""
    tell(Progress(0, 1, "正在核对出处"))
    turns = payload["turns"]
    if payload["conversation"]:
        every = desk.session(payload["conversation"]).turns
        turns = [every[number - 1] for number in turns if number <= len(every)] if turns else every
    made = answers.document(turns, desk.report)
    return _kept(Made(made, desk.report), payload, "问答记录")


def _kept(made: Made, payload: Payload, name: str) -> dict[str, Any]:
    """The checked document as a result, and as a Word file and Markdown in the job's folder."""
    sound = made.checked()
    return {
        "document": masked(made.document.to_json()),
        "told": list(made.told),
        "remarks": masked([remark.to_json() for remark in made.remarks]),
        "files": _files(sound, Path(payload["folder"]), name),
    }


def _files(sound: Checked, folder: Path, name: str) -> list[str]:
    from service.papers import export as word  # python-docx is slow to load

    folder.mkdir(parents=True, exist_ok=True)
    word.save(sound, folder / f"{name}.docx", force=True)
    files_out.write(folder / f"{name}.md", markdown(sound).encode(), (".md",), force=True)
    return [f"{name}.docx", f"{name}.md"]


# -- drafts -----------------------------------------------------------------------------------------


def draft(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """Write the open steps of a draft, or some of it again; each step is saved when it is done."""
    drafts = desk.library.drafts
    work = versions.usable(work_of(drafts.load(payload["draft"])))
    given = work.draft.given
    begun = Path(payload["folder"]) / BEGUN
    asked = Asked(
        again=payload["again"] and not begun.exists(),
        sections=() if begun.exists() else tuple(payload["sections"]),
        no_model=payload["no_model"],
        draft=work.stored.id,
    )
    offer = offered(desk, given)
    _go_on(stop)
    taken = taken_up(desk, given, offer, asked, lambda plan: plan.outline)
    assert taken is not None, "an outline that is taken as it is cannot be refused"
    begun.parent.mkdir(parents=True, exist_ok=True)
    begun.touch()
    done = written(desk, taken, offer, _Steps(taken, tell, stop), no_model=asked.no_model)
    return {"draft": done.stored.id, "state": masked(telling.state(done)), "lost": list(taken.lost)}


def draft_files(desk: Desk, payload: Payload, tell: Tell, stop: Stop) -> dict[str, Any]:
    """Both Word files of a draft, or of one of its versions."""
    tell(Progress(0, 1, "正在核对出处"))
    drafts, folder = desk.library.drafts, Path(payload["folder"])
    work = work_of(drafts.load(payload["draft"]))
    number = payload["version"]
    work = versions.usable(work if number is None else versions.as_of(drafts, work, number))
    folder.mkdir(parents=True, exist_ok=True)
    parts = {name: value for name, value in payload["official"].items() if value is not None}
    if "day" in parts:
        parts["day"] = day_of(parts["day"])
    if "attachments" in parts:
        parts["attachments"] = tuple(parts["attachments"])
    template = folder / INPUTS / payload["template"] if payload["template"] else None
    target = Target(folder / CLEAN, template=template, force=True).ready()
    handed = hand_out(work.draft, target, official(work.draft.given.basic, **parts), desk.report)
    files_out.write(folder / "成稿.md", markdown(handed.checked).encode(), (".md",), force=True)
    told: dict[str, Any] = masked(telling.handed_out(work, handed))
    return told | {"files": [CLEAN, CLEAN.removesuffix(".docx") + REVIEW, "成稿.md"]}


# -- telling how far it is --------------------------------------------------------------------------


def _go_on(stop: Stop) -> None:
    if stop():
        raise Stopped


class _Words:
    """Shows what the model writes while it writes; ends where the job is to end."""

    def __init__(self, tell: Tell, stop: Stop, progress: Progress) -> None:
        self._tell, self._stop, self._text, self.progress = tell, stop, "", progress
        tell(progress)

    def piece(self, piece: str) -> None:
        """A piece of text; "" says that it begins anew."""
        _go_on(self._stop)
        self._text = self._text + piece if piece else ""
        at = self.progress
        self._tell(Progress(at.done, at.total, at.note, str(masked(self._text))))


class _Steps:
    """The same for the steps of a draft."""

    def __init__(self, work: Work, tell: Tell, stop: Stop) -> None:
        self._tell, self._stop = tell, stop
        self._words = _Words(tell, stop, _progress(work))

    def __call__(self, piece: str) -> None:
        """A piece of what the model writes."""
        self._words.piece(piece)

    def done(self, done: Done) -> None:
        """A step is saved."""
        _go_on(self._stop)
        self._words = _Words(self._tell, self._stop, _progress(done.work))


def _progress(work: Work) -> Progress:
    """The steps that are done, and which one comes next."""
    open_steps = left(work.draft)
    note = "" if not open_steps else " ".join(_named(work, open_steps[0].key))
    return Progress(work.total - len(open_steps), work.total, note)


def _named(work: Work, key: str) -> Iterator[str]:
    for part in work.draft.outline.parts:
        for step in part.steps:
            if step.key == key:
                yield key
                yield clean(step.heading) or part.title
