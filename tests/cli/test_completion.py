"""`sage completion`, in the shells themselves."""

import shlex
import subprocess
import sys

import pytest

from tests.architecture.sources import INSTALLED
from tests.support.debian import debian_program


def words(sage, *typed):
    outcome = sage("completion", "words", "--", *typed)
    assert outcome.code == 0
    return [line.split("\t")[0] for line in outcome.out.splitlines()]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["se"], ["search", "sessions", "service", "serve"]),
        (["help", "comp"], ["completion"]),
        (["find", "tea", "--role", "a"], ["assistant"]),
        (["config", ""], ["show", "check", "diff", "env"]),
        (["search", "tea", "--thr"], ["--threshold"]),
        (["search", "--role", "a"], ["assistant"]),
        (["search", "--after", ""], []),
        (["--data-dir", "x", "healthc"], ["healthcheck"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["nonsense", "--vers"], ["--version"]),
    ],
)
def test_what_may_come_next_follows_from_the_parser(sage, typed, expected):
    assert words(sage, *typed) == expected


@pytest.fixture
def program(tmp_path):
    """Put `sage` on a PATH of its own; return the environment."""
    script = tmp_path / "bin" / "sage"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m sage "$@"\n')
    script.chmod(0o755)
    path = f"{script.parent}:/usr/bin:/bin"
    return {"PATH": path, "PYTHONPATH": str(INSTALLED), "HOME": str(tmp_path), "TERM": "dumb"}


ASKING = {
    "bash": """
source <(sage completion bash)
COMP_WORDS=(sage config ch) COMP_CWORD=2
_sage
echo "${COMPREPLY[@]}"
""",
    "zsh": """
compdef() { :; }
_describe() { print -r -- ${(P)2%%:*}; }
source <(sage completion zsh)
words=(sage config ch) CURRENT=3
_sage
""",
    "fish": "sage completion fish | source; complete -C 'sage config ch' | cut -f1",
}


@pytest.mark.parametrize("shell", ASKING)
def test_a_shell_completes_an_inner_verb(shell, program):
    path = debian_program(shell)
    argv = [path, "-c", ASKING[shell]] if shell != "zsh" else [path, "-f", "-c", ASKING[shell]]
    done = subprocess.run(argv, env=program, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["check"], done.stderr
