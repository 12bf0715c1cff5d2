"""Addresses that somebody typed into a page (接口地址): where the service lets itself be sent (SSRF).

In: an address, and the hosts and networks that the administrator allows besides the open internet. Out: the address
with the one IP that it led to when it was checked, and a client that connects there and nowhere else: it resolves
nothing again (a name can lead elsewhere a second later), follows no redirect and no proxy of the environment. An
address that is used for long is checked before each request (:class:`Guarded`), since names move.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx

from corpus.errors import EndpointError, InputError

_REMEDY = "请填接口文档中的地址，如 https://接口主机/v1；内网的接口请管理员在 WENHENG_ENDPOINTS 中允许"
_NAT64 = ip_network("64:ff9b::/96")
SECONDS = 10.0

Address = IPv4Address | IPv6Address
Resolve = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Pinned:
    """An address that may be asked, at the IP that was checked."""

    url: httpx.URL
    ip: Address


def checked(url: str, allowed: Collection[str] = (), *, resolve: Resolve = socket.getaddrinfo) -> Pinned:
    """Check where an address leads.

    Args:
        url: http or https, without an account in it.
        allowed: names, addresses and networks (``10.2.0.0/16``) that may be asked though they are not global.
        resolve: instead of the system's resolver.

    Raises:
        InputError: it is no address, leads nowhere, or leads to where it must not.
    """
    asked = _parsed(url)
    found = _addresses(asked, resolve)
    for ip in found:  # a name that leads to a good and a bad place is a trick
        if not (_named(asked.host, allowed) or _within(ip, allowed) or _is_global(ip)):
            raise InputError(f"接口地址指向内部地址 {ip}，不能使用", where=asked.host[:100], remedy=_REMEDY)
    return Pinned(asked, found[0])


def client(pinned: Pinned, timeout: float = SECONDS) -> httpx.Client:
    """A client for that address only."""
    return httpx.Client(
        base_url=pinned.url,
        transport=_There(pinned),
        follow_redirects=False,
        trust_env=False,
        timeout=timeout,
    )


class _There(httpx.BaseTransport):
    """Connects to the pinned IP."""

    def __init__(self, pinned: Pinned) -> None:
        self._pinned = pinned
        self._inner = httpx.HTTPTransport(retries=0, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(_led(request, self._pinned))

    def close(self) -> None:
        self._inner.close()


class Guarded(httpx.BaseTransport):
    """Connects to an address that is checked before each request, and to no other.

    Args:
        url: the address.
        allowed: hosts and networks that may be asked though they are not global.
        keep: connections that stay open between requests.
    """

    def __init__(self, url: str, allowed: Collection[str], *, keep: int = 4) -> None:
        self._url, self._allowed = url, tuple(allowed)
        limits = httpx.Limits(max_keepalive_connections=keep)
        self._inner = httpx.HTTPTransport(retries=0, trust_env=False, limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on, or refuse.

        Raises:
            EndpointError: the address leads inside by now, or nowhere.
        """
        try:
            led = _led(request, checked(self._url, self._allowed))
        except InputError as error:
            raise EndpointError(error.message, where=error.where, remedy=error.remedy) from error
        return self._inner.handle_request(led)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def _led(request: httpx.Request, pinned: Pinned) -> httpx.Request:
    """The request to the pinned IP, with the name in Host and in the TLS handshake."""
    url, wanted = request.url, pinned.url
    if (url.scheme, url.host, url.port) != (wanted.scheme, wanted.host, wanted.port):
        raise InputError("接口把请求转向了别处", where=url.host[:100], remedy=_REMEDY)
    request.extensions = {**request.extensions, "sni_hostname": wanted.host}
    request.url = url.copy_with(host=str(pinned.ip))
    return request


def _parsed(url: str) -> httpx.URL:
    """Parsed by the same code that asks later, so that both mean the same host."""
    text = url.strip()
    try:
        asked = httpx.URL(text)
        good = text.isprintable() and "\\" not in text and asked.scheme in ("http", "https")
        good = good and bool(asked.host) and not asked.userinfo and not asked.fragment
        good = good and (asked.port or 1) in range(1, 65536)
    except (httpx.InvalidURL, ValueError):
        good = False
    if not good or len(text) > 500:
        raise InputError("这不是可用的接口地址", where=text[:100], remedy=_REMEDY)
    return asked


def _addresses(asked: httpx.URL, resolve: Resolve) -> list[Address]:
    port = asked.port or (443 if asked.scheme == "https" else 80)
    try:
        rows = resolve(asked.host, port, type=socket.SOCK_STREAM)
        found = [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    except (OSError, ValueError, UnicodeError):
        found = []
    if not found:
        raise InputError("找不到接口的主机", where=asked.host[:100], remedy="请核对地址，或检查网络")
    return found


def _named(host: str, allowed: Collection[str]) -> bool:
    return host.lower() in {one.lower() for one in allowed}


def _within(ip: Address, allowed: Collection[str]) -> bool:
    for one in allowed:
        try:
            if ip in ip_network(one, strict=False):
                return True
        except (ValueError, TypeError):
            continue
    return False


def _is_global(ip: Address) -> bool:
    """Whether it lies on the open internet, also where an IPv6 address wraps an IPv4 one."""
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _is_global(inner)
    return ip.is_global and not ip.is_multicast
