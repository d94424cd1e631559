"""Several processes, one OAuth server: all of its state is in Postgres."""

import asyncio
from contextlib import AsyncExitStack, contextmanager

import pytest

from tests.support.guarded import SERVER_TOKEN
from tests.support.oauth_app import App, said
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.process import answers, sage

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def process(dsn, tmp_path):
    """Run a process at a port, all with the same public address."""
    public = free_port()

    @contextmanager
    def run(port=None, *arguments):
        folder = tmp_path / str(port)
        folder.mkdir(exist_ok=True)
        settings = {"DATABASE_URL": dsn, "SAGE_TOKEN": SERVER_TOKEN, "SAGE_AUTH": "oauth"}
        settings["SAGE_PUBLIC_URL"] = f"http://127.0.0.1:{public}"
        port = port or public
        with sage(folder, *arguments, port=port, **settings) as running:
            wait_for(lambda: answers(port))
            running.url = f"http://127.0.0.1:{port}"
            yield running

    return run


async def everywhere(app, urls, token):
    """Return the answers to an access token, each asked several times for the workers behind it."""
    found = set()
    for url in urls:
        app.http.base_url = url
        found |= set(await asyncio.gather(*(app.status(token) for _ in range(10))))
    return found


async def test_what_one_process_hands_out_or_ends_every_other_knows(process, oauth_sql):
    other_port = free_port()
    with process(None, "--workers", "2") as one, process(other_port) as other:
        urls = one.url, other.url
        async with App(one.url, SERVER_TOKEN) as app:
            code = await app.code()
            app.http.base_url = other.url
            pair = (await app.exchange(code)).json()
            assert await everywhere(app, urls, pair["access_token"]) == {400}

            app.http.base_url = one.url
            rotated = (await app.refresh(pair["refresh_token"])).json()
            app.http.base_url = other.url
            assert (await app.refresh(pair["refresh_token"])).status_code == 200
            await oauth_sql(
                "UPDATE sage.oauth_secrets SET used_at = used_at - interval '61 seconds'"
            )
            assert (await app.refresh(pair["refresh_token"])).status_code == 400
            assert await everywhere(app, urls, rotated["access_token"]) == {401}

            app.http.base_url = one.url
            pair = (await app.exchange(await app.code())).json()
            assert await everywhere(app, urls, pair["access_token"]) == {400}
            form = {"token": pair["refresh_token"], "client_id": app.client_id}
            assert (await app.http.post("/revoke", data=form)).status_code == 200
            assert await everywhere(app, urls, pair["access_token"]) == {401}


async def test_a_kill_between_any_two_steps_is_not_noticed(process):
    @contextmanager
    def killed():
        with process() as running:
            yield running.url
            running.kill()
            running.wait()

    async with AsyncExitStack() as stack:
        with killed() as url:
            app = await stack.enter_async_context(App(url, SERVER_TOKEN))
            page = await app.page()
        with killed():
            code = said(await app.user.send(app.http, page))["code"]
        with killed():
            pair = (await app.exchange(code)).json()
        with killed():
            assert await app.status(pair["access_token"]) == 400
            assert (await app.refresh(pair["refresh_token"])).status_code == 200
            assert (await app.exchange(code)).status_code == 400
            assert await app.status(pair["access_token"]) == 401
