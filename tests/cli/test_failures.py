import pytest

from sage import errors
from sage.cli import stats
from sage.cli.failures import report_failure
from sage.cli.terminal.console import Console
from sage.cli.verb import verb

PROBLEMS = (
    errors.ConfigurationProblem(
        "MCP_SERVER_PORT", ".env line 3", "is not a number", "Write 1 to 65535"
    ),
    errors.ConfigurationProblem(
        "SAGE_TOEKN", "environment", "is unknown", "Did you mean SAGE_TOKEN?", warning=True
    ),
)


KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.SageError)
]


def example_of(kind):
    if kind is errors.ConfigurationError:
        return kind(PROBLEMS)
    if issubclass(kind, errors.InvalidInputError):
        return kind("n", "is 99", hint="pass 1 to 50")
    if kind is errors.RateLimitError:
        return kind("it failed", retry_in_s=1)
    return kind("it failed", detail="in detail", hint="mend it")


@pytest.fixture
def failing(sage, monkeypatch):
    """Run a verb whose work raises the error given."""

    def run(error, *argv):
        @verb("stats", examples=("sage stats",))
        def work(_args, _console):
            raise error

        monkeypatch.setattr(stats, "stats", work)
        return sage("stats", *argv)

    return run


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_its_exit_code_and_says_what_to_do(kind, failing):
    outcome = failing(example_of(kind))
    usage = dict.fromkeys((errors.InvalidInputError, errors.TooLargeError), 2)
    special = {errors.ConfigurationError: 78, **usage}
    assert outcome.code == special.get(kind, 1)
    assert outcome.out == ""
    assert outcome.err.startswith("sage: ")
    assert "fix: " in outcome.err
    assert "Traceback" not in outcome.err


def test_an_error_is_told_with_its_detail_and_its_fix(failing):
    outcome = failing(errors.StoreError("it failed", detail="first\nsecond", hint="mend it"))
    assert outcome.err == "sage: it failed\n  first\n  second\n  fix: mend it\n"


def test_a_wrong_argument_is_told_by_its_option(failing):
    outcome = failing(
        errors.InvalidInputError("similarity_threshold", "{field} is 2", hint="0 to 1")
    )
    assert outcome.err == "sage: --threshold is 2\n  fix: 0 to 1\n"


def test_every_problem_of_a_configuration_has_its_block(failing):
    outcome = failing(errors.ConfigurationError(PROBLEMS))
    assert outcome.err.splitlines() == [
        "sage: the configuration is invalid: 1 problem, 1 warning",
        "",
        "  MCP_SERVER_PORT  from .env line 3",
        "    is not a number",
        "    fix: Write 1 to 65535",
        "",
        "  SAGE_TOEKN warning  from environment",
        "    is unknown",
        "    fix: Did you mean SAGE_TOKEN?",
    ]


def test_an_unexpected_error_is_one_line_and_how_to_report_it(failing):
    outcome = failing(KeyError("tea\x1b[2J"))
    first, second = outcome.err.splitlines()
    assert outcome.code == 1
    assert first.startswith("sage: unexpected error: KeyError:")
    assert "sage doctor" in second
    assert "--log-level DEBUG" in second
    assert "\x1b" not in outcome.err


def test_an_unexpected_error_shows_where_it_happened_when_asked(failing):
    outcome = failing(KeyError("tea"), "--log-level", "DEBUG")
    assert outcome.code == 1
    assert "Traceback" in outcome.err
    assert "test_failures.py" in outcome.err


def test_a_missing_package_is_no_defect_of_sage(failing):
    outcome = failing(ModuleNotFoundError("No module named 'numpy'", name="numpy"))
    assert outcome.code == 1
    assert "numpy" in outcome.err
    assert "install" in outcome.err


def test_ctrl_c_ends_quietly(failing):
    outcome = failing(KeyboardInterrupt())
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def test_a_verb_may_leave_with_a_code_of_its_own(failing):
    assert failing(SystemExit(143)).code == 143


def test_text_from_elsewhere_cannot_steer_the_terminal(capsys):
    console = Console.of_process({})
    report_failure(console, errors.StoreError("a\x1b[2Jb", detail="c\x07", hint="d\x00"))
    assert not set("\x1b\x07\x00") & set(capsys.readouterr().err)
