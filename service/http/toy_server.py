"""The API of a house on a free port of the loopback, in a thread of this process: for tests.

In: an open house, with fakes for its models. Out: the address. There is no web page on it, which needs a process of its
own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from service.house import House
from service.http.app import create_app, protect

SECONDS = 10.0


@contextmanager
def running(house: House) -> Iterator[str]:
    """The address, for as long as the context lasts."""
    app = protect(create_app(house))
    config = uvicorn.Config(app, port=0, log_config=None, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        house.stop_streams()
        server.should_exit = True
        thread.join(SECONDS)
