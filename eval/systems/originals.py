"""The files that a library was made from, under their own names: what is parsed or split in another way.

In: a library. Out: a temporary folder with a copy of every original, one folder each, so that equal names do not
meet. Only the library is needed, not the place where the files once lay.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.library import Library


@contextmanager
def laid_out(library: Library) -> Iterator[tuple[Path, ...]]:
    """Paths of the copies, in the order of their hashes; they vanish at the end."""
    with TemporaryDirectory(prefix="originals-") as folder:
        made = []
        for row in library.database.rows("SELECT sha256, name FROM files ORDER BY sha256"):
            path = Path(folder) / row["sha256"][:16] / row["name"]
            path.parent.mkdir()
            shutil.copyfile(library.originals.path(row["sha256"]), path)
            made.append(path)
        yield tuple(made)
