"""Hold the bills that cosign verified, its JSON lines on standard input, to the one in a file."""

import base64
import json
import sys
from pathlib import Path


def main() -> None:
    """Exit with a message when none is attested, or another than the file's."""
    bill = json.loads(Path(sys.argv[1]).read_bytes())
    attested = [
        json.loads(base64.b64decode(json.loads(line)["payload"]))["predicate"] for line in sys.stdin
    ]
    if not attested or any(predicate != bill for predicate in attested):
        sys.exit(f"the bill attested is not {sys.argv[1]}")


if __name__ == "__main__":
    main()
