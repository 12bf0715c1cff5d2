"""Who asks, and what they may do: the one place where rights are decided (权限).

In: a person's role in each collection. Out: yes or no. Every door makes a :class:`Caller` and hands it
to the house; what a caller may not see is answered as what does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

MAIN = "main"  # the collection that is the data folder itself
METRICS = "metrics"  # the one thing that a key for a monitor opens


class Role(IntEnum):
    """What one may do in a collection; each role may do what the ones before it may.

    reader 读者: search, ask, summarise, compare, check, export. writer 编辑: also take in, edit, remove
    and draft. administrator 管理员: also people, keys, collections, settings, backup and the log.
    """

    READER = 1
    WRITER = 2
    ADMINISTRATOR = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks.

    Args:
        id: of the person; "local" where no sign-in is needed.
        name: as shown and logged.
        grants: role by collection id; a collection that is absent does not exist for this caller.
        via: by which way they were known: ``local``, ``session``, ``key``, or ``terminal`` in the log.
        everywhere: role in every collection that there is, new ones included.
        only: the one thing that they may have, such as :data:`METRICS`; "" for whatever their roles allow.
    """

    id: str
    name: str
    grants: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    via: str = "local"
    everywhere: Role | None = None
    only: str = ""

    def role(self, collection: str) -> Role | None:
        """The role in a collection, None where it does not exist for this caller."""
        granted = [role for role in (self.everywhere, self.grants.get(collection)) if role is not None]
        return max(granted, default=None)

    def may(self, collection: str, needed: Role) -> bool:
        """Whether the caller has at least this role there."""
        role = self.role(collection)
        return role is not None and role >= needed

    @property
    def administers(self) -> bool:
        """Whether people, keys and collections are theirs to manage."""
        return self.everywhere is Role.ADMINISTRATOR


LOCAL = Caller("local", "本机用户", via="local", everywhere=Role.ADMINISTRATOR)
