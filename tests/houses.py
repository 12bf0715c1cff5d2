"""What tests of the API share: a house over a copy of the fictional reports, and clients who knock at it.

In: the desk of the fixture ``bureau`` and a folder. Out: an open house with a chat that says what the test tells it to.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.testclient import TestClient

from service.house import House
from service.http.app import create_app, protect
from service.settings import load

if TYPE_CHECKING:
    from service.accounts.caller import Role
    from service.desk import Desk

HERE = "http://127.0.0.1"
WORDS = "四个不相干的词儿连在一起"  # a password


@contextmanager
def housed(
    bureau: Desk, home: Path, chat: Any, *, users: bool = False, env: Mapping[str, str] | None = None
) -> Iterator[House]:
    """A house over a copy of the reports, which is made in ``home``."""
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    with House.open(load(env or {}, home=home), users=users, embedder=bureau.embedder, chat=chat) as house:
        yield house


@contextmanager
def visiting(house: House) -> Iterator[TestClient]:
    """A client at the door of a house, its application started."""
    with TestClient(protect(create_app(house)), base_url=HERE) as client:
        yield client


@contextmanager
def listening(config: uvicorn.Config) -> Iterator[int]:
    """A real server with this configuration in a thread of its own: the port where it listens."""
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(10)


def bearer(house: House, name: str, role: Role) -> dict[str, str]:
    """The header of a new person who has this role in the first collection."""
    person = house.accounts.people.add(name, WORDS)
    house.accounts.people.grant(person.id, "main", role)
    return {"Authorization": f"Bearer {house.accounts.keys.make(person.id, '接口', role)[0]}"}


def ended(client: TestClient, house: House, answer: Any, *, seconds: float = 20) -> dict[str, Any]:
    """The job of an answer, when it has ended."""
    assert answer.status_code == 202, answer.text
    assert house.jobs.wait(answer.json()["id"], seconds)
    return dict(client.get(f"/api/v1/jobs/{answer.json()['id']}").json())
