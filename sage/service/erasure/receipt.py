"""The receipt of an erasure: a file that lists what was erased, signed with a key of this Sage."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sage.clients.data_dir.files import make_folder, open_file, read_file
from sage.errors import InvalidInputError, NotFoundError, SageError
from sage.local.atomic_file import unfinished_file
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEY = "receipt.key"
_KEY_BYTES = 32
_FOLDER = "receipts"
_SIGNATURE = "signature"
_FIELD = "RECEIPT"


def write_receipt(data_dir: Path, erasure_id: str, receipt: Mapping[str, object]) -> Path:
    """Sign a receipt and write it into the data directory. Raises SageError."""
    path = data_dir / _FOLDER / f"{erasure_id}.json"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        signed = {**receipt, _SIGNATURE: _sign(_read_key(data_dir, create=True), receipt)}
        make_folder(path.parent)
        with unfinished_file(path) as file:
            file.write(f"{json.dumps(signed, ensure_ascii=False, indent=2)}\n".encode())
    except OSError as error:
        raise SageError(
            phrase(
                "the receipt cannot be written to {parent}: {reason}",
                parent=path.parent,
                reason=error.strerror,
            ),
            detail="everything is erased",
            hint="make the directory writable and run the command again, which writes the receipt",
        ) from error
    return path


def read_receipt(data_dir: Path, path: Path) -> Mapping[str, Any]:
    """Read a receipt that this Sage has signed. Raises InvalidInputError for any other."""
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        signature = receipt.pop(_SIGNATURE)
        expected = _sign(_read_key(data_dir, create=False), receipt)
    except OSError as error:
        raise InvalidInputError(
            _FIELD,
            phrase(
                "{field}: {filename} cannot be read: {reason}",
                filename=error.filename or path,
                reason=error.strerror,
            ),
            hint="pass a receipt, and the data directory of the Sage that wrote it",
        ) from None
    except (ValueError, AttributeError, KeyError):
        raise InvalidInputError(
            _FIELD,
            phrase("{field}: {path} is not a receipt", path=path),
            hint="pass a file from `receipts` in the data directory",
        ) from None
    if not isinstance(signature, str) or not hmac.compare_digest(signature, expected):
        raise InvalidInputError(
            _FIELD,
            phrase(
                "{field}: {path} was changed, or another Sage wrote it: its signature "
                "does not match",
                path=path,
            ),
            hint="use the file as it was written, and the data directory of the Sage that wrote it",
        )
    return receipt  # type: ignore[no-any-return] # an object: it has a signature


def signed_receipt(data_dir: Path, erasure_id: str) -> Mapping[str, Any]:
    """Return a receipt as it was written, with its signature. Raises NotFoundError."""
    try:
        name = f"{UUID(erasure_id)}.json"
        text = (data_dir / _FOLDER / name).read_text(encoding="utf-8")
    except (ValueError, OSError):
        raise NotFoundError(
            phrase("receipt {erasure_id} does not exist", erasure_id=repr(erasure_id)[:80]),
            hint="the audit log has the ids of erasures, at `end_erasure`",
        ) from None
    return json.loads(text)  # type: ignore[no-any-return] # an object: Sage wrote it


def _sign(key: bytes, receipt: Mapping[str, object]) -> str:
    text = json.dumps(receipt, sort_keys=True, separators=(",", ":"))
    return f"hmac-sha256:{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"


def _read_key(data_dir: Path, *, create: bool) -> bytes:
    path = data_dir / _KEY
    if create and not path.exists():
        with os.fdopen(open_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    return bytes.fromhex(read_file(path, 2 * _KEY_BYTES))
