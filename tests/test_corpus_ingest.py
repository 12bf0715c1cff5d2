"""Ingest: incremental, resumable, one bad file at a time."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus import toy
from corpus.embedding import HashingEmbedder
from corpus.errors import EndpointError, LibraryBusy, StorageFull, UnreadableFile
from corpus.files import find_files
from corpus.index import Index
from corpus.ingest import IngestResult, Progress, ingest, pipeline_version
from corpus.library import Library
from corpus.readers import SUFFIXES, read
from corpus.report import Filter, RawDocument, Report
from corpus.vector_store import StoreBroken, VectorStore
from corpus.vectors import Vectors

Ingest = Callable[..., IngestResult]

MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)400-\d{3,4}-\d{3,4}")


def page(place: str, year: int, *lines: str) -> str:
    body = "".join(f"工作成效|{line}\n" for line in lines or (f"{place}家庭医生签约率达到{year % 100}.5%。",))
    return f"# {place}{year}年工作总结|{place}|{year}|全年\n{body}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "文件"
    folder.mkdir()
    for number, place in enumerate(("云溪县", "清河县", "白山县")):
        (folder / f"{number}.txt").write_text(page(place, 2019) + page(place, 2020), encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def index(library: Library) -> Iterator[Index]:
    with Index(library, HashingEmbedder(64)) as opened:
        yield opened


@pytest.fixture
def run(library: Library, index: Index) -> Ingest:
    def start(*paths: Path, **more: object) -> IngestResult:
        options: dict[str, object] = {"parse": toy.parse, "pipeline": "1"}
        return ingest(paths, library, index, **(options | more))  # type: ignore[arg-type]

    return start


def state(library: Library) -> list[tuple[object, ...]]:
    """Everything that an ingest should leave the same."""
    return [
        (c.id, c.title, c.place, c.year, c.passages, c.figures, c.merged_into)
        for c in library.cards(merged=True)
    ]


def test_reports_come_in_and_are_found(run: Ingest, folder: Path, library: Library, index: Index) -> None:
    result = run(folder)
    assert (result.files, result.ingested, result.reports, result.failures) == (3, 3, 6, ())
    assert result.repairs == {"spaces": 6}
    assert index.pending() == 0
    hit = index.search("签约率", Filter(places=("清河县",), years=(2020,)))[0]
    assert "20.5%" in hit.passage.text
    assert json.loads(json.dumps(result.to_json(), ensure_ascii=False))["repairs"] == {"spaces": 6}


def test_twice_is_once(run: Ingest, folder: Path, library: Library) -> None:
    run(folder)
    before = state(library)
    again = run(folder, folder / "0.txt")
    assert (again.files, again.unchanged, again.ingested, again.reports) == (3, 3, 0, 0)
    assert state(library) == before


def test_new_and_changed_files_only(run: Ingest, folder: Path, library: Library) -> None:
    run(folder)
    (folder / "1.txt").write_text(page("清河县", 2021), encoding="utf-8")
    (folder / "9.txt").write_text(page("赤水县", 2021), encoding="utf-8")
    result = run(folder)
    assert (result.unchanged, result.ingested, result.replaced, result.reports) == (2, 2, 1, 2)
    assert {(c.place, c.year) for c in library.cards()} == {
        ("云溪县", 2019),
        ("云溪县", 2020),
        ("清河县", 2021),
        ("白山县", 2019),
        ("白山县", 2020),
        ("赤水县", 2021),
    }


def test_a_new_pipeline_parses_again_and_edits_stay(run: Ingest, folder: Path, library: Library) -> None:
    first = run(folder).report_ids[0]
    library.edit(first, "title", "改过的标题")
    result = run(folder, pipeline="2")
    assert (result.ingested, result.replaced, result.unchanged) == (3, 3, 0)
    assert library.report(first).metadata.title == "改过的标题"


def test_the_same_bytes_elsewhere(run: Ingest, folder: Path, library: Library) -> None:
    run(folder)
    (folder / "again.txt").write_bytes((folder / "0.txt").read_bytes())
    result = run(folder)
    assert (result.unchanged, result.elsewhere, result.ingested) == (3, 1, 0)
    assert run(folder).unchanged == 4
    (folder / "0.txt").unlink()
    (folder / "again.txt").write_text(page("云溪县", 2022), encoding="utf-8")
    run(folder)
    assert {c.year for c in library.cards(Filter(places=("云溪县",)))} == {2019, 2020, 2022}


def test_copies_are_counted(run: Ingest, folder: Path, library: Library) -> None:
    (folder / "copy.txt").write_text(page("云溪县", 2019) + "\n", encoding="utf-8")
    result = run(folder)
    assert (result.reports, result.duplicates) == (7, 1)
    assert len(library.cards()) == 6


def test_bad_files_are_named_and_the_rest_goes_on(run: Ingest, folder: Path, library: Library) -> None:
    def parse(document: RawDocument) -> tuple[Report, ...]:
        if document.name == "0.txt":
            raise UnreadableFile("无法解析", where=str(folder / "0.txt"), remedy="请重新下载")
        if document.name == "1.txt":
            raise ZeroDivisionError
        return toy.parse(document)

    (folder / "3.txt").write_bytes(b"")
    result = run(folder, folder / "nope.txt", parse=parse)
    reasons = {Path(f.path).name: f.reason for f in result.failures}
    assert reasons.pop("3.txt")
    assert reasons == {
        "nope.txt": "文件或目录不存在。请检查路径是否写对、文件是否被移走",
        "0.txt": "无法解析。请重新下载",
        "1.txt": "程序处理这份文件时出错（ZeroDivisionError）。请将文件名和日志报告给开发者",
    }
    assert {c.place for c in library.cards()} == {"白山县"}
    assert {Path(f.path).name for f in run(folder).failures} == {"3.txt"}
    assert len(library.cards()) == 6


def test_a_failing_new_version_keeps_the_old_reports(run: Ingest, folder: Path, library: Library) -> None:
    run(folder)
    before = state(library)
    (folder / "0.txt").write_bytes(b"")
    assert len(run(folder).failures) == 1
    assert state(library) == before


def test_a_file_that_disappears(run: Ingest, folder: Path) -> None:
    def vanishing(path: Path) -> RawDocument:
        if path.name == "0.txt":
            (folder / "1.txt").unlink()
            document = read(path)
            path.unlink()
            return document
        return read(path)

    result = run(folder, read=vanishing)
    assert {Path(f.path).name for f in result.failures} == {"0.txt", "1.txt"}
    assert result.ingested == 1


def test_progress_and_a_clean_stop(run: Ingest, folder: Path, library: Library, index: Index) -> None:
    seen: list[Progress] = []
    result = run(folder, on_progress=seen.append, should_stop=lambda: len(seen) == 2)
    assert result.stopped and result.ingested == 2
    assert [(p.done, p.total, Path(p.current).name) for p in seen] == [(0, 3, "0.txt"), (1, 3, "1.txt")]
    assert seen[0].eta is None and seen[1].eta is not None
    assert seen[1].bytes_done == seen[1].bytes_total // 3
    assert index.pending() == 0
    seen.clear()
    result = run(folder, on_progress=seen.append)
    assert (result.unchanged, result.ingested, seen[-1].done, seen[-1].current) == (2, 1, 3, "")


def test_ctrl_c_keeps_what_is_done(run: Ingest, folder: Path, library: Library) -> None:
    def interrupted(path: Path) -> RawDocument:
        if path.name == "1.txt":
            raise KeyboardInterrupt
        return read(path)

    result = run(folder, read=interrupted)
    assert result.stopped and result.ingested == 1
    assert len(library.cards()) == 2


def test_a_full_disk_keeps_what_is_done(
    run: Ingest, folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    fsync = os.fsync

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 2:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr("corpus.originals.os.fsync", full)
    with pytest.raises(StorageFull, match="腾出空间"):
        run(folder)
    assert len(library.cards()) == 4
    monkeypatch.undo()
    assert run(folder).ingested == 1


def test_a_real_limit_of_the_file_size(folder: Path, tmp_path: Path) -> None:
    """Every file of the data folder may only grow to 160 KiB: a full disk in earnest."""
    lines = [f"第{i}项工作，{'培训义诊督导' * 30}{i}人。" for i in range(400)]
    (folder / "1.txt").write_text(page("清河县", 2019, *lines), encoding="utf-8")
    home = tmp_path / "small"
    done = child(home, folder, limit=160 * 1024)
    assert done.returncode != 0
    assert "LibraryError" in done.stderr or "StorageFull" in done.stderr
    with Library.open(home) as library:
        assert {c.place for c in library.cards()} <= {"云溪县"}
    assert child(home, folder).returncode == 0
    with Library.open(home) as library:
        assert len(library.cards()) == 5


def test_two_ingests_at_once(run: Ingest, folder: Path, library: Library) -> None:
    with (
        Library.open(library.home) as other,
        other.writer(),
        pytest.raises(LibraryBusy, match=str(os.getpid())) as caught,
    ):
        run(folder)
    assert caught.value.remedy
    assert run(folder).ingested == 3  # the lock went with its holder


def test_vectors_are_made_in_batches(
    run: Ingest, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    embed = HashingEmbedder.embed_passages

    def counted(self: HashingEmbedder, texts: list[str]) -> np.ndarray:
        sizes.append(len(texts))
        return embed(self, texts)

    monkeypatch.setattr(HashingEmbedder, "embed_passages", counted)
    monkeypatch.setattr("corpus.ingest._BATCH", 4)
    run(folder)
    assert sizes == [4, 2]


def test_a_failing_embedder_is_not_the_fault_of_a_file(
    run: Ingest, folder: Path, library: Library, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: HashingEmbedder, texts: list[str]) -> np.ndarray:
        raise EndpointError("向量服务没有回应", remedy="请检查地址")

    monkeypatch.setattr(HashingEmbedder, "embed_passages", fails)
    monkeypatch.setattr("corpus.ingest._BATCH", 4)
    with pytest.raises(EndpointError):
        run(folder)
    assert len(library.cards()) == 4
    monkeypatch.undo()
    assert run(folder).ingested == 1
    assert index.pending() == 0


def test_an_index_that_breaks_during_ingest_is_made_again(
    run: Ingest, folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = VectorStore.put, []

    def breaks(self: VectorStore, keys: Sequence[str], vectors: Vectors) -> None:
        calls.append(len(keys))
        if len(calls) == 1:
            raise StoreBroken("Error finding id")
        put(self, keys, vectors)

    monkeypatch.setattr(VectorStore, "put", breaks)
    monkeypatch.setattr("corpus.ingest._BATCH", 4)
    result = run(folder)
    assert (result.ingested, result.failures, calls) == (3, (), [4, 2, 4])
    assert index.search("签约率")[0].dense_rank == 1


def test_the_pipeline_version_follows_the_code() -> None:
    assert pipeline_version() == pipeline_version()
    assert len(pipeline_version()) == 16


def test_finding_files(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    for name in ("2.TXT", "1.docx", "~$1.docx", ".hidden.txt", "3.png"):
        (inner / name).write_text("x")
    (tmp_path / "a" / ".git").mkdir()
    (tmp_path / "a" / ".git" / "4.txt").write_text("x")
    (inner / "loop").symlink_to(tmp_path / "a")
    (inner / "self.txt").symlink_to(inner / "self.txt")
    (inner / "gone.txt").symlink_to(tmp_path / "nowhere")
    (inner / "5.txt").symlink_to(inner / "2.TXT")
    found, failures = find_files([tmp_path / "a", inner, inner / "3.png"], SUFFIXES)
    assert [f.path.name for f in found] == ["1.docx", "2.TXT", "3.png"]
    assert {Path(f.path).name for f in failures} == {"self.txt", "gone.txt"}
    assert found[0].size == 1


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in" / "locked").mkdir(parents=True)
    (tmp_path / "in" / "1.txt").write_text("x")
    scandir = os.scandir

    def denied(path: str) -> object:  # root may read everything, so the refusal is played
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", denied)
    found, failures = find_files([tmp_path / "in"], SUFFIXES)
    assert [f.path.name for f in found] == ["1.txt"]
    assert [(Path(f.path).name, f.reason[:6]) for f in failures] == [("locked", "没有读取权限")]


# -- in processes of their own ---------------------------------------------------------------------

CHILD = """
import resource, signal, sys
from corpus import toy
from corpus.embedding import HashingEmbedder
from corpus.index import Index
from corpus.ingest import ingest
from corpus.library import Library
home, folder, limit = sys.argv[1:4]
if int(limit):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
with Library.open(home) as library, Index(library, HashingEmbedder(64)) as index:
    print("ready", flush=True)
    ingest([folder], library, index, parse=toy.parse, pipeline="1")
