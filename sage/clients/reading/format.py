"""What a format is: how the files of one program are recognized and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sage.clients.reading.entries import Entry
    from sage.clients.reading.sample import SourceSample


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """How the files of one program are recognized and read.

    Sessions get the name of the program in front, unless one may go on in them. Some are read with
    the format of dates that the user has told. Where memories are of projects, none of them may be
    recalled in another: the name of the program stands for a project that it does not tell. What is
    `of_client`, an AI client on this machine, is kept as hooks keep it.
    """

    source: str
    recognizes: Callable[[SourceSample], bool]
    read: Callable[..., Iterator[Entry]]
    keeps_sessions: bool = False
    takes_date_format: bool = False
    in_projects: bool = False
    of_client: bool = False
