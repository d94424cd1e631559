"""`sage-client`: runs the file sage-client.pyz beside this one, that of the release."""

import sys
from pathlib import Path


def main() -> int:
    """Run the client with the words of this process; return the exit code."""
    sys.path.insert(0, str(Path(__file__).with_name("sage-client.pyz")))
    from sage.clients.__main__ import main as run  # noqa: PLC0415 - that of the file

    return run()
