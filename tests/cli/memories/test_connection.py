"""What the command line makes of what the server tells by its socket."""

import json

import pytest

from sage import errors
from sage.api.problems import TRANSLATIONS, present_error
from sage.cli.memories.connection import ServerConnection
from sage.cli.memories.errors import LostAnswerError, NotAskedError, refusal
from sage.cli.views.failures import with_option
from sage.phrases import phrase

OF_THEIR_OWN = {errors.ConfigurationError, errors.RateLimitError}


def test_an_error_that_the_server_tells_is_raised_as_it_was_there():
    for kind in TRANSLATIONS.keys() - OF_THEIR_OWN:
        error = (
            kind("field", "{field} is wrong", hint="do")
            if issubclass(kind, errors.InvalidInputError)
            else None
        )
        error = error or kind("what", detail="one\ntwo", hint="do")
        problem = json.loads(present_error(error, to_owner=True).body)
        raised = refusal(problem)
        assert type(raised) is kind
        assert (raised.message, raised.detail, raised.hint) == (
            error.message, error.detail, error.hint
        )  # fmt: skip


def test_what_an_error_was_made_of_travels_along():
    inner = phrase("{memories} are there", memories=phrase("{count} memories", count=3))
    error = errors.ConflictError(
        phrase("no room in {space}", space="{hint} \ud800"),
        detail=phrase("{inner}; {names}", inner=inner, names=["a", inner]),
        hint="use another",
    )
    raised = refusal(json.loads(present_error(error, to_owner=True).body))
    assert raised.message.id == "no room in {space}"
    assert raised.message.arguments == {"space": "{hint} \\ud800"}
    assert raised.detail.arguments["inner"].arguments["memories"].arguments == {"count": 3}
    assert raised.detail == error.detail
    assert raised.hint == "use another"


def test_a_field_of_the_server_is_an_argument_here():
    error = errors.InvalidInputError("n", phrase("{field} must be from {low}", low=1), hint="1")
    problem = json.loads(present_error(error, to_owner=True).body)
    assert problem["phrases"]["detail"] == {
        "id": "{field} must be from {low}", "arguments": {"low": 1, "field": "n"}
    }  # fmt: skip
    assert with_option(refusal(problem)) == "-n must be from 1"


def test_an_answer_of_another_release_is_told_as_it_came():
    problem = {"error": "ConflictError", "detail": "it is {there}", "hint": "h"}
    for phrases in ({}, {"detail": {"id": "something else", "arguments": {}}}, "text", None):
        raised = refusal({**problem, "phrases": phrases})
        assert (raised.message, raised.hint) == ("it is {there}", "h")


def test_without_the_owner_no_explanation_travels():
    inner = phrase("host={host}", host="10.0.0.7")
    answer = present_error(errors.StoreError(phrase("no {what}", what="answer"), detail=inner))
    assert json.loads(answer.body)["phrases"].keys() == {"detail"}
    assert b"10.0.0.7" not in answer.body


def test_a_server_that_stops_is_told_from_one_that_refuses():
    assert isinstance(refusal({"type": "urn:sage:problem:stopping"}), LostAnswerError)
    for told in ({"error": "Path", "detail": "x"}, {"error": "math"}, {}):
        assert type(refusal(told)) is errors.SageError


def test_without_a_socket_nothing_is_asked(tmp_path):
    with pytest.raises(NotAskedError):
        ServerConnection(tmp_path, "").get("/health")
