"""Which names mean the same indicator, decided by a table and never by a guess (指标别名).

In: the table that ships with the project and the user's own in the data folder, in the same form::

    家庭医生签约率 [%] = 家庭医生签约服务率, 家庭医生签约覆盖率      # the first is the name; [%] the only unit
    65岁以上老年人健康管理率 [%] = 老年人健康管理率 @65岁以上        # only where the text around says so
    不同: 家庭医生签约率, 常住人口签约率, 重点人群签约率            # these never merge

Out: the name that an indicator goes by. A name that a report itself explains (65岁以上老年人健康管理率，即…)
holds within that report only (:mod:`corpus.definitions`). Whatever contradicts itself is a BadTable that
names the file and the line: a cycle, a name in two groups, a name of its own alias.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from corpus.errors import BadTable, StorageFull
from corpus.files import shown

FILE_NAME = "aliases.txt"
SHIPPED = Path(__file__).with_name("aliases.txt")
LONGEST = 60  # characters of a name

_REMEDY = "请改正这一行后重试；一行写一组：标准名 = 别名，别名"
_WIDE = str.maketrans("，；：＝［］【】", ",;:=[][]", "\ufeff")
_DIFFERENT = "不同:"
_HEAD = re.compile(r"^(?P<name>[^\[\]=]+?)\s*(?:\[(?P<unit>[^\[\]]*)\])?\s*$")


@dataclass(frozen=True, slots=True)
class Alias:
    """``name`` is another name of ``meant``: where the unit is ``unit``, and the sentence or its
    headings hold ``near`` ("" is any).
    """

    name: str
    meant: str
    unit: str = ""
    near: str = ""
    where: str = ""  # file and line, "" for one that a report explains


Links = Mapping[str, tuple[Alias, ...]]  # key of an alias → what it means, the narrowest first


@dataclass(frozen=True, slots=True)
class Aliases:
    """The table in use. ``titles`` leads from the key of a name to the name as the table writes it."""

    links: Links = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    different: tuple[frozenset[str], ...] = ()

    @classmethod
    def load(cls, home: Path | None) -> Aliases:
        """The shipped table with the user's over it.

        Raises:
            BadTable: one of them contradicts itself, or both together make a circle.
        """
        own = read(home / FILE_NAME) if home and (home / FILE_NAME).exists() else Table()
        return combined(shipped(), own)

    def canonical(self, indicator: str, unit: str = "", context: str = "") -> str:
        """The name that an indicator goes by; the name without its trimmings where none is known.

        Args:
            indicator: the name as written.
            unit: its unit of measure; an alias may hold for one only.
            context: the sentence and headings around; an alias may hold only where they say a word.
        """
        plain = cleaned(indicator)
        at, found = key(plain), ""
        for _ in range(len(self.links) + 1):
            link = next((x for x in self.links.get(at, ()) if _fits(x, unit, context)), None)
            if link is None:
                break
            at, found = key(link.meant), link.meant
        return self.titles.get(at) or found or (plain if unit in RATES else uncounted(plain))

    def same(self, one: str, other: str, unit: str = "") -> bool:
        """Whether two names mean the same indicator."""
        return key(self.canonical(one, unit)) == key(self.canonical(other, unit))

    def apart(self, one: str, other: str) -> bool:
        """Whether the table says that two names are different indicators."""
        names = {key(cleaned(name)) for name in (one, other)}
        names |= {key(self.canonical(name)) for name in (one, other)}
        return any(len(names & group) > 1 for group in self.different)

    def within(self, explained: Iterable[tuple[str, str]]) -> Aliases:
        """The table for one report, with the names that it explains itself: (name, what it means)."""
        links = dict(self.links)
        for name, meant in explained:
            one, other = key(cleaned(name)), key(self.canonical(meant))
            if one in links or one == other or self.apart(name, meant) or one in _reached(links, other):
                continue
            links[one] = (Alias(name, meant),)
        return self if len(links) == len(self.links) else Aliases(links, self.titles, self.different)


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its aliases, the titles of its groups, and the names that never merge."""

    aliases: tuple[Alias, ...] = ()
    titles: tuple[str, ...] = ()
    different: tuple[frozenset[str], ...] = ()


def _fits(link: Alias, unit: str, context: str) -> bool:
    return (not link.unit or not unit or link.unit == unit) and (not link.near or link.near in context)


