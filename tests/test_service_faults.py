"""What bad files and a bad data folder get, as the user meets it: one Chinese sentence with the remedy,
nothing lost, the rest of the batch done, a non-zero exit code. What bad models and endpoints get is in
test_service_faults_models, bad questions and command lines in test_service_faults_questions.

What kills a process or takes its rights away runs the command line in a process of its own. The same
faults where they arise, below the command line:

    empty, wrong suffix, 200 MB, disappearing file      test_corpus_readers_guard
    broken, encrypted, scanned, bomb, hostile parts     test_corpus_readers_{docx,pdf,sandbox}
    GBK, UTF-16, damaged text                           test_corpus_readers_text
    no permission, links, two at once, full disk, -9    test_corpus_ingest
    foreign, newer, damaged, locked library             test_corpus_library
    damaged or lost index                               test_corpus_index
    wrong hash, no pip, no network, full disk           test_service_models_store
    server that dies, orphans, bad model                test_service_models_server
    every answer that an endpoint may give              test_service_models_chat, test_corpus_embedding
    settings                                            test_service_settings
    empty and endless questions                         test_service_question
    sentences that nothing supports                     test_service_check, test_service_phrase
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import docx
import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from corpus import readers
from corpus.library import Library
from corpus.report import RawDocument
from service.desk import Desk
from service.settings import load

if TYPE_CHECKING:
    from click.testing import Result
    from conftest import Wenheng

ROOT = Path(__file__).resolve().parents[1]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Told = Callable[..., str]


def without_privileges() -> None:
    """Let file permissions count for root too: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH go."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def limited() -> None:
    """No file may grow beyond 300 KiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300 << 10, 300 << 10))


def many(line: Wenheng, count: int) -> None:
    """More reports of the same text, each of another place."""
    for number in range(count):
        place = f"{'甲乙丙丁戊己庚辛壬癸'[number // 10]}{'山水林田湖草沙石云雨'[number % 10]}县"
        line.write(f"{number:02}.txt", place)


# -- files ------------------------------------------------------------------------------------------


def pdf(words: str = "", *, password: str = "") -> bytes:
    """A PDF with a line of text, or with a picture only."""
    made = io.BytesIO()
    canvas = Canvas(made, encrypt=StandardEncryption(password) if password else None)
    if words:
        canvas.drawString(72, 700, words)
    else:
        picture = io.BytesIO()
        pypdfium2.PdfBitmap.new_native(40, 40, 4).to_pil().convert("RGB").save(picture, "PNG")
        canvas.drawImage(ImageReader(picture), 0, 0, 500, 700)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def word(text: str, *extra: tuple[str, bytes]) -> bytes:
    """A docx with further parts."""
    made = io.BytesIO()
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(made)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in extra:
            archive.writestr(name, data)
    return made.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "空.docx": (lambda: b"", "文件是空的"),
    "空白.txt": ("　\n \n".encode, "没有文字"),
    "图片.docx": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG 图片"),
    "表格.doc": (lambda: OLE + "Workbook".encode("utf-16-le"), "不是 Word"),
    "坏.docx": (lambda: word("总结")[:2000], "已损坏"),
    "加密.docx": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "已加密"),
    "炸弹.docx": (lambda: word("总结", ("word/media/a.bin", bytes(100 << 20))), "压缩炸弹"),
    "坏.pdf": (lambda: b"%PDF-1.4 broken", "已损坏"),
    "加密.pdf": (lambda: pdf("plan", password="geheim"), "已加密"),
    "扫描.pdf": (lambda: pdf(), "扫描件"),
    "乱码.txt": (lambda: bytes(range(128, 256)) * 40, "无法按"),
}
ABSENT = {
    "大.pdf": "200.0 MB，超过上限",
    "大.txt": "200.0 MB，超过上限",
    "不见了.txt": "文件或目录不存在",
    "没有.docx": "文件或目录不存在",
}


@pytest.fixture(scope="module")
def batch(toy_library: Wenheng, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """One ingest of all the bad files, with good ones among them."""
    tmp_path = tmp_path_factory.mktemp("batch")
    folder = tmp_path / "文件"
    folder.mkdir()
    for name, (make, _) in BAD.items():
        (folder / name).write_bytes(make())
    for name in ("大.pdf", "大.txt"):
        with (folder / name).open("wb") as file:
            file.truncate(200 << 20)  # sparse: takes no space
    (folder / "不见了.txt").symlink_to(tmp_path / "nowhere")
    text = toy_library.report
    (folder / "国标码.txt").write_bytes(text.format(place="乌有县").encode("gb18030"))
    (folder / "统一码.txt").write_bytes(text.format(place="子虚县").encode("utf-16"))
    (folder / "其实是文档.txt").write_bytes(word(text.format(place="临渊县")))
    home = tmp_path / "home"
    return home, toy_library("ingest", folder, tmp_path / "没有.docx", home=home)


@pytest.mark.parametrize(("name", "said"), [*((n, said) for n, (_, said) in BAD.items()), *ABSENT.items()])
def test_each_bad_file_is_named_with_a_remedy(batch: tuple[Path, Result], name: str, said: str) -> None:
    lines = [line for line in batch[1].stdout.splitlines() if re.search(rf"^失败 .*/{name}：", line)]
    assert len(lines) == 1 and said in lines[0]
    assert re.search(r"。.*(?:请|若)", lines[0]), lines[0]


def test_the_rest_of_the_batch_is_done(batch: tuple[Path, Result]) -> None:
    home, result = batch
    assert result.exit_code == 1 and result.stderr == ""
    with Library.open(home) as library:
        assert {card.place for card in library.cards()} == {"乌有县", "子虚县", "临渊县"}
    assert "后缀是 .txt，内容是 docx，已按 docx 读取" in result.stdout
    assert re.search(rf"失败的文件\s+│\s+{len(BAD) + len(ABSENT)} │", result.stdout)


def test_a_folder_without_any_report_is_no_success(empty_wenheng: Wenheng, tmp_path: Path) -> None:
    (tmp_path / "空").mkdir()
    result = empty_wenheng("ingest", tmp_path / "空")
    assert result.exit_code == 1 and "里面没有可以入库的文件。能读取的格式：" in result.stdout


def test_a_file_that_disappears_during_ingest(
    empty_wenheng: Wenheng, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_wenheng.write("先.txt", "子虚县")
    real = readers.read

    def read(path: Path) -> RawDocument:
        for other in empty_wenheng.folder.iterdir():
            if other.resolve() != path.resolve():
                other.unlink()
        return real(path)

    monkeypatch.setattr("service.desk.readers.read", read)
    result = empty_wenheng("ingest", empty_wenheng.folder)
    assert result.exit_code == 1 and result.stdout.count("文件或目录不存在") == 1
    assert len(empty_wenheng.places()) == 1


def test_folders_and_files_without_permission(empty_wenheng: Wenheng) -> None:
    folder = empty_wenheng.folder
    for name in ("锁上的", "也锁上"):
        (folder / name).mkdir()
        empty_wenheng.write(f"{name}/a.txt", "子虚县")
    empty_wenheng.write("锁.txt", "子虚县")
    locked = [folder / "锁上的", folder / "也锁上", folder / "锁.txt"]
    for path in locked:
        path.chmod(0)
    try:
        result = empty_wenheng.apart("ingest", folder / "也锁上", folder, before=without_privileges)
    finally:
        for path in locked:
            path.chmod(0o700)
    assert result.returncode == 1 and result.stderr == ""
    failures = [line for line in result.stdout.splitlines() if line.startswith("失败")]
    assert len(failures) == 3 and all("没有读取权限。请修改它的权限" in line for line in failures)
    assert empty_wenheng.places() == ["乌有县"]


def test_a_report_that_the_program_stumbles_over(wenheng: Wenheng, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(document: RawDocument) -> None:
        raise ZeroDivisionError(document.text)

    wenheng.write("新.txt", "子虚县")
    monkeypatch.setattr("service.desk.parse", broken)
    result = wenheng("ingest", wenheng.folder / "新.txt")
    assert result.exit_code == 1 and result.stderr == ""
    assert "新.txt：程序处理这份文件时出错（ZeroDivisionError）" in result.stdout
    log = (wenheng.home / "logs" / "wenheng.log").read_text("utf-8")
    assert "新.txt" in log and "签约" not in log


# -- the data folder --------------------------------------------------------------------------------


def test_two_ingests_at_once(wenheng: Wenheng, one_sentence: Told) -> None:
    wenheng.write("新.txt", "子虚县")
    with Library.open(wenheng.home) as other, other.writer():
        result = wenheng("ingest", wenheng.folder)
        one_sentence(result, 3, "正在写入资料库", f"进程 {os.getpid()}", "请等它结束后重试")
        assert "23所" in wenheng("ask", wenheng.question).stdout  # reading goes on
    assert wenheng("ingest", wenheng.folder).exit_code == 0
    assert set(wenheng.places()) == {"乌有县", "子虚县"}


def test_no_file_may_grow(empty_wenheng: Wenheng) -> None:
    many(empty_wenheng, 30)
    result = empty_wenheng.apart("ingest", empty_wenheng.folder, before=limited)
    assert result.returncode == 3
    assert re.fullmatch(r"错误：.*(?:磁盘|空间).*请.*\n", result.stderr)
    assert len(empty_wenheng.places()) < 31 and empty_wenheng.sound()
    assert empty_wenheng("ingest", empty_wenheng.folder).exit_code == 0
    assert len(empty_wenheng.places()) == 31


def test_full_disk(empty_wenheng: Wenheng, tmp_path: Path) -> None:
    """A real one of 400 KiB, where this user may make it."""
    (tmp_path / "disk").mkdir()
    script = f"mount -t tmpfs -o size=400k tmpfs '{tmp_path}/disk' || exit 77\n"
    if subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    many(empty_wenheng, 30)
    wenheng = f"'{sys.executable}' -m service.cli --home '{tmp_path}/disk/home'"
    script += f"{wenheng} ingest '{empty_wenheng.folder}'\necho code $?\n{wenheng} reports --json"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=ROOT,
        env=os.environ | empty_wenheng.env,
        capture_output=True,
        text=True,
    )
    assert "code 3" in done.stdout
    assert re.fullmatch(r"错误：.*磁盘空间不足.*已完成的部分都在；请腾出空间后重新运行\n", done.stderr)
    assert 1 <= done.stdout.count('{"id": ') < 31  # what was done can be read in the full folder


def test_killed_in_the_middle_of_ingest(empty_wenheng: Wenheng) -> None:
    line, toy = empty_wenheng, empty_wenheng.toy
    many(line, 5)
    toy.vectors = "held"
    with line.launch("ingest", line.folder) as process:
        assert toy.asked.wait(60)  # reports are kept, their vectors are being made
        process.kill()
        process.communicate()
    toy.vectors = "well"
    assert line.sound() and len(line.places()) == 6
    assert line.said in line("ask", line.question).stdout
    assert line("ingest", line.folder).exit_code == 0
    assert len(line.places()) == 6
    with Desk(load(line.env, home=line.home)) as desk:
        assert desk.index.pending() == 0 and desk.search("村卫生室")[0].dense_rank


def test_ctrl_c_keeps_what_is_done(empty_wenheng: Wenheng) -> None:
    many(empty_wenheng, 60)
    deadline = time.monotonic() + 60
    with empty_wenheng.launch("ingest", empty_wenheng.folder) as process:
        while len(list((empty_wenheng.home / "originals").glob("*/*"))) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "正在停止" in err and "Traceback" not in err and "再次运行同一命令可接着做" in out
    assert 0 < len(empty_wenheng.places()) < 61 and empty_wenheng.sound()
    assert empty_wenheng("ingest", empty_wenheng.folder).exit_code == 0
    assert len(empty_wenheng.places()) == 61


@pytest.mark.parametrize("inside", [False, True])
def test_home_that_is_a_file(wenheng: Wenheng, one_sentence: Told, tmp_path: Path, inside: bool) -> None:
    file = tmp_path / "file"
    file.write_text("不是文件夹", encoding="utf-8")
    result = wenheng("reports", home=file / "x" if inside else file)
    one_sentence(result, 3, str(file), "文件，不是文件夹", "请检查")
    assert file.read_text(encoding="utf-8") == "不是文件夹"


def test_read_only_home(wenheng: Wenheng) -> None:
    wenheng.write("新.txt", "子虚县")
    paths = [*wenheng.home.rglob("*"), wenheng.home]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        result = wenheng.apart("ingest", wenheng.folder, before=without_privileges)
    finally:
        for path in reversed(paths):
            path.chmod(0o700 if path.is_dir() else 0o600)
    assert result.returncode == 3
    assert re.fullmatch(r"错误：.*没有(?:写入)?权限.*请检查.*\n", result.stderr)
    assert wenheng.places() == ["乌有县"]


def test_a_lost_index_is_made_again(wenheng: Wenheng) -> None:
    shutil.rmtree(wenheng.home / "index")
    assert wenheng.said in wenheng("ask", wenheng.question).stdout
    assert "23所" in wenheng("search", "村卫生室").stdout


def test_a_damaged_library_is_named(wenheng: Wenheng, one_sentence: Told) -> None:
    for path in wenheng.home.glob("library.db*"):
        path.write_bytes(os.urandom(9000))
    one_sentence(wenheng("reports"), 3, "资料库文件已损坏", "originals", "请将 library.db 改名后重新导入")


def test_unchanged_files_are_not_read_again_after_a_stop(empty_wenheng: Wenheng) -> None:
    many(empty_wenheng, 3)
    first = json.loads(empty_wenheng("ingest", "--json", empty_wenheng.folder).stdout)
    again = json.loads(empty_wenheng("ingest", "--json", empty_wenheng.folder).stdout)
    assert (first["ingested"], again["unchanged"], again["ingested"]) == (4, 4, 0)
