"""The files and programs that an agent is about to use, from the input of a tool call.

Of a command, only the program and its first argument leave the machine.
"""

from __future__ import annotations

import os
import re

from sage.clients.hooks.project import project_of

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from sage.clients.hooks.payload import Payload

_FILE_KEYS = ("file_path", "notebook_path", "absolute_path", "path")
_COMMAND_KEYS = ("command", "cmd")
_PATCHED = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: (.+)$", re.MULTILINE)
_SEPARATOR = re.compile(r"&&|\|\||[;|&\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]{0,39}")
_ACTION = re.compile(r"[a-z][a-z0-9:_-]{1,19}")
_RUN_OTHERS = frozenset({"sudo", "env", "time", "nohup", "nice", "exec", "command", "xargs"})
_IGNORED_PROGRAMS = frozenset(
    {
        *("cd", "ls", "cat", "echo", "head", "tail", "pwd", "true", "false", "test"),
        *("which", "wc", "grep", "rg", "find", "sed", "awk", "sort", "uniq", "cut", "tr"),
        *("printf", "sleep", "date", "mkdir", "touch", "export", "set", "source", "if"),
        *("then", "else", "fi", "for", "do", "done", "while", "cp", "mv", "diff", "stat"),
        *("file", "less", "more", "tee", "jq", "tree"),
    }
)
_MAX_COMMANDS = 3
_MAX_CHARS = 20_000


def file_and_commands(payload: Payload) -> tuple[str, list[str]]:
    """Return the path in its project of the changed file, and the commands to run.

    Each command is a program and its first argument, if that is a plain word.
    """
    arguments = payload.tool_input
    command = next((v for key in _COMMAND_KEYS if isinstance(v := arguments.get(key), str)), "")
    if patched := _PATCHED.search(command[:_MAX_CHARS]):
        return _in_project(patched[1].strip(), payload.cwd), []
    if command:
        return "", _commands_in(command[:_MAX_CHARS])
    file = next((v for key in _FILE_KEYS if isinstance(v := arguments.get(key), str) and v), "")
    return (_in_project(file, payload.cwd) if file else ""), []


def _in_project(file: str, cwd: str) -> str:
    path = os.path.realpath(os.path.join(cwd, file))
    project = project_of(cwd)
    inside = os.path.relpath(path, os.path.realpath(cwd))
    if project and path.startswith(f"{project}/"):
        inside = os.path.relpath(path, project)
    return inside if not inside.startswith("..") else os.path.basename(path)


def _commands_in(command: str) -> list[str]:
    found = []
    for part in _SEPARATOR.split(command):
        words = [word.strip("\"'()`") for word in part.split()]
        while words and (words[0] in _RUN_OTHERS or _ASSIGNMENT.match(words[0])):
            words.pop(0)
        program = os.path.basename(words[0]) if words else ""
        if not _PROGRAM.fullmatch(program) or program in _IGNORED_PROGRAMS:
            continue
        is_plain = len(words) > 1 and _ACTION.fullmatch(words[1])
        found.append(f"{program} {words[1]}" if is_plain else program)
    return list(dict.fromkeys(found))[:_MAX_COMMANDS]
