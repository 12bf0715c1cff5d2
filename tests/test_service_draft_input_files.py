"""Inputs in three formats: the same content gives the same input, and what does not fit is told with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from corpus.errors import BadTable, InputError, UnreadableFile
from service.draft import fields
from service.draft.input_files import read_input, write_input
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.prefill_sources import Filled, Prefilled

FORMATS = (".xlsx", ".yaml", ".json")
GIVEN = DraftInput(
    Basic("澄河县卫生健康局", "澄河县", 2023, Kind.PLAN, date(2022, 12, 31), attachments=("任务分工表", "指标表")),
    (
        Indicator("家庭医生签约率", "%", Amount(Decimal("61.3"), "61.3"), Amount(Decimal("66.8"), "66.80")),
        Indicator(
            "签约居民", "人", None, Amount(Decimal(194000), "19.4万"), Amount(Decimal(200000), "20万以上", "以上"), "常住人口"
        ),
    ),
    (Problem("问题1", "村医后继乏人", "60岁以上的有173名", "待遇偏低"), Problem("问题2", "设备老化")),
    (
        Task("任务1", "定向培养村医", ("问题1",), "与卫校签协议", "基层股", "9月底前", date(2023, 9, 30), "20名"),
        Task("任务2", "更新设备", ("问题1", "问题2"), deadline="长期"),
    ),
)  # fmt: skip


def plain(made: DraftInput) -> DraftInput:
    """An input without what tells where it stood."""
    return replace(
        made,
        basic=replace(made.basic, at=""),
        indicators=tuple(replace(row, at="") for row in made.indicators),
        problems=tuple(replace(row, at="") for row in made.problems),
        tasks=tuple(replace(row, at="") for row in made.tasks),
        name="",
        sha256="",
        warnings=(),
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_is_read_back(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"输入{suffix}"
    write_input(Prefilled(GIVEN), path)
    made = read_input(path)
    assert plain(made) == GIVEN
    assert made.name == path.name and made.warnings == ()


def test_the_hash_is_of_the_content_and_not_of_the_file(tmp_path: Path) -> None:
    hashes = set()
    for suffix in FORMATS:
        path = tmp_path / f"输入{suffix}"
        write_input(Prefilled(GIVEN), path)
        hashes.add(read_input(path).sha256)
    assert len(hashes) == 1 and all(len(one) == 64 for one in hashes)
    other = replace(GIVEN, problems=(*GIVEN.problems[:1], Problem("问题2", "设备陈旧")))
    write_input(Prefilled(other), tmp_path / "二.json")
    assert read_input(tmp_path / "二.json").sha256 not in hashes


# -- any content --------------------------------------------------------------------------------------

LETTERS = "乡村医生后继乏人率，。；、：“”《》（）…—%0123456789ABCxyz =+-@#:'\"[]{}&*!|>?,./\\~"
words = st.text(LETTERS, max_size=30).map(fields.one_line)
named = words.filter(bool)
listed = named.filter(lambda text: not set("；;") & set(text))
# A number with its qualifier and its scale, as a value of the unit may be written.
amounts = st.builds(
    lambda number, form: fields.amount(form.format(number))[0],
    st.decimals(-(10**6), 10**6, places=2),
    st.sampled_from(("{}", "约{}", "不低于{}万", "{}亿", "{}以上", "{}万余")),
)
days = st.none() | st.dates(date(1990, 1, 1), date(2100, 12, 31))
indicators = st.builds(
    Indicator,
    named.filter(lambda text: len(text) <= 100),
    st.sampled_from(("%", "人", "人次", "元", "/10万", "")),
    amounts | st.none(),
    amounts,
    amounts | st.none(),
    words,
    words,
)


@st.composite
def inputs(draw: st.DrawFn) -> DraftInput:
    """Inputs as they come out of a file: keys are found, deadlines read."""
    kind = draw(st.sampled_from(Kind))
    basic = Basic(
        draw(named), draw(named), draw(st.integers(1990, 2099)), kind, draw(days), draw(words), draw(words),
        draw(words), tuple(draw(st.lists(listed, max_size=3))), draw(words), draw(days),
        signer=draw(words), requirements=draw(words), safeguards=tuple(draw(st.lists(listed, max_size=3))),
    )  # fmt: skip
    titles = draw(st.lists(named, max_size=4, unique=True))
    problems = tuple(Problem(f"问题{n}", t, draw(words), draw(words)) for n, t in enumerate(titles, 1))
    tasks = []
    for number, title in enumerate(draw(st.lists(named, max_size=4)), 1):
        term = draw(st.sampled_from(("", "长期", "9月底前", "2024年6月底前")))
        answers = draw(st.lists(st.sampled_from([p.key for p in problems]), unique=True)) if problems else []
        due = fields.deadline(term, fields.year_of_terms(basic))[1]
        texts = [draw(words) for _ in range(4)]
        made = Task(f"任务{number}", title, tuple(answers), *texts[:2], term, due, *texts[2:])
        tasks.append(replace(made, area=draw(named)[:30]))
    rows = draw(st.lists(indicators, max_size=4, unique_by=lambda row: (row.name, row.scope, row.unit)))
    return DraftInput(basic, tuple(rows), problems, tuple(tasks))


@given(made=inputs())
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.parametrize("suffix", FORMATS)
def test_any_input_comes_back_from_any_format(suffix: str, made: DraftInput, tmp_path: Path) -> None:
    assume(made.indicators or made.problems or made.tasks)
    path = tmp_path / f"x{suffix}"
    write_input(Prefilled(made), path, force=True)
    assert plain(read_input(path)) == made


# -- YAML -------------------------------------------------------------------------------------------

YAML = """基本信息:
  文种: 工作计划
  单位: 澄河县卫生健康局
  地区: 澄河县
  年度: 2023
