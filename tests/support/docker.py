"""The real Docker engine, a compose project on it, and what is read out of images."""

import gzip
import io
import json
import os
import secrets
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import httpx

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60


def run(*command, env=None, check=True, timeout=300, cwd=ROOT, stdin=None):
    """Run a command to its end and give what it was and said, in one object."""
    ran = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert not check or ran.returncode == 0, f"{command}: {ran.stdout}\n{ran.stderr}"
    return ran


def docker(*arguments, **options):
    """Run the Docker client and give its output."""
    return run("docker", *arguments, **options).stdout.strip()


def eventually(condition, what, deadline_s=DEADLINE_S):
    """Poll a condition; give its first true value and the seconds it took."""
    began = time.monotonic()
    while not (value := condition()):
        assert time.monotonic() < began + deadline_s, f"{what} did not happen in {deadline_s} s"
        time.sleep(0.05)
    return value, time.monotonic() - began


def inspect(name):
    return json.loads(docker("inspect", name))[0]


def remove_stack(name):
    """End a stack; networks left to a node that leaves its swarm would stand in the way later."""
    run("docker", "stack", "rm", name, check=False)
    networks = ("network", "ls", "--quiet", "--filter", f"name={name}_")
    eventually(lambda: not docker(*networks), f"removing the networks of {name}")


def clone_of_the_tree(place):
    """Lay down what a clone of this working tree would hold: no ignored file, no secret."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, place / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return place


class Project:
    """One compose project: a clone of the tree, a free port, names of its own."""

    def __init__(self, place, **variables):
        self.name = f"sage-test-{secrets.token_hex(4)}"
        self.place = clone_of_the_tree(place)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            "COMPOSE_PROJECT_NAME": self.name,
            "MCP_SERVER_PORT": str(self.port),
            "COMPOSE_PROGRESS": "quiet",
            **variables,
        }
        self.script("deploy/make-secrets")
        self.token = (self.place / "secrets/sage_token").read_text()
        self.http = httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {self.token}"}, timeout=20
        )

    def script(self, *command, **options):
        return run(*command, cwd=self.place, env=self.env, **options)

    def compose(self, *arguments, **options):
        return self.script("docker", "compose", *arguments, **options).stdout.strip()

    def up(self):
        self.compose("up", "--detach", "--wait", "--wait-timeout", "180", timeout=600)

    def remove(self):
        self.http.close()
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5", check=False)

    def container(self, service):
        return self.compose("ps", "--all", "--quiet", service)

    def inspect(self, service):
        return inspect(self.container(service))

    def save(self, text, session_id="talk"):
        body = {"messages": [{"role": "user", "content": text}], "session_id": session_id}
        answer = self.http.post("/api/v1/conversations", json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()["memory_ids"]

    def found(self, question, n=5):
        answer = self.http.post("/api/v1/search", json={"query": question, "n": n})
        assert answer.status_code == 200, answer.text
        return [hit["content"] for hit in answer.json()["results"]]

    def kept(self, memory_id):
        return self.http.get(f"/api/v1/memories/{memory_id}").status_code == 200

    def status(self, path):
        """Ask for the status of a path; None when there is no answer."""
        try:
            return httpx.get(f"{self.url}{path}", timeout=5).status_code
        except httpx.HTTPError:
            return None


def _compressed_bytes(layer):
    """Return the size of a layer as a registry keeps it; the classic store saves a plain tar."""
    return len(layer if layer.startswith(b"\x1f\x8b") else gzip.compress(layer))


class ImageFiles:
    """All files of an image, read from its layers, uppermost first."""

    def __init__(self, name):
        saved = subprocess.run(["docker", "save", name], capture_output=True, check=True).stdout
        self._archive = tarfile.open(fileobj=io.BytesIO(saved))  # noqa: SIM115 - read on demand
        manifest = self._document("manifest.json")[0]
        self.config = self._document(manifest["Config"])
        self.members, self.compressed_bytes, self._layers = {}, 0, {}
        for layer in manifest["Layers"]:
            member = self._archive.getmember(layer)
            self.compressed_bytes += _compressed_bytes(self._archive.extractfile(member).read())
            content = tarfile.open(fileobj=self._archive.extractfile(member))  # noqa: SIM115
            for file in content:
                name = file.name.strip("./")
                self.members[name] = file
                self._layers[name] = content

    @property
    def unpacked_bytes(self):
        return sum(member.size for member in self.members.values())

    def read(self, name):
        return self._layers[name].extractfile(self.members[name]).read()

    def _document(self, name):
        return json.load(self._archive.extractfile(name))
