"""What is taken out of messages: in linear time, whatever they hold."""

import time

from sage.clients.transcripts.cleaning import INJECTED, spoken

NAMES = [*INJECTED, "private", "user_input", "command-name", "# Context from my IDE setup:"]
FILLINGS = ["", " ", " a", ">", " a>", "/", "></", "\n", ">\n\n\n", " >a</", "\x00"]


def seconds(text):
    began = time.process_time()
    spoken(text)
    return time.process_time() - began


def test_no_text_takes_more_than_twice_as_long_when_it_is_twice_as_long():
    length = 10_000
    parts = [
        part
        for name in NAMES
        for more in FILLINGS
        for part in (f"<{name}{more}", f"<{name}>{more}</{name}", f"</{name}{more}")
    ]
    slow = []
    for part in parts:
        text = part * (length // len(part))
        bound = 3 * max(seconds(text), 0.002)
        if seconds(text * 2) > bound and min(seconds(text * 2) for _ in range(2)) > bound:
            slow.append(part)
    assert slow == []
