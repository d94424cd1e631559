"""Words that people type instead of a verb of Sage.

A synonym of a verb that reads, starts or stores runs as that verb. One that could delete something
is never run: the words lead to what to type.
"""

from __future__ import annotations

from sage.phrases import phrase

_RUN = {
    "search": "ask find lookup query recall",
    "save": "add note remember store",
    "list": "ls memories",
    "correct": "amend change edit fix",
    "sessions": "conversations history",
    "show": "cat get read view",
    "stats": "count stat",
    "up": "start",
    "down": "stop",
    "status": "info ps",
    "logs": "log",
    "console": "browser dashboard gui ui web",
    "import": "load",
    "export": "dump",
    "doctor": "check diagnose health",
    "config": "settings",
}
RUN = {word: verb for verb, words in _RUN.items() for word in words.split()}
"""The verb that runs in place of a word."""

_FORGET = phrase(
    "`sage forget ID` deletes a memory and `sage forget --session ID` a session; both can be undone"
)
_WIPE = phrase(
    "`sage forget` deletes memories that can be restored; `sage erase` and `sage space "
    "erase NAME` delete permanently"
)
_UNDO = phrase(
    "`sage forget ID --undo` restores a memory, and `sage import --undo last` undoes an import"
)
_UPGRADE = phrase(
    "stop Sage, run `git pull` in its directory, and start it again (docs/maintenance.md)"
)
_INSTALL = phrase(
    "`sage connect` connects AI clients, and `sage service install` starts Sage at login"
)
_UNINSTALL = phrase(
    "`sage connect NAME --remove` removes Sage from an AI client; see docs/data.md for the rest"
)
_RESTART = phrase("`sage down` stops Sage, and `sage up` starts it")
_SIGN_IN = phrase("`sage console` opens the console, signed in")
_INVITE = phrase("`sage token create` creates a token, and prints instructions to send with it")
_WHY = phrase(
    "`sage search QUESTION --why` explains why each memory was found, and --why-not "
    "why another was not"
)
HINTS = {
    **dict.fromkeys(("delete", "remove", "rm", "del", "unlearn"), _FORGET),
    **dict.fromkeys(("clear", "destroy", "drop", "purge", "reset", "wipe"), _WIPE),
    **dict.fromkeys(("undo", "unforget", "revert", "undelete"), _UNDO),
    **dict.fromkeys(("update", "upgrade"), _UPGRADE),
    **dict.fromkeys(("init", "install", "setup"), _INSTALL),
    **dict.fromkeys(("uninstall", "disconnect"), _UNINSTALL),
    **dict.fromkeys(("restart", "reload", "run", "kill", "quit", "exit"), _RESTART),
    **dict.fromkeys(("login", "signin", "open"), _SIGN_IN),
    **dict.fromkeys(("invite", "share"), _INVITE),
    **dict.fromkeys(("explain", "why"), _WHY),
}
"""What to type instead of a word that may mean several verbs."""

_EXPORT = phrase("`sage export --space NAME > FILE` writes the memories of a space")
_FORGOTTEN = phrase("`sage forgotten` lists what is forgotten")
FORMER = {"space export": _EXPORT, "list --forgotten": _FORGOTTEN}
"""What to type instead of a former verb or option."""

OF_INNER = {
    "add": ("create", "add"),
    "new": ("create", "add"),
    "ls": ("list",),
    "delete": ("erase", "remove", "revoke"),
    "remove": ("erase", "remove", "revoke"),
    "rm": ("erase", "remove", "revoke"),
    "rename": ("rename", "move"),
}
"""Synonyms of subcommands, which are suggested and never run."""
