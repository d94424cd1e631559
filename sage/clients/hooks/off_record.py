"""What of a session is not kept: what was said in a pause, in ignored folders, or is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.hooks.ignoring import is_ignored
from sage.clients.hooks.pausing import is_within, paused_until, pauses
from sage.clients.hooks.sessions import is_forgotten
from sage.clients.transcripts.times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sage.clients.transcripts.turns import Turn


class OffRecord:
    """What of one event is not kept. `prompts` are the keys of prompts that were left out.

    `whole`: nothing is kept. An answer is not kept either where the prompt of its turn was not.
    """

    def __init__(self, data_dir: str, client: str, event: dict[str, Any], open_turn: str) -> None:
        """Read what people wish; `open_turn` is the prompt of a turn that goes on, if left out."""
        self._pauses = pauses(data_dir)
        self._event_at = float(event.get("at") or 0)
        self._is_paused = bool(paused_until(data_dir))
        self.whole = (
            bool(event.get("ignored"))
            or is_ignored(str(event.get("cwd") or ""))
            or is_forgotten(data_dir, client, str(event.get("session") or ""))
        )
        self.prompts = {open_turn} - {""}

    @property
    def is_silent(self) -> bool:
        """Whether Sage is told nothing now, not even by what a project can be known."""
        return self.whole or self._is_paused

    def kept(self, turns: Iterable[Turn]) -> list[Turn]:
        """Return the turns that are kept."""
        kept = []
        for turn in turns:
            if self._is_kept(turn):
                kept.append(turn)
            elif turn.role == "user":
                self.prompts.add(turn.key)
        return kept

    def _is_kept(self, turn: Turn) -> bool:
        if self.whole or turn.turn in self.prompts or is_ignored(turn.cwd):
            return False
        said_at = time_of(turn.said_at)
        at = self._event_at if said_at is None else said_at.timestamp()
        return not is_within(self._pauses, at)
