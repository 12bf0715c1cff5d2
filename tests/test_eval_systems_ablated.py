"""Each ablation takes away one part and nothing else; the product keeps its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from corpus.parse import parse
from corpus.readers import read
from corpus.report import SectionKind
from eval.systems import ABLATIONS, Setup, System, open_system
from eval.systems.ablated import PARTS, cut_evenly
from eval.systems.product import Product
from service.desk import Desk
from service.evidence import find
from service.models.chat import FakeChat
from service.stages import PRODUCT, Stages

BUREAU = Path(__file__).parent / "data" / "bureau"
RATE = "澄河县2022年家庭医生签约率是多少"
SAID = "澄河县2022年家庭医生签约率为66.8%[1]。"
FALSE = "澄河县2022年家庭医生签约率为99.9%[1]。"
MESSY = "\n".join((
    "青岭县卫生健康局2022年工作总结", "一、工作成效", "全縣新建村衛生室23所，改造鄉鎮衛生院4所。", "二、存在问题",
    "村医缺口较大，尚缺11人。",
))  # fmt: skip


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Setup:
    folder = tmp_path_factory.mktemp("ablated")
    (folder / "messy.txt").write_text(MESSY, encoding="utf-8")
    with open_desk(folder / "home") as desk:
        assert not desk.ingest([BUREAU, folder / "messy.txt"]).failures
        return Setup(folder / "home", embedder=desk.embedder, cache=folder / "cache")


@pytest.fixture
def opened(setup: Setup) -> Iterator[Callable[..., Product]]:
    systems: list[System] = []

    def open_one(name: str, *replies: str) -> Product:
        system = open_system(name, replace(setup, chat=FakeChat(replies or [SAID])))
        assert isinstance(system, Product)
        systems.append(system)
        return system

    yield open_one
    for system in systems:
        system.close()


def test_every_ablation_exchanges_something_and_only_its_own() -> None:
    assert set(PARTS) == set(ABLATIONS)
    exchanged = {
        name: {
            f.name for f in fields(Stages) if getattr(part.answering, f.name) is not getattr(PRODUCT, f.name)
        }
        for name, part in PARTS.items()
    }
    assert exchanged == {
        "no-repair": set(), "no-outline": set(), "no-filters": {"narrow", "admit"}, "no-fusion": {"fuse", "rank"},
        "no-lock": {"lock"}, "no-check": {"judge"},
    }  # fmt: skip
    assert {name for name, part in PARTS.items() if part.rereads} == {"no-repair", "no-outline"}


def test_without_lock_no_grammar_is_sent(setup: Setup) -> None:
    grammars = {}
    for name in ("product", "no-lock"):
        chat = FakeChat([SAID])
        system = open_system(name, replace(setup, chat=chat))
        assert "66.8%" in system.ask(RATE)["text"]
        system.close()
        grammars[name] = chat.calls[0][1]
    assert grammars["no-lock"] is None and "66.8" in (grammars["product"] or "")


def test_without_check_a_false_figure_stands(opened: Callable[..., Product]) -> None:
    whole, without = opened("product", FALSE).ask(RATE), opened("no-check", FALSE).ask(RATE)
    assert "99.9" not in whole["text"] and whole["repaired"] == 1
    assert "99.9" in without["text"] and without["repaired"] == 0
    assert len(without["sentences"][0]["citations"]) == 1
    wild = opened("no-check", "签约率为5%[7]。").ask(RATE)
    assert wild["sentences"][0]["citations"] == []  # a mark that names no evidence cites nothing


def test_without_filters_other_places_and_sections_answer(opened: Callable[..., Product]) -> None:
    question = "澄河县2022年存在哪些问题"
    seen = {}
    for name in ("product", "no-filters"):
        desk = opened(name).desk
        lines = [fit.line for fit in find(desk.understand(question), desk.view).fits]
        seen[name] = {line.card.place for line in lines}, {line.kind for line in lines}
    assert seen["product"] == ({"澄河县"}, {SectionKind.PROBLEMS})
    assert len(seen["no-filters"][0]) > 3 and len(seen["no-filters"][1]) > 1
    assert opened("product").ask("乌有县2022年家庭医生签约率是多少")["status"] == "refused"
    stranger = opened("no-filters").desk
    assert not find(stranger.understand("乌有县2022年家庭医生签约率是多少"), stranger.view).refusal


def test_without_fusion_words_find_no_passage_and_cosines_rank_no_sentence(
    opened: Callable[..., Product],
) -> None:
    whole, without = opened("product").desk, opened("no-fusion").desk
    scopes = [desk.view.stages.narrow(desk.understand("有几个村卫生室"), desk.cards(), desk.view.mentions)
              for desk in (whole, without)]  # fmt: skip
    assert scopes[0] == scopes[1]
    hits = without.index.search("健康步道12条", k=5, fuse=without.stages.fuse)
    assert all(hit.sparse_rank is None for hit in hits)
    assert any(hit.sparse_rank for hit in whole.index.search("健康步道12条", k=5))
    assert {fit.dense for fit in find(without.understand(RATE), without.view).fits} == {0.0}
    assert any(fit.dense for fit in find(whole.understand(RATE), whole.view).fits)


def test_without_repair_the_text_stays_as_it_was(opened: Callable[..., Product]) -> None:
    texts = {}
    for name in ("product", "no-repair"):
        desk = opened(name).desk
        (card,) = [c for c in desk.cards() if c.source_name == "messy.txt"]
        texts[name] = desk.report(card.id).text
    assert "全县新建村卫生室23所，改造乡镇卫生院4所" in texts["product"]
    assert "全縣新建村衛生室23所，改造鄉鎮衛生院4所" in texts["no-repair"]


def test_without_outline_passages_have_no_headings(opened: Callable[..., Product]) -> None:
    whole, without = opened("product").desk, opened("no-outline").desk
    parts = [passage for card in without.cards() for passage in without.report(card.id).passages]
    assert {passage.path for passage in parts} == {()}
    assert any(p.path for card in whole.cards() for p in whole.report(card.id).passages)
    assert sum(len(p.text) for p in parts) / len(parts) > 150
    report = parse(read(next(BUREAU.glob("栗坪县*"))))[0]
    spans = [p.span for p in cut_evenly("x", report.text, report.sections, [p.span for p in report.passages])]
    assert spans[0].start == report.passages[0].span.start and spans[-1].end == report.passages[-1].span.end


def test_the_other_library_is_made_once_and_keeps_edits(
    tmp_path: Path, open_desk: Callable[[Path], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_desk(tmp_path / "home") as desk:
        desk.ingest([BUREAU / "雁塘区2022年上半年工作总结.txt"])
        desk.edit(desk.cards()[0].id, "place", "青岭县")
        given = Setup(tmp_path / "home", embedder=desk.embedder, chat=FakeChat([SAID]))
    system = open_system("no-outline", given)
    assert isinstance(system, Product)
    assert [card.place for card in system.desk.cards()] == ["青岭县"]
    made = system.desk.settings.home
    assert made.parent == tmp_path / "home" / "eval" and "no-outline" in made.name
    first = system.signature()["index_hash"]
    system.close()
    monkeypatch.setattr("eval.systems.ablated.ingest", lambda *a, **k: pytest.fail("made twice"))
    system = open_system("no-outline", given)
    assert system.signature()["index_hash"] == first
    system.close()
    whole = open_system("product", given)
    assert whole.signature()["index_hash"] != first
    whole.close()


def test_a_killed_reading_goes_on(
    tmp_path: Path, open_desk: Callable[[Path], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval.systems import ablated

    with open_desk(tmp_path / "home") as desk:
        desk.ingest([BUREAU])
        given = Setup(tmp_path / "home", embedder=desk.embedder, chat=FakeChat([SAID]))
    real = ablated.ingest

    def killed(paths: tuple[Path, ...], *rest: object, **more: object) -> None:
        real(paths[:2], *rest, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(ablated, "ingest", killed)
    with pytest.raises(KeyboardInterrupt):
        open_system("no-repair", given)
    monkeypatch.setattr(ablated, "ingest", real)
    system = open_system("no-repair", given)
    assert isinstance(system, Product) and len(system.desk.cards()) == 5
    system.close()
