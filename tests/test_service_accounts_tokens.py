"""Sessions and keys: what is wrong, empty, old or stolen opens nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from corpus.database import Database
from corpus.errors import InputError, NotFound
from service.accounts import Accounts
from service.accounts.caller import MAIN, Role
from service.accounts.database import open_database
from service.accounts.keys import KIND as KEY
from service.accounts.keys import Keys
from service.accounts.passwords import Passwords
from service.accounts.people import People
from service.accounts.sessions import AGE, IDLE, Sessions
from service.accounts.sessions import KIND as SESSION
from service.accounts.tokens import fresh, hashed

GOOD = "四个 不相干的 词 在一起"
DAY = 86400


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def people(database: Database) -> People:
    return Accounts.open(database, Passwords(PasswordHasher.from_parameters(CHEAPEST))).people


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(database: Database, people: People, clock: Clock) -> Sessions:
    return Sessions(database, people, clock=clock)


@pytest.fixture
def keys(database: Database, people: People, clock: Clock) -> Keys:
    return Keys(database, people, clock)


def wrong_ones(token: str, kind: str) -> list[str | None]:
    return [
        None, "", " ", kind, f"{kind}_", "null", "undefined", "0", "%00", token[:-1], token + "A",
        token.swapcase(), token.partition("_")[2], " " + token, token + "\n", "x" * 10_000, "' OR 1=1 --",
        hashed(token, kind), f"{kind}_{secrets.token_urlsafe(32)}", f"{kind}_密钥",
    ]  # fmt: skip


def test_only_the_token_itself_opens(sessions: Sessions, keys: Keys, people: People) -> None:
    person = people.add("张", GOOD)
    session, _ = sessions.start(person.id)
    key, _ = keys.make(person.id, "报表")
    assert sessions.caller(session) is not None and keys.caller(key) is not None
    assert [wrong for wrong in wrong_ones(session, SESSION) if sessions.caller(wrong)] == []
    assert [wrong for wrong in wrong_ones(key, KEY) if keys.caller(wrong)] == []
    assert sessions.caller(key) is None and keys.caller(session) is None


def test_tokens_have_256_bits_and_never_repeat() -> None:
    made = {fresh(SESSION) for _ in range(1000)}
    assert len(made) == 1000 and all(len(token) >= len(SESSION) + 1 + 43 for token in made)


def test_signing_in_gives_another_token_and_ends_the_one_before(sessions: Sessions, people: People) -> None:
    person = people.add("张", GOOD)
    planted, _ = sessions.start(person.id)  # somebody else put it into the browser
    own, _ = sessions.start(person.id, replaced=planted)
    assert own != planted and sessions.caller(planted) is None and sessions.caller(own) is not None


def test_a_session_ends_by_idleness_and_by_age(sessions: Sessions, people: People, clock: Clock) -> None:
    person = people.add("张", GOOD)
    token, made = sessions.start(person.id)
    clock.now += IDLE - 1
    assert sessions.caller(token) is not None  # which counts as use
    clock.now += IDLE - 1
    assert sessions.caller(token) is not None
    clock.now += IDLE
    assert sessions.caller(token) is None
    clock.now -= IDLE
    assert sessions.caller(token) is None  # what ended does not come back with the clock
    token, made = sessions.start(person.id)
    while clock.now < made.ends - 1:
        assert sessions.caller(token) is not None
        clock.now = min(clock.now + IDLE - 1, made.ends - 1)
    clock.now = made.ends
    assert sessions.caller(token) is None and made.ends - made.created == AGE


def test_a_clock_that_jumps_back_signs_nobody_out(sessions: Sessions, people: People, clock: Clock) -> None:
    token, _ = sessions.start(people.add("张", GOOD).id)
    clock.now -= 3 * DAY
    assert sessions.caller(token) is not None


def test_a_session_is_listed_and_revoked_by_its_owner_only(sessions: Sessions, people: People) -> None:
    own, other = people.add("张", GOOD), people.add("李", GOOD)
    token, made = sessions.start(own.id, "Firefox")
    assert [one.device for one in sessions.list(own.id)] == ["Firefox"] and sessions.list(other.id) == ()
    with pytest.raises(NotFound):
        sessions.revoke(other.id, made.id)
    assert sessions.caller(token) is not None
    sessions.revoke(own.id, made.id)
    assert sessions.caller(token) is None


def test_who_is_disabled_or_removed_has_no_session_and_no_key(
    sessions: Sessions, keys: Keys, people: People
) -> None:
    person = people.add("张", GOOD)
    (token, _), (key, _) = sessions.start(person.id), keys.make(person.id, "报表")
    people.disable(person.id)
    assert sessions.caller(token) is None and keys.caller(key) is None
    people.enable(person.id)
    assert sessions.caller(token) is None and keys.caller(key) is not None
    people.remove(person.id)
    assert keys.caller(key) is None and keys.list() == ()


def test_a_key_ends_on_its_day_and_when_it_is_revoked(keys: Keys, people: People, clock: Clock) -> None:
    person, other = people.add("张", GOOD), people.add("李", GOOD)
    short, _ = keys.make(person.id, "短", days=2)
    long, made = keys.make(person.id, "长", days=None)
    clock.now += 2 * DAY - 1
    assert keys.caller(short) is not None
    clock.now += 1
    assert keys.caller(short) is None
    clock.now += 3650 * DAY
    assert keys.caller(long) is not None
    with pytest.raises(NotFound):
        keys.revoke(made.id, other.id)
    assert keys.caller(long) is not None
    keys.revoke(made.id, person.id)
    assert keys.caller(long) is None and keys.list(person.id)[-1].used


def test_a_key_allows_the_smaller_of_its_role_and_its_makers(
    keys: Keys, people: People, database: Database
) -> None:
    books = Accounts.open(database)
    one, two = books.collections.create("一"), books.collections.create("二")
    person = people.add("张", GOOD)
    people.grant(person.id, one, Role.WRITER)
    people.grant(person.id, two, Role.READER)
    reading, _ = keys.make(person.id, "读", Role.READER)
    writing, _ = keys.make(person.id, "写", Role.WRITER)
    narrow, _ = keys.make(person.id, "窄", Role.READER, (one,))
    assert (found := keys.caller(reading)) and (found.role(one), found.role(two)) == (
        Role.READER,
        Role.READER,
    )
    assert (found := keys.caller(writing)) and (found.role(one), found.role(two)) == (
        Role.WRITER,
        Role.READER,
    )
    assert (found := keys.caller(narrow)) and (found.role(one), found.role(two)) == (Role.READER, None)
    people.grant(person.id, one, None)
    assert (found := keys.caller(narrow)) and found.role(one) is None
    people.set_role(person.id, Role.ADMINISTRATOR)
    assert (found := keys.caller(writing)) and found.role(MAIN) is Role.WRITER and not found.administers
    assert (found := keys.caller(narrow)) and not found.administers and found.role(MAIN) is None


@pytest.mark.parametrize(
    ("role", "collections"),
    [(Role.WRITER, ("main",)), (Role.READER, ("c0",)), (Role.READER, ()), (Role.ADMINISTRATOR, ("main",))],
)
def test_a_key_beyond_its_maker_is_not_made(
    keys: Keys, people: People, role: Role, collections: tuple[str, ...]
) -> None:
    person = people.add("张", GOOD)
    people.grant(person.id, MAIN, Role.READER)
    with pytest.raises(InputError):
        keys.make(person.id, "多", role, collections)
    assert keys.list() == ()
