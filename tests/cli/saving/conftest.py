"""The command line on the database of a test."""

from tests.support.filled_spaces import sage

__all__ = ["sage"]