def _reached(links: Links, start: str) -> set[str]:
    """Keys of all that a name may come to mean, by whatever unit and context."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for link in links.get(waiting.pop(), ()):
            goal = key(link.meant)
            if goal not in reached:
                reached.add(goal)
                waiting.append(goal)
    return reached


# -- names ------------------------------------------------------------------------------------------

_PLACE = r"(?:全|我|本)(?:县区?|区|市|省|国|州|旗|镇|乡|辖区|局)|(?:截[至止]|到)?(?:目前|年底|年末)|今年(?:以来)?|本?年度?内?|(?:19|20)\d\d年(?:度|末|底)?|上半年|下半年"
_LEADING = re.compile(
    rf"^(?:(?:{_PLACE})(?:的|，)?|其中|目前|共(?!享|同|建|青|产)|累计(?=.{{4}})|现(?=有.)|的|是)(?=..)"
)
_TRAILING = re.compile(
    r"(?<=..)(?:达到了?|提高到|增加到|增至|(?<![到发传])达|(?<!行)为|分别|累计|共计|合计|(?<![签])约|超过|全[县区市省州旗国]|的|:|、)$"
)
_QUOTES = str.maketrans("（），：％", "(),:%", "“”\"'‘’「」『』 \u3000\u00a0\t\n*")
_BRACKETS = re.compile(r"[()（）《》]")
_COUNT = re.compile(
    r"(?<=..)(?:总?人次数?|总?人数|例数|户数|件数|家次|次数|总?数量|总数|家数|个数|台数|所数|张数|(?<![指系分参基岁])数)$"
)
RATES = frozenset({"%", "‰", "个百分点", "倍"})
_AGES = re.compile(r"(\d+)(?:周岁|岁)(?:及以|及其以|以)?([上下])")


@lru_cache(maxsize=16384)
def cleaned(name: str) -> str:
    """An indicator without 全县, 今年, quotation marks and 达到: what may stand in a table."""
    text = _AGES.sub(r"\1岁以\2", name.translate(_QUOTES))
    size = -1
    while len(text) != size:
        size = len(text)
        text = _TRAILING.sub("", _LEADING.sub("", text))
    return text or name


@lru_cache(maxsize=16384)
def key(name: str) -> str:
    """What the spellings of one name have in common: 执业（助理）医师, 执业助理医师, 执业助理医师人数."""
    return uncounted(_BRACKETS.sub("", name.translate(_QUOTES)).casefold())


def uncounted(name: str) -> str:
    """家庭病床数 as 家庭病床: the unit tells what is counted."""
    return _COUNT.sub("", name)


# -- files ------------------------------------------------------------------------------------------


def read(path: Path) -> Table:
    """The table in a file.

    Raises:
        BadTable: it cannot be read, or a line is not in the form above.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadTable("别名表不是 UTF-8 编码", where=shown(path), remedy="请另存为 UTF-8 后重试") from error
    except OSError as error:
        raise BadTable("别名表不能读取", where=shown(path), remedy="请检查文件权限") from error
    return parse(lines, path.name)


def parse(lines: Iterable[str], file: str) -> Table:
    """The table in these lines; ``file`` is for messages."""
    aliases: list[Alias] = []
    titles: list[str] = []
    different: list[frozenset[str]] = []
    for number, line in enumerate(lines, 1):
        where = f"{file} 第{number}行"
        text = line.split("#", 1)[0].translate(_WIDE).strip()
        if not text:
            continue
        if text.startswith(_DIFFERENT):
            different.append(_different(text.removeprefix(_DIFFERENT), where))
        else:
            title, group = _group(text, where)
            aliases += group
            titles.append(title)
    table = Table(tuple(aliases), tuple(titles), tuple(different))
    _check_once(table)
    return table


def _different(text: str, where: str) -> frozenset[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) < 2:
        raise BadTable("“不同”一行至少要有两个指标名", where=where, remedy=_REMEDY)
    return frozenset(key(cleaned(name)) for name in names)


def _group(text: str, where: str) -> tuple[str, list[Alias]]:
    left, mark, right = text.partition("=")
    head = _HEAD.match(left)
    names = [name.strip() for name in right.split(",") if name.strip()]
    if not mark or head is None or not names or "=" in right:
        raise BadTable(f"看不懂“{text[:40]}”", where=where, remedy=_REMEDY)
    title, unit = head["name"].strip(), (head["unit"] or "").strip()
    for name in (title, *names):
        if len(name) > LONGEST:
            raise BadTable(f"指标名过长（{len(name)}字）", where=where, remedy=f"请不要超过{LONGEST}字")
    found = []
    for written in dict.fromkeys(names):
        name, _, near = (part.strip() for part in written.partition("@"))
        if cleaned(name) == cleaned(title):
            raise BadTable(f"“{name}”是它自己的别名", where=where, remedy="请删去这个别名")
        if key(cleaned(name)) != key(title):  # 家庭病床数 needs no alias 家庭病床
            found.append(Alias(name, title, unit, near, where))
    return title, found


