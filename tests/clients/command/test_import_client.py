"""An import that breaks off, or meets a Sage of another release, says so and loses nothing."""

import json
from contextlib import ExitStack
from uuid import uuid4

import pytest
from starlette.responses import PlainTextResponse

from sage.api.http.app import create_app
from sage.clients.command.main import run
from tests.clients.command.conftest import TOKEN
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.postgres import ask
from tests.support.serving import running, settings_for

ROUTE = "/api/v1/imports"


class Between:
    """What stands before Sage: it may hide a route, as of an older one, or let nothing through."""

    def __init__(self, app):
        self.app = app
        self.is_older = False
        self.pieces = 0
        self.fails_at = frozenset()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith(ROUTE):
            if self.is_older:
                scope = {**scope, "path": "/api/v1/none"}
            elif scope["method"] == "POST":
                self.pieces += 1
                if self.pieces in self.fails_at:
                    await PlainTextResponse("Bad Gateway", 502)(scope, receive, send)
                    return
        await self.app(scope, receive, send)


@pytest.fixture
def between(postgres_dsn, tmp_path):
    """Serve Sage behind something; return that, and its URL."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sage.bootstrap.open_embedder", lambda _: BagOfWordsEmbedder())
            settings = settings_for(postgres_dsn, tmp_path / "data", token=TOKEN)
            layer = Between(create_app(settings))
            layer.url = stack.enter_context(running(layer))
        yield layer


@pytest.fixture
def import_them(between, tmp_path, monkeypatch, capsys):
    """Import ten messages, two at once; return the exit code and what was said."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SAGE_TOKEN", TOKEN)
    monkeypatch.setattr("sage.clients.command.import_client._PIECE_LINES", 2)
    monkeypatch.setattr("sage.clients.command.import_client._FIRST_REST_S", 0.001)
    lines = [
        {
            "type": "user",
            "uuid": str(uuid4()),
            "sessionId": "s",
            "cwd": "/p",
            "message": {"role": "user", "content": f"Heron {number} nests by the mill."},
        }
        for number in range(10)
    ]
    file = tmp_path / "s.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    def call():
        code = run(["import", str(file), "--url", between.url])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


def test_a_piece_that_broke_off_is_sent_again(between, import_them, postgres_dsn):
    between.fails_at = {3, 5}
    code, told = import_them()
    assert (code, "10 messages, 10 imported" in told) == (0, True)
    assert told.count("waiting: ") == 2
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.memories") == "10"


def test_an_import_that_was_stopped_goes_on_when_it_is_repeated(between, import_them, postgres_dsn):
    between.fails_at = range(4, 100)
    code, told = import_them()
    assert code == 1
    assert (
        "4 messages were imported: run it again to continue, or undo them with `import --undo "
        in told
    )
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.memories") == "4"
    between.fails_at = ()
    code, told = import_them()
    assert (code, "10 messages, 6 imported, 4 already stored" in told) == (0, True)


def test_a_sage_that_is_older_is_named_and_what_to_do(between, import_them):
    between.is_older = True
    code, told = import_them()
    assert code == 1
    assert f"the server at {between.url} is older than this client" in told
    assert "fix: upgrade it" in told
