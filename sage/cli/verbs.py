"""The verbs of `sage`, in the groups and the order of its help.

A module is imported when its verb is called, so that help, `version` and `healthcheck` start
without loading a database driver or a model. A verb that is not in `EVERYDAY` is shown only by
`sage help --all`.
"""

from __future__ import annotations

from sage.phrases import phrase

_USE = {
    "search": phrase("find memories by meaning and by keyword"),
    "context": phrase("collect relevant memories as text for a prompt"),
    "save": phrase("store a conversation"),
    "correct": phrase("replace the text of a memory; can be undone"),
    "forget": phrase("delete memories or a session; can be undone for 30 days"),
    "confirm": phrase("confirm that a memory is still true"),
}
_LOOK = {
    "sessions": phrase("list sessions, most recently active first"),
    "list": phrase("list memories, newest first"),
    "show": phrase("show a memory or session in full"),
    "tidy": phrase("list, and forget, duplicates, secrets and other memories not worth keeping"),
    "forgotten": phrase("list forgotten memories, and until when they can be restored"),
    "given": phrase(
        "list which memories were given to sessions, and mark those that were not useful"
    ),
    "stats": phrase("show statistics of what is stored"),
    "project": phrase("list, show, rename and merge projects"),
    "console": phrase("open the web console in a browser, signed in"),
}
_BRING_IN = {
    "import": phrase("import memories from `sage export` or from other programs"),
    "export": phrase("export memories as JSON Lines, without vectors"),
}
_CONNECT = {
    "connect": phrase("connect AI clients to Sage by editing their configuration"),
    "pause": phrase("pause capture and recall by hooks"),
    "resume": phrase("resume capture and recall by hooks"),
    "mcp": phrase("run an MCP server over stdio, for clients that start it themselves"),
    "hook": phrase("run a hook of an AI client; called by the client itself"),
}
_SERVER = {
    "up": phrase("start Sage if it is not running, and print how to connect"),
    "down": phrase("stop Sage and wait until it has exited"),
    "status": phrase("report whether Sage is running and ready"),
    "logs": phrase("show the end of Sage's log; follow it on a terminal"),
    "config": phrase("show or check the configuration"),
    "service": phrase("manage starting Sage at login"),
    "serve": phrase("run the HTTP server: MCP at /mcp, REST API and health endpoints"),
    "healthcheck": phrase("check the health of the running server, for container probes"),
}
_TEAM = {
    "space": phrase("manage spaces, which separate memories from each other"),
    "user": phrase("manage users, which tokens belong to"),
    "token": phrase("manage access tokens"),
    "audit": phrase("list or export the audit log"),
}
_REPAIR = {
    "doctor": phrase("check the installation and suggest fixes"),
    "backup": phrase("back up the database to one file while Sage is running"),
    "restore": phrase("restore the database from a backup and verify it"),
    "move": phrase("move everything to another database while Sage is running"),
    "erase": phrase("permanently delete a session or an author's memories, with a receipt"),
    "scan": phrase("find and mask secrets in stored memories"),
    "migrate": phrase("update the database schema, or list migrations"),
    "reembed": phrase("switch to another embedding model without downtime"),
    "bench": phrase("measure retrieval quality and speed, in a temporary database"),
    "completion": phrase("print a completion script for bash, zsh or fish"),
    "version": phrase("print the version"),
    "help": phrase("show help for a command, or list all commands"),
}
GROUPS = {
    phrase("use"): _USE,
    phrase("browse"): _LOOK,
    phrase("transfer"): _BRING_IN,
    phrase("connect"): _CONNECT,
    phrase("server"): _SERVER,
    phrase("team"): _TEAM,
    phrase("maintain"): _REPAIR,
}
VERBS = {name: summary for verbs in GROUPS.values() for name, summary in verbs.items()}
EVERYDAY = {
    "search": phrase("find memories by meaning and by keyword"),
    "save": phrase("store a conversation"),
    "correct": phrase("replace the text of a memory"),
    "forget": phrase("delete memories or a session; can be undone"),
    "sessions": phrase("list sessions, most recently active first"),
    "list": phrase("list memories, newest first"),
    "show": phrase("show a memory or session in full"),
    "console": phrase("open the web console"),
    "import": phrase("import memories, also from other programs"),
    "export": phrase("export all memories as JSON Lines or Markdown"),
    "connect": phrase("connect the AI clients of this machine"),
    "pause": phrase("pause capture and recall by hooks"),
    "up": phrase("start Sage if it is not running"),
    "down": phrase("stop Sage"),
    "status": phrase("report whether Sage is running"),
    "space": phrase("manage spaces, which separate memories"),
    "token": phrase("manage access tokens"),
    "doctor": phrase("check the installation and suggest fixes"),
    "backup": phrase("back up the database to one file"),
}
"""The everyday verbs with short summaries: `sage --help` has a line for each, at most 24."""

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
"""The module of `sage.cli` of each verb, or of several."""
