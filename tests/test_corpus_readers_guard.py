from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.errors import UnreadableFile
from corpus.readers import Limits, guard, read

GOOD = "青石县卫生健康工作总结。"


def refused(path: Path, limits: Limits = guard.DEFAULT) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, limits=limits)
    assert caught.value.where and caught.value.remedy
    return caught.value


def test_missing_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "没有.txt")
    assert "找不到" in str(error) and "没有.txt" in str(error)


def test_folder(tmp_path: Path) -> None:
    assert "文件夹" in str(refused(tmp_path))


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "管道" in str(refused(tmp_path / "pipe.txt"))


def test_device() -> None:
    assert "设备" in str(refused(Path("/dev/zero")))


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.docx"
    path.touch()
    assert "0 字节" in str(refused(path))


def test_too_large_is_refused_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)  # sparse
    monkeypatch.setattr(guard, "_all_of", lambda *_: pytest.fail("was read"))
    error = refused(path)
    assert "200.0 MB" in str(error) and "50 MB" in str(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(GOOD)
    path.chmod(0)
    assert "权限" in str(refused(path))


@pytest.mark.parametrize(
    ("fault", "message"),
    [(PermissionError(13, "denied"), "权限"), (OSError(5, "Input/output error"), "读取失败")],
)
def test_faults_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError, message: str
) -> None:
    path = tmp_path / "report.txt"
    path.write_text(GOOD)

    def fail(*_: object) -> bytes:
        raise fault

    monkeypatch.setattr(guard, "_all_of", fail)
    assert message in str(refused(path))


def test_file_that_disappears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.txt"
    path.write_text(GOOD)
    monkeypatch.setattr(guard, "_check_regular", lambda *_: path.unlink())
    assert "找不到" in str(refused(path))


def test_file_that_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.txt"
    path.write_text(GOOD)
    monkeypatch.setattr(guard, "_all_of", lambda *_: GOOD.encode()[:9])
    assert "正在变化" in str(refused(path))


def test_file_that_grows_past_the_limit_while_being_read(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(b"x" * 100)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert len(guard._all_of(descriptor, 50)) == 51
    finally:
        os.close(descriptor)


def test_name_in_gbk_bytes_is_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "总结.txt".encode("gbk")))
    path.write_text(GOOD)
    assert read(path).name == "总结.txt"


def test_path_with_a_zero_byte() -> None:
    assert "读取失败" in str(refused(Path("a\0b.txt")))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("scan.txt", b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG 图片"),
        ("scan.pdf", b"\xff\xd8\xff\xe0" + bytes(99), "JPEG 图片"),
        ("a.txt", b"Rar!\x1a\x07" + bytes(99), "RAR"),
        ("a.docx", b"\x1f\x8b" + bytes(99), "gzip"),
        ("a.txt", b"\x7fELF" + bytes(99), "可执行程序"),
        ("a.pdf", GOOD.encode(), "不是有效的 pdf"),
        ("a.docx", GOOD.encode(), "不是有效的 docx"),
        ("a.doc", GOOD.encode(), "不是有效的 doc"),
        ("a.doc", b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "mht"),
        ("a.doc", b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', "2003 XML"),
        ("a.xyz", GOOD.encode(), "不支持后缀 .xyz"),
        ("README", GOOD.encode(), "不支持后缀"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "不是 Word"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "已加密"),
    ],
)
def test_wrong_kinds_are_named(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    error = refused(path)
    assert message in str(error) and name in str(error)


def test_html_under_a_false_suffix_is_read_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "export.doc"
    path.write_text(f"<html><body><p>{GOOD}</p></body></html>")
    document = read(path)
    assert (document.format, document.text) == ("html", GOOD + "\n")
    assert "后缀是 .doc" in document.warnings[0]


def test_suffix_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "REPORT.TXT"
    path.write_text(GOOD)
    assert read(path).warnings == ()
