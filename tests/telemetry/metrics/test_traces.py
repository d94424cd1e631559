"""Traces that reach a collector: a span for each tool and stage, and no word of a user."""

import json
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import wait_until

START_S = 150
STAGES = {"search parse", "search words", "search embed", "search rank", "search read"}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
QUESTION = "Where do herons nest?"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def collector():
    """Collect spans on loopback; give them with the URL to send them to."""

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.bodies.append(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    self.server.spans += scope.spans
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.spans, server.bodies = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def search_over_mcp(url):
    params = {
        "name": "search_memory",
        "arguments": {"query": QUESTION},
        "_meta": {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"},
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    return httpx.post(f"{url}/mcp", content=json.dumps(message), headers=headers, timeout=60)


def test_a_search_is_traced_from_the_client_to_its_stages(postgres_dsn, tmp_path, collector):
    port = free_port()
    env = {"DATABASE_URL": postgres_dsn, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url}
    with sage(tmp_path, port=port, **env) as process:
        wait_until(lambda: answers(port), "readiness", START_S)
        url = f"http://127.0.0.1:{port}"
        body = {"user_prompt": QUESTION, "assistant_response": "By the mill."}
        httpx.post(f"{url}/api/v1/conversations", json=body, timeout=60).raise_for_status()
        search_over_mcp(url).raise_for_status()
        httpx.get(f"{url}/api/v1/memories/{'0' * 8}-0000-7000-8000-{'0' * 12}", timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0  # what is left is sent before the end

    names = {span.name for span in collector.spans}
    assert names >= {"tool save_conversation", "save lexemes", "save store", *STAGES}
    (tool,) = [span for span in collector.spans if span.name == "tool search_memory"]
    assert tool.trace_id.hex() == TRACE_ID
    stages = [span for span in collector.spans if span.name in STAGES]
    assert {span.trace_id for span in stages} == {tool.trace_id}
    assert {span.parent_span_id for span in stages} == {tool.span_id}
    for word in (b"herons", b"mill"):
        assert not any(word in body for body in collector.bodies)


def test_an_error_is_traced_by_its_class(postgres_dsn, tmp_path, collector):
    port = free_port()
    env = {"DATABASE_URL": postgres_dsn, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url}
    with sage(tmp_path, port=port, **env):
        wait_until(lambda: answers(port), "readiness", START_S)
        url = f"http://127.0.0.1:{port}/api/v1/conversations"
        for answer in ("By the mill.", "In the barn."):
            body = {"user_prompt": QUESTION, "assistant_response": answer, "idempotency_key": "a"}
            httpx.post(url, json=body, timeout=60)
    spans = [span for span in collector.spans if span.name == "tool save_conversation"]
    told = [{a.key: a.value.string_value for a in span.attributes} for span in spans]
    assert {"error.type": "ConflictError"} in told
    assert {} in told


def test_a_collector_that_is_away_holds_nothing_up(postgres_dsn, tmp_path):
    port = free_port()
    env = {
        "DATABASE_URL": postgres_dsn,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://127.0.0.1:{free_port()}/v1/traces",
    }
    with sage(tmp_path, port=port, **env) as process:
        wait_until(lambda: answers(port), "readiness", START_S)
        assert search_over_mcp(f"http://127.0.0.1:{port}").is_success
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
