"""A process that has imported Sage and becomes a command line of it, again and again, by fork.

It has loaded the model as well, which takes as long as all else of a start.
It reads requests from the socket that is its standard input: a command line, with the files to be
its input, output and errors, is answered with the number of the process that runs it; the number of
one that has ended, with its exit code. `tests/support/forked.py` asks.
"""

import contextlib
import gc
import json
import os
import runpy
import socket
import sys
import time
from importlib import import_module

_STARTS_WITH = (
    "sage.cli.main",
    "sage.cli.serve",
    "sage.api.http.app",
    "sage.api.server.uvicorn_server",
    "sage.cli.start.claim",
)


def _serve(requests):
    """Answer until there is no request more; return the command line in a process for one."""
    while True:
        message, files, *_ = socket.recv_fds(requests, 2**20, 3)
        if not message:
            return None
        request = json.loads(message)
        if "ended" in request:
            _, status = os.waitpid(request["ended"], 0)
            requests.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        pid = os.fork()
        if not pid:
            requests.close()
            _take_over(request, files)
            return request["arguments"]
        for file in files:
            os.close(file)
        requests.send(str(pid).encode())


def _take_over(request, files):
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.path[0] = request["cwd"]


def _main():
    sys.path[0] = ""  # not this folder
    for module in _STARTS_WITH:
        import_module(module)
    local = import_module("sage.providers.local")
    model = local._load()  # noqa: SLF001 - and it has no thread that a fork would be without
    local._load = lambda: model  # noqa: SLF001
    gc.collect()
    gc.freeze()  # so that a collection copies no page of it
    with contextlib.closing(socket.socket(fileno=os.dup(0))) as requests:
        arguments = _serve(requests)
    if arguments is not None:
        sys.argv[1:] = arguments
        runpy.run_module("sage", run_name="__main__", alter_sys=True)


_main()
