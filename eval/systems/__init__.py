"""Systems by name: the product, baselines, ablations and adapters; see ``contract.py``.

Each is a function from a :class:`Setup` to a :class:`System`, in one dict, and is imported when it is opened.
``python:package.module:function`` names a function of the user's own.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from corpus.errors import NotFound
from eval.systems.contract import Base, Found, Output, Setup, System, Unsupported

Open = Callable[[Setup], System]
PYTHON = "python:"


def _lazy(module: str, maker: str, *arguments: str) -> Open:
    def opened(setup: Setup) -> System:
        system: System = getattr(import_module(f"eval.systems.{module}"), maker)(setup, *arguments)
        return system

    return opened


ABLATIONS = ("no-repair", "no-outline", "no-filters", "no-fusion", "no-lock", "no-check")
BASELINES = (
    "bm25", "dense", "top-sentence", "closed-book", "plain-chain", "copy-last-year", "lead-k",
)  # fmt: skip
SYSTEMS: dict[str, Open] = {
    "product": _lazy("product", "product"),
    "quoting": _lazy("quoting", "quoting"),
    "bm25": _lazy("extractive", "bm25"),
    "dense": _lazy("extractive", "dense"),
    "top-sentence": _lazy("extractive", "top_sentence"),
    "closed-book": _lazy("closed_book", "closed_book"),
    "plain-chain": _lazy("plain_chain", "plain_chain"),
    "copy-last-year": _lazy("copying", "copy_last_year"),
    "lead-k": _lazy("copying", "lead"),
    **{name: _lazy("ablated", "ablated", name) for name in ABLATIONS},
    "endpoint": _lazy("endpoint", "endpoint"),
}


def open_system(name: str, setup: Setup) -> System:
    """Open a system.

    Raises:
        NotFound: there is none of this name.
        InputError: the setup lacks what it needs.
    """
    if name.startswith(PYTHON):
        return _lazy("function", "function", name.removeprefix(PYTHON))(setup)
    if name not in SYSTEMS:
        raise NotFound(
            f"没有名为 {name!r} 的系统",
            where="--system",
            remedy=f"可用：{'、'.join(SYSTEMS)}，或 python:包.模块:函数",
        )
    return SYSTEMS[name](setup)


__all__ = [
    "ABLATIONS", "BASELINES", "SYSTEMS", "Base", "Found", "Output", "Setup", "System", "Unsupported", "open_system",
]  # fmt: skip
