from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from corpus.errors import UnreadableFile
from corpus.readers import Limits, read, running_lines
from corpus.report import BlockKind

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
Draw = Callable[[Canvas], None]


def words(*lines: str, top: int = 760) -> Draw:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(72, top - 20 * number, line)

    return draw


def table(rows: Sequence[Sequence[str]], top: int = 600, left: int = 72) -> Draw:
    """A grid of ruling lines, 20 points a row and 100 a column."""

    def draw(canvas: Canvas) -> None:
        high, wide = len(rows), len(rows[0])
        for number in range(high + 1):
            canvas.line(left, top - 20 * number, left + 100 * wide, top - 20 * number)
        for number in range(wide + 1):
            canvas.line(left + 100 * number, top, left + 100 * number, top - 20 * high)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                canvas.drawString(left + 3 + 100 * c, top - 15 - 20 * r, text)

    return draw


def image(canvas: Canvas) -> None:
    picture = io.BytesIO()
    pypdfium2.PdfBitmap.new_native(40, 40, 4).to_pil().convert("RGB").save(picture, "PNG")
    picture.seek(0)
    canvas.drawImage(ImageReader(picture), 0, 0, 500, 700)


def make(
    path: Path, *pages: Sequence[Draw], encrypt: StandardEncryption | None = None, turn: int = 0
) -> Path:
    canvas = Canvas(str(path), encrypt=encrypt)
    for page in pages:
        canvas.setFont("STSong-Light", 12)
        if turn:  # the content is turned the other way, so that it is shown upright
            high, wide = canvas._pagesize[1], canvas._pagesize[0]
            canvas.setPageRotation(turn)
            canvas.translate(*{90: (high, 0), 180: (wide, high), 270: (0, wide)}[turn])
            canvas.rotate(turn)
        for draw in page:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(path, limits=limits or Limits())
    assert caught.value.where.endswith(path.name) and caught.value.remedy
    return str(caught.value)


