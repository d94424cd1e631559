import pytest

from tests.support.live import sage_url, session_id

__all__ = ["era", "sage_url", "session_id"]


@pytest.fixture(params=["auto", "legacy"])
def era(request):
    """Name the protocol era as the SDK's client does: it finds 2026-07-28, or shakes hands."""
    return request.param
