"""Write an image as `docker load` reads it: one layer for each store path, then the root.

`python3 stream.py DOCUMENT PATH...` writes to standard output. Format: Docker's image
specification, version 1.2.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from layer import CREATED_S, write_layer


def add(archive: tarfile.TarFile, name: str, stream: IO[bytes]) -> None:
    """Add a file, with what the stream holds, to the image."""
    entry = tarfile.TarInfo(name)
    entry.size = stream.seek(0, io.SEEK_END)
    entry.mtime = CREATED_S
    stream.seek(0)
    archive.addfile(entry, stream)


def main(document: Path, paths: list[Path]) -> None:
    """Write the image to standard output."""
    asked = json.loads(document.read_text(encoding="utf-8"))
    outside = Path(asked["outside"])
    digests = []
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in [*(path for path in paths if path not in {document, outside}), outside]:
            with tempfile.TemporaryFile() as stream:
                if path == outside:
                    stream.write(path.read_bytes())
                else:
                    write_layer(stream, path, Path("/"), {})
                stream.seek(0)
                digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
                add(archive, f"{digests[-1]}/layer.tar", stream)
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "created": "1970-01-01T00:00:01Z",
                "config": asked["config"],
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one}" for one in digests]},
            },
            sort_keys=True,
        ).encode()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        manifest = {
            "Config": name,
            "RepoTags": [asked["tag"]],
            "Layers": [f"{one}/layer.tar" for one in digests],
        }
        add(archive, name, io.BytesIO(config))
        add(archive, "manifest.json", io.BytesIO(json.dumps([manifest]).encode()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
