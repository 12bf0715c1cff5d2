"""Search inside filters, and an index that heals."""

from __future__ import annotations

import hashlib
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import toy
from corpus.embedding import HashingEmbedder
from corpus.errors import LibraryBusy, StorageFull
from corpus.index import Hit, Index
from corpus.library import Library
from corpus.ranking import Ranked, distinct, fuse
from corpus.report import Filter, RawDocument, SectionKind
from corpus.vector_store import FILL, StoreBroken, VectorStore
from corpus.vectors import VectorCache, Vectors, sound, unit

TEXT = """# 云溪县2019年工作总结|云溪县|2019|全年
工作成效|全县家庭医生签约率达到81.2%，重点人群应签尽签。
工作成效|为农村妇女免费开展两癌筛查，彩超检查三千人。
存在问题|乡村医生年龄偏大，队伍青黄不接。
# 清河县2019年工作总结|清河县|2019|全年
工作成效|全县家庭医生签约率达到76.4%，重点人群应签尽签。
下一步打算|新建村卫生室十二所，培训乡村医生。
# 清河县2020年工作总结|清河县|2020|全年
工作成效|常态化疫情防控持续加强，储备集中隔离房间。
存在问题|乡村医生年龄偏大，队伍青黄不接。
"""


class CountingEmbedder(HashingEmbedder):
    """Counts what it embeds."""

    def __init__(self, dim: int = 64, name: str = "") -> None:
        super().__init__(dim)
        self.name = name or self.name
        self.passages = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages += len(texts)
        return super().embed_passages(texts)


Add = Callable[[str, str], tuple[str, ...]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def add(library: Library, tmp_path: Path) -> Add:
    def run(name: str, text: str) -> tuple[str, ...]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        data = path.read_bytes()
        document = RawDocument(name, hashlib.sha256(data).hexdigest(), len(data), "txt", text)
        return library.add_source(document, toy.parse(document), path=path, pipeline="p").report_ids

    return run


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def index(library: Library, embedder: CountingEmbedder) -> Iterator[Index]:
    with Index(library, embedder) as opened:
        yield opened


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.text for hit in hits]


def test_the_best_passage_comes_first_and_says_why(index: Index, add: Add) -> None:
    add("甲.txt", TEXT)
    first, *rest = index.search("农村妇女两癌筛查彩超检查")
    assert "两癌筛查" in first.passage.text
    assert (first.dense_rank, first.sparse_rank) == (1, 1)
    assert first.similarity is not None and first.similarity > 0
    assert first.why.startswith("语义第1，关键词第1（") and "两癌筛查" in first.why
    assert [h.score for h in (first, *rest)] == sorted((h.score for h in (first, *rest)), reverse=True)


def test_filters_are_hard(index: Index, add: Add) -> None:
    add("甲.txt", TEXT)
    question = "家庭医生签约率"
    assert texts(index.search(question, Filter(places=("云溪县",), kinds=(SectionKind.PROBLEMS,)))) == [
        "乡村医生年龄偏大，队伍青黄不接。"
    ]
    assert "76.4%" in texts(index.search(question, Filter(places=("清河县",), years=(2019,))))[0]
    assert index.search(question, Filter(places=("白山县",))) == ()
    assert index.search(question, Filter(years=(2021,))) == ()
    assert index.search("  ") == ()
    assert len(index.search("？", Filter(years=(2020,)))) == 2  # no word to look for: by meaning only


def test_the_place_and_year_of_the_filter_are_not_sought(index: Index, add: Add) -> None:
    add("甲.txt", "# 甲|云溪县|2019\n其他|云溪县2019年稳步前进，云溪县2019年再上台阶。\n其他|义诊三次。\n")
    inside = Filter(places=("云溪县",), years=(2019,))
    hits = index.search("云溪县2019年义诊几次", inside)
    assert [h.sparse_rank for h in hits if "义诊" in h.passage.text] == [1]
    assert [h.sparse_rank for h in hits if "前进" in h.passage.text] == [None]
    assert index.search("云溪县2019年", inside)[0].sparse_rank == 1  # nothing else to look for


