"""Measure how much of a prompt a provider can still take from its cache with Sage."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx

from benchmarks.prefixes import Request, request_of, shared_prefix_chars, shared_prefix_shares
from benchmarks.talking import CLIENTS, talking
from sage.cli.benchmark.sandbox import dsn_of, sandbox
from sage.cli.benchmark.server import RunningServer, sage_server
from sage.clients.hooks.launcher import hook_address, resume_hooks
from sage.retrieval.context.tokens import count_tokens_upper_bound
from tests.real_clients.model import Model, served_model
from tests.real_clients.programs import PROGRAMS, Program, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.config.settings import Settings

WAYS = {"without Sage": (), "hooks": ("--hooks",), "hooks and edits": ("--hooks", "edits")}
"""Ways of connecting Sage: the options of `sage connect`."""

TURNS = (
    ("What is the name of the staging host?", "heronctl deploy"),
    ("Which port does the gateway have?", "marmotctl build"),
    ("How long are backups kept?", "heronctl status"),
    ("What is the parser of invoices written in?", "marmotctl push"),
    ("On which machine are images built?", "heronctl rollback"),
    ("Who owns the billing service?", "marmotctl prune"),
)
"""Prompts, and the command that the model runs in the client; none of them exists."""

SESSIONS = (TURNS, TURNS[:1], TURNS[1:2])
"""A whole session, then the first turn of one with the same and of one with another prompt."""

STEPS = len(CLIENTS) * len(WAYS) * sum(map(len, SESSIONS))
_TOLD = re.compile(r"sage-recall(?:>|&gt;).*?(?:<|&lt;)/sage-recall")
_STATED = (
    "Releases are made with heronctl only from CI.",
    "Packages are built with marmotctl and the flag --locked.",
    "We decided to use RabbitMQ.",
    "The name of the staging host is heron4.example.org.",
    "The port of the gateway is 9443.",
    "Backups are kept for 35 days.",
    "The parser of invoices is written in Rust.",
    "Images are built on the machine marmot2.",
    "Ada owns the billing service.",
)
_CONNECT_S = 120
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class CacheCost:
    """The requests in the sessions of a client.

    `prefix_least` and `prefix_mean` are the share of a request that is a prefix of the next one.
    `prefix_same` and `prefix_other` are the share of the first request of a session that is a
    prefix of the first request of the next session, with the same and with another prompt;
    `same_head`: whether the tools and the system prompt are the same. Tokens are those of the last
    request, as counted by Sage: `head_tokens` of tools and system prompt, `message_tokens` of the
    rest, `hook_tokens` of the texts that hooks added to it.
    """

    client: str
    way: str
    requests: int
    prefix_least: float
    prefix_mean: float
    prefix_same: float
    prefix_other: float
    same_head: bool
    head_tokens: int
    message_tokens: int
    hook_tokens: int
    hook_texts: int


async def measure_prompt_cache(
    settings: Settings, clients: Sequence[str], progress: Callable[[int], None]
) -> list[CacheCost]:
    """Compare the requests of each client with and without Sage. Raises SageError.

    The clients are found in PATH. `settings` name a server on which databases are created.
    """
    programs = [one for one in PROGRAMS if one.name in clients]
    return [
        await _measure(settings, program, way, progress) for program in programs for way in WAYS
    ]


async def _measure(
    settings: Settings, program: Program, way: str, progress: Callable[[int], None]
) -> CacheCost:
    async with sandbox(settings) as place, sage_server(place) as server:
        with TemporaryDirectory() as folder, served_model() as model:
            home, project = Path(folder, "home"), Path(folder, "project")
            (project / ".git").mkdir(parents=True)
            await asyncio.to_thread(_remember, server, project)
            program.prepare(home, model.url)
            if WAYS[way]:
                await asyncio.to_thread(_connect, place, server, program, home, WAYS[way])
            sessions = []
            for turns in SESSIONS:
                sessions.append(
                    await asyncio.to_thread(_run_session, program, home, project, model, turns)
                )
                progress(len(turns))
                await asyncio.to_thread(_wait_until_indexed, server)
    return _cost(program.name, way, sessions)


def _cost(client: str, way: str, sessions: Sequence[Sequence[Request]]) -> CacheCost:
    requests = sessions[0]
    shares = shared_prefix_shares(requests)
    first, same, other = (begun[0] for begun in sessions)
    last = requests[-1]
    told = _TOLD.findall(last.text)
    return CacheCost(
        client,
        way,
        len(requests),
        min(shares),
        sum(shares) / len(shares),
        shared_prefix_chars(first, same) / len(first.text),
        shared_prefix_chars(first, other) / len(first.text),
        first.head == same.head == other.head,
        count_tokens_upper_bound(last.head),
        count_tokens_upper_bound(last.text[len(last.head) :]),
        sum(map(count_tokens_upper_bound, told)),
        len(told),
    )


def _run_session(
    program: Program, home: Path, project: Path, model: Model, turns: Sequence[tuple[str, str]]
) -> list[Request]:
    """Run a session; return its requests."""
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb"}
    model.asked.clear()
    with talking(program.name, project, variables | environment(model.url)) as client:
        for turn, (prompt, command) in enumerate(turns, 1):
            model.steps, model.command = turn, command
            client.ask(prompt)
    return [request for body in model.asked if (request := request_of(body))]


def _remember(server: RunningServer, project: Path) -> None:
    for text in _STATED:
        body = {
            "user_prompt": text,
            "assistant_response": "Noted.",
            "session_id": text,
            "metadata": {"project": str(project)},
        }
        httpx.post(f"{server.url}/api/v1/conversations", json=body).raise_for_status()
    _wait_until_indexed(server)


def _wait_until_indexed(server: RunningServer) -> None:
    while httpx.get(f"{server.url}/api/v1/stats").json()["queue"]["pending"]:
        time.sleep(_POLL_S)


def _connect(
    place: Settings, server: RunningServer, program: Program, home: Path, options: Sequence[str]
) -> None:
    words = ["connect", program.name, *options, "--write", "--data-dir", str(place.data_dir)]
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "DATABASE_URL": dsn_of(place)}
    subprocess.run(  # noqa: S603 - Sage itself
        [sys.executable, "-m", "sage", *words],
        env=variables | {"MCP_SERVER_PORT": str(server.port)},
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=_CONNECT_S,
    )
    resume_hooks(place.data_dir, hook_address(server.host, server.port))
