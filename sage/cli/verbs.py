"""The verbs of `sage`, in the groups and the order of its help.

A module is imported when its verb is called, so that help, `version` and `healthcheck` start
without loading a database driver or a model. A verb that is not in `EVERYDAY` stands in
`sage help --all` alone.
"""

from __future__ import annotations

from sage.phrases import phrase

_USE = {
    "search": phrase("find memories by meaning and by keyword"),
    "context": phrase("collect relevant memories as text for a prompt"),
    "save": phrase("store a conversation"),
    "correct": phrase("replace what a memory says; can be undone"),
    "forget": phrase("delete memories or a session; can be undone for 30 days"),
    "confirm": phrase("say of a memory that it still holds"),
}
_LOOK = {
    "sessions": phrase("list sessions, most recently active first"),
    "list": phrase("list memories, newest first"),
    "show": phrase("show a whole memory or session"),
    "tidy": phrase("list what may be forgotten: repeats, secrets and more; forget it"),
    "forgotten": phrase("list what is forgotten, and until when it can be restored"),
    "given": phrase("list which memories sessions were given, and mark what was not useful"),
    "stats": phrase("show how much is stored"),
    "project": phrase("list, show, rename and join the projects that memories belong to"),
    "console": phrase("open the pages of the running Sage in a browser, signed in"),
}
_BRING_IN = {
    "import": phrase("read memories from a file written by `sage export`, or from other programs"),
    "export": phrase("write memories to standard output as JSON Lines, without their vectors"),
}
_CONNECT = {
    "connect": phrase("connect an AI client: show or write what it needs in its configuration"),
    "pause": phrase("stop capture and recall by hooks for a while"),
    "resume": phrase("end a pause of the hooks"),
    "mcp": phrase("speak MCP over standard input and output, for a client that starts Sage itself"),
    "hook": phrase("recall and capture for an AI client, which calls it itself"),
}
_SERVER = {
    "up": phrase("start Sage if it is not running, and print how to connect"),
    "down": phrase("stop Sage and wait until it has exited"),
    "status": phrase("report whether Sage is running and ready: exit 0 or 1"),
    "logs": phrase("show the end of Sage's log; follow it on a terminal"),
    "config": phrase("show or check the configuration"),
    "service": phrase("start Sage at login, or stop doing so"),
    "serve": phrase("run the HTTP server: MCP at /mcp, REST API and health endpoints"),
    "healthcheck": phrase("check whether the running server is healthy, for probes"),
}
_TEAM = {
    "space": phrase("create, list, rename, export and erase spaces: memories kept apart"),
    "user": phrase("add, list and remove the users that tokens belong to"),
    "token": phrase("create, list, revoke and rotate tokens, which open spaces"),
    "audit": phrase("list or export who did what, from the audit log"),
}
_REPAIR = {
    "doctor": phrase("check everything Sage needs, and suggest fixes"),
    "backup": phrase("write the whole database to one file, while Sage is running"),
    "restore": phrase("restore the database from a backup, and compare the two"),
    "erase": phrase("delete a session or an author's memories for good, with a receipt"),
    "scan": phrase("find secrets in what is stored, and mask them"),
    "migrate": phrase("update the database schema, or list migrations"),
    "reembed": phrase("switch to another embedding model without downtime"),
    "bench": phrase("measure retrieval quality and speed, in a temporary database"),
    "completion": phrase("print a completion script for bash, zsh or fish"),
    "version": phrase("print the version"),
    "help": phrase("show what a verb takes, or all verbs"),
}
GROUPS = {
    phrase("use"): _USE,
    phrase("look"): _LOOK,
    phrase("bring in"): _BRING_IN,
    phrase("connect"): _CONNECT,
    phrase("server"): _SERVER,
    phrase("team"): _TEAM,
    phrase("repair"): _REPAIR,
}
VERBS = {name: summary for verbs in GROUPS.values() for name, summary in verbs.items()}
EVERYDAY = {
    "search": phrase("find memories by meaning and by keyword"),
    "save": phrase("store a conversation"),
    "correct": phrase("replace what a memory says"),
    "forget": phrase("delete memories or a session; can be undone"),
    "sessions": phrase("list sessions, most recently active first"),
    "list": phrase("list memories, newest first"),
    "show": phrase("show a whole memory or session"),
    "console": phrase("open the pages of Sage in a browser"),
    "import": phrase("read what was kept before, or by other programs"),
    "export": phrase("write all memories as JSON Lines or Markdown"),
    "connect": phrase("connect the AI clients of this machine"),
    "pause": phrase("capture nothing for a while"),
    "up": phrase("start Sage if it is not running"),
    "down": phrase("stop Sage"),
    "status": phrase("report whether Sage is running"),
    "space": phrase("keep memories apart in spaces"),
    "token": phrase("let others in, each to some spaces"),
    "doctor": phrase("check everything, and suggest fixes"),
    "backup": phrase("write the whole database to one file"),
}
"""The verbs of every day in a few words: `sage --help` has a line for each, 24 in all at most."""

MODULES = dict(zip(VERBS, VERBS, strict=True)) | {
    "context": "search",
    "down": "up",
    "forgotten": "forget",
    "import": "import_",
    "list": "listing",
    "restore": "backup",
    "resume": "pause",
    "sessions": "listing",
    "show": "listing",
    "status": "up",
}
"""The module of `sage.cli` in which each verb is: that of its name, or one of several."""
