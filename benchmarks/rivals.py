"""Compare the retrieval of Sage and other memories on the same conversations.

    python -m benchmarks.rivals LOCOMO.json WORK_DIR [OPTION...]

Runs in Sage's environment. Each rival is installed from the package index into a separate virtual
environment in WORK_DIR, and needs no network afterwards: their common default model,
all-MiniLM-L6-v2, is taken from packages, in 8 bits. Each conversation is saved to an empty store,
one call per turn; a rival receives "[date] Speaker: text", Sage the parts as arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import TYPE_CHECKING, Any, TypeVar

from mcp import Client, StdioServerParameters

from benchmarks.rival_setup import prepare
from sage.api.problems import format_error
from sage.cli.benchmark.conversations import read_set
from sage.errors import SageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from sage.cli.benchmark.conversations import KnownConversation, KnownMessage

    Save = Callable[[KnownMessage, str], Awaitable[object]]
    Search = Callable[[str], Awaitable[Sequence[str]]]
    Store = tuple[Save, Search, Callable[[], Awaitable[None]]]
    CallTool = Callable[..., Awaitable[Any]]

Answer = TypeVar("Answer")

BEST, HITS = 5, 10
MEM0 = Path(__file__).with_name("rival_mem0.py")


def environment(work: Path, **more: str) -> dict[str, str]:
    """Return the environment variables of a rival: a separate home directory, no network."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(work / "home"),
        "HF_HUB_OFFLINE": "1",
        "FASTEMBED_CACHE_PATH": str(work / "fastembed"),
        "MEM0_TELEMETRY": "False",
        "OPENAI_API_KEY": "unused",
        **more,
    }


def as_text(turn: KnownMessage) -> str:
    """Return a turn as the text that rivals store."""
    message = turn.message
    return f"[{message.created_at:%d %B %Y}] {message.name}: {message.content}"


@asynccontextmanager
async def speaking_mcp(
    command: str | Path, *arguments: str, env: dict[str, str]
) -> AsyncIterator[CallTool]:
    """Start an MCP server on standard input and output; yield a function that calls its tools."""
    parameters = StdioServerParameters(command=str(command), args=list(arguments), env=env)
    async with Client(parameters, mode="legacy") as client:

        async def call(tool: str, **given: object) -> object:
            answer = await client.call_tool(tool, given)
            if answer.is_error:
                sys.exit(f"{command}: {tool} failed: {answer.content}")
            return answer

        yield call


@asynccontextmanager
async def qdrant(work: Path, folder: str) -> AsyncIterator[Store]:
    """Open a store of mcp-server-qdrant."""
    env = environment(
        work,
        QDRANT_LOCAL_PATH=folder,
        COLLECTION_NAME="m",
        EMBEDDING_MODEL="sentence-transformers/all-MiniLM-L6-v2",
        QDRANT_SEARCH_LIMIT=str(HITS),
    )
    program = work / "mcp-server-qdrant/bin/mcp-server-qdrant"
    async with speaking_mcp(program, env=env) as call:

        async def save(turn: KnownMessage, _session: str) -> None:
            text = as_text(turn)
            await call("qdrant-store", information=text, metadata={"label": turn.label})

        async def search(question: str) -> list[str]:
            text = (await call("qdrant-find", query=question)).content[0].text
            return re.findall(r'<metadata>{\\"label\\": \\"(.*?)\\"}', text)

        yield save, search, nothing_to_wait_for


@asynccontextmanager
async def memory_service(work: Path, folder: str, mode: str = "semantic") -> AsyncIterator[Store]:
    """Open a store of mcp-memory-service-lite."""
    env = environment(
        work,
        MCP_MEMORY_STORAGE_BACKEND="sqlite_vec",
        MCP_MEMORY_SQLITE_PATH=f"{folder}/memory.db",
        MCP_MEMORY_BASE_DIR=folder,
    )
    labels: dict[str, str] = {}
    async with speaking_mcp(work / "mcp-memory-service-lite/bin/memory", "server", env=env) as call:

        async def save(turn: KnownMessage, session: str) -> None:
            # Without a conversation_id, similar turns are dropped.
            saved = await call("memory_store", content=as_text(turn), conversation_id=session)
            if digest := re.search(r"hash: (\w+)", saved.content[0].text):
                labels[digest[1]] = turn.label

        async def search(question: str) -> list[str]:
            found = await call("memory_search", query=question, mode=mode, limit=HITS)
            return [labels[digest] for digest in re.findall(r"Hash: (\w+)", found.content[0].text)]

        yield save, search, nothing_to_wait_for


