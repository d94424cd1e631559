"""A home in which five AI clients have kept transcripts, as their programs write them.

As a program: `python -m tests.support.homes_with_transcripts HOME PROJECT [SESSIONS]`.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

OLDEST_DAYS = 29
FACTS = (
    ("Which port does the {0} listen on?", "The {0} listens on port {1}."),
    (
        "Please use British English in the docs of {0}.",
        "Noted: British English in the docs of {0}.",
    ),
    ("We decided to use RabbitMQ for {0}.", "Then {0} goes through RabbitMQ, queue {1}."),
)
THINGS = ("gateway", "exporter", "mailer", "archive", "scheduler", "billing")


def write_transcripts(home, project, sessions=6, now=None):
    """Write that many sessions of each client, the newest of now, the oldest 29 days ago.

    Each has a question and an answer. Returns the paths by client, the newest first.
    """
    now = now or datetime.now(UTC)
    ages = [OLDEST_DAYS * number / max(1, sessions - 1) for number in range(sessions)]
    return {
        client: [_write(client, home, project, age, now - timedelta(days=age)) for age in ages]
        for client in _CLIENTS
    }


def _write(client, home, project, age, at):
    number = int(age * 10)
    thing = f"{THINGS[number % len(THINGS)]} of {client}"
    question, answer = (one.format(thing, 9000 + number) for one in FACTS[number % len(FACTS)])
    session = str(uuid5(NAMESPACE_URL, f"{home} {client} {number}"))
    path, lines = _CLIENTS[client](project, session, at, (question, answer))
    path = home / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def _ids(session):
    return [str(uuid5(NAMESPACE_URL, f"{session} {number}")) for number in range(2)]


def _claude(project, session, at, said):
    first, second = _ids(session)
    about = {
        "sessionId": session,
        "timestamp": at.isoformat(),
        "cwd": str(project),
        "isSidechain": False,
    }
    blocks = [{"type": "text", "text": said[1]}]
    folder = str(project).replace("/", "-")
    return f".claude/projects/{folder}/{session}.jsonl", [
        {
            "type": "user",
            "uuid": first,
            "parentUuid": None,
            **about,
            "message": {"role": "user", "content": said[0]},
        },
        {
            "type": "assistant",
            "uuid": second,
            "parentUuid": first,
            **about,
            "message": {"role": "assistant", "model": "claude-sonnet-4-6", "content": blocks},
        },
        {"type": "last-prompt", "lastPrompt": said[0], "leafUuid": second, "sessionId": session},
    ]


def _codex(project, session, at, said):
    ids = _ids(session)
    kinds = ("input_text", "output_text")
    return f".codex/sessions/{at:%Y/%m/%d}/rollout-{at:%Y-%m-%dT%H-%M-%S}-{session}.jsonl", [
        {
            "timestamp": at.isoformat(),
            "type": "session_meta",
            "payload": {"id": session, "timestamp": at.isoformat(), "cwd": str(project)},
        },
        *(
            {
                "timestamp": at.isoformat(),
                "type": "response_item",
                "payload": {
                    "type": "message",
                    "id": f"msg_{key}",
                    "role": role,
                    "content": [{"type": kind, "text": text}],
                },
            }
            for key, role, kind, text in zip(ids, ("user", "assistant"), kinds, said, strict=True)
        ),
    ]


def _gemini(project, session, at, said):
    ids = _ids(session)
    time = at.isoformat()
    folder = f".gemini/tmp/{project.name}"
    return f"{folder}/chats/session-{at:%Y-%m-%dT%H-%M}-{session[:8]}.jsonl", [
        {
            "sessionId": session,
            "projectHash": project.name,
            "startTime": time,
            "lastUpdated": time,
            "kind": "main",
        },
        {"id": ids[0], "timestamp": time, "type": "user", "content": [{"text": said[0]}]},
        {"id": ids[1], "timestamp": time, "type": "gemini", "content": said[1], "thoughts": []},
        {"$set": {"lastUpdated": time}},
    ]


def _qwen(project, session, at, said):
    first, second = _ids(session)
    about = {
        "sessionId": session,
        "timestamp": at.isoformat(),
        "cwd": str(project),
        "version": "0.24.4",
    }
    folder = str(project).replace("/", "-")
    return f".qwen/projects/{folder}/chats/{session}.jsonl", [
        {
            "type": "user",
            "uuid": first,
            "parentUuid": None,
            **about,
            "message": {"role": "user", "parts": [{"text": said[0]}]},
        },
        {
            "type": "assistant",
            "uuid": second,
            "parentUuid": first,
            **about,
            "model": "mock",
            "message": {"role": "model", "parts": [{"text": said[1]}]},
        },
    ]


def _copilot(project, session, at, said):
    first, second = _ids(session)
    started = {"sessionId": session, "version": 1, "context": {"cwd": str(project)}}
    return f".copilot/session-state/{session}/events.jsonl", [
        {"type": "session.start", "data": started, "timestamp": at.isoformat()},
        {
            "type": "user.message",
            "data": {"content": said[0], "messageId": first},
            "timestamp": at.isoformat(),
        },
        {
            "type": "assistant.message",
            "data": {"content": said[1], "messageId": second},
            "timestamp": at.isoformat(),
        },
    ]


_CLIENTS = {
    "claude-code": _claude,
    "codex": _codex,
    "gemini-cli": _gemini,
    "qwen-code": _qwen,
    "copilot": _copilot,
}


if __name__ == "__main__":
    write_transcripts(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:4]))
