"""``wenheng users`` and ``wenheng collections``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from click.testing import CliRunner, Result

from corpus.library import Library
from service.accounts import Accounts, passwords
from service.accounts.caller import LOCAL, MAIN, METRICS, Role
from service.accounts.database import open_database
from service.accounts.log import Wanted
from service.cli import cli

GOOD = "四个 不相干的 词 在一起"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_usual", lambda: PasswordHasher.from_parameters(CHEAPEST))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*words: str | Path, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["--home", str(tmp_path), *map(str, words)], input=stdin)

    return call


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Accounts]:
    database = open_database(tmp_path)
    yield Accounts.open(database)
    database.close()


def added(run: Run, name: str, *more: str) -> None:
    result = run("users", "add", name, "--password-stdin", *more, stdin=GOOD + "\n")
    assert result.exit_code == 0, result.output
    assert GOOD not in result.output


def test_the_first_administrator_is_made_on_the_command_line(run: Run, books: Accounts) -> None:
    assert "还没有用户" in run("users", "list").output
    added(run, "管理员", "--role", "administrator")
    person = books.people.known("管理员", GOOD)
    assert person.everywhere is Role.ADMINISTRATOR
    (row,) = [json.loads(line) for line in run("users", "list", "--json").output.splitlines()]
    assert (row["name"], row["everywhere"]) == ("管理员", 3)
    assert [entry.action for entry in books.log.page(LOCAL)] == ["person"]


def test_a_password_is_never_an_argument(run: Run, one_sentence: Callable[..., str]) -> None:
    one_sentence(run("users", "add", "张"), 2, "--password-stdin")
    assert run("users", "add", "张", GOOD).exit_code == 2
    one_sentence(run("users", "add", "张", "--password-stdin", stdin="短\n"), 2, "太短")
    assert run("users", "list", "--json").output == ""


def test_the_last_administrator_stays(run: Run, one_sentence: Callable[..., str]) -> None:
    added(run, "甲", "--role", "administrator")
    for words in (
        ("disable", "甲"),
        ("remove", "甲", "--yes"),
        ("role", "甲", "reader"),
        ("role", "甲", "none"),
    ):
        one_sentence(run("users", *words), 2, "最后一个管理员")
    added(run, "乙", "--role", "管理员")
    assert run("users", "disable", "甲").exit_code == 0
    one_sentence(run("users", "role", "乙", "读者"), 2, "最后一个管理员")
    assert run("users", "enable", "甲").exit_code == 0
    assert "读者" in run("users", "role", "乙", "读者").output


def test_a_forgotten_password_is_set_anew(run: Run, books: Accounts) -> None:
    added(run, "张")
    token, _ = books.sessions.start(books.people.named("张").id)
    assert run("users", "password", "张", "--password-stdin", stdin="另外的 一个 口令呢\r\n").exit_code == 0
    assert books.people.known("张", "另外的 一个 口令呢") and books.sessions.caller(token) is None


def test_a_key_is_shown_once(run: Run, books: Accounts) -> None:
    added(run, "张", "--role", "writer")
    made = run("users", "keys", "add", "张", "报表程序", "--days", "0")
    key = made.stdout.strip()
    caller = books.keys.caller(key)
    assert caller and caller.everywhere is Role.READER
    table, listed = run("users", "keys", "list"), run("users", "keys", "list", "--json")
    assert key not in table.output + listed.output and "报表程序" in table.output
    row = json.loads(listed.output)
    assert key.startswith(row["prefix"]) and (row["person"], row["role"], row["ends"]) == ("张", 1, 0)
    (kept,) = books.keys.list()
    assert run("users", "keys", "revoke", kept.id).exit_code == 0 and books.keys.caller(key) is None


def test_a_key_for_the_numbers_of_the_service(
    run: Run, books: Accounts, one_sentence: Callable[..., str]
) -> None:
    added(run, "张", "--role", "administrator")
    added(run, "李", "--role", "writer")
    key = run("users", "keys", "add", "张", "监控", "--metrics").stdout.strip()
    caller = books.keys.caller(key)
    assert caller and caller.only == METRICS and not caller.administers and not caller.grants
    assert json.loads(run("users", "keys", "list", "--json").output)["only"] == METRICS
    assert "只读" in run("users", "keys", "list").output
    one_sentence(run("users", "keys", "add", "李", "监控", "--metrics"), 2, "只有管理员")
    assert [entry.detail for entry in books.log.page(LOCAL, Wanted(action="key"))] == ["metrics"]


def test_the_log_says_who_sat_at_the_terminal(
    run: Run,
    books: Accounts,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "zhanglinux")
    added(run, "张")
    made = run("collections", "add", "青岭县").output.strip()
    assert run("collections", "grant", made, "张", "读者").exit_code == 0
    with Library.open(tmp_path):
        pass
    assert run("backup", tmp_path_factory.mktemp("backup") / "b.zip").exit_code == 0
    rows = books.log.page(LOCAL)
    assert [row.action for row in reversed(rows)] == ["person", "collection", "grant", "backup"]
    assert {(row.name, row.via) for row in rows} == {("命令行（zhanglinux）", "terminal")}
    assert ",命令行（zhanglinux）,命令行,备份," in "".join(books.log.csv(LOCAL))


def test_a_restore_is_told_to_the_restored_log_and_none_is_made_for_it(
    run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("backup")
    with Library.open(tmp_path):
        pass
    (tmp_path / "service.db").unlink(missing_ok=True)
    assert run("backup", outside / "without.zip").exit_code == 0
    assert not (tmp_path / "service.db").exists()
    added(run, "张")
    assert run("backup", outside / "with.zip").exit_code == 0
    other = outside / "另一处"
    assert run("restore", outside / "with.zip", "--home", other, "--dry-run").exit_code == 0
    assert not other.exists()
    assert run("restore", outside / "with.zip", "--home", other).exit_code == 0
    database = open_database(other)
    told = [(row.action, row.detail.split()[-1]) for row in Accounts.open(database).log.page(LOCAL)]
    database.close()
    assert told == [("restore", "reports=0"), ("person", "role=0")]


def test_removing_somebody_hands_their_work_over(run: Run, books: Accounts) -> None:
    added(run, "张", "--role", "reader")
    added(run, "李", "--role", "reader")
    own, heir = (books.people.caller(books.people.named(name).id, "session") for name in ("张", "李"))
    assert own and heir
    books.owned.claim("draft", "d1", MAIN, own)
    assert run("users", "remove", "张", "--heir", "张", "--yes").exit_code == 2
    assert "1件" in run("users", "remove", "张", "--heir", "李", "--yes").output
    assert books.owned.may_open("draft", "d1", MAIN, heir) and len(books.people.list()) == 1


def test_what_was_made_without_sign_in_is_adopted(run: Run, books: Accounts, tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        chat = library.chats.start("问题")
    added(run, "张", "--role", "reader")
    own = books.people.caller(books.people.named("张").id, "session")
    assert own and not books.owned.may_open("chat", chat, MAIN, own)
    assert "1件" in run("users", "adopt", "张").output
    assert books.owned.may_open("chat", chat, MAIN, own)


def test_collections_come_and_go(
    run: Run, books: Accounts, tmp_path: Path, one_sentence: Callable[..., str]
) -> None:
    made = run("collections", "add", "青岭县").output.strip()
    added(run, "张")
    assert "读者" in run("collections", "grant", made, "张", "reader").output
    caller = books.people.caller(books.people.named("张").id, "session")
    assert caller and caller.role(made) is Role.READER and caller.role(MAIN) is None
    rows = [json.loads(line) for line in run("collections", "list", "--json").output.splitlines()]
    assert [row["name"] for row in rows] == ["主资料库", "青岭县"] and rows[1]["grants"] == {"张": 1}
    assert run("collections", "rename", made, "青岭县卫健局").exit_code == 0
    one_sentence(run("collections", "remove", made, "--forever", "--yes"), 2, "没有这个资料库")
    one_sentence(run("collections", "remove", MAIN), 2, "主资料库")
    assert f"restore {made}" in run("collections", "remove", made).output
    one_sentence(run("collections", "grant", made, "张", "reader"), 2)
    assert run("collections", "restore", made).exit_code == 0
    assert run("collections", "withdraw", made, "张").exit_code == 0
    assert run("collections", "remove", made).exit_code == 0
    assert run("collections", "remove", made, "--forever", "--yes").exit_code == 0
    assert len(run("collections", "list", "--json").output.splitlines()) == 1