def test_no_text_stands_twice(index: Index, add: Add, library: Library) -> None:
    add("甲.txt", TEXT)
    hits = index.search("乡村医生年龄偏大青黄不接的原因")
    assert len(texts(hits)) == len(set(texts(hits)))
    assert "青黄不接" in hits[0].passage.text and len(hits[0].also) == 1
    (other,) = library.passages_by_id(hits[0].also)
    assert other.text == hits[0].passage.text and other.report_id != hits[0].passage.report_id


def test_k_is_kept(index: Index, add: Add) -> None:
    add("甲.txt", TEXT)
    assert len(index.search("签约", k=2)) == 2
    assert len(index.search("签约", k=50)) == 6


def test_headings_are_searched(index: Index, add: Add) -> None:
    add("甲.txt", "# 甲|甲县|2020\n健康扶贫|落实政策。\n其他|落实政策要求。\n")
    assert index.search("健康扶贫")[0].passage.path == ("健康扶贫",)


def test_removed_and_merged_reports_are_not_found(index: Index, add: Add, library: Library) -> None:
    first, second, _ = add("甲.txt", TEXT)
    assert any("81.2%" in t for t in texts(index.search("签约率")))
    library.remove([first])
    assert not any("81.2%" in t for t in texts(index.search("签约率")))
    assert index.search("签约率", Filter(report_ids=(first,))) == ()
    (copy,) = add("辛.txt", TEXT[TEXT.index("# 清河县2019") : TEXT.index("# 清河县2020")])
    assert {d.report_id for d in library.duplicates()} == {copy}
    assert {h.passage.report_id for h in index.search("签约率", Filter(years=(2019,)))} == {second}
    library.unmerge(copy)
    hit = index.search("签约率", Filter(years=(2019,)))[0]
    assert len(hit.also) == 1


def test_each_text_is_embedded_once(index: Index, add: Add, embedder: CountingEmbedder) -> None:
    add("甲.txt", TEXT)
    assert index.pending() == 6
    assert index.sync() == 6
    assert embedder.passages == 6  # of 7 passages two have the same heading and text
    assert (index.pending(), index.sync()) == (0, 0)
    add("甲.txt", TEXT.replace("十二所", "二十所"))
    index.sync()
    assert embedder.passages == 7


def test_vectors_missing_after_a_kill_are_made_by_the_next_search(
    library: Library, index: Index, add: Add, embedder: CountingEmbedder
) -> None:
    add("甲.txt", TEXT)
    index.sync()
    index.close()
    add("乙.txt", "# 丙县2020年工作总结|丙县|2020\n其他|成立督导组十二个。\n")  # then killed
    with Index(library, embedder) as again:
        hit = again.search("成立多少个督导组")[0]
    assert "督导组" in hit.passage.text and hit.dense_rank == 1
    assert embedder.passages == 7


def test_a_deleted_index_loses_nothing(library: Library, add: Add, embedder: CountingEmbedder) -> None:
    add("甲.txt", TEXT)
    with Index(library, embedder) as index:
        before = index.search("签约率")
    shutil.rmtree(library.home / "index")
    with Index(library, embedder) as index:
        assert index.search("签约率") == before
    assert embedder.passages == 12


@pytest.mark.parametrize("damage", ["chroma.sqlite3", "truncate", "folder", "cache", "mark"])
def test_a_damaged_index_is_made_again(
    library: Library, add: Add, embedder: CountingEmbedder, damage: str
) -> None:
    add("甲.txt", TEXT)
    with Index(library, embedder) as index:
        before = index.search("签约率")
    folder = library.home / "index"
    if damage == "chroma.sqlite3":
        (folder / "chroma" / "chroma.sqlite3").write_bytes(b"rubbish" * 5000)
    elif damage == "truncate":
        with (folder / "chroma" / "chroma.sqlite3").open("r+b") as file:
            file.truncate(20_000)
    elif damage == "folder":
        shutil.rmtree(folder / "chroma")
    elif damage == "cache":
        (folder / "vectors.npz").write_bytes(b"PK" + b"rubbish" * 100)
    else:
        (folder / "opening").touch()
    with Index(library, embedder, exact_limit=1) as index:
        index.sync()
        assert texts(index.search("签约率"))[0] == texts(before)[0]
    assert embedder.passages == 6  # Chroma and the cache stand in for each other


