"""Measure the latency of calls briefly, as seen by a client.

Calls are sent one after the other, over MCP and HTTP, to a server in a separate process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from mcp import Client

from sage.cli.benchmark.server import sage_server
from sage.cli.benchmark.timing import spread_of, timed
from sage.clients.connect.server import MCP_PATH
from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.cli.benchmark.timing import Call, Spread
    from sage.config.settings import Settings

_HEALTH_CALLS = 50


async def call_tool(client: Client, tool: str, arguments: Mapping[str, object]) -> None:
    """Call a tool over MCP. Raises SageError if the call fails."""
    answer = await client.call_tool(tool, dict(arguments))
    if answer.is_error:
        raise SageError(phrase("{tool} failed", tool=tool), detail=str(answer.content))


async def measure_latency(
    settings: Settings, sets: Sequence[ConversationSet], progress: Callable[[int], None]
) -> Mapping[str, Spread]:
    """Time a save of every session, a search and a context for every question, and health.

    `settings` must name an empty database (see `sandbox`). `progress` is called after each call,
    `latency_steps` times in total. Raises SageError.
    """
    sessions, questions = _saves(sets), _questions(sets)
    async with (
        sage_server(settings) as server,
        Client(server.url + MCP_PATH) as client,
        httpx.AsyncClient(base_url=server.url, trust_env=False) as http,
    ):

        async def save(number: int) -> None:
            await call_tool(client, "save_conversation", sessions[number])

        async def search(number: int) -> None:
            await call_tool(client, "search_memory", {"query": questions[number], "n": 10})

        async def context(number: int) -> None:
            await call_tool(client, "get_context", {"query": questions[number]})

        async def health(_number: int) -> None:
            (await http.get("/health")).raise_for_status()

        calls: Mapping[str, tuple[Call, int]] = {
            "save": (save, len(sessions)),
            "search": (search, len(questions)),
            "context": (context, len(questions)),
            "health": (health, _HEALTH_CALLS),
        }
        spreads = {}
        for name, (call, count) in calls.items():
            taken_ms = []
            for number in range(count):
                taken_ms.append(await timed(call, number))
                progress(1)
            spreads[name] = spread_of(taken_ms)
        return spreads


def latency_steps(sets: Sequence[ConversationSet]) -> int:
    """Return the number of calls to time."""
    return len(_saves(sets)) + 2 * len(_questions(sets)) + _HEALTH_CALLS


def _saves(sets: Sequence[ConversationSet]) -> list[dict[str, object]]:
    return [
        {
            "session_id": f"{talk.name} {number}",
            "messages": [
                {
                    "role": turn.message.role.value,
                    "content": turn.message.content,
                    **({"name": turn.message.name} if turn.message.name else {}),
                }
                for turn in session
            ],
        }
        for one in sets
        for talk in one.conversations
        for number, session in enumerate(talk.sessions, start=1)
    ]


def _questions(sets: Sequence[ConversationSet]) -> list[str]:
    return [
        question.text for one in sets for talk in one.conversations for question in talk.questions
    ]
