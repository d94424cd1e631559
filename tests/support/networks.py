"""Networks as they are: hosts that are gone, long ways, and proxies that make connections."""

import base64
import socket
import threading
import time
from contextlib import contextmanager, suppress
from queue import SimpleQueue

BLOCK_BYTES = 65_536


@contextmanager
def dropping_packets():
    """Yield a port at which no connection comes about, as of a host that is gone."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # more than it has room for
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(listening.getsockname())
        try:
            yield listening.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


@contextmanager
def _accepting(serve):
    """Yield a port, and serve each connection to it in a thread."""

    def accept():
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)


@contextmanager
def far_away(port, latency_s):
    """Yield a port from which a port of this machine is so far away, one way."""

    def serve(near):
        far = socket.create_connection(("127.0.0.1", port))
        time.sleep(2 * latency_s)  # a connection comes about
        _join(near, far, latency_s)

    with _accepting(serve) as there:
        yield there


@contextmanager
def connecting_proxy(user):
    """Yield the port of a proxy that makes connections for a user, and the list of them."""
    shown = b"proxy-authorization: Basic " + base64.b64encode(user.encode()) + b"\r\n"
    made = []

    def serve(near):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += near.recv(1)
        method, target, _ = head.decode().split(" ", 2)
        if method != "CONNECT" or shown not in head:
            with near:
                near.sendall(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")
            return
        made.append(target)
        host, _, port = target.rpartition(":")
        far = socket.create_connection((host, int(port)))
        near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        _join(near, far, 0)

    with _accepting(serve) as port:
        yield port, made


def _join(one, other, latency_s):
    """Send what comes from either side to the other one, later, until both have ended."""
    with one, other:
        writers = []
        for source, target in ((one, other), (other, one)):
            queue = SimpleQueue()
            threading.Thread(target=_read, args=(source, queue, latency_s), daemon=True).start()
            writers.append(threading.Thread(target=_write, args=(target, queue), daemon=True))
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()


def _read(source, queue, latency_s):
    block = b"begun"
    while block:
        try:
            block = source.recv(BLOCK_BYTES)
        except OSError:
            block = b""
        queue.put((time.monotonic() + latency_s, block))


def _write(target, queue):
    with suppress(OSError):
        while True:
            due, block = queue.get()
            time.sleep(max(0, due - time.monotonic()))
            if not block:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(block)
