"""llama.cpp's computing kernels: those of the wheel, or those compiled for this machine's processor (计算内核).

The wheel of the package index runs on every x86 processor since 2013 and so leaves wider instructions (AVX-512, VNNI,
AMX) unused, with which a prompt is read almost twice as fast and a right guess of n-gram speculation costs next to
nothing (``benchmarks.decode`` has the figures). llama.cpp keeps its kernels behind a registry of backends, and knows
variants of them by the names of processors. What :mod:`service.models.compiling` made of them lies in the environment,
apart for each version of the engine, and :func:`take_up` puts the widest that runs here in the place of the wheel's own.
The wheel itself is never changed: without these files, or where they do not load, it computes as before.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from corpus.errors import EngineFailed

PACKAGE = "xllamacpp"
CPUINFO = Path("/proc/cpuinfo")
MARK = "portable"  # a file in the folder: the wheel's kernels are wanted, or the others did not work; why
ADVICE = "想更快可运行 wenheng models --engine native，为本机编译计算内核（约一分钟，需要 C++ 编译器）"

_AVX512 = frozenset(("avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"))
# llama.cpp's variants with more than AVX2 → the flags that Linux shows of a processor that has what they need; the widest
# first, in the order of their scores (ggml/src/CMakeLists.txt, ggml-cpu/arch/x86/cpu-feats.cpp).
VARIANTS: Mapping[str, frozenset[str]] = {
    "sapphirerapids": _AVX512 | {"avx512vbmi", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8"},
    "zen4": _AVX512 | {"avx512vbmi", "avx512_vnni", "avx512_bf16"},
    "cooperlake": _AVX512 | {"avx512_vnni", "avx512_bf16"},
    "icelake": _AVX512 | {"avx512vbmi", "avx512_vnni"},
    "cascadelake": _AVX512 | {"avx512_vnni"},
    "cannonlake": _AVX512 | {"avx512vbmi"},
    "skylakex": _AVX512,
    "alderlake": frozenset({"avx_vnni"}),
}
# What is told of them: the flag → its usual name.
_TOLD = {"avx512f": "AVX512", "avx512_vnni": "AVX512_VNNI", "avx_vnni": "AVX_VNNI", "amx_int8": "AMX_INT8"}


class Engine(Enum):
    """Whose kernels compute."""

    PORTABLE = "portable"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Installed:
    """Whose kernels compute here, and what this processor has that they leave unused."""

    engine: Engine
    variant: str = ""
    unused: tuple[str, ...] = ()


@cache
def version() -> str:
    """The engine's; kernels of another one do not fit it."""
    return importlib.metadata.version(PACKAGE)


def folder() -> Path:
    """Where the kernels of this version lie: code belongs to the environment, not to a cache that others may share."""
    return Path(sysconfig.get_path("data"), "share", "wenheng", "kernels", version())


def file_of(variant: str) -> str:
    """llama.cpp's name of the library of a variant."""
    return f"libggml-cpu-{variant}.so"


def compiled(where: Path) -> tuple[str, ...]:
    """The variants that lie in a folder, the widest first."""
    return tuple(name for name in VARIANTS if (where / file_of(name)).is_file())


def fitting() -> tuple[str, ...]:
    """The variants that this processor has the instructions for, the widest first; none off Linux."""
    flags = _flags()
    return tuple(name for name, needed in VARIANTS.items() if needed <= flags)


def installed() -> Installed:
    """Which kernels are taken up at the next start of the model.

    Raises:
        EngineFailed: the engine cannot be loaded.
    """
    fit, here = fitting(), compiled(folder())
    if any(name in fit for name in here):
        variant = _asked()
        if variant:
            return Installed(Engine.NATIVE, variant)
    return Installed(Engine.PORTABLE, unused=_named(fit))


def _named(variants: Iterable[str]) -> tuple[str, ...]:
    """What the widest of them needs beyond AVX2."""
    widest = next(iter(variants), "")
    return tuple(told for flag, told in _TOLD.items() if flag in VARIANTS.get(widest, ()))


def _asked() -> str:
    """The variant that is taken up, in a process of its own: what is loaded cannot be let go."""
    command = [sys.executable, "-P", "-m", "service.models.engine"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode < 0:  # the kernels bring it down, and will not be used
        return ""
    if done.returncode:
        raise EngineFailed(
            "模型引擎无法加载", where=PACKAGE, remedy="请重新安装依赖：删除 .venv 后运行 make demo"
        )
    return done.stdout.decode("utf-8", "replace").strip()


def take_up(where: Path) -> str:
    """Compute with the widest kernels in a folder that this processor can run, from now on and in this process.

    Each library tells by itself whether it can run here. Call it before anything of the engine is used.

    Returns:
        The name of the variant; "" where the wheel's own kernels stay.
    """
    if not (names := compiled(where)):
        return ""
    try:
        library = _engine()
        before = library.ggml_backend_reg_by_name(b"CPU")
        for name in names:
            taken = library.ggml_backend_load(os.fsencode(where / file_of(name)))
            if taken and taken != before:
                library.ggml_backend_unload(before)
                return name
    except (ImportError, OSError, AttributeError) as error:  # an engine that was built otherwise
        print(f"kernels of {where} cannot be used: {error}", file=sys.stderr, flush=True)
    return ""


def _engine() -> ctypes.CDLL:
    """The engine's library; the kernels find in it what they do not bring."""
    import xllamacpp.xllamacpp as native

    library = ctypes.CDLL(native.__file__, mode=ctypes.RTLD_GLOBAL)
    library.ggml_backend_reg_by_name.argtypes = [ctypes.c_char_p]
    library.ggml_backend_reg_by_name.restype = ctypes.c_void_p
    library.ggml_backend_load.argtypes = [ctypes.c_char_p]
    library.ggml_backend_load.restype = ctypes.c_void_p
    library.ggml_backend_unload.argtypes = [ctypes.c_void_p]
    library.ggml_backend_unload.restype = None
    return library


def _flags() -> frozenset[str]:
    try:
        text = CPUINFO.read_text("utf-8")
    except OSError:  # not Linux
        return frozenset()
    found = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[1].split()) if found else frozenset()


if __name__ == "__main__":
    kept = os.dup(1)
    os.dup2(2, 1)  # native code is chatty
    taken_up = take_up(folder())
    import xllamacpp

    xllamacpp.get_system_info()
    os.write(kept, taken_up.encode())
