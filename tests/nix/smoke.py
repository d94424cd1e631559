"""Runs inside a container of Sage, on the standard library: who it is, and a memory's way.

Says what it saw; an unkept promise is an AssertionError.
"""

# ruff: noqa: T201 - what it prints is its answer
import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

HEADERS = {
    "Authorization": f"Bearer {os.environ['SAGE_TOKEN']}",
    "Content-Type": "application/json",
}


def call(method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", 17800, timeout=30)
    connection.request(method, path, json.dumps(body) if body else None, HEADERS)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    assert answer.status in {200, 201}, (path, answer.status, content)
    return content


def fetch(path):
    connection = http.client.HTTPConnection("127.0.0.1", 17800, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200, (path, answer.status)
    return answer.read()


def is_writable(folder):
    try:
        Path(folder, "probe").touch()
    except OSError:
        return False
    return True


writable = [folder for folder in ("/", "/opt/sage", "/data", "/tmp") if is_writable(folder)]
assert (os.getuid(), os.getgid()) == (10001, 10001)
assert writable == ["/data", "/tmp"], writable
assert Path(os.environ["SSL_CERT_FILE"]).read_text().count("BEGIN CERTIFICATE") > 100
saved = call(
    "POST",
    "/api/v1/conversations",
    {"messages": [{"role": "user", "content": "The spare key lies under the third flower pot."}]},
)
assert saved["saved"], saved
found = call("POST", "/api/v1/search", {"query": "flower pot", "n": 3})["results"]
assert found[0]["memory_id"] == saved["memory_ids"][0], found
health = call("GET", "/health")
assert (health["status"], health["memory_count"]) == ("healthy", 1), health
file = Path("/tmp/sage-client.pyz")
file.write_bytes(fetch(f"/client/{file.name}"))
told = subprocess.run([sys.executable, "-I", file, "--version"], capture_output=True, check=True)
digest = fetch(f"/client/{file.name}.sha256").split()[0]
assert told.stdout.split()[-1] == digest, (told.stdout, digest)
print("uid 10001, read-only root, saved, found, healthy, the client is served and runs")
