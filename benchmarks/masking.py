"""Measure masking: recall on planted secrets, false positives, and processor time."""

from __future__ import annotations

import json
import sysconfig
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import corpus
from sage.bootstrap import open_services
from sage.clients.transcripts.turns import split_text
from sage.domain.memories import Message, Role, SaveRequest
from sage.domain.text.masking.masked import count_masked
from sage.service.configured_database import open_configured_database
from sage.store.migrate import migrate
from tests.support.planted_secrets import planted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sage.config.settings import Settings

_ROOT = Path(__file__).parents[1]
_CODE = ("sage", "benchmarks", "docs", "ci", "deploy", "nix", "integrations")
_SUFFIXES = {".py", ".md", ".sh", ".sql", ".yaml", ".yml", ".json", ".toml", ".nix", ""}
_SAID = ("text", "content", "query", "response")
_MESSAGE_CHARS = 2_000
LENGTHS = (500, 2_000, 200_000)
_REPEATED = 9
_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Touched:
    """The number of texts of a kind, and of those in which something was masked.

    `us` is the mean processor time per text, in microseconds.
    """

    what: str
    texts: int
    masked: int
    us: float

    @property
    def percent(self) -> float:
        """Return the percentage of the texts in which something was masked."""
        return round(100 * self.masked / self.texts, 3) if self.texts else 0.0


@dataclass(frozen=True, slots=True)
class SaveCost:
    """The median processor time of a save with masking and without, in milliseconds."""

    calls: int
    masked_ms: float
    plain_ms: float
    ratio: float


def measure_rates(files: Sequence[str]) -> list[Touched]:
    """Mask planted secrets, the conversations of `files`, and the code of Sage and Python."""
    library = Path(sysconfig.get_path("stdlib"))
    ours = (path for folder in _CODE for path in sorted((_ROOT / folder).rglob("*")))
    theirs = (path for path in sorted(library.rglob("*.py")) if "site-packages" not in path.parts)
    return [
        _touched("planted secrets", (one.text for one in planted(10))),
        *(_touched(Path(file).stem, conversation_texts(Path(file))) for file in files),
        _touched("this project without its tests", code_texts(ours)),
        _touched("Python's standard library", code_texts(theirs)),
    ]


def conversation_texts(file: Path) -> Iterator[str]:
    """Yield the texts of a JSON file: the values of keys such as `content`."""
    values = [json.loads(file.read_text(encoding="utf-8"))]
    while values:
        value = values.pop()
        if isinstance(value, dict):
            yield from (one for key, one in value.items() if key in _SAID and isinstance(one, str))
            values += value.values()
        elif isinstance(value, list):
            values += value


def code_texts(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the content of text files, split into texts with the length of messages."""
    for path in paths:
        if path.suffix in _SUFFIXES and path.is_file():
            yield from split_text(path.read_text(encoding="utf-8", errors="ignore"), _MESSAGE_CHARS)


def corpus_text(length: int) -> str:
    """Return generated prose of `length` characters."""
    text = ""
    for number in count():
        if len(text) >= length:
            break
        text += f"{corpus.memory(number).content} "
    return text[:length]


def microseconds_of(text: str) -> float:
    """Return the minimum processor time of masking a text, in microseconds."""
    return min(_seconds_of(text) for _ in range(_REPEATED)) * 1e6


def _touched(what: str, texts: Iterable[str]) -> Touched:
    every = [*texts]
    began = time.process_time()
    masked = sum(bool(count_masked(text)[1]) for text in every)
    taken = time.process_time() - began
    return Touched(what, len(every), masked, round(taken / max(len(every), 1) * 1e6, 1))


def _seconds_of(text: str) -> float:
    began = time.process_time()
    count_masked(text)
    return time.process_time() - began


async def measure_saves(settings: Settings, calls: int, advance: Callable[[int], None]) -> SaveCost:
    """Time saves with masking and without alternately, by processor time of this process."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_configured_database(settings))
        await migrate(database)
        services = {
            mask: await stack.enter_async_context(
                open_services(settings.model_copy(update={"mask_secrets": mask}), read_only=True)
            )
            for mask in taken
        }
        for number in range(calls + _WARM_UP):
            for mask in (True, False) if number % 2 else (False, True):
                request = _exchange(2 * number + mask)
                began = time.process_time()
                await services[mask].memory.save(request)
                if number >= _WARM_UP:
                    taken[mask].append(time.process_time() - began)
            advance(int(number >= _WARM_UP))
    masked, plain = median(taken[True]), median(taken[False])
    return SaveCost(calls, round(masked * 1e3, 3), round(plain * 1e3, 3), round(masked / plain, 3))


def _exchange(number: int) -> SaveRequest:
    said = corpus_text(LENGTHS[0])
    return SaveRequest(
        (Message(Role.USER, f"{number}: {said}"), Message(Role.ASSISTANT, f"{said} {number}"))
    )
