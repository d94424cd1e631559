"""Every command in a block of a page is run, page by page and in their order, or says why not."""

import io
import json
import os
import re
import shlex
import signal
import subprocess
import zipfile
from functools import cache

import pytest

from tests.architecture.sources import INSTALLED, ROOT
from tests.docs.pages import PAGES, name_of, shell_blocks
from tests.support.forked import start_sage
from tests.support.homes_with_transcripts import write_transcripts
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.process import answers

NOT_RUN = {
    r"(\./start-sage-mcp|COMPOSE_PROJECT_NAME=\S+ \./start).*": "tests/start, tests/images run it",
    r"(COMPOSE_PROJECT_NAME=\S+ )?docker .*|deploy/.*": "it takes a Docker engine: tests/images",
    r"\./ci/test.*|\.tox/.*|\.venv-tools/.*": "it is what runs this test",
    r"\.venv/bin/python .*": "it takes the environment of a checkout, and changes it",
    r"git pull|ln -s .*|sudo .*": "it changes the machine: tests/adversity has the same steps",
    r"(sage bench|python -m benchmarks|pip download).*": "it measures, for minutes",
    r"export \"PATH=.*|export SAGE_DATA_DIR=.*": "it is for what is not run here",
    r"export SILICONFLOW.*|curl -X POST \S+/fault/\S+": "it takes the fake SiliconFlow",
    r"sage reembed --provider.*": "it takes a provider: tests/cli/test_reembed.py",
    r"sage (up|serve)\b.*": "it serves until it is ended: tests/cli, tests/start",
    r"sage console": "it takes a browser, and a Sage that `sage up` started: tests/console",
    r"(SAGE_MOVE_\S+ )?sage move\b.*": "its other database is not there: tests/cli/test_move.py",
    r"sage service (install|remove).*": "it changes what starts at login: tests/cli/autostart",
    r"sage migrate postgres .*": "it takes an older PostgreSQL: tests/adversity",
    r"sage migrate distribute.*": "it takes a Citus cluster: tests/citus",
    r".*--data-dir ~/.*": "it starts another PostgreSQL: tests/cli/test_restore.py",
    r"SAGE_RESTORE_\S+ sage restore .*": "it takes another database: tests/cli/test_restore.py",
    r"sage restore \S+( --(into|replace).*)?": "it takes another database: tests/cli",
    r"curl --unix-socket .*": "it takes a Sage that `sage up` started",
    r".*db\.example\.(com|org).*": "it names a database server elsewhere",
    r"claude .*": "it takes the client: tests/real_clients",
    r"sage correct \w+": "it takes an editor: tests/cli",
}
"""Patterns of commands, in their short form, and why they are not run here."""

FAILS = {
    r"(sage|python3 sage-client.pyz) forget --this-session": "no client calls it",
    r"sage service status": "it is not installed",
    r"sage given --(not-)?useful \w+": "no client was given anything",
    r"sage doctor( --database)?": "the PostgreSQL of tests does not wait for its disk",
    r"curl .*/imports/(files/)?ID.*": "the id is to be put there",
    r"curl .*/files/3f9a12bc\S*/start": "it may not be counted yet",
    r"grep \"session:PUT_THE_DIGITS_HERE\" .*": "the digits are to be put there",
}
"""Commands that may end with 1, and why."""

_SAVE = 'sage save {0} Hm. --metadata \'{{"project": "{0}"}}\''
BEFORE = {
    r"sage (token create|erase|scan|save|audit) .*\bteam\b.*": ("sage space create team",),
    r".*anna:owner.*": ("sage space create anna", "sage user add anna"),
    r"sage project (move|merge) .*": (
        _SAVE.format("/home/anna/zeta"),
        _SAVE.format("/workspaces/zeta"),
    ),
    r"sage project show \.": (_SAVE.format("$PWD"),),
    r".* project merge OLD NEW": (_SAVE.format("OLD"), _SAVE.format("NEW")),
    r"sage token (revoke|rotate) dashboard": (
        "sage token create --space default --name dashboard",
    ),
    r"sage erase --author anna": ("sage import memories.jsonl",),
    r"sage erase --session tea --space team": ("sage save Tea? Yes. --session tea --space team",),
    r"sage import --undo \w+": ("sage import notes.zip --include notes",),
}
"""What a page takes for granted: run before a command, whether it succeeds or not."""

