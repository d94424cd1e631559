import io
import sys

import pytest

from sage.terminal import output as terminal
from sage.terminal.output import Console, OutputLostError, Style

COLOURFUL = {"TERM": "xterm-256color"}


class Screen(io.StringIO):
    def isatty(self):
        return True


class FullDisk(io.StringIO):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, _text):
        raise self.error


def console(out=None, err=None, **colours):
    chosen = {"colours_out": False, "colours_err": False, **colours}
    return Console(out or io.StringIO(), err or io.StringIO(), **chosen)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("tea", 3),
        ("烏龍茶", 6),
        ("ウーロン", 8),
        ("e\u0301", 1),
        ("a\u200bb", 2),
        ("ﾃｨｰ", 3),
        ("", 0),
    ],
)
def test_wide_characters_take_two_columns_and_marks_none(text, width):
    assert terminal.columns(text) == width


@pytest.mark.parametrize(
    ("text", "width", "clipped"),
    [("oolong", 6, "oolong"), ("oolong tea", 7, "oolong…"), ("烏龍茶很好", 6, "烏龍…")],
)
def test_long_text_is_clipped_by_columns(text, width, clipped):
    assert terminal.clipped(text, width) == clipped
    assert terminal.columns(clipped) <= width


def test_lines_break_at_spaces_and_end_with_an_ellipsis():
    assert terminal.lines_of("Mei likes oolong tea and rain", 12, 2) == ["Mei likes", "oolong tea…"]


def test_lines_without_spaces_break_anywhere():
    assert terminal.lines_of("烏龍茶" * 4, 8, 3) == ["烏龍茶烏", "龍茶烏龍", "茶烏龍茶"]


def test_lines_hold_no_line_break_of_the_text():
    assert terminal.lines_of("one\n\ntwo\tthree", 80, 2) == ["one two three"]


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x00", "\x9b", "\ud800", "\r"])
def test_saved_text_cannot_steer_the_terminal(character):
    assert character not in terminal.printable(f"a{character}b")
    assert character not in terminal.one_line(f"a{character}b")


def test_text_keeps_its_lines_and_tabs():
    assert terminal.printable("a\n\tb") == "a\n\tb"


@pytest.mark.parametrize(
    ("screen", "environ", "wanted"),
    [
        (Screen(), COLOURFUL, True),
        (Screen(), {**COLOURFUL, "NO_COLOR": ""}, True),
        (Screen(), {**COLOURFUL, "NO_COLOR": "1"}, False),
        (Screen(), {"TERM": "dumb"}, False),
        (Screen(), {}, False),
        (io.StringIO(), COLOURFUL, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(screen, environ, wanted):
    assert terminal.wants_colours(screen, environ) is wanted


def test_text_is_painted_only_where_colours_are_wanted():
    painter = console(colours_out=True)
    assert painter.paint("tea", Style.BOLD, Style.GOOD) == "\x1b[1;32mtea\x1b[0m"
    assert painter.paint_note("tea", Style.BOLD) == "tea"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8", "烏龍茶 🍵"), ("ascii", "\\u70cf\\u9f8d\\u8336 \\ud83c\\udf75")],
)
def test_json_keeps_the_characters_its_stream_can_hold(encoding, written):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console(out=stream).write_json("烏龍茶 🍵")
    stream.flush()
    assert raw.getvalue().decode(encoding) == f'"{written}"\n'


def test_characters_a_stream_cannot_hold_are_escaped(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Console.of_process({}).write("烏")
    sys.stdout.flush()
    assert raw.getvalue() == b"\\u70cf\n"


def test_a_closed_stream_swallows_what_is_written(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    process = Console.of_process({})
    process.write("lost")
    process.out.close()


@pytest.mark.parametrize(
    ("error", "left"), [(BrokenPipeError(), True), (OSError(28, "full"), False)]
)
def test_a_lost_answer_is_told_apart_from_a_reader_who_left(error, left):
    with pytest.raises(OutputLostError) as lost:
        console(out=FullDisk(error)).write("tea")
    assert lost.value.reader_left is left


def test_a_lost_note_fails_nothing():
    console(err=FullDisk(OSError(28, "full"))).note("tea")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (5 << 20, "5.0 MiB"),
        (3 << 40, "3072.0 GiB"),
    ],
)
def test_sizes_are_told_in_units_people_read(size, text):
    assert terminal.size_text(size) == text


def test_numbers_agree_with_their_nouns():
    assert terminal.counted(1, "memory", "memories") == "1 memory"
    assert terminal.counted(1200, "memory", "memories") == "1,200 memories"
