"""A model on loopback that speaks as four providers do, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = "Understood, every word."
_TOOL = "look_at_file"
"""A tool that no client has: it says so, asks nobody, and goes on."""

_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


@dataclass
class Model:
    """Where it listens, and the bodies of the requests it was sent.

    Before it answers it takes `steps`: says something, and calls a tool; where there is a
    `command`, the tool that runs it.
    """

    url: str
    steps: int = 0
    command: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> str:
        """Return all that was sent since this was called last."""
        asked, self.asked[:] = [*self.asked], []
        return json.dumps(asked, ensure_ascii=False)


def remark(step: int) -> str:
    """Return what the model says before a call of a tool."""
    return f"Step {step}: now I will look at file {step}."


@dataclass(frozen=True)
class _Steps:
    """How many steps a model takes, and the command that it runs in each, if any."""

    number: int = 0
    command: str = ""


_NO_STEPS = _Steps()
_Call = tuple[str, dict[str, Any]]


def _said(body: dict[str, Any], steps: _Steps, shell: tuple[str, str]) -> tuple[str, _Call | None]:
    """Return the next text, and the call of a tool that follows, if one does.

    `shell` is the tool that runs commands, and its argument.
    """
    turns = json.dumps(body.get("messages") or body.get("input") or body.get("contents") or [])
    marks = ('"type": "tool_result"', '"function_call_output"', '"role": "tool"')
    done = sum(map(turns.count, (*marks, '"functionResponse"')))
    if not body.get("tools") or done >= steps.number:
        return ANSWER, None
    tool, argument = shell
    if steps.command:
        return remark(done + 1), (tool, {argument: steps.command})
    return remark(done + 1), (_TOOL, {"path": f"file-{done + 1}"})


def _anthropic(body: dict[str, Any], steps: _Steps = _NO_STEPS) -> list[dict[str, Any]]:
    said, call = _said(body, steps, ("Bash", "command"))
    name, arguments = call or ("", {})
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {
        "id": f"msg_{uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
    }
    message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    text = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": said}
    end = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    tool = {"type": "tool_use", "id": f"toolu_{uuid4().hex[:20]}", "name": name, "input": {}}
    given = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
    called = [
        {"type": "content_block_start", "index": 1, "content_block": tool},
        {"type": "content_block_delta", "index": 1, "delta": given},
        {"type": "content_block_stop", "index": 1},
    ]
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": text},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        *(called if call else ()),
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]


def _responses(body: dict[str, Any], steps: _Steps = _NO_STEPS) -> list[dict[str, Any]]:
    said, call = _said(body, steps, ("exec_command", "cmd"))
    name, arguments = call or ("", {})
    content = [{"type": "output_text", "text": said, "annotations": []}]
    item = {
        "type": "message",
        "id": f"msg_{uuid4().hex}",
        "role": "assistant",
        "status": "completed",
    }
    item |= {"content": content}
    called = {"type": "function_call", "id": f"fc_{uuid4().hex}", "call_id": f"call_{uuid4().hex}"}
    called |= {"name": name, "arguments": json.dumps(arguments), "status": "completed"}
    output = [item, called] if call else [item]
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    response = {"id": f"resp_{uuid4().hex}", "object": "response", "created_at": 1}
    response |= {"status": "completed", "model": body.get("model"), "output": output}
    response |= {"usage": usage}
    return [
        {"type": "response.created", "response": {**response, "output": []}},
        *(
            {"type": "response.output_item.done", "output_index": place, "item": one}
            for place, one in enumerate(output)
        ),
        {"type": "response.completed", "response": response},
    ]


def _chat(body: dict[str, Any], steps: _Steps = _NO_STEPS) -> list[dict[str, Any]]:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body.get("model")}
    said, call = _said(body, steps, ("run_shell_command", "command"))
    name, arguments = call or ("", {})
    delta: dict[str, Any] = {"role": "assistant", "content": said}
    if call:
        function = {"name": name, "arguments": json.dumps(arguments)}
        called = {"index": 0, "id": f"call_{uuid4().hex[:8]}", "type": "function"}
        delta["tool_calls"] = [called | {"function": function}]
    reason = "tool_calls" if call else "stop"
    return [
        {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
        {**chunk, "choices": [], "usage": _USAGE},
    ]


def _gemini(body: dict[str, Any], steps: _Steps = _NO_STEPS) -> dict[str, Any]:
    text, call = _said(body, steps, ("run_shell_command", "command"))
    if (body.get("generationConfig") or {}).get("responseMimeType") == "application/json":
        chosen = {"reasoning": "", "model_choice": "flash", "complexity_score": 1}
        text = json.dumps({**chosen, "complexity_reasoning": "", "next_speaker": "user"})
    called = []
    if call:  # a client puts a signature of its own in place of one that is missing, for a turn
        function = {"name": call[0], "args": call[1]}
        called = [{"functionCall": function, "thoughtSignature": "c2lnbmVk"}]
    content = {"role": "model", "parts": [{"text": text}, *called]}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: Model

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_HEAD(self) -> None:
        self._send({})

    def do_GET(self) -> None:
        one = {"id": "mock", "object": "model", "created": 1, "owned_by": "nobody"}
        self._send({"object": "list", "data": [one], "models": []})

    def do_POST(self) -> None:
        body = json.loads(self._read() or b"{}")
        path = self.path.split("?")[0]
        self.model.asked.append(body)
        steps = _Steps(self.model.steps, self.model.command)
        if path.endswith("/responses"):
            self._stream(_responses(body, steps))
        elif path.endswith("/messages") and body.get("stream"):
            self._stream(_anthropic(body, steps))
        elif path.endswith("/messages"):
            message = _anthropic(body)[0]["message"]
            content = [{"type": "text", "text": ANSWER}]
            self._send({**message, "content": content, "stop_reason": "end_turn"})
        elif path.endswith("/chat/completions") and body.get("stream"):
            self._stream([*_chat(body, steps), "[DONE]"])
        elif path.endswith("/chat/completions"):
            choice = {"index": 0, "finish_reason": "stop"}
            choice |= {"message": {"role": "assistant", "content": ANSWER}}
            self._send({**_chat(body)[0], "choices": [choice], "usage": _USAGE})
        elif path.endswith(":streamGenerateContent"):
            self._stream([_gemini(body, steps)])
        elif path.endswith(":generateContent"):
            self._send(_gemini(body))
        else:
            self._send({"input_tokens": 1, "totalTokens": 1})

    def _read(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        raw = b""
        while size := int(self.rfile.readline(), 16):
            raw += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return raw

    def _send(self, answer: dict[str, Any]) -> None:
        raw = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, events: list[Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            data = event if isinstance(event, str) else json.dumps(event)
            self.wfile.write(f"{name}data: {data}\n\n".encode())
        self.close_connection = True


@contextmanager
def served_model() -> Iterator[Model]:
    """Serve the model while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.RequestHandlerClass = type(
        "Handler", (_Handler,), {"model": Model(f"http://127.0.0.1:{server.server_address[1]}")}
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.RequestHandlerClass.model
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
