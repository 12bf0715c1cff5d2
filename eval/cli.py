"""``wenheng eval``: run suites, score, compare, report; cases of one's own; public benchmarks.

In: a command line. Out: the commands below, each in a module of its own that is imported when it is named: ``wenheng
--help`` must not wait for metrics and models.
"""

from __future__ import annotations

from importlib import import_module

import click

from service.commands.output import HELP


class Late(click.Group):
    """A group whose commands are imported when they are named: name → (module, attribute)."""

    def __init__(self, *args: object, late: dict[str, tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.late = late

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of definition."""
        return list(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None where there is none."""
        if cmd_name not in self.late:
            return None
        if cmd_name not in self.commands:
            module, name = self.late[cmd_name]
            command: click.Command = getattr(import_module(module), name)
            self.add_command(command, cmd_name)
        return self.commands[cmd_name]


@click.group(
    "eval",
    cls=Late,
    context_settings=HELP,
    late={
        "run": ("eval.commands.run", "run"),
        "score": ("eval.commands.score", "score"),
        "compare": ("eval.commands.compare", "compare"),
        "report": ("eval.reporting.command", "report"),
        "cases": ("eval.commands.cases", "cases"),
        "public": ("eval.public.command", "public"),
        "judge": ("eval.judge_command", "judge"),
        "fast": ("eval.commands.fast", "fast"),
    },
)
def command() -> None:
    """评测：逐题运行、评分、比较、写成网页，也可从自己的报告出题。

    先 run，再 score；改动前后各 run 一次，用 compare 看是变好还是变差。
    """
