"""A server with spaces, tokens of all kinds to call it with, and all that can be called."""

import json
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from uuid import uuid4

import httpx
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sage.access.accounts.secrets import new_token
from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token, revoke_token
from sage.api.http.deprecated_routes import SUCCESSORS
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support.polling import wait_for
from tests.support.serving import wait_until

READER, WRITER, OWNER = SpaceRole
SERVER_TOKEN = "a-token-of-at-least-32-characters!"
SECRET = "the heron nests behind the old mill"
TURN = {
    "user_prompt": SECRET,
    "assistant_response": "Noted.",
    "session_id": "birds",
    "metadata": {"project": "/srv/birds"},
}
SEEN = {"project": "/srv/birds", "identities": ["0b" * 32]}
LINE = {"session_id": "birds", "role": "user", "content": SECRET}
HANDED = {"session_id": "cranes", "role": "user", "content": "A crane was seen."}

OPEN = {
    *("/health", "/health/liveness", "/health/readiness"),
    *("/docs", "/openapi.json", "/api/v1/proof"),
    *("/client/sage-client.pyz", "/client/sage-client.pyz.sha256"),
}
OF_THE_SERVER = {
    *("/metrics", "/api/v1/capture", "/api/v1/latency"),
    *("/api/v1/backups", "/api/v1/reembedding"),
}
OF_OWNERS = {"/health/detailed"}
BODIES = {
    "/api/v1/conversations": (WRITER, TURN),
    "/api/v1/search": (READER, {"query": "heron"}),
    "/api/v1/search/locate": (READER, {"query": "heron", "text": "heron"}),
    "/api/v1/context": (READER, {"query": "heron"}),
    "/api/v1/forget": (WRITER, {"session_id": "birds", "undo": True}),
    "/api/v1/memories/{memory_id}/correct": (WRITER, {"content": SECRET}),
    "/api/v1/hooks/recall": (READER, {"client": "c", "event": "prompt", "query": "heron"}),
    "/api/v1/hooks/capture": (WRITER, {"client": "c", "memories": [LINE]}),
    "/api/v1/hooks/forget": (WRITER, {"client": "c", "session": "birds", "undo": True}),
    "/api/v1/hooks/look-alike": (READER, SEEN),
    "/api/v1/hooks/identities": (WRITER, SEEN),
    "/api/v1/projects/move": (WRITER, {"old": "/srv/birds", "new": "/srv/herons"}),
    "/api/v1/projects/merge": (WRITER, {"old": "/mill/birds", "new": "/srv/birds"}),
    "/api/v1/hooks/merge": (WRITER, {"old": "/lake/birds", "new": "/srv/birds"}),
}
BODIES |= {former: BODIES[path] for former, path in SUCCESSORS.items()}
READ = {
    "/api/v1/stats",
    "/api/v1/activity",
    "/api/v1/given",
    "/api/v1/not-useful",
    "/api/v1/memories",
    "/api/v1/memories/{memory_id}",
    "/api/v1/sessions",
    "/api/v1/sessions/{session_id:path}",
    "/api/v1/projects",
    "/api/v1/projects/{name:path}",
    "/api/v1/tidy/{kind}",
}
IMPORTS = (
    *(("POST", "/api/v1/imports"), ("GET", "/api/v1/imports")),
    *(("GET", "/api/v1/imports/{import_id}"), ("DELETE", "/api/v1/imports/{import_id}")),
)
MARK = "/api/v1/given/{recall_id}/not-useful/{memory_id}"
MARKS = (("POST", MARK), ("DELETE", MARK))
FILES = "/api/v1/imports/files"
IMPORTS += (
    *(("POST", FILES), ("GET", FILES), ("POST", f"{FILES}/{{import_id}}/start")),
    *(("GET", f"{FILES}/{{import_id}}"), ("DELETE", f"{FILES}/{{import_id}}")),
)
NOT_ALLOWED = {("DELETE", FILES)}
"""What is there to be refused with 405, whoever asks."""
MANAGED = {
    ("GET", "/api/v1/spaces"): None,
    ("POST", "/api/v1/spaces"): {"name": "pond"},
    ("GET", "/api/v1/spaces/{name}"): None,
    ("PATCH", "/api/v1/spaces/{name}"): {"masking": "on"},
    ("DELETE", "/api/v1/spaces/{name}"): None,
    ("GET", "/api/v1/spaces/{name}/erasure"): None,
    ("GET", "/api/v1/authors/{name}/erasure"): None,
    ("DELETE", "/api/v1/authors/{name}"): None,
    ("GET", "/api/v1/receipts/{erasure_id}"): None,
    ("GET", "/api/v1/erasures/{erasure_id}"): None,
    ("GET", "/api/v1/users"): None,
    ("POST", "/api/v1/users"): {"name": "otto"},
    ("DELETE", "/api/v1/users/{name}"): None,
    ("GET", "/api/v1/tokens"): None,
    ("POST", "/api/v1/tokens"): {"opens": ["team"]},
    ("DELETE", "/api/v1/tokens/{name}"): None,
    ("POST", "/api/v1/tokens/{name}/rotate"): None,
    ("GET", "/api/v1/apps"): None,
    ("DELETE", "/api/v1/apps/{name}"): None,
    ("GET", "/api/v1/audit"): None,
}
"""What an owner of a space may ask for, or the server alone: test_managing.py."""
OF_ANYBODY = {("GET", "/api/v1/me"), ("GET", "/api/v1/clients")}
CALLS = {
    "save_conversation": (WRITER, TURN),
    "search_memory": (READER, {"query": "heron"}),
    "get_context": (READER, {"query": "heron"}),
    "get_memories": (READER, {"memory_ids": ["{memory_id}"]}),
    "get_memory_stats": (READER, {}),
    "forget_memory": (WRITER, {"session_id": "birds", "undo": True}),
    "search": (READER, {"query": "heron"}),
    "fetch": (READER, {"id": "{memory_id}"}),
}
RESOURCES = {
    "sage://memory/stats",
    "sage://memory/stats{?space}",
    "sage://memory/session/{session_id}{?limit,cursor,space}",
}
RESOURCES_OF_ONE_SPACE = {
    "sage://memory/stats",
    "sage://memory/session/{session_id}{?limit,cursor}",
}
TAKE_ALL_SPACES = {"search_memory", "get_context"}
ROUTES_OF_ALL_SPACES = {"/api/v1/search", "/api/v1/context", "/search_memory", "/get_context"}
LOCATE = "/api/v1/search/locate"
CONFIRM = "/api/v1/memories/{memory_id}/confirm"
PROMPTS = {"auto_context_injection"}
REFUSED = (None, "expired", "revoked", "unknown")


