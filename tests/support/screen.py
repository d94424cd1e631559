"""A terminal for programs under test: it remembers what stood on it, and what it had to break."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass, field

from rich.cells import get_character_cell_size

ROWS = 200
MANNERS = ("60 columns", "80 columns", "120 columns", "no colours", "piped")
_FRAME = re.compile(
    r"\S [\w ,./-]+…?( [━╸╺ ]+)? [\d,]+ of [\d,]+ \(\d+ %\)(, .* left)?(; .*)?|\S .* \d+ s"
)
_TOKEN = re.compile(r"\x1b\[(?P<argument>[?\d;]*)(?P<command>[A-Za-z])|(?P<char>.)", re.DOTALL)


@dataclass
class Screen:
    """What a program draws. Any control sequence but the few known ones fails the test."""

    columns: int
    rows: list[dict[int, str]] = field(default_factory=lambda: [{}])
    row: int = 0
    column: int = 0
    broken: list[str] = field(default_factory=list)
    """Lines that went on in the next row because the terminal had no room for them."""
    erased: list[str] = field(default_factory=list)
    """Lines as they stood when they were erased: the frames of what moves."""
    colours: bool = False

    @property
    def lines(self):
        """What stands in each row now."""
        return [self._text(row) for row in range(len(self.rows))]

    @property
    def text(self):
        """What stands there now, as one text."""
        return "\n".join(self.lines).strip("\n")

    def feed(self, text):
        """Draw."""
        for token in _TOKEN.finditer(text):
            if token["command"]:
                self._obey(token["command"], token["argument"])
            else:
                self._put(token["char"])

    def _put(self, char):
        if char == "\n":
            self._go_down()
        elif char == "\r":
            self.column = 0
        else:
            assert char.isprintable(), repr(char)
            width = get_character_cell_size(char)
            if self.column + width > self.columns:
                self.broken.append(self._text(self.row))
                self._go_down()
                self.column = 0
            self.rows[self.row][self.column] = char
            self.column += width

    def _go_down(self):
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append({})

    def _obey(self, command, argument):
        match command, argument:
            case "m", _:
                self.colours = True
            case "K", "2" | "" | "0":
                self.erased.append(self._text(self.row))
                kept = 0 if argument == "2" else self.column
                self.rows[self.row] = {at: c for at, c in self.rows[self.row].items() if at < kept}
            case "A", _:
                self.row = max(self.row - int(argument or 1), 0)
            case "h" | "l", "?25":
                pass  # the cursor is shown or hidden
            case _:
                raise AssertionError(f"unknown control sequence {argument}{command}")

    def _text(self, row):
        cells = self.rows[row]
        text, column = "", 0
        while column <= max(cells, default=-1):
            char = cells.get(column, " ")
            text += char
            column += max(get_character_cell_size(char), 1)
        return text.rstrip()


def run_on_screen(argv, columns, *, environ=None, typed="", deadline_s=120):
    """Run a program on a terminal of so many columns; return its exit code and the screen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    surroundings = {**os.environ, "TERM": "xterm-256color", **(environ or {})}
    for name in ("COLUMNS", "LINES"):
        surroundings.pop(name, None)
    process = subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env=surroundings, start_new_session=True
    )
    os.close(theirs)
    if typed:
        os.write(ours, typed.encode())
    screen, decoder = Screen(columns), codecs.getincrementaldecoder("utf-8")()
    deadline = time.monotonic() + deadline_s
    try:
        while select.select([ours], [], [], deadline - time.monotonic())[0]:
            try:
                read = os.read(ours, 65_536)
            except OSError:  # Linux says so when the last one who could write has gone
                read = b""
            if not read:
                return process.wait(timeout=10), screen
            screen.feed(decoder.decode(read))
        raise AssertionError(f"{argv} still runs; it shows:\n{screen.text}")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def assert_tidy(screen, copied=()):
    """No line is broken by the terminal but those to copy, and every frame is one whole line."""
    broken = [line for line in screen.broken if not any(word in line for word in copied)]
    assert broken == []
    frames = [frame for frame in screen.erased if frame]
    assert [frame for frame in frames if not _FRAME.fullmatch(frame)] == []
    assert not re.search("[━╸╺]", screen.text)


def run_tidily(argv, manner, *, environ=None, copied=(), deadline_s=120):
    """Run a program in one of the MANNERS, each with its own rules; return exit code and text."""
    environ = environ or {}
    if manner == "piped":
        done = subprocess.run(
            argv, env={**os.environ, **environ}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=deadline_s,
        )  # fmt: skip
        text = done.stdout + done.stderr
        assert not re.search("[\x1b\r━╸╺]", text)
        return done.returncode, text
    plain = {"NO_COLOR": "1"} if manner == "no colours" else {}
    columns = 80 if plain else int(manner.split()[0])
    code, screen = run_on_screen(argv, columns, environ={**environ, **plain}, deadline_s=deadline_s)
    assert_tidy(screen, copied)
    assert screen.colours != bool(plain)
    return code, screen.text