_REFUSED = 22
"""What curl ends with where the status is 400 or more."""
TOKEN = "a-token-of-at-least-32-characters!"
MEMORY_ID = "0197f3c2-0000-7000-8000-000000000000"
SHORT_ID = "49216d62"
IMPORT_ID = "3f9a12bc-0000-4000-8000-000000000000"
RECEIPT = "9f0c2a52-3f0e-4c8e-9d55-0c2f6f6f8f11.json"
BACKUP = "sage-20261126T030000Z.backup"
ASK_SAGE = re.compile(r"curl|sage-client\.pyz|sage healthcheck")


@cache
def lines_of(page):
    """Return the lines of the shell blocks of a page, without comments and empty ones.

    What docs/machines.md runs with the client of one file is not run on another page as well.
    """
    text = shell_blocks(page.read_text()).replace("\\\n", " ")
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    own = [line.replace(".venv/bin/sage", "sage") for line in lines if line]
    machines = ROOT / "docs/machines.md"
    is_machines = page.name == machines.name
    again = () if is_machines else {one for one in lines_of(machines) if ".pyz" in one}
    return [line for line in own if line not in again]


def reason_of(line):
    """Return why a line is not run; empty where it is."""
    reasons = (why for pattern, why in NOT_RUN.items() if re.fullmatch(pattern, line))
    return next(reasons, "")


def is_translated_alone(page):
    """Whether the commands of a Chinese page are those of the English one, to the letter."""
    english = ROOT / "docs" / page.name
    return page.parent.name == "zh" and lines_of(page) == lines_of(english)


PLACES = [
    page
    for page in PAGES
    if not is_translated_alone(page) and not all(map(reason_of, lines_of(page)))
]


def test_every_reason_is_needed():
    lines = [line for page in PAGES for line in lines_of(page)]
    assert len(lines) > 300
    unused = [one for one in NOT_RUN if not any(re.fullmatch(one, line) for line in lines)]
    unused += [
        one for one in (*FAILS, *BEFORE) if not any(re.fullmatch(one, line) for line in lines)
    ]
    assert unused == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PLACES, ids=name_of)
def test_the_commands_of_a_page_run(page, sheet):
    failed = []
    for line in lines_of(page):
        if reason_of(line):
            continue
        for pattern, before in BEFORE.items():
            if re.fullmatch(pattern, line):
                for one in before:
                    sheet.run(one)
        code, said = sheet.run(line)
        may_fail = any(re.fullmatch(pattern, line) for pattern in FAILS)
        if code not in ({0, 1, _REFUSED} if may_fail else {0}):
            failed.append(f"{line}\n  exit code {code}: {said}")
    assert not failed, "\n".join(failed)


