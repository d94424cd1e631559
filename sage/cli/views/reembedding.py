"""The steps of a move to another embedding model, as they are shown."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from sage.cli.terminal.progress import Progress
from sage.domain.text.wording import counted
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console
    from sage.domain.embedding import EmbeddingModel


class ReembeddingProgress:
    """Shows a move: a bar while memories are embedded, then a line a step."""

    def __init__(self, console: Console, model: EmbeddingModel) -> None:
        self._console = console
        self._label = phrase("embedding with {name}", name=model.name)
        self._bar = ExitStack()
        self._progress: Progress | None = None

    def begin(self, left: int) -> None:
        """Show the bar."""
        self._console.note(
            phrase(
                "{label}: {memories} to go",
                label=self._label,
                memories=counted(left, "memory", "memories"),
            )
        )
        self._progress = self._bar.enter_context(Progress(self._console, self._label, left))

    def advance(self, done: int) -> None:
        """Move the bar."""
        if self._progress is not None:
            self._progress.advance(done)

    def wait(self, reason: str) -> None:
        """Show why it stands still."""
        if self._progress is not None:
            self._progress.wait(phrase("waiting: {reason}", reason=as_phrase(reason)))

    def step(self, text: str) -> None:
        """Remove the bar and print what comes next."""
        self.end()
        self._console.note(text)

    def end(self) -> None:
        """Remove the bar."""
        self._bar.close()
        self._progress = None
