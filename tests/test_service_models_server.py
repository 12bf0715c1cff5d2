from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from corpus.errors import EngineFailed, ModelMissing
from service.models import engine
from service.models.chat import ChatClient, open_chat
from service.models.server import LocalServer, ServerOptions
from service.settings import Settings, load

NUMBER_LOCK = 'root ::= nd* (num nd+)* num?\nnd ::= [^0-9０-９]\nnum ::= "2021" | "23" | "4"\n'
EVIDENCE = (
    "资料：\n[1] 青禾县2021年新建村卫生室23所，改造乡镇卫生院4所，标准化率达到92.3%。\n"
    "[2] 青禾县2021年组建家庭医生团队86个，签约居民12.34万人。\n"
)
PROMPT = [
    ("system", "只根据资料回答，句末标出资料编号。"),
    ("user", EVIDENCE + "问题：逐条写出青禾县2021年的数据。"),
]


def ended(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def toy_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the xllamacpp module: listens to nobody, but lives and dies like the real one."""
    (tmp_path / "xllamacpp.py").write_text(
        "import types\n"
        "class CommonParams(types.SimpleNamespace):\n"
        "    def __init__(self):\n"
        "        n = types.SimpleNamespace\n"
        "        super().__init__(model=n(), cpuparams=n(), cpuparams_batch=n(), speculative=n(ngram_simple=n()))\n"
        "class common_speculative_type:\n"
        "    COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE = 7\n"
        "class Server:\n"
        "    def __init__(self, p):\n"
        "        print('chatter of native code', flush=True)\n"
        "        if p.model.path.endswith('bad'): raise RuntimeError('cannot load')\n"
        "        self.listening_address = 'http://127.0.0.1:1'\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_starts_restarts_and_ends(toy_server: Path) -> None:
    with LocalServer(ServerOptions("toy"), toy_server / "logs") as server:
        first = server.pid
        assert first and server.ensure_running() == "http://127.0.0.1:1/v1"
        assert server.pid == first
        os.kill(first, signal.SIGKILL)
        assert server.gone()
        server.ensure_running()
        second = server.pid
        assert second and second != first
        assert "chatter" in server.log.read_text()
    assert server.pid is None and ended(second)
    with pytest.raises(EngineFailed, match="已关闭"):
        server.ensure_running()


def test_key_is_on_no_command_line(toy_server: Path) -> None:
    with LocalServer(ServerOptions("toy"), toy_server / "logs") as server:
        process = psutil.Process(server.pid)
        assert len(server.key) > 30 and server.key not in " ".join(process.cmdline())
        assert server.key not in json.dumps(process.environ())


def test_gives_up_on_a_server_that_keeps_dying(toy_server: Path) -> None:
    server = LocalServer(ServerOptions("toy"), toy_server / "logs")
    for _ in range(4):
        server.ensure_running()
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        assert server.gone()
    with pytest.raises(EngineFailed, match="反复退出"):
        server.ensure_running()
    server.close()


def test_model_that_does_not_load(toy_server: Path) -> None:
    server = LocalServer(ServerOptions("bad"), toy_server / "logs")
    with pytest.raises(EngineFailed, match=r"启动失败.*model-server\.log"):
        server.ensure_running()
    assert server.pid is None and "cannot load" in server.log.read_text()


def test_kernels_of_another_processor_are_left_out(toy_server: Path) -> None:
    """They bring the child down while they are taken up; the next one does without them."""
    package = toy_server / "xllamacpp"
    package.mkdir()
    (toy_server / "xllamacpp.py").rename(package / "__init__.py")
    (package / "xllamacpp.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    kernels = toy_server / "kernels"
    kernels.mkdir()
    (kernels / engine.file_of("zen4")).touch()
    with LocalServer(ServerOptions("toy", kernels=str(kernels)), toy_server / "logs") as server:
        assert server.ensure_running() and server.kernels == "" and server.options.kernels == ""


def test_kernels_that_fail_in_the_middle_are_left_out(toy_server: Path) -> None:
    kernels = str(toy_server / "kernels")
    with LocalServer(ServerOptions("toy", kernels=kernels), toy_server / "logs") as server:
        assert server.pid and server.options.kernels == kernels
        os.kill(server.pid, signal.SIGILL)
        assert server.gone()
        assert server.ensure_running() and server.options.kernels == ""


def test_a_processor_that_is_too_old(toy_server: Path) -> None:
    with (toy_server / "xllamacpp.py").open("a") as module:
        module.write("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    server = LocalServer(ServerOptions("toy"), toy_server / "logs")
    with pytest.raises(EngineFailed, match=r"不支持 AVX2.*WENHENG_CHAT_URL"):
        server.ensure_running()
    assert server.pid is None


def test_log_folder_that_cannot_be_written(toy_server: Path) -> None:
    (toy_server / "file").write_text("x")
    with pytest.raises(EngineFailed, match="无法启动"):
        LocalServer(ServerOptions("toy"), toy_server / "file" / "logs").ensure_running()


def test_ctrl_c_is_for_the_parent(toy_server: Path) -> None:
    with LocalServer(ServerOptions("toy"), toy_server / "logs") as server:
        assert server.pid
        os.kill(server.pid, signal.SIGINT)
        assert not server.gone(0.3)


@pytest.mark.parametrize("where", ["main", "thread"])
def test_killed_parent_leaves_no_orphan(toy_server: Path, where: str) -> None:
    """Also when the server was started by a thread that has ended, and must not die with that thread."""
    code = (
        "import sys, threading, time\n"
        "from pathlib import Path\n"
        "from service.models.server import LocalServer, ServerOptions\n"
        "server = LocalServer(ServerOptions('toy'), Path(sys.argv[1]))\n"
        "if sys.argv[2] == 'thread':\n"
        "    thread = threading.Thread(target=server.ensure_running); thread.start(); thread.join()\n"
        "    time.sleep(1)\n"
        "server.ensure_running()\n"
        "print(server.pid, len(server._starts), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(toy_server / "logs"), where], stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        child, starts = map(int, parent.stdout.readline().split())
        assert starts == 1 and psutil.pid_exists(child)
        parent.kill()
    assert ended(child)


# -- the real model ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    from service.models.store import chat_model

    settings = load(home=tmp_path_factory.mktemp("home"))
    try:
        chat_model("pypi", settings.models_dir, fetch=False)
    except ModelMissing as error:
        pytest.skip(str(error))
    return settings


@pytest.fixture(scope="module")
def real_chat(real_settings: Settings) -> Iterator[ChatClient]:
    with open_chat(real_settings) as client:
        yield client


@pytest.mark.model
def test_short_completion(real_chat: ChatClient) -> None:
    text = real_chat.complete(PROMPT, max_tokens=60)
    usage = real_chat.last_usage
    assert "23" in text and usage is not None
    assert usage.prompt_tokens > 50 and 1 < usage.written_tokens <= 60 and usage.first_token_ms > 0


@pytest.mark.model
def test_number_lock_is_obeyed(real_chat: ChatClient) -> None:
    import re

    free = real_chat.complete(PROMPT, max_tokens=80)
    locked = real_chat.complete(PROMPT, max_tokens=80, grammar=NUMBER_LOCK)
    assert "92.3" in free or "86" in free
    assert set(re.findall(r"\d+", locked)) <= {"2021", "23", "4"}


@pytest.mark.model
def test_prefix_is_computed_once(real_chat: ChatClient) -> None:
    for _ in range(2):
        real_chat.complete(PROMPT, max_tokens=2)
    assert real_chat.last_usage is not None
    assert real_chat.last_usage.cached_tokens > 0.8 * real_chat.last_usage.prompt_tokens


@pytest.mark.model
def test_server_answers_only_with_the_key_and_logs_no_prompt(real_chat: ChatClient) -> None:
    real_chat.complete([("user", "暗号是紫檀木，请重复。")], max_tokens=5)
    endpoint, server = real_chat._locate(), real_chat._server
    assert server is not None
    with httpx.Client(trust_env=False) as client:
        body = {"messages": [{"role": "user", "content": "你好"}], "max_tokens": 1}
        assert client.post(endpoint.url + "/chat/completions", json=body).status_code == 401
    assert "紫檀木" not in server.log.read_text()


@pytest.mark.model
def test_dead_server_is_restarted_and_the_question_answered(real_chat: ChatClient) -> None:
    server = real_chat._server
    assert server is not None and server.ensure_running() and server.pid
    os.kill(server.pid, signal.SIGKILL)
    assert real_chat.complete(PROMPT, max_tokens=3)


@pytest.mark.model
def test_server_that_dies_in_mid_stream(real_chat: ChatClient) -> None:
    server = real_chat._server
    assert server is not None
    stream = real_chat.stream(PROMPT, max_tokens=200)
    assert next(stream) and server.pid
    os.kill(server.pid, signal.SIGKILL)
    with pytest.raises(EngineFailed, match="中途退出"):
        list(stream)


@pytest.mark.model
def test_closing_the_stream_frees_the_slot(real_chat: ChatClient) -> None:
    stream = real_chat.stream(PROMPT, max_tokens=2000)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert real_chat.complete([("user", "你好")], max_tokens=2)
    usage = real_chat.last_usage
    assert usage is not None and usage.written_tokens <= 2


@pytest.mark.model
def test_speculation_writes_the_same_text(real_settings: Settings) -> None:
    import dataclasses

    texts = []
    for speculation in (True, False):
        settings = dataclasses.replace(real_settings, speculation=speculation)
        with open_chat(settings) as client:
            texts.append(client.complete(PROMPT, max_tokens=60))
    assert texts[0] == texts[1] != ""


@pytest.mark.model
def test_both_kernels_copy_the_same_figures(real_settings: Settings) -> None:
    """The compiled kernels of this machine, where it has some, and the wheel's."""
    found = engine.installed()
    if not found.variant:
        pytest.skip("这台电脑没有为本机编译的计算内核")
    asked = [("user", "请原样抄写：全年门诊2345678人次，住院39.6万人次，医疗收入1.27亿元，同比增长4.9%。")]
    texts = []
    for where in (engine.folder(), Path()):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(engine, "folder", lambda where=where: where)
            with open_chat(real_settings) as client:
                texts.append(client.complete(asked, max_tokens=60))
                assert client._server is not None
                assert client._server.kernels == (found.variant if where.name else "")
    assert texts[0] == texts[1] and all(one in texts[0] for one in ("2345678", "39.6", "1.27", "4.9%"))


def test_data_folder_of_the_log_is_made(tmp_path: Path, toy_server: Path) -> None:
    with LocalServer(ServerOptions("toy"), tmp_path / "new" / "logs") as server:
        assert stat.S_ISREG(server.log.stat().st_mode)
