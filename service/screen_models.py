"""Models on the terminal: fetching with bars, and the table of their state.

In: settings. Out: bars while something is fetched, and a table; exit code 4 where a model is not ready.
"""

from __future__ import annotations

import sys

from rich.table import Table

from service.screen import err, out
from service.settings import Settings


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
