"""Pictures of every page at the size of an office screen and of a phone, from the fictional samples.

Out: ``docs/screenshots/NAME-1366.png`` and ``NAME-390.png``, and for each page the milliseconds until it was there.
The application runs in a process of its own with toy models (``service.toy_site``); with ``--real`` it is
``wenheng serve`` with the real ones, so that the answers are those that users get. Nothing here is a test.

    python -m benchmarks.screenshots [--real] [--only NAME]
"""

from __future__ import annotations

import contextlib
import importlib
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.demo import sample_files

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
SIZES = ((1366, 768), (390, 844))
COLOURS = 128  # enough for pages, and a third of the bytes
QUESTION = "青岭县2024年家庭医生重点人群签约率是多少？"
SETTLED = 900  # milliseconds until fonts and charts stand still


def nothing(page: Page) -> None:
    """The page as it opens."""


def asked(page: Page) -> None:
    """An answer with its sources."""
    page.get_by_label("问题", exact=True).fill(QUESTION)
    page.get_by_label("问题", exact=True).press("Enter")
    page.locator(".wh-answer").first.wait_for(timeout=120_000)


def cited(page: Page) -> None:
    """A source beside the answer, at its sentence."""
    asked(page)
    page.locator(".wh-cite").first.click()
    page.locator("mark").first.wait_for()


def opened(page: Page) -> None:
    """The first report of the list."""
    page.locator(".q-table a").first.click()
    page.get_by_role("heading", name="提纲").wait_for()


def corrected(page: Page) -> None:
    """What is known about a report, being put right."""
    opened(page)
    page.get_by_role("button", name="修改信息").click()
    page.get_by_text("修改报告信息").wait_for()


def tab(name: str) -> Callable[[Page], None]:
    """One of the settings."""
    return lambda page: page.get_by_role("tab", name=name).click()


@dataclass(frozen=True, slots=True)
class State:
    """A page in some state; ``prepare`` brings it there."""

    name: str
    path: str
    prepare: Callable[[Page], None] = nothing


STATES = (
    State("asking-empty", "/"),
    State("asking", "/", asked),
    State("asking-source", "/", cited),
    State("library", "/library"),
    State("report", "/library", opened),
    State("report-edit", "/library", corrected),
    State("figures", "/figures"),
    State("summary", "/summary"),
    State("draft", "/draft"),
    State("compare", "/compare"),
    State("review", "/review"),
    State("settings", "/settings"),
    State("settings-backup", "/settings", tab("备份")),
    State("settings-log", "/settings", tab("操作记录")),
)


def states() -> tuple[State, ...]:
    """All states; those of the pages on documents come as (name, path, prepare) from a module of their own."""
    found = {state.name: state for state in STATES}
    if find_spec("benchmarks.screenshots_documents"):
        rows = importlib.import_module("benchmarks.screenshots_documents").STATES
        found |= {name: State(name, path, prepare) for name, path, prepare in rows}
    return tuple(found.values())


@contextmanager
def serving(home: Path, *, real: bool, users: bool = False) -> Iterator[str]:
    """The application on a data folder; its address."""
    options = ["--users"] if users else []
    module = (
        ["service.cli", "--home", str(home), "serve", "--port", "0"]
        if real
        else ["service.toy_site", str(home)]
    )
    command = [sys.executable, "-u", "-m", *module, *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield found[0]
                    return
            raise RuntimeError("the application did not start")
        finally:
            process.terminate()


def fill(home: Path, *, real: bool) -> None:
    """Take the samples in."""
    from corpus.embedding import HashingEmbedder
    from service.desk import Desk
    from service.settings import load

    with Desk(load({}, home=home), embedder=None if real else HashingEmbedder()) as desk:
        assert not desk.ingest(sample_files()).failures


def inhabited(home: Path) -> None:
    """Give the house its first administrator, without whom it lets nobody sign in."""
    from service.accounts import Accounts
    from service.accounts.caller import Role
    from service.accounts.database import open_database

    database = open_database(home)
    Accounts.open(database).people.add("管理员", secrets.token_urlsafe(32), Role.ADMINISTRATOR)
    database.close()


def take(browser: Browser, address: str, state: State) -> None:
    """Both pictures of a state."""
    for width, height in SIZES:
        page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
        page.goto(f"{address}{state.path}")
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        state.prepare(page)
        page.wait_for_timeout(SETTLED)
        path = OUT / f"{state.name}-{width}.png"
        page.screenshot(path=path)
        smaller(path)
        page.close()
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, loaded in {loaded:.0f} ms", flush=True)


def tried(browser: Browser, address: str, state: State) -> bool:
    """Both pictures; where a state cannot be reached, the others are still taken."""
    from playwright.sync_api import Error

    try:
        take(browser, address, state)
    except Error as error:
        print(f"{state.name}: {error.message.splitlines()[0]}", flush=True)
        return False
    return True


def smaller(path: Path) -> None:
    """Fewer colours, where Pillow is there."""
    with contextlib.suppress(ImportError):
        from PIL import Image

        with Image.open(path) as image:
            made = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        made.save(path, optimize=True)


@click.command()
@click.option("--real", is_flag=True, help="with the real models")
@click.option("--only", default="", help="only states whose name begins so")
def main(real: bool, only: str) -> None:
    """Take the pictures."""
    from playwright.sync_api import sync_playwright

    OUT.mkdir(parents=True, exist_ok=True)
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        home = Path(folder) / "home"
        fill(home, real=real)
        with serving(home, real=real) as address:
            for state in states():
                if state.name.startswith(only) and not tried(browser, address, state):
                    missed.append(state.name)
        if "signin".startswith(only) or only.startswith("signin"):
            inhabited(home)
            with serving(home, real=real, users=True) as address:
                take(browser, address, State("signin", "/signin"))
        browser.close()
    if missed:
        raise click.ClickException(f"no pictures of: {', '.join(missed)}")


if __name__ == "__main__":
    main()
