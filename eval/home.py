"""A library of the reports that a suite is about (评测用的资料库), made once and kept.

In: folders with reports, the models, and where to keep things. Out: a data folder that holds exactly these reports.
Its name is a hash of their bytes, so that other reports never get into the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import NotFound
from corpus.ingest import pipeline_version
from corpus.library import Library
from corpus.readers import SUFFIXES
from service import screen
from service.desk import Desk
from service.settings import Settings


def files_of(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The reports under some folders.

    Raises:
        NotFound: a folder is not there, or there is no report in any.
    """
    for folder in folders:
        if not folder.is_dir():
            raise NotFound(
                "没有这个文件夹", where=str(folder), remedy="请用 --reports 指出原始报告所在文件夹"
            )
    found = tuple(
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in SUFFIXES
    )
    if not found:
        names = "、".join(map(str, folders))
        raise NotFound("文件夹里没有报告", where=names, remedy="请用 --reports 指出原始报告所在文件夹")
    return found


def home_of(folders: Sequence[Path], settings: Settings, keep: Path) -> Path:
    """The data folder for these reports below ``keep``; what is missing in it is taken in first."""
    files = files_of(folders)
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    name = hashlib.sha256("\n".join((pipeline_version(), *sorted(hashes))).encode()).hexdigest()[:12]
    home = keep / name
    if not set(hashes) <= _held(home):
        screen.err.print(f"正在把 {len(files)} 个报告文件入库到 {home}", markup=False)
        with (
            Desk(replace(settings, home=home)) as desk,
            screen.ingest_progress(quiet=False) as (progress, stop),
        ):
            result = desk.ingest(files, on_progress=progress, should_stop=stop)
        for failure in result.failures:
            screen.err.print(str(failure), markup=False)
        if result.stopped:
            raise KeyboardInterrupt
    return home


def _held(home: Path) -> set[str]:
    if not (home / "library.db").is_file():
        return set()
    with Library.open(home) as library:
        return {card.source_sha256 for card in library.cards(merged=True)}
