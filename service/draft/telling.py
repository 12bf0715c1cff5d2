"""A draft as plain objects: for ``--json`` and for every other program (稿子的情况).

In: a stored draft. Out: objects that JSON can hold. Personal data is masked by whoever hands them out
(:func:`service.papers.presenting.masked`).
"""

from __future__ import annotations

from typing import Any

from corpus.drafts import Stored, Version
from corpus.files import shown
from service.draft.diff import Diff
from service.draft.drafts import Draft, Step, how
from service.draft.handing import Handed
from service.draft.session import Work, left, texts


def row(stored: Stored, draft: Draft) -> dict[str, Any]:
    """One line of a list of drafts."""
    return {
        "draft": stored.id,
        "kind": stored.kind,
        "title": stored.title,
        "place": draft.given.basic.place,
        "year": draft.given.basic.year,
        "steps": len(texts(draft.outline)),
        "open": len(left(draft)),
        "versions": stored.versions,
        "updated_at": stored.updated_at,
    }


def handed_out(work: Work, handed: Handed) -> dict[str, Any]:
    """A draft that was checked, with its document and checklist."""
    draft, stored = work.draft, work.stored
    return {
        "draft": stored.id,
        "kind": stored.kind,
        "version": stored.versions,
        "open": stored.open,
        "steps": [
            {
                "key": step.key,
                "part": part.title,
                "heading": step.heading,
                "how": how(draft.of(step.key), step),
                "faults": list(written.faults) if (written := draft.of(step.key)) else [],
                "gaps": list(step.gaps),
            }
            for part in draft.outline.parts
            for step in part.steps
        ],
        "files": [shown(path) for path in handed.files],
        "document": handed.checked.document.to_json(),
        "checklist": handed.checklist.to_json(),
    }


def state(work: Work) -> dict[str, Any]:
    """A draft, whole or under way: its outline with what was written for each step."""
    draft, stored = work.draft, work.stored
    return {
        **row(stored, draft),
        "version": stored.versions,
        "under_way": stored.open,
        "revision": stored.revision,
        "note": stored.note,
        "parts": [
            {
                "key": part.key,
                "title": part.title,
                "lead": [sentence.text for sentence in part.lead],
                "steps": [told(draft, step) for step in part.steps],
            }
            for part in draft.outline.parts
        ],
    }


def told(draft: Draft, step: Step) -> dict[str, Any]:
    """One step: its heading, its facts, and what was written for it."""
    written = draft.of(step.key)
    table = step.table
    return {
        "key": step.key,
        "heading": step.heading,
        "how": how(written, step),
        "sentences": [sentence.to_json() for sentence in written.sentences] if written else [],
        "facts": [fact.to_json() for fact in step.facts],
        "faults": list(written.faults) if written else [],
        "gaps": list(step.gaps),
        "rows": list(step.rows),
        "table": None
        if table is None
        else {
            "caption": table.caption,
            "header": list(table.header),
            "rows": [[cell.text for cell in line] for line in table.rows],
        },
    }


def version(one: Version) -> dict[str, Any]:
    """One version, without its text."""
    return {"number": one.number, "note": one.note, "created_at": one.created_at}


def difference(draft_id: str, before: Version, after: Version, found: Diff) -> dict[str, Any]:
    """What changed between two versions."""
    return {"draft": draft_id, "from": before.number, "to": after.number, **found.to_json()}
