"""Fixtures shared by all tests: the real reports (skipped with a reason where absent), and a desk over
the fictional reports of data/bureau with a chat that says what a test tells it to, and the command line
on a toy endpoint.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    import subprocess

    from click.testing import Result
    from playwright.sync_api import Browser, Page

    from service.answer import Event
    from service.cited import Answer
    from service.desk import Desk
    from service.lines import Line
    from service.models.chat import FakeChat
    from service.models.toy_endpoint import ToyEndpoint

REAL = Path(__file__).resolve().parents[2] / "shared" / "reports"
BUREAU = Path(__file__).parent / "data" / "bureau"


@pytest.fixture(scope="session")
def real_reports() -> Path:
    """Folder of the five real pages and gwr/."""
    if not REAL.is_dir():
        pytest.skip("the real reports are not beside the project")
    return REAL


@pytest.fixture(scope="session")
def open_desk() -> Callable[[Path], Desk]:
    """Opens a data folder without any model; the cosines lie where those of e5 do (0.78 and above)."""
    from corpus.embedding import HashingEmbedder
    from service.desk import Desk
    from service.models.chat import FakeChat
    from service.settings import load

    hashing = HashingEmbedder()

    class Near:
        name, dim = "near-hashing@1", hashing.dim + 1

        def embed_query(self, text: str) -> np.ndarray:
            return np.append(0.5 * hashing.embed_query(text), 0.75**0.5).astype(np.float32)

        def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
            return np.stack([self.embed_query(text) for text in texts])

    def open_at(home: Path) -> Desk:
        return Desk(load({}, home=home), embedder=Near(), chat=FakeChat(["没有模型。"]))

    return open_at


@pytest.fixture(scope="session")
def bureau(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Iterator[Desk]:
    """The five fictional reports, taken in once; tests that change them open a desk of their own."""
    with open_desk(tmp_path_factory.mktemp("bureau")) as desk:
        assert not desk.ingest([BUREAU]).failures
        yield desk


@dataclass(frozen=True)
class Reply:
    """An answer with all that happened on the way."""

    answer: Answer
    events: tuple[Event, ...]
    chat: FakeChat


@pytest.fixture(scope="session")
def ask(bureau: Desk) -> Callable[..., Reply]:
    """ask(question, *replies, history=()): the model says ``replies``; without any, it cannot be reached,
    so that what it was to phrase is quoted.
    """
    from corpus.errors import EngineFailed
    from service.answer import Done, respond
    from service.models.chat import FakeChat

    def run(text: str, *replies: str | Exception, history: tuple[str, ...] = ()) -> Reply:
        chat = FakeChat(replies or [EngineFailed("没有模型")])
        question = bureau.understand(text, history)
        events = tuple(respond(question, bureau.view, bureau.report, lambda: chat, "fake"))
        assert isinstance(events[-1], Done)
        return Reply(events[-1].answer, events, chat)

    return run


@pytest.fixture(scope="session")
def line(bureau: Desk) -> Callable[..., Line]:
    """line(text, place="澄河县", year=2022, path=(), before=""): an evidence sentence on a report of the bureau."""
    from dataclasses import replace

    from corpus.report import Passage, SectionKind, Span
    from service.lines import Line

    def make(
        text: str, place: str = "澄河县", year: int = 2022, path: tuple[str, ...] = (), before: str = ""
    ) -> Line:
        card = next(c for c in bureau.cards() if c.place == place)
        card = replace(card, year=year, title=f"{place}卫生健康局{year}年工作总结")
        whole = before + text
        passage = Passage("p", card.id, Span(0, len(whole)), whole, path, SectionKind.ACHIEVEMENTS)
        return Line(card, passage, Span(len(before), len(whole)), text, before)

    return make


# -- the command line on an endpoint that misbehaves when told to ------------------------------------

TOY_REPORT = """{place}卫生健康局2021年工作总结

2021年，{place}卫生健康局围绕年度目标，扎实推进各项工作。

一、工作完成情况
全县组建家庭医生团队86个，重点人群签约率达到71.5%，团队每季度上门随访一次，随访记录当天录入信息系统。
全年新建村卫生室23所，改造乡镇卫生院4所，投入资金560万元。
联合乡镇文化站开展健康知识进集市活动，现场讲解高血压、糖尿病的日常管理办法，参加群众6200人次。

