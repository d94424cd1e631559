import pytest

from sage.domain.text import wording


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x00", "\x9b", "\ud800", "\r"])
def test_saved_text_cannot_steer_the_terminal(character):
    assert character not in wording.printable(f"a{character}b")
    assert character not in wording.one_line(f"a{character}b")


def test_text_keeps_its_lines_and_tabs():
    assert wording.printable("a\n\tb") == "a\n\tb"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (5 << 20, "5.0 MiB"),
        (3 << 40, "3072.0 GiB"),
    ],
)
def test_sizes_are_shown_in_units_people_read(size, expected):
    assert wording.size_text(size) == expected


def test_numbers_agree_with_their_nouns():
    assert wording.counted(1, "memory", "memories") == "1 memory"
    assert wording.counted(1200, "memory", "memories") == "1,200 memories"


def test_long_text_is_cut_with_an_ellipsis():
    assert wording.clipped("oolong", 6) == "oolong"
    assert wording.clipped("oolong tea", 8) == "oolong…"


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (59, "just now"),
        (60, "1 minute ago"),
        (3 * 3600 + 5, "3 hours ago"),
        (86_399, "23 hours ago"),
        (400 * 86_400, "400 days ago"),
    ],
)
def test_ages_are_shown_in_the_largest_unit(age_s, expected):
    assert wording.age_text(age_s) == expected
