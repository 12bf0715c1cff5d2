"""How long each page takes to load, on loopback, in Chromium at the size of an office screen.

In: a data folder that is copied (``--home``), or the fictional samples. Out: for each page, with nothing in the browser's
cache and then with everything, the median of several loads: milliseconds to the first paint with content, and until the
page can be used: its own content is there and its connection stands. Then the bytes that came. Nothing here is a test.

    python -m benchmarks.pages [--home FOLDER] [--rounds N] [--only PATH]
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import httpx

from benchmarks.screenshots import CHROMIUM
from benchmarks.serving import served
from service.demo import sample_files
from service.desk import Desk
from service.settings import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

WANTED = "each page can be used within 1000 ms, from an empty cache as well"
LIMIT = 1000.0
SIZE = {"width": 1366, "height": 768}
# Which element says that a page is there; {report} is the report with the most figures.
PAGES = (
    ("/", ".wh-example, .wh-empty"),
    ("/library", ".q-table tbody a"),
    ("/library/{report}", ".wh-outline-line"),
    ("/figures", ".q-table tbody button"),
    ("/summary", ".q-table tbody tr"),
    ("/draft", ".wh-empty, .wp-item"),
    ("/compare", ".wp-filters"),
    ("/review", ".q-uploader"),
    ("/settings", ".wh-tabs"),
)
USABLE = """([ready]) => { const found = document.querySelector(ready);
  return found && found.getClientRects().length && window.socket && window.socket.connected
    ? performance.now() : 0 }"""
PAINTED = "() => (performance.getEntriesByName('first-contentful-paint')[0] || {startTime: 0}).startTime"
BYTES = """[performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')]
  .reduce((sum, one) => sum + one.transferSize, 0)"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a page."""

    painted: float
    usable: float
    bytes: float


def opened(context: BrowserContext, address: str, ready: str) -> Load:
    """Load a page once."""
    page = context.new_page()
    page.goto(address, wait_until="commit")
    usable = page.wait_for_function(USABLE, arg=[ready], timeout=60_000).json_value()
    painted = page.wait_for_function(PAINTED).json_value()  # told some frames later
    made = Load(float(painted), float(usable), float(page.evaluate(BYTES)))
    page.close()
    return made


@contextmanager
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with an empty cache."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN")  # type: ignore[arg-type]
    try:
        yield context
    finally:
        context.close()


def cold(browser: Browser, address: str, ready: str, rounds: int) -> list[Load]:
    """Each load in a browser of its own."""
    made = []
    for _ in range(rounds):
        with window(browser) as context:
            made.append(opened(context, address, ready))
    return made


def warm(browser: Browser, address: str, ready: str, rounds: int) -> list[Load]:
    """Loads one after the other in the same browser; the first one fills its cache."""
    with window(browser) as context:
        return [opened(context, address, ready) for _ in range(rounds + 1)][1:]


def median(loads: list[Load], of: Callable[[Load], float]) -> float:
    """The middle one of a figure."""
    return statistics.median(map(of, loads))


def told(name: str, loads: list[Load]) -> str:
    """A line of the output."""
    usable = median(loads, lambda one: one.usable)
    return (
        f"{name}: painted {median(loads, lambda one: one.painted):.0f} ms, usable {usable:.0f} ms,"
        f" {median(loads, lambda one: one.bytes) / 1024:.0f} KiB{'  OVER' if usable > LIMIT else ''}"
    )


def filled(folder: Path, given: Path | None) -> Path:
    """A data folder of one's own: a copy, or the samples."""
    home = folder / "home"
    if given is not None:
        shutil.copytree(given, home, ignore=shutil.ignore_patterns("lock*"))
        return home
    with Desk(load(home=home)) as desk:
        desk.ingest(sample_files())
    return home


def longest(address: str) -> str:
    """The report with the most figures."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        items = client.get("/api/v1/reports", params={"limit": 100}).json()["items"]
    return str(max(items, key=lambda one: one["figures"])["id"])


@click.command()
@click.option("--home", type=click.Path(path_type=Path, exists=True), help="data folder that is copied")
@click.option("--rounds", default=5, help="loads of each page")
@click.option("--only", default="", help="only pages whose path begins so")
def main(home: Path | None, rounds: int, only: str) -> None:
    """Print what each page takes."""
    from playwright.sync_api import sync_playwright

    print(f"wanted: {WANTED}")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(filled(Path(folder), home)) as (address, _, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        report = longest(address)
        for path, ready in PAGES:
            if path.startswith(only):
                there = address + path.format(report=report)
                opened(browser.new_context(), there, ready)  # what the service itself reads once
                print(told(f"{path}, empty cache", cold(browser, there, ready, rounds)), flush=True)
                print(told(f"{path}, full cache", warm(browser, there, ready, rounds)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
