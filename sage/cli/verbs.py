"""The verbs of `sage`, in the order of its help. Each has a module of its name in this package.

A module is imported when its verb is called, so that help, `version` and `healthcheck` start
without loading a database driver or a model.
"""

from __future__ import annotations

VERBS = {
    "up": "start Sage if it is not running, and print how to connect",
    "down": "stop Sage and wait until it has exited",
    "status": "report whether Sage is running and ready: exit 0 or 1",
    "logs": "show the end of Sage's log; follow it on a terminal",
    "serve": "run the HTTP server: MCP at /mcp, REST API and health endpoints",
    "console": "open the pages of the running Sage in a browser, signed in",
    "mcp": "speak MCP over standard input and output, for a client that starts Sage itself",
    "save": "store a conversation",
    "search": "find memories by meaning and by keyword",
    "context": "collect relevant memories as text for a prompt",
    "sessions": "list sessions, most recently active first",
    "list": "list memories, newest first",
    "show": "show a whole memory or session",
    "forget": "delete memories or a session; can be undone for 30 days",
    "stats": "show how much is stored",
    "export": "write all memories to standard output as JSON Lines, without their vectors",
    "import": "read memories from a file written by `sage export`, or from other programs",
    "backup": "write the whole database to one file, while Sage is running",
    "restore": "restore the database from a backup, and compare the two",
    "config": "show or check the configuration",
    "connect": "connect an AI client: show or write what it needs in its configuration",
    "hook": "recall and capture for an AI client, which calls it itself",
    "pause": "stop capture and recall by hooks for a while",
    "resume": "end a pause of the hooks",
    "service": "start Sage at login, or stop doing so",
    "doctor": "check everything Sage needs, and suggest fixes",
    "migrate": "update the database schema, or list migrations",
    "reembed": "switch to another embedding model without downtime",
    "project": "list, show, rename and join the projects that memories belong to",
    "space": "create, list, rename, export and erase spaces: memories kept apart",
    "user": "add, list and remove the users that tokens belong to",
    "token": "create, list, revoke and rotate tokens, which open spaces",
    "erase": "delete a session or an author's memories for good, with a receipt",
    "audit": "list or export who did what, from the audit log",
    "scan": "find secrets in what is stored, and mask them",
    "healthcheck": "check whether the running server is healthy, for probes",
    "bench": "measure retrieval quality and speed, in a temporary database",
    "completion": "print a completion script for bash, zsh or fish",
    "version": "print the version",
}
