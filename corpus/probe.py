"""The index against its library, looked at from a process of its own (索引检查).

In: a data folder and the name of the embedder. Out: how many vectors are there, missing, superfluous or damaged. A
damaged segment can end the whole process that opens it, so :func:`probe` has a child open it and reads how it ended.

Run as ``python -m corpus.probe HOME EMBEDDER`` by :func:`probe`, not by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.filters import KEPT
from corpus.snapshot import reading
from corpus.vector_index import collection_of, generation_of

SECONDS = 300.0
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Probed:
    """What a look at the index found; numbers are vectors.

    ``state`` is "sound", "absent" (no folder or no collection yet), "broken" (it cannot be opened) or "fatal" (opening
    it ended the process, or took too long).
    """

    state: str
    needed: int = 0
    held: int = 0
    missing: int = 0
    superfluous: int = 0
    damaged: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing has to be made or put right."""
        return self.state == "sound" and not (self.missing or self.superfluous or self.damaged)


def probe(home: Path, embedder: str, seconds: float = SECONDS) -> Probed:
    """Look at the index of a data folder; never raises for what is wrong with it."""
    command = [sys.executable, "-P", "-m", "corpus.probe", str(home), embedder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return Probed("fatal")
    try:
        return Probed(**json.loads(done.stdout.splitlines()[-1]))
    except (IndexError, ValueError, TypeError):
        return Probed("fatal" if done.returncode < 0 or done.returncode > 128 else "broken")


# -- in the child -----------------------------------------------------------------------------------


def _look(home: Path, embedder: str) -> Probed:
    from corpus.vector_store import StoreBroken, VectorStore

    with reading(home / "library.db") as connection:
        rows = connection.execute(
            f"SELECT DISTINCT p.key FROM passages p JOIN reports r ON r.id = p.report_id WHERE {KEPT}"
        )
        needed = {str(row[0]) for row in rows}
        found = connection.execute(
            "SELECT value FROM settings WHERE name = ?", (generation_of(embedder),)
        ).fetchone()
    folder = home / "index" / "chroma"
    if not folder.is_dir():
        return Probed("absent", needed=len(needed), missing=len(needed))
    try:
        store = VectorStore(folder, collection_of(embedder, found[0] if found else ""), create=False)
    except StoreBroken as error:
        gone = "does not exist" in str(error)
        return Probed("absent" if gone else "broken", needed=len(needed), missing=len(needed))
    try:
        held = store.keys()
        wanted = sorted(held & needed)
        sound = sum(len(store.get(wanted[at : at + _BATCH])[0]) for at in range(0, len(wanted), _BATCH))
    except StoreBroken:
        return Probed("broken", needed=len(needed))
    finally:
        store.close()
    return Probed(
        "sound", len(needed), len(held), len(needed - held), len(held - needed), len(wanted) - sound
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_look(Path(sys.argv[1]), sys.argv[2]))))
