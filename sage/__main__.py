"""Run the command line: `python -m sage` and the console script `sage` are the same."""

from __future__ import annotations

import sys

from sage.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
