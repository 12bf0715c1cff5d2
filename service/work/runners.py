"""What each kind of job does: drafts and their files here, other documents in :mod:`service.work.documents` (任务的做法).

In: a desk in the owner's name and a payload that a route or a page has checked. Out: the result, plain JSON, and the files
that it names in the job's folder. Each runner asks the same rooms as the command line does; it only reads its payload,
tells how far it is, and ends when it is told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service.accounts.caller import Role
from service.desk import Desk
from service.draft import telling, versions
from service.draft.drafting import Asked, offered, taken_up, written
from service.draft.handing import REVIEW, Target, day_of, hand_out, official
from service.draft.session import Done, Work, left, work_of
from service.papers import files_out
from service.papers.markdown import markdown
from service.papers.presenting import clean, masked
from service.papers.template_shelf import Shelf
from service.work.documents import audit, coverage, export, memo, summary
from service.work.following import Stop, Tell, Words, go_on
from service.work.job import Progress
from service.work.jobs import Jobs

Payload = Mapping[str, Any]

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
        jobs.register(kind, runner, resumable=True, brief=True)
    jobs.register("draft", draft, resumable=True, needed=Role.WRITER)
    jobs.register("draft-files", draft_files, resumable=True, needed=Role.WRITER, brief=True)


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
    go_on(stop)
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
    form = Shelf(desk.library.home).form(payload["template"]) if payload["template"] else None
    target = Target(folder / CLEAN, force=True, form=form).ready()
    handed = hand_out(work.draft, target, official(work.draft.given.basic, **parts), desk.report)
    files_out.write(folder / "成稿.md", markdown(handed.checked).encode(), (".md",), force=True)
    told: dict[str, Any] = masked(telling.handed_out(work, handed))
    return told | {"files": [CLEAN, CLEAN.removesuffix(".docx") + REVIEW, "成稿.md"]}


# -- telling how far it is --------------------------------------------------------------------------


class _Steps:
    """The same for the steps of a draft."""

    def __init__(self, work: Work, tell: Tell, stop: Stop) -> None:
        self._tell, self._stop = tell, stop
        self._words = Words(tell, stop, _progress(work))

    def __call__(self, piece: str) -> None:
        """A piece of what the model writes."""
        self._words.piece(piece)

    def done(self, done: Done) -> None:
        """A step is saved."""
        go_on(self._stop)
        self._words = Words(self._tell, self._stop, _progress(done.work))


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
