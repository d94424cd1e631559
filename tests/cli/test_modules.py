"""What a verb loads before it works: little for a wrong option, and no server unless it serves."""

import json
import os
import subprocess
import sys

from sage.cli.verbs import VERBS
from tests.architecture.sources import INSTALLED

OF_A_SERVER = {
    "fastapi", "mcp", "mcp_types", "onnxruntime", "sage.api.server", "sage.access.oauth",
    "starlette", "uvicorn", "uvloop",
}  # fmt: skip
SLOW = OF_A_SERVER | {"asyncio", "asyncpg", "httpx", "numpy", "psutil", "pydantic", "rich"}
EACH_IN_A_PROCESS = """
import importlib, io, json, os, sys
from contextlib import redirect_stderr
from sage.cli.main import main

def loaded(work):
    reader, writer = os.pipe()
    if os.fork() == 0:
        with redirect_stderr(io.StringIO()):
            work()
        os.write(writer, json.dumps([*sys.modules]).encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as told:
        return json.load(told)

before = [*sys.modules]
refused = {verb: loaded(lambda: main([verb, "--no-such-option"])) for verb in sys.argv[1:]}
services = ["sage.cli.memories.opened", "sage.bootstrap"]
opened = loaded(lambda: [*map(importlib.import_module, services)])
print(json.dumps([before, refused, opened]))
"""


def packages(modules):
    """Return the modules, and the packages that they are in."""
    return {name.rsplit(".", depth)[0] for name in modules for depth in range(name.count(".") + 1)}


def test_a_wrong_option_is_refused_with_few_modules_and_services_load_no_server():
    command = [sys.executable, "-c", EACH_IN_A_PROCESS, *VERBS]
    environ = os.environ | {"PYTHONPATH": str(INSTALLED)}
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    before, refused, opened = json.loads(ran.stdout)
    assert not OF_A_SERVER & packages(opened)
    slow = {verb: sorted(SLOW & packages(modules)) for verb, modules in refused.items()}
    assert not any(slow.values()), slow
    assert max(map(len, refused.values())) < 1.8 * len(before)
