"""What Sage logs while a test runs."""

import json
import logging
from contextlib import contextmanager

from sage.telemetry.logs import configure_logging


@contextmanager
def logged(path, level="DEBUG"):
    """Log as Sage does, into a file; give what reads its lines."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    with path.open("w+") as stream:
        configure_logging(level, "json", stream=stream)

        def read():
            stream.seek(0)
            return [json.loads(line) for line in stream]

        yield read
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)
