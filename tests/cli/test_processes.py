"""Real processes: terminals, broken pipes, signals, servers."""

import json
import os
import pty
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

DEADLINE_S = 60
FULL = Path("/dev/full")
HANDSHAKE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def line_with(stream, *words):
    """Read lines until one holds all the words; the end of the stream fails."""
    for line in stream:
        if all(word in line.decode() for word in words):
            return line.decode()
    raise AssertionError(f"no line with {words}")


@pytest.fixture
def on_terminal(launch):
    """Run with a terminal as standard output and error; give the code and what was shown."""

    def run(*argv):
        ours, theirs = pty.openpty()
        process = launch(*argv, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        while block := read_terminal(ours):
            shown += block
        os.close(ours)
        return process.wait(DEADLINE_S), shown.decode()

    return run


def read_terminal(descriptor):
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # Linux says so when the other side is closed
        return b""


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_gets_colours_unless_it_wants_none(on_terminal, monkeypatch, environ, coloured):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    code, shown = on_terminal("config", "show")
    assert code == 0
    assert "MCP_SERVER_PORT" in shown
    assert ("\x1b[" in shown) is coloured
    code, shown = on_terminal("search", "")
    assert code == 2
    assert ("\x1b[" in shown) is coloured


def test_a_pipe_gets_no_colours(program, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    outcome = program("config", "show")
    assert "\x1b" not in outcome.out


@pytest.mark.parametrize("argv", [("config", "env"), ("--help",)])
def test_a_reader_who_left_is_no_failure(launch, argv):
    reading, writing = os.pipe()
    os.close(reading)
    process = launch(*argv, stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.skipif(not FULL.exists(), reason="/dev/full is missing on this system")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_finds_no_room_fails_in_two_lines(
    program, kept, data_dir, monkeypatch, unbuffered
):
    assert kept("save", "Where is the key?", "Under the pot.").code == 0
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    for argv in (("version",), ("list",), ("search", "key")):
        with FULL.open("wb") as full:
            outcome = program(*argv, "--data-dir", data_dir, stdout=full)
        assert outcome.code == 1, argv
        message, fix = outcome.err.splitlines()
        assert message == "sage: cannot write the output: No space left on device", argv
        assert fix == "  fix: write it to a disk with free space", argv


def test_output_and_what_is_said_about_it_keep_their_order_in_one_pipe(
    program, kept, data_dir, monkeypatch
):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    place = ("--data-dir", data_dir)
    for session in ("key", "pot"):
        said = ("Where is the key?", f"Under the {session}.", "--session", session)
        assert kept("save", *said).code == 0
    for verb in ("list", "sessions"):
        outcome = program(verb, "--limit", 1, *place, stderr=subprocess.STDOUT)
        assert outcome.out.splitlines()[-2] == "more:"


def test_messages_come_through_a_pipe(program, data_dir):
    outcome = program(
        "save", "--file", "-", "--data-dir", data_dir, "--json",
        said='{"role": "user", "content": "烏龍"}\n',
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert len(json.loads(outcome.out)["memory_ids"]) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_verb_quietly(launch, monkeypatch, number, code):
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        port = never_answers.getsockname()[1]
        monkeypatch.setenv("DATABASE_URL", f"postgresql://sage@127.0.0.1:{port}/sage")
        process = launch("stats")
        never_answers.settimeout(DEADLINE_S)
        connection, _ = never_answers.accept()
        with connection:
            process.send_signal(number)
            out, err = process.communicate(timeout=DEADLINE_S)
    said = f"sage: database sage on 127.0.0.1:{port}, named by DATABASE_URL (environment)\n"
    assert (process.returncode, out, err.decode()) == (code, b"", said)


@pytest.fixture
def server(launch, data_dir, free_port):
    """Start `sage serve` on a free port."""
    process = launch("serve", "--port", free_port, "--data-dir", data_dir)
    line_with(process.stderr, f"http://127.0.0.1:{free_port}/mcp")
    return process


def test_serve_names_its_url_answers_its_probe_and_ends_with_0(
    server, program, monkeypatch, free_port
):
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port))
    deadline = time.monotonic() + DEADLINE_S
    while (outcome := program("healthcheck", "--readiness")).code:
        assert time.monotonic() < deadline, outcome.err
    assert program("healthcheck").code == 0
    server.send_signal(signal.SIGTERM)
    out, err = server.communicate(timeout=DEADLINE_S)
    assert (server.returncode, out) == (0, b"")
    assert b"Traceback" not in err
    assert program("healthcheck").code == 1


def test_a_terminal_is_told_where_sage_listens(launch, data_dir, free_port):
    ours, theirs = pty.openpty()
    process = launch("serve", "--port", free_port, "--data-dir", data_dir, stderr=theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        url = f"http://127.0.0.1:{free_port}/mcp"
        assert url in line_with(terminal, "Sage is ready")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0


@pytest.mark.parametrize("verb", ["serve", "up"])
def test_a_server_whose_terminal_is_closed_ends_with_0(
    launch, tmp_path, monkeypatch, free_port, verb
):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    process = launch(verb, "--port", free_port, interpreted=_WITH_TERMINAL, cwd=tmp_path, **streams)
    os.close(theirs)
    shown = b""
    while b"ready" not in shown:
        shown += os.read(ours, 65_536)
    os.close(ours)
    assert process.wait(DEADLINE_S) == 0


_WITH_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "sage", *sys.argv[1:], "--data-dir", "data"])
"""


@pytest.mark.parametrize("plain", [False, True])
def test_the_log_of_a_server_is_coloured_on_a_terminal_that_wants_it(
    on_terminal, monkeypatch, tmp_path, free_port, plain
):
    """A database of another release ends the server after its first lines."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1" if plain else "")
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    code, shown = on_terminal("serve", "--port", free_port, "--data-dir", tmp_path)
    assert code == 1
    assert "not_started" in shown
    assert ("\x1b[" in shown) is not plain


