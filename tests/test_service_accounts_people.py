from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from corpus.errors import Conflict, InputError, LibraryError, NotFound, SignInNeeded
from service.accounts import Accounts
from service.accounts.caller import MAIN, Role
from service.accounts.database import NAME, open_database
from service.accounts.passwords import Passwords, accept

GOOD = "四个 不相干的 词 在一起"


def cheap() -> Passwords:
    return Passwords(PasswordHasher.from_parameters(CHEAPEST))


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Accounts]:
    database = open_database(tmp_path)
    yield Accounts.open(database, cheap())
    database.close()


@pytest.mark.parametrize(
    "password",
    ["ab9", "a" * 9, "aaaaaaaaaaaa", "abababababab", "1234567890", "0987654321", "x" * 129, "zhangsan22"],
)
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(InputError) as told:
        accept(password, "zhangsan")
    assert told.value.remedy and password not in str(told.value)


def test_the_default_cost_is_what_rfc_9106_asks_for() -> None:
    kept = Passwords().hash(GOOD)
    assert kept.startswith("$argon2id$") and "m=65536,t=3,p=4" in kept and GOOD not in kept


def test_a_password_fits_only_itself() -> None:
    passwords = cheap()
    kept = passwords.hash(GOOD)
    assert passwords.fits(kept, GOOD)
    assert not any(passwords.fits(kept, wrong) for wrong in ("", GOOD[:-1], GOOD + " ", "x" * 10_000))
    assert not any(passwords.fits(None, wrong) for wrong in ("", GOOD, "nobody has this one"))
    assert not any(passwords.fits(broken, "") for broken in ("", "disabled", "$argon2id$"))


def test_full_width_letters_are_the_same_password() -> None:
    passwords = cheap()
    assert passwords.fits(passwords.hash("ｃｏｒｒｅｃｔ horse"), "correct horse")


def test_a_name_is_taken_whatever_its_case_and_width(books: Accounts) -> None:
    books.people.add("Zhang", GOOD)
    for name in ("zhang", "ＺＨＡＮＧ", " Zhang "):
        with pytest.raises(Conflict):
            books.people.add(name, GOOD)
    assert books.people.named("ｚｈａｎｇ").name == "Zhang"


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "<b>", "x" * 41, "a\nb", "=1+1"])
def test_names_that_cannot_be(books: Accounts, name: str) -> None:
    with pytest.raises(InputError):
        books.people.add(name, GOOD)
    assert books.people.list() == ()


def test_whoever_signs_in_wrongly_hears_the_same(books: Accounts) -> None:
    person = books.people.add("张", GOOD)
    assert books.people.known("张", GOOD).signed_in_at
    books.people.add("停用的", GOOD)
    books.people.disable(books.people.named("停用的").id)
    said = set()
    for name, password in (("张", "错" * 10), ("没有的人", GOOD), ("停用的", GOOD), ("张", ""), ("", "")):
        with pytest.raises(SignInNeeded) as told:
            books.people.known(name, password)
        said.add(str(told.value))
    assert len(said) == 1
    assert books.people.get(person.id).disabled_at == ""


def test_an_old_hash_is_made_anew_when_its_owner_signs_in(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    Accounts.open(database, cheap()).people.add("张", GOOD)
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    people = Accounts.open(database, dearer).people
    before = database.rows("SELECT password FROM people")[0][0]
    people.known("张", GOOD)
    after = database.rows("SELECT password FROM people")[0][0]
    assert before != after and "t=2" in after and people.known("张", GOOD)
    database.close()


def test_one_administrator_is_always_left(books: Accounts) -> None:
    first = books.people.add("甲", GOOD, Role.ADMINISTRATOR)
    for change in (
        lambda: books.people.remove(first.id),
        lambda: books.people.disable(first.id),
        lambda: books.people.set_role(first.id, None),
        lambda: books.people.set_role(first.id, Role.WRITER),
    ):
        with pytest.raises(Conflict, match="最后一个管理员"):
            change()
    assert books.people.get(first.id).everywhere is Role.ADMINISTRATOR
    second = books.people.add("乙", GOOD, Role.ADMINISTRATOR)
    books.people.disable(second.id)
    with pytest.raises(Conflict):
        books.people.remove(first.id)
    books.people.enable(second.id)
    books.people.remove(first.id)
    with pytest.raises(NotFound):
        books.people.get(first.id)


def test_a_role_that_was_taken_away_is_gone_at_once(books: Accounts) -> None:
    person = books.people.add("读者", GOOD)
    token, _ = books.sessions.start(person.id)
    assert (caller := books.sessions.caller(token)) and caller.role(MAIN) is None
    books.people.grant(person.id, MAIN, Role.WRITER)
    assert (caller := books.sessions.caller(token)) and caller.may(MAIN, Role.WRITER)
    books.people.grant(person.id, MAIN, Role.READER)
    assert (caller := books.sessions.caller(token)) and not caller.may(MAIN, Role.WRITER)
    books.people.grant(person.id, MAIN, None)
    assert (caller := books.sessions.caller(token)) and caller.role(MAIN) is None and not caller.administers


def test_a_new_password_ends_all_sessions(books: Accounts) -> None:
    person = books.people.add("张", GOOD)
    tokens = [books.sessions.start(person.id)[0] for _ in range(3)]
    books.people.set_password(person.id, GOOD + "新")
    assert [books.sessions.caller(token) for token in tokens] == [None] * 3
    assert books.people.known("张", GOOD + "新")
    with pytest.raises(SignInNeeded):
        books.people.known("张", GOOD)


def test_no_password_and_no_token_lies_in_the_file(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    books = Accounts.open(database, cheap())
    person = books.people.add("张", "correct-horse-battery")
    session, _ = books.sessions.start(person.id)
    key, _ = books.keys.make(person.id, "报表")
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob(f"{NAME}*"))
    assert b"correct-horse" not in kept
    assert session.encode() not in kept and key.encode() not in kept and key[12:].encode() not in kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob(NAME))


@pytest.mark.parametrize("content", [b"x" * 4096, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_file_is_told_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(LibraryError) as told:
        open_database(tmp_path)
    assert told.value.remedy


def test_a_file_of_a_newer_or_foreign_program_is_refused(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    open_database(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="99"):
        open_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("PRAGMA application_id = 7")
    with pytest.raises(LibraryError, match="另一个程序"):
        open_database(tmp_path)


def test_a_migration_leaves_a_copy_and_happens_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3
    from contextlib import closing

    from service.accounts import database as module

    open_database(tmp_path).close()
    monkeypatch.setattr(module, "VERSION", 2)
    monkeypatch.setattr(module, "_ADDED", {2: "CREATE TABLE more (id TEXT);\nCREATE BROKEN;\n"})
    with pytest.raises(LibraryError):
        open_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchone()
    monkeypatch.setattr(module, "_ADDED", {2: "CREATE TABLE more (id TEXT);\n"})
    opened = open_database(tmp_path)
    assert opened.rows("SELECT * FROM more") == []
    opened.close()
    kept = sorted((tmp_path / "upgrades").iterdir())  # one for each attempt; two within a second are one
    assert kept[0].name.startswith("service-v1-")
    with closing(sqlite3.connect(kept[0])) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT name FROM collections").fetchall() == [("主资料库",)]
