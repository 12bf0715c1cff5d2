"""What absent, corrupt and failing models and endpoints get, as the user meets it; the table of all faults
is in test_service_faults. An answer that the model cannot phrase is given in the source's own words, says
so, and ends with the exit code of the fault.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from corpus.library import Library
from service.models.catalog import EMBEDDING

if TYPE_CHECKING:
    from conftest import Wenheng

Told = Callable[..., str]
NOWHERE = "http://127.0.0.1:9"


def offline(line: Wenheng, role: str, **more: str) -> Wenheng:
    """This model is neither here nor behind an endpoint, and pip finds nothing."""
    cut = {f"WENHENG_{role}_{name}": "" for name in ("URL", "MODEL")}
    return replace(line, env=line.env | cut | {"PIP_INDEX_URL": NOWHERE, "PIP_RETRIES": "0"} | more)


def folded(table: str) -> str:
    """A table's words without its lines and breaks."""
    return re.sub(r"[\s│]", "", table)


# -- models -----------------------------------------------------------------------------------------


def test_no_network_and_no_embedding_model(wenheng: Wenheng, one_sentence: Told) -> None:
    wenheng.write("新.txt", "子虚县")
    line = offline(wenheng, "EMBEDDING")
    result = line("ingest", line.folder)
    one_sentence(result, 4, "下载模型失败", "请检查网络与 pip 镜像", "WENHENG_EMBEDDING_SOURCE")
    assert line.places() == ["乌有县"] and line("reports").exit_code == 0


def test_no_network_and_no_language_model(wenheng: Wenheng, one_sentence: Told) -> None:
    result = offline(wenheng, "CHAT")("ask", wenheng.question)
    assert wenheng.quoted in result.stdout
    one_sentence(result, 4, "语言模型没有作答，以上是报告原文", "下载模型失败", "请检查网络")


def test_models_that_are_not_there(wenheng: Wenheng) -> None:
    result = offline(wenheng, "CHAT")("models", "--check")
    assert result.exit_code == 4 and "尚未下载。请运行wenhengmodels" in folded(result.stdout)


def test_language_model_with_a_wrong_hash(wenheng: Wenheng, one_sentence: Told, tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(b"GGUF" + bytes(99))
    line = offline(
        wenheng,
        "CHAT",
        WENHENG_CHAT_SOURCE=str(tmp_path / "own.gguf"),
        WENHENG_CHAT_SHA256=hashlib.sha256(b"another").hexdigest(),
    )
    result = line("ask", line.question)
    assert line.quoted in result.stdout
    one_sentence(result, 4, "own.gguf", "sha256 与设置不符", "请核对")


def test_embedding_model_with_a_wrong_hash(wenheng: Wenheng, one_sentence: Told) -> None:
    line = offline(wenheng, "EMBEDDING")
    models = Path(line.env["WENHENG_MODELS"])
    models.mkdir()
    (models / EMBEDDING.file).write_bytes(bytes(999))
    checked = line("models", "--check")
    assert checked.exit_code == 4 and "sha256不符。请运行wenhengmodels" in folded(checked.stdout)
    one_sentence(line("search", "签约率"), 4, "请检查网络")
    assert line.places() == ["乌有县"]


# -- endpoints --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "message"),
    [("slow", "超时"), ("nonsense", "无法识别|中途断开"), ("cut", "中途断开"), ("gone", "无法建立")],
)
def test_a_chat_endpoint_that_fails(wenheng: Wenheng, one_sentence: Told, fault: str, message: str) -> None:
    wenheng.toy.chat = fault
    more = {"slow": {"WENHENG_CHAT_TIMEOUT": "0.3"}, "gone": {"WENHENG_CHAT_URL": NOWHERE}}.get(fault, {})
    line = replace(wenheng, env=wenheng.env | more)
    result = line("ask", line.question)
    assert line.quoted in result.stdout
    assert re.search(message, one_sentence(result, 5, "语言模型没有作答，以上是报告原文"))


