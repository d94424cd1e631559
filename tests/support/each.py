"""One test over many cases, which ends by naming every case that failed."""

from __future__ import annotations

import inspect
from functools import wraps

import pytest


def each(names, cases):
    """Run a test with every case, as `parametrize` does, but as one test with the same fixtures.

    It is for checks that cost next to nothing: a test of its own for each costs more than they do.
    """
    names = (names,) if isinstance(names, str) else names
    cases = list(cases)
    assert cases

    def decorate(check):
        @wraps(check)
        def run(**fixtures):
            failed = []
            for case in cases:
                values = (case,) if len(names) == 1 else case
                try:
                    check(**dict(zip(names, values, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - all are named
                    failed.append(f"{case!r}: {type(error).__name__}: {error}")
            if failed:
                head = f"{len(failed)} of {len(cases)} cases failed"
                pytest.fail("\n".join([head, *failed]), pytrace=False)

        signature = inspect.signature(check)
        kept = [one for name, one in signature.parameters.items() if name not in names]
        run.__signature__ = signature.replace(parameters=kept)
        return run

    return decorate
