"""The full-text half of the search: BM25 over words (全文检索).

In: terms of a question and a filter. Out: passages, best first. The words of headings count twice
(the weights stand in the schema). Terms that stand in a large part of a large library cost much and
tell nothing; they are left out when rarer ones remain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from corpus import tokens
from corpus.database import Database
from corpus.filters import KEPT, of_passages
from corpus.records import dump
from corpus.report import Filter
from corpus.tokens import index_terms

_LARGE = 5_000  # passages from which on common terms are left out
_COMMON = 0.2  # share of all passages that makes a term common

_ALL = "SELECT p.number FROM passages p JOIN duplicates d ON d.report_id = p.report_id"
_SOME = "SELECT p.number FROM passages p JOIN reports r ON r.id = p.report_id WHERE {condition} AND {kept}"


def ranked(database: Database, terms: Sequence[str], wanted: Filter, depth: int) -> tuple[int, ...]:
    """Numbers of the ``depth`` best passages that hold any of ``terms``, inside the filter."""
    if not terms:
        return ()
    match = " OR ".join(f'"{term}"' for term in _telling(database, terms))
    condition, parameters = of_passages(wanted)
    if wanted == Filter():
        inside = f"NOT IN ({_ALL})"
    else:
        inside = f"IN ({_SOME.format(condition=condition, kept=KEPT)})"
    # The plus keeps SQLite from asking the full-text index once for every passage of the filter.
    rows = database.rows(
        f"SELECT rowid AS number FROM terms WHERE terms MATCH :match AND +rowid {inside}"
        " ORDER BY rank LIMIT :depth",
        {**parameters, "match": match, "depth": depth},
    )
    return tuple(row["number"] for row in rows)


def _telling(database: Database, terms: Sequence[str]) -> Sequence[str]:
    """The terms without those that a large part of a large library holds."""
    newest = database.row("SELECT max(number) AS number FROM passages")
    total = (newest["number"] if newest else None) or 0
    if total < _LARGE:
        return terms
    counts = {
        row["term"]: row["doc"]
        for row in database.rows(
            "SELECT term, doc FROM term_counts WHERE term IN (SELECT value FROM json_each(?))",
            (dump(terms),),
        )
    }
    rare = [term for term in terms if counts.get(term, 0) <= _COMMON * total]
    return rare if any(term in counts for term in rare) else terms


def version() -> str:
    """Changes with the rules and the dictionary by which words are cut."""
    folder = Path(tokens.__file__).parent
    digest = hashlib.sha256((folder / "tokens.py").read_bytes())
    digest.update((folder / "domain_words.txt").read_bytes())
    return digest.hexdigest()[:16]


def rewrite(database: Database) -> None:
    """Cut the words of all passages again, in one transaction."""
    with database.writing() as connection:
        connection.execute("DELETE FROM terms")
        for row in connection.execute("SELECT number, path, text FROM passages").fetchall():
            path = " ".join(index_terms(" ".join(json.loads(row["path"]))))
            connection.execute(
                "INSERT INTO terms (rowid, path, body) VALUES (?, ?, ?)",
                (row["number"], path, " ".join(index_terms(row["text"]))),
            )