print("done", flush=True)
"""


def start(home: Path, folder: Path, limit: int = 0) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), str(folder), str(limit)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def child(home: Path, folder: Path, limit: int = 0) -> subprocess.CompletedProcess[str]:
    with start(home, folder, limit) as process:
        out, err = process.communicate()
    return subprocess.CompletedProcess([], process.returncode, out, err)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Kill -9 eight times, changing the files in between: each report is whole, old or new."""
    folder, home, source = tmp_path / "文件", tmp_path / "home", random.Random(2)
    folder.mkdir()
    wanted: dict[str, set[str]] = {f"第{i}县": set() for i in range(30)}
    for turn in range(8):
        for number, place in enumerate(wanted):
            if turn == 0 or source.random() < 0.3:
                lines = [
                    f"{place}第{turn}次写入的第{j}段，义诊{source.randrange(999)}次。" for j in range(12)
                ]
                (folder / f"{number}.txt").write_text(page(place, 2019, *lines), encoding="utf-8")
                wanted[place].add("".join(f"工作成效|{line}\n" for line in lines))
        with start(home, folder) as process:
            assert process.stdout and process.stdout.readline() == "ready\n"
            time.sleep(source.uniform(0.0, 1.0))  # an ingest takes about 0.9
            process.kill()
            process.communicate()
        with Library.open(home) as library:
            for card in library.cards():
                report = library.report(card.id)
                assert report.text.split("\n", 1)[1] in wanted[str(card.place)]
                assert len(report.passages) == 12
            places = [card.place for card in library.cards()]
            assert len(places) == len(set(places))
    done = child(home, folder)
    assert (done.returncode, done.stderr) == (0, "")
    embedder = HashingEmbedder(64)
    with Library.open(home) as library, Index(library, embedder) as index:
        assert len(library.cards()) == 30
        assert index.pending() == 0
        for card in library.cards():
            text = (folder / f"{list(wanted).index(str(card.place))}.txt").read_text(encoding="utf-8")
            assert library.report(card.id).text == text
            hit = index.search(f"{card.place}义诊", Filter(places=(str(card.place),)))[0]
            assert hit.passage.text in text and hit.dense_rank and hit.sparse_rank
        originals = [p for p in (home / "originals").rglob("*") if p.is_file()]
        assert len(originals) == 30


