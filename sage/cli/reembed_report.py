"""Report a move to another embedding model: its steps, its outcome, and the next steps."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.cli.terminal.progress import Progress
from sage.cli.views.program_name import program
from sage.domain.text.wording import counted
from sage.phrases import as_phrase, numbered, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console
    from sage.domain.embedding import EmbeddingModel
    from sage.service.reembedding import Moved
    from sage.store.reembedding import DroppedModel


class ReembeddingProgress:
    """Shows a move: a bar while memories are embedded, then a line per step."""

    def __init__(self, console: Console, model: EmbeddingModel) -> None:
        self._console = console
        self._label = phrase("embedding with {name}", name=model.name)
        self._bar = ExitStack()
        self._progress: Progress | None = None

    def begin(self, left: int) -> None:
        """Show the bar."""
        self._console.note(
            phrase(
                "{label}: {memories} left",
                label=self._label,
                memories=counted(left, "memory", "memories"),
            )
        )
        self._progress = self._bar.enter_context(Progress(self._console, self._label, left))

    def advance(self, done: int) -> None:
        """Advance the bar."""
        if self._progress is not None:
            self._progress.advance(done)

    def wait(self, reason: str) -> None:
        """Show why the bar does not move."""
        if self._progress is not None:
            self._progress.wait(phrase("waiting: {reason}", reason=as_phrase(reason)))

    def step(self, text: str) -> None:
        """Remove the bar and print the next step."""
        self.end()
        self._console.note(text)

    def end(self) -> None:
        """Remove the bar."""
        self._bar.close()
        self._progress = None


@dataclass(frozen=True, slots=True)
class ReembeddingOutcome:
    """The outcome of a run; `moved` is None if nothing had to be embedded."""

    before: EmbeddingModel
    after: EmbeddingModel
    moved: Moved | None
    dropped: Sequence[DroppedModel]


def outcome_as_json(outcome: ReembeddingOutcome) -> dict[str, object]:
    """Return the outcome for programs."""
    return {
        "model": asdict(outcome.after),
        "switched": outcome.before != outcome.after,
        **({} if outcome.moved is None else asdict(outcome.moved)),
        "dropped": [asdict(one) for one in outcome.dropped],
    }


def write_outcome(
    outcome: ReembeddingOutcome,
    console: Console,
    *,
    configured: EmbeddingModel | None,
    repeat: Sequence[str],
) -> None:
    """Write what was done, what to configure, and how to delete the earlier vectors.

    `repeat` is the command that was run, without `sage` and `--drop-old`.
    """
    _write_move(outcome, console)
    if outcome.after != configured:
        _write_settings(outcome.after, console)
    if outcome.before != outcome.after and not outcome.dropped:
        command = shlex.join([*repeat, "--drop-old"])
        console.write(
            phrase("the vectors of {name} are kept; to delete them:", name=outcome.before.name)
        )
        console.write_text(f"  {program()} {command}\n")


def _write_move(outcome: ReembeddingOutcome, console: Console) -> None:
    name = f"{outcome.after.name} ({outcome.after.provider})"
    if outcome.moved is None:
        console.write(phrase("{name} is already active; nothing to embed", name=name))
    else:
        _write_counts(outcome.moved, console)
        if outcome.before != outcome.after:
            console.write(
                phrase(
                    "{name} is now active; a running Sage switches to it within seconds", name=name
                )
            )
    for one in outcome.dropped:
        vectors = counted(one.vectors, "vector", "vectors")
        console.write(
            phrase(
                "deleted {vectors} of {name} ({provider})",
                vectors=vectors,
                name=one.model.name,
                provider=one.model.provider,
            )
        )


def _write_counts(moved: Moved, console: Console) -> None:
    embedded = counted(moved.embedded, "memory", "memories")
    done = phrase("{done}: embedded {memories}", done=phrase("done"), memories=embedded)
    console.write(*styled(done, done=Style.GOOD))
    if moved.refused:
        refused = numbered(
            "{count:,} memory can be found by keyword only: the model rejected the text",
            "{count:,} memories can be found by keyword only: the model rejected the text",
            count=moved.refused,
        )
        console.write(refused)
    if moved.postponed:
        postponed = counted(moved.postponed, "memory", "memories")
        console.write(
            phrase(
                "{postponed} could not be embedded: a running Sage tries again", postponed=postponed
            )
        )
    if moved.queued > moved.postponed:
        queued = numbered(
            "{count:,} memory saved just now will be embedded when Sage runs",
            "{count:,} memories saved just now will be embedded when Sage runs",
            count=moved.queued - moved.postponed,
        )
        console.write(queued)


def _write_settings(model: EmbeddingModel, console: Console) -> None:
    """Write the settings of the model if it was named only on the command line."""
    console.write(phrase("configure it for the next start:"))
    console.write_text(
        f"  EMBEDDING_PROVIDER={model.provider}\n  EMBEDDING_MODEL={model.name}\n"
        f"  EMBEDDING_DIMENSIONS={model.dimensions}\n"
    )
