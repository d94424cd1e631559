"""The HTTP client against a SiliconFlow on loopback, and against servers that are none."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.remote.client import ApiClient, StumbledError
from sage.providers.remote.faults import MalformedAnswerError, retry_after_s

REQUEST = {"model": "BAAI/bge-m3", "input": ["heron"]}
PATIENT_S = 5.0


@pytest.fixture
async def open_client(endpoint_of, hasty):
    opened = []

    def make(base_url=None, **timings):
        opened.append(ApiClient(endpoint_of(base_url=base_url), replace(hasty, **timings)))
        return opened[-1]

    yield make
    for client in opened:
        await client.close()


@asynccontextmanager
async def answering(*parts, status="200 OK", headers=()):
    """Serve one answer to everybody, part by part, and count who comes."""
    seen = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.split(b"\r\n")[0].decode())
        lines = [f"HTTP/1.1 {status}", *headers, "connection: close", "", ""]
        writer.write("\r\n".join(lines).encode())
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", seen


def post(client, path="/embeddings", payload=REQUEST, read=lambda answer: answer, **rest):
    return client.post(path, payload, read, deadline_s=rest.pop("deadline_s", PATIENT_S), **rest)


async def test_a_request_carries_the_key_and_says_who_asks(fake, open_client):
    assert (await post(open_client()))["object"] == "list"
    (request,) = fake.requests
    assert request.headers["authorization"] == "Bearer sk-fake"
    assert request.headers["user-agent"].startswith("sage-memory-server/")
    assert request.body == REQUEST


@pytest.mark.parametrize(
    ("fault", "told", "hint"),
    [
        ("unauthorized", "refuses the API key (401)", "SILICONFLOW_API_KEY"),
        ("forbidden", "refuses the account (403)", "balance"),
    ],
)
async def test_a_standing_refusal_is_asked_once_and_then_let_be(
    fake, open_client, fault, told, hint
):
    await fake.inject(fault)
    client = open_client()
    for _ in range(3):
        with pytest.raises(ProviderUnavailableError) as refusal:
            await post(client)
        assert told in refusal.value.message
        assert hint in refusal.value.hint
    assert len(fake.requests) == 1
    assert not client.ready


async def test_it_waits_as_long_as_the_provider_says(fake, open_client):
    fake.retry_after = "30"
    await fake.inject("too_many_wait")
    client = open_client()
    with pytest.raises(ProviderUnavailableError, match="429") as limited:
        await post(client)
    assert limited.value.retry_in_s == 30
    await fake.inject("none")
    with pytest.raises(ProviderUnavailableError, match="429") as waiting:
        await post(client)
    assert 0 < waiting.value.retry_in_s <= 30
    assert len(fake.requests) == 1


@pytest.mark.parametrize(("told", "waited_s"), [("86400", 600.0), ("0", 0.3), ("-1", 0.3)])
async def test_a_wait_of_a_day_or_of_nothing_is_not_believed(fake, open_client, told, waited_s):
    fake.retry_after = told
    await fake.inject("too_many_wait")
    client = open_client(first_cooldown_s=0.3)
    with pytest.raises(ProviderUnavailableError, match="429") as limited:
        await post(client)
    assert limited.value.retry_in_s == waited_s
    assert not client.ready


@pytest.mark.parametrize(
    ("fault", "told"), [("too_many", "429"), ("overloaded", "503"), ("gateway", "504")]
)
async def test_a_provider_that_is_away_is_tried_again_and_then_let_be(
    fake, open_client, fault, told
):
    await fake.inject(fault)
    client = open_client()
    with pytest.raises(ProviderUnavailableError, match=told) as failure:
        await post(client)
    assert not isinstance(failure.value, StumbledError)
    assert len(fake.requests) == client.timings.attempts
    with pytest.raises(ProviderUnavailableError, match=told):
        await post(client)
    assert len(fake.requests) == client.timings.failures_to_open


@pytest.mark.parametrize("fault", ["error", "timeout", "reset", "truncated", "html"])
async def test_a_provider_that_stumbles_each_time_may_do_so_over_what_was_sent(
    fake, open_client, fault
):
    await fake.inject(fault)
    with pytest.raises(StumbledError):
        await post(open_client(failures_to_open=99))
    assert len(fake.requests) == 3


async def test_an_attempt_that_fails_once_is_not_noticed(fake, open_client):
    await fake.inject("error")
    asking = asyncio.create_task(post(open_client(first_delay_s=0.2, longest_delay_s=0.2)))
    async with asyncio.timeout(5):
        while not fake.requests:
            await asyncio.sleep(0.01)
    await fake.inject("none")
    assert (await asking)["object"] == "list"
    assert len(fake.requests) == 2


async def test_what_is_too_large_is_refused_and_not_sent_again(fake, open_client):
    await fake.inject("too_large")
    client = open_client()
    with pytest.raises(ProviderRejectedError, match="too much at once"):
        await post(client)
    assert len(fake.requests) == 1
    assert client.ready


@pytest.mark.parametrize("fault", ["timeout", "drip"])
async def test_the_deadline_ends_all_attempts_together(fake, open_client, fault):
    """The ratio to one attempt's patience tells; a busy machine only makes it take longer."""
    await fake.inject(fault)
    client = open_client(read_s=60.0, connect_s=60.0)
    started_at = time.monotonic()
    with pytest.raises(ProviderUnavailableError, match="in time"):
        await post(client, deadline_s=0.2)
    assert time.monotonic() - started_at < client.timings.read_s / 2


