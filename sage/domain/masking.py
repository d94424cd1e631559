"""Masking of secrets in what is to be stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.domain.text.masking.masked import count_masked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sage.domain.memories import Message, SaveRequest
    from sage.domain.transfer import TransferredMemory


@dataclass(frozen=True, slots=True)
class MaskingPolicy:
    """Whether secrets are masked by default in a space, and the tokens that are `known`."""

    by_default: bool = True
    known: Collection[str] = ()


class Masking:
    """Masks secrets and `known` tokens in texts and metadata, and counts them by kind."""

    def __init__(self, known: Collection[str] = ()) -> None:
        self.kinds: Counter[str] = Counter()
        self._known = known

    def text(self, text: str) -> str:
        """Return a text with its secrets masked."""
        text, kinds = count_masked(text, self._known)
        if kinds:
            self.kinds.update(kinds)
        return text

    def metadata(self, metadata: Mapping[str, object]) -> dict[str, object]:
        """Return metadata with its secrets masked, also values whose key names a secret."""
        return {key: self._value(key, value) for key, value in metadata.items()}

    def _value(self, key: str, value: object) -> object:
        match value:
            case str():
                name = f"{key}: "
                line = self.text(name + value)
                return line.removeprefix(name) if line.startswith(name) else self.text(value)
            case dict():
                return self.metadata(value)
            case list():
                return [self._value(key, one) for one in value]
        return value


def masked_request(
    request: SaveRequest,
    known: Collection[str] = (),
    check_cancelled: Callable[[], None] = lambda: None,
) -> tuple[SaveRequest, Mapping[str, int]]:
    """Return a save with its secrets masked, and the number of secrets of each kind.

    `check_cancelled` is called before each message; an exception that it raises ends the work.
    """
    masking = Masking(known)
    contents = []
    for message in request.messages:
        check_cancelled()
        contents.append(masking.text(message.content))
    metadata = masking.metadata(request.metadata)
    if not masking.kinds:
        return request, {}
    messages = tuple(map(_with_content, request.messages, contents))
    return replace(request, messages=messages, metadata=metadata), dict(masking.kinds)


def masked_memory(memory: TransferredMemory, known: Collection[str] = ()) -> TransferredMemory:
    """Return a memory to be imported with its secrets masked; its id does not change."""
    masking = Masking(known)
    content = masking.text(memory.message.content)
    metadata = masking.metadata(memory.metadata)
    if not masking.kinds:
        return memory
    return replace(memory, message=_with_content(memory.message, content), metadata=metadata)


def _with_content(message: Message, content: str) -> Message:
    return replace(message, content=content)
