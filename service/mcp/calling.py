"""One call of a tool: in a thread, with progress, ended with its request (工具调用).

In: blocking work. Out: its result, or an error that the client's model can read. When the client cancels or goes away,
the work is told to stop, which ends the call of the model at once. Progress never makes the work wait.
"""

from __future__ import annotations

import contextlib
import logging
import math
import traceback
from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

import anyio
from anyio import CapacityLimiter, from_thread, to_thread
from anyio.abc import ObjectReceiveStream
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from corpus.errors import WenhengError
from service.models.cutting import Stop, Stopped
from service.remedies import sentence

T = TypeVar("T")
Step = tuple[float, float | None, str]
Tell = Callable[[float, float | None, str], None]  # done, total, in words

MOST_CALLS = 32

_log = logging.getLogger(__name__)


@cache
def _threads() -> CapacityLimiter:
    return CapacityLimiter(MOST_CALLS)


async def call(context: Context[Any, Any], work: Callable[[Stop, Tell], T]) -> T:
    """What ``work`` gives.

    Raises:
        ToolError: it failed; the message says what happened and what to do, and holds no text of a report.
    """
    stop = Stop()
    send, receive = anyio.create_memory_object_stream[Step](math.inf)

    def tell(done: float, total: float | None, note: str) -> None:
        stop.check()
        with contextlib.suppress(RuntimeError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            from_thread.run_sync(send.send_nowait, (done, total, note))

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_report, context, receive)
            made = await to_thread.run_sync(
                partial(_guarded, work, stop, tell), limiter=_threads(), abandon_on_cancel=True
            )
            send.close()
    finally:
        stop.set()
        send.close()
        receive.close()
    if isinstance(made, ToolError):
        raise made
    return made


def _guarded(work: Callable[[Stop, Tell], T], stop: Stop, tell: Tell) -> T | ToolError:
    """The result, or the error as the client sees it; an exception group would hide it."""
    try:
        return work(stop, tell)
    except WenhengError as error:
        return ToolError(sentence(error))
    except Stopped:
        return ToolError("已停止")
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]  # where, but nothing of the text
        _log.error("%s in %s, line %s", type(error).__name__, at.filename, at.lineno)
        return ToolError(f"程序出错了（{type(error).__name__}）；已记入日志，请重试")


async def _report(context: Context[Any, Any], steps: ObjectReceiveStream[Step]) -> None:
    """Send progress as it comes; a client that did not ask for it gets none."""
    async with steps:
        async for done, total, note in steps:
            with contextlib.suppress(
                Exception
            ):  # whatever its connection meets ends the call, not the progress
                await context.report_progress(done, total, note)
