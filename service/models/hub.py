"""A hub id in, files out: models from Hugging Face or a mirror of it.

``hub:owner/name`` is a repository, ``hub:owner/name/file.gguf`` one file of it. Only data files are
taken (safetensors, JSON, GGUF): pickles and code stay where they are.
"""

from __future__ import annotations

from pathlib import Path

from corpus.errors import ModelMissing

ENCODER_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*/config.json"]


def encoder(source: str, folder: Path, endpoint: str = "", fetch: bool = True) -> Path:
    """The folder of an encoder; without ``fetch`` only what is already here counts.

    Raises:
        ModelMissing: no such repository, or the hub cannot be reached and nothing is cached.
    """
    return _fetch(source.removeprefix("hub:"), ENCODER_FILES, folder, endpoint, fetch)


def gguf(source: str, folder: Path, endpoint: str = "", fetch: bool = True) -> Path:
    """The GGUF file of a language model.

    Raises:
        ModelMissing: as above, or the repository does not hold exactly one such file.
    """
    owner, _, rest = source.removeprefix("hub:").partition("/")
    name, _, file = rest.partition("/")
    found = _fetch(f"{owner}/{name}", [file or "*.gguf"], folder, endpoint, fetch)
    files = [found / file] if file else sorted(found.glob("**/*.gguf"))
    if len(files) != 1 or not files[0].is_file():
        raise ModelMissing(
            f"仓库里有 {len(files)} 个 GGUF 文件，无法选定",
            where=source,
            remedy="请写成 hub:所有者/仓库/文件名.gguf",
        )
    return files[0]


def _fetch(repository: str, patterns: list[str], folder: Path, endpoint: str, fetch: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    target = folder / "hub" / repository.replace("/", "--")
    try:
        snapshot_download(
            repository,
            local_dir=target,
            allow_patterns=patterns,
            endpoint=endpoint or None,
            local_files_only=not fetch,
        )
    except HFValidationError as error:
        raise ModelMissing(
            f"模型编号 {repository!r} 不合规则", where=repository, remedy="请写成 hub:所有者/仓库"
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError) as error:
        raise ModelMissing(
            "无法从模型仓库获取",
            where=repository,
            remedy="请检查编号、网络，或用 WENHENG_HUB_ENDPOINT 指定镜像",
        ) from error
    return target
