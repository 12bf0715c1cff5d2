"""The machine under it: Python, packages, LibreOffice, fonts, disk, memory, threads (环境检查).

In: settings. Out: findings. Nothing is changed and nothing is sent.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from corpus.files import shown
from service.keeping.findings import Finding, fail, ok, warn
from service.papers.docx_styles import FALLBACKS, FANG, HEI, KAI, SONG_TITLE
from service.settings import Settings

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^;\s]+)\s*$")
_NEEDED_DISK = 2 << 30  # bytes; below, a large ingest may not end
_LEAST_DISK = 200 << 20
_NEEDED_MEMORY = 4 << 30  # both models, the library and room to work
_FONTS = {  # name in the Word files → what stands in for it on screen and in a PDF
    FANG: ("仿宋", "FangSong", "STFangsong", "FandolFang", "Noto Serif CJK SC"),
    KAI: ("楷体", "KaiTi", "STKaiti", "AR PL UKai CN", "Noto Serif CJK SC"),
    HEI: ("黑体", "SimHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei"),
    SONG_TITLE: (FALLBACKS[SONG_TITLE], "STZhongsong", "SimSun", "Noto Serif CJK SC"),
}


def check(settings: Settings) -> Iterator[Finding]:
    """All about the machine."""
    yield _python()
    yield _packages()
    yield _office()
    yield _fonts()
    yield _disk(settings)
    yield _memory()
    yield _threads(settings)


def _python() -> Finding:
    said = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        return ok("Python", said)
    return fail("Python", f"{said}，文衡按 3.11 测试和固定依赖", "请用 Python 3.11 重建虚拟环境")


def _packages() -> Finding:
    """The packages that are named with their version, against those that are installed."""
    try:
        wanted = importlib.metadata.requires("wenheng") or []
    except importlib.metadata.PackageNotFoundError:
        return fail("软件包", "没有安装 wenheng", "请在项目目录运行 make demo 或 pip install -e .")
    pins = [
        match.groups() for line in wanted if (match := _PIN.match(line))
    ]  # extras have a marker: no match
    wrong = []
    for name, version in pins:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"缺 {name} {version}")
            continue
        if found.split("+")[0] != version:
            wrong.append(f"{name} 是 {found}，应为 {version}")
    if not wrong:
        return ok("软件包", f"{len(pins)}个，版本都与固定的一致")
    missing = any(line.startswith("缺") for line in wrong)
    said, remedy = "；".join(wrong[:6]), "请运行 pip install -c constraints.txt . 重新安装"
    return fail("软件包", said, remedy) if missing else warn("软件包", said, remedy)


def _office() -> Finding:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        return warn("LibreOffice", "没有安装，旧版 .doc 不能入库", "需要读取 .doc 时请安装，或先另存为 .docx")
    return ok("LibreOffice", shown(program))


def _fonts() -> Finding:
    """The fonts of official documents, or what stands in for them, on this machine."""
    program = shutil.which("fc-list")
    if program is None:
        return warn("字体", "不能查看本机字体（没有 fc-list）", "导出的 Word 在装有公文字体的电脑上显示正常")
    done = subprocess.run([program, ":", "family"], capture_output=True, text=True, timeout=60, check=False)
    here = {name.strip() for line in done.stdout.splitlines() for name in line.split(",")}
    own = [name for name in _FONTS if name in here]
    instead = [
        f"{name}→{substitute}"
        for name, known in _FONTS.items()
        if name not in here and (substitute := next((font for font in known if font in here), ""))
    ]
    absent = [name for name, known in _FONTS.items() if name not in here and not here.intersection(known)]
    if absent:
        return warn(
            "字体",
            f"缺 {'、'.join(absent)}",
            "Word 文件不受影响；要在本机预览或转 PDF，请安装这些字体或思源字体",
        )
    if instead:
        return ok("字体", f"有替代：{'、'.join(instead)}")
    return ok("字体", "、".join(own))


def _disk(settings: Settings) -> Finding:
    folder = _existing(settings.home)
    free = shutil.disk_usage(folder).free
    said = f"{shown(settings.home)} 所在磁盘还剩 {free / 2**30:.1f} GB"
    if free < _LEAST_DISK:
        return fail("磁盘", said, "请清理磁盘；空间不足时入库和起草会停下，已完成的不会丢")
    if free < _NEEDED_DISK:
        return warn("磁盘", said, "建议至少留出 2 GB")
    return ok("磁盘", said)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    said = f"共 {memory.total / 2**30:.1f} GB，可用 {memory.available / 2**30:.1f} GB"
    if memory.total < _NEEDED_MEMORY:
        return warn("内存", said, "两个本机模型约需 3 GB；内存不足时可改用接口（WENHENG_CHAT_URL）")
    return ok("内存", said)


def _threads(settings: Settings) -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    said = f"可用的处理器核心{cores}个，设置为{settings.threads or '自动'}"
    if settings.threads > cores:
        return warn("线程", said, f"线程多于核心会变慢，请把 WENHENG_THREADS 设为 {cores} 或 0")
    return ok("线程", said)