@asynccontextmanager
async def mem0(work: Path, folder: str) -> AsyncIterator[Store]:
    """Open a store of mem0ai, which is driven by `rival_mem0.py`."""
    process = await asyncio.create_subprocess_exec(
        *(work / "mem0ai/bin/python", MEM0, folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(work, MEM0_DIR=folder),
    )

    async def ask(**given: object) -> Any:  # noqa: ANN401 - what JSON holds
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("mem0ai has no pipes")
        process.stdin.write(json.dumps(given).encode() + b"\n")
        while line := await process.stdout.readline():
            if line.startswith(b"="):
                return json.loads(line[1:])
        return sys.exit("mem0ai ended")

    try:
        yield (
            lambda turn, _session: ask(text=as_text(turn), label=turn.label),
            lambda question: ask(query=question),
            nothing_to_wait_for,
        )
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def sage(_work: Path, folder: str) -> AsyncIterator[Store]:
    """Open a store of Sage."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "SAGE_LOG_LEVEL": "ERROR",
    }
    labels: dict[str, str] = {}
    async with speaking_mcp(
        sys.executable, "-m", "sage", "mcp", "--data-dir", folder, env=env
    ) as call:

        async def save(turn: KnownMessage, session: str) -> None:
            message = {
                "role": turn.message.role,
                "name": turn.message.name,
                "content": turn.message.content,
                "created_at": turn.message.created_at and turn.message.created_at.isoformat(),
            }
            saved = await call("save_conversation", messages=[message], session_id=session)
            labels[saved.structured_content["memory_ids"][0]] = turn.label

        async def search(question: str) -> list[str]:
            found = await call("search_memory", query=question, n=HITS)
            return [labels[hit["memory_id"]] for hit in found.structured_content["results"]]

        async def settle() -> None:
            stats = await call("get_memory_stats")
            while stats.structured_content["queue"]["pending"]:
                await asyncio.sleep(0.2)
                stats = await call("get_memory_stats")

        yield save, search, settle


STORES: dict[str, Callable[[Path, str], AbstractAsyncContextManager[Store]]] = {
    "sage": sage,
    "mcp-server-qdrant": qdrant,
    "mcp-memory-service-lite": memory_service,
    "mcp-memory-service-lite, hybrid": partial(memory_service, mode="hybrid"),
    "mem0ai": mem0,
}


async def nothing_to_wait_for() -> None:
    """Return at once: vectors are stored before a save is answered."""


async def timed(work: Awaitable[Answer], into: list[float]) -> Answer:
    """Await a call, and append its duration in milliseconds."""
    began = time.perf_counter()
    answer = await work
    into.append((time.perf_counter() - began) * 1000)
    return answer


async def measure(
    name: str, work: Path, conversations: Sequence[KnownConversation]
) -> Mapping[str, float]:
    """Save the conversations turn by turn, ask all questions, and return recall and latencies."""
    save_ms: list[float] = []
    search_ms: list[float] = []
    recall: dict[int, list[float]] = {BEST: [], HITS: []}
    for talk in conversations:
        with tempfile.TemporaryDirectory(prefix="rival-", ignore_cleanup_errors=True) as folder:
            async with STORES[name](work, folder) as (save, search, settle):
                for number, session in enumerate(talk.sessions):
                    for turn in session:
                        await timed(save(turn, f"{talk.name} {number}"), save_ms)
                await settle()
                for question in talk.questions:
                    found = await timed(search(question.text), search_ms)
                    for k, shares in recall.items():
                        shares.append(
                            len(question.evidence & set(found[:k])) / len(question.evidence)
                        )
    return {
        "turns": len(save_ms),
        "questions": len(search_ms),
        "recall_at_5": round(fmean(recall[BEST]), 3),
        "recall_at_10": round(fmean(recall[HITS]), 3),
        **spread("save", save_ms),
        **spread("search", search_ms),
    }


def spread(name: str, taken: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile, with `name` in their keys."""
    p95 = quantiles(taken, n=20, method="inclusive")[-1]
    return {f"{name}_p50_ms": round(median(taken), 1), f"{name}_p95_ms": round(p95, 1)}


async def main(args: argparse.Namespace) -> None:
    """Measure each store, and print its results at once."""
    args.work_dir.mkdir(parents=True, exist_ok=True)
    conversations = read_set(args.data).conversations[: args.conversations]
    report = {}
    for name in args.only or STORES:
        if name != "sage":
            prepare(args.work_dir, name.split(",")[0], args.python)
        report[name] = await measure(name, args.work_dir, conversations)
        sys.stdout.write(f"{name}: {report[name]}\n")
        sys.stdout.flush()
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("work_dir", type=lambda text: Path(text).resolve())
    parser.add_argument("--conversations", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=STORES)
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="mcp-memory-service-lite needs one whose SQLite "
        "loads extensions (default: the one that runs this)",
    )
    try:
        asyncio.run(main(parser.parse_args()))
    except SageError as error:
        parser.exit(1, f"{format_error(error)}\n")
