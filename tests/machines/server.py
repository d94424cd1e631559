"""The Sage of the user: in Docker, behind Caddy with TLS of a local authority, below a path."""

import os
import subprocess
from collections import Counter

from tests.machines.network import NAME
from tests.support.debian import debian_program
from tests.support.docker import Project
from tests.support.serving import wait_until

PATH = "/memory"
URL = f"https://{NAME}{PATH}"
USER = "anna"
_CADDYFILE = """\
{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	storage file_system {folder}
}}
https://{name} {{
	bind {address}
	tls internal
	handle_path {path}/* {{
		reverse_proxy 127.0.0.1:{port}
	}}
}}
"""


class Server:
    """A compose project with one Sage, of one image after the other, on one database."""

    def __init__(self, folder):
        self._project = Project(
            folder / "clone",
            SAGE_PUBLIC_URL=URL,
            SAGE_TRUSTED_PROXIES="172.16.0.0/12",
        )
        self._folder, self._image, self._proxy = folder, "", None
        self.authority = folder / "pki/authorities/local/root.crt"

    def serve(self, image):
        """Serve an image; where another one served, this is the upgrade."""
        if image != self._image:
            self._project.env["SAGE_IMAGE"] = image
            self._project.up()
            if not self._image:
                self.sage("user", "add", USER)
            self._image = image

    def listen(self, address):
        """Start the proxy at an address of this machine."""
        (self._folder / "Caddyfile").write_text(
            _CADDYFILE.format(
                folder=self._folder, name=NAME, address=address, path=PATH, port=self._project.port
            )
        )
        with (self._folder / "caddy").open("wb") as output:
            self._proxy = subprocess.Popen(
                [debian_program("caddy"), "run", "--config", self._folder / "Caddyfile"],
                stdout=output,
                stderr=output,
                env={**os.environ, "HOME": str(self._folder)},
            )
        wait_until(self.authority.exists, "the start of Caddy")

    @property
    def plain_url(self):
        """The address on this machine, without TLS."""
        return self._project.url

    def save(self, *said):
        """Save what a user and an assistant said."""
        self.sage("save", *said)

    def stop(self):
        self._project.compose("stop", "sage-mcp")

    def start(self):
        self._project.up()

    def freeze(self):
        """Have it take requests, and answer none."""
        self._project.compose("pause", "sage-mcp")

    def thaw(self):
        self._project.compose("unpause", "sage-mcp")

    def sage(self, *words):
        """Run `sage` where it runs; return what it printed."""
        return self._project.compose("exec", "-T", "sage-mcp", "sage", *words)

    def new_token(self, machine):
        """Return a token for the hooks of a machine of the user."""
        return self.sage("token", "create", "--machine", machine, "--user", USER).split()[0]

    def kept(self):
        """Count all texts that are kept."""
        texts, cursor = Counter(), {}
        while True:
            answer = self._project.http.get("/api/v1/memories", params={"limit": 100, **cursor})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            texts.update(one["content"] for one in page["memories"])
            if not page.get("next_cursor"):
                return texts
            cursor = {"cursor": page["next_cursor"]}

    def is_indexed(self):
        stats = self._project.http.get("/api/v1/stats").json()
        return not stats["queue"]["pending"]

    def remove(self):
        """End it, and remove its volumes."""
        if self._proxy is not None:
            self._proxy.terminate()
            self._proxy.wait(20)
        self._project.remove()
