"""What an ordinary user may do, also where the tests are root's."""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Be an ordinary user for the length of a block."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(user)
