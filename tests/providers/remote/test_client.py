"""The HTTP client against a SiliconFlow on loopback, and against other servers."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.remote.client import ApiClient
from sage.providers.remote.faults import MalformedResponseError, ServerFailedError

REQUEST = {"model": "BAAI/bge-m3", "input": ["heron"]}
PATIENT_S = 5.0


@pytest.fixture
async def open_client(endpoint_of, hasty):
    opened = []

    def make(base_url=None, **timings):
        opened.append(
            ApiClient(endpoint_of(base_url=base_url), replace(hasty, **timings), "embedding")
        )
        return opened[-1]

    yield make
    for client in opened:
        await client.close()


@asynccontextmanager
async def answering(*parts, status="200 OK", headers=()):
    """Serve one response to everybody, part by part, and yield the requests seen."""
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


def post(client, path="/embeddings", payload=REQUEST, parse=lambda document: document, **rest):
    return client.post(path, payload, parse, deadline_s=rest.pop("deadline_s", PATIENT_S), **rest)


async def test_a_request_carries_the_key_and_says_who_asks(fake, open_client):
    assert (await post(open_client()))["object"] == "list"
    (request,) = fake.requests
    assert request.headers["authorization"] == "Bearer sk-fake"
    assert request.headers["user-agent"].startswith("sage-memory-server/")
    assert request.body == REQUEST


@pytest.mark.parametrize(
    ("fault", "message", "hint"),
    [
        ("unauthorized", "rejected the API key (401)", "SILICONFLOW_API_KEY"),
        ("forbidden", "rejected the account (403)", "balance"),
    ],
)
async def test_a_permanent_rejection_opens_the_circuit_at_once(
    fake, open_client, fault, message, hint
):
    await fake.inject(fault)
    client = open_client()
    for _ in range(3):
        with pytest.raises(ProviderUnavailableError) as refusal:
            await post(client)
        assert message in refusal.value.message
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


@pytest.mark.parametrize(("retry_after", "waited_s"), [("86400", 600.0), ("0", 0.3), ("-1", 0.3)])
async def test_a_retry_after_of_a_day_or_of_nothing_is_bounded(
    fake, open_client, retry_after, waited_s
):
    fake.retry_after = retry_after
    await fake.inject("too_many_wait")
    client = open_client(initial_cooldown_s=0.3)
    with pytest.raises(ProviderUnavailableError, match="429") as limited:
        await post(client)
    assert limited.value.retry_in_s == waited_s
    assert not client.ready


@pytest.mark.parametrize(
    ("fault", "message"), [("too_many", "429"), ("overloaded", "503"), ("gateway", "504")]
)
async def test_an_unavailable_provider_is_retried_until_the_circuit_opens(
    fake, open_client, fault, message
):
    await fake.inject(fault)
    client = open_client()
    with pytest.raises(ProviderUnavailableError, match=message) as failure:
        await post(client)
    assert not isinstance(failure.value, ServerFailedError)
    assert failure.value.hint
    assert len(fake.requests) == client.timings.max_attempts
    with pytest.raises(ProviderUnavailableError, match=message):
        await post(client)
    assert len(fake.requests) == client.timings.failure_threshold


@pytest.mark.parametrize("fault", ["error", "timeout", "reset", "truncated", "html"])
async def test_a_provider_that_fails_each_time_may_fail_because_of_the_input(
    fake, open_client, fault
):
    await fake.inject(fault)
    with pytest.raises(ServerFailedError):
        await post(open_client(failure_threshold=99))
    assert len(fake.requests) == 3


async def test_an_attempt_that_fails_once_is_retried_without_an_error(fake, open_client):
    await fake.inject("error")
    asking = asyncio.create_task(post(open_client(initial_delay_s=0.2, max_delay_s=0.2)))
    async with asyncio.timeout(5):
        while not fake.requests:
            await asyncio.sleep(0.01)
    await fake.inject("none")
    assert (await asking)["object"] == "list"
    assert len(fake.requests) == 2


async def test_a_request_that_is_too_large_is_rejected_and_not_retried(fake, open_client):
    await fake.inject("too_large")
    client = open_client()
    with pytest.raises(ProviderRejectedError, match="too large"):
        await post(client)
    assert len(fake.requests) == 1
    assert client.ready


@pytest.mark.parametrize("fault", ["timeout", "drip"])
async def test_the_deadline_ends_all_attempts_together(fake, open_client, fault):
    """The bound is relative to one attempt's timeout; a busy machine only takes longer."""
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


