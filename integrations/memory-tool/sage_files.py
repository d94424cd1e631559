"""The files of Claude's memory tool, kept in Sage.

A version of a file is one memory. An edit saves a new one that replaces the one before, so that
searches find what holds now and `sage show memory-tool` what held before. Needs Python alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

ROOT = "/memories"
_LEVELS = 2
_IDS_AT_ONCE = 50
_TIMEOUT_S = 30


class CommandError(Exception):
    """A command that cannot be done: its text is the answer to the model, marked as an error."""


@dataclass(frozen=True)
class _File:
    file_id: str
    path: str
    text: str
    memory_id: str


class SageFiles:
    """Does the commands of the tool `memory_20250818`.

    Each `session_id` of Sage is a directory of its own, for example one for each user.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:17800", token: str = "", session_id: str = "memory-tool"
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url} is no address of Sage, such as http://127.0.0.1:17800")
        self._url = f"{url.rstrip('/')}/api/v1"
        self._token = token
        self._session_id = session_id

    def run(self, command: dict) -> str:
        """Do a command, the `input` of a `tool_use` block. Raises CommandError."""
        match command:
            case {"command": "view", "path": str(path)}:
                return self._view(_checked(path), command.get("view_range"))
            case {"command": "create", "path": str(path), "file_text": str(text)}:
                return self._create(_checked(path), text)
            case {"command": "str_replace", "path": str(path), "old_str": str(old)}:
                return self._replace(_checked(path), old, str(command.get("new_str") or ""))
            case {
                "command": "insert",
                "path": str(path),
                "insert_line": int(line),
                "insert_text": str(text),
            }:
                return self._insert(_checked(path), line, text)
            case {"command": "delete", "path": str(path)}:
                return self._delete(_checked(path))
            case {"command": "rename", "old_path": str(old), "new_path": str(new)}:
                return self._rename(_checked(old), _checked(new))
        raise CommandError(f"Error: this is no command of the memory tool: {command}")

    def _view(self, path: str, view_range: object) -> str:
        files = self._files()
        if path not in files:
            return _listing(path, files)
        lines = files[path].text.split("\n")
        first, last = 1, len(lines)
        match view_range:
            case [int(first), int(end)]:
                last = len(lines) if end == -1 else min(end, len(lines))
                if not 1 <= first <= last:
                    raise CommandError(f"Error: {path} has the lines 1 to {len(lines)}")
        shown = _numbered(lines, first, last)
        return f"Here's the content of {path} with line numbers:\n{shown}"

    def _create(self, path: str, text: str) -> str:
        files = self._files()
        if path in files:
            raise CommandError(f"Error: {path} already exists; edit it, or delete it first")
        _refuse_taken(path, files)
        self._save(path, text, str(uuid4()))
        return f"File created successfully at: {path}"

    def _replace(self, path: str, old: str, new: str) -> str:
        file = self._file(path)
        found = file.text.count(old) if old else 0
        if found != 1:
            raise CommandError(f"Error: old_str is {found} times in {path}, and must be once")
        text = file.text.replace(old, new)
        self._save(path, text, file.file_id, file.memory_id)
        line = file.text[: file.text.index(old)].count("\n") + 1
        lines = text.split("\n")
        around = _numbered(lines, max(1, line - 2), min(len(lines), line + 2))
        return f"The memory file has been edited. These lines are around the change:\n{around}"

    def _insert(self, path: str, line: int, text: str) -> str:
        file = self._file(path)
        lines = file.text.split("\n")
        if not 0 <= line <= len(lines):
            raise CommandError(f"Error: insert_line is {line}; {path} takes 0 to {len(lines)}")
        lines[line:line] = text.removesuffix("\n").split("\n")
        self._save(path, "\n".join(lines), file.file_id, file.memory_id)
        return f"The file {path} has been edited."

    def _delete(self, path: str) -> str:
        """Forget files with all their versions; for 30 days `sage forget --undo` restores them."""
        if path == ROOT:
            raise CommandError(f"Error: {ROOT} itself cannot be deleted")
        gone = {file.file_id for file in _below(path, self._files())}
        ids = [one["memory_id"] for one in self._versions() if one["metadata"]["file"] in gone]
        for start in range(0, len(ids), _IDS_AT_ONCE):
            self._ask("/forget", {"memory_ids": ids[start : start + _IDS_AT_ONCE]})
        return f"Successfully deleted {path}"

    def _rename(self, old: str, new: str) -> str:
        files = self._files()
        if ROOT in {old, new} or new.startswith(f"{old}/"):
            raise CommandError(f"Error: {old} cannot be moved to {new}")
        moved = _below(old, files)
        if new in files or any(path.startswith(f"{new}/") for path in files):
            raise CommandError(f"Error: {new} already exists")
        _refuse_taken(new, files)
        for file in moved:
            self._save(new + file.path.removeprefix(old), file.text, file.file_id, file.memory_id)
        return f"Successfully renamed {old} to {new}"

    def _file(self, path: str) -> _File:
        file = self._files().get(path)
        if file is None:
            raise CommandError(f"Error: there is no file {path}")
        return file

    def _files(self) -> dict[str, _File]:
        """Return the files as they are now by their paths."""
        return {
            one["metadata"]["path"]: _File(
                one["metadata"]["file"], one["metadata"]["path"], one["content"], one["memory_id"]
            )
            for one in self._versions()
            if one.get("superseded_at") is None
        }

    def _versions(self) -> list[dict]:
        """Return all versions of all files, the oldest first."""
        place = f"/sessions/{quote(self._session_id, safe='')}"
        found: list[dict] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask(f"{place}?{urlencode({'cursor': cursor} if cursor else {})}")
            found += page.get("memories", ())
            cursor = page.get("next_cursor")
        return [one for one in found if {"path", "file"} <= one["metadata"].keys()]

    def _save(self, path: str, text: str, file_id: str, replaced: str = "") -> None:
        self._ask(
            "/conversations",
            {
                "messages": [{"role": "assistant", "content": text}],
                "session_id": self._session_id,
                "metadata": {"source": "memory-tool", "path": path, "file": file_id},
                "replaces": [replaced] if replaced else [],
            },
        )

    def _ask(self, path: str, body: dict | None = None) -> dict:
        """Call Sage; a session that is not there yet is empty. Raises CommandError."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        try:
            request = Request(self._url + path, data, headers)  # noqa: S310 - see __init__
            with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            if body is None and error.code == HTTPStatus.NOT_FOUND:
                return {}
            raise CommandError(f"Error: Sage refuses this: {_problem(error)}") from None
        except (URLError, OSError) as error:
            raise CommandError(f"Error: Sage does not answer: {error}") from None


def _checked(path: str) -> str:
    """Return a path without a slash at its end. Raises CommandError for one outside of ROOT."""
    path = path.rstrip("/")
    first, *names = path.split("/")[1:] or [""]
    strange = any(name in {"", ".", ".."} or not name.isprintable() for name in names)
    if not path.startswith("/") or f"/{first}" != ROOT or strange or "\\" in path or "%" in path:
        raise CommandError(f"Error: {path!r} is no path below {ROOT}")
    return path


def _below(path: str, files: dict[str, _File]) -> list[_File]:
    """Return the file at a path, or those of a directory. Raises CommandError for neither."""
    found = [file for name, file in files.items() if name == path or name.startswith(f"{path}/")]
    if not found:
        raise CommandError(f"Error: there is nothing at {path}")
    return found


def _refuse_taken(path: str, files: dict[str, _File]) -> None:
    """Raise CommandError where a file would be a directory, or a directory a file."""
    for name in files:
        if name.startswith(f"{path}/") or path.startswith(f"{name}/"):
            raise CommandError(f"Error: {name} is in the way")


def _listing(path: str, files: dict[str, _File]) -> str:
    """List the files and directories below a path, with the sizes of their texts in UTF-8."""
    sizes = {path: 0}
    for file in _below(path, files) if path != ROOT else files.values():
        names = file.path.removeprefix(f"{path}/").split("/")
        size = len(file.text.encode())
        sizes[path] += size
        for level in range(1, min(len(names), _LEVELS) + 1):
            place = "/".join([path, *names[:level]]) + "/" * (level < len(names))
            sizes[place] = sizes.get(place, 0) + size
    head = f"Here're the files and directories up to {_LEVELS} levels deep in {path}:\n"
    return head + "\n".join(f"{size}\t{place}" for place, size in sorted(sizes.items()))


def _numbered(lines: list[str], first: int, last: int) -> str:
    return "\n".join(f"{number:6}\t{lines[number - 1]}" for number in range(first, last + 1))


def _problem(error: HTTPError) -> str:
    """Return what is wrong with a call, as Sage says it."""
    try:
        told = json.load(error)
        return " ".join(str(told[key]) for key in ("detail", "hint") if told.get(key))
    except ValueError:
        return f"HTTP {error.code}"
