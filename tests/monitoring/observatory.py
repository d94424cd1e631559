"""A Prometheus and an Alertmanager that watch one Sage, as configured but in fast motion."""

import json
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import yaml

from tests.monitoring.conftest import MONITORING, read_yaml
from tests.support import plain_http
from tests.support.ports import free_port
from tests.support.serving import wait_until

START_S = 60


class Webhook:
    """Keeps what Alertmanager sends."""

    def __init__(self):
        self.alerts = []

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N805 - self is the webhook
                body = handler.rfile.read(int(handler.headers["content-length"]))
                self.alerts += json.loads(body)["alerts"]
                handler.send_response(200)
                handler.end_headers()

            def log_message(self, *_):
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def got(self, name, status):
        """Return the alerts of a name and a status that came."""
        return [
            one
            for one in self.alerts
            if (one["labels"]["alertname"], one["status"]) == (name, status)
        ]


class Observatory:
    """What Prometheus knows, and what Alertmanager sent."""

    def __init__(self, url, webhook):
        self._url = url
        self.webhook = webhook

    def query(self, expression):
        """Give the result of an expression, now."""
        answer = plain_http.get(f"{self._url}/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", (expression, answer)
        return answer["data"]["result"]


@contextmanager
def observatory(folder, metrics_port):
    """Watch the Sage whose metrics are on a port, until the block ends."""
    alertmanager, prometheus = free_port(), free_port()
    with ExitStack() as stack:
        webhook = stack.enter_context(Webhook())
        _write(folder / "alertmanager.yml", _alertmanager_settings(webhook.url))
        _write(folder / "prometheus.yml", _prometheus_settings(alertmanager, metrics_port))
        (folder / "rules").mkdir()
        for file in (MONITORING / "rules").iterdir():
            _write(folder / "rules" / file.name, _hasty_rules(read_yaml(file)))
        stack.enter_context(
            _running(
                folder,
                "prometheus-alertmanager",
                f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}/alertmanager",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                "--cluster.listen-address=",
                port=alertmanager,
            )
        )
        stack.enter_context(
            _running(
                folder,
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/prometheus",
                f"--web.listen-address=127.0.0.1:{prometheus}",
                "--rules.alert.resend-delay=1s",
                port=prometheus,
            )
        )
        yield Observatory(f"http://127.0.0.1:{prometheus}", webhook)


def _prometheus_settings(alertmanager, metrics_port):
    settings = read_yaml(MONITORING / "prometheus.yml")
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    settings["alerting"]["alertmanagers"][0]["static_configs"] = [
        {"targets": [f"127.0.0.1:{alertmanager}"]}
    ]
    (sage,) = [job for job in settings["scrape_configs"] if job["job_name"] == "sage"]
    sage["static_configs"] = [{"targets": [f"127.0.0.1:{metrics_port}"]}]
    return settings | {"scrape_configs": [sage]}


def _alertmanager_settings(url):
    settings = read_yaml(MONITORING / "alertmanager.yml")
    for route in (settings["route"], *settings["route"]["routes"]):
        route |= {"group_wait": "1s", "group_interval": "1s"}
    for receiver in settings["receivers"]:
        receiver["webhook_configs"][0]["url"] = url
    return settings


def _hasty_rules(rules):
    for group in rules["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = "2s"
    return rules


def _write(path, document):
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


@contextmanager
def _running(folder, program, *options, port):
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen([program, *options], cwd=folder, stdout=log, stderr=log)
    try:
        wait_until(lambda: _is_ready(process, port), f"the start of {program}", START_S)
        yield
    finally:
        process.terminate()
        process.wait(START_S)


def _is_ready(process, port):
    assert process.poll() is None
    try:
        return plain_http.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).is_success
    except httpx.TransportError:
        time.sleep(0.05)
        return False
