"""Sage behind each reverse proxy of `deploy/proxy`, reached by TLS under a name of its own."""

import os
import shutil
import ssl
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.architecture.sources import ROOT
from tests.support.debian import debian_program
from tests.support.live import new_database
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import DEADLINE_S, wait_until

NAME = "sage.example.org"
TOKEN = "a-token-of-at-least-32-characters!"
PROXIES = ("nginx", "caddy")


@dataclass(frozen=True)
class Proxied:
    """A proxy with Sage behind it."""

    name: str
    port: int
    plain_port: int
    folder: Path
    sage_log: Path

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def log(self):
        return (self.folder / "sage.log").read_text()

    def trust(self):
        return ssl.create_default_context(cafile=self.folder / "certificate.pem")

    def client(self, **headers):
        """Open a client that reaches the proxy under Sage's name."""
        return httpx.Client(
            base_url=self.url,
            verify=self.trust(),
            headers={"host": NAME, "authorization": f"Bearer {TOKEN}", **headers},
            event_hooks={"request": [under_its_name]},
            timeout=DEADLINE_S,
        )


def under_its_name(request):
    request.extensions["sni_hostname"] = NAME


@pytest.fixture(scope="session")
def guarded_sage(postgres_server, migrated_template, tmp_path_factory):
    """Run Sage as for a team: a token, a public address, the rules of production."""
    folder, port = tmp_path_factory.mktemp("sage"), free_port()
    public = {"SAGE_TOKEN": TOKEN, "SAGE_PUBLIC_URL": f"https://{NAME}", "SAGE_ENV": "prod"}
    with (
        new_database(postgres_server, migrated_template) as dsn,
        sage(folder, port=port, DATABASE_URL=dsn, SAGE_LOG_FORMAT="json", **public),
    ):
        wait_until(lambda: answers(port), "readiness")
        yield port, folder / "log"


@pytest.fixture(scope="session")
def behind(guarded_sage):
    """Run a proxy in front of it, with a few values of its configuration replaced."""

    @contextmanager
    def run(name, **replaced):
        program, openssl = debian_program(name), debian_program("openssl")
        port, log = guarded_sage
        folder = Path(tempfile.mkdtemp(prefix="sage-proxy-"))
        folder.chmod(0o755)
        proxied = Proxied(name, free_port(), free_port(), folder, log)
        _make_certificate(openssl, folder)
        command = {"nginx": _nginx, "caddy": _caddy}[name](proxied, program, port, replaced)
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env={**os.environ, "HOME": str(folder)}
            )
        try:
            wait_until(lambda: _answers(proxied, process), f"the start of {name}")
            yield proxied
        finally:
            process.terminate()
            process.wait(DEADLINE_S)
            shutil.rmtree(folder)

    return run


@pytest.fixture(scope="session", params=PROXIES)
def proxied(request, behind):
    with behind(request.param) as one:
        yield one


def _answers(proxied, process):
    assert process.poll() is None, (proxied.folder / "output").read_text()
    try:
        with proxied.client() as client:
            return client.get("/health/liveness").is_success
    except httpx.TransportError:
        return False


def _make_certificate(openssl, folder):
    files = ("-keyout", folder / "key.pem", "-out", folder / "certificate.pem")
    options = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME}".split()
    names = ("-addext", f"subjectAltName=DNS:{NAME}")
    subprocess.run([openssl, *options, *names, *files], check=True, capture_output=True)


def _changed(file, replaced):
    """Give a configuration with values replaced, each of which must be there."""
    text = (ROOT / "deploy/proxy" / file).read_text()
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, str(new))
    return text


def _nginx(proxied, program, port, replaced):
    folder = proxied.folder
    live = f"/etc/letsencrypt/live/{NAME}"
    site = {
        "127.0.0.1:17800": f"127.0.0.1:{port}",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl;\n": "",
        "listen 80;": f"listen 127.0.0.1:{proxied.plain_port};",
        "listen 443 ssl;": f"listen 127.0.0.1:{proxied.port} ssl;",
        f"{live}/fullchain.pem": folder / "certificate.pem",
        f"{live}/privkey.pem": folder / "key.pem",
        "/var/log/nginx": folder,
    }
    (folder / "site.conf").write_text(_changed("nginx.conf", site | replaced))
    places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    temporary = "".join(f"{place}_temp_path {folder}/{place};" for place in places)
    (folder / "main.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ {temporary} include {folder}/site.conf; }}\n"
    )
    return [program, "-p", folder, "-c", folder / "main.conf", "-e", folder / "error.log"]


def _caddy(proxied, program, port, replaced):
    folder = proxied.folder
    site = {
        "127.0.0.1:17800": f"127.0.0.1:{port}",
        "{\n\tservers": f"{{\n\tadmin off\n\thttp_port {proxied.plain_port}\n"
        f"\thttps_port {proxied.port}\n\tservers",
        f"{NAME} {{\n": f"{NAME} {{\n\ttls {folder}/certificate.pem {folder}/key.pem\n",
        "/var/log/caddy": folder,
    }
    (folder / "Caddyfile").write_text(_changed("Caddyfile", site | replaced))
    return [program, "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"]
