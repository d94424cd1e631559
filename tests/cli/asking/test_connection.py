"""What the command line makes of what the server tells by its socket."""

import json

import pytest

from sage import errors
from sage.api.problems import TRANSLATIONS, present_error
from sage.cli.asking.connection import ServerConnection
from sage.cli.asking.errors import LostAnswerError, NotAskedError, refusal

OF_THEIR_OWN = {errors.ConfigurationError, errors.RateLimitError}


def test_an_error_that_the_server_tells_is_raised_as_it_was_there():
    for kind in TRANSLATIONS.keys() - OF_THEIR_OWN:
        error = kind("field", "is wrong", hint="do") if kind is errors.InvalidInputError else None
        error = error or kind("what", detail="one\ntwo", hint="do")
        problem = json.loads(present_error(error, to_owner=True).body)
        raised = refusal(problem)
        assert type(raised) is kind
        assert (raised.message, raised.detail, raised.hint) == (
            error.message, error.detail, error.hint
        )  # fmt: skip


def test_a_server_that_stops_is_told_from_one_that_refuses():
    assert isinstance(refusal({"type": "urn:sage:problem:stopping"}), LostAnswerError)
    for told in ({"error": "Path", "detail": "x"}, {"error": "math"}, {}):
        assert type(refusal(told)) is errors.SageError


def test_without_a_socket_nothing_is_asked(tmp_path):
    with pytest.raises(NotAskedError):
        ServerConnection(tmp_path, "").get("/health")
