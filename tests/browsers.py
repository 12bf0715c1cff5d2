"""What browser tests share: the application in a process of its own, people who may sign in, and common strokes.

In: a data folder. Out: the address of the real application on it, with toy models (``serving``) or as the command line
starts it with the real ones (``really_serving``). The fixtures ``browser`` and ``page`` are in conftest.py.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from service.accounts.caller import Role

    Opener = Callable[..., Page]

ROOT = Path(__file__).resolve().parents[1]
BUREAU = Path(__file__).parent / "data" / "bureau"
CHROMIUM = Path("/usr/bin/chromium")
OFFICE, PHONE = (1366, 768), (390, 844)
PASSWORD = "青山 绿水 石桥 晚风"
NASTY = "<img src=x onerror=window.hit=1>"
LOOPBACK = re.compile(r"(?:http|ws)://127\.0\.0\.1:|data:|blob:")

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine")


# -- the application --------------------------------------------------------------------------------


@contextmanager
def serving(home: Path, *options: str) -> Iterator[str]:
    """The application on a data folder, with toy models; its address."""
    command = [sys.executable, "-m", "service.toy_site", str(home), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            assert line.startswith("http://"), line
            yield line
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def really_serving(home: Path, *options: str) -> Iterator[str]:
    """The service as the command line starts it, with the models of this machine, once they are loaded."""
    command = [sys.executable, "-u", "-m", "service.cli", "--home", str(home), "serve", "--port", "0"]
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            address = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)))[0]
            assert any("已就绪" in line for line in lines)
            yield address
        finally:
            process.terminate()
            process.wait(60)


def library(folder: Path, *more: Path) -> Path:
    """A data folder with the fictional reports of data/bureau."""
    from corpus.embedding import HashingEmbedder
    from service.desk import Desk
    from service.models.chat import FakeChat
    from service.settings import load

    with Desk(load({}, home=folder), embedder=HashingEmbedder(), chat=FakeChat([""])) as desk:
        assert not desk.ingest([BUREAU, *more]).failures
    return folder


def people(folder: Path, roles: Mapping[str, Role]) -> None:
    """Add people, all with ``PASSWORD``, to a data folder that nobody serves yet."""
    from service.accounts import Accounts
    from service.accounts.database import open_database

    database = open_database(folder)
    added = Accounts.open(database).people
    for name, role in roles.items():
        added.add(name, PASSWORD, role)
    database.close()


# -- strokes ----------------------------------------------------------------------------------------


def foreign(url: str) -> bool:
    """Whether an address is on another host."""
    return not LOOPBACK.match(url)


def sign_in(shown: Page, site: str, name: str, path: str = "/") -> None:
    """Sign in and come to ``path``."""
    shown.goto(f"{site}{path}")
    shown.get_by_label("用户名").fill(name)
    shown.get_by_label("口令").fill(PASSWORD)
    shown.get_by_role("button", name="登录").click()
    shown.get_by_role("button", name=name).wait_for()


def ask(shown: Page, text: str) -> None:
    """Type a question and press Enter."""
    field = shown.get_by_label("问题", exact=True)
    field.fill(text)
    field.press("Enter")


def answered(shown: Page, count: int = 1, *, seconds: float = 20) -> None:
    """Wait until that many answers are there."""
    from playwright.sync_api import expect

    expect(shown.locator(".wh-answer")).to_have_count(count, timeout=seconds * 1000)


def upload(shown: Page, files: Sequence[Path] | Sequence[dict[str, Any]]) -> None:
    """Hand files to the first box of the page."""
    shown.locator("input[type=file]").first.set_input_files(list(files))  # type: ignore[arg-type]


def choose(shown: Page, label: str, option: str) -> None:
    """Choose from a list by its label."""
    shown.get_by_label(label, exact=True).click()
    shown.get_by_role("option", name=option, exact=True).click()
    shown.keyboard.press("Escape")


def marked(shown: Page) -> str:
    """The sentence that is marked in the source, once it is there."""
    shown.locator("#wh-source-mark").wait_for()
    return "".join(shown.locator(".wh-panel mark").all_inner_texts())


def fits(shown: Page, size: tuple[int, int]) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(shown.evaluate("document.documentElement.scrollWidth") <= size[0])


def squeezed(text: str) -> str:
    """Text without white space."""
    return re.sub(r"\s+", "", text)
