"""Runs inside the swarm with the standard library alone: saves and searches until /tmp/stop."""

import http.client
import json
import os
import pathlib
import socket
import threading

HEADERS = {
    "Authorization": f"Bearer {os.environ['SAGE_TOKEN']}",
    "Content-Type": "application/json",
    "Host": "sage-mcp:17800",
}
STOP = pathlib.Path("/tmp/stop")
account = {"requests": 0, "failures": [], "tasks": []}


def call(number):
    path, body = "/api/v1/search", {"query": "errand", "n": 3}
    if number % 2:
        path = "/api/v1/conversations"
        body = {"messages": [{"role": "user", "content": f"Errand {number}"}]}
    account["requests"] += 1
    try:
        address = socket.gethostbyname("sage-mcp")
        connection = http.client.HTTPConnection(address, 17800, timeout=20)
        connection.request("POST", path, json.dumps(body), HEADERS)
        answer = connection.getresponse()
        answer.read()
        connection.close()
    except (OSError, http.client.HTTPException) as error:
        account["failures"].append(repr(error))
        return
    if answer.status not in {200, 201}:
        account["failures"].append(f"{address}: {answer.status}")
    if address not in account["tasks"]:
        account["tasks"].append(address)


def work(first):
    number = first
    while not STOP.exists():
        call(number)
        number += 3


call(1)
print("began", flush=True)  # noqa: T201 - the test reads it
workers = [threading.Thread(target=work, args=(first,)) for first in (1, 2, 3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(json.dumps(account), flush=True)  # noqa: T201 - as above
