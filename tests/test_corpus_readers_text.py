from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnreadableFile
from corpus.readers import read, text
from corpus.report import BlockKind

WORDS = (
    "青石县卫生健康局：全年完成健康体检12,345人次，比上年增长4.9%。\r\n二、存在的问题\r\n基层人才不足。\r\n"
)
TRADITIONAL = (
    "青石縣衛生健康局：全年完成健康體檢，較上年增長，鄉鎮衛生院實現全覆蓋，醫療服務能力進一步提升。\n" * 3
)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WORDS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + WORDS.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"), "utf-32-le"),
        (WORDS.encode("utf-16-le"), "utf-16-le"),
        (WORDS.encode("utf-16-be"), "utf-16-be"),
        (WORDS.encode("gbk"), "gb18030"),
        (WORDS.encode("gb2312"), "gb18030"),
        ((WORDS + "㐀").encode("gb18030"), "gb18030"),
    ],
)
def test_decodes_exactly(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(data)
    document = read(path)
    assert document.text.rstrip("㐀") == WORDS
    assert (document.encoding, document.format, document.warnings) == (encoding, "txt", ())
    assert document.size == len(data)


@pytest.mark.parametrize("encoding", ["big5", "gb18030"])
def test_decodes_traditional(encoding: str) -> None:
    assert text.decode(TRADITIONAL.encode(encoding), "x.txt") == (TRADITIONAL, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_damage_is_named_with_its_byte(tmp_path: Path, encoding: str) -> None:
    before = ("全县卫生健康工作稳步推进。" * 20).encode(encoding)
    path = tmp_path / "report.txt"
    path.write_bytes(before + b"\xff\xff" + before)
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert f"第 {len(before) + 1} 个字节" in str(caught.value)
    assert "report.txt" in str(caught.value) and "UTF-8" in caught.value.remedy


def test_damage_after_a_mark_counts_from_the_start_of_the_file() -> None:
    with pytest.raises(UnreadableFile, match="第 7 个字节"):
        text.decode(codecs.BOM_UTF8 + "县".encode() + b"\xff", "x")


@pytest.mark.parametrize("junk", [bytes(range(256)) * 40, b"\x00\x01\x02\x03" * 999, b"\x07\x08\x01abc" * 99])
def test_binary_junk_is_named(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "junk.txt"
    path.write_bytes(junk)
    with pytest.raises(UnreadableFile, match=r"junk\.txt"):
        read(path)


@pytest.mark.parametrize("content", ["\n \t\r\n", "\ufeff", "\u3000\u3000\n\u200b"])
def test_only_white_space_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "blank.txt"
    path.write_text(content)
    with pytest.raises(UnreadableFile, match="没有文字"):
        read(path)


def test_markdown_headings_are_blocks(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("# 工作总结\n正文#不是\n\n## 一、成效\n```\n# 注释\n```\n####无空格\n")
    document = read(path)
    found = [(block.level, block.span.of(document.text)) for block in document.blocks]
    assert found == [(1, "# 工作总结"), (2, "## 一、成效")]
    assert all(block.kind is BlockKind.HEADING for block in document.blocks)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Co")), min_size=1))
@settings(deadline=None, max_examples=150)
def test_any_utf8_text_comes_back(words: str) -> None:
    words = words.lstrip("\ufeff")
    assert text.decode(words.encode(), "x") == (words, "utf-8")


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=200)
def test_any_bytes_decode_or_are_named(data: bytes) -> None:
    try:
        words, encoding = text.decode(data, "x.txt")
    except UnreadableFile as error:
        assert error.where == "x.txt" and error.remedy
    else:
        assert isinstance(words, str) and codecs.lookup(encoding)


@pytest.mark.real
def test_real_pages_come_back_exactly(real_reports: Path) -> None:
    for path in real_reports.rglob("*.txt"):
        document = read(path)
        assert document.text == path.read_bytes().decode("utf-8").removeprefix("\ufeff")
