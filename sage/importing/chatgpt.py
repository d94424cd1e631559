"""Read the export of ChatGPT: conversations.json, several such files, or the zip of them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from sage.domain.memories import DEFAULT_SPACE
from sage.domain.transfer import LineReader
from sage.errors import InvalidInputError
from sage.importing.json_stream import read_elements
from sage.transcripts.reading import clean
from sage.transcripts.turns import Turn, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sage.domain.transfer import TransferredMemory

SOURCE = "chatgpt"

_MEMBER = re.compile(r"(?:[^/]*/)?conversations(?:-\d+)?\.json")
_CITATION = re.compile("\ue200.*?\ue201", re.DOTALL)
_MILLISECONDS_FROM = 1e11
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_TITLE_CHARS = 200


@dataclass(slots=True)
class ChatGptExport:
    """The conversations of an export. Of each, the branch that was read last is taken.

    What has no time gets that of the file, and is marked in its metadata.
    """

    paths: list[Path]
    since: datetime | None = None
    space_id: str = DEFAULT_SPACE
    source: str = SOURCE
    read: int = 0
    copies: int = 0
    skipped: int = 0
    repaired: int = 0
    undated: int = 0
    _seen: set[str] = field(default_factory=set)

    def memories(self) -> Iterator[TransferredMemory]:
        """Read them all, each message once. Raises InvalidInputError for a broken file, OSError."""
        reader = LineReader(space_id=self.space_id)
        for path in self.paths:
            saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
            for conversation in _conversations(path):
                title = str(conversation.get("title") or "")[:_TITLE_CHARS]
                for turn in self._turns(conversation):
                    metadata: dict[str, object] = {"title": title} if title else {}
                    if not turn.said_at:
                        metadata["undated"] = True
                    dated = replace(turn, said_at=turn.said_at or saved_at)
                    for record in records_of(SOURCE, dated, metadata):
                        try:
                            yield reader.parse_value(str(path), record)
                        except InvalidInputError:
                            self.skipped += 1

    def _turns(self, conversation: Mapping[str, Any]) -> Iterator[Turn]:
        messages = active_path(conversation)
        if conversation.get("is_do_not_remember"):
            self.skipped += len(messages)
            return
        began = _time(conversation.get("create_time"))
        session = str(conversation.get("conversation_id") or conversation.get("id") or "")
        for message in messages:
            text = spoken_text(message)
            said_at = _time(message.get("create_time")) or began
            turn = Turn(str(message.get("id") or ""), session, _role(message), text)
            cleaned = clean(turn)
            if not cleaned.text or not turn.key:
                self.skipped += 1
            elif turn.key in self._seen:
                self.copies += 1
            elif self.since is None or said_at is None or said_at >= self.since:
                self._seen.add(turn.key)
                self.read += 1
                self.undated += said_at is None
                self.repaired += "\ufffd" in cleaned.text and "\ufffd" not in text
                yield replace(cleaned, said_at="" if said_at is None else said_at.isoformat())


def is_chatgpt(path: Path) -> bool:
    """Return whether a file is such an export, by its first conversation. Raises OSError."""
    try:
        first = next(_conversations(path), None)
    except InvalidInputError:
        return False
    return (
        first is not None and isinstance(first.get("mapping"), dict) and "inserted_at" not in first
    )


def active_path(conversation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the messages from the first to the one that was current, other branches left out.

    Without a current one, it is the newest that nothing follows. `children` may be missing.
    """
    mapping = conversation.get("mapping")
    nodes = {k: v for k, v in (mapping or {}).items() if isinstance(v, dict)}
    at = conversation.get("current_node")
    if at not in nodes:
        parents = {node.get("parent") for node in nodes.values()}
        leaves = [key for key in nodes if key not in parents]
        at = max(leaves, key=lambda key: _stamp(nodes[key]), default=None)
    path: list[dict[str, Any]] = []
    for _ in range(len(nodes)):
        if at not in nodes:
            break
        message = nodes[at].get("message")
        if isinstance(message, dict):
            path.append(message)
        at = nodes[at].get("parent")
    return path[::-1]


def spoken_text(message: Mapping[str, Any]) -> str:
    """Return what a message says; empty for tools, thoughts and what was hidden."""
    content, metadata = message.get("content"), message.get("metadata")
    if not isinstance(content, dict) or _role(message) not in {"user", "assistant"}:
        return ""
    hidden = isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation")
    if hidden or message.get("weight") == 0 or message.get("recipient") not in {None, "all"}:
        return ""
    if content.get("content_type") not in {"text", "multimodal_text"}:
        return ""
    parts = content.get("parts")
    said = map(_part, parts if isinstance(parts, list) else ())
    return _CITATION.sub("", "\n\n".join(filter(None, said)))


def _part(part: object) -> str:
    match part:
        case str():
            return part
        case {"content_type": "image_asset_pointer"}:
            return "[image]"
        case {"content_type": "audio_transcription", "text": str(text)}:
            return text
    return ""


def _role(message: Mapping[str, Any]) -> str:
    author = message.get("author")
    return str(author.get("role", "")) if isinstance(author, dict) else ""


def _stamp(node: Mapping[str, Any]) -> float:
    message = node.get("message")
    stamp = message.get("create_time") if isinstance(message, dict) else None
    return float(stamp) if isinstance(stamp, int | float) else 0.0


def _time(stamp: object) -> datetime | None:
    if not isinstance(stamp, int | float):
        return None
    try:
        when = datetime.fromtimestamp(stamp / 1000 if stamp > _MILLISECONDS_FROM else stamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return when if _EARLIEST <= when <= datetime.now(UTC) else None


def _conversations(path: Path) -> Iterator[Mapping[str, Any]]:
    for name, stream in _streams(path):
        try:
            for element in read_elements(stream):
                if isinstance(element, dict):
                    yield element
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(
                name, f"cannot be read: it {error}", hint="export it once more"
            ) from None


def _streams(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield str(path), file
        return
    with zipfile.ZipFile(path) as archive:
        for member in sorted(filter(_MEMBER.fullmatch, archive.namelist())):
            with archive.open(member) as stream:
                yield f"{path}: {member}", stream  # type: ignore[misc] # read as a binary stream
