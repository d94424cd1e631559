"""What runs beside an AI client takes nothing but Python: no library, nothing else of Sage."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sage.clients.archive import packed
from tests.architecture.sources import ROOT

SAMPLES = Path(__file__).parent / "hooks/samples"
KEY = "sk-proj-" + "4f9AbZ7qLm2KxT8w" * 3
EVENT = {
    "session_id": "s",
    "hook_event_name": "Stop",
    "last_assistant_message": f"The key is {KEY}.",
    "prompt_id": "p",
}

READS = """
import sys
import zipfile
from pathlib import Path
from sage.clients.formats.catalog import format_of
from sage.clients.reading.files import files_at
from sage.clients.reading.sample import SourceSample

for file in files_at(map(Path, sys.argv[1:])):
    format, refused = format_of(SourceSample(file))
    print(format.source, sum(bool(entry.text) for entry in format.read(file)), refused)
"""
PLANS = """
import sys
import zipfile
from pathlib import Path
from sage.clients.connect.applying import plan_connection
from sage.clients.connect.catalog import CLIENTS
from sage.clients.connect.installation import ConnectOptions
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.server import Server

home = Path(sys.argv[1])
server = Server("http://memory:8765/mcp", True, ("sage", "mcp"), (str(home / "sage-hook"),))
for client in CLIENTS:
    if client.hooks:
        options = ConnectOptions(server, home, hooks=True)
        for change in plan_connection(client, options, ConnectJournal(home)):
            print(client.name, "sage-hook" in change.after, server.url in change.after)
"""
IMPORTS = """
import importlib
import sys

for name in sys.argv[1:]:
    importlib.import_module(name)
print(*{name.partition(".")[0] for name in sys.modules})
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Unpack the client of one file, which holds what stands alone and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    with zipfile.ZipFile(io.BytesIO(packed(ROOT))) as archive:
        archive.extractall(folder)
    return folder


def run(alone, code, *arguments):
    """Run code on a Python without libraries that finds the copy; return what it prints."""
    code = f"import sys; sys.path.insert(0, {str(alone)!r})\n{code}"
    command = [sys.executable, "-I", "-S", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_every_module_needs_python_alone(alone):
    modules = [
        ".".join(path.relative_to(alone).with_suffix("").parts)
        for path in sorted(alone.rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert len(modules) > 90
    loaded = {*run(alone, IMPORTS, *modules).split()}
    assert not loaded - sys.stdlib_module_names - {"sage", "__main__"}


def test_a_hook_writes_down_what_was_said_without_its_secrets(alone, tmp_path):
    main = alone / "sage/clients/hooks/main.py"
    command = [sys.executable, "-I", "-S", main, tmp_path, "stop", "--client", "claude-code"]
    done = subprocess.run(
        command, input=json.dumps(EVENT).encode(), capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (kept,) = (tmp_path / "hooks/spool").glob("*.json")
    assert json.loads(kept.read_text())["answer"] == "The key is [masked]."


def test_files_of_other_programs_are_recognized_and_read(alone):
    transcripts = sorted(SAMPLES.glob("*.jsonl"))
    told = [line.split(" ", 2) for line in run(alone, READS, *transcripts).splitlines()]
    assert [source for source, *_ in told] == [path.stem for path in transcripts]
    assert all(int(messages) > 0 and refused == "[]" for _, messages, refused in told)


def test_the_changes_that_connect_a_client_are_planned_also_out_of_one_file(alone, tmp_path):
    one_file = shutil.make_archive(str(tmp_path / "sage"), "zip", alone)
    told = run(one_file, PLANS, tmp_path).splitlines()
    assert len(told) > 12
    assert not [line for line in told if "True" not in line]
