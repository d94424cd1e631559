import httpx
import pytest

from tests.support.live import sage_url, session_id
from tests.support.managed import managed_server

__all__ = ["rest", "sage_url", "session_id"]


@pytest.fixture
def rest(sage_url):
    with httpx.Client(base_url=sage_url, timeout=30, verify=False) as client:
        yield client


@pytest.fixture(scope="session")
def managed(postgres_server, migrated_template, tmp_path_factory):
    with managed_server(postgres_server, migrated_template, tmp_path_factory.mktemp("data")) as one:
        yield one
