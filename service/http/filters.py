"""The filter of lists and searches as query parameters (筛选)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from corpus.report import Filter, Genre, SectionKind

_Word = Annotated[str, Query(max_length=60)]
_Most = 50


def wanted(
    place: Annotated[list[_Word], Query(max_length=_Most, description="地方，可重复")] = [],  # noqa: B006
    year: Annotated[
        list[Annotated[int, Query(ge=1900, le=2200)]], Query(max_length=_Most, description="年份，可重复")
    ] = [],  # noqa: B006
    period: Annotated[
        list[_Word], Query(max_length=_Most, description="时段，可重复", examples=[["上半年"]])
    ] = [],  # noqa: B006
    genre: Annotated[list[Genre], Query(max_length=_Most, description="文种，可重复")] = [],  # noqa: B006
    section: Annotated[list[SectionKind], Query(max_length=_Most, description="栏目，可重复")] = [],  # noqa: B006
) -> Filter:
    """Every parameter that is given must match; several values of one are alternatives."""
    return Filter(tuple(place), tuple(year), tuple(period), tuple(genre), tuple(section))


Wanted = Annotated[Filter, Depends(wanted)]
