"""Two spaces that hold the same."""

from tests.support.filled_spaces import filled, sage

__all__ = ["filled", "sage"]
