"""What stands in Sage's place and does not answer as Sage does."""

import socket
import threading
from contextlib import contextmanager, suppress

import psutil

GARBAGE = b"HTTP/1.1 200 OK\r\n\r\nthis is not json {"
SLOW_S = 5


@contextmanager
def answering(answers, port=0):
    """Answer each connection in a way of one's own while the block runs; give the port.

    `answers` is called with the connection and with an event that is set when the block ends.
    """
    ended = threading.Event()

    def serve(connection):
        with connection, suppress(OSError):
            connection.recv(65_536)
            answers(connection, ended)

    def accept():
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)


def slowly(_, ended):
    """Answer nothing for a while."""
    ended.wait(SLOW_S)


def with_garbage(connection, _):
    """Send what is no answer of Sage."""
    connection.sendall(GARBAGE)


def with_added_true(connection, _):
    """Answer as another program might that takes whatever is posted to it."""
    connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n{"added": true}')


def refusing(status, body=b""):
    """Return a way to answer as a web server that knows nothing of Sage."""

    def answer(connection, _):
        connection.sendall(b"HTTP/1.1 %d No\r\n\r\n%s" % (status, body))

    return answer


def hooks_of(data_dir):
    """List the processes of hooks of a data directory, and of what they leave behind."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(data_dir) in (words := " ".join(process.info["cmdline"] or ())) and "hook" in words
    ]


def killing_hooks_of(data_dir):
    """Return a way to answer that kills the hooks of a data directory, which wait for an answer."""

    def answer(*_):
        for process in hooks_of(data_dir):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    return answer
