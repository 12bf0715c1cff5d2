"""All checks one after the other, and what may be put right without asking (体检).

In: settings. Out: findings, each with its remedy. With ``repair`` what cannot lose anything is done: the index is made
anew from the library, files that killed processes left go, others lose the right to read.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from corpus import swap
from corpus.errors import WenhengError
from corpus.files import shown
from corpus.lock import WriterLock
from corpus.schema import translated
from service.desk import Desk
from service.keeping import check_data, check_machine, check_models
from service.keeping.findings import Finding, Fix, State
from service.keeping.lease import Lease
from service.models.embedder import open_embedder
from service.models.prepare import prepare
from service.settings import Settings

Tell = Callable[[str], None]


def examine(settings: Settings, *, quick: bool = False) -> Iterator[Finding]:
    """Every finding, as it is made.

    Args:
        settings: of the data folder and the models.
        quick: believe the stamps of the weights and the sizes of the originals instead of reading them whole.
    """
    yield from check_machine.check(settings)
    yield from check_models.check(settings, hashes=not quick)
    yield from check_data.check(settings.home, _embedder(settings), settings.chroma, originals=not quick)


def _embedder(settings: Settings) -> str | None:
    """Name of the embedding model, by which its collection is known; None where there is no model."""
    if not prepare(settings, fetch=False)[1].ready:
        return None
    try:
        embedder = open_embedder(settings)
    except WenhengError:
        return None
    close = getattr(embedder, "close", None)
    if close is not None:
        close()
    return embedder.name


def repair(settings: Settings, found: tuple[Finding, ...], tell: Tell) -> int:
    """Do what can be done by itself; how many things were put right.

    Raises:
        LibraryBusy: somebody is writing just now.
    """
    wanted = {finding.fix for finding in found if finding.fix is not None}
    done = 0
    if Fix.LEFTOVERS in wanted:
        done += _clear(settings.home, tell)
    if Fix.PERMISSIONS in wanted:
        done += _close(settings.home, tell)
    if Fix.REINDEX in wanted:
        for home in check_data.homes(settings.home):
            done += _reindex(replace(settings, home=home), tell)
    return done


def _clear(home: Path, tell: Tell) -> int:
    with Lease(home).held(), WriterLock(home).hold():
        if swap.finish(home):
            tell("做完了上次中断的恢复")
        left = check_data.stale(home)
        with translated(home):
            for path in left:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    tell(f"清除了中断的程序留下的{len(left)}个文件")
    return 1


def _close(home: Path, tell: Tell) -> int:
    loose = check_data.loose(home)
    with translated(home):
        for path in loose:
            path.chmod(path.stat().st_mode & ~0o077)
    tell(f"收回了其他用户对{len(loose)}处的权限")
    return 1


def _reindex(settings: Settings, tell: Tell) -> int:
    """Make the index anew where it is not whole; a folder that ends the process is removed unopened."""
    state = check_data.look(settings.home, _embedder(settings), settings.chroma)
    if state is None or state.whole or state.state == "away":
        return 0
    if state.state in ("broken", "fatal") and settings.chroma is None:
        with WriterLock(settings.home).hold(), translated(settings.home):
            shutil.rmtree(settings.home / "index" / "chroma")
    with Desk.open(settings) as desk:
        count = desk.reindex()
    tell(f"重建了 {shown(settings.home)} 的索引：{count}个片段")
    return 1


def worst(found: tuple[Finding, ...]) -> State:
    """The worst state of all."""
    order = (State.OK, State.WARN, State.FAIL)
    return max((finding.state for finding in found), key=order.index, default=State.OK)
