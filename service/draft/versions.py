"""The versions of a draft: one of them, two side by side, one brought back (版本).

In: the drafts of a library and what the user asked for. Out: a draft as it was, what changed between two versions, or the
draft with an old version as its newest. What is under way counts as the last version when two are compared.
"""

from __future__ import annotations

from dataclasses import replace

from corpus.drafts import Drafts, Stored, Version
from corpus.errors import InputError, NotFound
from service.draft.diff import Diff, diff
from service.draft.session import Work, draft_of, stale, work_of


def usable(work: Work) -> Work:
    """The same draft, unless its citations of the input were made by an older program.

    Raises:
        InputError: they were.
    """
    if stale(work.draft):
        raise InputError(
            "这份稿子是旧版程序写的，其中引用输入表的出处已对不上",
            where=work.stored.id,
            remedy=f"请用原来的输入表运行 wenheng draft {work.stored.kind}，没有变的各步会沿用",
        )
    return work


def as_of(drafts: Drafts, work: Work, number: int) -> Work:
    """A draft as it was in one of its versions.

    Raises:
        NotFound: it has no such version.
    """
    version = numbered(drafts.versions(work.stored.id), number, work.stored.id)
    stored = replace(work.stored, versions=version.number, open=False)
    return Work(stored, draft_of(version.state, work.stored.id))


def numbered(every: tuple[Version, ...], number: int, draft_id: str) -> Version:
    """One of the versions.

    Raises:
        NotFound: there is no such one; the message says which there are.
    """
    if not 1 <= number <= len(every):
        there = f"有第1—{len(every)}版" if len(every) > 1 else "只有第1版" if every else "还没有写完第1版"
        raise NotFound(f"没有第{number}版，{there}", where=draft_id, remedy="用 wenheng draft show 查看版本")
    return every[number - 1]


def with_open(drafts: Drafts, stored: Stored) -> tuple[Version, ...]:
    """The versions, and what is under way behind them."""
    every = drafts.versions(stored.id)
    if not stored.open:
        return every
    note = f"未完：{stored.note}" if stored.note else "未完"
    return (*every, Version(stored.id, len(every) + 1, stored.state, note, stored.updated_at))


def compared(
    drafts: Drafts, draft_id: str, old: int | None = None, new: int | None = None
) -> tuple[Version, Version, Diff]:
    """Two versions and what changed from the one to the other; the last two where none is named.

    Raises:
        NotFound: there is no such draft or version.
        InputError: there is only one version, or one was named twice.
    """
    stored = drafts.load(draft_id)
    every = with_open(drafts, stored)
    if len(every) < 2:
        raise InputError(
            "只有一个版本，无从对照",
            where=stored.id,
            remedy="请在改动输入表或重写后再对照，每次改动都存为一版",
        )
    a, b = old or len(every) - 1, new or len(every)
    if a == b:
        raise InputError(f"两边都是第{a}版，无从对照", where=stored.id, remedy="请给出两个不同的版本号")
    before, after = (numbered(every, number, stored.id) for number in (a, b))
    return before, after, diff(draft_of(before.state, stored.id), draft_of(after.state, stored.id))


def brought_back(drafts: Drafts, draft_id: str, number: int) -> Work:
    """The draft with an old version as its newest one; what was under way is kept as a version first.

    Raises:
        NotFound: there is no such draft or version.
        LibraryBusy: someone else is writing it.
    """
    work = work_of(drafts.load(draft_id))
    version = numbered(drafts.versions(work.stored.id), number, work.stored.id)
    stored = drafts.commit(work.stored) if work.stored.open else work.stored
    old = draft_of(version.state, stored.id)
    stored = drafts.save(
        stored, version.state, title=old.outline.title, input=old.given.sha256, note=f"恢复第{number}版"
    )
    return work_of(drafts.commit(stored))