class Sheet:
    """What a page finds: a home with files, a database with a few memories, perhaps a Sage."""

    def __init__(self, home, sage, typing, monkeypatch):
        self.home, self._sage, self._typing, self._monkeypatch = home, sage, typing, monkeypatch
        self._known = {"$PWD": str(home), "/mnt/backups": str(home.parent / "backups")}

    def prepare(self, lines):
        """Make the files and memories that lines of the page name."""
        said = {"role": "user", "content": "Mei likes oolong tea."}
        (self.home / "chat.jsonl").write_text(json.dumps(said) + "\n")
        whole = said | {"author": "anna", "session_id": "chat"}
        (self.home / "memories.jsonl").write_text(json.dumps(whole) + "\n")
        (self.home / "conversation.json").write_text(json.dumps([said]))
        write_transcripts(self.home, self.home / "zeta", sessions=1)
        (self.home / "notes").mkdir()
        (self.home / "notes/tea.md").write_text("# Tea\n\nMei likes jasmine.\n")
        for name in ("data-2026-11-20.zip", "chatgpt-export.zip", "notes.zip"):
            with zipfile.ZipFile(self.home / name, "w") as file:
                file.write(self.home / "notes/tea.md", "tea.md")
        (self.home / "secrets").mkdir()
        (self.home / "secrets/sage_token").write_text(TOKEN)
        (self.home / ".curlrc").write_text("fail\n")
        self._monkeypatch.setenv("CURL_HOME", str(self.home))
        text = "\n".join(lines)
        if "tea" in text or MEMORY_ID in text or SHORT_ID in text:
            kept = self._sage("save", "Which tea?", "Oolong.", "--session", "tea", "--json")
            memory_id = json.loads(kept.out)["memory_ids"][0]
            self._known |= {MEMORY_ID: memory_id, SHORT_ID: memory_id[-8:]}
        if BACKUP in text:
            assert self._sage("backup", BACKUP).code == 0

    def serve_at(self, port):
        """Replace the port of a Sage by that of the one that runs."""
        self._known["127.0.0.1:17800"] = f"127.0.0.1:{port}"
        self._known["https://memory.example.org"] = f"http://127.0.0.1:{port}"
        self._shell(f"curl -fsSO http://127.0.0.1:{port}/client/sage-client.pyz")

    def run(self, line):
        """Run a line; return its exit code and what was said."""
        if RECEIPT in line:
            (receipt, *_) = self.home.glob(".local/share/sage/receipts/*.json")
            self._known[RECEIPT] = receipt.name
        for known, mine in self._known.items():
            line = line.replace(known, mine)
        before, pipe, after = line.partition(" | sage ")
        if pipe:
            line, piped = f"sage {after}", self._shell(before)[1]
        if not line.startswith("sage "):
            code, said = self._shell(line)
            for known in re.findall(r'"import_id":"([\da-f-]{36})"', said):
                self._known[IMPORT_ID] = known
            return code, said
        if pipe:
            self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))
        else:
            self._typing("y\n" * 9)
        line, _, to = line.partition(" > ")
        words = [os.path.expanduser(word) for word in shlex.split(line)[1:]]  # noqa: PTH111
        ended = self._sage(*words)
        if to:
            (self.home / to).write_text(ended.out)
        for known in re.findall(r"sage import --undo (\w+)`", ended.out + ended.err):
            self._known["3f9a12bc"] = known
        return ended.code, ended.out + ended.err

    def _shell(self, line):
        words = shlex.split(line)
        if words[0] == "export":
            name, _, _ = words[1].partition("=")
            line = f'{line}; printf %s "${name}"'
        ran = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, cwd=self.home, check=False
        )
        if words[0] == "export":
            self._monkeypatch.setenv(name, ran.stdout)
        return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture
def sheet(  # noqa: PLR0913, PLR0917 - what a page finds
    page, sage, typing, monkeypatch, tmp_path, postgres_server, migrated_template
):
    """Prepare for the lines of a page; where one asks a Sage over HTTP, it runs."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "backups").mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("BROWSER", "/bin/true")
    with new_database(postgres_server, migrated_template) as dsn:
        monkeypatch.setenv("DATABASE_URL", dsn)
        made = Sheet(home, sage, typing, monkeypatch)
        lines = [line for line in lines_of(page) if not reason_of(line)]
        made.prepare(lines)
        if not any(map(ASK_SAGE.search, lines)):
            yield made
            return
        port = free_port()
        monkeypatch.setenv("SAGE_TOKEN", TOKEN)
        monkeypatch.setenv("MCP_SERVER_PORT", str(port))
        with (tmp_path / "log").open("wb") as log:
            environ = {name: os.environ[name] for name in ("PATH", "HOME", "LC_ALL")}
            environ |= {name: os.environ[name] for name in ("DATABASE_URL", "SAGE_TOKEN")}
            process = start_sage(
                ["serve", "--port", str(port)],
                cwd=home,
                env=environ | {"PYTHONPATH": str(INSTALLED)},
                output=log,
            )
        try:
            wait_for(lambda: answers(port))
            made.serve_at(port)
            yield made
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
