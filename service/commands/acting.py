"""Who acts on the command line, for the log of what was done (命令行操作者).

In: the system user of the process. Out: a caller for the log, with all rights, since whoever may read the data folder has
them anyway. A folder in which no service ever ran has no accounts, and gets none for the sake of a row.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from corpus.errors import WenhengError
from service import screen
from service.accounts.caller import LOCAL, Caller, Role

VIA = "terminal"


def operator() -> Caller:
    """Whoever runs the command, by the name that the system has for them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # in a container there may be no name for the number
        name = f"uid {os.getuid()}"
    return Caller(LOCAL.id, f"命令行（{name}）", via=VIA, everywhere=Role.ADMINISTRATOR)


def note(home: Path, action: str, detail: str = "") -> None:
    """Tell the log of a data folder what was done to all of it; that it cannot be told undoes nothing.

    Args:
        home: the data folder.
        action: one of :data:`service.accounts.log.ACTIONS`.
        detail: numbers and names of kinds.
    """
    from service.accounts.database import exists, open_database
    from service.accounts.log import Log

    if not exists(home):
        return
    try:
        database = open_database(home)
        try:
            Log(database).write(operator(), action, detail=detail)
        finally:
            database.close()
    except WenhengError as error:
        screen.err.print(f"注意：已完成，但没有记入操作记录（{error.message}）", style="yellow", markup=False)