async def test_a_redirect_is_not_followed_with_the_key(fake, open_client):
    headers = (f"location: {fake.url}/embeddings", "content-length: 0")
    async with answering(status="307 Temporary Redirect", headers=headers) as (url, seen):
        with pytest.raises(ProviderUnavailableError, match="307") as refusal:
            await post(open_client(url))
    assert "SILICONFLOW_BASE_URL" in refusal.value.hint
    assert len(seen) == 1
    assert fake.requests == []


async def test_an_answer_that_does_not_end_is_left(open_client):
    megabyte = b"[" + b"0," * 500_000
    async with answering(*[megabyte] * 40) as (url, _):
        with pytest.raises(ProviderUnavailableError, match="far too large"):
            await post(open_client(url, attempts=1, read_s=30.0), deadline_s=30.0)


@pytest.mark.parametrize("body", [b"", b"tea", b"[" * 100_000, b"\xff\xfe{}"])
async def test_what_is_no_json_is_told_as_such(open_client, body):
    async with answering(body, headers=(f"content-length: {len(body)}",)) as (url, _):
        with pytest.raises(ProviderUnavailableError, match="something else than JSON"):
            await post(open_client(url))


async def test_an_answer_the_caller_cannot_read_is_a_fault_with_its_hint(open_client):
    def read(_answer):
        raise MalformedAnswerError("sent tea", hint="set TEA")

    client = open_client()
    with pytest.raises(StumbledError, match="SiliconFlow sent tea") as failure:
        await post(client, read=read)
    assert failure.value.hint == "set TEA"
    assert client.last_error == "SiliconFlow sent tea"


async def test_whatever_goes_wrong_in_reading_an_answer_is_a_fault_of_the_provider(
    fake, open_client
):
    def read(_answer):
        return 1 / 0

    with pytest.raises(StumbledError, match="SiliconFlow sent an answer that cannot be understood"):
        await post(open_client(), read=read)
    assert fake.requests


async def test_a_call_that_insists_is_sent_whatever_the_breaker_says(fake, open_client):
    await fake.inject("unauthorized")
    client = open_client(standing_cooldown_s=60.0)
    with pytest.raises(ProviderUnavailableError):
        await post(client)
    await fake.inject("none")
    assert (await post(client, bypass_breaker=True))["object"] == "list"
    assert client.ready


async def test_a_call_that_insists_lets_no_second_one_on_trial(fake, open_client):
    await fake.inject("unauthorized")
    client = open_client(standing_cooldown_s=0.01, longest_cooldown_s=0.01, read_s=60.0)
    with pytest.raises(ProviderUnavailableError):
        await post(client)
    await fake.inject("timeout")
    async with asyncio.timeout(20):
        while len(fake.requests) < 2:
            trial = asyncio.create_task(post(client, deadline_s=60.0))
            await asyncio.wait([trial], timeout=0.1)
    with pytest.raises(StumbledError):
        await post(client, bypass_breaker=True, deadline_s=0.1)
    for _ in range(20):
        with pytest.raises(ProviderUnavailableError):
            await post(client, deadline_s=0.05)
        await asyncio.sleep(0.005)
    assert len(fake.requests) == 3
    trial.cancel()


async def test_a_client_that_is_closed_sends_nothing(fake, open_client):
    client = open_client()
    await client.close()
    with pytest.raises(ProviderUnavailableError):
        await post(client)
    assert fake.requests == []


async def test_nothing_that_was_sent_nor_the_key_stands_in_a_message_or_the_log(
    fake, open_client, capsys
):
    client = open_client()
    for fault in ("error", "too_many", "html", "unauthorized"):
        await fake.inject(fault)
        with pytest.raises(ProviderUnavailableError) as failure:
            await post(client, payload=REQUEST | {"input": ["my secret heron"]})
        told = json.dumps([str(failure.value), failure.value.detail, failure.value.hint])
        assert "heron" not in told
        assert "sk-fake" not in told
        assert fake.url not in told
    logged = "".join(capsys.readouterr())
    assert "heron" not in logged
    assert "sk-fake" not in logged


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value, seconds):
    assert retry_after_s({"retry-after": value}) == seconds


def test_retry_after_counts_to_a_date_to_come():
    value = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3500 < retry_after_s({"retry-after": value}) <= 3600
