"""Sage started by a client over stdio: `python -m sage mcp`, in both protocol eras."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.architecture.sources import INSTALLED
from tests.support.forked import Forked

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
STRAY = """
import contextlib, os, sys
import sage.api.mcp.server as mcp
from sage.config.load import read_configuration

opened = mcp.open_services

@contextlib.asynccontextmanager
async def noisily(*args, **options):
    print("a stray print")
    os.write(1, b"a stray write\\n")
    os.system("echo a stray child")
    async with opened(*args, **options) as services:
        print("another")
        yield services

mcp.open_services = noisily
mcp.run_stdio(read_configuration().require_settings())
"""


def environment(dsn, data_dir):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DATABASE_URL": dsn,
        "SAGE_DATA_DIR": str(data_dir),
        "SAGE_LOG_LEVEL": "DEBUG",
        "PYTHONPATH": str(INSTALLED),
    }


def speak(arguments, lines, env, cwd):
    """Run a server, hand it lines, close its stdin; give what came out and how it ended."""
    said = "".join(f"{line}\n" for line in lines)
    if arguments[:2] == ["-m", "sage"] and hasattr(os, "pidfd_open"):
        return speak_to_fork(arguments, said, env, cwd)
    return subprocess.run(
        [sys.executable, *arguments],
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
        cwd=cwd,
        check=False,
    )


def speak_to_fork(arguments, said, env, cwd):
    """Do it with a fork of what has imported Sage; `-m sage` itself is started by clients here."""
    with ExitStack() as stack:
        read, write = os.pipe()
        heard = stack.enter_context(os.fdopen(read, "rb"))
        with os.fdopen(write, "w", encoding="utf-8") as writing:
            writing.write(said)
        streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
        sage = Forked(arguments[2:], cwd=cwd, env=env, streams=(heard, *streams))
        code = sage.wait(60)
        for stream in streams:
            stream.seek(0)
        out, err = (stream.read().decode() for stream in streams)
    return subprocess.CompletedProcess(arguments, code, out, err)


async def test_a_client_that_starts_sage_can_use_every_tool(postgres_dsn, tmp_path, era):
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sage", "mcp"],
        env=environment(postgres_dsn, tmp_path),
        cwd=tmp_path,
    )
    async with Client(server, mode=era) as client:
        said = {"user_prompt": "我最喜欢乌龙茶", "assistant_response": "记住了"}
        saved = await client.call_tool("save_conversation", said | {"session_id": "茶"})
        assert saved.structured_content["saved"] is True
        found = await client.call_tool("search_memory", {"query": "乌龙"})
        assert found.structured_content["results"][0]["content"] == "我最喜欢乌龙茶"
        context = await client.call_tool("get_context", {"query": "乌龙茶"})
        assert "乌龙茶" in context.structured_content["context"]
        stats = await client.call_tool("get_memory_stats", {})
        assert stats.structured_content["memories"] == 2
        wrong = await client.call_tool("search_memory", {"query": "x", "n": "five"})
        assert wrong.is_error
        assert "n must be a whole number" in wrong.content[0].text
        session = await client.read_resource("sage://memory/session/%E8%8C%B6")
        assert len(json.loads(session.contents[0].text)["memories"]) == 2
        prompt = await client.get_prompt("auto_context_injection", {"query": "乌龙茶"})
        assert "乌龙茶" in prompt.messages[0].content.text
        gone = await client.call_tool("forget_memory", {"session_id": "茶"})
        assert gone.structured_content["forgotten"] == 2


async def test_a_client_gets_the_space_that_its_command_names(postgres_dsn, tmp_path):
    env = environment(postgres_dsn, tmp_path)
    assert speak(["-m", "sage", "space", "create", "茶"], [], env, tmp_path).returncode == 0
    said = {"user_prompt": "我最喜欢乌龙茶", "assistant_response": "记住了"}
    for space, kept in (("茶", 2), ("default", 0)):
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "sage", "mcp", "--space", space],
            env=env,
            cwd=tmp_path,
        )
        async with Client(server) as client:
            if kept:
                await client.call_tool("save_conversation", said)
            stats = await client.call_tool("get_memory_stats", {})
            assert stats.structured_content["memories"] == kept
    unknown = speak(["-m", "sage", "mcp", "--space", "tea"], [], env, tmp_path)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "use one of default, 茶" in unknown.stderr
    assert "Traceback" not in unknown.stderr


@pytest.mark.parametrize(
    "arguments", [["-m", "sage", "mcp"], ["-c", STRAY]], ids=["quiet", "stray"]
)
def test_nothing_but_the_protocol_gets_to_stdout(postgres_dsn, tmp_path, arguments):
    env = environment(postgres_dsn, tmp_path)
    ended = speak(arguments, [json.dumps(INITIALIZE), "{", '"x"', "\ufffd"], env, tmp_path)
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.stdout, ended.stderr
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    hello = next(answer for answer in answers if answer.get("id") == 1)
    assert hello["result"]["serverInfo"]["name"] == "sage"
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    if "-c" in arguments:
        for stray in ("a stray print", "a stray write", "a stray child"):
            assert stray in ended.stderr


@pytest.mark.parametrize(("options", "logged"), [([], False), (["--log-level", "info"], True)])
def test_calls_are_logged_only_where_it_is_asked_for(postgres_dsn, tmp_path, options, logged):
    env = environment(postgres_dsn, tmp_path)
    del env["SAGE_LOG_LEVEL"]
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "get_memory_stats", "arguments": {}},
    }
    lines = [json.dumps(INITIALIZE), json.dumps(call)]
    ended = speak(["-m", "sage", "mcp", *options], lines, env, tmp_path)
    assert len(ended.stdout.splitlines()) == 2
    assert ("tool_called" in ended.stderr) is logged


def test_a_sage_that_cannot_start_says_why_in_one_line(tmp_path):
    taken = tmp_path / "a-file"
    taken.write_text("")
    env = environment("", taken / "data")
    del env["DATABASE_URL"]
    ended = speak(["-m", "sage", "mcp"], [json.dumps(INITIALIZE)], env, tmp_path)
    assert ended.returncode not in {0, None}
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", [".env", "sage.toml"])
def test_the_files_of_the_folder_a_client_has_open_do_not_count(postgres_dsn, tmp_path, name):
    (tmp_path / name).write_text("MCP_SERVER_PORT='that of another project'\n")
    env = environment(postgres_dsn, tmp_path / "data")
    ended = speak(["-m", "sage", "mcp"], [json.dumps(INITIALIZE)], env, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["result"]["serverInfo"]["name"] == "sage"
