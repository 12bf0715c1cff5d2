"""Rows of the ledger are made once, and made again when anything that they are made from changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus import ledger
from corpus.aliases import Aliases
from corpus.corrections import keep
from corpus.kept import Kept
from corpus.library import Library
from corpus.report import Filter
from service.ledger import changes

if TYPE_CHECKING:
    from service.desk import Desk


@pytest.fixture
def library(bureau: Desk, tmp_path: Path) -> Iterator[Library]:
    """A copy of the fictional reports."""
    shutil.copytree(bureau.settings.home, tmp_path / "home", ignore=shutil.ignore_patterns("lock*"))
    with Library.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the reports whose rows were made, one by one."""
    found: list[str] = []
    make: Callable[..., tuple[ledger.Row, ...]] = ledger.rows_of

    def counted(report: object, *rest: object) -> tuple[ledger.Row, ...]:
        found.append(report.id)  # type: ignore[attr-defined]
        return make(report, *rest)

    monkeypatch.setattr(ledger, "rows_of", counted)
    return found


def test_rows_are_made_once_for_all_who_ask(library: Library, made: list[str]) -> None:
    first = ledger.rows(library)
    assert len(made) == len(library.cards()) and first
    assert ledger.rows(library) == first
    place = library.cards()[0].place
    narrow = ledger.rows(library, Filter(places=(place or "",)))
    assert narrow == tuple(row for row in first if row.report_place == place)
    assert len(made) == len(library.cards())


def test_only_the_report_that_changed_is_read_again(library: Library, made: list[str]) -> None:
    row = ledger.rows(library)[0]
    made.clear()
    library.edit(row.report_id, "place", "别处县")
    assert {one.report_place for one in ledger.rows(library) if one.report_id == row.report_id} == {"别处县"}
    assert made == [row.report_id]


def test_a_correction_is_seen_at_once_and_so_is_its_end(library: Library, made: list[str]) -> None:
    table = Aliases.load(library.home)
    row = next(one for one in ledger.rows(library) if one.value is not None)
    made.clear()
    keep(library.database, [changes.Book(library, table).change(row, "数值", "9876", "x")])
    after = next(one for one in ledger.rows(library) if one.id == row.id)
    assert after.corrected and after.text.startswith("9876")
    changes.unset(library, [row.id], table)
    assert next(one for one in ledger.rows(library) if one.id == row.id) == row
    assert set(made) == {row.report_id}


def test_another_name_of_an_indicator_is_seen_at_once(library: Library) -> None:
    row = next(one for one in ledger.rows(library) if one.name)
    changes.add_alias(library.home, "全新的名称", row.name, "x")
    assert any(one.name == "全新的名称" for one in ledger.rows(library) if one.id == row.id)


def test_what_another_process_writes_is_seen(library: Library) -> None:
    row = ledger.rows(library)[0]
    with Library.open(library.home) as other:
        other.edit(row.report_id, "year", "1999")
    assert {one.year for one in ledger.rows(library) if one.report_id == row.report_id} == {1999}
    with Library.open(library.home) as other, other.writer():
        other.remove([row.report_id])
    assert not [one for one in ledger.rows(library) if one.report_id == row.report_id]


def test_what_nobody_asks_for_goes_when_there_is_too_much() -> None:
    kept: Kept[str] = Kept(8)
    asked: list[str] = []

    def get(text: str) -> str:
        return kept.get(text, lambda: asked.append(text) or text)  # type: ignore[func-returns-value]

    for text in ("abc", "def", "abc", "ghi", "abc", "def"):
        assert get(text) == text
    assert asked == ["abc", "def", "ghi", "def"]
    assert get("longer than all of it") and asked[-1] == "longer than all of it"


def test_equal_parts_of_a_key_have_one_number() -> None:
    kept: Kept[str] = Kept(8)
    first = kept.known({"a": 1})
    assert kept.known({"a": 1}) == first != kept.known({"a": 2})
    others = {kept.known({"a": n}) for n in range(10, 20)}
    assert first not in others and kept.known({"a": 1}) not in {first, *others}
