from __future__ import annotations

from pathlib import Path

import pytest

from corpus import swap
from corpus.library import Library


def filled(folder: Path, word: str) -> None:
    (folder / "originals" / "ab").mkdir(parents=True)
    (folder / "originals" / "ab" / "abc").write_text(word)
    (folder / "aliases.txt").write_text(word)


def words(home: Path) -> set[str]:
    return {(home / "aliases.txt").read_text(), (home / "originals" / "ab" / "abc").read_text()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    filled(tmp_path / "home", "old")
    (tmp_path / "home" / "only_old.txt").write_text("old")
    (tmp_path / "home" / "logs").mkdir()
    return tmp_path / "home"


def test_replaced_and_brought_back(home: Path) -> None:
    staged = swap.stage(home)
    filled(staged, "new")
    aside = swap.replace(home, staged)
    assert words(home) == {"new"} and words(aside) == {"old"}
    assert not (home / "only_old.txt").exists() and (aside / "only_old.txt").exists()
    assert (home / "logs").is_dir() and not staged.exists() and not (home / swap.PLAN).exists()
    swap.replace(home, swap.replaced(home)[0])
    assert words(home) == {"old"} and (home / "only_old.txt").exists()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(1, 7))
def test_killed_between_any_two_renames(home: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    staged = swap.stage(home)
    filled(staged, "new")
    rename, count = Path.rename, 0

    def dying(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == after:
            raise Killed
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", dying)
    died = False
    try:
        swap.replace(home, staged)
    except Killed:
        died = True
    monkeypatch.undo()
    assert died == (after <= 5)  # three old names go, two new ones come
    Library.open(home).close()  # whoever opens the folder next finishes it
    assert words(home) == {"new"} and words(swap.replaced(home)[0]) == {"old"}
    assert not (home / "only_old.txt").exists() and not swap.finish(home) and not swap.leftovers(home)


def test_killed_before_the_plan_nothing_has_happened(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = swap.stage(home)
    filled(staged, "new")

    def dying(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(swap, "_write", dying)
    with pytest.raises(Killed):
        swap.replace(home, staged)
    assert words(home) == {"old"} and swap.leftovers(home) == (staged,)
    assert not swap.finish(home) and swap.replaced(home) == ()
