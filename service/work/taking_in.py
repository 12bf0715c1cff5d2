"""Uploaded files into the library, as a job (入库任务).

In: files that an upload left in the folder of the job, under numbers, and the names that their sender gave them. Out:
the account of the ingest, failures under those names. The library keeps the bytes by hash; the
uploaded copies go with the end of the job.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.ingest import Progress as IngestProgress
from service.accounts.caller import Role
from service.remedies import plain
from service.work.jobs import INPUTS, Jobs, Progress

if TYPE_CHECKING:
    from service.desk import Desk

KIND = "ingest"
LANE = "writing"  # what changes a library for long works one after the other


def register(jobs: Jobs) -> None:
    """Make the kind known."""
    jobs.register(KIND, take_in, resumable=True, lane=LANE, needed=Role.WRITER)


def take_in(
    desk: Desk,
    payload: dict[str, Any],
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> dict[str, Any]:
    """Take in the files; ``payload["files"]`` are rows of ``file`` (in the folder) and ``name`` (the sender's)."""
    folder = Path(payload["folder"]) / INPUTS
    names = {folder / row["file"]: str(row["name"]) for row in payload["files"]}
    known = {str(path.resolve()): name for path, name in names.items()}

    def tell(told: IngestProgress) -> None:
        progress(Progress(told.done, told.total, known.get(told.current, "")))

    result = desk.ingest(list(names), on_progress=tell, should_stop=stop, names=names)
    return result.to_json() | {
        "warnings": {
            known.get(path, ""): [plain(one) for one in said] for path, said in result.warnings.items()
        },
        "failures": [
            {"name": known.get(one.path, ""), "reason": plain(one.reason)} for one in result.failures
        ],
        "report_ids": list(result.report_ids),
    }
