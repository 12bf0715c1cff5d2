"""What a memo needs, from an open desk: cards, ledger, reports, likeness and, where wanted, the model."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.ledger import Row, rows
from corpus.report import Filter
from service.desk import Desk
from service.memo.memo import Sources
from service.phrase import Chat
from service.summary.rephrase import Told


def of_desk(desk: Desk, chat: Chat | None = None, on_text: Told | None = None) -> Sources:
    """The sources of a memo; the findings are phrased where ``chat`` is given."""
    aliases = Aliases.load(desk.library.home)

    def ledger(cards: Sequence[Card]) -> tuple[Row, ...]:
        wanted = Filter(report_ids=tuple(card.id for card in cards))
        return rows(desk.library, wanted, aliases=aliases)

    return Sources(desk.cards(), ledger, desk.report, desk.likeness, chat, aliases, on_text)
