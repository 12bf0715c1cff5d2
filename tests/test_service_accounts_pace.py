from __future__ import annotations

import pytest

from corpus.errors import TooMany
from service.accounts.caller import LOCAL, Caller
from service.accounts.pace import BY_ADDRESS, FREE, LONGEST, Pace


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def test_wrong_passwords_cost_longer_and_longer(pace: Pace, clock: Clock) -> None:
    waits = []
    for number in range(14):
        for _ in range(3):  # trying while one has to wait does not count and does not help
            try:
                pace.try_sign_in("张", "10.0.0.1")
                break
            except TooMany as told:
                waits.append(told.wait)
                assert f"{told.wait:.0f}秒" in told.remedy
                clock.now += told.wait
        else:
            pytest.fail(f"try {number} never came through")
    assert waits == [min(2.0**power, LONGEST) for power in range(14 - FREE)]


def test_many_tries_at_once_do_not_slip_through(pace: Pace) -> None:
    done = 0
    for _ in range(50):
        try:
            pace.try_sign_in("张", "10.0.0.1")
            done += 1
        except TooMany:
            pass
    assert done == FREE


def test_another_spelling_of_the_name_is_the_same_name(pace: Pace) -> None:
    for name in ("Zhang", "ZHANG", "ｚｈａｎｇ"):
        pace.try_sign_in(name, "10.0.0.1")
    with pytest.raises(TooMany):
        pace.try_sign_in(" zhang ", "10.0.0.1")


def test_the_owner_is_not_locked_out_by_a_stranger_elsewhere(pace: Pace) -> None:
    for _ in range(FREE):
        pace.try_sign_in("张", "10.0.0.1")
    with pytest.raises(TooMany):
        pace.try_sign_in("张", "10.0.0.1")
    pace.try_sign_in("张", "10.0.0.2")


def test_the_right_password_wipes_the_slate(pace: Pace) -> None:
    for _ in range(20):
        pace.try_sign_in("张", "10.0.0.1")
        pace.signed_in("张", "10.0.0.1")


def test_one_address_cannot_try_all_names(pace: Pace) -> None:
    most = int(BY_ADDRESS.split("/")[0])
    for number in range(most):
        pace.try_sign_in(f"用户{number}", "10.0.0.1")
    with pytest.raises(TooMany):
        pace.try_sign_in("又一个", "10.0.0.1")
    pace.try_sign_in("又一个", "10.0.0.2")


def test_more_keys_and_sessions_give_no_more_questions(pace: Pace) -> None:
    pace.asks = 3
    for via in ("session", "key", "key"):
        pace.ask(Caller("p1", "张", via=via))
    with pytest.raises(TooMany) as told:
        pace.ask(Caller("p1", "张", via="key"))
    assert 1 <= told.value.wait <= 60
    pace.ask(Caller("p2", "李", via="key"))
    for _ in range(10):
        pace.ask(LOCAL)


def test_strangers_are_slowed_down_by_address(pace: Pace) -> None:
    with pytest.raises(TooMany):
        for _ in range(1000):
            pace.stranger("10.0.0.1")
    pace.stranger("10.0.0.2")
