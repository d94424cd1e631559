import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.config.dotenv import Assignment, BadLine, parse_dotenv
from tests.support.each import each


def values_of(text):
    return {item.name: item.value for item in parse_dotenv(text)}


@each(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("A = b ", "b"),
        ("export A=b", "b"),
        ("A=", ""),
        ("A=b c", "b c"),
        ("A=b # said why", "b"),
        ("A=b#c", "b#c"),
        ("A=#b", "#b"),
        ("A= # said why", ""),
        ("A='b # c' # said why", "b # c"),
        ("A='b\\n'", "b\\n"),
        ('A="b\\n\\t\\"c\\" \\\\ $D"', 'b\n\t"c" \\ $D'),
        ("A=$B and ${C}", "$B and ${C}"),
        ("A=b=c", "b=c"),
        ("A=it's", "it's"),
    ],
)
def test_a_line_is_read_as_people_mean_it(line, value):
    assert values_of(line) == {"A": value}


def test_blank_lines_comments_and_windows_line_ends_are_passed_over():
    text = "\ufeff# head\r\n\r\n  # indented\r\nA=1\r\n\tB=2\r\n"
    assert parse_dotenv(text) == [Assignment(4, "A", "1"), Assignment(5, "B", "2")]


@each("line", ["ABC", "1A=b", "A-B=c", "=b", "A='b", 'A="b', "A='b' c", "A B=c"])
def test_a_bad_line_is_named_by_its_number_and_not_quoted(line):
    before, bad, after = parse_dotenv(f"X=1\n{line}\nY=2")
    assert (before.value, after.value) == ("1", "2")
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert line not in bad.reason


@given(st.text())
def test_any_text_at_all_is_read_without_failing(text):
    for item in parse_dotenv(text):
        assert isinstance(item, Assignment | BadLine)


@given(st.text(st.characters(codec="utf-8", exclude_characters="'\n\0")))
def test_single_quotes_keep_every_character(value):
    assert values_of(f"A='{value}'") == {"A": value}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_double_quotes_carry_any_visible_text(value):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert values_of(f'A="{quoted}"') == {"A": value}


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing, to compare with")
@pytest.mark.parametrize("line", ["A=b", "A='b # c'", "export A=b", "A=b#c", "A=b # why", "A=#b"])
def test_a_shell_reads_the_same(line, tmp_path):
    (tmp_path / "env").write_text(line)
    script = '. ./env; printf %s "$A"'
    run = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, check=True)
    assert values_of(line)["A"] == run.stdout.decode()


def test_a_bad_line_of_the_file_is_a_problem_with_its_number(errors_of, folder):
    (folder / ".env").write_text("SAGE_LOG_LEVEL=debug\nnonsense secret\n")
    problem = errors_of()[".env"]
    assert problem.origin == f"{folder}/.env line 2"
    assert "secret" not in str(problem)


def test_a_name_left_empty_and_set_below_is_no_problem(read, folder):
    (folder / ".env").write_text("SAGE_LOG_LEVEL=\nSAGE_LOG_LEVEL=DEBUG\n")
    assert read().problems == ()


def test_a_name_set_twice_is_a_warning_and_the_last_counts(read, folder):
    (folder / ".env").write_text("MCP_SERVER_PORT=18000\n\nMCP_SERVER_PORT=18001\n")
    found = read()
    (problem,) = found.problems
    assert problem.warning
    assert (problem.variable, problem.origin) == ("MCP_SERVER_PORT", f"{folder}/.env line 3")
    assert ".env line 1" in problem.message
    assert found.settings.server.port == 18001


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff")]
)
def test_a_dotenv_that_is_no_text_file_is_a_problem(errors_of, folder, make):
    make(folder / ".env")
    assert ".env" in errors_of()


def test_names_of_other_programs_are_let_be(read, folder):
    (folder / ".env").write_text("POSTGRES_PASSWORD=x\nCOMPOSE_PROJECT_NAME=sage\nSAGE_IMAGE=y\n")
    assert not read().problems
