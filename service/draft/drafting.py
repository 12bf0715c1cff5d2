"""One run of ``wenheng draft plan INPUT``: what there is of the draft is taken up, what is missing is written (起草).

In: an open desk, an input and what the user asked for. Out: the draft with all its steps written and kept as a version.
What is asked decides how it begins: a new draft, an unfinished one at the step where it stood, a finished one whose
input or outline changed, one that is to be written again in full or in part, or one that is only to be handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from corpus.aliases import Aliases
from corpus.corrections import all_corrections
from corpus.errors import EndpointError, InputError, ModelError, NotFound, WenhengError
from corpus.ledger import rows_of
from service.desk import Desk
from service.draft.drafts import Outline
from service.draft.fields import one_line
from service.draft.inputs import KIND_LABELS, DraftInput, Kind
from service.draft.known import Known, known
from service.draft.outline import outline, outline_of
from service.draft.prefill import prefill
from service.draft.prefill_sources import Prefilled
from service.draft.reshaping import reshaped
from service.draft.session import (
    Done,
    Work,
    begin,
    change,
    finish,
    found,
    keys_of,
    left,
    opener,
    reopen,
    unchanged,
    work_of,
    write_on,
)
from service.draft.source import as_source
from service.draft.writing import write

Accept = Callable[["Outlined"], Outline | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for. ``outline`` is the text of an edited outline; ``sections`` are to be written again.

    ``draft`` is the id of the draft that is taken up; "" begins a new one, None takes the one about the same, whoever
    began it.
    """

    again: bool = False
    sections: tuple[str, ...] = ()
    outline: str | None = None
    no_model: bool = False
    draft: str | None = None


class Follow(Protocol):
    """Who looks on while the steps are written: called with pieces of the model's text."""

    def __call__(self, piece: str) -> None:
        """A piece."""
        ...

    def done(self, done: Done) -> None:
        """A step is saved."""
        ...


def prefilled(
    desk: Desk, kind: Kind, place: str, year: int, office: str = ""
) -> tuple[Prefilled, WenhengError | None]:
    """The input that the library offers, and why no task was given a problem: the model for it cannot be had."""
    fault: WenhengError | None = None
    try:
        desk.embedder.embed_query("问题")
    except (ModelError, EndpointError) as error:
        fault = error
    made = prefill(
        kind,
        one_line(place),
        year,
        cards=desk.cards(),
        report=desk.report,
        aliases=Aliases.load(desk.library.home),
        corrections=all_corrections(desk.library.database),
        similar=None if fault else desk.likeness,
        office=one_line(office),
    )
    return made, fault


def right_kind(given: DraftInput, kind: Kind) -> None:
    """Refuse an input that is made for another kind of draft.

    Raises:
        InputError: it is.
    """
    own = given.basic.kind
    if own is not kind:
        raise InputError(
            f"输入表的文种是“{KIND_LABELS[own]}”，这条命令写的是“{KIND_LABELS[kind]}”",
            where=given.name,
            remedy=f"请用 wenheng draft {own.value}，或改“基本信息”中的文种和年度",
        )


def offered(desk: Desk, given: DraftInput) -> Known:
    """What the library offers for an input."""
    aliases = Aliases.load(desk.library.home)
    basic = given.basic
    return known(desk.cards(), desk.report, lambda report: rows_of(report, aliases), basic.place, basic.past)


def pending(desk: Desk, given: DraftInput, asked: Asked) -> bool:
    """Whether the model will probably be needed, so that it may start to load."""
    before = _before(desk, given, asked)
    if asked.no_model or before is None:
        return not asked.no_model
    anew = asked.again or bool(asked.sections) or asked.outline is not None
    return anew or not unchanged(before, given) or bool(left(before.draft))


def _before(desk: Desk, given: DraftInput, asked: Asked) -> Work | None:
    """The draft that is taken up, if any."""
    drafts = desk.library.drafts
    if asked.draft is None:
        return found(drafts, given)
    return work_of(drafts.load(asked.draft)) if asked.draft else None


