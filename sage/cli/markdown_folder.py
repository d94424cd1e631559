"""Export of memories as Markdown: a directory with a file for each session."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TextIO

from sage.domain.local_time import local_time_text
from sage.domain.text.unseen import escaped_unseen
from sage.domain.text.wording import one_line, printable
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo
    from pathlib import Path

    from sage.domain.transfer import TransferredMemory

_FIELD = "--markdown"
_UNSAFE = re.compile(r"[^\w.-]+")
_LOADS = re.compile(
    r"!(?=\[)"
    r"|<(?=/?(?:audio|base|body|embed|form|i?frame|image|img|input|link|math|meta|object"
    r"|picture|script|source|style|svg|track|video)\b)",
    re.IGNORECASE,
)
_NAME_CHARS = 60
_DIGEST_CHARS = 8


class MarkdownFolder:
    """A directory into which memories are written, in the order of their sessions."""

    def __init__(self, folder: Path, timezone: tzinfo) -> None:
        """Create the directory. Raises InvalidInputError if it is not empty."""
        self._folder = folder
        self._timezone = timezone
        self._session = ("", "")
        self._file: TextIO | None = None
        with self._explaining():
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise InvalidInputError(
                    _FIELD,
                    phrase("{field}: {directory} is not empty", directory=folder),
                    hint="choose a new directory",
                )

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the last file."""
        if self._file is not None:
            self._file.close()

    def write(self, memory: TransferredMemory) -> None:
        """Write a memory into the file of its session. Raises InvalidInputError."""
        session, message = (memory.space_id, memory.session_id), memory.message
        with self._explaining():
            if self._file is None or session != self._session:
                self._begin(session, memory)
            when = message.created_at
            shown = "" if when is None else f"{local_time_text(when, self._timezone)} "
            name = _still(one_line(message.name)) if message.name else ""
            speaker = f"{name} ({message.role})" if name else message.role
            gone = " (superseded)" if memory.is_superseded else ""
            gone += " (forgotten)" if memory.forgotten_at else ""
            print(f"\n## {shown}{speaker}{gone}\n\n{_quoted(message.content)}", file=self._file)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidInputError(
                _FIELD,
                phrase(
                    "{field}: {directory} cannot be written: {reason}",
                    directory=self._folder,
                    reason=error.strerror,
                ),
                hint="choose a directory on a disk with enough space",
            ) from None

    def _begin(self, session: tuple[str, str], memory: TransferredMemory) -> None:
        if self._file is not None:
            self._file.close()
        self._session = session
        path = self._folder / _file_name(session)
        self._file = path.open("w", encoding="utf-8", newline="\n")
        title = _still(one_line(str(memory.metadata.get("title") or memory.session_id)))
        space, session_id = (escaped_unseen(json.dumps(one, ensure_ascii=False)) for one in session)
        print(f"---\nsession: {session_id}\nspace: {space}\n---\n\n# {title}", file=self._file)


def _quoted(content: str) -> str:
    """Quote a message, so that it cannot be mistaken for a heading or another message."""
    return "\n".join(f"> {printable(_still(line))}".rstrip() for line in content.splitlines())


def _still(text: str) -> str:
    """Prevent text from loading or running anything when rendered: images, scripts, frames."""
    return _LOADS.sub(lambda found: f"&#{ord(found.group())};", text)


def _file_name(session: tuple[str, str]) -> str:
    """Return a file name that is valid on any system and unique among sessions."""
    digest = hashlib.sha256("\0".join(session).encode()).hexdigest()[:_DIGEST_CHARS]
    return f"{_UNSAFE.sub('-', session[1])[:_NAME_CHARS].strip('-.')}-{digest}.md".lstrip("-")
