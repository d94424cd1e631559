"""Read an OCI archive: its index, its configuration and the files of its layers."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

Document = dict[str, Any]


class Archive:
    """One image in an OCI archive, as `docker buildx build --output type=oci` writes it."""

    def __init__(self, path: Path) -> None:
        """Open the archive at `path`; it must hold one image."""
        self._tar = tarfile.open(path)  # noqa: SIM115 - closed by __exit__
        index = json.loads(self.read("index.json"))
        self.manifest = self._document(index["manifests"][0])
        self.config = self._document(self.manifest["config"])

    def __enter__(self) -> Self:
        """Give the archive itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._tar.close()

    def members(self) -> list[tarfile.TarInfo]:
        """List the members of the archive itself, in their order."""
        return self._tar.getmembers()

    def read(self, name: str) -> bytes:
        """Read one member; KeyError when there is none."""
        return _content(self._tar, self._tar.getmember(name))

    def layers(self) -> Iterator[tuple[Document, tarfile.TarFile]]:
        """Open layer after layer, each with its descriptor."""
        for layer in self.manifest["layers"]:
            with tarfile.open(fileobj=io.BytesIO(self._blob(layer))) as files:
                yield layer, files

    def files(self) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
        """Read every file as a container sees it: what a later layer holds hides the earlier."""
        found: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
        for _, layer in self.layers():
            for member in layer:
                found[name_of(member)] = (member, _content(layer, member))
        return found

    def _blob(self, descriptor: Document) -> bytes:
        return self.read("blobs/" + descriptor["digest"].replace(":", "/"))

    def _document(self, descriptor: Document) -> Document:
        document: Document = json.loads(self._blob(descriptor))
        return document


def name_of(member: tarfile.TarInfo) -> str:
    """Give a member's path from the root of the image."""
    return member.name.removeprefix("./").strip("/")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = tar.extractfile(member) if member.isreg() else None
    return opened.read() if opened else b""
