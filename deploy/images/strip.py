"""Cut debugging symbols off shared objects: what lies behind the last byte the loader maps.

`python3 strip.py TREE`. Some wheels come with tens of megabytes of them, and the base images have
no `strip`. Layout of ELF files: System V ABI, chapters 4 (header) and 5 (program header).
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

_ELF64_LITTLE = b"\x7fELF\x02\x01"
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")


def main(tree: Path) -> None:
    """Shorten every shared object below `tree`; say how much was saved."""
    saved = sum(strip(path) for path in sorted(tree.rglob("*.so*")) if not path.is_symlink())
    sys.stderr.write(f"{saved:,} bytes of symbols cut off\n")


def strip(path: Path) -> int:
    """Cut the symbols off a 64-bit ELF file and give the bytes saved; leave others alone."""
    content = path.read_bytes()
    if not content.startswith(_ELF64_LITTLE):
        return 0
    header = list(_HEADER.unpack_from(content))
    first, size, count = header[5], header[9], header[10]
    end = first + size * count
    for number in range(count):
        _, _, offset, _, _, length, _, _ = _PROGRAM_HEADER.unpack_from(
            content, first + number * size
        )
        end = max(end, offset + length)
    header[6] = header[12] = header[13] = 0  # the table of sections is behind the cut, too
    path.write_bytes(_HEADER.pack(*header) + content[_HEADER.size : end])
    return len(content) - end


if __name__ == "__main__":
    main(Path(sys.argv[1]))