def test_a_graph_damaged_after_opening_does_not_stop_the_search(
    library: Library, add: Add, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("甲.txt", TEXT)
    with Index(library, embedder, exact_limit=1) as index:
        exact = texts(index.search("签约率"))

        def broken(*_: object) -> None:
            raise StoreBroken("Error finding id")

        monkeypatch.setattr(VectorStore, "nearest", broken)
        assert texts(index.search("签约率")) == exact


def test_the_graph_finds_what_the_scan_finds(library: Library, add: Add, embedder: CountingEmbedder) -> None:
    body = "".join(f"其他|第{i}项工作，{'培训' * (i % 7)}{'义诊' * (i % 5)}{i}人。\n" for i in range(400))
    add("甲.txt", f"# 甲|甲县|2020\n{body}# 乙|乙县|2020\n{body.replace('工作', '任务')}")
    with Index(library, embedder) as exact, Index(library, embedder, exact_limit=300) as graph:
        for wanted in (Filter(), Filter(places=("乙县",))):
            found, near = exact.search("培训义诊17人", wanted), graph.search("培训义诊17人", wanted)
            assert len(set(texts(found)) & set(texts(near))) >= 9
            assert {h.passage.report_id for h in near} <= {p.report_id for p in library.passages(wanted)}


def test_another_embedder_makes_the_index_anew(library: Library, add: Add) -> None:
    add("甲.txt", TEXT)
    one, two = CountingEmbedder(64), CountingEmbedder(32, "other@1")
    with Index(library, one) as index:
        index.search("签约率")
    with Index(library, two) as index:
        assert index.search("签约率")
    assert (one.passages, two.passages) == (6, 6)


def test_rebuild_embeds_everything_and_leaves_one_collection(
    library: Library, index: Index, add: Add, embedder: CountingEmbedder
) -> None:
    add("甲.txt", TEXT)
    index.sync()
    seen: list[tuple[int, int]] = []
    assert index.rebuild(lambda done, total: seen.append((done, total))) == 6
    assert seen == [(6, 6)] and embedder.passages == 12
    assert index.search("签约率")
    index.close()
    chroma = sqlite3.connect(library.home / "index" / "chroma" / "chroma.sqlite3")
    assert chroma.execute("SELECT count(*) FROM collections").fetchone() == (1,)
    chroma.close()


def test_a_rebuild_cut_short_leaves_the_old_index(
    library: Library, add: Add, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("甲.txt", TEXT)
    with Index(library, embedder) as index:
        before = index.search("签约率")

        def fails(_: Sequence[str]) -> Vectors:
            raise KeyboardInterrupt

        monkeypatch.setattr(embedder, "embed_passages", fails)
        with pytest.raises(KeyboardInterrupt):
            index.rebuild()
        assert index.search("签约率") == before
    with Index(library, embedder) as index:  # embed_passages still fails: nothing is made again
        assert index.sync() == 0
        assert index.search("签约率") == before


def test_searching_beside_a_writer_uses_words(library: Library, add: Add, embedder: CountingEmbedder) -> None:
    add("甲.txt", TEXT)
    with Library.open(library.home) as writer, writer.writer(), Index(library, embedder) as index:
        with pytest.raises(LibraryBusy, match="进程"):
            index.sync()
        hit = index.search("两癌筛查")[0]
    assert "两癌筛查" in hit.passage.text
    assert (hit.dense_rank, hit.similarity, hit.sparse_rank) == (None, None, 1)
    assert embedder.passages == 0


def test_a_second_process_sees_what_the_first_one_wrote(
    library: Library, add: Add, embedder: CountingEmbedder
) -> None:
    add("甲.txt", TEXT)
    reader_embedder = CountingEmbedder()
    with Library.open(library.home) as other, Index(other, reader_embedder) as reader:
        reader.search("签约率")
        with Index(library, embedder) as writer:
            ids = add("乙.txt", "# 丙县2020年工作总结|丙县|2020\n其他|成立督导组十二个。\n")
            with library.writer():
                writer.add(ids)
                writer.sync()
        assert "督导组" in reader.search("成立多少个督导组")[0].passage.text
    assert reader_embedder.passages == 6


def test_threads_may_search_while_one_writes(index: Index, add: Add, library: Library) -> None:
    add("甲.txt", TEXT)
    index.sync()
    found: list[int] = []

    def search() -> None:
        found.extend(len(index.search("签约率")) for _ in range(20))

    threads = [Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(3):
        with library.writer(threads=10):  # as the desk: a search may be making what is missing just now
            add(f"{i}.txt", f"# 丁{i}|丁县|202{i}\n其他|第{i}次义诊。\n")
            index.sync()
    for thread in threads:
        thread.join()
    assert len(found) == 60 and min(found) >= 6


def test_a_full_disk_while_vectors_are_saved(
    index: Index, add: Add, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("甲.txt", TEXT)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("corpus.vectors.np.savez", full)
    with pytest.raises(StorageFull):
        index.sync()
    assert "两癌筛查" in index.search("两癌筛查")[0].passage.text
    monkeypatch.undo()
    assert index.sync() == 0
    assert not list((library.home / "index").glob(".*"))


def test_chroma_holds_no_text(index: Index, add: Add, library: Library) -> None:
    add("甲.txt", TEXT)
    index.sync()
    index.close()
    for file in (library.home / "index").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            for word in ("签约", "云溪县", "青黄不接"):
                assert word.encode() not in data and word.encode("utf-16-le") not in data


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc fills what it allocates")
def test_chroma_writes_no_memory_that_it_did_not_fill(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, "vectors", create=True)
    store.put(["one"], np.eye(1, 384, dtype=np.float32))
    store.close()
    (graph,) = tmp_path.rglob("data_level0.bin")
    assert set(graph.read_bytes()) == {FILL ^ 0xFF}


def test_words_are_cut_again_when_the_dictionary_changes(
    index: Index, add: Add, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("甲.txt", TEXT)
    index.sync()
    with library.database.writing() as connection:
        connection.execute("DELETE FROM terms")
    assert not any(h.sparse_rank for h in index.search("签约率"))
    monkeypatch.setattr("corpus.fulltext.version", lambda: "new")
    index.sync()
    assert any(h.sparse_rank for h in index.search("签约率"))


def test_common_words_are_left_out_in_a_large_library(
    index: Index, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("甲.txt", TEXT)
    monkeypatch.setattr("corpus.fulltext._LARGE", 1)
    monkeypatch.setattr("corpus.fulltext._COMMON", 0.3)
    hits = index.search("医生督导两癌筛查")
    assert [h.sparse_rank for h in hits if h.sparse_rank] == [1]
    assert [h for h in index.search("医生") if h.sparse_rank]  # nothing rarer to look for


def test_the_cache_drops_what_is_not_sound(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "v.npz", "e", 3)
    cache.put(["a", "b"], np.array([[1, 0, 0], [0, 2, 0]], np.float32))
    cache.save()
    again = VectorCache(tmp_path / "v.npz", "e", 3)
    assert again.reload() and "a" in again and "b" not in again
    assert not VectorCache(tmp_path / "v.npz", "other", 3).reload()
    assert not VectorCache(tmp_path / "v.npz", "e", 4).reload()


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 5), max_size=30),
    st.sets(st.text("abcdef", min_size=1, max_size=3)),
)
@settings(deadline=None, max_examples=50)
def test_the_cache_keeps_vectors_with_their_keys(values: dict[str, int], kept: set[str]) -> None:
    cache = VectorCache(Path("unused.npz"), "e", 6)
    for key, axis in values.items():
        cache.put([key], np.eye(6, dtype=np.float32)[[axis]])
    cache.keep(kept)
    rows, matrix = cache.lookup(tuple(values))
    for (key, axis), row in zip(values.items(), rows, strict=True):
        assert (row >= 0) == (key in kept)
        assert row < 0 or matrix[row, axis] == 1


@given(st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=4, max_size=4), min_size=1, max_size=5))
@settings(deadline=None, max_examples=50)
def test_unit_vectors_are_sound(rows: list[list[float]]) -> None:
    assert sound(unit(np.array(rows, np.float32))).all()
    assert not sound(np.full((1, 4), np.nan, np.float32)).any()


def test_fusion() -> None:
    fused = fuse([1, 2, 3], [3, 4])
    assert [r.number for r in fused] == [3, 1, 2, 4]
    assert fused[0] == Ranked(3, 1 / 13 + 1 / 11, 3, 1)
    assert distinct(fused, {1: "a", 2: "b", 3: "a", 4: "c"}, 2) == (
        Ranked(3, fused[0].score, 3, 1, (1,)),
        Ranked(2, fused[2].score, 2, None),
    )
    assert fuse([], []) == ()