二、下一步打算
继续做好签约服务，计划新建村卫生室10所。
"""


@dataclass(frozen=True)
class Wenheng:
    """``wenheng`` on one data folder. ``question`` has the answer ``said`` by the toy model, and ``quoted``
    when that model fails; ``report`` is the text of 乌有县, or of any other place.
    """

    home: Path
    folder: Path  # holds the report of 乌有县
    toy: ToyEndpoint
    env: dict[str, str]
    question: str = "乌有县2021年新建村卫生室多少所？"
    said: str = "乌有县2021年新建村卫生室23所[1]。"
    quoted: str = "乌有县2021年：全年新建村卫生室23所，改造乡镇卫生院4所，投入资金560万元[1]。"
    report: str = TOY_REPORT

    def __call__(
        self, *words: str | Path, stdin: str | bytes | None = None, home: Path | None = None
    ) -> Result:
        """Run a command in this process."""
        from click.testing import CliRunner

        from service.cli import cli

        line = ["--home", str(home or self.home), *map(str, words)]
        return CliRunner().invoke(cli, line, input=stdin, env=self.env)

    def launch(
        self, *words: str | Path, before: Callable[[], None] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        """Start a command in a process of its own; ``before`` runs in it first."""
        import subprocess

        line = [sys.executable, "-m", "service.cli", "--home", str(self.home), *map(str, words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": BUREAU.parents[2]}
        return subprocess.Popen(
            line, text=True, preexec_fn=before, **{"env": os.environ | self.env, **pipes, **options}
        )

    def apart(
        self, *words: str | Path, before: Callable[[], None] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """The same, to its end."""
        import subprocess

        with self.launch(*words, before=before, **options) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess([], process.returncode, out or "", err)

    def write(self, name: str, place: str) -> None:
        """Put a further report into the folder."""
        (self.folder / name).write_text(self.report.format(place=place), encoding="utf-8")

    def places(self) -> list[str | None]:
        """Places of the reports in the library."""
        from corpus.library import Library

        with Library.open(self.home) as library:
            return [card.place for card in library.cards()]

    def sound(self) -> bool:
        """Whether the database is whole."""
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(self.home / "library.db")) as connection:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def told(result: Result, code: int, *pieces: str) -> str:
    """The message of a failed command: one line, in Chinese, with a remedy, and no traceback."""
    assert result.exit_code == code, result.output
    lines = [line for line in result.stderr.splitlines() if line and not line.startswith("用时")]
    assert len(lines) == 1 and lines[0].startswith("错误："), lines
    for piece in pieces:
        assert piece in lines[0], lines[0]
    assert re.search(r"[。；，](?:请|用|如|也可|可用|先|是不是)", lines[0]), lines[0]
    return lines[0]


@pytest.fixture(scope="session")
def one_sentence() -> Callable[..., str]:
    """one_sentence(result, exit code, *pieces of the message): checks how a command failed."""
    return told


@pytest.fixture(scope="session")
def toy_endpoint() -> Iterator[ToyEndpoint]:
    """The endpoint; tests use it through ``wenheng``, which puts it right again."""
    from service.models.toy_endpoint import serving

    with serving() as toy:
        yield toy


@pytest.fixture(scope="session")
def toy_library(toy_endpoint: ToyEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Wenheng:
    """A data folder with the report of 乌有县, made once."""
    made = tmp_path_factory.mktemp("toy")
    (made / "文件").mkdir()
    line = Wenheng(made / "home", made / "文件", toy_endpoint, toy_endpoint.env())
    line.write("乌有县.txt", "乌有县")
    assert line("ingest", line.folder).exit_code == 0
    return line


@pytest.fixture
def empty_wenheng(
    toy_endpoint: ToyEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Wenheng]:
    """The command line without any report in its library yet, one in its folder."""
    from corpus.embedding import EndpointEmbedder

    monkeypatch.setitem(EndpointEmbedder.__init__.__kwdefaults__ or {}, "wait", lambda seconds: None)
    (tmp_path / "文件").mkdir()
    env = toy_endpoint.env() | {"WENHENG_MODELS": str(tmp_path / "models")}
    line = Wenheng(tmp_path / "home", tmp_path / "文件", toy_endpoint, env)
    line.write("乌有县.txt", "乌有县")
    toy_endpoint.says = line.said
    yield line
    toy_endpoint.end.set()
    toy_endpoint.reset()


@pytest.fixture
def wenheng(empty_wenheng: Wenheng, toy_library: Wenheng) -> Wenheng:
    """The command line with the report of 乌有县 in its library."""
    shutil.copytree(toy_library.home, empty_wenheng.home)
    return empty_wenheng


# -- pages in a browser; what tests do in them is in browsers.py --------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window; for one module, since tests with asyncio cannot run beside it."""
    from playwright.sync_api import sync_playwright

    from tests.browsers import CHROMIUM

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """page(size): a fresh browser at this size; a script error or a request to another host fails the test."""
    from tests.browsers import OFFICE, foreign

    contexts = []
    faults: list[str] = []

    def open_at(size: tuple[int, int] = OFFICE) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
        contexts.append(context)
        made = context.new_page()
        made.set_default_timeout(20000)
        made.on("pageerror", lambda error: faults.append(str(error)))
        made.on("request", lambda request: faults.append(request.url) if foreign(request.url) else None)
        return made

    yield open_at
    for context in contexts:
        context.close()
    assert not faults
