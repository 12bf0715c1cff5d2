"""Product and baselines answer in one shape, cite what opens, and are signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import prompts
import service
from corpus.errors import InputError, NotFound
from eval.systems import ABLATIONS, BASELINES, SYSTEMS, Setup, System, Unsupported, open_system
from eval.systems.originals import laid_out
from eval.systems.plain_chain import SHARED, SIZE, PlainChain, chunks
from eval.systems.product import PROMPTS
from eval.systems.signing import library_hash
from eval.systems.texts import Written, as_output, refuses
from eval.tracing import trace
from service.desk import Desk
from service.models.chat import FakeChat

BUREAU = Path(__file__).parent / "data" / "bureau"
RATE = "澄河县2022年家庭医生签约率是多少"
Open = Callable[..., System]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]) -> Setup:
    home = tmp_path_factory.mktemp("systems") / "home"
    with open_desk(home) as desk:
        assert not desk.ingest([BUREAU]).failures
        return Setup(home, embedder=desk.embedder, chat=FakeChat(["不知道。"]))


@pytest.fixture
def opened(setup: Setup) -> Iterator[Open]:
    systems: list[System] = []

    def open_one(name: str, *replies: str | Exception) -> System:
        systems.append(open_system(name, replace(setup, chat=FakeChat(replies or ["不知道。"]))))
        return systems[-1]

    yield open_one
    for system in systems:
        system.close()


def cited(output: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for sentence in output["sentences"] for c in sentence["citations"]]


SHAPE = {
    "question",
    "status",
    "text",
    "reason",
    "sentences",
    "evidence",
    "dropped",
    "repaired",
    "signature",
    "timings",
}


def test_every_system_has_one_name_and_one_shape(opened: Open) -> None:
    asked = [name for name in SYSTEMS if name not in ("copy-last-year", "lead-k")]
    for name in asked:
        system = opened(name, "澄河县2022年家庭医生签约率为66.8%[1]。")
        assert system.name.startswith(name)
        output = system.ask(RATE)
        assert set(output) == SHAPE, name
        assert output["status"] == "answered" and output["sentences"], name
        if name not in ("dense", "top-sentence"):  # the vectors of the tests know no meaning
            assert "66.8%" in output["text"], name
        traced = trace(cited(output), system.report)
        assert all(one["opens"] for one in traced), name
        assert bool(traced) == (name not in ("closed-book", "endpoint")), name
    assert {*BASELINES, *ABLATIONS, "product", "quoting", "endpoint"} == set(SYSTEMS)


def test_an_unknown_system_is_named_with_what_there_is(setup: Setup) -> None:
    with pytest.raises(NotFound, match=r"bm52.*bm25.*python:"):
        open_system("bm52", setup)


def test_an_empty_library_is_no_system(tmp_path: Path, setup: Setup) -> None:
    with pytest.raises(InputError, match=r"没有报告.*ingest"):
        open_system("bm25", replace(setup, home=tmp_path))


def test_what_a_system_cannot_do_is_said(opened: Open) -> None:
    for name, ask in (("lead-k", lambda s: s.ask(RATE)), ("bm25", lambda s: s.summarise("x")),
                      ("closed-book", lambda s: s.retrieve(RATE, 5))):  # fmt: skip
        with pytest.raises(Unsupported, match=name):
            ask(opened(name))


def test_signatures_tell_what_decides_the_output(opened: Open) -> None:
    names = ("product", "bm25", "closed-book", "plain-chain", "no-lock")
    signed = {name: opened(name).signature() for name in names}
    keys = {"model", "model_hash", "prompts", "index_hash", "decoding", "code", "ablations"}
    assert all(keys <= set(one) for one in signed.values())
    assert signed["product"]["ablations"] == [] and signed["no-lock"]["ablations"] == ["no-lock"]
    assert signed["product"]["decoding"]["grammar"] and not signed["no-lock"]["decoding"]["grammar"]
    assert signed["bm25"]["model"] == "" and signed["product"]["model"]
    assert signed["plain-chain"]["chunks"] == {"size": 500, "shared": 50, "top": 4}
    assert signed["closed-book"]["index_hash"] == "" != signed["product"]["index_hash"]


def test_the_signature_names_all_prompts_of_the_product() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(service.__file__).parent.rglob("*.py"))
    there = {path.name.split(".")[0] for path in Path(prompts.__file__).parent.glob("*.md")}
    assert {name for name in there if f'"{name.removesuffix("_styled")}"' in code} == set(PROMPTS)


def test_another_passage_or_place_is_another_index(
    setup: Setup, open_desk: Callable[[Path], Desk], tmp_path: Path
) -> None:
    assert setup.home is not None
    with open_desk(tmp_path / "h") as desk:
        desk.ingest([BUREAU])
        with open_desk(setup.home) as other:
            before = library_hash(desk.library)
            assert before == library_hash(other.library)
        desk.edit(desk.cards()[0].id, "place", "青岭县")
        edited = library_hash(desk.library)
        desk.remove([desk.cards()[0].id])
        assert len({before, edited, library_hash(desk.library), library_hash(desk.library, "e5")}) == 4


def test_words_alone_and_meaning_alone_are_two_rankings(opened: Open) -> None:
    question = "苍麓市建设健康步道多少条"
    by_words, by_meaning = opened("bm25").retrieve(question, 10), opened("dense").retrieve(question, 10)
    assert by_words and len(by_meaning) == 10
    assert by_words != by_meaning[: len(by_words)]
    raw = next(BUREAU.glob("苍麓市*")).read_text("utf-8")
    assert "健康步道12条" in raw[by_words[0].start : by_words[0].end]


def test_nothing_found_is_a_refusal(opened: Open) -> None:
    output = opened("bm25").ask("zzz")
    assert output["status"] == "refused" and output["text"] == "没有找到相关内容"


def test_the_product_retrieves_inside_its_filters(opened: Open, setup: Setup) -> None:
    product = opened("product")
    found = product.retrieve(RATE, 3)
    assert len(found) == 3 and len({one.report_id for one in found}) == 1
    assert product.report(found[0].report_id).metadata.year.value == "2022"  # type: ignore[union-attr]
    assert product.retrieve("乌有县2022年家庭医生签约率是多少", 3) == ()


# -- the plain chain --------------------------------------------------------------------------------


def test_chunks_are_raw_stretches_that_overlap(setup: Setup, open_desk: Callable[[Path], Desk]) -> None:
    assert setup.home is not None
    with open_desk(setup.home) as desk, laid_out(desk.library) as paths:
        raw = {p.parent.name: p.read_text("utf-8") for p in paths}
        found = chunks(desk)
    for chunk in found:
        text, start = raw[chunk.metadata["sha256"][:16]], chunk.metadata["start_index"]
        assert text[start : start + len(chunk.page_content)] == chunk.page_content
        assert len(chunk.page_content) <= SIZE
    longest = max(raw.values(), key=len)
    assert len(longest) > SIZE and len([c for c in found if c.page_content in longest]) > 1 and SHARED < SIZE


def test_the_chain_gets_four_chunks_and_cites_them(setup: Setup) -> None:
    chat = FakeChat(["签约率为66.8%。比上年提高5.5个百分点。"])
    chain = open_system("plain-chain", replace(setup, chat=chat))
    output = chain.ask(RATE, ["澄河县组建团队多少个"])
    chain.close()
    ((messages, grammar),) = chat.calls
    assert grammar is None and messages[-1][1].count("\n\n") >= 4
    assert "澄河县组建团队多少个\n澄河县2022年" in messages[-1][1]
    assert [len(s["citations"]) for s in output["sentences"]] == [len(output["evidence"])] * 2
    assert 1 < len(output["evidence"]) <= 4
    assert output["signature"].startswith("baseline_stuffing@1#")


def test_vectors_of_the_chain_are_kept(setup: Setup, tmp_path: Path) -> None:
    counted = Counting(setup.embedder)
    for _ in range(2):
        chain = open_system("plain-chain", replace(setup, embedder=counted, cache=tmp_path))
        assert isinstance(chain, PlainChain)
        first = [d.page_content for d in chain.nearest(RATE, 2)]
        chain.close()
    assert counted.calls == 1 and len(first) == 2
    assert [p.stat().st_mode & 0o777 for p in tmp_path.iterdir()] == [0o600]


class Counting:
    """Counts the calls for passages."""

    def __init__(self, embedder: Any) -> None:
        self.embedder, self.calls = embedder, 0
        self.name, self.dim = embedder.name, embedder.dim

    def embed_passages(self, texts: Any) -> Any:
        self.calls += 1
        return self.embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Any:
        return self.embedder.embed_query(text)


@pytest.mark.parametrize(
    ("text", "refused"),
    [("不知道。", True), ("", True), ("资料中没有提到该县的床位数。", True), ("抱歉，我无法回答。", True),
     ("签约率为66.8%。", False), ("签约率为66.8%。资料未提及其他。", False), ("有11个村没有村医。", False)],
)  # fmt: skip
def test_the_first_sentence_decides_on_refusal(text: str, refused: bool) -> None:
    assert refuses(text) is refused
    output = as_output("问", Written(text, 1, 2))
    assert output["status"] == ("refused" if refused else "answered")
    assert output["reason"] == (text if refused else "")


# -- documents --------------------------------------------------------------------------------------


def sentences_of(document: dict[str, Any]) -> list[str]:
    return [s["text"] for block in document["blocks"] for s in block["sentences"]]


def test_lead_and_copy_quote_this_and_last_year(
    opened: Open, setup: Setup, open_desk: Callable[[Path], Desk]
) -> None:
    assert setup.home is not None
    with open_desk(setup.home) as desk:
        ids = {(card.place, card.year): card.id for card in desk.cards()}
    this, last, alone = ids["澄河县", 2022], ids["澄河县", 2021], ids["栗坪县", 2022]
    lead, copied = opened("lead-k").summarise(this), opened("copy-last-year").summarise(this)
    assert {s["report_id"] for s in lead["sources"]} == {this}
    assert {s["report_id"] for s in copied["sources"]} == {last}
    assert lead["kind"] == copied["kind"] == "summary" and len(sentences_of(lead)) == 10
    assert sentences_of(copied) == sentences_of(opened("lead-k").summarise(last))
    with pytest.raises(NotFound, match="栗坪县2022年以前"):
        opened("copy-last-year").summarise(alone)


def test_the_summary_of_the_product_is_that_of_the_command(opened: Open, setup: Setup) -> None:
    product = opened("product", "澄河县全年工作进展顺利。")
    found = product.retrieve(RATE, 1)[0].report_id
    document = product.summarise(found)
    assert document["kind"] == "summary" and len(document["blocks"]) > 4


# -- with the real models ---------------------------------------------------------------------------


@pytest.mark.model
def test_product_and_plain_chain_on_two_sample_questions(tmp_path: Path) -> None:
    from corpus.samples import SAMPLES
    from service.settings import load

    number, absent = (
        "青岭县2023年末还有多少个行政村没有在岗村医？",
        "乌有县2023年末还有多少个行政村没有在岗村医？",
    )
    with Desk(load(home=tmp_path)) as desk:
        desk.ingest(
            [SAMPLES / "青岭县2023年卫生健康工作总结.html", SAMPLES / "铜埠县卫生健康局2022年工作总结.pdf"]
        )
    for name in ("product", "plain-chain"):
        system = open_system(name, Setup(tmp_path))
        told, refused = system.ask(number), system.ask(absent)
        assert cited(told) and all(one["opens"] for one in trace(cited(told), system.report))
        system.close()
        assert told["timings"]["total_ms"] >= told["timings"]["first_token_ms"] > 0
        if name == "product":
            assert "11个" in told["text"] and refused["status"] == "refused"