@dataclass(frozen=True, slots=True)
class Outlined:
    """The outline to start from, and the ``whole`` one, which has the steps that the user took out, too."""

    outline: Outline
    whole: Outline


def outlined(desk: Desk, given: DraftInput, offer: Known, asked: Asked) -> Outlined:
    """The outline of an input: as the user accepted it before, or as its changes fit a changed input.

    Raises:
        InputError: an edited outline that cannot be read.
    """
    whole = outline(given, as_source(given), offer)
    before = _before(desk, given, asked)
    if asked.outline is not None:
        return Outlined(outline_of(asked.outline, whole), whole)
    if before is None or asked.again:
        return Outlined(whole, whole)
    if unchanged(before, given):
        return Outlined(before.draft.outline, whole)
    old = before.draft
    if (
        not old.outline.shaped
    ):  # what differs then is the work of a newer program, and nothing that the user took out
        return Outlined(whole, whole)
    return Outlined(reshaped(whole, given, outline(old.given, as_source(old.given), offer), old), whole)


def taken_up(desk: Desk, given: DraftInput, offer: Known, asked: Asked, accept: Accept) -> Work | None:
    """The draft, ready to be written on; None where the user did not accept the outline.

    Raises:
        NotFound, InputError: a section that is not there, an outline that cannot be read, hand-written text that does
            not fit the new facts. Nothing is changed then.
    """
    drafts = desk.library.drafts
    before = _before(desk, given, asked)
    if before is None and asked.sections:
        raise NotFound("还没有写过这份稿子，无从只重写一部分", remedy="请先不加 --section 运行一次")
    if before and not asked.again and asked.outline is None and unchanged(before, given):
        keys = keys_of(before.draft.outline, asked.sections)
        return reopen(drafts, before, keys, _again(keys))
    plan = outlined(desk, given, offer, asked)
    made = plan.outline if asked.outline is not None else accept(plan)
    if made is None:
        return None
    if before is None:
        return begin(drafts, given, made)
    keys = keys_of(made, asked.sections)
    note = "；".join(filter(None, (_why(before, given, asked), _again(keys))))
    return change(
        drafts, before, given, made, opener(given, desk.report), again=asked.again, without=keys, note=note
    )


def _again(keys: tuple[str, ...]) -> str:
    return f"重写：{'、'.join(keys)}" if keys else ""


def _why(before: Work, given: DraftInput, asked: Asked) -> str:
    if asked.again:
        return "从头重写"
    if before.stored.input != given.sha256:
        return "输入有改动"
    return "提纲有改动" if asked.outline is not None else "程序有更新"


def written(desk: Desk, work: Work, offer: Known, follow: Follow, *, no_model: bool) -> Work:
    """The draft with its open steps written, as a version.

    Raises:
        ModelError, EndpointError: the model cannot be had, or is gone; what was written is kept.
    """
    drafts = desk.library.drafts
    if not left(work.draft):
        return finish(drafts, work)
    try:
        chat = None if no_model else desk.model()
        styled = bool(desk.settings.chat_url)  # the embedded model copies a passage that it is shown
        for done in write_on(
            drafts, work, chat, lambda draft, model: write(draft, model, offer, on_text=follow, styled=styled)
        ):
            work = done.work
            follow.done(done)
    except (ModelError, EndpointError) as error:
        kept = work_of(drafts.load(work.stored.id)).kept
        raise type(error)(error.message, where=error.where, remedy=_remedy(error.remedy, kept)) from error
    return finish(drafts, work)


def _remedy(remedy: str, kept: int) -> str:
    told = f"已写好的{kept}步都已保存，" if kept else ""
    return "；".join(
        filter(None, (remedy, f"{told}重新运行同一命令即从断处继续，加 --no-model 则由程序写完"))
    )
