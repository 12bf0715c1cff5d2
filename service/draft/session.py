"""A draft from its first step to its versions: begun, taken up again, changed, written, kept (起草过程).

In: an input, its outline and the drafts of the library. Out: the draft, saved after each step, and a version of it when
all steps are done. Killed at any moment, the same command goes on where it stood: only the step under way is lost.
Nothing is written twice that did not change: neither steps whose facts are the same, nor what the user wrote by hand.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from corpus.drafts import Drafts, Stored
from corpus.errors import InputError, LibraryError, NotFound, WenhengError
from corpus.report import Report
from service.cited import TYPED
from service.draft.drafts import Draft, Outline, Step, Written, from_json, to_json
from service.draft.editing import by_hand, years_of
from service.draft.inputs import DraftInput
from service.draft.keeping import kept
from service.draft.source import as_source
from service.papers.provenance import OpenReport
from service.phrase import Chat

PATIENCE = 2  # steps in a row at which the model failed: then it is gone, and the draft waits for it
NAMED = 6  # headings that an error message lists

Write = Callable[[Draft, Chat | None], Iterator[Written]]


@dataclass(frozen=True, slots=True)
class Work:
    """A draft with where it is kept. ``kept`` counts the steps that need no writing; ``lost`` names hand-written ones
    that the outline has no place for any more.
    """

    stored: Stored
    draft: Draft
    kept: int = 0
    lost: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The steps that are to be written."""
        return len(texts(self.draft.outline))


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was written and saved: the ``number``-th one of the draft that is done."""

    work: Work
    step: Step
    written: Written
    number: int


def texts(outline: Outline) -> tuple[Step, ...]:
    """The steps that are to be written: no tables, and none that only says what is missing."""
    return tuple(step for step in outline.steps if step.table is None and step.facts)


def left(draft: Draft) -> tuple[Step, ...]:
    """Those of them that are still open."""
    return tuple(step for step in draft.open if step.facts)


def subject(given: DraftInput) -> str:
    """What a draft is about; the same input, corrected, is about the same."""
    basic = given.basic
    return "·".join((basic.kind.value, basic.place, str(basic.year), basic.office))


def opener(given: DraftInput, report: OpenReport) -> OpenReport:
    """Opens a report of the library, or the input as one."""
    own = as_source(given).report

    def opened(report_id: str) -> Report:
        return own if report_id == own.id else report(report_id)

    return opened


def stale(draft: Draft) -> bool:
    """Whether a draft cites rows of its input as an older program worded them, so that its citations do not open."""
    own = as_source(draft.given).report.id
    cited = (c.report_id for step in draft.outline.steps for fact in step.facts for c in fact.citations)
    return any(name.startswith(TYPED) and name != own for name in cited)


def unchanged(work: Work, given: DraftInput) -> bool:
    """Whether the input is the one that the draft was made from, and is read as it was then."""
    return work.stored.input == given.sha256 and not stale(work.draft)


# -- taking up --------------------------------------------------------------------------------------


def found(drafts: Drafts, given: DraftInput) -> Work | None:
    """The draft about what this input is about; None where there is none yet."""
    stored = drafts.find(subject(given))
    return None if stored is None else work_of(stored)


def work_of(stored: Stored) -> Work:
    """A stored draft as values.

    Raises:
        LibraryError: its state cannot be read.
    """
    draft = draft_of(stored.state, stored.id)
    return Work(stored, draft, len(draft.written))


def draft_of(state: str, draft_id: str) -> Draft:
    """The draft of a stored text.

    Raises:
        LibraryError: another version of the program wrote it, or it is damaged.
    """
    try:
        return from_json(state)
    except ValidationError as error:
        raise LibraryError(
            "这份稿子的存档读不出来，可能是另一版本的程序写的",
            where=draft_id,
            remedy="请用写它的版本打开；或用 draft remove 移除后重新起草",
        ) from error


def begin(drafts: Drafts, given: DraftInput, outline: Outline) -> Work:
    """A new draft, with nothing written."""
    draft = Draft(given, outline)
    stored = drafts.start(
        subject=subject(given),
        kind=given.basic.kind.value,
        title=outline.title,
        input=given.sha256,
        state=to_json(draft),
        note="首稿",
    )
    return Work(stored, draft)


def change(
    drafts: Drafts,
    work: Work,
    given: DraftInput,
    outline: Outline,
    open_report: OpenReport,
    *,
    again: bool = False,
    without: Collection[str] = (),
    note: str = "",
) -> Work:
    """The draft brought to another input or outline; see :func:`service.draft.keeping.kept` for what stays.

    Raises:
        InputError: hand-written text does not fit the new facts; nothing is changed.
    """
    made = kept(work.draft, given, outline, open_report, again=again, without=without)
    if made.draft == work.draft and given.sha256 == work.stored.input:
        return work
    stored = drafts.save(
        work.stored, to_json(made.draft), title=outline.title, input=given.sha256, note=_note(work, note)
    )
    return Work(stored, made.draft, len(made.draft.written), made.lost)


def reopen(drafts: Drafts, work: Work, keys: Collection[str], note: str = "") -> Work:
    """The draft without what was written for these steps."""
    draft = replace(work.draft, written=tuple(w for w in work.draft.written if w.key not in keys))
    if draft == work.draft:
        return work
    stored = drafts.save(work.stored, to_json(draft), note=_note(work, note))
    return Work(stored, draft, len(draft.written), work.lost)


def _note(work: Work, note: str) -> str:
    """What the next version will be called: all that was done since the last one."""
    old = work.stored.note if work.stored.open else ""
    return "；".join(dict.fromkeys(part for part in (*old.split("；"), note) if part))


def keys_of(outline: Outline, names: Sequence[str]) -> tuple[str, ...]:
    """The keys of the steps that ``--section`` names: a part (2), a step (2.3), or a title.

    Raises:
        NotFound: a name fits nothing; the message lists what there is.
        InputError: a name fits several headings and is none of them, or names only a table.
    """
    chosen: dict[str, None] = {}
    for name in names:
        steps = _steps(outline, name.strip())
        written = [step.key for step in steps if step.table is None and step.facts]
        if not written:
            raise InputError(
                "这里没有可写的文字：只有表格或待补的内容", where=name, remedy="请改输入表后重新运行"
            )
        chosen.update(dict.fromkeys(written))
    return tuple(step.key for step in outline.steps if step.key in chosen)


def _steps(outline: Outline, name: str) -> tuple[Step, ...]:
    titled = [(part.key, part.title, part.steps) for part in outline.parts]
    titled += [(step.key, step.heading, (step,)) for step in outline.steps]
    tests: tuple[Callable[[str, str], bool], ...] = (
        lambda key, title: key == name,
        lambda key, title: bool(title) and title == name,
        lambda key, title: bool(name) and name in title,
    )
    for fits in tests:
        hits = [(key, title, steps) for key, title, steps in titled if fits(key, title)]
        if len(hits) == 1:
            return hits[0][2]
        if hits:
            some = "、".join(f"{key} {title}".strip() for key, title, _ in hits[:NAMED])
            raise InputError(f"有几处合于“{name}”：{some}", remedy="请写编号，如 2.3")
    some = "、".join(f"{part.key} {part.title}" for part in outline.parts)
    raise NotFound(
        f"提纲里没有“{name}”", remedy=f"可用的部分：{some}；步骤写成 2.3 的样子，用 draft show 查看"
    )


# -- writing ----------------------------------------------------------------------------------------


def write_on(drafts: Drafts, work: Work, chat: Chat | None, write: Write) -> Iterator[Done]:
    """Write what is open, saving each step when it is done.

    A step at which the model failed keeps what code composed for it; where it fails at two steps in a row, both are
    open again and the error is raised, so that they are written when it is back.

    Raises:
        ModelError, EndpointError: the model is gone.
        LibraryBusy: another process writes the same draft.
    """
    watched = None if chat is None else Watched(chat)
    failed: list[str] = []
    fault: WenhengError | None = None
    sound = False  # whether the model did its work at any step
    steps = {step.key: step for step in work.draft.outline.steps}
    with contextlib.closing(_closable(write(work.draft, watched))) as pieces:
        for written in pieces:
            if not steps[written.key].facts:
                continue  # it only says what is missing
            asked, new = watched.look() if watched else (False, None)
            if asked:  # a step that code writes says nothing about the model
                fault, sound = new, sound or not new
                failed = [*failed, written.key] if new else []
            if len(failed) == PATIENCE:
                break
            work = _saved(drafts, work, written)
            yield Done(work, steps[written.key], written, len(work.draft.written))
    if fault and (len(failed) == PATIENCE or not sound):
        reopen(drafts, work, failed)
        raise fault


def _closable(pieces: Iterator[Written]) -> Generator[Written]:
    """An iterator that can be closed, which ends the stream of the model below it."""
    yield from pieces


def _saved(drafts: Drafts, work: Work, written: Written, note: str | None = None) -> Work:
    """The draft with what was written for a step, kept."""
    done = {w.key: w for w in (*work.draft.written, written)}
    order = [step.key for step in work.draft.outline.steps]
    draft = replace(work.draft, written=tuple(done[key] for key in order if key in done))
    return replace(work, stored=drafts.save(work.stored, to_json(draft), note=note), draft=draft)


def finish(drafts: Drafts, work: Work) -> Work:
    """The saved draft as a version; the same draft where it is one already, or where steps are open."""
    if not work.stored.open or left(work.draft):
        return work
    return replace(work, stored=drafts.commit(work.stored))


def edit(drafts: Drafts, work: Work, key: str, text: str, report: OpenReport) -> Work:
    """The draft with the user's text for a step, as a new version if nothing is open.

    Raises:
        NotFound, InputError: no such step, or a text that does not pass; nothing is changed.
    """
    (only, *more) = _steps(work.draft.outline, key.strip())
    if more:
        raise InputError("这是一个部分，不是一步", where=key, remedy="请写步骤的编号，如 2.3")
    basic = work.draft.given.basic
    written = by_hand(
        only, text, opener(work.draft.given, report), places=(basic.place,), years=years_of(basic)
    )
    return finish(drafts, _saved(drafts, work, written, _note(work, f"手工改写：{only.key}")))


class Watched:
    """The model, with a note of how often it was asked since the last look, and of what failed in the end."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._calls = 0
        self._fault: WenhengError | None = None

    def stream(
        self, messages: list[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """The reply piece by piece."""
        self._calls += 1
        try:
            yield from self._chat.stream(messages, max_tokens=max_tokens, grammar=grammar)
        except WenhengError as error:
            self._fault = error
            raise
        self._fault = None

    def look(self) -> tuple[bool, WenhengError | None]:
        """Whether it was asked since the last look, and what failed, if no later call succeeded."""
        found = (self._calls > 0, self._fault)
        self._calls, self._fault = 0, None
        return found
