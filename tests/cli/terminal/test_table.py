import pytest

from sage.cli.terminal.table import Table

TABLE = Table(
    ("memories", "call", "p50 ms", "floor p50"),
    [("1,000", "search", "12.3", "3.4"), ("100,000", "get context", "112.3", "3.4")],
    left=2,
    legend="floor: the least it can take",
)


def test_words_stand_to_the_left_and_numbers_to_the_right(pipe):
    TABLE.write(pipe)
    assert [line.rstrip() for line in pipe.out.getvalue().splitlines()] == [
        "memories  call         p50 ms  floor p50",
        "1,000     search         12.3        3.4",
        "100,000   get context   112.3        3.4",
        "floor: the least it can take",
        "",
    ]


@pytest.mark.parametrize("columns", [28, 32, 36, 44])
def test_no_cell_loses_or_breaks_a_word_where_the_terminal_is_narrow(terminal, columns):
    console = terminal(columns)
    TABLE.write(console)
    lines = console.out.getvalue().splitlines()
    assert max(map(len, lines)) <= columns
    words = {word for row in (TABLE.heading, *TABLE.rows) for cell in row for word in cell.split()}
    assert words <= {word.rstrip(",") for word in " ".join(lines).split()}


def test_wide_characters_keep_the_columns_straight(pipe):
    Table(("name", "count"), [("烏龍茶", "1"), ("tea", "22")]).write(pipe)
    assert pipe.out.getvalue().splitlines()[1:3] == ["烏龍茶      1", "tea        22"]
