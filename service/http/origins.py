"""Under which name the service is reached, and from which page (来源).

In: the Host and Origin headers. Out: yes or no. A browser that was lured to a foreign page can send requests here: by
another name that leads to this address (DNS rebinding, told by Host), or across sites (told by Origin). Nothing else is
decided by Host, and no path: what a client writes there proves nothing (Starlette CVE-2026-48710).
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from service.settings import LOOPBACK

_HOST = re.compile(r"(?P<name>[a-z0-9_.\-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?", re.I)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that this service answers to.

    Args:
        local: nobody signs in, so only this machine's own browser may come, by a loopback name.
        hosts: host names besides those of the machine, in lower case.
    """

    local: bool
    hosts: frozenset[str] = frozenset()

    def admits(self, host: str | None) -> bool:
        """Whether a Host header names us."""
        found = _HOST.fullmatch(host or "")
        if found is None:
            return False
        name = found["name"].lower().strip("[]")
        if name in LOOPBACK:
            return True
        return not self.local and (name in self.hosts or name in _own() or _is_address(name))


def same(origin: str, host: str) -> bool:
    """Whether a page of ``origin`` is one of ours, asked at ``host``; schemes may differ behind a proxy."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    found = _HOST.fullmatch(host)
    if parts.scheme not in _PORTS or found is None or not parts.hostname or parts.path or parts.query:
        return False
    usual = _PORTS[parts.scheme]
    asked = (found["name"].lower().strip("[]"), int(found["port"] or usual))
    return (parts.hostname.lower(), port or usual) == asked


def _own() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset({name, f"{name}.local"}) if name else frozenset()


def _is_address(name: str) -> bool:
    """Addresses cannot be rebound."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
