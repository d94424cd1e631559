import httpx
import pytest

from tests.support.live import sage_url, session_id

__all__ = ["rest", "sage_url", "session_id"]


@pytest.fixture
def rest(sage_url):
    with httpx.Client(base_url=sage_url, timeout=30) as client:
        yield client
