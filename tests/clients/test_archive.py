"""`sage-client.pyz`: the same bytes for the same sources, small, and clear to Pythons too old."""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from sage.clients.archive import packed
from tests.architecture.sources import ALONE, ROOT
from tests.support import plain_http
from tests.support.serving import serving, settings_for

AS_IF_OLD = """
import os, runpy, sys
sys.version_info = (3, 9, 18, "final", 0)
path, sys.argv = sys.argv[1], sys.argv[1:]
runpy.run_path(path, run_name="__main__")
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the file as a release does."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run([ROOT / "ci/client", folder], check=True, timeout=60)
    return folder / "sage-client.pyz"


def test_two_builds_are_equal_whatever_the_times_and_modes_of_the_sources(built, tmp_path):
    for part in (*ALONE, "sage/__init__.py", "sage/domain/__init__.py"):
        to = tmp_path / part
        to.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, to)
    for path in tmp_path.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    (tmp_path / "sage/clients/__pycache__").mkdir(exist_ok=True)
    (tmp_path / "sage/clients/__pycache__/homes.cpython-313.pyc").write_bytes(b"")
    (tmp_path / "sage/clients/notes.txt").write_text("not of the client")
    assert packed(tmp_path) == built.read_bytes()
    assert built.stat().st_size <= 400_000
    digest = hashlib.sha256(built.read_bytes()).hexdigest()
    assert built.with_name("sage-client.pyz.sha256").read_text() == f"{digest}  {built.name}\n"


def test_every_sage_serves_the_file_and_its_digest_to_everybody(built, postgres_dsn, tmp_path):
    token = "a-token-of-at-least-32-characters!"
    with serving(settings_for(postgres_dsn, tmp_path, token=token, auth="token")) as url:
        file = plain_http.get(f"{url}/client/sage-client.pyz")
        digest = plain_http.get(f"{url}/client/sage-client.pyz.sha256")
        head = plain_http.request("HEAD", f"{url}/client/sage-client.pyz")
        refused = plain_http.get(
            f"{url}/client/sage-client.pyz", headers={"origin": "https://elsewhere.example"}
        )
        assert plain_http.get(f"{url}/client/other").status_code == 401
        routes = plain_http.get(f"{url}/openapi.json").json()["paths"]
    assert file.content == built.read_bytes()
    assert file.headers["content-disposition"] == 'attachment; filename="sage-client.pyz"'
    assert digest.text == built.with_name("sage-client.pyz.sha256").read_text()
    assert file.headers["etag"] == f'"{digest.text.split()[0]}"'
    assert (head.status_code, head.content) == (200, b"")
    assert refused.status_code == 403
    assert not [one for one in routes if one.startswith("/client")]


def test_an_older_python_reads_the_file_and_says_which_one_is_needed(built):
    with zipfile.ZipFile(built) as archive:
        ast.parse(archive.read("__main__.py"), feature_version=(3, 6))
    command = [sys.executable, "-c", AS_IF_OLD, built]
    told = subprocess.run([*command, "status"], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "needs Python 3.11 or newer" in told.stderr
    assert "is Python 3.9.18" in told.stderr
    hook = subprocess.run([*command, "hook", "start"], capture_output=True, text=True, check=False)
    assert (hook.returncode, hook.stdout, hook.stderr) == (0, "", "")


def test_it_speaks_chinese_by_a_catalogue_of_its_own(built, tmp_path):
    with zipfile.ZipFile(built) as archive:
        catalogues = [name for name in archive.namelist() if "LC_MESSAGES" in name]
    assert catalogues == ["sage/phrases/zh/LC_MESSAGES/clients.mo"]
    for words, told in ((("--help",), "连接 AI 客户端"), (("connect", "--proxi"), "错误：")):  # noqa: RUF001
        done = subprocess.run(
            [sys.executable, built, *words],
            env={"HOME": str(tmp_path), "LANG": "zh_CN.UTF-8", "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert told in done.stdout + done.stderr


def test_a_hook_that_is_turned_off_writes_nothing(built, tmp_path):
    for switch, files in (("off", False), ("on", True)):
        done = subprocess.run(
            [sys.executable, built, "hook", "stop", "--client", "codex"],
            input=b'{"session_id": "s", "turn_id": "t", "last_assistant_message": "Yes."}',
            env={"HOME": str(tmp_path), "SAGE_HOOK": switch},
            timeout=60,
            check=False,
        )
        assert done.returncode == 0
        assert bool([*tmp_path.rglob("*.json")]) == files


def test_a_hook_says_nothing_whatever_it_is_called_with(built, tmp_path):
    for words in ((), ("an-event",), ("start", "--nothing", "--client")):
        done = subprocess.run(
            [sys.executable, built, "hook", *words],
            input=b"{",
            env={"HOME": str(tmp_path)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
