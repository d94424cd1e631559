"""A SiliconFlow on loopback, with its shapes and limits, whose faults can be switched on.

By hand: `python -m tests.support.fake_siliconflow --port 17900`, then
`curl -X POST http://127.0.0.1:17900/fault/timeout` and `.../fault/none`. The key is `sk-fake`.
"""

import argparse
import asyncio
import json
import math
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from tests.support.siliconflow_models import Models, Refused, catalogue

KEY = "sk-fake"
TOO_MANY = 429
LIMITED = "Request was rejected due to rate limiting. Details: TPM limit reached."
OVERLOADED = {"code": 50505, "message": "Model service overloaded. Please try again later."}
HTML = b"<!doctype html><html><body>A portal asks you to log in</body></html>"
STATUS_FAULTS = {
    "unauthorized": (401, b"Invalid token"),
    "forbidden": (403, {"code": 30001, "message": "Sorry, your account balance is insufficient"}),
    "too_large": (413, {"code": 20042, "message": "input batch size 2 > maximum 1", "data": None}),
    "too_many": (429, {"message": LIMITED, "data": None}),
    "too_many_wait": (429, {"message": LIMITED, "data": None}),
    "error": (500, {"code": 50000, "message": "Unknown error", "data": None}),
    "overloaded": (503, OVERLOADED | {"data": None}),
    "gateway": (504, b""),
    "html": (200, HTML),
    "empty_object": (200, {}),
}
WIRE_FAULTS = ("timeout", "drip", "reset", "truncated")
VECTOR_FAULTS = {
    "fewer": lambda data: data[:-1],
    "wrong_dimension": lambda data: [entry | {"embedding": [1.0, 2.0]} for entry in data],
    "nan": lambda data: [entry | {"embedding": [float("nan")] * 1024} for entry in data],
    "zero": lambda data: [entry | {"embedding": [0.0] * 1024} for entry in data],
    "shuffled": lambda data: data[::-1],
}
FAULTS = ("none", "refuse", *WIRE_FAULTS, *STATUS_FAULTS, *VECTOR_FAULTS)


@dataclass
class Request:
    """A request as it came in."""

    at: float
    path: str
    headers: dict
    body: object


@dataclass
class FakeSiliconFlow:
    """Serves until closed. `fault` is one of FAULTS; `requests` holds what came in.

    `quota_chars` are to be embedded in a window; what does not fit is refused once with a 429, and
    the next window begins.
    """

    port: int = 0
    retry_after: str = "1"
    fault: str = "none"
    only_for: str = ""
    only_with: str = ""
    quota_chars: float = math.inf
    models: Models = field(default_factory=Models)
    requests: list = field(default_factory=list)

    def __post_init__(self):
        self._server = None
        self._traces = count(1)
        self._open = set()
        self._window_chars = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self):
        await self._listen()
        return self

    async def __aexit__(self, *_):
        await self._stop()

    async def inject(self, fault, only_for="", only_with=""):
        """Fail in one way from now on.

        Every request, or those whose path holds `only_for` and whose body `only_with`.
        """
        assert fault in FAULTS
        self.fault, self.only_for, self.only_with = fault, only_for, only_with
        if fault == "refuse":
            await self._stop()
        elif self._server is None:
            await self._listen()

    async def _listen(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self):
        if self._server is not None:
            self._server.close()
            self._server = None
        self._hang_up()

    def _hang_up(self):
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self._open.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._converse(reader, writer):
                pass
        self._open.discard(writer)
        writer.close()

    async def _converse(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        (method, path, _), *lines = (line.split(" ", 2) for line in head.strip().split("\r\n"))
        headers = {name.rstrip(":").lower(): " ".join(rest) for name, *rest in lines}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        if path.startswith("/fault/"):
            fault = path.removeprefix("/fault/")
            known = fault in FAULTS and fault != "refuse"
            self.fault = fault if known else self.fault
            return await self._send(writer, 200 if known else 404, {"fault": self.fault})
        self.requests.append(Request(time.monotonic(), path, headers, _parsed(raw)))
        meant = self.only_for in path and self.only_with.encode() in raw
        fault = self.fault if meant else "none"
        if fault in {"timeout", "reset"}:
            return await _drop(reader, writer, hang=fault == "timeout")
        status, answer = self._answer(method, path, headers, fault)
        waits = status == TOO_MANY and fault != "too_many"
        extra = {"retry-after": self.retry_after} if waits else {}
        return await self._send(writer, status, answer, extra, fault)

    def _answer(self, method, path, headers, fault):
        if fault in STATUS_FAULTS:
            return STATUS_FAULTS[fault]
        if headers.get("authorization") != f"Bearer {KEY}":
            return STATUS_FAULTS["unauthorized"]
        if (method, path) == ("GET", "/v1/models"):
            return 200, catalogue()
        if path == "/v1/embeddings" and not self._fits_the_quota(self.requests[-1].body):
            return STATUS_FAULTS["too_many_wait"]
        try:
            answer = self.models.answer(path, self.requests[-1].body)
        except Refused as refusal:
            return refusal.status, refusal.body
        if fault in VECTOR_FAULTS and "data" in answer:
            answer["data"] = VECTOR_FAULTS[fault](answer["data"])
        return 200, answer

    def _fits_the_quota(self, body):
        self._window_chars += sum(map(len, body["input"]))
        if self._window_chars <= self.quota_chars:
            return True
        self._window_chars = 0
        return False

    async def _send(self, writer, status, answer, extra=None, fault="none"):
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        kind = {b"{": "application/json", b"<": "text/html"}.get(body[:1], "text/plain")
        lines = {
            "content-type": kind,
            "content-length": str(len(body)),
            "x-siliconcloud-trace-id": f"ti_{next(self._traces):08}",
        } | (extra or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} .\r\n{head}\r\n".encode())
        if fault == "truncated":
            writer.write(body[: len(body) // 2])
            await writer.drain()
            return False
        if fault == "drip":
            for place in range(len(body)):
                writer.write(body[place : place + 1])
                await writer.drain()
                await asyncio.sleep(0.05)
        else:
            writer.write(body)
        await writer.drain()
        return True


async def _drop(reader, writer, *, hang):
    """Never answer, or break the connection off with a reset."""
    if hang:
        await reader.read()
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False


def _parsed(raw):
    try:
        return json.loads(raw)
    except ValueError:
        return None


async def _run(port):
    async with FakeSiliconFlow(port) as fake:
        names = " ".join(name for name in FAULTS if name != "refuse")
        sys.stdout.write(f"SILICONFLOW_BASE_URL={fake.url}\nSILICONFLOW_API_KEY={KEY}\n")
        sys.stdout.write(f"Faults, by POST to /fault/NAME: {names}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=17900)
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args().port))
