"""Two replicas of Sage behind a reverse proxy, restarted one after the other under load."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from tests.support import plain_http
from tests.support.faults.client import writing
from tests.support.faults.link import link_to
from tests.support.faults.proxies import NGINX_USER
from tests.support.faults.sage_process import running_sage
from tests.support.faults.verdict import Verdict, judge
from tests.support.polling import wait_for
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.support.faults.sage_process import Sage

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
_SAVES_BETWEEN = 40
_NGINX_CONF = """
{user}daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream sage {{
        server 127.0.0.1:{one} max_fails=0;
        server 127.0.0.1:{other} max_fails=0;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://sage;
            proxy_set_header Host 127.0.0.1;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class RollingRestart:
    """What the clients saw of the restarts. `proxy` says what stood before the replicas."""

    proxy: str
    restarts: int
    verdict: Verdict
    failures: tuple[str, ...]


def stop_by_sigterm(sage: Sage) -> None:
    """End a replica as an orchestrator does: it exits with 0."""
    sage.stop()


def stop_by_sigkill(sage: Sage) -> None:
    """End a replica as no orchestrator should."""
    sage.kill()


def restart_replicas(  # noqa: PLR0913 - what, where, how, how often
    dsn: str,
    directory: Path,
    environment: Mapping[str, str],
    stop: Callable[[Sage], None],
    *,
    rounds: int,
    nginx: str | None = NGINX,
    progress: Callable[[int], None] = lambda _saves: None,
) -> RollingRestart:
    """Restart two replicas in turns, `rounds` times each, while clients save through a proxy.

    That is nginx where there is one. Clients open a connection for each save and count failures.
    """
    folders = [directory / "one", directory / "other"]
    for folder in folders:
        folder.mkdir(parents=True)
    with (
        running_sage(folders[0], **environment, DATABASE_URL=dsn) as one,
        running_sage(folders[1], **environment, DATABASE_URL=dsn) as other,
        _proxy(directory, one.port, other.port, nginx) as url,
        writing(url, directory, "--close") as writer,
    ):
        for sage in (one, other) * rounds:
            before = writer.count()
            writer.wait_for_more(_SAVES_BETWEEN)
            stop(sage)
            sage.start()
            progress(writer.count() - before)
        writer.wait_for_more(_SAVES_BETWEEN)
        acknowledged = writer.end()
        failures = tuple(writer.failures())
    return RollingRestart(
        "nginx" if nginx else "a proxy that tries the other replica when one refuses",
        2 * rounds,
        judge(acknowledged, dsn),
        failures,
    )


@contextmanager
def _proxy(directory: Path, one: int, other: int, nginx: str | None) -> Iterator[str]:
    if nginx is None:
        with link_to(one, other) as link:
            yield f"http://127.0.0.1:{link.port}"
        return
    folder = directory / "nginx"
    folder.mkdir()
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(
        _NGINX_CONF.format(user=NGINX_USER, folder=folder, one=one, other=other, port=port)
    )
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([nginx, "-p", folder, "-c", conf], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _answers(url))
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return plain_http.get(f"{url}/health/readiness", timeout=5).is_success
    except httpx.TransportError:
        return False
