"""Settings of hooks: environment variables, else lines of a settings file.

Beside a Sage that file is its `.env`, for the single-file client its own `client.env`. Each hook
reads it, so this imports nothing slow.
"""

from __future__ import annotations

import os

from sage.clients.hooks.state_files import SERVER, is_own, read_json, state_path
from sage.phrases import joined, phrase
from sage.phrases.language import LOCALE_VARIABLES, VARIABLE, wished

IGNORE = "SAGE_HOOK_IGNORE"
WORKTREES = "SAGE_HOOK_WORKTREES"
MAX_CHARS = "SAGE_HOOK_MAX_CHARS"
APART = "apart"
FILE = "client.env"
CORRECT = phrase("correct the hook setting named above")
"""The hint for `problems`."""

_TOGETHER = "together"
_PREFIX = "SAGE_HOOK_"
_NAMES = {IGNORE, MAX_CHARS, WORKTREES}
_MIN_CHARS, _MAX_CHARS = 1_000, 999_999_999
_LANGUAGES = {"", "auto", "en", "zh"}
_MAX_BYTES = 1_000_000
_START_SCRIPT = "start-sage-mcp.sh"
_in_file: dict[str, str] = {}


def use(data_dir: str) -> None:
    """Read the settings file of a data directory; `value` uses it from now on."""
    _in_file.clear()
    _in_file.update((name, text) for name, text, _ in _lines(file_of(data_dir)))


def value(name: str) -> str:
    """Return the value of a variable, from the environment or else the file; empty if not set."""
    return os.environ.get(name, "").strip() or _in_file.get(name, "")


def language() -> str:
    """Return the language of texts for the user of a client."""
    return wished({name: value(name) for name in (VARIABLE, *LOCALE_VARIABLES)})


def max_chars() -> int | None:
    """Return the length from which messages are shortened, None if they never are.

    An invalid value is ignored.
    """
    text = value(MAX_CHARS)
    return int(text) if _is_length(text) else None


def as_captured(text: str) -> str:
    """Return the text of a message as captured and imported, before it is split.

    That is all of it, or its beginning and its end, depending on the settings.
    """
    from sage.domain.text.abridging import abridged  # noqa: PLC0415 - slow to import, and recall needs it not

    most = max_chars()
    return text if most is None else abridged(text, most)


def file_of(data_dir: str) -> str:
    """Return the path of the settings file, which need not exist."""
    server = read_json(state_path(data_dir, SERVER))
    token_file = server.get("token_file")
    if "url" in server and isinstance(token_file, str):
        return os.path.join(os.path.dirname(token_file), FILE)
    root = os.path.abspath(__file__)
    for _ in __name__.split("."):
        root = os.path.dirname(root)
    own = os.path.join(root, ".env")
    if os.path.exists(own) and os.path.exists(os.path.join(root, _START_SCRIPT)):
        return own
    return os.path.join(data_dir, ".env") if is_own(data_dir) else os.devnull


def problems(data_dir: str) -> list[str]:
    """Return the errors in the settings of hooks, each with a fix."""
    path = file_of(data_dir)
    found = [
        phrase("{path} line {line}: {reason}", path=path, line=number, reason=reason)
        for name, text, number in _lines(path)
        if (reason := _problem(name, text))
    ]
    for name, text in sorted(os.environ.items()):
        if name.startswith(_PREFIX) and (reason := _problem(name, text.strip())):
            found.append(phrase("environment: {reason}", reason=reason))
    return found


def require_understood(data_dir: str) -> None:
    """Raise StartupError for invalid settings of hooks."""
    if found := problems(data_dir):
        from sage.errors import StartupError  # noqa: PLC0415 - slow to import, and hooks go on

        raise StartupError(joined("; ", found), hint=CORRECT)


def _is_length(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_MAX_CHARS))
    return is_number and int(text) >= _MIN_CHARS


def _problem(name: str, text: str) -> str:
    if name == VARIABLE:
        known = text.lower() in _LANGUAGES
        return "" if known else phrase("{name} is not one of auto, en and zh", name=name)
    if name not in _NAMES:
        return phrase("{name} is not a hook setting; use {names}", name=name, names=sorted(_NAMES))
    if name == WORKTREES and text not in {"", APART, _TOGETHER}:
        return phrase(
            "{name} is neither {apart} nor {together}; write one of the two",
            name=name,
            apart=APART,
            together=_TOGETHER,
        )
    if name == MAX_CHARS and text and not _is_length(text):
        return phrase(
            "{name} is not a whole number from {least:,} to {most:,}; omit it to store "
            "all messages in full",
            name=name,
            least=_MIN_CHARS,
            most=_MAX_CHARS,
        )
    return ""


def _lines(path: str) -> list[tuple[str, str, int]]:
    """Return the name, the value and the number of each line of a file with a setting of hooks."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(_MAX_BYTES)
    except OSError:
        return []
    if _PREFIX not in text and VARIABLE not in text:
        return []
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        name, _, rest = line.strip().removeprefix("export ").partition("=")
        if name.strip().startswith(_PREFIX) or name.strip() == VARIABLE:
            found.append((name.strip(), _unquoted(rest.strip()), number))
    return found


def _unquoted(text: str) -> str:
    """Return a value without its quotes, or without a comment."""
    if text[:1] in {'"', "'"} and text[0] in text[1:]:
        return text[1 : text.index(text[0], 1)]
    return text.partition(" #")[0].strip()
