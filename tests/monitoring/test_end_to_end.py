"""A real Prometheus and a real Alertmanager watch a real Sage that works, dies and comes back."""

import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest

from tests.architecture.sources import ROOT
from tests.monitoring.conftest import MONITORING, read_yaml, require_prometheus
from tests.monitoring.observatory import observatory
from tests.monitoring.test_dashboards import FILES, expressions_of
from tests.support.fake_siliconflow import KEY
from tests.support.live import new_database
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.scraping import scrape
from tests.support.serving import wait_until

LONG_S = 120
OF_A_REPLICA = {"sage_replica_up", "sage_replica_lag_seconds"}  # with DATABASE_READ_URL only
OF_CITUS = {"sage_cluster_node_refused"}  # while a server of a cluster does not answer

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def provider():
    """Run a SiliconFlow on loopback; give its URL."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.fake_siliconflow", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_until(lambda: reached(f"http://127.0.0.1:{port}/v1/models"), "the provider")
    yield f"http://127.0.0.1:{port}/v1"
    process.terminate()
    process.wait()


def reached(url):
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True


@pytest.fixture(scope="module")
def place(postgres_server, migrated_template, provider):
    """Give what a Sage needs: ports, and the environment for its database and its models."""
    with new_database(postgres_server, migrated_template) as dsn:
        yield {
            "port": free_port(),
            "SAGE_METRICS_PORT": str(free_port()),
            "DATABASE_URL": dsn,
            "SILICONFLOW_BASE_URL": provider,
            "SILICONFLOW_API_KEY": KEY,
        }


@pytest.fixture
def watching(place, tmp_path):
    """Give a function that has the Sage of this test watched from now on."""
    require_prometheus()
    with ExitStack() as stack:
        folder = tmp_path / "observatory"
        folder.mkdir()
        port = place["SAGE_METRICS_PORT"]
        yield lambda: stack.enter_context(observatory(folder, port))


def work(port):
    """Use every part of Sage once or more: all tools, over REST and MCP, right and wrong."""
    url = f"http://127.0.0.1:{port}"
    accept = {"accept": "application/json, text/event-stream"}
    with httpx.Client(base_url=url, timeout=60) as client:
        for number in range(3):
            body = {
                "user_prompt": f"Egg {number}?",
                "assistant_response": "In the nest.",
                "session_id": "a",
            }
            client.post("/api/v1/conversations", json=body).raise_for_status()
        client.post("/api/v1/search", json={"query": "nest of eggs"}).raise_for_status()
        context = {"query": "eggs", "enable_llm_summary": True}
        client.post("/api/v1/context", json=context).raise_for_status()
        call = {"name": "search_memory", "arguments": {"query": "nest of eggs"}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        client.post("/mcp", json=message, headers=accept).raise_for_status()
        client.get("/api/v1/memories/none")


def settled(port):
    """Work until every memory has its vector; give the last scrape."""
    work(port)
    wait_until(
        lambda: scrape(f"http://127.0.0.1:{port}").value("sage_queue_pending") == 0, "vectors"
    )
    work(port)
    return scrape(f"http://127.0.0.1:{port}")


def test_every_metric_that_is_named_exists_and_every_panel_has_an_answer(
    place, watching, tmp_path, check
):
    port = place["port"]
    with sage(tmp_path, **place):
        wait_until(lambda: answers(port), "readiness", LONG_S)
        watched = watching()
        told = settled(port)
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
        assert check("promtool", "check", "metrics", stdin=text) == (0, "")

        rules = [
            rule
            for file in (MONITORING / "rules").iterdir()
            for group in read_yaml(file)["groups"]
            for rule in group["rules"]
        ]
        panels = {file.stem: expressions_of(file) for file in FILES}
        expressions = [rule["expr"] for rule in rules] + [e for one in panels.values() for e in one]
        recorded = {rule["record"] for rule in rules if "record" in rule}
        named = {name for one in expressions for name in names_in(one)}
        assert {"sage_queue_pending", "sage_circuit_breaker_open", "up"} <= named
        assert named - recorded - told.names - {"up"} - OF_A_REPLICA - OF_CITUS == set()

        unanswered = {
            expression
            for some in panels.values()
            for expression in some
            if not set(names_in(expression)) & OF_A_REPLICA
        }

        def ask_again():
            work(port)  # a rate needs a difference
            unanswered.difference_update({one for one in unanswered if watched.query(one)})
            return not unanswered

        try:
            wait_until(ask_again, "answers to all panels", LONG_S)
        except AssertionError:
            assert unanswered == set()


def names_in(expression):
    """Give the metrics an expression names: words that are neither labels, functions nor values."""
    bare = re.sub(
        r'"[^"]*"|\{[^}]*\}|\b(by|ignoring|on|without)\s*\([^)]*\)|\[[^\]]*\]', " ", expression
    )
    return set(re.findall(r"(?<![\w:])(?:up|(?:sage|process|mcp_server)[\w:]+)\b", bare))


def test_the_names_in_an_expression_are_found():
    text = (
        'histogram_quantile(0.5, sum by (le, tool) (rate(sage_a_bucket{sage_label=~"sage_x"}[5m])))'
    )
    assert names_in(text + " / sage:b:ratio and up == 1") == {"sage_a_bucket", "sage:b:ratio", "up"}


def test_an_alert_tells_that_sage_was_killed_and_that_it_is_back(place, watching, tmp_path):
    port = place["port"]
    with sage(tmp_path, **place) as process:
        wait_until(lambda: answers(port), "readiness", LONG_S)
        watched = watching()
        wait_until(lambda: up(watched) == ["1"], "the first scrape", LONG_S)
        killed_at = datetime.now(UTC)  # before the first scrape there may have been an alert, too
        process.kill()
        process.wait()
        wait_until(lambda: told_since(watched, killed_at, "firing"), "the alert", LONG_S)
    (alert, *_) = told_since(watched, killed_at, "firing")
    assert alert["labels"]["severity"] == "critical"
    assert alert["annotations"]["runbook_url"] == "docs/runbooks.md#sagedown"
    with sage(tmp_path, **place):
        wait_until(lambda: told_since(watched, killed_at, "resolved"), "the all-clear", LONG_S)
        wait_until(lambda: up(watched) == ["1"], "a scrape", LONG_S)


def told_since(watched, moment, status):
    """Return what Alertmanager sent of the alert for a Sage that is down, if it began later."""
    alerts = watched.webhook.got("SageDown", status)
    return [one for one in alerts if datetime.fromisoformat(one["startsAt"]) > moment]


def up(watched):
    return [one["value"][1] for one in watched.query('up{job="sage"}')]
