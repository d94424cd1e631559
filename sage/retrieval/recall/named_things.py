"""Files and programs that an agent is about to use, and statements that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.retrieval.message_classes.intents import intent_of
from sage.retrieval.preferences.decisions import changes_in, decisions_in, replaces
from sage.retrieval.recall.tasks import asks_only, sets_task
from sage.retrieval.text.own_words import said_in_own_words
from sage.retrieval.text.sentences import sentences_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sage.domain.searching import Hit

_MAX_CHARS = 240
_ORDINARY_WORDS = frozenset(
    {
        *("at", "expect", "find", "flash", "go", "just", "make", "node", "open", "play", "poetry"),
        *("screen", "script", "task", "time", "watch", "who", "write"),
    }
)
"""Programs whose names are ordinary words: their argument must be named as well."""
_FOLDERS = r"((?:[\w.~-]+/)*)"


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A file by its path in the project, or a program with its first argument."""

    file: str = ""
    program: str = ""
    action: str = ""

    @classmethod
    def of_command(cls, command: str) -> NamedThing:
        """Return the program of a command such as `alembic upgrade`."""
        program, _, action = command.partition(" ")
        return cls(program=program, action=action.partition(" ")[0])

    @property
    def query(self) -> str:
        """The text to search for."""
        if self.file:
            return self.file
        return f"{self.program} {self.action}" if self._is_ordinary else self.program

    def is_in(self, text: str) -> bool:
        """Return whether a text names it, and not another file of that name or another word."""
        if not self.file:
            words = [self.program, self.action] if self._is_ordinary else [self.program]
            phrase = r"\s+".join(map(re.escape, filter(None, words)))
            is_complete = not self._is_ordinary or bool(self.action)
            named = rf"(?<![\w./-]){phrase}(?![\w/-]|\.\w)"
            return is_complete and re.search(named, text, re.ASCII) is not None
        folders, _, name = self.file.rpartition("/")
        named = rf"(?<![\w.~/-]){_FOLDERS}{re.escape(name)}(?![\w/-]|\.\w)"
        found = re.finditer(named, text, re.ASCII)  # Chinese has no space before a name
        whole = f"/{folders}/" if folders else "/"
        return any(whole.endswith(f"/{one[1].lstrip('./')}") for one in found)

    @property
    def _is_ordinary(self) -> bool:
        return self.program in _ORDINARY_WORDS


def statements_about(thing: NamedThing, hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits in which people state something about a thing they name, the newest first.

    Replaced statements are left out, and so are tasks, questions, and what is not their own words.
    Of a long hit the sentences that name the thing are shown.
    """
    stated: list[Hit] = []
    newer: list[str] = []
    for hit in sorted(hits, key=_said_at, reverse=True):
        own = said_in_own_words(hit)
        if hit.is_corrected or not thing.is_in(own):
            continue
        shown = _shown(thing, hit, own)
        if _states(own) and not any(replaces(one, shown.content) for one in newer):
            stated.append(shown)
        newer += changes_in(own)
    return stated


def _shown(thing: NamedThing, hit: Hit, own: str) -> Hit:
    if len(hit.content) <= _MAX_CHARS:
        return hit
    named = [one for one in sentences_in(own) if thing.is_in(one)]
    return replace(hit, content=f"… {' … '.join(named)} …")


def _states(text: str) -> bool:
    if decisions_in(text):
        return True
    return intent_of(text) is None and not asks_only(text) and not sets_task(text)


def _said_at(hit: Hit) -> datetime:
    return hit.created_at


def each_hit_once(found: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Return the hits of several things, each once."""
    return [*{hit.memory_id: hit for hits in found for hit in hits}.values()]
