"""Run one hook: never fails, prints only its one answer, never takes longer than a second.

At the end of a turn the plugin of opencode, which alone has the messages, passes them on whole and
waits only for a word that the hook finished: that one may take a minute.

Clients treat an exit code of 2 as a veto and may retry forever, and any standard output becomes
part of a prompt. So the code is always 0, and standard output is closed before anything else
happens.
"""

import os
import signal
import sys

_DEADLINE_S = 1.0
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
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        is_alone = arguments[: len(_ALONE)] == _ALONE
        signal.setitimer(signal.ITIMER_REAL, _ALONE_DEADLINE_S if is_alone else _DEADLINE_S)
        from sage.clients.hooks.events import handle  # noqa: PLC0415 - nothing is printed if it fails

        answer = handle(data_dir, arguments)
        if answer:
            os.write(answer_to, answer)
    except BaseException:  # noqa: BLE001, S110 - a hook never breaks its client
        pass
    return 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(_HERE))))
    run(sys.argv[1], sys.argv[2:])
    os._exit(0)
