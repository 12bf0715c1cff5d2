"""Runs all benchmarks one after the other: ``python -m benchmarks [--reports FOLDER]``."""

from __future__ import annotations

import subprocess
import sys

if __name__ == "__main__":
    for module, options in (
        ("embedding", []),
        ("decode", []),
        ("ledger", []),
        ("memo", []),
        ("summary", []),
        ("draft", []),
        ("papers", []),
        ("scoring", []),
        ("serving", []),
        ("pages", []),
        ("pipeline", sys.argv[1:]),
    ):
        print(f"== {module}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *options], check=True)