def _check_once(table: Table) -> None:
    """Each alias belongs to one group, unless its unit or the text around tells which."""
    seen: dict[tuple[str, str, str], Alias] = {}
    for alias in table.aliases:
        other = seen.setdefault((key(cleaned(alias.name)), alias.unit, alias.near), alias)
        if key(other.meant) != key(alias.meant):
            raise BadTable(
                f"“{alias.name}”同时是“{other.meant}”和“{alias.meant}”的别名（前者在{other.where}）",
                where=alias.where,
                remedy="请只保留一处",
            )


@lru_cache(maxsize=1)
def shipped() -> Table:
    """The table of this project."""
    return read(SHIPPED)


def combined(*tables: Table) -> Aliases:
    """Tables in force together; where two name the same alias, the later one counts.

    Raises:
        BadTable: following the aliases leads in a circle, or merges what is said to be different.
    """
    by_key: dict[str, dict[tuple[str, str], Alias]] = {}
    for table in tables:
        for at in {key(cleaned(a.name)) for a in table.aliases if not a.unit and not a.near}:
            by_key.pop(at, None)  # said for every unit and context
        for alias in table.aliases:
            by_key.setdefault(key(cleaned(alias.name)), {})[alias.unit, alias.near] = alias
    links = {
        at: tuple(sorted(found.values(), key=lambda x: (not x.near, -len(x.near), not x.unit)))
        for at, found in by_key.items()
    }
    different = tuple(group for table in tables for group in table.different)
    for start in links:
        _check_circle(links, start)
        _check_different(links, start, different)
    titles = {key(title): title for table in tables for title in table.titles}
    return Aliases(MappingProxyType(links), MappingProxyType(titles), different)


def _check_circle(links: Links, start: str) -> None:
    if start not in _reached(links, start):
        return
    ring = [x for found in links.values() for x in found if start in _reached(links, key(x.name))]
    ring = [x for x in ring if key(x.meant) == start or start in _reached(links, key(x.meant))]
    names = "、".join(f"{x.name}→{x.meant}" for x in ring)
    raise BadTable(
        f"别名成了一个圈（{names}）", where=ring[-1].where, remedy="请删去其中一个，或用 --unalias 撤销"
    )


def _check_different(links: Links, start: str, different: Iterable[frozenset[str]]) -> None:
    names = {start, *_reached(links, start)}
    for group in different:
        if len(names & group) > 1:
            alias = links[start][0]
            raise BadTable(
                f"“{alias.name}”和“{alias.meant}”已注明是不同的指标，不能合并",
                where=alias.where,
                remedy="请删去这个别名；确属同一指标的，请先改“不同”一行",
            )


# -- the user's table -------------------------------------------------------------------------------


def add(home: Path, name: str, alias: str, unit: str = "") -> Aliases:
    """Note in the user's table that ``alias`` means ``name``.

    Raises:
        BadTable: the table would contradict itself; it stays as it was.
    """
    name, alias = name.strip(), alias.strip()
    guard = f" [{unit}]" if unit else ""
    return _rewrite(home, [*_lines(home), f"{name}{guard} = {alias}"])


def drop(home: Path, alias: str) -> Aliases:
    """Take an alias out of the user's table.

    Raises:
        BadTable: it is not in there.
    """
    kept, found = [], False
    for line in _lines(home):
        left, mark, right = line.split("#", 1)[0].translate(_WIDE).partition("=")
        names = [name.strip() for name in right.split(",") if name.strip()]
        rest = [name for name in names if key(cleaned(name.partition("@")[0])) != key(cleaned(alias))]
        if not mark or len(rest) == len(names):
            kept.append(line)
            continue
        found = True
        if rest:
            kept.append(f"{left.strip()} = {', '.join(rest)}")
    if not found:
        raise BadTable(
            f"您的别名表中没有“{alias}”",
            where=FILE_NAME,
            remedy="用 wenheng figures --aliases 查看；随附的别名不能撤销",
        )
    return _rewrite(home, kept)


def _lines(home: Path) -> list[str]:
    path = home / FILE_NAME
    if not path.exists():
        return []
    read(path)  # a broken table is not written over
    return path.read_text(encoding="utf-8").splitlines()


def _rewrite(home: Path, lines: list[str]) -> Aliases:
    """Write the user's table if it holds together; the file is replaced at once or not at all."""
    made = combined(shipped(), parse(lines, FILE_NAME))
    fresh = home / f".{FILE_NAME}.new"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        fresh.replace(home / FILE_NAME)
    except OSError as error:
        raise StorageFull(
            "别名表没有保存", where=shown(home / FILE_NAME), remedy="请检查磁盘空间和目录权限后重试"
        ) from error
    return made
