"""A server that takes TLS alone, and tools that know none: those of the embedded PostgreSQL."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.debian import debian_program, require_debian
from tests.support.debian_postgres import POSTGRESQL, DebianCluster

PASSWORD = "p w"
RULES = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture(scope="module")
def server():
    """Run a server that lets nobody in without TLS and a password; give it and its certificate."""
    require_debian(*POSTGRESQL)
    folder = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    folder.chmod(0o755)
    (folder / "server").mkdir()
    cluster = DebianCluster(folder / "server", {"ssl": "on"})
    try:
        cluster.create()
        make_certificate(folder, cluster.data_dir)
        cluster.start()
        ask(cluster.dsn(), f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
        ask(cluster.dsn(), "CREATE DATABASE other")
        (cluster.data_dir / "pg_hba.conf").write_text(RULES)
        ask(cluster.dsn(), "SELECT pg_reload_conf()")
        yield cluster, folder / "certificate.pem"
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def make_certificate(folder, data_dir):
    files = ("-keyout", data_dir / "server.key", "-out", data_dir / "server.crt")
    names = ("-subj", "/CN=sage", "-addext", "subjectAltName=IP:127.0.0.1")
    command = [debian_program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    shutil.copyfile(data_dir / "server.crt", folder / "certificate.pem")
    owner = data_dir.stat()
    for file in (data_dir / "server.key", data_dir / "server.crt"):
        shutil.chown(file, owner.st_uid, owner.st_gid)
        file.chmod(0o600)


@pytest.fixture
def only_embedded_tools(monkeypatch):
    """Leave no program of PostgreSQL but those of the wheel."""
    monkeypatch.setattr("sage.operations.backup.tools._INSTALLED", ())
    monkeypatch.setenv("PATH", "/nonexistent")


@pytest.mark.usefixtures("only_embedded_tools")
def test_a_backup_is_made_and_restored_by_tls_alone(on, server, tmp_path):
    cluster, certificate = server
    way = f"sslmode=verify-full&sslrootcert={quote(str(certificate))}"
    dsn, other = (
        f"postgresql://postgres:{quote(PASSWORD)}@127.0.0.1:{cluster.port}/{name}?{way}"
        for name in ("postgres", "other")
    )
    assert on(dsn, "migrate", "up").code == 0
    fill_spaces(dsn)
    outcome = on(dsn, "backup", tmp_path / "x.backup")
    assert outcome.code == 0, outcome.err
    outcome = on(other, "restore", tmp_path / "x.backup")
    assert outcome.code == 0, outcome.err
    assert ask(other, EVERYTHING) == ask(dsn, EVERYTHING)
    assert list(Path(tempfile.gettempdir()).glob("sage-*/.s.PGSQL.5432")) == []


@pytest.mark.usefixtures("only_embedded_tools")
def test_a_server_whose_certificate_is_not_trusted_is_told_nothing(on, server, tmp_path):
    cluster, _ = server
    dsn = f"postgresql://postgres:{quote(PASSWORD)}@127.0.0.1:{cluster.port}/postgres"
    outcome = on(f"{dsn}?sslmode=verify-full", "backup", tmp_path / "x.backup")
    assert outcome.code == 1
    assert not (tmp_path / "x.backup").exists()


def test_doctor_says_whether_the_server_is_verified(on, server, monkeypatch):
    cluster, certificate = server
    dsn = f"postgresql://postgres:{quote(PASSWORD)}@127.0.0.1:{cluster.port}/postgres"
    ways = {
        "sslmode=require": ("warning", "the server is not verified"),
        f"sslmode=verify-full&sslrootcert={quote(str(certificate))}": ("ok", "server verified"),
    }
    # Nobody asks for TLS on one machine, which is where these tests are.
    monkeypatch.setattr("sage.operations.checks.server.is_loopback", lambda _host: False)
    for way, (status, words) in ways.items():
        checks = json.loads(on(f"{dsn}?{way}", "doctor", "--database", "--json").out)["checks"]
        (found,) = (one for one in checks if one["name"] == "encryption")
        assert (found["status"], words in found["detail"]) == (status, True), found
    unverified = f"{dsn.replace('127.0.0.1', 'localhost')}?{way}"
    told = on(unverified, "doctor", "--database").out
    assert "certificate is not valid for 'localhost'" in told
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sage.store.connections.connection.Connection.tls_server", lambda _: None)
        checks = json.loads(on(f"{dsn}?{way}", "doctor", "--database", "--json").out)["checks"]
    (found,) = (one for one in checks if one["name"] == "encryption")
    assert "not encrypted" in found["detail"]
