"""Two spaces that hold the same."""

from tests.support.filled_spaces import filled, rows, sage

__all__ = ["filled", "rows", "sage"]
