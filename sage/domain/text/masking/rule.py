"""A rule that recognizes one kind of secret."""

from __future__ import annotations

import re
from functools import cached_property

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


MAX_JUDGED_CHARS = 256
"""Of longer values this many characters are judged, and the whole value is masked."""

_REST = re.compile(r"[A-Za-z0-9+/=_-]*+")


class SecretRule:
    """A pattern for one kind of secret.

    It is tried, and compiled, only where one of `marks` occurs: these are in lower case and
    compared without regard to case. A match begins `lead` characters before its mark. The secret is
    the group `secret` of the pattern, or the whole match; `accepts` then decides about it.

    A pattern that does not match has read a bounded number of characters, or none with which
    another match could begin: so the time is linear in the length of any text.
    """

    def __init__(
        self,
        kind: str,
        marks: tuple[str, ...],
        pattern: str,
        accepts: Callable[[str], bool] = bool,
        lead: int = 0,
    ) -> None:
        self.kind = kind
        self.marks = marks
        self.pattern = pattern
        self._accepts = accepts
        self._lead = lead

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII)

    def spans(self, text: str, lowered: str, mark: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each secret with this mark; `lowered` is as long as `text`."""
        group = "secret" if "secret" in self._compiled.groupindex else 0
        place = lowered.find(mark)
        while place >= 0:
            after = place + len(mark)
            found = self._compiled.match(text, max(place - self._lead, 0))
            if found is not None:
                after = max(after, found.end())
                start, end = found.span(group)
                end = self._end(text, lowered, mark, (start, end))
                if self._accepts(text[start:end]):
                    rest = _REST.match(text, end) if end - start >= MAX_JUDGED_CHARS else None
                    end = end if rest is None else rest.end()
                    yield start, end
                    after = max(after, end)
            place = lowered.find(mark, after)

    def _end(self, text: str, lowered: str, mark: str, found: tuple[int, int]) -> int:  # noqa: ARG002 - for those that need it
        """Return the end of a secret."""
        return found[1]