指标:
  - 名称: 签约率
    单位: "%"
    本年值: 66.80
问题:
  - 问题: 村医后继乏人
任务: []
"""


@pytest.fixture
def yaml_file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "输入.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_values_stay_as_they_are_typed(yaml_file: Callable[[str], Path]) -> None:
    made = read_input(yaml_file(YAML))
    assert made.indicators[0].this == Amount(Decimal("66.8"), "66.80")
    assert made.problems[0].key == "问题1" and made.problems[0].at == "问题第1项"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("本年值: 66.80", "本年值: 6O%", "指标第1项.本年值（第9行） “6O%”不是数值"),
        ("本年值: 66.80", "今年值: 66.80", "没有“今年值”这一项。请改正，是不是“本年值”"),
        ("本年值: 66.80", "本年值: [1, 2]", "指标第1项.本年值（第9行） 应当是一个值"),
        ("    单位: \"%\"", "    名称: 甲", "“名称”写了两次"),
        ("年度: 2023", "年度: 二三年", "基本信息.年度（第5行） “二三年”不是年份"),
        ("年度: 2023", "年度: 2023\n  截止日期: 2022-02-30", "没有2022年2月30日这一天"),
        ("任务: []", "", "缺少“任务”"),
        ("任务: []", "任务: 甲", "任务（第12行） 应当是一个列表"),
        ("任务: []", "任务: [甲]", "任务第1项（第12行） 应当写成“任务: …”的样子"),
        ("任务: []", "任务: []\n分工: []", "没有“分工”这一栏"),
        ("  - 问题: 村医后继乏人", "  - 问题: 甲\n   乙: 丙", "第12行"),
        ("任务: []", "任务: &a [*a]", "用了 YAML 的引用"),
        ("任务: []", "任务: " + "[" * 3000, "不是能读的 YAML"),
        ("任务: []", "任务: \t甲: 乙", "不是能读的 YAML（第12行"),
        ("问题: 村医后继乏人", "问题: 村医\x07后继", "不是能读的 YAML"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_line(
    yaml_file: Callable[[str], Path], old: str, new: str, told: str
) -> None:
    assert old in YAML
    with pytest.raises(BadTable) as error:
        read_input(yaml_file(YAML.replace(old, new, 1)))
    assert told in str(error.value) and "请" in str(error.value)
    assert "输入.yaml" in str(error.value)


def test_all_faults_of_a_file_are_told_at_once(yaml_file: Callable[[str], Path]) -> None:
    text = (
        YAML.replace("66.80", "6O")
        .replace("年度: 2023", "年度: 明年")
        .replace("任务: []", "任务:\n  - 针对问题: 问题9")
    )
    with pytest.raises(BadTable) as error:
        read_input(yaml_file(text))
    lines = str(error.value).splitlines()
    assert "有4处要改" in lines[0]
    assert [line.split("（")[0].strip() for line in lines[1:5]] == [
        "基本信息.年度", "指标第1项.本年值", "任务第1项 “任务”没有填。请填写，如 定向培养乡村医生", "任务第1项.针对问题",
    ]  # fmt: skip


def test_no_tag_constructs_anything(yaml_file: Callable[[str], Path]) -> None:
    made = read_input(
        yaml_file(
            YAML.replace("村医后继乏人", "!!python/object/apply:os.getcwd []", 1).replace(
                " []\n任务", " 甲\n任务"
            )
        )
    )
    assert made.problems[0].title == "甲"


@pytest.mark.parametrize("text", ["", "# 只有说明\n", "甲", "- 甲\n- 乙"])
def test_a_yaml_that_is_no_input(yaml_file: Callable[[str], Path], text: str) -> None:
    with pytest.raises(InputError, match=r"文件是空的|最外层应当是") as error:
        read_input(yaml_file(text))
    assert "请" in str(error.value)


def test_the_yaml_explains_itself(tmp_path: Path) -> None:
    path = tmp_path / "输入.yaml"
    note = Filled("任务", 0, "针对问题", note="按内容相近推定（建议，请核对）")
    write_input(Prefilled(GIVEN, (note,), messages=("用到的报告：《甲》",)), path)
    text = path.read_text(encoding="utf-8")
    assert "# 名称（必填）：指标的规范名称。例：家庭医生签约率" in text
    assert "# 用到的报告：《甲》" in text
    assert "  # 按内容相近推定（建议，请核对）\n  - 任务: 定向培养村医\n" in text
    assert "    本年值: 66.80\n" in text
    assert "    针对问题: 问题1、问题2\n" in text


# -- JSON and the rest --------------------------------------------------------------------------------


def test_json_takes_numbers_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "输入.json"
    basic = {"文种": "problems", "单位": "澄河县卫生健康局", "地区": "澄河县", "年度": 2023}
    rows = [{"编号": "问题1", "问题": "甲"}, {"编号": "问题2", "问题": "乙"}]
    task = {"任务": "丙", "针对问题": ["问题1", "问题2"], "完成时限": None}
    values = {"名称": "签约率", "单位": "%", "本年值": 66.80}
    sheets = {"基本信息": basic, "指标": [values], "问题": rows, "任务": [task]}
    path.write_text(json.dumps(sheets), encoding="utf-8")
    made = read_input(path)
    assert made.basic.kind is Kind.PROBLEMS and made.basic.year == 2023
    assert made.tasks[0].answers == ("问题1", "问题2")
    assert made.indicators[0].this == Amount(Decimal("66.8"), "66.8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"基本信息": {},}', "不是能读的 JSON（第1行第"),
        ("[" * 100_000, "嵌套太深|不是能读的 JSON"),
        ('{"指标": [], "指标": []}', "“指标”写了两次|缺少“基本信息”"),
        ("[]", "最外层应当是"),
    ],
)
def test_a_json_that_is_no_input(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "输入.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadTable, match=told):
        read_input(path)


def test_a_text_of_chinese_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "输入.yml"
    path.write_bytes(YAML.encode("gb18030"))
    assert read_input(path).basic.place == "澄河县"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("输入.csv", b"a", "不认识“.csv”的输入表"),
        ("输入", b"a", "没有扩展名"),
        ("输入.json", b"\xff\xff\xff\xff\x81", "编码不认识"),
        ("输入.yaml", b"", "文件是空的"),
        ("没有.yaml", None, "找不到文件"),
    ],
)
def test_a_file_that_is_not_read(tmp_path: Path, name: str, data: bytes | None, told: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UnreadableFile, match=told) as error:
        read_input(tmp_path / name)
    assert name in str(error.value)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_that_is_there_stays(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"输入{suffix}"
    path.write_bytes("原有".encode())
    with pytest.raises(InputError, match="文件已经存在"):
        write_input(Prefilled(GIVEN), path)
    assert path.read_bytes() == "原有".encode()
