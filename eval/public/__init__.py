"""Public benchmarks as optional suites over data that the user brings: formats in, tasks and scores out.

In: a file of CMRC 2018, RGB or UHGEval in its published format. Out: suites of the same shape as the project's
own, so that runs resume, cache and score in the same way. None of the data is in the project.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from corpus.errors import NotFound
from eval.public.cmrc2018 import Cmrc2018
from eval.public.rgb import TASKS, Rgb
from eval.public.uhgeval import UhgEval
from eval.suites.contract import Suite

_RGB = re.compile(rf"rgb-(?P<task>{'|'.join(TASKS)})(?:-(?P<noise>0(?:\.\d+)?|1))?")
SUITES: dict[str, Callable[[], Suite]] = {"cmrc2018": Cmrc2018, "uhgeval": UhgEval}


def suite_named(name: str) -> Suite:
    """A public suite by the name that its runs carry: cmrc2018, uhgeval, rgb-noise-0.6, rgb-refusal …

    Raises:
        NotFound: there is none of this name.
    """
    if name in SUITES:
        return SUITES[name]()
    rgb = _RGB.fullmatch(name)
    if rgb is None:
        known = "、".join((*SUITES, *(f"rgb-{task}" for task in TASKS)))
        raise NotFound(f"没有名为 {name!r} 的公开评测", remedy=f"可用：{known}")
    return Rgb(rgb["task"], Decimal(rgb["noise"]) if rgb["noise"] else None)


__all__ = ["SUITES", "Cmrc2018", "Rgb", "UhgEval", "suite_named"]
