"""What routes are given: the house, who asks, in which collection (依赖)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from service.accounts.caller import Caller, Role
from service.house import House
from service.http import guard


def house_of(request: Request) -> House:
    """The house of the application."""
    return cast(House, request.app.state.house)


InHouse = Annotated[House, Depends(house_of)]
Who = Annotated[Caller, Depends(guard.caller)]
Asking = Annotated[Caller, Depends(guard.asking)]
Reader = Annotated[Caller, Depends(guard.needs(Role.READER))]
Writer = Annotated[Caller, Depends(guard.needs(Role.WRITER))]
Where = guard.Chosen
