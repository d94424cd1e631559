"""Run one hook: never fails, prints only its one answer, never takes longer than a second.

On a machine so busy that there was no time to read the event, it is queued as the client sent it.

At the end of a turn the plugin of opencode, which alone has the messages, passes them on whole and
waits only for a word that the hook finished: that one may take a minute.

Clients treat an exit code of 2 as a veto and may retry forever, and any standard output becomes
part of a prompt. So the code is always 0, and standard output is closed before anything else
happens.
"""

import os
import signal
import sys
import time

_DEADLINE_S = 1.0
_QUEUE_S = 0.1
"""How long a client that still writes then is waited for."""
_MAX_BYTES = 4_000_000
_ALONE = ["stop", "--client", "opencode"]
_ALONE_DEADLINE_S = 60.0
_HERE = os.path.dirname(os.path.abspath(__file__))


def run(data_dir: str, arguments: list[str]) -> int:
    """Run the hook that the arguments name; return 0 in any case."""
    try:
        answer_to = os.dup(1)
        os.set_inheritable(answer_to, False)  # noqa: FBT003 - the argument takes no name
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        signal.signal(signal.SIGALRM, lambda *_: _queue_unread(data_dir, arguments))
        is_alone = arguments[: len(_ALONE)] == _ALONE
        signal.setitimer(signal.ITIMER_REAL, _ALONE_DEADLINE_S if is_alone else _DEADLINE_S)
        from sage.clients.hooks.events import handle  # noqa: PLC0415 - nothing is printed if it fails

        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        answer = handle(data_dir, arguments)
        if answer:
            os.write(answer_to, answer)
    except BaseException:  # noqa: BLE001, S110 - a hook never breaks its client
        pass
    return 0


def _queue_unread(data_dir: str, arguments: list[str]) -> None:
    """Queue the event in the form of the launcher, without any other module, and exit."""
    try:
        raw = _read_available()
        if raw and arguments[:1] != ["drain"]:
            os.umask(0o077)
            spool = os.path.join(data_dir, "hooks", "spool")
            os.makedirs(spool, exist_ok=True)
            path = os.path.join(spool, f"{time.time_ns():020d}-{os.getpid()}")
            words = [str(len(arguments)), os.getcwd(), *arguments]
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with open(file, "wb") as written:
                written.write(b"".join(os.fsencode(word) + b"\0" for word in words) + raw)
            os.rename(path, f"{path}.raw")
    finally:
        os._exit(0)


def _read_available() -> bytes:
    """Return what the client has sent, or sends at once."""
    raw = b""
    deadline = time.monotonic() + _QUEUE_S
    os.set_blocking(0, False)
    while len(raw) < _MAX_BYTES:
        try:
            block = os.read(0, 65_536)
        except BlockingIOError:
            if raw.rstrip().endswith(b"}") or time.monotonic() > deadline:
                break
            time.sleep(_QUEUE_S / 20)
            continue
        if not block:
            break
        raw += block
    return raw


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(_HERE))))
    run(sys.argv[1], sys.argv[2:])
    os._exit(0)
