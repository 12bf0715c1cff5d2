"""Who opened a page (来者): the session cookie of its request, looked up in the accounts.

In: the house and a request. Out: the caller as of now, or :class:`SignInNeeded`. The guard has let the request in;
handlers come hours later, when the session may have ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from corpus.errors import SignInNeeded
from service.accounts.caller import LOCAL, Caller
from service.http.guard import token_of

if TYPE_CHECKING:
    from service.house import House


def caller_of(house: House, request: Request) -> Caller:
    """Who asks.

    Raises:
        SignInNeeded: users must sign in and this one has not, or no longer is.
    """
    if not house.users:
        return LOCAL
    found = house.accounts.sessions.caller(token_of(request))
    if found is None:
        raise SignInNeeded("登录已过期", remedy="请重新登录")
    return found