def test_a_chat_endpoint_that_fails_for_machines(wenheng: Wenheng) -> None:
    wenheng.toy.chat = "cut"
    result = wenheng("ask", "-", "--json", stdin=f"{wenheng.question}\n{wenheng.question}\n")
    assert result.exit_code == 5
    assert [json.loads(row)["text"] for row in result.stdout.splitlines()] == [wenheng.quoted] * 2
    assert result.stderr.count("语言模型没有作答") == 2


def test_a_chat_goes_on_after_its_endpoint_failed(wenheng: Wenheng) -> None:
    wenheng.toy.chat = "cut"
    result = wenheng("chat", stdin=f"{wenheng.question}\n/退出\n")
    assert result.exit_code == 0 and wenheng.quoted in result.stdout
    assert "语言模型没有作答" in result.stderr
    assert wenheng.quoted in wenheng("chat", "--last", stdin="").stdout


@pytest.mark.parametrize(
    ("fault", "message"), [("slow", "超时未答"), ("nonsense", "无法识别"), ("gone", "无法连接")]
)
def test_an_embedding_endpoint_that_fails(
    wenheng: Wenheng, one_sentence: Told, fault: str, message: str
) -> None:
    wenheng.write("新.txt", "子虚县")
    wenheng.toy.vectors = fault
    slow, gone = {"WENHENG_EMBEDDING_TIMEOUT": "0.3"}, {"WENHENG_EMBEDDING_URL": NOWHERE}
    line = replace(wenheng, env=wenheng.env | {"slow": slow, "gone": gone}.get(fault, {}))
    for words in (("ask", line.question), ("search", "签约率"), ("ingest", line.folder)):
        one_sentence(line(*words), 5, message, "/embeddings")
    wenheng.toy.vectors = "well"
    assert wenheng("ingest", wenheng.folder).exit_code == 0
    assert set(wenheng.places()) == {"乌有县", "子虚县"}


# -- the local server -------------------------------------------------------------------------------

SERVER = """
import threading, time, types
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

class CommonParams(types.SimpleNamespace):
    def __init__(self):
        n = types.SimpleNamespace
        super().__init__(model=n(), cpuparams=n(), cpuparams_batch=n())

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        Path(__file__).with_name("asked").touch()
        time.sleep(120)

class Server:
    def __init__(self, p):
        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
"""


@pytest.fixture
def endless(wenheng: Wenheng, tmp_path: Path) -> Wenheng:
    """A local server that never ends its answer, in place of llama.cpp; it touches toy/asked."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "xllamacpp.py").write_text(SERVER, encoding="utf-8")
    (tmp_path / "own.gguf").write_bytes(b"GGUF")
    more = {
        "WENHENG_CHAT_SOURCE": str(tmp_path / "own.gguf"),
        "WENHENG_SPECULATION": "0",
        "PYTHONPATH": str(tmp_path / "toy"),
    }
    return offline(wenheng, "CHAT", **more)


def test_killed_in_the_middle_of_an_answer(wenheng: Wenheng, endless: Wenheng, tmp_path: Path) -> None:
    """Neither the server nor half a turn is left."""
    assert wenheng("chat", stdin=f"{wenheng.question}\n/退出\n").exit_code == 0
    deadline = time.monotonic() + 60
    with endless.launch("chat", "--last", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(f"{wenheng.question}\n")
        process.stdin.flush()
        while not (tmp_path / "toy" / "asked").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        servers = psutil.Process(process.pid).children()
        process.kill()
        process.communicate()
    assert servers
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert not alive and wenheng.sound()
    with Library.open(wenheng.home) as library:
        (chat,) = library.chats.list()
        assert [turn["question"] for turn in chat.turns] == [wenheng.question]
    assert wenheng.said in wenheng("ask", wenheng.question).stdout
