"""What went wrong in, one Chinese sentence and an exit code out: the edge of the command line.

Expected errors say themselves what happened and what to do. What nobody expected is logged with its
place in the code but without its message, which could hold text of a report or a question; the user
is told where the log is. Input of any encoding is read, output of any encoding written.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from corpus.errors import WenhengError
from service import screen
from service.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

STOPPED = 130
LOG_BYTES = 1 << 20
OURS = ("corpus", "service")  # libraries would log prompts at the level debug

_log = logging.getLogger(__name__)


class Commands(click.Group):
    """The group of all commands; wrong usage is told in Chinese."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; ends the process as click does, unless ``standalone_mode`` is False."""
        run = functools.partial(super().main, args, prog_name, complete_var, False, **extra)
        if not standalone_mode:
            return run()
        try:
            code: object = run()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            screen.error(usage(error))
            sys.exit(error.exit_code)
        except click.Abort:
            screen.error("已取消，没有改动")
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def guarded(function: F) -> F:
    """Turn every error of a command into one clear sentence and an exit code."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except WenhengError as error:
            screen.error(str(error))
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            screen.error("已停止；已完成的部分都保留着")
            sys.exit(STOPPED)
        except BrokenPipeError:
            _mute()
            sys.exit(0)
        except click.exceptions.ClickException:
            raise
        except (click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            _mute()
            screen.error(_of_system(error))
            sys.exit(1)
        except Exception as error:
            screen.error(_unexpected(error))
            sys.exit(1)

    return run  # type: ignore[return-value]


def usage(error: click.UsageError) -> str:
    """A wrong command line in words, with the command that helps."""
    match error:
        case click.exceptions.NoSuchCommand():
            what = f"没有命令 {error.command_name}"
        case click.NoSuchOption():
            what = f"没有选项 {error.option_name}"
        case click.BadOptionUsage():
            what = f"选项 {error.option_name} 缺少值，或不该有值"
        case click.MissingParameter():
            what = f"缺少 {_name(error.param)}"
        case click.BadParameter():
            what = f"{_name(error.param)} 的值不对{_wanted(error.param)}"
        case _:
            what = "参数多了或写法不对；含有空格的内容请加引号"
    command = error.ctx.command_path if error.ctx else "wenheng"
    return f"{what}。用 {command} --help 查看用法"


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return "参数"
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name


def _wanted(param: click.Parameter | None) -> str:
    """What the values of a parameter look like."""
    kind = param.type if param else None
    if isinstance(kind, click.IntRange):
        return f"，应为 {kind.min} 到 {kind.max} 之间的整数"
    if isinstance(kind, click.Choice):
        return f"，应为 {'、'.join(map(str, kind.choices))} 之一"
    return "，应为整数" if isinstance(kind, click.types.IntParamType) else ""


def _of_system(error: OSError) -> str:
    where = f"{error.filename}：" if error.filename else ""
    return f"{where}读写失败（{error.strerror or type(error).__name__}）。请检查磁盘空间和权限后重试"


def _unexpected(error: Exception) -> str:
    name = type(error).__name__
    _log.error("%s\n%s", name, "".join(traceback.format_tb(error.__traceback__)))
    log = next((h.baseFilename for h in logging.getLogger("service").handlers if isinstance(h, LogFile)), "")
    return f"程序出错（{name}）；资料库中已有的内容都在。请重试，若再出现请把日志{log and ' ' + log + ' '}交给开发者"


def _mute() -> None:
    """Nobody takes our output any more: what waits in the buffer must not fail a second time."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# -- the log ----------------------------------------------------------------------------------------


class LogFile(RotatingFileHandler):
    """``logs/wenheng.log`` in the data folder, made with its first line; silent where that fails."""

    def __init__(self, settings: Settings) -> None:
        path = settings.log_dir / "wenheng.log"
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        for name in OURS:
            logging.getLogger(name).addHandler(self)
            logging.getLogger(name).setLevel(settings.log_level.upper())

    def _open(self) -> TextIOWrapper:
        try:
            Path(self.baseFilename).parent.mkdir(mode=0o700, exist_ok=True)  # never the data folder itself
            return super()._open()
        except OSError:
            return Path(os.devnull).open("w", encoding="utf-8")

    def close(self) -> None:
        """Let go of the loggers and the file."""
        for name in OURS:
            logging.getLogger(name).removeHandler(self)
        super().close()


# -- encodings --------------------------------------------------------------------------------------


def decoded(data: bytes) -> str:
    """A line that a user typed or piped in: UTF-8, with or without a mark, or GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("utf-8", "replace")


def argument(_context: click.Context, _param: click.Parameter, text: str) -> str:
    """The same for an argument, whose bytes Python may have escaped."""
    return decoded(os.fsencode(text))


def tolerate(*streams: TextIO) -> None:
    """A terminal that lacks a character shows ``?`` instead of ending the program."""
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
