"""What a logged traceback holds of the error it is about."""

import io
import logging
from itertools import product

import pytest

from sage.telemetry.logs import configure_logging, get_logger
from tests.support.each import each

SAID = "the spare key is under the pot"


@pytest.fixture(autouse=True)
def _logging_as_before():
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    logging.captureWarnings(capture=False)
    root.setLevel(level)
    root.handlers[:] = handlers


def fail(kind):
    raise kind(SAID)


@each(
    ("form", "kind"),
    product(["json", "console"], [KeyError, ValueError, IndexError, TypeError, LookupError]),
)
def test_an_error_that_quotes_what_somebody_said_is_logged_without_its_words(form, kind):
    out = io.StringIO()
    configure_logging(format=form, stream=out)
    try:
        try:
            fail(kind)
        except kind as error:
            message = "it failed"
            raise RuntimeError(message) from error
    except RuntimeError:
        get_logger("sage").exception("crashed")
        logging.getLogger("library").exception("crashed too")
    shown = out.getvalue()
    assert SAID not in shown
    assert shown.count(f"{kind.__name__}: <") == 2
    assert shown.count("RuntimeError: it failed") == 2