def guarded_routes():
    """Every route that reaches memories: method, path, role, body."""
    yield from (("POST", path, role, body) for path, (role, body) in BODIES.items())
    yield from (("GET", path, READER, None) for path in READ)
    yield "GET", "/api/v1/forgotten", WRITER, None
    yield from ((method, CONFIRM, WRITER, None) for method in ("POST", "DELETE"))
    yield from ((method, path, WRITER, None) for method, path in (*IMPORTS, *MARKS))


class Guarded:
    """A server with a memory in the space `team`, and tokens of all kinds."""

    def __init__(self, url, tokens, memory_id):
        self.url, self.tokens, self.memory_id = url, tokens, memory_id
        self._is_given = False

    def headers(self, who):
        return {} if who is None else {"authorization": f"Bearer {self.tokens[who]}"}

    def request(self, who, method, path, **options):
        path = path.replace("{memory_id}", self.memory_id).replace("{session_id:path}", "birds")
        path = path.replace("{name:path}", "%2Fsrv%2Fbirds").replace("{kind}", "duplicates")
        if "/given" in path or "not-useful" in path:
            self._give()
            path = path.replace("{recall_id}", "latest")
        if (method, path) == ("POST", FILES):
            return self._hand_in(who, options.get("params"), options.get("content"))
        if path.startswith(f"{FILES}/{{"):
            handed = self._hand_in(who, options.get("params"))
            path = path.replace("{import_id}", handed.json().get("import_id", str(uuid4())))
        with self._import(needed=path.startswith("/api/v1/imports") and method != "POST") as made:
            path = path.replace("{import_id}", made)
            answer = httpx.request(
                method, self.url + path, headers=self.headers(who), timeout=30, **options
            )
        if path.endswith("/start"):
            self._wait_until_read(who, answer, options.get("params"))
            undone = self.url + path.replace("/files", "").removesuffix("/start")
            httpx.delete(undone, headers=self.headers(who), timeout=30)
        return answer

    def _hand_in(self, who, params, content=None):
        """Hand in a file, and wait until it is counted."""
        named, content = {"name": "cranes.jsonl", **(params or {})}, content or json.dumps(HANDED)
        shown = {"headers": self.headers(who), "params": named, "timeout": 30}
        answer = httpx.post(self.url + FILES, content=content, **shown)
        self._wait_until_read(who, answer, params)
        return answer

    def _wait_until_read(self, who, answer, params):
        if answer.status_code != 200:
            return
        path = f"{self.url}{FILES}/{answer.json()['import_id']}"
        shown = {"headers": self.headers(who), "params": params, "timeout": 30}
        at_work = {"counting", "importing"}
        wait_for(lambda: httpx.get(path, **shown).json()["state"] not in at_work, 60)

    def _give(self):
        """Have the memory handed out as the writer, once; wait until that is recorded."""
        if self._is_given:
            return
        self._is_given = True
        self.request("writer", "POST", "/api/v1/search", json={"query": "heron"})
        recorded = partial(self.request, "writer", "GET", "/api/v1/given")
        wait_until(lambda: self.memory_id in recorded().text, "the record")

    @contextmanager
    def _import(self, *, needed):
        """Import a message as the writer; yield the id of the import, and undo it afterwards."""
        if not needed:
            yield ""
            return
        shown = {"headers": self.headers("writer"), "timeout": 30}
        said = {"session_id": "cranes", "content": "A crane was seen.", "memory_id": str(uuid4())}
        sent = json.dumps(LINE | said)
        answer = httpx.post(f"{self.url}/api/v1/imports", content=sent, **shown)
        made = answer.json()["import_id"]
        yield made
        httpx.delete(f"{self.url}/api/v1/imports/{made}", **shown)

    @asynccontextmanager
    async def client(self, who):
        """Connect by the SDK's own client."""
        async with (
            httpx2.AsyncClient(headers=self.headers(who), timeout=30) as http,
            Client(streamable_http_client(f"{self.url}/mcp", http_client=http)) as client,
        ):
            yield client

    def filled(self, arguments):
        return json.loads(json.dumps(arguments).replace("{memory_id}", self.memory_id))


async def make_tokens(dsn):
    database = await open_database(dsn)
    try:
        async with database.across_spaces() as conn:
            for space in ("team", "private"):
                await create_space(conn, space)
            tokens = {
                "reader": await create_token(conn, {"team": READER}, name="reader"),
                "writer": await create_token(conn, {"team": WRITER}, name="writer"),
                "owner": await create_token(conn, {"team": OWNER}, name="owner"),
                "foreign": await create_token(conn, {"private": OWNER}, name="foreign"),
                "several": await create_token(
                    conn, {"private": OWNER, "team": READER}, name="several"
                ),
                "expired": await create_token(conn, {"team": OWNER}, name="expired"),
                "revoked": await create_token(conn, {"team": OWNER}, name="revoked"),
                "unknown": new_token(),
                "server": SERVER_TOKEN,
            }
            await conn.execute("UPDATE sage.tokens SET expires_at = now() WHERE name = 'expired'")
            await revoke_token(conn, "revoked")
            return tokens
    finally:
        await database.close()
