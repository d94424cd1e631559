"""Keep the table of values in the README of a chart in line with the comments in values.yaml.

`python chart_readme.py [--write] CHART` fails when it is not in line, or writes it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z]+):(?: (?P<value>.+))?")
_TABLE = re.compile(r"(?<=\| value \| default \| meaning \|\n\|---\|---\|---\|\n)(\|.*\n)*")


def rows(values: str) -> Iterator[str]:
    """Yield a row for each value that has a comment. SystemExit for one without."""
    path: list[str] = []
    comment: list[str] = []
    block: list[str] = []
    described = -1
    for line in [*values.split("\n\n", 1)[1].splitlines(), "end: "]:
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if block and (not bare or indent <= described):
            yield _row(block)
            block, described = [], -1
        if bare.startswith("# "):
            comment.append(bare[2:])
        elif block and bare:
            block[1] = "see values.yaml"
        elif found := _KEY.fullmatch(line):
            path = [*path[: indent // 2], found["key"]]
            if comment:
                block, described = [".".join(path), found["value"] or "", " ".join(comment)], indent
            elif found["value"]:
                sys.exit(f"values.yaml: {'.'.join(path)} has no comment")
            comment = []


def _row(block: list[str]) -> str:
    key, default, meaning = block
    shown = "" if default == '""' else f"`{default}`"
    return f"| `{key}` | {shown} | {meaning} |\n"


def main(chart: Path, *, write: bool) -> int:
    """Compare or write; return the exit code."""
    readme = chart / "README.md"
    before = readme.read_text(encoding="utf-8")
    table = "".join(rows((chart / "values.yaml").read_text(encoding="utf-8")))
    after, count = _TABLE.subn(lambda _: table, before)
    if count != 1:
        sys.exit(f"{readme}: there is no table of values")
    if write:
        readme.write_text(after, encoding="utf-8")
    elif after != before:
        sys.stdout.write(f"{readme} is not in line with values.yaml: run ci/helm --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[-1]), write="--write" in sys.argv))
