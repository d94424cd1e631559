"""How errors of the domain are told over HTTP and to a model."""

import json

import pytest

from sage import errors
from sage.api.problems import TRANSLATIONS, format_error, present_error, problem_response
from tests.support.each import each


def all_errors():
    found, waiting = [], [errors.SageError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == "sage.errors"]


def example(kind):
    match kind:
        case errors.InvalidInputError | errors.TooLargeError:
            return kind("n", "{field} is 0", hint="pass 1 to 50")
        case errors.ConfigurationError:
            return kind([errors.ConfigurationProblem("DB_HOST", "env", "is wrong", "fix it")])
        case errors.RateLimitError:
            return kind("it went wrong", retry_in_s=1)
        case _:
            return kind("it went wrong", detail="inner words", hint="do that")


@each("kind", all_errors())
def test_every_error_has_a_translation_of_its_own(kind):
    assert kind in TRANSLATIONS


@each("kind", all_errors())
def test_every_error_becomes_a_problem_with_a_hint(kind):
    error = example(kind)
    answer = present_error(error)
    problem = json.loads(answer.body)
    assert answer.media_type == "application/problem+json"
    assert problem["status"] == answer.status_code
    assert problem["detail"] == error.message
    assert problem["hint"] == error.hint
    assert problem["type"].startswith("urn:sage:problem:")
    assert error.hint in format_error(error)
    assert error.message in format_error(error)


def test_an_error_of_a_new_kind_is_told_as_the_kind_above_it():
    class PoolError(errors.StoreUnavailableError):
        """Not in the table."""

    assert present_error(PoolError("gone")).status_code == 503


def test_bad_input_is_never_the_servers_fault_and_names_the_field():
    answer = present_error(example(errors.InvalidInputError))
    assert 400 <= answer.status_code < 500
    assert json.loads(answer.body)["field"] == "n"
    assert format_error(example(errors.InvalidInputError)) == "n is 0. Fix: pass 1 to 50."


@pytest.mark.parametrize(
    "kind", [errors.StoreUnavailableError, errors.ProviderUnavailableError, errors.SchemaError]
)
def test_what_may_work_later_says_when_to_try_again(kind):
    answer = present_error(kind("away", hint="wait"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1


def test_the_inner_words_of_an_error_stay_inside():
    error = errors.StoreError("the database rejected", detail="host=10.0.0.7 password=x", hint="h")
    assert b"10.0.0.7" not in present_error(error).body
    assert "10.0.0.7" not in format_error(error)


def test_text_that_utf8_cannot_hold_is_told_escaped():
    answer = problem_response(
        422, "k", "t", detail="\ud800 is wrong", hint="\udfff", field="\ud83d"
    )
    assert json.loads(answer.body)["detail"] == "\\ud800 is wrong"
    assert format_error(errors.NotFoundError("no \ud800")) == "no \\ud800."
