"""The configurations of `deploy/proxy`, changed to lead to several Sages, and without TLS."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from tests.architecture.sources import ROOT
from tests.support import plain_http
from tests.support.debian import debian_program
from tests.support.polling import wait_for
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PROXIES = ("nginx", "caddy", "haproxy")
# Sage without a token serves its own account.
NGINX_USER = "user root; " if os.geteuid() == 0 else ""
_ONE = "127.0.0.1:17800"
_OTHERS = ("10.0.0.1:17800", "10.0.0.2:17800")
_CADDY_SEVERAL = re.compile(r"```text\n(\t@uploads .*?)```", re.DOTALL)


@contextmanager
def proxy_of(name: str, folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Run a proxy in front of servers on loopback; yield its address.

    The test is skipped by name where Debian's package is missing.
    """
    program, port = debian_program(name), free_port()
    folder.mkdir()
    addresses = [f"127.0.0.1:{one}" for one in ports]
    command = {"nginx": _nginx, "caddy": _caddy, "haproxy": _haproxy}[name](
        program, folder, port, addresses
    )
    url = f"http://127.0.0.1:{port}"
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, "HOME": str(folder)}
        )
    try:
        wait_for(lambda: _answers(url, process, folder))
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str, process: subprocess.Popen[bytes], folder: Path) -> bool:
    assert process.poll() is None, (folder / "output").read_text()
    try:
        return plain_http.get(f"{url}/health/readiness", timeout=5).is_success
    except httpx.TransportError:
        return False


def _changed(file: str, replaced: Mapping[str, str]) -> str:
    """Return a configuration with parts replaced, each of which must be there."""
    text = (ROOT / "deploy/proxy" / file).read_text()
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def _nginx(program: str, folder: Path, port: int, addresses: Sequence[str]) -> list[str]:
    uploads = "\n    ".join(f"server {address} fail_timeout=2s;" for address in addresses)
    spare = "\n    ".join(f"server {address} max_fails=0 backup;" for address in addresses)
    site = _changed(
        "nginx.conf",
        {
            f"server {_ONE};\n    keepalive": f"{uploads}\n    {spare}\n    keepalive",
            f"server {_ONE};": uploads,
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl;\n": "",
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl;": f"listen 127.0.0.1:{port};",
            "    ssl_certificate /etc/letsencrypt/live/sage.example.org/fullchain.pem;\n": "",
            "    ssl_certificate_key /etc/letsencrypt/live/sage.example.org/privkey.pem;\n": "",
            "/var/log/nginx": str(folder),
            "rate=20r/s": "rate=10000r/s",
            "limit_conn sage_connections 32": "limit_conn sage_connections 1000",
        },
    )
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{place}_temp_path {folder}/{place};" for place in places)
    conf = folder / "nginx.conf"
    conf.write_text(
        f"{NGINX_USER}daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ {temporary} {site} }}\n"
    )
    return [program, "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]


def _caddy(program: str, folder: Path, port: int, addresses: Sequence[str]) -> list[str]:
    site = _changed(
        "Caddyfile",
        {
            "{\n\tservers": "{\n\tadmin off\n\tservers",
            "sage.example.org {\n": f"http://127.0.0.1:{port} {{\n",
            "/var/log/caddy": str(folder),
        },
    )
    head = site[: site.index("\treverse_proxy")]
    several = _CADDY_SEVERAL.search((ROOT / "docs/reverse-proxy.md").read_text())
    assert several, "the page shows no Caddy in front of several servers"
    pool = several[1].replace(" ".join(_OTHERS), " ".join(addresses))
    conf = folder / "Caddyfile"
    conf.write_text(f"{head}{pool.replace('Host sage.example.org', 'Host 127.0.0.1')}}}\n")
    return [program, "run", "--config", str(conf), "--adapter", "caddyfile"]


def _haproxy(program: str, folder: Path, port: int, addresses: Sequence[str]) -> list[str]:
    names = [*enumerate(addresses)]
    servers = "\n".join(f"    server s{n} {one}" for n, one in names)
    tracking = "\n".join(f"    server s{n} {one} track sage/s{n}" for n, one in names)
    site = _changed(
        "haproxy.cfg",
        {
            f"    server one {_ONE} track sage/one": tracking,
            f"    server one {_ONE}": servers,
            "hdr Host sage.example.org": "hdr Host 127.0.0.1",
            "    log /dev/log local0\n": "",
            "bind :80": f"bind 127.0.0.1:{free_port()}",
            "bind :443 ssl crt /etc/haproxy/sage.pem alpn h2,http/1.1": f"bind 127.0.0.1:{port}",
        },
    )
    conf = folder / "haproxy.cfg"
    conf.write_text(site)
    return [program, "-db", "-f", str(conf)]
