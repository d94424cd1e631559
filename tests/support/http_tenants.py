"""Members of several spaces who call a running Sage, and a model of what each may see."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, ExitStack
from itertools import count
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx

from sage.access.accounts.secrets import new_token
from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token, revoke_token, rotate_token
from sage.config.settings import RateLimitSettings
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support.guarded import SERVER_TOKEN
from tests.support.serving import serving, settings_for
from tests.support.tenants import delete_all

READER, WRITER, OWNER = SpaceRole
SUFFICES = {READER: {READER}, WRITER: {READER, WRITER}, OWNER: {READER, WRITER, OWNER}}
SPACES = ("default", "anna", "team")
MEMBERS = {
    "server": {"default": OWNER},
    "anna": {"anna": OWNER},
    "both": {"anna": WRITER, "team": READER},
    "writer": {"team": WRITER},
    "reader": {"team": READER},
    "expired": None,
    "revoked": None,
    "rotated": None,
    "unknown": None,
}
REST = {
    "save_conversation": "conversations",
    "search_memory": "search",
    "get_context": "context",
    "forget_memory": "forget",
}
OUTCOMES = {
    200: "ok",
    401: "token",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    422: "invalid",
}


class World:
    """A server, its spaces and tokens, and what every space is known to hold."""

    def __init__(self, dsn, folder):
        self.dsn, self.folder = dsn, folder
        self.operations, self.numbers = 0, count()
        self.live = {space: {} for space in SPACES}
        self.forgotten = {space: {} for space in SPACES}
        self.said, self.cursors, self.imports = {}, [], []
        self._runner, self._opened, self._open = asyncio.Runner(), ExitStack(), AsyncExitStack()

    def __enter__(self):
        self.tokens = self.do(self._start())
        never_too_many = RateLimitSettings(failures=0)
        settings = settings_for(self.dsn, self.folder, token=SERVER_TOKEN)
        settings = settings.model_copy(update={"rate_limit": never_too_many})
        url = self._opened.enter_context(serving(settings))
        self.http = self._opened.enter_context(httpx.Client(base_url=url, timeout=30))
        return self

    def __exit__(self, *_):
        self._opened.close()
        self.do(self._open.aclose())
        self._runner.close()

    def do(self, work):
        return self._runner.run(work)

    async def _start(self):
        self.database = await open_database(self.dsn, max_size=2)
        self._open.push_async_callback(self.database.close)
        async with self.database.across_spaces() as conn:
            for space in SPACES[1:]:
                await create_space(conn, space)
            tokens = {"server": SERVER_TOKEN, "unknown": new_token()}
            for name, roles in MEMBERS.items():
                if name not in tokens:
                    opens = roles or dict.fromkeys(SPACES, OWNER)
                    tokens[name] = await create_token(conn, opens, name=name)
            await conn.execute("UPDATE sage.tokens SET expires_at = now() WHERE name = 'expired'")
            await revoke_token(conn, "revoked")
            await rotate_token(conn, "rotated")
        return tokens

    async def _renew(self, name, rotates):
        async with self.database.across_spaces() as conn:
            if rotates:
                return await rotate_token(conn, name)
            await revoke_token(conn, name)
            return await create_token(conn, MEMBERS[name], name=name)

    def renew(self, name, *, rotates):
        """Replace the token of somebody, and return the one that opens nothing any more."""
        former, self.tokens[name] = self.tokens[name], self.do(self._renew(name, rotates))
        return former

    def empty(self):
        """Leave nothing, so that steps that failed fail again."""
        self.do(delete_all(self.database))
        for held in (*self.live.values(), *self.forgotten.values(), self.said):
            held.clear()
        self.cursors.clear()
        self.imports.clear()

    def raw(self, sql, *values, space):
        """Run a statement as the application does in a space."""

        async def asked():
            async with self.database.in_space(space) as conn:
                return await conn.fetch(sql, *values)

        return self.do(asked())

    def entered(self, who, space, needed, *, takes_all=False):
        """Return the spaces that a call is let into, or the outcome that it must have."""
        grants = MEMBERS[who]
        if grants is None:
            return "token"
        if takes_all and space == "*":
            return [*grants]
        space = space or next(iter(grants))
        if space not in grants:
            return "not-found"
        return [space] if needed in SUFFICES[grants[space]] else "forbidden"

    def ids(self, numbers):
        """Choose ids of any space, or of none."""
        known = [one for space in SPACES for one in self.held(space)]
        return [*{known[n % len(known)] if known and n % 9 else uuid4() for n in numbers}]

    def held(self, space):
        """Return the ids that a space holds, forgotten ones among them."""
        return (*self.live[space], *self.forgotten[space])

    def keep(self, space, memory_id, session, text):
        self.live[space][memory_id] = session
        self.said[space, memory_id] = text

    def holds(self, entered, words):
        """Return whether any of the words must be found: by meaning, others may be, too."""
        said = [self.said[space, one] for space in entered for one in self.live[space]]
        return any({*words} & {*text.split()} for text in said)

    def ask(self, token, method, path, **options):
        """Call a route; give the outcome and the answer."""
        self.operations += 1
        shown = {"authorization": f"Bearer {token}"}
        answer = self.http.request(method, path, headers=shown, **options)
        return OUTCOMES.get(answer.status_code, "failed"), answer.json()

    def get(self, who, path, space, **query):
        query = {name: value for name, value in query.items() if value is not None}
        query |= {} if space is None else {"space": space}
        return self.ask(self.tokens[who], "GET", f"/api/v1/{path}", params=query)

    def post(self, who, path, body):
        return self.ask(self.tokens[who], "POST", f"/api/v1/{path}", json=body)

    def import_line(self, who, line, space):
        query = {} if space is None else {"space": space}
        body = {"params": query, "content": json.dumps(line)}
        return self.ask(self.tokens[who], "POST", "/api/v1/imports", **body)

    def undo(self, who, import_id, space):
        query = {} if space is None else {"space": space}
        path = f"/api/v1/imports/{import_id}"
        return self.ask(self.tokens[who], "DELETE", path, params=query)

    def read_session(self, who, session, space, *, by_mcp):
        """Read a session by its route or as a resource."""
        if not by_mcp:
            return self.get(who, f"sessions/{session}", space)
        query = "" if space is None else f"?space={quote(space)}"
        told = self.rpc(who, "resources/read", {"uri": f"sage://memory/session/{session}{query}"})
        if told[0] != "ok":
            return told
        return "ok", json.loads(told[1]["contents"][0]["text"])

    def call(self, who, tool, arguments, space, *, by_mcp):
        """Call a tool or its route."""
        arguments |= {} if space is None else {"space": space}
        if not by_mcp:
            return self.ask(self.tokens[who], "POST", f"/api/v1/{REST[tool]}", json=arguments)
        return self.rpc(who, "tools/call", {"name": tool, "arguments": arguments})

    def rpc(self, who, method, params):
        """Send a message of MCP; give the outcome and the answer."""
        self.operations += 1
        answer = self.http.post(
            "/mcp",
            headers={
                "authorization": f"Bearer {self.tokens[who]}",
                "accept": "application/json, text/event-stream",
                "mcp-protocol-version": "2025-11-25",
            },
            json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
        )
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return "token", {}
        said = answer.json()
        result = said.get("result", {})
        if "error" in said or result.get("isError"):
            return _outcome_of(json.dumps(said)), said
        return "ok", result.get("structuredContent", result)


def _outcome_of(text):
    """Return what an error of a tool, a resource or a prompt says."""
    signs = {
        "replaces: ": "invalid",
        "no access to a space": "not-found",
        "not give access to a space": "not-found",
        "does not exist": "not-found",
        "there is no": "not-found",
        "this requires the role": "forbidden",
        "idempotency_key": "conflict",
    }
    return next((outcome for sign, outcome in signs.items() if sign in text), "invalid")


def ids_of(entries):
    return {UUID(one["memory_id"]) for one in entries}
