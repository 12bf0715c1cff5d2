"""The text that a job is about: a report, a draft of the store, or a file that was uploaded for it (任务的文本).

In: what the request named, as plain JSON, and the job's folder. Out: reports. A file is always one of the job's own
folder; nothing that a client writes is ever used as a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.report import Report
from service.cover.sides import as_plan, is_input, of_draft, only
from service.desk import Desk
from service.draft.inputs import DraftInput
from service.draft.session import draft_of
from service.opening import called, of_file
from service.work import stored
from service.work.job import INPUTS

# {"report": id}, {"draft": id}, {"file": stored name, "name": as it was called}, or, from a page that has looked whose it
# is, {"kept": id of an earlier job, "of": what it stored}
Source = Mapping[str, Any]


def reports_of(desk: Desk, source: Source, folder: Path) -> tuple[Report, ...]:
    """The reports of a source: one, or all that stand in a file.

    Raises:
        NotFound: no report or draft has this id.
        UnreadableFile: the file cannot be read, or holds no text.
    """
    if source.get("report"):
        return (desk.report(str(source["report"])),)
    if source.get("draft"):
        draft = desk.library.drafts.load(str(source["draft"]))
        return (of_draft(draft_of(draft.state, draft.id)),)
    if source.get("kept"):
        return stored.texts(folder.parent / Path(str(source["kept"])).name, str(source["of"]))
    path, name = folder / INPUTS / str(source["file"]), str(source["name"])
    if is_input(path):
        return (as_plan(input_of(desk, source, folder)),)
    with called(path, name):
        return of_file(path, name)


def input_of(desk: Desk, source: Source, folder: Path) -> DraftInput:
    """The input of an uploaded file.

    Raises:
        UnreadableFile, BadTable: it cannot be read, or what stands in it cannot be.
    """
    from service.draft.input_files import read_input  # openpyxl takes its time

    path, name = folder / INPUTS / str(source["file"]), str(source["name"])
    with called(path, name):
        return replace(read_input(path, desk.report), name=name)


def report_of(desk: Desk, source: Source, folder: Path) -> Report:
    """The one report of a source.

    Raises:
        InputError: the file holds several.
    """
    return only(reports_of(desk, source, folder), str(source.get("name") or "文件"))
