"""Starting at login: the files are checked by the tools that read them."""

import os
import plistlib
import subprocess
from pathlib import Path

import pytest

from sage.cli.autostart.definition import Start, launchd_agent, systemd_unit
from sage.cli.main import main
from sage.local.data_dir.instance import Instance, RunningInstance

SYSTEMCTL = """\
#!/bin/sh
echo "$*" >> "$HOME/calls"
case "$*" in *is-active*) [ -e "$HOME/active" ] ;; *enable*) : > "$HOME/active" ;;
*disable*) rm -f "$HOME/active" ;; esac
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Be a user whose systemd writes down what it is told."""
    folder = tmp_path / "home of $me 100%"
    programs = tmp_path / "bin"
    for path in (folder, programs):
        path.mkdir()
    systemctl = programs / "systemctl"
    systemctl.write_text(SYSTEMCTL)
    systemctl.chmod(0o755)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)
    return folder


@pytest.fixture
def service(home, capsys):
    def run(*argv):
        capsys.readouterr()
        code = main(["service", *argv, "--data-dir", str(home / "my data")])
        return code, capsys.readouterr()

    return run


def verify(unit, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return subprocess.run(
        ["systemd-analyze", "verify", "--user", str(unit)],
        env={"XDG_RUNTIME_DIR": str(runtime), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_systemd_accepts_the_unit(service, home, tmp_path):
    assert service("install")[0] == 0
    unit = home / ".config/systemd/user/sage.service"
    done = verify(unit, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_would_notice_a_program_that_is_not_there(tmp_path):
    unit = tmp_path / "sage.service"
    unit.write_text(systemd_unit(Start(("/no/such/program",), tmp_path)))
    assert verify(unit, tmp_path).returncode != 0


def test_launchd_reads_the_words_as_they_are(tmp_path):
    command = ("/a path/python", "-m", "sage", "up", "--data-dir", "/d & <e>/%h/$x")
    agent = plistlib.loads(launchd_agent(Start(command, tmp_path / "log")).encode())
    assert agent["ProgramArguments"] == [*command]
    assert agent["RunAtLoad"] is True
    assert all(Path(path).is_absolute() for path in (command[0], agent["StandardErrorPath"]))


def test_installing_twice_and_removing_twice_changes_nothing(service, home):
    assert service("status")[0] == 1
    assert "starts at login" in service("install")[1].out
    assert service("status")[0] == 0
    calls = (home / "calls").read_text()
    assert "--user enable --now sage" in calls
    assert "nothing to change" in service("install")[1].out
    assert (home / "calls").read_text().count("enable --now") == 1
    assert "removed" in service("remove")[1].out
    assert not (home / ".config/systemd/user/sage.service").exists()
    assert "disable --now sage" in (home / "calls").read_text()
    assert "nothing to remove" in service("remove")[1].out
    assert service("status")[0] == 1


@pytest.mark.parametrize("is_service", [True, False])
def test_another_release_that_runs_is_replaced(service, home, monkeypatch, is_service):
    """By the service itself if it runs it, otherwise it is stopped and the service started."""
    ended = []
    running = iter([other := RunningInstance(1, "127.0.0.1", 17800, release="0 1 x")])
    monkeypatch.setattr(Instance, "running", lambda _: next(running, RunningInstance(2, "", 1)))
    monkeypatch.setattr(Instance, "end", lambda *them, **_: ended.append(them) or True)
    if is_service:
        assert service("install")[0] == 0
        ended, running = [], iter([other])
    assert service("install")[0] == 0
    assert bool(ended) is not is_service
    assert ("--user restart sage" in (home / "calls").read_text()) is is_service


def test_without_systemd_nothing_is_written_and_the_reason_is_told(service, home, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    code, told = service("install")
    assert code == 1
    assert "systemctl is not installed" in told.err
    assert not (home / ".config").exists()


def test_a_user_whom_systemd_does_not_serve_is_told(service, home, tmp_path):
    failing = '#!/bin/sh\necho "Failed to connect to user scope bus" >&2\nexit 1\n'
    (tmp_path / "bin/systemctl").write_text(failing)
    code, told = service("install")
    assert code == 1
    assert "containers" in told.err
    assert not (home / ".config").exists()
