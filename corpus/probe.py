"""The index against its library, looked at from a process of its own (索引检查).

In: a data folder and the name of the embedder. Out: how many vectors are there, missing, superfluous or damaged. A
damaged segment can end the whole process that opens it, so :func:`probe` has a child open it and reads how it ended;
a server cannot do that, and is asked from here.

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
from corpus.vector_server import ChromaServer

SECONDS = 300.0
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Probed:
    """What a look at the index found; numbers are vectors.

    ``state`` is "sound", "absent" (no folder or no collection yet), "broken" (it cannot be opened), "fatal" (opening
    it ended the process, or took too long) or "away" (the server does not answer: ``why``).
    """

    state: str
    needed: int = 0
    held: int = 0
    missing: int = 0
    superfluous: int = 0
    damaged: int = 0
    why: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing has to be made or put right."""
        return self.state == "sound" and not (self.missing or self.superfluous or self.damaged)


def probe(
    home: Path, embedder: str, seconds: float = SECONDS, *, server: ChromaServer | None = None
) -> Probed:
    """Look at the index of a data folder, or at what it has on a server; never raises for what is wrong with it."""
    if server is not None:
        return _look(home, embedder, server)
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


def _look(home: Path, embedder: str, server: ChromaServer | None = None) -> Probed:
    from corpus.vector_store import StoreAway, StoreBroken, VectorStore

    with reading(home / "library.db") as connection:
        rows = connection.execute(
            f"SELECT DISTINCT p.key FROM passages p JOIN reports r ON r.id = p.report_id WHERE {KEPT}"
        )
        needed = {str(row[0]) for row in rows}
        found = connection.execute(
            "SELECT value FROM settings WHERE name = ?", (generation_of(embedder),)
        ).fetchone()
    absent = Probed("absent", needed=len(needed), missing=len(needed))
    where: Path | ChromaServer | None = home / "index" / "chroma"
    if server is not None:
        where = server.known(home / "index")
    if where is None or (isinstance(where, Path) and not where.is_dir()):
        return absent
    try:
        store = VectorStore(where, collection_of(embedder, found[0] if found else ""), create=False)
    except StoreAway as error:
        return Probed("away", needed=len(needed), why=str(error))
    except StoreBroken as error:
        gone = "does not exist" in str(error)
        return absent if gone else Probed("broken", needed=len(needed), missing=len(needed))
    try:
        held = store.keys()
        wanted = sorted(held & needed)
        sound = sum(len(store.get(wanted[at : at + _BATCH])[0]) for at in range(0, len(wanted), _BATCH))
    except StoreAway as error:
        return Probed("away", needed=len(needed), why=str(error))
    except StoreBroken:
        return Probed("broken", needed=len(needed))
    finally:
        store.close()
    return Probed(
        "sound", len(needed), len(held), len(needed - held), len(held - needed), len(wanted) - sound
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_look(Path(sys.argv[1]), sys.argv[2]))))
