"""`sage-client.pyz update`: the client of the server takes the place of an older one, if wanted."""

import zipfile

import pytest

from sage import __version__
from sage.clients.archive import digest_of
from tests.clients.command.conftest import Machine, of_release
from tests.support.impostors import impostor


@pytest.fixture
def older(tmp_path):
    """Have a machine with the client of an earlier release."""
    return Machine(tmp_path, of_release("0.1.0"))


def test_another_release_of_the_server_is_shown_and_taken_when_it_is_asked_for(
    older, sage_url, archive
):
    older.connect(sage_url)
    copy = older.data_dir / "sage-client.pyz"
    status = older.run("status", file=copy)
    assert "0.1.0" in status
    assert "the server provides another version of sage-client.pyz" in status
    before = copy.read_bytes()
    shown = older.run("update", file=copy, code=1)
    assert f"provides sage-client.pyz {__version__}; 0.1.0 is installed" in shown
    assert digest_of(archive) in shown
    assert "nothing was changed" in shown
    assert copy.read_bytes() == before
    assert f"hooks call {copy} from now on" in older.run("update", "--yes", file=copy)
    assert digest_of(archive) in older.run("--version", file=copy)
    assert "provides another" not in older.run("status", file=copy)
    assert "is up to date with" in older.run("update", file=copy)
    assert older.fire("start", source="startup") is None
    byte_code = [one for one in zipfile.ZipFile(copy).namelist() if one.endswith(".pyc")]
    assert len(byte_code) > 90
    assert len(byte_code) == len({*byte_code})


def test_nothing_is_taken_from_a_server_that_does_not_prove_itself(machine, sage_url):
    machine.connect(sage_url)
    copy = machine.data_dir / "sage-client.pyz"
    before = copy.read_bytes()
    with impostor() as other:
        server = machine.data_dir / "hooks/server.json"
        port = sage_url.rpartition(":")[2]
        server.write_text(server.read_text().replace(port, str(other.server_port)))
        assert "another program responded" in machine.run("update", "--yes", code=1)
        assert all(one.startswith("GET /api/v1/proof?") for one in other.heard)
    assert copy.read_bytes() == before