def test_lines_of_all_pages(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", [words("青石县工作总结", "全县有卫生院12所，")], [words("签约率98.5%。")])
    found = read(path)
    assert found.text == "青石县工作总结\n全县有卫生院12所，\n签约率98.5%。\n"
    assert (found.format, found.blocks, found.warnings) == ("pdf", (), ())


ROWS = [["指标", "目标", "完成"], ["签约率", "60%", "61.5%"], ["建档率", "80%", "88.1%"]]
SHOWN = "指标：签约率；目标：60%；完成：61.5%。\n指标：建档率；目标：80%；完成：88.1%。\n"


def test_ruled_table_stands_as_rows_in_its_place(tmp_path: Path) -> None:
    page = [words("一、完成情况"), table(ROWS), words("二、下一步打算", top=480)]
    found = read(make(tmp_path / "a.pdf", page))
    assert found.text == f"一、完成情况\n{SHOWN}二、下一步打算\n"
    assert [block.kind for block in found.blocks] == [BlockKind.TABLE_ROW] * 2


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_table_of_a_turned_page(tmp_path: Path, turn: int) -> None:
    """Cells hold Latin letters: PDFium gives characters of a font that is not embedded no height."""
    rows = [["指标A", "目标B", "完成C"], ["签约率D", "60%", "61.5%"]]
    found = read(make(tmp_path / "a.pdf", [words("完成情况E"), table(rows)], turn=turn))
    assert found.text == "完成情况E\n指标A：签约率D；目标B：60%；完成C：61.5%。\n"


def test_table_on_its_side_gives_no_rows(tmp_path: Path) -> None:
    def turned(canvas: Canvas) -> None:
        canvas.translate(500, 0)
        canvas.rotate(90)
        table(ROWS, top=400)(canvas)

    found = read(make(tmp_path / "a.pdf", [turned]))
    assert "61.5%" in found.text and not found.blocks


def test_table_that_goes_on_keeps_its_header(tmp_path: Path) -> None:
    first = [words("附表"), table(ROWS[:2], top=120)]
    found = read(
        make(tmp_path / "a.pdf", first, [table(ROWS[2:] * 2, top=780), words("注：截至年底。", top=400)])
    )
    assert found.text == f"附表\n{SHOWN}指标：建档率；目标：80%；完成：88.1%。\n注：截至年底。\n"


def test_two_tables_of_a_page(tmp_path: Path) -> None:
    found = read(make(tmp_path / "a.pdf", [table(ROWS), words("中间的话。", top=500), table(ROWS, top=400)]))
    assert found.text == f"{SHOWN}中间的话。\n{SHOWN}"


def test_a_box_around_text_is_no_table(tmp_path: Path) -> None:
    found = read(make(tmp_path / "a.pdf", [table([["提示：按期报送。"]]), words("正文。")]))
    assert "提示：按期报送。" in found.text and not found.blocks


def test_running_lines_are_left_out(tmp_path: Path) -> None:
    pages = [
        [
            words("青石县2021年工作总结", f"第{n}页的正文讲第{n}件事。", f"还有{n}项。"),
            words(f"- {n} -", top=40),
        ]
        for n in range(1, 5)
    ]
    found = read(make(tmp_path / "a.pdf", *pages))
    assert "工作总结" not in found.text and "-" not in found.text
    assert found.text.count("的正文讲第") == 4


def test_running_lines_need_three_pages() -> None:
    assert running_lines.find([["甲", "a", "b", "乙"]] * 2) == (frozenset(), frozenset())
    assert running_lines.find([["甲", "a", "b", "c", "乙"]] * 3)[0] == {0, 1, 3, 4}


@pytest.mark.parametrize("number", ["- 3 -", "—3—", "第3页", "第 3 页 共 9 页", "－ 12 －"])
def test_page_numbers_go_from_any_page(number: str) -> None:
    assert running_lines.find([["标题", "正文一", "正文二", "正文三", number]]) == (frozenset({4}),)


@pytest.mark.parametrize("line", ["3", "2021", "1.签约服务", "-3.5%", "3月-5月", "共3页纸"])
def test_content_is_no_page_number(line: str) -> None:
    assert running_lines.find([["标题", "正文一", "正文二", "正文三", line]]) == (frozenset(),)


def test_numbered_content_at_the_edge_stays() -> None:
    pages = [["标题" + "甲乙丙丁"[n], "x", "y" + "甲乙丙丁"[n], f"全年完成签约{n}"] for n in range(4)]
    assert all(3 not in found for found in running_lines.find(pages))


@pytest.mark.parametrize("password", ["geheim", ""])
def test_encryption(tmp_path: Path, password: str) -> None:
    """An owner's password alone does not keep anybody from reading."""
    encrypt = StandardEncryption(password, ownerPassword="owner", strength=128)
    path = make(tmp_path / "a.pdf", [words("青石县工作总结")], encrypt=encrypt)
    if password:
        assert "已加密" in refused(path)
    else:
        assert read(path).text == "青石县工作总结\n"


def test_scan_is_named(tmp_path: Path) -> None:
    message = refused(make(tmp_path / "scan.pdf", [image], [image, words("2", top=30)]))
    assert "扫描件" in message and "OCR" in message


def test_blank_pdf_is_named(tmp_path: Path) -> None:
    assert "没有文字层" in refused(make(tmp_path / "blank.pdf", [words("")]))


def test_single_scanned_page_is_a_warning(tmp_path: Path) -> None:
    found = read(make(tmp_path / "a.pdf", [words("青石县工作总结，全年完成各项任务。")], [image]))
    assert "第 2 页是扫描图像" in found.warnings[0]


def test_short_text_beside_a_picture_is_no_scan(tmp_path: Path) -> None:
    found = read(make(tmp_path / "a.pdf", [words("青石县卫生健康局全年完成家庭医生签约。"), image]))
    assert not found.warnings


@pytest.mark.parametrize("keep", [30, 200, 900])
def test_broken_pdf(tmp_path: Path, keep: int) -> None:
    path = make(tmp_path / "cut.pdf", [words("青石县工作总结")])
    path.write_bytes(path.read_bytes()[:keep])
    assert "cut.pdf" in refused(path)


def test_too_many_pages(tmp_path: Path) -> None:
    path = make(tmp_path / "long.pdf", *[[words("页")]] * 4)
    assert "4 页" in refused(path, Limits(pages=3))


def test_pdf_under_a_false_suffix_is_read_with_a_warning(tmp_path: Path) -> None:
    found = read(make(tmp_path / "a.docx", [words("青石县工作总结")]))
    assert found.format == "pdf" and "后缀是 .docx" in found.warnings[0]