def test_warnings_of_the_configuration_are_told_by_a_server(
    program, monkeypatch, tmp_path, free_port
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MCP_HOST", "127.0.0.1")
    outcome = program("serve", "--data-dir", tmp_path / "file", "--port", free_port)
    assert outcome.err.count("MCP_HOST is the former name of MCP_SERVER_HOST") == 1
    assert "Write MCP_SERVER_HOST instead" in outcome.err


def test_a_data_folder_that_cannot_be_made_is_told_with_a_way_out(program, tmp_path):
    (tmp_path / "file").touch()
    outcome = program("migrate", "up", "--data-dir", tmp_path / "file" / "inside")
    assert outcome.code == 1
    assert "file/inside cannot be used" in outcome.err
    assert "fix: choose another with --data-dir or SAGE_DATA_DIR" in outcome.err


def test_a_taken_port_is_told_in_a_line_with_a_fix(program, data_dir):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = program("serve", "--port", port, "--data-dir", data_dir)
    assert outcome.code == 1
    assert f"port {port}" in outcome.err
    assert "fix: " in outcome.err
    assert "Traceback" not in outcome.err


def test_a_bind_beyond_this_machine_needs_a_token(program):
    outcome = program("serve", "--host", "0.0.0.0")
    assert outcome.code == 78
    assert "SAGE_TOKEN" in outcome.err


@pytest.fixture
def speaker(launch, data_dir):
    """Start `sage mcp` and shake hands; its input stays open."""
    process = launch("mcp", "--data-dir", data_dir)
    process.stdin.write(json.dumps(HANDSHAKE).encode() + b"\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    assert answer["result"]["serverInfo"]["name"] == "sage"
    return process


def test_mcp_ends_with_its_input(speaker):
    out, err = speaker.communicate(timeout=DEADLINE_S)
    assert (speaker.returncode, out) == (0, b"")
    assert b"Traceback" not in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_mcp_ends_on_a_signal_while_its_input_is_open(speaker, number, code):
    speaker.send_signal(number)
    assert speaker.wait(DEADLINE_S) == code
    assert speaker.stdout.read() == b""


def test_mcp_without_an_input_is_told(launch):
    interpreted = (
        "import os, sys; os.close(0); from sage.cli.main import main; sys.exit(main(['mcp']))"
    )
    process = launch(interpreted=interpreted)
    _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
    assert err.startswith(b"sage: standard input is closed\n")