def test_a_second_process_is_told_who_is_writing(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    with Library.open(home) as library, library.writer():
        refused = child(home, folder)
    assert refused.returncode != 0
    assert f"进程 {os.getpid()}" in refused.stderr
    assert child(home, folder).returncode == 0


@pytest.mark.real
def test_the_real_pages(real_reports: Path, library: Library, index: Index) -> None:
    pages = sorted(p for p in real_reports.glob("*.txt"))
    result = ingest(pages, library, index)
    assert result.failures == ()
    assert (result.files, result.reports, result.duplicates) == (5, 17, 5)
    assert len(library.cards()) == 12
    by_page: dict[str, list[str]] = {}
    names = {c.id: c.source_name[:3] for c in library.cards(merged=True)}
    for copy in library.duplicates():
        by_page.setdefault(names[copy.report_id], []).append(copy.kind)
    assert {name: sorted(kinds) for name, kinds in by_page.items()} == {
        "002": ["exact", "exact", "exact"],
        "003": ["exact", "near"],
    }
    again = ingest(pages, library, index)
    assert (again.unchanged, again.ingested) == (5, 0)


@pytest.mark.real
def test_no_personal_data_in_any_file(real_reports: Path, library: Library, index: Index) -> None:
    raw = "".join(p.read_text(encoding="utf-8") for p in sorted(real_reports.glob("00[24]*.txt")))
    numbers = set(MOBILE.findall(raw))
    assert numbers
    ingest(sorted(real_reports.glob("*.txt")), library, index)
    index.close()
    library.close()
    for file in library.home.rglob("*"):
        if file.is_file() and "originals" not in file.parts:
            data = file.read_bytes()
            assert not [n for n in numbers if n.encode() in data], file.name


@pytest.mark.real
def test_yearly_reports_of_one_place_are_no_copies(
    real_reports: Path, library: Library, index: Index
) -> None:
    result = ingest([real_reports / "gwr"], library, index)
    assert result.reports >= 9 and result.duplicates == 0
