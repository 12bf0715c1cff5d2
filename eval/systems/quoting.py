"""The product without its language model (不用语言模型): what code alone plans, computes and quotes.

In: a setup. Out: the product with a chat that is never there, so that what it would phrase stands in the source's own
words. It gives the same output every time and takes a second a question: what a change of the code does shows at once
(``wenheng eval fast``), and beside the product it tells what the model is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.errors import EngineFailed
from corpus.ledger import rows
from corpus.report import Filter
from eval.drafts_cases import Case as DraftCase
from eval.drafts_run import drafted
from eval.systems.contract import Output, Setup
from eval.systems.product import Product, open_desk
from eval.systems.signing import signature
from service.summary.summary import summarise


class Silent:
    """A chat that cannot be reached."""

    def stream(
        self, messages: list[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """Fails at once."""
        raise EngineFailed("评测时不用语言模型")
        yield ""


class Quoting(Product):
    """The product that quotes."""

    def signature(self) -> Mapping[str, Any]:
        """No model and no prompt takes part."""
        return signature(self.desk, ablations=("no-model",))

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """What users get when the model fails."""
        return self.desk.ask(question, list(history)).to_json()

    def summarise(self, report_id: str) -> Output:
        """The summary in the source's own words."""
        (card,) = self.desk.cards_of([report_id])
        figures = rows(self.desk.library, Filter(report_ids=(card.id,)))
        return summarise(self.desk.report(card.id), card, figures, None).to_json()

    def draft(self, case: DraftCase, paths: Mapping[str, Path]) -> Output:
        """The draft as code composes it."""
        return drafted(case, paths, None).document.to_json()


def quoting(setup: Setup) -> Quoting:
    """What users get while the model is being fetched."""
    return Quoting("quoting", open_desk(replace(setup, chat=Silent())))
