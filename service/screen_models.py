"""Models on the terminal: fetching with bars, and the table of their state.

In: settings. Out: bars while something is fetched or compiled, and a table; exit code 4 where a model is not ready.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from corpus.errors import EngineFailed, WenhengError
from service.screen import err, out
from service.settings import Settings

TOOLS = "想更快请先运行 apt-get install build-essential，再运行 wenheng models"

BEGINS = "为本机处理器编译计算内核，只做一次，约一分钟；编译不成也不影响使用。"


def fetch_missing(settings: Settings) -> None:
    """Fetch models that are not there yet, with bars; failures are told by whoever needs the model."""
    from service.models.prepare import prepare

    if err.is_terminal and not all(state.ready for state in prepare(settings, fetch=False)):
        prepare(settings, fetch=True, console=err)


def model_table(settings: Settings, *, check: bool) -> None:
    """Fetch (unless ``check``) and list the models with their state."""
    from service.models.prepare import prepare

    states = prepare(settings, fetch=not check, console=err)
    table = Table(title="模型")
    for name in ("用途", "模型", "来源", "状态"):
        table.add_column(name, overflow="fold")
    for state in states:
        table.add_row(state.role, state.name, state.source, state.state)
    out.print(table)
    if any(not state.ready for state in states):
        sys.exit(4)


def change_engine(settings: Settings, choice: str) -> None:
    """Compile the engine's kernels for this machine (or for all processors), or go back to those of the wheel.

    Raises:
        EngineFailed: it cannot be done; the engine stays as it is.
        ModelError: there is no model to try them with.
        StorageFull: no space for it.
    """
    from service.models import compiling
    from service.models.store import chat_model

    if choice == "portable":
        compiling.take_portable("chosen")
        said = "通用"
    elif choice == "all":
        with _compiling("为各种处理器编译计算内核，约需几分钟。") as told:
            said = "、".join(compiling.compile_all(settings.models_dir, settings.log_dir, told))
    elif settings.chat_url:
        raise EngineFailed(
            "语言模型使用接口，用不到本机的计算内核", where=settings.chat_url, remedy="不必更换"
        )
    else:
        compiling.check_possible()  # before a gigabyte is fetched
        model_table(settings, check=False)
        model = chat_model(
            settings.chat_source, settings.models_dir, sha256=settings.chat_sha256, fetch=False
        )
        with _compiling() as told:
            said = compiling.compile_here(model, settings.models_dir, settings.log_dir, told)
    out.print(f"计算内核：{said}。下次启动模型时生效；正在运行的服务请重启。")


def complete_engine(settings: Settings) -> None:
    """Compile the kernels where this machine gains by it and nothing speaks against it; a failure is told, no more."""
    from service.models import compiling
    from service.models.store import chat_model

    if settings.chat_url or not compiling.wanted():
        return
    if reason := compiling.missing():
        err.print(f"{reason}，语言模型用通用的计算内核。{TOOLS}", highlight=False)
        return
    try:
        model = chat_model(
            settings.chat_source, settings.models_dir, sha256=settings.chat_sha256, fetch=False
        )
        with _compiling() as told:
            name = compiling.compile_here(model, settings.models_dir, settings.log_dir, told)
    except WenhengError as error:
        err.print(f"未能为本机编译计算内核：{error}", highlight=False)
        with suppress(EngineFailed):
            compiling.take_portable(str(error))  # not again at every set-up
    else:
        out.print(f"计算内核：{name}（为本机处理器编译）")


@contextmanager
def _compiling(begins: str = BEGINS) -> Iterator[Callable[[int], None]]:
    """A line, and a bar where there is a terminal."""
    columns = (TextColumn("编译"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as drawn:
        task = drawn.add_task("编译", total=100)
        err.print(begins)
        yield lambda percent: drawn.update(task, completed=percent)
