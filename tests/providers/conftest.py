import asyncio

import pytest
from pydantic import SecretStr

from sage.providers.remote.endpoints import Endpoint
from tests.support.fake_siliconflow import KEY, FakeSiliconFlow
from tests.support.hasty import HASTY


@pytest.fixture
async def fake():
    async with FakeSiliconFlow() as running:
        yield running


@pytest.fixture
def endpoint_of(fake):
    def make(key=KEY, base_url=None):
        return Endpoint(
            name="SiliconFlow",
            provider="siliconflow",
            base_url=base_url or fake.url,
            api_key=None if key is None else SecretStr(key),
            url_variable="SILICONFLOW_BASE_URL",
            key_variable="SILICONFLOW_API_KEY",
        )

    return make


@pytest.fixture
def hasty():
    return HASTY


@pytest.fixture
def until():
    """Poll a condition; a bounded wait."""

    async def wait(condition):
        async with asyncio.timeout(10):
            while not await condition():
                await asyncio.sleep(0.02)

    return wait
