"""Search by meaning and by words over the library; the only importer of chromadb (索引).

In: a question and a filter. Out: passages, best first. The filter is resolved in SQLite. Up to
``exact_limit`` passages are compared with the question one by one, from a matrix in memory; more are
asked of Chroma's graph. Chroma holds vectors and their keys, no text.

The library is the truth and all this a cache. A vector's key is a hash of headings and text, so
"which vectors are missing" is a difference of two sets: a kill between the library's transaction
and Chroma's, a deleted folder, a damaged one or another embedder all end in :meth:`Index.sync`,
which computes what is missing. Only the holder of the writer lock writes to Chroma; another process
that searches meanwhile finds what has no vector yet by its words.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from corpus import fulltext
from corpus.chroma_store import Store, StoreBroken
from corpus.errors import LibraryBusy
from corpus.filters import KEPT, of_passages
from corpus.library import Library
from corpus.ranking import Ranked, distinct, fuse
from corpus.records import dump, heading_text, passage_of
from corpus.report import Filter, Passage
from corpus.tokens import index_terms, query_terms
from corpus.vectors import VectorCache, Vectors, unit

if TYPE_CHECKING:
    from corpus.embedding import Embedder

Progress = Callable[[int, int], None]
