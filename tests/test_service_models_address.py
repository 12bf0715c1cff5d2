"""Endpoint addresses that somebody typed in: none leads to where it must not, none changes its mind later."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from corpus.errors import InputError
from service.models.address import checked, client

Rows = list[tuple[Any, ...]]


def leading(*addresses: str) -> Callable[..., Rows]:
    """A resolver that says so."""
    return lambda host, port, **_: [(0, 0, 0, "", (address, port)) for address in addresses]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "fe80::1%eth0"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(InputError) as told:
        checked("https://models.example/v1", resolve=leading(address))
    assert "WENHENG_ENDPOINTS" in told.value.remedy


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/v1", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
     "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://localhost/", "http://localhost./", "http://①②⑦.0.0.1/"],
)  # fmt: skip
def test_no_way_of_writing_loopback_helps(url: str) -> None:
    with pytest.raises(InputError):
        checked(url)


@pytest.mark.parametrize(
    "url",
    ["", "models.example", "ftp://models.example", "file:///etc/passwd", "gopher://x", "http://", "https:///v1",
     "http://a:b@models.example", "http://models.example@evil.example", "http://evil.example\\@models.example",
     "http://models.example/\r\nHost: x", "javascript:alert(1)", "http://models.example/#@x", "http://[::1",
     "http://models.example:99999/", "http://" + "x" * 600],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_it_is_looked_up(url: str) -> None:
    def never(*_: Any, **__: Any) -> Rows:
        raise AssertionError("looked up")

    with pytest.raises(InputError):
        checked(url, resolve=never)


def test_one_bad_answer_among_good_ones_is_enough() -> None:
    with pytest.raises(InputError):
        checked("https://models.example", resolve=leading("93.184.216.34", "10.0.0.1"))
    assert str(checked("https://models.example", resolve=leading("93.184.216.34")).ip) == "93.184.216.34"


def test_a_name_that_leads_nowhere_is_told() -> None:
    def nowhere(*_: Any, **__: Any) -> Rows:
        raise socket.gaierror

    with pytest.raises(InputError, match="找不到"):
        checked("https://models.example", resolve=nowhere)


@pytest.mark.parametrize("allowed", ["10.0.0.0/8", "10.1.2.3", "models.inside", "MODELS.inside"])
def test_the_administrator_may_allow_a_place_inside(allowed: str) -> None:
    found = checked("http://models.inside:8000/v1", (allowed, "nonsense/99"), resolve=leading("10.1.2.3"))
    assert (found.url.host, found.url.port, str(found.ip)) == ("models.inside", 8000, "10.1.2.3")


def test_allowing_one_place_allows_no_other() -> None:
    for allowed in ("10.1.0.0/16", "models", "other.inside", "10.2.3.5"):
        with pytest.raises(InputError):
            checked("http://models.inside", (allowed,), resolve=leading("10.2.3.4"))


# -- the client -------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["Host"]))  # type: ignore[attr-defined]
        if self.path.endswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest")
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_a_name_is_asked_at_the_address_that_was_checked(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.server_address[1]
    pinned = checked(f"http://models.inside:{port}/v1", ("127.0.0.1",), resolve=leading("127.0.0.1"))
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebound(host: Any, *rest: Any, **named: Any) -> Any:
        asked.append(str(host))
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with client(pinned) as there:
        assert there.get("models").status_code == 200
        assert there.get("away").status_code == 302  # told, not followed
        for elsewhere in ("http://127.0.0.1:1/x", "http://other.inside/", f"https://models.inside:{port}/"):
            with pytest.raises(InputError):
                there.get(elsewhere)
    host = f"models.inside:{port}"
    assert server.seen == [("/v1/models", host), ("/v1/away", host)]  # type: ignore[attr-defined]
    assert set(asked) <= {"127.0.0.1"}


def test_a_server_that_says_nothing_ends_the_test() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            client(checked(url, ("127.0.0.1",)), timeout=0.05) as there,
            pytest.raises(httpx.TimeoutException),
        ):
            there.get("/")
