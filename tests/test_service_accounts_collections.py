"""Collections, what belongs to whom, and the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from corpus.errors import Conflict, Forbidden, InputError, NotFound
from service.accounts import Accounts
from service.accounts.caller import LOCAL, MAIN, Caller, Role
from service.accounts.collections import folder
from service.accounts.database import open_database
from service.accounts.log import Wanted
from service.accounts.passwords import Passwords

GOOD = "四个 不相干的 词 在一起"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Accounts]:
    database = open_database(tmp_path)
    yield Accounts.open(database, Passwords(PasswordHasher.from_parameters(CHEAPEST)))
    database.close()


def one(books: Accounts, name: str, everywhere: Role | None = None, **grants: Role) -> Caller:
    person = books.people.add(name, GOOD, everywhere)
    for collection, role in grants.items():
        books.people.grant(person.id, collection, role)
    found = books.people.caller(person.id, "session")
    assert found is not None
    return found


# -- collections ------------------------------------------------------------------------------------


def test_what_one_may_not_read_does_not_exist(books: Accounts) -> None:
    hidden = books.collections.create("青岭县")
    reader = one(books, "读者", main=Role.READER)
    assert [found.id for found in books.collections.list(reader)] == [MAIN]
    said = set()
    for name in (hidden, "c00", "", "../main", "MAIN", "main/../main", "x" * 500):
        with pytest.raises(NotFound) as told:
            books.collections.open(reader, name)
        said.add(told.value.message)
    assert len(said) == 1
    with pytest.raises(Forbidden):
        books.collections.open(reader, MAIN, Role.WRITER)
    assert books.collections.open(reader, MAIN).role is Role.READER


def test_even_the_local_user_opens_only_what_is_there(books: Accounts) -> None:
    with pytest.raises(NotFound):
        books.collections.open(LOCAL, "c00")
    assert books.collections.open(LOCAL, MAIN, Role.ADMINISTRATOR).name == "主资料库"


def test_a_removed_collection_comes_back_with_its_grants(books: Accounts, tmp_path: Path) -> None:
    made = books.collections.create("青岭县")
    reader = one(books, "读者", **{made: Role.READER})
    key, _ = books.keys.make(reader.id, "报表")
    folder(tmp_path, made).mkdir(parents=True)
    books.collections.remove(made)
    gone = books.people.caller(reader.id, "session")
    assert gone and gone.role(made) is None
    assert (narrowed := books.keys.caller(key)) and narrowed.role(made) is None
    with pytest.raises(NotFound):
        books.collections.open(LOCAL, made)
    assert books.collections.list(gone, removed=True) == () and folder(tmp_path, made).is_dir()
    other = books.collections.create("青岭县")
    with pytest.raises(Conflict):
        books.collections.restore(made)
    books.collections.rename(other, "青岭县（新）")
    books.collections.restore(made)
    back = books.people.caller(reader.id, "session")
    assert back and back.role(made) is Role.READER


def test_removing_for_ever_needs_removing_first(books: Accounts, tmp_path: Path) -> None:
    made = books.collections.create("青岭县")
    where = folder(tmp_path, made)
    (where / "originals").mkdir(parents=True)
    with pytest.raises(NotFound):
        books.collections.forget(made, tmp_path)
    assert where.is_dir()
    books.collections.remove(made)
    books.owned.claim("chat", "c1", made, LOCAL)
    books.collections.forget(made, tmp_path)
    assert not where.exists() and (tmp_path / "service.db").is_file()
    with pytest.raises(NotFound):
        books.collections.restore(made)


def test_the_first_collection_stays(books: Accounts, tmp_path: Path) -> None:
    with pytest.raises(Conflict):
        books.collections.remove(MAIN)
    with pytest.raises(NotFound):
        books.collections.forget(MAIN, tmp_path)
    books.collections.rename(MAIN, "县卫生健康局")
    assert books.collections.open(LOCAL, MAIN).name == "县卫生健康局"


@pytest.mark.parametrize(
    "name", ["..", "../x", "/etc", "a/b", "a\\b", "A", "", "c" * 33, "a\0", "主库", "a\n"]
)
def test_no_id_leads_out_of_the_data_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        folder(tmp_path, name)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb", "主资料库", " 主资料库 "])
def test_names_of_collections_that_cannot_be(books: Accounts, name: str) -> None:
    with pytest.raises(InputError):
        books.collections.create(name)
    assert books.collections.every() == (MAIN,)


# -- what belongs to whom ---------------------------------------------------------------------------


def test_a_chat_is_its_owners_even_before_an_administrator(books: Accounts) -> None:
    own = one(books, "张", main=Role.READER)
    other = one(books, "李", main=Role.ADMINISTRATOR)
    boss = one(books, "王", Role.ADMINISTRATOR)
    books.owned.claim("chat", "c1", MAIN, own)
    assert books.owned.may_open("chat", "c1", MAIN, own) and "c1" in books.owned.ids("chat", MAIN, own)
    for stranger in (other, boss):
        assert not books.owned.may_open("chat", "c1", MAIN, stranger)
        assert "c1" not in books.owned.ids("chat", MAIN, stranger)
        with pytest.raises(NotFound):
            books.owned.check("chat", "c1", MAIN, stranger)
        with pytest.raises(NotFound):
            books.owned.claim("chat", "c1", MAIN, stranger)
    assert books.owned.may_open("chat", "c1", MAIN, own)


def test_kind_and_collection_are_part_of_the_id(books: Accounts) -> None:
    made = books.collections.create("青岭县")
    own = one(books, "张", main=Role.READER, **{made: Role.READER})
    books.owned.claim("chat", "c1", MAIN, own)
    assert not books.owned.may_open("draft", "c1", MAIN, own)
    assert not books.owned.may_open("chat", "c1", made, own)


def test_who_lost_the_collection_lost_the_chats_in_it(books: Accounts) -> None:
    own = one(books, "张", main=Role.READER)
    books.owned.claim("chat", "c1", MAIN, own)
    books.people.grant(own.id, MAIN, None)
    now = books.people.caller(own.id, "session")
    assert now and not books.owned.may_open("chat", "c1", MAIN, now)
    assert "c1" not in books.owned.ids("chat", MAIN, now)


def test_what_nobody_owns_is_opened_by_nobody_until_it_is_adopted(books: Accounts) -> None:
    own, other = one(books, "张", main=Role.READER), one(books, "李", main=Role.READER)
    books.owned.claim("chat", "local", MAIN, LOCAL)
    books.owned.claim("chat", "own", MAIN, other)
    assert not books.owned.may_open("chat", "old", MAIN, own) and books.owned.may_open(
        "chat", "old", MAIN, LOCAL
    )
    assert books.owned.adopt("chat", ["old", "local", "own"], MAIN, own.id) == 2
    assert books.owned.may_open("chat", "old", MAIN, own) and books.owned.may_open("chat", "local", MAIN, own)
    assert books.owned.may_open("chat", "own", MAIN, other) and not books.owned.may_open(
        "chat", "own", MAIN, own
    )


def test_what_a_removed_person_left_can_be_adopted(books: Accounts) -> None:
    gone, heir = one(books, "张", main=Role.READER), one(books, "李", main=Role.READER)
    books.owned.claim("draft", "d1", MAIN, gone)
    assert books.owned.adopt("draft", ["d1"], MAIN, heir.id) == 0
    books.people.remove(gone.id)
    assert not books.owned.may_open("draft", "d1", MAIN, heir)
    assert books.owned.adopt("draft", ["d1"], MAIN, heir.id) == 1
    assert books.owned.may_open("draft", "d1", MAIN, heir)


def test_an_heir_gets_all_and_a_deleted_id_can_be_had_again(books: Accounts) -> None:
    own, heir = one(books, "张", main=Role.READER), one(books, "李", main=Role.READER)
    books.owned.claim("draft", "d1", MAIN, own)
    assert books.owned.hand_over(own.id, heir.id) == 1
    assert books.owned.may_open("draft", "d1", MAIN, heir) and not books.owned.may_open(
        "draft", "d1", MAIN, own
    )
    books.owned.release("draft", "d1", MAIN)
    books.owned.claim("draft", "d1", MAIN, own)
    assert books.owned.may_open("draft", "d1", MAIN, own)


# -- the log ----------------------------------------------------------------------------------------


def test_a_question_is_logged_without_its_text(books: Accounts, tmp_path: Path) -> None:
    books.log.asked(LOCAL, MAIN, "张三的签约率是多少？")
    books.log.asked(LOCAL, MAIN, "张三的签约率是多少？")
    books.log.asked(LOCAL, MAIN, "别的问题")
    third, second, first = books.log.page(LOCAL)
    assert first.target == second.target != third.target and first.detail == "10字"
    assert "签约率" not in "".join(books.log.csv(LOCAL))
    other = open_database(tmp_path / "other")
    assert Accounts.open(other).log.fingerprint("别的问题") != third.target
    other.close()


def test_personal_data_never_reaches_the_log(books: Accounts) -> None:
    books.log.write(LOCAL, "upload", MAIN, "13812345678", "身份证110101199003077758")
    (row,) = books.log.page(LOCAL)
    assert "13812345678" not in row.target and "110101199003077758" not in row.detail


def test_the_log_is_paged_filtered_and_pruned(books: Accounts) -> None:
    for number in range(25):
        books.log.write(LOCAL, "upload" if number % 5 else "delete", MAIN, str(number))
    first = books.log.page(LOCAL, most=10)
    rest = books.log.page(LOCAL, before=first[-1].number, most=100)
    assert [int(row.target) for row in first + rest] == list(range(24, -1, -1))
    assert {row.action for row in books.log.page(LOCAL, Wanted(action="delete"))} == {"delete"}
    assert books.log.page(LOCAL, Wanted(since="2999-01-01")) == ()
    assert len(books.log.page(LOCAL, Wanted(until="2999-01-01", collection=MAIN))) == 25
    for wrong in ("gestern", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        with pytest.raises(InputError):
            books.log.page(LOCAL, Wanted(since=wrong))
    assert books.log.prune(1) == 0 and books.log.prune(-1) == 25


def test_an_administrator_of_one_collection_sees_the_log_of_that_one(books: Accounts) -> None:
    made = books.collections.create("青岭县")
    boss = one(books, "王", **{made: Role.ADMINISTRATOR, "main": Role.WRITER})
    books.log.write(LOCAL, "upload", MAIN, "a")
    books.log.write(LOCAL, "upload", made, "b")
    books.log.write(LOCAL, "person", target="c")
    assert [row.target for row in books.log.page(boss)] == ["b"]
    assert books.log.page(boss, Wanted(collection=MAIN)) == ()
    assert books.log.page(one(books, "读者", main=Role.READER)) == ()


def test_many_writers_at_once_lose_nothing(books: Accounts, tmp_path: Path) -> None:
    def write(number: int) -> None:
        database = open_database(tmp_path)  # as another process would
        log = Accounts.open(database).log
        for _ in range(5):
            log.write(LOCAL, "upload", MAIN, str(number))
        database.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert len(books.log.page(LOCAL)) == 30


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1+1", '=HYPERLINK("http://x")'])
def test_no_cell_of_the_exported_log_is_a_formula(books: Accounts, cell: str) -> None:
    books.log.write(Caller(cell, cell), "upload", cell, cell, cell)
    text = "".join(books.log.csv(LOCAL))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 2 and len(rows[1]) == len(rows[0])
    assert all(not value.startswith(("=", "+", "-", "@", "\t", "＝")) for value in rows[1])
