"""Access of the verbs to memories: of the running server, or of a database they open themselves.

Both answer alike. The server is used if it runs on the same data directory with the same
configuration; that takes a fraction of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from datetime import tzinfo
    from pathlib import Path
    from typing import TypeAlias

    from sage.cli.memories.opened import OpenedMemories
    from sage.cli.memories.running import RunningMemories

    Memories: TypeAlias = RunningMemories | OpenedMemories

Result = TypeVar("Result")


class AskedMemories:
    """The running server's memories as long as it accepts calls, then those opened here."""

    def __init__(self, args: Namespace) -> None:
        """Find the server. Raises ConfigurationError, InvalidInputError."""
        from sage.cli.memories.running import find_running

        self._args = args
        self._memories: Memories = find_running(args) or self._open()

    @property
    def timezone(self) -> tzinfo:
        """The time zone of the users."""
        return self._memories.timezone

    @property
    def data_dir(self) -> Path:
        """The data directory."""
        return self._memories.data_dir

    @property
    def space(self) -> str | None:
        """The name of the space; None if none is given."""
        return self._memories.space

    def ask(self, question: Callable[[Memories], Result]) -> Result:
        """Return the answer of the server, or of services opened here. Raises SageError."""
        from sage.cli.memories.errors import NotAskedError

        try:
            return question(self._memories)
        except NotAskedError:
            self._memories = self._open()
            return question(self._memories)

    def _open(self) -> Memories:
        from sage.cli.memories.opened import OpenedMemories

        return OpenedMemories(self._args)
