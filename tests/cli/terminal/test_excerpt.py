from sage.cli.terminal.excerpt import write_excerpt


def lines_of(console, text, marked=()):
    write_excerpt(console, text, marked, indent=2, limit=2)
    return console.out.getvalue().splitlines()


def test_long_text_ends_with_an_ellipsis(terminal):
    lines = lines_of(terminal(22), "Mei likes oolong tea and rain in the evening")
    assert lines == ["  Mei likes oolong tea", "  and rain in the eve…"]


def test_text_without_spaces_breaks_anywhere(terminal):
    assert lines_of(terminal(22), "烏龍茶" * 6) == ["  烏龍茶烏龍茶烏龍茶烏", "  龍茶烏龍茶烏龍茶"]


def test_what_matched_is_highlighted(terminal):
    console = terminal(80, colours_out=True)
    assert lines_of(console, "Mei likes oolong", [(10, 16)]) == [
        "  Mei likes \x1b[1;33moolong\x1b[0m"
    ]


def test_an_excerpt_begins_before_what_matched(terminal):
    text = f"{'rain ' * 100}and Mei likes oolong very much"
    place = text.index("oolong")
    first, *_ = lines_of(terminal(40), text, [(place, place + 6)])
    assert first.startswith("  …")
    assert "Mei likes oolong" in first
