"""What a Sage finds around it: a provider, a clock, a bound on its descriptors."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.architecture.sources import INSTALLED, ROOT
from tests.support import plain_http
from tests.support.polling import wait_for
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

NO_PROVIDER = {
    "EMBEDDING_PROVIDER": "openai",
    "EMBEDDING_MODEL": "away",
    "EMBEDDING_DIMENSIONS": "384",
    "EMBEDDING_BASE_URL": "http://127.0.0.1:9/v1",
}
"""Where nobody embeds: what is saved waits in the queue, and the processors are free for saves."""
DESCRIPTORS = 128
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
PROVIDER_FAULTS = (
    *("timeout", "drip", "reset", "truncated", "unauthorized", "forbidden", "too_large"),
    *("too_many", "too_many_wait", "error", "overloaded", "gateway", "html", "empty_object"),
    *("fewer", "wrong_dimension", "nan", "zero", "shuffled"),
)
_CLOCK = Path(__file__).parent / "clock"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How Sage and its Postgres are started, and what changes what they find."""

    environment: Mapping[str, str] = field(default_factory=lambda: NO_PROVIDER)
    prefix: Sequence[str] = ()
    postgres_environment: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[str], None] = lambda _what: None


@contextmanager
def ordinary(_directory: Path) -> Iterator[Surroundings]:
    """Have nothing special around."""
    yield Surroundings()


@contextmanager
def few_descriptors(_directory: Path) -> Iterator[Surroundings]:
    """Let Sage open few files and connections."""
    limit = f'ulimit -n {DESCRIPTORS}; exec "$@"'
    yield Surroundings(prefix=("sh", "-c", limit, "sh"))


@contextmanager
def clock_of_sage(directory: Path) -> Iterator[Surroundings]:
    """Let `change` set how many seconds Sage's clock is ahead."""
    ahead = directory / "ahead"
    ahead.write_text("0")
    path = {"PYTHONPATH": f"{_CLOCK}:{INSTALLED}", "SHIFTED_CLOCK": str(ahead)}
    yield Surroundings({**NO_PROVIDER, **path}, change=lambda what: _replace(ahead, what))


@contextmanager
def clock_of_all(directory: Path) -> Iterator[Surroundings]:
    """Let `change` set how many seconds the clock of Sage and of Postgres is ahead: libfaketime."""
    ahead = directory / "ahead"
    ahead.write_text("+0")
    ahead.chmod(0o644)
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(ahead),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    yield Surroundings(
        {**NO_PROVIDER, **faked}, (), faked, lambda what: _replace(ahead, f"{int(what):+d}")
    )


@contextmanager
def faulty_provider(_directory: Path) -> Iterator[Surroundings]:
    """Let `change` choose the fault of a fake SiliconFlow; `none` ends it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.support.fake_siliconflow", "--port", str(port)]
    environment = {"SILICONFLOW_BASE_URL": f"{url}/v1", "SILICONFLOW_API_KEY": "sk-fake"}

    def change(what: str) -> None:
        plain_http.post(f"{url}/fault/{what}").raise_for_status()

    def answers() -> bool:
        try:
            change("none")
        except httpx.TransportError:
            return False
        return True

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(answers)
            yield Surroundings(environment, change=change)
        finally:
            process.terminate()


def _replace(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o644)
    new.replace(file)