async def test_a_response_that_does_not_end_is_cut_off(open_client):
    megabyte = b"[" + b"0," * 500_000
    async with answering(*[megabyte] * 40) as (url, _):
        with pytest.raises(ProviderUnavailableError, match="too large"):
            await post(open_client(url, max_attempts=1, read_s=30.0), deadline_s=30.0)


@pytest.mark.parametrize("body", [b"", b"tea", b"[" * 100_000, b"\xff\xfe{}"])
async def test_a_response_that_is_not_json_is_reported_as_such(open_client, body):
    async with answering(body, headers=(f"content-length: {len(body)}",)) as (url, _):
        with pytest.raises(ProviderUnavailableError, match="not JSON"):
            await post(open_client(url))


async def test_a_response_the_caller_cannot_parse_is_a_fault_with_its_hint(open_client):
    def parse(_document):
        raise MalformedResponseError("{name} sent tea", hint="set TEA")

    client = open_client()
    with pytest.raises(ServerFailedError, match="SiliconFlow sent tea") as failure:
        await post(client, parse=parse)
    assert failure.value.hint == "set TEA"
    assert client.last_error == "SiliconFlow sent tea"


async def test_any_exception_of_the_parser_is_a_fault_of_the_provider(fake, open_client):
    def parse(_document):
        return 1 / 0

    with pytest.raises(
        ServerFailedError, match="SiliconFlow sent a response of an unexpected form"
    ):
        await post(open_client(), parse=parse)
    assert fake.requests


async def test_a_call_that_bypasses_the_breaker_is_sent_while_it_is_open(fake, open_client):
    await fake.inject("unauthorized")
    client = open_client(permanent_cooldown_s=60.0)
    with pytest.raises(ProviderUnavailableError):
        await post(client)
    await fake.inject("none")
    assert (await post(client, bypass_breaker=True))["object"] == "list"
    assert client.ready


async def test_a_call_that_bypasses_the_breaker_admits_no_second_trial_call(fake, open_client):
    await fake.inject("unauthorized")
    client = open_client(permanent_cooldown_s=0.01, max_cooldown_s=0.01, read_s=60.0)
    with pytest.raises(ProviderUnavailableError):
        await post(client)
    await fake.inject("timeout")
    async with asyncio.timeout(20):
        while len(fake.requests) < 2:
            trial = asyncio.create_task(post(client, deadline_s=60.0))
            await asyncio.wait([trial], timeout=0.1)
    with pytest.raises(ServerFailedError):
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


async def test_neither_the_input_nor_the_key_appears_in_a_message_or_the_log(
    fake, open_client, capsys
):
    client = open_client()
    for fault in ("error", "too_many", "html", "unauthorized"):
        await fake.inject(fault)
        with pytest.raises(ProviderUnavailableError) as failure:
            await post(client, payload=REQUEST | {"input": ["my secret heron"]})
        texts = json.dumps([str(failure.value), failure.value.detail, failure.value.hint])
        assert "heron" not in texts
        assert "sk-fake" not in texts
        assert fake.url not in texts
    logged = "".join(capsys.readouterr())
    assert "heron" not in logged
    assert "sk-fake" not in logged


async def test_the_log_tells_when_the_circuit_opens_and_when_it_closes(fake, open_client, caplog):
    caplog.set_level("INFO", "sage.providers.remote.client")
    client = open_client(permanent_cooldown_s=60.0)
    await fake.inject("unauthorized")
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await post(client)
    await fake.inject("none")
    for _ in range(2):
        await post(client, bypass_breaker=True)
    circuit = [line.msg for line in caplog.records if line.msg["event"].startswith("circuit_")]
    assert [(line["event"], line["level"]) for line in circuit] == [
        ("circuit_opened", "error"),
        ("circuit_closed", "info"),
    ]
    assert circuit[0]["reason"] == "SiliconFlow rejected the API key (401)"
